package demo

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"ouderportaal/admin/platform"
	"ouderportaal/internal/actor"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/media/mediatest"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/photos"
	"ouderportaal/tenants"
)

// An example stands beside whoever runs the organisation, can be used by nobody else, and is filled once.
func TestAnExampleIsFilledOnce(t *testing.T) {
	s := &seeded{Env: dbtest.NewAlone(t), dir: t.TempDir()}
	var err error
	s.store, err = blob.OpenDir(s.dir)
	require.NoError(t, err)
	images := mediatest.Start(t, 2)
	tenant, err := s.Platform.Create(t.Context(), tenants.NewTenant{Slug: "zonnebloem", Name: "De Zonnebloem", Example: true})
	require.NoError(t, err)
	service, ctx := identity.New(s.DB, identity.Config{}), actor.With(tenants.With(t.Context(), tenant), actor.ForSystem(tenant.ID))
	real, err := service.AddPerson(ctx, identity.Draft{GivenName: "Els", Email: "els@kinderopvang.test"})
	require.NoError(t, err)
	_, err = service.AddMembership(ctx, real.ID, actor.Admin, "", "")
	require.NoError(t, err)

	example := NewExample(Deps{DB: s.DB, Store: s.store, Images: func() (photos.Images, error) { return images, nil }})
	at := s.Clock.Now()
	var made []json.RawMessage
	for part := range example.Parts() {
		picture, err := example.Picture(ctx, tenant, at, part)
		require.NoError(t, err)
		made = append(made, picture)
	}
	s.Clock.Advance(26 * time.Hour) // another day, on which a worker goes on
	kept := 0
	keep := func(context.Context, tenants.Writer) error { kept++; return nil }
	require.NoError(t, example.Keep(ctx, tenant, at, made, keep))
	before := s.fingerprint(t)
	require.ErrorIs(t, example.Keep(ctx, tenant, at, made, keep), platform.ErrHasChildren, "twice")
	_, err = example.Picture(ctx, tenant, at, 0)
	require.ErrorIs(t, err, platform.ErrHasChildren)
	require.Equal(t, 1, kept)
	require.Equal(t, before, s.fingerprint(t))
	s.everyPhotoIsStored(t, tenant)

	owner := s.Owner(t)
	for what, query := range map[string]string{
		"children":                              "SELECT count(*) > 50 FROM child",
		"of this organisation alone":            "SELECT count(DISTINCT tenant_id) = 1 FROM child",
		"addresses that do not exist":           "SELECT bool_and(email = '' OR email LIKE '%@zonnebloem.example' OR email = 'els@kinderopvang.test') FROM person",
		"an account for everybody else":         "SELECT bool_and(password_set_at IS NOT NULL OR email = 'els@kinderopvang.test') FROM person",
		"no authenticator app":                  "SELECT count(*) = 0 FROM totp",
		"a style that is still to choose":       "SELECT count(*) = 0 FROM house_style",
		"files that are kept as long as usual":  "SELECT bool_and(file_months = 24 AND office_years = 7 AND notice_days = 60 AND offers) FROM retention_setting",
		"whom a file that goes soon is told":    "SELECT count(*) = 1 FROM retention_notice",
		"nothing that operators must try again": "SELECT count(*) = 0 FROM delivery WHERE state = 'dead'",
		"nobody to be told":                     "SELECT count(*) = 0 FROM event WHERE expanded_at IS NULL AND name <> 'platform.example_wanted'",
	} {
		var holds bool
		require.NoError(t, owner.QueryRow(t.Context(), query).Scan(&holds), what)
		require.True(t, holds, what)
	}
	for _, l := range Logins() {
		name, _, _ := strings.Cut(l.Email, "@")
		_, err := service.SignIn(tenants.With(t.Context(), tenant), identity.Credentials{Email: name + "@zonnebloem.example", Password: Password})
		require.Equal(t, fault.Invalid, fault.CodeOf(err), "the password of the demo opens nothing: %s", l.Email)
		if l.Organisation != organisations[0].slug {
			break
		}
	}
}

// everyPhotoIsStored opens the files of all rows.
func (s *seeded) everyPhotoIsStored(t *testing.T, of tenants.Tenant) {
	t.Helper()
	for _, table := range []string{"photo", "article_file", "staff_photo"} {
		rows, err := s.Owner(t).Query(t.Context(), "SELECT storage_key FROM "+table+" WHERE tenant_id = $1", of.ID)
		require.NoError(t, err)
		keys, err := pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err)
		require.NotEmpty(t, keys, table)
		for _, key := range keys {
			require.NotEmpty(t, key, table)
			entries, err := os.ReadDir(filepath.Join(s.dir, key))
			require.NoError(t, err, table)
			require.NotEmpty(t, entries, table)
		}
	}
}
