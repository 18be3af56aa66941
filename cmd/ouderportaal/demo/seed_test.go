package demo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/media/mediatest"
	"ouderportaal/modules/children"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/photos"
	"ouderportaal/tenants"
)

var testSecrets = secrets{LinkKey: strings.Repeat("k", 32)}

// seeded is the demo's data in a database of its own.
type seeded struct {
	*dbtest.Env
	deps  Deps
	store blob.Store
	dir   string
	asked int // how often the image program was wanted
}

func seedIt(t *testing.T) *seeded {
	t.Helper()
	s := &seeded{Env: dbtest.NewAlone(t), dir: t.TempDir()}
	var err error
	s.store, err = blob.OpenDir(s.dir)
	require.NoError(t, err)
	images := mediatest.Start(t, 2)
	s.deps = Deps{DB: s.DB, Platform: s.Platform, Store: s.store, Progress: func(line string) { t.Log(line) },
		Keys: [][]byte{[]byte(testSecrets.LinkKey)}, AppSecret: testSecrets.app, Images: func() (photos.Images, error) { s.asked++; return images, nil }}
	began := time.Now()
	require.NoError(t, Seed(t.Context(), s.deps))
	t.Logf("seeded in %v, %d MB of photos", time.Since(began).Round(time.Millisecond), diskUse(t, s.dir)>>20)
	return s
}

func diskUse(t *testing.T, dir string) (bytes int64) {
	t.Helper()
	require.NoError(t, filepath.Walk(dir, func(_ string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			bytes += info.Size()
		}
		return err
	}))
	return bytes
}

// fingerprint is the number of rows of every tenant table and a hash of their content.
func (s *seeded) fingerprint(t *testing.T) map[string]string {
	t.Helper()
	owner := s.Owner(t)
	rows, err := owner.Query(t.Context(), `SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
		WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY 1`)
	require.NoError(t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	prints := map[string]string{}
	for _, table := range tables {
		var print string
		require.NoError(t, owner.QueryRow(t.Context(), fmt.Sprintf(`SELECT count(*) || ' ' || coalesce(md5(string_agg(x::text, '|' ORDER BY x::text)), '') FROM %s x`, table)).Scan(&print))
		prints[table] = print
	}
	return prints
}

func (s *seeded) tenant(t *testing.T, slug string) tenants.Tenant {
	t.Helper()
	tenant, err := s.Directory.Find(t.Context(), slug)
	require.NoError(t, err)
	return tenant
}

// as acts as the person with the address, in the role they sign in with.
func (s *seeded) as(t *testing.T, slug, email string, role actor.Role) context.Context {
	t.Helper()
	tenant := s.tenant(t, slug)
	ctx := tenants.With(t.Context(), tenant)
	var who identity.Person
	require.NoError(t, s.DB.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		return tx.NewSelect().Model(&who).Where("email = ?", email).Scan(ctx)
	}))
	return actor.With(ctx, actor.Actor{TenantID: tenant.ID, PersonID: who.ID, Role: role, Language: who.Language})
}

func (s *seeded) sees(t *testing.T, ctx context.Context) (names []string) {
	t.Helper()
	require.NoError(t, s.DB.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		return tx.NewSelect().Model((*children.Child)(nil)).Column("given_name").Where("id IN (?)", children.VisibleTo(tx, actor.From(ctx))).Order("given_name").Scan(ctx, &names)
	}))
	return names
}

func (s *seeded) timeline(t *testing.T, ctx context.Context) *diary.Timeline {
	t.Helper()
	line, err := diary.New(s.DB, nil).Read(ctx, diary.Filter{})
	require.NoError(t, err)
	return line
}

