package imports_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/imports"
)

// jansen is a row about a child of childrentest, without a placement.
func (e *env) jansen(pairs ...string) []string {
	return row(append([]string{"Achternaam", "Jansen", "Geboortedatum", string(e.A.DateOf(e.Clock.Now()).Add(-800)), "Startdatum", "", "Groep", "", "Dagen", ""}, pairs...)...)
}

func TestACoupleWithOneMailboxIsTwoPeople(t *testing.T) {
	e := setUp(t)
	e.h.Tie(identitytest.NewPerson(t, e.Env, e.A, identitytest.Named("Renée", "Jansen"), identitytest.Email("thuis@voorbeeld.nl")), e.h.AddChild("Mila", e.h.Group), children.Authority, "2026-01-01", "")
	for name, c := range map[string]struct{ given, family, want string }{
		"the other of the couple":     {"Jan", "Jansen", "wrong error.address_shared"},
		"with a name of his own":      {"Jan", "de Wit", "wrong error.address_of_other"},
		"herself":                     {"Renée", "Jansen", "unchanged"},
		"herself, without an accent":  {"Renee", "Jansen", "changed"},
		"herself, with two names":     {"Renée Maria", "Jansen", "changed"},
		"herself, with another name":  {"Renée", "de Wit", "changed"},
		"whose name begins alike":     {"Reneé-Lou", "Jansen", "changed"},
		"a longer name":               {"Renéeke", "Jansen", "wrong error.address_shared"},
		"somebody of the same letter": {"R", "Jansen", "wrong error.address_shared"},
	} {
		t.Run(name, func(t *testing.T) {
			_, p := e.look(e.take(head, e.jansen("Ouder 1 voornaam", c.given, "Ouder 1 achternaam", c.family, "Ouder 1 e-mail", "THUIS@voorbeeld.nl")))
			require.Equal(t, []string{c.want}, outcomes(p), "%+v", p.Lines[0].Changes)
		})
	}
	e.h.Tie(identitytest.NewPerson(t, e.Env, e.A, identitytest.Named("R", "Jansen"), identitytest.Email("r@voorbeeld.nl")), e.h.AddChild("Noor", e.h.Group), children.Authority, "2026-01-01", "")
	_, p := e.look(e.take(head, e.jansen("Voornaam", "Noor", "Ouder 1 voornaam", "R.", "Ouder 1 achternaam", "Jansen", "Ouder 1 e-mail", "r@voorbeeld.nl")))
	require.Equal(t, []string{"changed"}, outcomes(p), "who is known by a letter is known")
	_, p = e.look(e.take(head, e.jansen("Voornaam", "Nieuw", "Ouder 1 voornaam", "Eva", "Ouder 1 achternaam", "Bos", "Ouder 1 e-mail", "bos@voorbeeld.nl", "Ouder 2 voornaam", "Jan", "Ouder 2 achternaam", "Bos", "Ouder 2 e-mail", "BOS@voorbeeld.nl")))
	require.Equal(t, "wrong error.address_twice error.address_twice", outcomes(p)[0], "nor within a file")
}

func TestABlockedParentComesBackUnderNoSpelling(t *testing.T) {
	e := setUp(t)
	mila := e.h.AddChild("Mila", e.h.Group)
	ralf := identitytest.NewPerson(t, e.Env, e.A, identitytest.Named("Ralf", "Müller-Stok"), identitytest.Email("ralf@müller.nl"), identitytest.Role(actor.Parent))
	require.NoError(t, e.h.Service.Block(e.ctx(), e.h.Tie(ralf, mila, children.Authority, "2026-01-01", ""), "uitspraak"))
	for name, c := range map[string]struct{ given, family, email, want string }{
		"in capitals":                      {"Ralf", "Müller-Stok", "RALF@MÜLLER.NL", "unchanged note.blocked"},
		"with wide letters":                {"Ralf", "Müller-Stok", "ｒａｌｆ@müller.nl", "unchanged note.blocked"},
		"with the host as it is looked up": {"Ralf", "Müller-Stok", "ralf@xn--mller-kva.nl", "unchanged note.blocked"},
		"with two parts of a letter":       {"Ralf", "Müller-Stok", "ralf@mu\u0308ller.nl", "unchanged note.blocked"},
		"without the accent":               {"Ralf", "Muller Stok", "ralf2@voorbeeld.nl", "wrong error.somebody_blocked"},
		"as one initial":                   {"R.", "Müller-Stok", "r@voorbeeld.nl", "wrong error.somebody_blocked"},
		"with a second name":               {"Ralf Peter", "Müller-Stok", "rp@voorbeeld.nl", "wrong error.somebody_blocked"},
		"with another letter":              {"Ralf", "Mueller-Stok", "ralf3@voorbeeld.nl", "wrong error.somebody_blocked"},
		"without an address":               {"RALF", "Mullerstok", "", "wrong error.somebody_blocked"},
	} {
		t.Run(name, func(t *testing.T) {
			_, p := e.look(e.take(head, e.jansen("Ouder 1 voornaam", c.given, "Ouder 1 achternaam", c.family, "Ouder 1 e-mail", c.email)))
			require.Equal(t, []string{c.want}, outcomes(p), "%+v", p.Lines[0].Changes)
		})
	}
	_, p := e.look(e.take(head, e.jansen("Ouder 1 voornaam", "Tom", "Ouder 1 achternaam", "Müller-Stok", "Ouder 1 e-mail", "tom@voorbeeld.nl")))
	require.Equal(t, []string{"wrong error.somebody_blocked"}, outcomes(p), "a brother is for the portal, where somebody looks")
}

