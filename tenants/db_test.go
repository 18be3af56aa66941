package tenants_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

type person struct {
	bun.BaseModel `bun:"table:person"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	GivenName     string
	FamilyName    string
	CreatedAt     time.Time
}

func addPerson(t testing.TB, e *dbtest.Env, in tenants.Tenant, name string) ids.ID {
	t.Helper()
	id := ids.New()
	require.NoError(t, e.DB.Write(tenants.With(context.Background(), in), func(ctx context.Context, tx tenants.Writer) error {
		_, err := tx.NewInsert().Model(&person{TenantID: in.ID, ID: id, GivenName: name, CreatedAt: tx.Now()}).Exec(ctx)
		return err
	}))
	return id
}

func namesSeen(t testing.TB, e *dbtest.Env, in tenants.Tenant) []string {
	t.Helper()
	var names []string
	require.NoError(t, e.DB.Read(tenants.With(context.Background(), in), func(ctx context.Context, tx tenants.Reader) error {
		return tx.NewSelect().Model((*person)(nil)).Column("given_name").Order("given_name").Scan(ctx, &names)
	}))
	return names
}

func TestRowsOfATenant(t *testing.T) {
	e := dbtest.New(t)
	addPerson(t, e, e.A, "Mila")
	addPerson(t, e, e.B, "Finn")

	t.Run("are all that it sees", func(t *testing.T) {
		require.Equal(t, []string{"Mila"}, namesSeen(t, e, e.A))
		require.Equal(t, []string{"Finn"}, namesSeen(t, e, e.B))
	})
	t.Run("cannot be written for another", func(t *testing.T) {
		err := e.DB.Write(tenants.With(context.Background(), e.A), func(ctx context.Context, tx tenants.Writer) error {
			_, err := tx.NewInsert().Model(&person{TenantID: e.B.ID, ID: ids.New(), GivenName: "X", CreatedAt: tx.Now()}).Exec(ctx)
			return err
		})
		require.ErrorContains(t, err, "row-level security")
	})
	t.Run("come with parameters too", func(t *testing.T) {
		var name string
		err := e.DB.Query(tenants.With(context.Background(), e.B), "SELECT given_name FROM person WHERE given_name <> $1", []any{"nobody"}, func(rows pgx.Rows) error {
			for rows.Next() {
				if err := rows.Scan(&name); err != nil {
					return err
				}
			}
			return nil
		})
		require.NoError(t, err)
		require.Equal(t, "Finn", name)
	})
}

func TestMisuseIsAnError(t *testing.T) {
	e := dbtest.New(t)
	nothing := func(context.Context, tenants.Reader) error { return nil }

	require.ErrorIs(t, e.DB.Read(context.Background(), nothing), tenants.ErrNoTenant)
	require.ErrorIs(t, e.DB.Read(tenants.With(context.Background(), tenants.Tenant{}), nothing), tenants.ErrNoTenant)
	require.ErrorIs(t, e.DB.Read(tenants.With(context.Background(), e.A), func(ctx context.Context, _ tenants.Reader) error {
		return e.DB.Read(ctx, nothing)
	}), tenants.ErrNested)

	t.Run("a Reader cannot write", func(t *testing.T) {
		err := e.DB.Read(tenants.With(context.Background(), e.A), func(ctx context.Context, tx tenants.Reader) error {
			_, err := tx.NewRaw("DELETE FROM session").Exec(ctx)
			return err
		})
		require.ErrorContains(t, err, "read-only")
	})
}

func TestNothingOfATransactionThatFailsIsKept(t *testing.T) {
	e := dbtest.New(t)
	in := tenants.With(context.Background(), e.A)
	insert := func(ctx context.Context, tx tenants.Writer) {
		_, err := tx.NewInsert().Model(&person{TenantID: e.A.ID, ID: ids.New(), GivenName: "Half", CreatedAt: tx.Now()}).Exec(ctx)
		require.NoError(t, err)
	}
	failed := errors.New("failed")
	require.ErrorIs(t, e.DB.Write(in, func(ctx context.Context, tx tenants.Writer) error {
		insert(ctx, tx)
		return failed
	}), failed)
	require.Panics(t, func() {
		e.DB.Write(in, func(ctx context.Context, tx tenants.Writer) error {
			insert(ctx, tx)
			panic("half way")
		})
	})
	require.Empty(t, namesSeen(t, e, e.A))
}

// R4: whatever happens to a transaction, the connection it used goes back to the pool without a tenant.
func TestPooledConnectionsForgetTheirTenant(t *testing.T) {
	e := dbtest.New(t)
	all := []tenants.Tenant{e.A, e.B, e.NewTenant(t, "C"), e.NewTenant(t, "D")}
	for _, tenant := range all {
		addPerson(t, e, tenant, tenant.Slug)
	}
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for range 40 {
				useOnce(t, e, all[rand.IntN(len(all))])
			}
		})
	}
	wg.Wait()
	left, err := e.DB.TenantSettingsInPool(context.Background())
	require.NoError(t, err)
	for _, setting := range left {
		require.Empty(t, setting)
	}
}

// Half of the pool is for questions: more of them wait, and what changes something is not behind them.
func TestOnlyWhatGoesOverEverybodyIsJoinedForMany(t *testing.T) {
	e := dbtest.New(t)
	ctx, answers := tenants.With(t.Context(), e.A), make([]string, 4)
	var questions []tenants.Question
	for i, everybody := range []bool{false, true, false, true} {
		questions = append(questions, tenants.Question{SQL: "SELECT current_setting('enable_nestloop')", Everybody: everybody, Scan: func(rows pgx.Rows) error {
			rows.Next()
			return rows.Scan(&answers[i])
		}})
	}
	for range 2 {
		require.NoError(t, e.DB.Ask(ctx, questions...))
		require.Equal(t, []string{"on", "off", "on", "off"}, answers)
	}
	setting := func(f func(context.Context, tenants.Reader) error) (now string) {
		require.NoError(t, e.DB.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
			if err := f(ctx, tx); err != nil {
				return err
			}
			return tx.NewRaw("SELECT current_setting('enable_nestloop')").Scan(ctx, &now)
		}))
		return now
	}
	require.Equal(t, "off", setting(tenants.ForMany))
	require.Equal(t, "on", setting(func(context.Context, tenants.Reader) error { return nil }))
	broken := questions[1]
	broken.SQL = "SELECT 1/0"
	require.Error(t, e.DB.Ask(ctx, broken, questions[0]))
	require.NoError(t, e.DB.Ask(ctx, questions...))
}

func TestQuestionsTakeTurnsAndLeaveRoom(t *testing.T) {
	e := dbtest.New(t)
	db, err := tenants.Open(t.Context(), e.URL.App, 4, e.Clock)
	require.NoError(t, err)
	t.Cleanup(db.Close)
	in := tenants.With(t.Context(), e.A)
	asked, answered := make(chan struct{}), make(chan struct{})
	answer := sync.OnceFunc(func() { close(answered) })
	defer answer()
	var asking sync.WaitGroup
	for range 2 {
		asking.Go(func() {
			assert.NoError(t, db.Query(in, "SELECT 1", nil, func(pgx.Rows) error { asked <- struct{}{}; <-answered; return nil }))
		})
	}
	<-asked
	<-asked
	waiting, cancel := context.WithTimeout(in, 50*time.Millisecond)
	defer cancel()
	err = db.Query(waiting, "SELECT 1", nil, func(pgx.Rows) error { return errors.New("was asked") })
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "wait for a turn")
	require.NoError(t, db.Write(in, func(context.Context, tenants.Writer) error { return nil }))
	answer()
	asking.Wait()
	require.NoError(t, db.Query(in, "SELECT 1", nil, func(pgx.Rows) error { return nil }))
}

func useOnce(t *testing.T, e *dbtest.Env, tenant tenants.Tenant) {
	ctx, cancel := context.WithCancel(tenants.With(context.Background(), tenant))
	defer cancel()
	look := func(ctx context.Context, tx tenants.Reader) error {
		var names []string
		if err := tx.NewSelect().Model((*person)(nil)).Column("given_name").Scan(ctx, &names); err != nil {
			return err
		}
		for _, name := range names {
			if name != tenant.Slug {
				t.Errorf("%s saw a row of %s", tenant.Slug, name)
			}
		}
		return nil
	}
	switch rand.IntN(5) {
	case 0:
		time.AfterFunc(time.Duration(rand.IntN(2000))*time.Microsecond, cancel)
		_ = e.DB.Read(ctx, look)
	case 1:
		func() {
			defer func() { _ = recover() }()
			_ = e.DB.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
				_ = look(ctx, tx)
				panic("in the middle")
			})
		}()
	case 2:
		short, stop := context.WithTimeout(ctx, time.Millisecond)
		defer stop()
		_ = e.DB.Query(short, "SELECT pg_sleep(0.01)", nil, func(rows pgx.Rows) error {
			for rows.Next() {
			}
			return rows.Err()
		})
	case 3:
		err := e.DB.Query(ctx, "SELECT given_name FROM person", nil, func(rows pgx.Rows) error {
			for rows.Next() {
				var name string
				if err := rows.Scan(&name); err != nil {
					return err
				}
				if name != tenant.Slug {
					t.Errorf("%s saw a row of %s", tenant.Slug, name)
				}
			}
			return rows.Err()
		})
		if err != nil {
			t.Error(err)
		}
	default:
		if err := e.DB.Read(ctx, look); err != nil {
			t.Error(err)
		}
	}
}

func TestDirectory(t *testing.T) {
	e := dbtest.New(t)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go e.DB.Listen(ctx, e.Directory.Changes())

	found, err := e.Directory.Find(ctx, e.A.Slug)
	require.NoError(t, err)
	require.Equal(t, e.A, found)
	_, err = e.Directory.Find(ctx, "nobody-here")
	require.ErrorIs(t, err, tenants.ErrUnknown)

	t.Run("hears of a change that another process made", func(t *testing.T) {
		require.NoError(t, e.Platform.Suspend(ctx, e.A.Slug, "Proefperiode voorbij"))
		require.Eventually(t, func() bool {
			found, err := e.Directory.Find(ctx, e.A.Slug)
			return err == nil && found.Status == tenants.Suspended
		}, 5*time.Second, 10*time.Millisecond)
	})
	t.Run("finds at once what was unknown a moment ago", func(t *testing.T) {
		_, err := e.Directory.Find(ctx, "nieuwe-naam-"+e.A.Slug)
		require.ErrorIs(t, err, tenants.ErrUnknown)
		_, err = e.Platform.Create(ctx, tenants.NewTenant{Slug: "nieuwe-naam-" + e.A.Slug, Name: "Nieuw"})
		require.NoError(t, err)
		require.Eventually(t, func() bool {
			_, err := e.Directory.Find(ctx, "nieuwe-naam-"+e.A.Slug)
			return err == nil
		}, 5*time.Second, 10*time.Millisecond)
	})
}

func TestCreateExplainsWhatIsWrong(t *testing.T) {
	e := dbtest.New(t)
	for _, slug := range []string{"", "a", "beheer", "www", "Hoofdletter", "-streep", "streep-", "punt.punt", "a b", e.A.Slug} {
		_, err := e.Platform.Create(context.Background(), tenants.NewTenant{Slug: slug, Name: "Naam"})
		require.Error(t, err, slug)
	}
}
