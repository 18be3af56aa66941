package tenants_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

func TestAnOrganisationChangesItsOwnLook(t *testing.T) {
	e := dbtest.New(t)
	elsewhere := tenants.NewDirectory(e.DB) // another process
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go e.DB.Listen(ctx, elsewhere.Changes())
	before, err := e.Directory.Find(ctx, e.A.Slug)
	require.NoError(t, err)
	require.Equal(t, e.A, before)

	look := tenants.Look{Hue: 20, Chroma: .1, Logo: ids.New(), Words: tenants.Words{SignIn: map[string]string{"nl": "Dag!"}}}
	require.NoError(t, e.DB.Write(tenants.With(ctx, e.A), func(ctx context.Context, tx tenants.Writer) error { return tenants.Restyle(ctx, tx, look) }))
	require.NoError(t, e.DB.Write(tenants.With(ctx, e.A), func(ctx context.Context, tx tenants.Writer) error {
		return tenants.SetSecurityContact(ctx, tx, "mailto:x@a.example")
	}))
	manner := tenants.Manner{Off: []tenants.Feature{tenants.Album}, Languages: []string{"en"}, Language: "en"}
	require.NoError(t, e.DB.Write(tenants.With(ctx, e.A), func(ctx context.Context, tx tenants.Writer) error { return tenants.Arrange(ctx, tx, manner) }))
	strict := tenants.SignIn{ParentFactor: true, ParentIdleDays: 2, StaffIdleMinutes: 15}
	for _, first := range []bool{true, false} { // who comes second knows of other rules
		require.NoError(t, e.DB.Write(tenants.With(ctx, e.A), func(ctx context.Context, tx tenants.Writer) error {
			done, err := tenants.SetSignIn(ctx, tx, e.A.SignIn, strict)
			require.Equal(t, first, done)
			return err
		}))
	}
	e.Directory.Forget(e.A.Slug)
	after, err := e.Directory.Find(ctx, e.A.Slug)
	require.NoError(t, err)
	require.Equal(t, look, tenants.Look{Hue: after.BrandHue, Chroma: after.BrandChroma, Logo: after.Logo, Words: after.Words})
	require.Equal(t, "mailto:x@a.example", after.SecurityContact)
	require.True(t, after.Has(tenants.Messages) && !after.Has(tenants.Album) && after.Has(""))
	require.True(t, after.Offers("en") && !after.Offers("nl") && e.B.Offers("nl"))
	require.Equal(t, "en", after.Language)
	require.Equal(t, strict, after.SignIn)
	require.Equal(t, tenants.SignIn{ParentIdleDays: 14, StaffIdleMinutes: 60}, e.B.SignIn)
	other, err := e.Directory.Find(ctx, e.B.Slug)
	require.NoError(t, err)
	require.Equal(t, e.B, other)
	require.Eventually(t, func() bool {
		there, err := elsewhere.Find(ctx, e.A.Slug)
		return err == nil && there.BrandHue == 20
	}, 5*time.Second, 10*time.Millisecond)
}

// The row of another organisation, and what only the platform decides, are the database's to refuse.
func TestAnOrganisationChangesNothingElseOfTheDirectory(t *testing.T) {
	e := dbtest.New(t)
	app, err := pgx.Connect(t.Context(), e.URL.App)
	require.NoError(t, err)
	defer app.Close(context.Background())
	tx, err := app.Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = tx.Rollback(context.Background()) }()
	_, err = tx.Exec(t.Context(), "SELECT set_config('app.tenant_id', $1, true)", e.A.ID.String())
	require.NoError(t, err)
	tag, err := tx.Exec(t.Context(), "UPDATE tenant SET brand_hue = 1 WHERE id = $1", e.B.ID)
	require.NoError(t, err)
	require.Zero(t, tag.RowsAffected())
	tag, err = tx.Exec(t.Context(), "UPDATE tenant SET brand_hue = 1")
	require.NoError(t, err)
	require.EqualValues(t, 1, tag.RowsAffected())
	require.NoError(t, tx.Rollback(t.Context()))
	for _, statement := range []string{"UPDATE tenant SET status = 'active'", "UPDATE tenant SET slug = 'anders'", "INSERT INTO tenant (id) VALUES (gen_random_uuid())", "DELETE FROM tenant"} {
		_, err := app.Exec(t.Context(), statement)
		require.ErrorContains(t, err, "permission denied", statement)
	}
}