func TestWhoeverIsChangedHasItInTheirLog(t *testing.T) {
	e := setUp(t)
	e.bring(family()...)
	rows := family()
	rows[1] = row("Kindnummer", "101", "Dagen", "wo 08:00-12:00", "Ouder 1 voornaam", "Eva", "Ouder 1 achternaam", "Bos", "Ouder 1 e-mail", "eva@voorbeeld.nl", "Mentor", e.h.Staff.Email)
	rows[2] = row("Kindnummer", "102", "Voornaam", "Finn", "Geboortedatum", "1-5-2023", "Ouder 1 voornaam", "Eva", "Ouder 1 achternaam", "Bos", "Ouder 1 e-mail", "eva@voorbeeld.nl", "Mentor", e.h.Staff.Email)
	e.bring(rows...)
	const logged = "SELECT count(*) FROM audit_entry a WHERE a.tenant_id = $1 AND a.actor_id = $2 AND a.action = "
	require.Equal(t, 1, e.count(logged+"'imports.change_person' AND a.detail->'fields' = '[\"family_name\"]' AND a.subject_id = (SELECT id FROM person WHERE tenant_id = $1 AND email = 'eva@voorbeeld.nl')", e.A.ID, e.h.Admin.ID))
	require.Equal(t, 1, e.count(logged+"'imports.change_child' AND a.detail->'fields' = '[\"days\", \"mentor\"]' AND a.subject_id = (SELECT id FROM child WHERE tenant_id = $1 AND given_name = 'Mila')", e.A.ID, e.h.Admin.ID))
	require.Equal(t, 1, e.count(logged+"'imports.change_child' AND a.detail->'fields' = '[\"mentor\"]' AND a.subject_id = (SELECT id FROM child WHERE tenant_id = $1 AND given_name = 'Finn')", e.A.ID, e.h.Admin.ID))

	e.bring([]string{"Voornaam", "Achternaam", "E-mail", "Functie", "Groep", "Startdatum", "Einddatum"},
		[]string{e.h.Staff.GivenName, e.h.Staff.FamilyName, e.h.Staff.Email, "", "Kikkers", "", "31-12-2026"})
	require.Equal(t, 1, e.count(logged+"'imports.change_person' AND a.subject_id = $3", e.A.ID, e.h.Admin.ID, e.h.Staff.ID))
}

func TestWhoeverIsAddedHasItInTheirLog(t *testing.T) {
	e := setUp(t)
	e.bring(family()...)
	begun := func(table, given string) int {
		return e.count("SELECT count(*) FROM audit_entry a JOIN "+table+" s ON s.id = a.subject_id WHERE a.tenant_id = $1 AND s.given_name = $2 AND a.actor_id = $3 AND a.action = $4",
			e.A.ID, given, e.h.Admin.ID, map[string]string{"child": "imports.add_child", "person": "imports.add_person"}[table])
	}
	require.Equal(t, []int{1, 1, 1}, []int{begun("child", "Mila"), begun("child", "Finn"), begun("person", "Eva")})
	const changed = "SELECT count(*) FROM audit_entry WHERE tenant_id = $1 AND action LIKE 'imports.change%'"
	require.Zero(t, e.count(changed, e.A.ID), "that they are new says it all")
	rows := family()
	rows[1][6] = "7-7-2028"
	e.bring(rows...)
	require.Equal(t, []int{1, 1}, []int{begun("child", "Mila"), e.count(changed, e.A.ID)}, "known by then")
	e.bring([]string{"Voornaam", "Achternaam", "E-mail", "Groep"}, []string{"Ilse", "Bos", "ilse@voorbeeld.nl", "Kikkers"})
	require.Equal(t, 1, begun("person", "Ilse"))
}

