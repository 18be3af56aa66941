package demo

import (
	"context"
	"encoding/json"
	"errors"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/media/mediatest"
	"ouderportaal/modules/declarations"
	"ouderportaal/modules/locations"
	articles "ouderportaal/modules/news"
	"ouderportaal/modules/notifications/notificationstest"
	"ouderportaal/modules/photos"
	"ouderportaal/tenants"
)

// What was stored of an example and not kept is gone after a day: of one that failed or was skipped, and of a part that ran twice.
func TestWhatAnExampleStoredForNothingIsSweptUp(t *testing.T) {
	s := &seeded{Env: dbtest.NewAlone(t), dir: t.TempDir()}
	var err error
	s.store, err = blob.OpenDir(s.dir)
	require.NoError(t, err)
	images := mediatest.Start(t, 2)
	example := NewExample(Deps{DB: s.DB, Store: s.store, Images: func() (photos.Images, error) { return images, nil }})
	at := s.Clock.Now()
	found := func(slug string) (tenants.Tenant, []json.RawMessage) {
		t.Helper()
		tenant, err := s.Platform.Create(t.Context(), tenants.NewTenant{Slug: slug, Name: slug, Example: true})
		require.NoError(t, err)
		var made []json.RawMessage
		for part := range example.Parts() {
			picture, err := example.Picture(t.Context(), tenant, at, part)
			require.NoError(t, err)
			made = append(made, picture)
		}
		return tenant, made
	}
	failed, made := found("madelief")
	away := errors.New("the database is away")
	require.ErrorIs(t, example.Keep(t.Context(), failed, at, made, func(context.Context, tenants.Writer) error { return away }), away)
	for _, area := range []string{"2", "nieuws/", "team/", "verklaringen/"} { // photos are by year
		require.True(t, slices.ContainsFunc(s.stored(t, failed), func(key string) bool {
			return strings.HasPrefix(key, blob.TenantPrefix(failed.ID)+area)
		}), area)
	}
	kept, made := found("zonnebloem")
	_, err = example.Picture(t.Context(), kept, at, 0)
	require.NoError(t, err)
	require.NoError(t, example.Keep(t.Context(), kept, at, made, func(context.Context, tenants.Writer) error { return nil }))
	rows := s.keys(t, kept)
	require.Empty(t, s.keys(t, failed))
	require.Greater(t, len(s.stored(t, kept)), len(rows))

	before := s.stored(t, failed)
	s.reconcile(t, failed, kept)
	require.Equal(t, before, s.stored(t, failed), "their rows may be about to come")
	s.Clock.Set(time.Now().Add(25 * time.Hour)) // the folder dates what it keeps by the real time
	s.reconcile(t, failed, kept)
	require.Empty(t, s.stored(t, failed))
	require.Equal(t, rows, s.stored(t, kept))
}

// stored gives the keys of all files of an organisation.
func (s *seeded) stored(t *testing.T, of tenants.Tenant) (keys []string) {
	t.Helper()
	require.NoError(t, s.store.List(t.Context(), blob.TenantPrefix(of.ID), func(i blob.Info) error {
		keys = append(keys, path.Dir(i.Key))
		return nil
	}))
	slices.Sort(keys)
	return slices.Compact(keys)
}

// keys gives those that rows have.
func (s *seeded) keys(t *testing.T, of tenants.Tenant) []string {
	t.Helper()
	rows, err := s.Owner(t).Query(t.Context(), `SELECT storage_key FROM photo WHERE tenant_id = $1 UNION ALL SELECT storage_key FROM article_file WHERE tenant_id = $1
		UNION ALL SELECT storage_key FROM staff_photo WHERE tenant_id = $1 UNION ALL SELECT storage_key FROM declaration_file WHERE tenant_id = $1`, of.ID)
	require.NoError(t, err)
	keys, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	slices.Sort(keys)
	return keys
}

// reconcile does what the schedule does every day.
func (s *seeded) reconcile(t *testing.T, list ...tenants.Tenant) {
	t.Helper()
	n, _ := notificationstest.New(t, s.DB, nil)
	all := []interface{ Reconcile(context.Context) error }{photos.New(s.DB, s.store, nil), articles.New(s.DB, n, s.store, nil), locations.New(s.DB, s.store, nil), declarations.New(s.DB, n, s.store, nil)}
	for _, of := range list {
		for _, module := range all {
			require.NoError(t, module.Reconcile(actor.With(tenants.With(t.Context(), of), actor.ForSystem(of.ID))))
		}
	}
}
