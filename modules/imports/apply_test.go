package imports_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/imports"
	"ouderportaal/tenants"
)

func TestAnImportIsRefusedWhenSomethingElseChangedSinceThePreview(t *testing.T) {
	e := setUp(t)
	e.bring(family()...)
	rows := family()
	rows[1][2], rows[1][6] = "van Dijk-Bos", "7-7-2028"
	id := e.take(rows...)
	require.NoError(t, e.s.Apply(e.ctx(), e.order(id)))
	e.exec("UPDATE placement SET ends_on = '2027-01-01' WHERE tenant_id = $1", e.A.ID) // by hand, at another desk
	require.NoError(t, e.work(id), "a refusal is no failure of the worker")
	i, _ := e.look(id)
	require.Equal(t, imports.Refused, i.State)
	require.Equal(t, "imports.refusal.meanwhile", i.Refusal)
	require.Zero(t, e.count("SELECT count(*) FROM child WHERE tenant_id = $1 AND family_name = 'van Dijk-Bos'", e.A.ID), "nothing of it was kept")

	require.NoError(t, e.s.LookAgain(e.ctx(), id))
	i, p := e.look(id)
	require.Equal(t, imports.Draft, i.State)
	require.Contains(t, p.Lines[0].Changes, imports.Change{Field: "ends_on", Old: "2027-01-01", New: "2028-07-07"})
	require.Equal(t, imports.Done, e.apply(id).State)
}

func TestAnOrderIsForThePreviewThatWasSeen(t *testing.T) {
	e := setUp(t)
	id := e.take(family()...)
	o := e.order(id)
	e.exec("UPDATE care_group SET name = 'Padden' WHERE tenant_id = $1", e.A.ID)
	require.NoError(t, e.s.LookAgain(e.ctx(), id))
	require.ErrorContains(t, e.s.Apply(e.ctx(), o), "imports.error.seen_otherwise")
}

func (e *env) exec(query string, args ...any) {
	e.t.Helper()
	_, err := e.Owner(e.t).Exec(context.Background(), query, args...)
	require.NoError(e.t, err)
}

// A worker that dies in the middle leaves nothing behind, and the next one does all of it.
func TestAWorkerThatDiesHalfwayLeavesNothing(t *testing.T) {
	e := setUp(t)
	e.h.AddGroup("Groep 0")
	rows := many(1500)
	for _, row := range rows[1:] {
		row[4] = "Groep 0"
	}
	id := e.take(rows...)
	require.NoError(t, e.s.Apply(e.ctx(), e.order(id)))
	payload, err := json.Marshal(imports.ImportQueued{ImportID: id})
	require.NoError(t, err)
	ctx, kill := context.WithCancel(actor.With(tenants.With(context.Background(), e.A), actor.ForSystem(e.A.ID)))
	ended := make(chan error)
	go func() {
		ended <- e.s.Subscriptions()[0].Run(ctx, outbox.Recorded{ID: ids.New(), TenantID: e.A.ID, Payload: payload})
	}()
	require.Eventually(t, func() bool {
		i, _ := e.look(id)
		return i.Written > 0 && i.State == imports.Running && i.Percent() < 100
	}, 20*time.Second, time.Millisecond, "open pages see how far it is while nothing is kept yet")
	require.Zero(t, e.count("SELECT count(*) FROM child WHERE tenant_id = $1", e.A.ID))
	kill()
	require.Error(t, <-ended, "so that the job is tried again")
	require.Zero(t, e.count("SELECT count(*) FROM child WHERE tenant_id = $1", e.A.ID))
	require.NoError(t, e.work(id))
	i, _ := e.look(id)
	require.Equal(t, imports.Done, i.State)
	require.Equal(t, 1500, e.count("SELECT count(*) FROM child WHERE tenant_id = $1", e.A.ID))
}

func TestTwoWorkersApplyOnce(t *testing.T) {
	e := setUp(t)
	id := e.take(family()...)
	require.NoError(t, e.s.Apply(e.ctx(), e.order(id)))
	ended := make(chan error)
	for range 2 {
		go func() { ended <- e.work(id) }()
	}
	require.NoError(t, <-ended)
	require.NoError(t, <-ended)
	require.Equal(t, 2, e.count("SELECT count(*) FROM child WHERE tenant_id = $1", e.A.ID))
	require.Equal(t, 1, e.count("SELECT count(*) FROM audit_entry WHERE tenant_id = $1 AND action = 'imports.apply'", e.A.ID))
}

func TestFilesAreForgotten(t *testing.T) {
	e := setUp(t)
	left, thrown, stuck := e.take(family()...), e.take(family()...), e.take(family()...)
	require.NoError(t, e.s.Discard(e.ctx(), thrown))
	_, _, err := e.s.Find(e.ctx(), thrown)
	require.Equal(t, fault.Missing, fault.CodeOf(err))
	require.NoError(t, e.s.Apply(e.ctx(), e.order(stuck)))
	require.Equal(t, fault.Conflict, fault.CodeOf(e.s.Discard(e.ctx(), stuck)))

	e.Clock.Advance(imports.Kept - time.Minute)
	require.NoError(t, e.s.Expire(e.ctx()))
	i, p := e.look(left)
	require.NotNil(t, p)
	require.Equal(t, imports.Draft, i.State)
	e.Clock.Advance(2 * time.Minute)
	require.NoError(t, e.s.Expire(e.ctx()))
	i, p = e.look(left)
	require.Equal(t, imports.Expired, i.State)
	require.Nil(t, p)
	require.Nil(t, i.Content)
	require.Equal(t, fault.Gone, fault.CodeOf(e.s.LookAgain(e.ctx(), left)))
	e.Clock.Advance(imports.Kept)
	require.NoError(t, e.s.Expire(e.ctx()))
	i, _ = e.look(stuck)
	require.Equal(t, "imports.refusal.given_up", i.Refusal, "a worker that gave up leaves no file behind")
	e.Clock.Advance(imports.Remembered)
	require.NoError(t, e.s.Expire(e.ctx()))
	list, err := e.s.Recent(e.ctx())
	require.NoError(t, err)
	require.Empty(t, list)
}