func TestOneGuardianWithTwoTelephonesIsToldOf(t *testing.T) {
	e := setUp(t)
	eva := func(given, phone string) []string {
		return row("Voornaam", given, "Ouder 1 voornaam", "Eva", "Ouder 1 achternaam", "Bos", "Ouder 1 e-mail", "eva@voorbeeld.nl", "Ouder 1 telefoon", phone)
	}
	id := e.take(head, eva("Mila", ""), eva("Finn", "06 12 34 56 78"), eva("Noor", "06 87 65 43 21"), eva("Saar", "+31 6 12345678"))
	_, p := e.look(id)
	require.Equal(t, []string{"new", "new", "new warning.phone", "new"}, outcomes(p))
	require.Equal(t, imports.Problem{Cell: "L4", Value: "06 87 65 43 21", Key: "imports.warning.phone", Args: map[string]any{"Row": 4.0, "Kept": 3.0, "Name": "Eva Bos"}}, p.Lines[2].Warnings[0])
	e.apply(id)
	require.Equal(t, 1, e.count("SELECT count(*) FROM person WHERE tenant_id = $1 AND given_name = 'Eva' AND phone = '06 12 34 56 78'", e.A.ID))
}

func TestOneGuardianWithTwoAddressesIsWrongAtTheAddress(t *testing.T) {
	e := setUp(t)
	e.bring(family()...)
	rows := family()
	rows[2][10] = "eva.anders@voorbeeld.nl"
	_, p := e.look(e.take(rows...))
	require.Equal(t, []string{"wrong error.same_guardian", "wrong error.same_guardian"}, outcomes(p))
	require.Equal(t, []string{"K2", "K3"}, []string{p.Lines[0].Problems[0].Cell, p.Lines[1].Problems[0].Cell})
}

func TestNothingIsDoneInTheNameOfWhoWasDismissed(t *testing.T) {
	e := setUp(t)
	second := identitytest.NewPerson(t, e.Env, e.A, identitytest.Named("Ada", "Beheer"), identitytest.Role(actor.Admin))
	people, yesterday := identity.New(e.DB, identity.Config{}), e.A.DateOf(e.Clock.Now()).Add(-1)
	for _, leave := range []func() error{
		func() error { return people.Deactivate(second.Ctx(), e.h.Admin.ID) },
		func() error {
			_, err := people.Dismiss(second.Ctx(), e.h.Admin.Membership, yesterday, false)
			return err
		},
	} {
		id := e.take(family()...)
		require.NoError(t, e.s.Apply(e.ctx(), e.order(id)))
		require.NoError(t, leave())
		require.NoError(t, e.work(id), "a refusal is no failure of the worker")
		i, _ := e.look(id)
		require.Equal(t, imports.Refused, i.State)
		require.Equal(t, "imports.refusal.dismissed", i.Refusal)
		require.Zero(t, e.count("SELECT count(*) FROM child WHERE tenant_id = $1", e.A.ID))
		require.NoError(t, people.Activate(second.Ctx(), e.h.Admin.ID))
	}
}

func TestAnImportGivesNoRoleBackThatWasTaken(t *testing.T) {
	e := setUp(t)
	e.bring(family()...)
	eva := "SELECT count(*) FROM membership m JOIN person p ON p.id = m.person_id WHERE m.tenant_id = $1 AND p.given_name = 'Eva' AND m.role = 'parent'"
	e.exec("UPDATE membership SET valid_from = '2026-01-01', valid_to = '2026-10-01' WHERE tenant_id = $1 AND person_id = (SELECT id FROM person WHERE tenant_id = $1 AND email = 'eva@voorbeeld.nl')", e.A.ID)
	rows := family()
	for _, r := range rows[1:] {
		r[12] = "informatierecht"
	}
	e.bring(rows...)
	require.Equal(t, 1, e.count(eva, e.A.ID))
	require.Zero(t, e.count(eva+" AND m.valid_to IS NULL", e.A.ID))
}

func TestAnOpenScreenAppliesNoFile(t *testing.T) {
	e := setUp(t)
	id := e.take(family()...)
	o := e.order(id)
	old := e.h.Admin.Actor()
	old.ProvedAt = old.ProvedAt.Add(-identity.FreshTime - time.Second)
	require.True(t, identity.NeedsProof(e.s.Apply(actor.With(e.ctx(), old), o)))
	i, _ := e.look(id)
	require.Equal(t, imports.Draft, i.State)
	require.NoError(t, e.s.Apply(e.ctx(), o), "after the proof the same form goes through")
}