func TestSeed(t *testing.T) {
	s := seedIt(t)
	const bathmen = "kinderopvangbathmen"

	t.Run("does nothing the second time", func(t *testing.T) {
		before, files := s.fingerprint(t), diskUse(t, s.dir)
		s.Clock.Advance(26 * time.Hour)
		began := time.Now()
		require.NoError(t, Seed(t.Context(), s.deps))
		t.Logf("second time: %v", time.Since(began))
		s.Clock.Advance(-26 * time.Hour)
		require.Equal(t, before, s.fingerprint(t))
		require.Equal(t, files, diskUse(t, s.dir))
		require.Equal(t, 1, s.asked, "the image program is not started for nothing")
		require.True(t, strings.HasPrefix(before["notification"], "") && before["notification"][0] != '0')
	})
	t.Run("fills an organisation that was made and not filled", func(t *testing.T) {
		owner := s.Owner(t)
		before := s.fingerprint(t)["child"]
		tx, err := owner.Begin(t.Context())
		require.NoError(t, err)
		klaproos := s.tenant(t, "klaproos")
		_, err = tx.Exec(t.Context(), "SELECT set_config('app.tenant_id', $1, true)", klaproos.ID.String())
		require.NoError(t, err)
		for _, table := range []string{"retention_notice", "retention_setting", "house_start", "house_style", "totp", "staff_photo", "staff_profile", "location_exception", "location_opening", "article_file", "article_reading", "article_version", "article_location", "article_group", "article", "agenda_entry", "message_template", "message_assignment", "message_note", "message_hours", "message_attachment", "message_word", "message_reading", "message_withdrawal", "message", "message_mailing", "message_thread_member", "message_thread", "absence", "care_change", "care_record", "notification", "delivery", "address_problem", "event", "diary_heart", "diary_reading", "diary_visit", "photo_report", "photo_child", "photo", "child_access", "diary_day", "diary_entry_child", "diary_entry", "change_request", "child_contact", "child_particulars", "declaration_told", "declaration_draft", "declaration_answer", "declaration_file", "declaration_group", "declaration_location", "declaration_text", "declaration", "consent_told", "consent_state", "consent_answer", "consent_text", "consent_definition", "mentorship",
			"placement", "group_assignment", "guardianship", "membership_location", "membership", "child", "care_group", "location_care", "location", "person"} {
			if table == "placement" {
				_, err = tx.Exec(t.Context(), "DELETE FROM placement_day WHERE tenant_id = $1", klaproos.ID)
				require.NoError(t, err)
			}
			_, err = tx.Exec(t.Context(), "DELETE FROM "+table+" WHERE tenant_id = $1", klaproos.ID)
			require.NoError(t, err, table)
		}
		require.NoError(t, tx.Commit(t.Context()))
		require.NotEqual(t, before, s.fingerprint(t)["child"])
		real, err := identity.New(s.DB, identity.Config{}).AddPerson(tenants.With(t.Context(), klaproos), identity.Draft{GivenName: "Els", Email: "els@kinderopvang.test"})
		require.NoError(t, err)
		require.ErrorContains(t, Seed(t.Context(), s.deps), "people who are not the demo's")
		_, err = owner.Exec(t.Context(), "DELETE FROM person WHERE tenant_id = $1 AND id = $2", klaproos.ID, real.ID)
		require.NoError(t, err)
		require.NoError(t, Seed(t.Context(), s.deps))
		require.Equal(t, before, s.fingerprint(t)["child"], "the same seed and day give the same children")
	})
	t.Run("gives an app that the demo knows to nobody whom it has not made", func(t *testing.T) {
		service, ctx := identity.New(s.DB, identity.Config{}), tenants.With(t.Context(), s.tenant(t, bathmen))
		real, err := service.AddPerson(ctx, identity.Draft{GivenName: "Els", Email: "els@kinderopvang.test"})
		require.NoError(t, err)
		_, err = service.AddMembership(ctx, real.ID, actor.Admin, "", "")
		require.NoError(t, err)
		require.NoError(t, Seed(t.Context(), s.deps))
		var apps, others int
		require.NoError(t, s.Owner(t).QueryRow(t.Context(), "SELECT count(*) FILTER (WHERE person_id = $1), count(*) FILTER (WHERE person_id <> $1) FROM totp", real.ID).Scan(&apps, &others))
		require.Zero(t, apps)
		require.NotZero(t, others)
	})
	t.Run("leaves no work and no mail", func(t *testing.T) {
		prints := s.fingerprint(t)
		require.Equal(t, "0 ", prints["job"])
		var open int
		require.NoError(t, s.Owner(t).QueryRow(t.Context(), "SELECT count(*) FROM delivery WHERE finished_at IS NULL").Scan(&open))
		require.Zero(t, open)
		require.NoError(t, s.Owner(t).QueryRow(t.Context(), "SELECT count(*) FROM event WHERE expanded_at IS NULL").Scan(&open))
		require.Zero(t, open)
	})
	t.Run("gives every child somebody with authority", func(t *testing.T) {
		var without []string
		rows, err := s.Owner(t).Query(t.Context(), `SELECT given_name FROM child c WHERE NOT EXISTS (SELECT FROM guardianship g WHERE g.tenant_id = c.tenant_id
			AND g.child_id = c.id AND g.kind = 'gezag' AND g.blocked_at IS NULL AND g.valid_from <= $1::date)`, string(s.tenant(t, bathmen).DateOf(s.Clock.Now())))
		require.NoError(t, err)
		without, err = pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err)
		require.Empty(t, without)
	})
	t.Run("has families of every kind", func(t *testing.T) {
		for what, query := range map[string]string{
			"about 150 children":                "SELECT count(*) BETWEEN 140 AND 170 FROM child",
			"two households":                    "SELECT count(DISTINCT child_id) > 5 FROM guardianship WHERE household = 2 AND kind = 'gezag'",
			"one guardian":                      "SELECT count(*) > 5 FROM (SELECT FROM guardianship GROUP BY tenant_id, child_id HAVING count(*) = 1) x",
			"every kind of tie":                 "SELECT count(DISTINCT kind) = 4 FROM guardianship",
			"a blocked tie":                     "SELECT count(*) = 1 FROM guardianship WHERE length(blocked_reason) > 10",
			"twins":                             "SELECT count(*) > 3 FROM (SELECT FROM child GROUP BY tenant_id, birth_on, family_name HAVING count(*) = 2) x",
			"two locations":                     "SELECT count(*) > 0 FROM (SELECT FROM placement p JOIN care_group c USING (tenant_id) WHERE c.id = p.group_id AND p.starts_on < now() + interval '99 years' GROUP BY tenant_id, child_id HAVING count(DISTINCT location_id) = 2 AND count(*) FILTER (WHERE p.ends_on IS NULL) = 2) x",
			"refused":                           "SELECT count(*) BETWEEN 4 AND 20 FROM consent_state WHERE purpose = 'photos' AND NOT granted",
			"never asked":                       "SELECT count(*) BETWEEN 4 AND 20 FROM child c WHERE NOT EXISTS (SELECT FROM consent_state s WHERE s.tenant_id = c.tenant_id AND s.child_id = c.id AND s.purpose <> 'birthdays')",
			"changed their mind":                "SELECT count(*) >= 4 FROM (SELECT FROM consent_answer GROUP BY tenant_id, child_id, purpose HAVING count(DISTINCT granted) = 2) x",
			"changes to decide about":           "SELECT count(*) >= 3 AND count(DISTINCT tenant_id) = 3 FROM change_request WHERE state = 'pending'",
			"somebody to call for most":         "SELECT count(DISTINCT child_id) > 0.6 * (SELECT count(*) FROM child) FROM child_contact",
			"declarations":                      "SELECT count(*) = 12 AND count(published_at) = 9 FROM declaration",
			"on paper, with a scan":             "SELECT count(*) FILTER (WHERE scan_id IS NOT NULL) > 2 AND count(*) FILTER (WHERE EXISTS (SELECT FROM declaration_file f WHERE f.id::text = filled->'bewijs'->>0)) > 2 FROM declaration_answer",
			"filled in, and not":                "SELECT count(*) > 50 AND count(*) < 1.7 * (SELECT count(*) FROM child) FROM declaration_answer",
			"one of two answered":               "SELECT count(*) > 5 FROM consent_state WHERE purpose = 'website' AND text_version = 0",
			"care of three kinds":               "SELECT count(DISTINCT care_type) = 3 FROM placement",
			"one who has left":                  "SELECT count(*) = 1 FROM placement WHERE ends_on = $1::date - 21",
			"a file that goes soon":             "SELECT count(*) = 1 FROM retention_notice WHERE until_on BETWEEN $1::date + 30 AND $1::date + 50",
			"a mentor for each":                 "SELECT count(*) = 0 FROM placement p WHERE (p.ends_on IS NULL OR p.ends_on >= $1::date) AND NOT EXISTS (SELECT FROM mentorship m WHERE m.tenant_id = p.tenant_id AND m.child_id = p.child_id)",
			"ill today, if it is a day of care": "SELECT count(*) > 3 OR extract(isodow FROM $1::date) > 5 FROM absence WHERE first_day = $1::date",
			"a few hundred photos":              "SELECT count(*) BETWEEN 100 AND 260 FROM photo",
			"nothing to come":                   "SELECT max(published_at) <= $2::timestamptz FROM diary_entry",
			"history of a month":                "SELECT min(published_at) < $2::timestamptz - interval '27 days' FROM diary_entry",
		} {
			var holds bool
			now := s.Clock.Now()
			var args []any
			if strings.Contains(query, "$2") {
				query, args = strings.ReplaceAll(query, "$2", "$1"), []any{now}
			} else if strings.Contains(query, "$1") {
				args = []any{string(s.tenant(t, bathmen).DateOf(now))}
			}
			require.NoError(t, s.Owner(t).QueryRow(t.Context(), query, args...).Scan(&holds), what)
			require.True(t, holds, what)
		}
	})
	t.Run("shows each reader their own", func(t *testing.T) {
		require.Equal(t, []string{"Finn", "Mila"}, s.sees(t, s.as(t, bathmen, "ouder@bathmen.example", actor.Parent)))
		require.Equal(t, []string{"Finn", "Mila"}, s.sees(t, s.as(t, bathmen, "vader@bathmen.example", actor.Parent)))
		require.Equal(t, []string{"Jip"}, s.sees(t, s.as(t, bathmen, "starter@bathmen.example", actor.Parent)))
		require.Equal(t, []string{"Bo"}, s.sees(t, s.as(t, bathmen, "informatie@bathmen.example", actor.Parent)))
		require.Equal(t, []string{"Bo"}, s.sees(t, s.as(t, bathmen, "marieke@bathmen.example", actor.Parent)))
		require.Empty(t, s.sees(t, s.as(t, bathmen, "geblokkeerd@bathmen.example", actor.Parent)))
		require.Empty(t, s.sees(t, s.as(t, bathmen, "oma@bathmen.example", actor.Parent)))
		kikkers := s.sees(t, s.as(t, bathmen, "sanne@bathmen.example", actor.Staff))
		require.Contains(t, kikkers, "Mila")
		require.NotContains(t, kikkers, "Bo")
		require.NotContains(t, kikkers, "Mats", "has left")
		require.NotContains(t, s.sees(t, s.as(t, bathmen, "marieke@bathmen.example", actor.Staff)), "Mila")
		require.NotContains(t, s.sees(t, s.as(t, bathmen, "manager@bathmen.example", actor.Manager)), "Fay", "is at the other location")
		require.Greater(t, len(s.sees(t, s.as(t, bathmen, "beheer@bathmen.example", actor.Admin))), 60)
	})
	t.Run("fills timelines as the app would", func(t *testing.T) {
		mother := s.as(t, bathmen, "ouder@bathmen.example", actor.Parent)
		line := s.timeline(t, mother)
		require.Len(t, line.Entries, diary.PageSize)
		require.Len(t, line.Children, 2)
		require.NotEmpty(t, line.Children[0].Mentor)
		require.Positive(t, line.Unread.Bell)
		var seen int
		album := photos.New(s.DB, s.store, nil)
		for _, e := range line.Entries {
			require.NotContains(t, e.Body+e.Title, "{", "a placeholder was left")
			require.NotEmpty(t, e.Body)
			for _, m := range e.Media {
				seen++
				require.True(t, m.Ready())
				require.NotEmpty(t, m.Alt)
				v, err := album.Version(mother, m.ID, "640.webp")
				require.NoError(t, err)
				content, info, err := album.Open(mother, v, 0, blob.All)
				require.NoError(t, err)
				require.NoError(t, content.Close())
				require.Equal(t, "image/webp", info.ContentType)
			}
		}
		require.Greater(t, seen, 8)
		for _, e := range s.timeline(t, s.as(t, bathmen, "geenfoto@bathmen.example", actor.Parent)).Entries {
			require.Empty(t, e.Media, "no photo reaches a family that refused")
		}
		require.Empty(t, s.timeline(t, s.as(t, bathmen, "geblokkeerd@bathmen.example", actor.Parent)).Entries)
		require.NotEmpty(t, s.timeline(t, s.as(t, "klaproos", "ouder@klaproos.example", actor.Parent)).Entries)
		require.NotEmpty(t, s.timeline(t, s.as(t, "devuurtoren", "ouder@vuurtoren.example", actor.Parent)).Entries)
	})
	t.Run("keeps organisations apart", func(t *testing.T) {
		ctx := s.as(t, "devuurtoren", "beheer@vuurtoren.example", actor.Admin)
		require.NotContains(t, s.sees(t, ctx), "Mila")
		bathmenID := s.tenant(t, bathmen).ID
		require.NoError(t, s.DB.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
			for _, table := range []string{"child", "person", "diary_entry", "photo", "consent_answer", "notification"} {
				var n int
				if err := tx.NewRaw("SELECT count(*) FROM "+table+" WHERE tenant_id = ?", bathmenID).Scan(ctx, &n); err != nil {
					return err
				}
				require.Zero(t, n, table)
			}
			return nil
		}))
	})
	t.Run("lets everybody on the list sign in", func(t *testing.T) {
		service := identity.New(s.DB, identity.Config{Keys: s.deps.Keys})
		for _, login := range Logins() {
			tenant := s.tenant(t, login.Organisation)
			signed, err := service.SignIn(tenants.With(t.Context(), tenant), identity.Credentials{Email: login.Email, Password: Password})
			require.NoError(t, err, login.Email)
			require.Equal(t, login.App, signed.Wait != "", login.Email)
			if login.App {
				code, err := identity.CodeAt(testSecrets.app(login.Email), s.Clock.Now())
				require.NoError(t, err)
				_, err = service.Prove(tenants.With(t.Context(), tenant), identity.Proof{Wait: signed.Wait, Code: code})
				require.NoError(t, err, login.Email)
			}
			require.NoError(t, identity.CheckPassword("password", Password, identity.MinPassword, tenant.Name, tenant.Slug, login.Email))
		}
	})
	t.Run("refuses a database with real organisations", func(t *testing.T) {
		require.ErrorContains(t, refuseStrangers(t.Context(), dbtest.NewAlone(t).Platform), "not the demo's")
		require.NoError(t, refuseStrangers(t.Context(), s.Platform), "beside the demo's own it is one that was made there")
	})
}
