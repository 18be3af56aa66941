package photos_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/media/mediatest"
	"ouderportaal/modules/diary"
	"ouderportaal/tenants"
)

// R45: in the end there is no object without a row, and a row without its object is noticed.
func TestStorageAndRowsAreBroughtTogether(t *testing.T) {
	s := newStudio(t)
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	system := func(in tenants.Tenant) context.Context {
		return actor.With(tenants.With(context.Background(), in), actor.ForSystem(in.ID))
	}
	objects := func(in tenants.Tenant) int {
		n := 0
		require.NoError(t, s.store.List(context.Background(), blob.TenantPrefix(in.ID), func(blob.Info) error { n++; return nil }))
		return n
	}
	// Objects carry the machine's own time, so the rows here do too.
	s.e.Clock.Set(time.Now())
	mila := s.AddChild("Mila", s.Group)
	s.allow(mila, true)
	kept := s.upload(mediatest.Photo(400, 300, 1))
	require.NoError(t, s.process(kept))
	_, err := s.post(kept, mila)
	require.NoError(t, err)
	orphan := func(in tenants.Tenant) {
		require.NoError(t, s.store.Put(context.Background(), blob.Variant(blob.NewKey(in.ID, time.Now()), "640.webp"), strings.NewReader("x"), 1, "image/webp"))
	}
	orphan(s.Tenant)
	orphan(s.e.B)

	require.NoError(t, s.photos.Reconcile(system(s.Tenant)))
	require.Equal(t, 6, objects(s.Tenant), "an upload that is young may still get its row")

	s.e.Clock.Set(time.Now().Add(25 * time.Hour))
	require.NoError(t, s.photos.Reconcile(system(s.Tenant)))
	require.Equal(t, 5, objects(s.Tenant), "the orphan is gone, the photo is whole")
	require.Equal(t, 1, objects(s.e.B), "another organisation is not touched")
	require.NotContains(t, log.String(), "ERROR")

	// Objects that came back from a backup are younger than their rows.
	_, err = s.e.Owner(t).Exec(context.Background(), "UPDATE photo SET ready_at = ready_at - interval '3 days'")
	require.NoError(t, err)
	s.e.Clock.Set(time.Now())
	require.NoError(t, s.photos.Reconcile(system(s.Tenant)))
	require.NotContains(t, log.String(), "ERROR")

	timeline, err := s.diary.Read(s.AddParent("Eva", mila).Ctx(), diary.Filter{})
	require.NoError(t, err)
	require.Len(t, timeline.Entries[0].Media, 1)
	require.NoError(t, s.store.List(context.Background(), blob.TenantPrefix(s.Tenant.ID), func(i blob.Info) error {
		return s.store.Delete(context.Background(), i.Key)
	}))
	require.NoError(t, s.photos.Reconcile(system(s.Tenant)))
	require.Contains(t, log.String(), "photos_without_picture=1")
}
