package locations

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/blob"
	"ouderportaal/internal/blob/blobtest"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/media/mediatest"
	"ouderportaal/tenants"
)

func TestAPhotoForWhichThereIsNoRoomLeavesNothingBehind(t *testing.T) {
	h := newHall(t)
	photo := mediatest.Photo(60, 40, 1)
	limited := h.Tenant
	limited.StorageLimit = int64(len(photo))
	full := func() {
		_, err := h.e.Owner(t).Exec(t.Context(), "INSERT INTO tenant_usage (tenant_id, children, storage_bytes, mails, counted_at) VALUES ($1, 1, 1, 0, now())", h.Tenant.ID)
		require.NoError(t, err)
	}
	stored := 0
	h.s.store = &blobtest.Watched{Store: h.s.store, Meanwhile: func() { stored++; full() }}
	for _, why := range []string{"it was full when the photo was there", "and then not stored even for a moment"} {
		f, ok := fault.As(h.s.Upload(tenants.With(h.Staff.Ctx(), limited), h.Staff.ID, photo))
		require.True(t, ok, why)
		require.Equal(t, []fault.Field{{Name: "photo", Key: "tenant.error.storage_full"}}, f.Fields, why)
		require.Equal(t, 1, stored, why)
		require.NoError(t, h.s.store.List(t.Context(), blob.TenantPrefix(h.Tenant.ID), func(i blob.Info) error {
			t.Errorf("%s: %s is still there", why, i.Key)
			return nil
		}))
	}
	var kept int
	require.NoError(t, h.e.Owner(t).QueryRow(t.Context(), "SELECT (SELECT count(*) FROM staff_photo WHERE tenant_id = $1) + (SELECT count(*) FROM event WHERE tenant_id = $1 AND name LIKE 'locations.%')", h.Tenant.ID).Scan(&kept))
	require.Zero(t, kept)
}

func TestStorageIsCountedOfPhotosThatAreKept(t *testing.T) {
	h := newHall(t)
	used := func() (bytes int64) {
		t.Helper()
		require.NoError(t, h.e.DB.Read(h.system(), func(ctx context.Context, tx tenants.Reader) (err error) {
			bytes, err = StorageUsed(ctx, tx)
			return err
		}))
		return bytes
	}
	require.Zero(t, used())
	p := h.photograph(h.Staff, h.Staff.ID)
	require.Equal(t, p.Bytes, used())

	half := mediatest.Photo(160, 120, 2)
	half = half[:len(half)/4]
	require.NoError(t, h.s.Upload(h.Staff.Ctx(), h.Staff.ID, half))
	require.Equal(t, p.Bytes+int64(len(half)), used())
	card, err := h.s.Own(h.Staff.Ctx())
	require.NoError(t, err)
	for _, other := range card.Photos {
		require.NoError(t, h.s.develop(h.system(), ids.New(), PhotoUploaded{PhotoID: other.ID, StorageKey: other.StorageKey}))
	}
	require.Equal(t, p.Bytes, used(), "of one that is no picture nothing is kept")
}