func TestGroupsAreTakenIn(t *testing.T) {
	e := setUp(t)
	rows := [][]string{{"Locatie", "Straat", "Plaats", "Opvangsoort", "LRK-nummer", "Groep", "Leeftijd vanaf", "Leeftijd tot"},
		{"De Brink", "Brinkweg 4", "Bathmen", "kdv", "987654321", "Eekhoorns", "0", "4"},
		{"De Brink", "", "", "kdv", "", "Egels", "0", "2,5"},
		{"De Brink", "", "", "bso", "", "Vossen", "4", "8"},          // no registration for that
		{"Dorpsstraat", "", "", "kdv", "", "Kikkers", "", "3"},       // known, and now younger
		{"Dorpsstraat", "", "", "bso", "987654321", "Uilen", "", ""}, // a registration of another house
		{"Dorpsstraat", "", "", "kdv", "", "Mussen", "5", "4"},
	}
	id := e.take(rows...)
	i, p := e.look(id)
	require.Equal(t, imports.Groups, i.Kind)
	want := []string{"new", "new", "wrong error.lrk_missing", "changed", "wrong error.lrk_twice", "wrong error.ages"}
	require.Equal(t, want, outcomes(p))
	require.Equal(t, imports.Done, e.apply(id).State)
	require.Equal(t, 1, e.count("SELECT count(*) FROM care_group c JOIN location l ON l.id = c.location_id WHERE c.tenant_id = $1 AND c.name = 'Egels' AND c.to_age_months = 30 AND l.street = 'Brinkweg 4'", e.A.ID))
	require.Equal(t, 1, e.count("SELECT count(*) FROM care_group WHERE tenant_id = $1 AND name = 'Kikkers' AND to_age_months = 36", e.A.ID))
	_, p = e.look(e.take(rows...))
	require.Equal(t, []string{"unchanged", "unchanged", "wrong error.lrk_missing", "unchanged", "wrong error.lrk_twice", "wrong error.ages"}, outcomes(p))
}

func TestStaffIsTakenIn(t *testing.T) {
	e := setUp(t)
	e.h.AddGroup("Egels")
	parent := identitytest.NewPerson(t, e.Env, e.A, identitytest.Named("Marieke", "Lubbers"), identitytest.Email("marieke@voorbeeld.nl"), identitytest.Role(actor.Parent))
	rows := [][]string{{"Voornaam", "Achternaam", "E-mail", "Functie", "Groep", "Startdatum", "Einddatum"},
		{"Ilse", "Bos", "ilse@voorbeeld.nl", "medewerker", "Kikkers", "1-1-2026", ""},
		{"Ilse", "Bos", "ilse@voorbeeld.nl", "", "Egels", "", ""},
		{"Marieke", "Lubbers", parent.Email, "pm'er", "Egels", "", ""}, // no job that we know
		{"Marieke", "Lubbers", parent.Email, "", "Egels", "", ""},
		{"Bea", "Baas", "bea@voorbeeld.nl", "beheerder", "", "", ""}, // not by a file
		{"Ans", "Een", "ans@voorbeeld.nl", "", "", "", ""},
		{"Piet", "Twee", "ans@voorbeeld.nl", "", "", "", ""},
		{e.h.Staff.GivenName, e.h.Staff.FamilyName, e.h.Staff.Email, "", "Kikkers", "", "31-12-2026"},
	}
	id := e.take(rows...)
	i, p := e.look(id)
	require.Equal(t, imports.Staff, i.Kind)
	require.Equal(t, []string{"new", "changed", "wrong error.role", "changed", "wrong error.role", "wrong error.address_twice", "wrong error.address_twice", "changed"}, outcomes(p))
	require.Equal(t, imports.Done, e.apply(id).State)
	require.Equal(t, 3, e.count("SELECT count(*) FROM group_assignment a JOIN person p ON p.id = a.person_id WHERE a.tenant_id = $1 AND p.given_name IN ('Ilse', 'Marieke')", e.A.ID))
	require.Equal(t, 2, e.count("SELECT count(*) FROM membership m JOIN person p ON p.id = m.person_id WHERE m.tenant_id = $1 AND m.role = 'staff' AND p.given_name IN ('Ilse', 'Marieke')", e.A.ID))
	require.Equal(t, 1, e.count("SELECT count(*) FROM group_assignment WHERE tenant_id = $1 AND person_id = $2 AND valid_to = '2026-12-31'", e.A.ID, e.h.Staff.ID))
	i, _ = e.look(e.take(rows...))
	require.Zero(t, i.Counts.Changes())
}
