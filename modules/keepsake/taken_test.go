package keepsake_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/ids"
)

// A photo that is shared in the evening was taken in the morning.
func TestAPhotoSaysWhenItWasTaken(t *testing.T) {
	a := newAttic(t)
	mila := a.child("Mila")
	eva := a.AddParent("Eva", mila.ID)
	zone := a.Tenant.Location()
	shared := time.Date(2026, 10, 24, 18, 30, 0, 0, zone)
	_, shots := a.share(shared, "Vandaag", [][]byte{snapshot(1), snapshot(2)}, mila)
	_, err := a.owner.Exec(t.Context(), "UPDATE photo SET taken_at = $1 WHERE tenant_id = $2 AND id = $3", "2026-10-24T07:05:09Z", a.Tenant.ID, shots[0])
	require.NoError(t, err)

	_, content := unpack(t, a.fetched(eva, mila))
	var all struct {
		Entries []struct {
			Photos []struct {
				ID      ids.ID
				File    string
				TakenAt *time.Time `json:"taken_at"`
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(content["Alles van Mila/alles.json"]), &all))
	photos := all.Entries[0].Photos
	require.Equal(t, shots, []ids.ID{photos[0].ID, photos[1].ID}, "in the order in which they were shared")
	require.Contains(t, photos[0].File, "2026-10-24_1830_Mila_01_", "and so are their names")
	require.WithinDuration(t, time.Date(2026, 10, 24, 9, 5, 9, 0, zone), *photos[0].TakenAt, 0)
	require.Nil(t, photos[1].TakenAt)

	known := labelsOf(t, content["Alles van Mila/"+photos[0].File])
	require.Equal(t, "2026:10:24 09:05:09", known["EXIF DateTimeOriginal"])
	require.Equal(t, "+02:00", known["EXIF OffsetTimeOriginal"])
	require.Contains(t, known["XMP DateCreated"], "2026-10-24T09:05:09")
	unknown := labelsOf(t, content["Alles van Mila/"+photos[1].File])
	require.Equal(t, "2026:10:24 18:30:00", unknown["EXIF DateTimeOriginal"], "of the other nothing is known but when it was shared")
}
