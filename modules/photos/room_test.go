package photos_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/blob/blobtest"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/media/mediatest"
	"ouderportaal/modules/photos"
	"ouderportaal/tenants"
)

func TestAPhotoForWhichThereIsNoRoomLeavesNothingBehind(t *testing.T) {
	s := newStudio(t)
	photo := mediatest.Photo(400, 300, 1)
	limited := s.Tenant
	limited.StorageLimit = int64(len(photo))
	full := func() {
		_, err := s.e.Owner(t).Exec(t.Context(), "INSERT INTO tenant_usage (tenant_id, children, storage_bytes, mails, counted_at) VALUES ($1, 1, 1, 0, now()) ON CONFLICT DO NOTHING", s.Tenant.ID)
		require.NoError(t, err)
	}
	stored := 0
	filling := photos.New(s.e.DB, &blobtest.Watched{Store: s.store, Meanwhile: func() { stored++; full() }}, nil)
	for _, why := range []string{"it was full when the photo was there", "and then not stored even for a moment"} {
		_, err := filling.Take(tenants.With(s.Staff.Ctx(), limited), photos.Upload{FileName: "a.jpg", Content: photo})
		f, ok := fault.As(err)
		require.True(t, ok, why)
		require.Equal(t, "tenant.error.storage_full", f.Key, why)
		require.Equal(t, 1, stored, why)
		require.Empty(t, s.objects(), why)
	}
	var rows int
	require.NoError(t, s.e.Owner(t).QueryRow(t.Context(), "SELECT (SELECT count(*) FROM photo WHERE tenant_id = $1) + (SELECT count(*) FROM event WHERE tenant_id = $1 AND name LIKE 'photos.%')", s.Tenant.ID).Scan(&rows))
	require.Zero(t, rows)
}
