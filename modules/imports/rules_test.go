package imports_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/imports"
)

func TestWhatIsWrongWithARowIsSaidAtTheCell(t *testing.T) {
	e := setUp(t)
	for name, c := range map[string]struct {
		row  []string
		want string
		cell string
	}{
		"a date":               {row("Geboortedatum", "8 juli 24"), "wrong error.date_year", "D2"},
		"no birthday":          {row("Geboortedatum", ""), "wrong error.required", "D2"},
		"no name":              {row("Voornaam", ""), "wrong error.required", "B2"},
		"a smile":              {row("Voornaam", "Mila 🎈"), "wrong identity.error.name_sign", "B2"},
		"an unknown group":     {row("Groep", "Padden"), "wrong error.no_group", "E2"},
		"a group and no start": {row("Startdatum", ""), "wrong error.required", "F2"},
		"an end before":        {row("Einddatum", "31-8-2025"), "wrong error.ends_before_start", "G2"},
		"before birth":         {row("Geboortedatum", "8-7-2026"), "wrong error.starts_before_birth", "F2"},
		"days":                 {row("Dagen", "ma, blauw"), "wrong error.day", "H2"},
		"an address":           {row("Ouder 1 voornaam", "Eva", "Ouder 1 e-mail", "eva@@voorbeeld"), "wrong error.email", "K2"},
		"a telephone":          {row("Ouder 1 voornaam", "Eva", "Ouder 1 telefoon", "geen"), "wrong identity.error.phone", "L2"},
		"a kind":               {row("Ouder 1 voornaam", "Eva", "Ouder 1 soort", "buurvrouw"), "wrong error.tie", "M2"},
		"a nameless guardian":  {row("Ouder 1 e-mail", "eva@voorbeeld.nl"), "wrong error.required", "I2"},
		"the same one twice":   {row("Ouder 1 voornaam", "Eva", "Ouder 1 e-mail", "eva@voorbeeld.nl", "Ouder 2 voornaam", "Eva", "Ouder 2 e-mail", "EVA@voorbeeld.nl"), "wrong error.guardian_twice", "N2"},
		"a mentor":             {row("Mentor", "niemand@voorbeeld.nl"), "wrong error.mentor", "Q2"},
		"too old":              {row("Geboortedatum", "8-7-2019"), "new warning.age", "F2"},
		"too old at the end":   {row("Einddatum", "1-12-2028"), "new warning.age_end", "G2"},
	} {
		t.Run(name, func(t *testing.T) {
			_, p := e.look(e.take(head, c.row))
			require.Equal(t, []string{c.want}, outcomes(p))
			problems := append(p.Lines[0].Problems, p.Lines[0].Warnings...)
			require.Equal(t, c.cell, problems[0].Cell)
			require.Equal(t, 2, p.Lines[0].Row)
		})
	}
}

func TestRowsThatContradictEachOtherAreWrongBoth(t *testing.T) {
	e := setUp(t)
	eva := []string{"Ouder 1 voornaam", "Eva", "Ouder 1 achternaam", "Jansen", "Ouder 1 e-mail", "eva@voorbeeld.nl"}
	finn := append([]string{"Voornaam", "Finn"}, eva...)
	for name, c := range map[string]struct {
		one, other []string
		want       string
	}{
		"one address, two names":   {row(eva...), row("Voornaam", "Finn", "Ouder 1 voornaam", "Jan", "Ouder 1 e-mail", "eva@voorbeeld.nl"), "wrong error.address_twice"},
		"one number, two children": {row("Kindnummer", "7"), row("Kindnummer", "7", "Voornaam", "Finn"), "wrong error.number_twice"},
		"two numbers, one child":   {row("Kindnummer", "7"), row("Kindnummer", "8"), "wrong error.two_numbers"},
		"one placement, two ends":  {row("Einddatum", "1-1-2027"), row("Einddatum", "1-2-2027"), "wrong error.placement_twice"},
		"two places at once":       {row(), row("Startdatum", "1-10-2025"), "wrong error.overlap_row"},
		"two ties of one guardian": {row(append(eva, "Ouder 1 soort", "gezag")...), row(append(eva, "Startdatum", "1-9-2024", "Einddatum", "1-8-2025", "Ouder 1 soort", "ophaler")...), "wrong error.two_ties"},
	} {
		t.Run(name, func(t *testing.T) {
			_, p := e.look(e.take(head, c.one, c.other))
			require.Equal(t, []string{c.want, c.want}, outcomes(p))
			require.EqualValues(t, 3, p.Lines[0].Problems[0].Args["Row"])
			require.EqualValues(t, 2, p.Lines[1].Problems[0].Args["Row"])
		})
	}
	t.Run("a sibling is no contradiction", func(t *testing.T) {
		_, p := e.look(e.take(head, row(eva...), row(finn...)))
		require.Equal(t, []string{"new", "new"}, outcomes(p))
	})
	t.Run("nor is the same row again", func(t *testing.T) {
		_, p := e.look(e.take(head, row(eva...), row(eva...)))
		require.Equal(t, []string{"new", "unchanged note.same_placement"}, outcomes(p))
	})
	t.Run("but what it repeats has to be right", func(t *testing.T) {
		_, p := e.look(e.take(head, row(append(eva, "Ouder 1 telefoon", "geen")...), row(eva...)))
		require.Equal(t, []string{"wrong identity.error.phone", "wrong error.same_wrong"}, outcomes(p))
	})
	t.Run("a mentor counts when the first row that names one is wrong", func(t *testing.T) {
		_, p := e.look(e.take(head, row("Startdatum", "1-9-2024", "Einddatum", "31-8-2024", "Mentor", e.h.Staff.Email), row("Mentor", e.h.Staff.Email)))
		require.Equal(t, "mentor", string(p.Lines[1].Changes[len(p.Lines[1].Changes)-1].Field))
	})
	t.Run("the rows that are right are applied without the wrong ones", func(t *testing.T) {
		i := e.bring(head, row("Kindnummer", "7", "Voornaam", "Goed"), row("Kindnummer", "8", "Voornaam", "Fout", "Geboortedatum", "gisteren"))
		require.Equal(t, imports.Counts{New: 1, Wrong: 1}, i.Counts)
		require.Equal(t, 1, e.count("SELECT count(*) FROM child WHERE tenant_id = $1 AND given_name IN ('Goed', 'Fout')", e.A.ID))
	})
}

func TestAClosedGroupTakesNobody(t *testing.T) {
	e := setUp(t)
	e.exec("UPDATE care_group SET closed_on = '2026-12-31' WHERE tenant_id = $1", e.A.ID)
	_, p := e.look(e.take(head, row("Kindnummer", "1"), row("Kindnummer", "2", "Voornaam", "Finn", "Einddatum", "31-12-2026")))
	require.Equal(t, []string{"wrong error.group_closed", "new"}, outcomes(p))
}

func TestNobodyIsMergedByAGuess(t *testing.T) {
	e := setUp(t)
	born := e.A.DateOf(e.Clock.Now()).Add(-800)
	mila := e.h.AddChild("Mila", e.h.Group) // Jansen, born 800 days ago
	e.h.AddChild("Tweeling", e.h.Group)
	e.h.AddChild("Tweeling", e.h.Group)
	mother := e.h.AddParent("Eva", mila)
	stranger := identitytest.NewPerson(t, e.Env, e.A, identitytest.Named("Jan", "de Boer"), identitytest.Email("jan@voorbeeld.nl"))
	child := func(pairs ...string) []string {
		return row(append([]string{"Achternaam", "Jansen", "Geboortedatum", string(born), "Startdatum", "", "Groep", "", "Dagen", ""}, pairs...)...)
	}
	e.bring(head, child("Kindnummer", "55"))
	for name, c := range map[string]struct {
		row  []string
		want string
	}{
		"the same child":                   {child(), "unchanged"},
		"another family name":              {child("Achternaam", "de Wit"), "new warning.alike"},
		"her number, with her new name":    {child("Kindnummer", "55", "Achternaam", "de Wit"), "changed"},
		"her number, at somebody else":     {child("Kindnummer", "55", "Voornaam", "Bram", "Achternaam", "Bos"), "wrong error.number_of_other"},
		"her name, with another number":    {child("Kindnummer", "56"), "wrong error.has_number"},
		"a name that two have":             {child("Voornaam", "Tweeling"), "wrong error.child_ambiguous"},
		"the address of somebody else":     {child("Ouder 1 voornaam", "Piet", "Ouder 1 e-mail", stranger.Email), "wrong error.address_of_other"},
		"somebody known, at last her own":  {child("Ouder 1 voornaam", "Jan", "Ouder 1 achternaam", "de Boer", "Ouder 1 e-mail", stranger.Email), "changed"},
		"another address for who signs in": {child("Ouder 1 voornaam", "Eva", "Ouder 1 achternaam", "Jansen", "Ouder 1 e-mail", "nieuw@voorbeeld.nl"), "wrong error.address_in_use"},
		"the mother, without an address":   {child("Ouder 1 voornaam", "eva", "Ouder 1 achternaam", "JANSEN"), "changed"},
	} {
		t.Run(name, func(t *testing.T) {
			_, p := e.look(e.take(head, c.row))
			require.Equal(t, []string{c.want}, outcomes(p), "%+v", p.Lines[0].Changes)
		})
	}
	require.NotEqual(t, ids.Nil, mother.ID)
}

func TestABlockedTieStaysBlocked(t *testing.T) {
	e := setUp(t)
	mila := e.h.AddChild("Mila", e.h.Group)
	ralf := identitytest.NewPerson(t, e.Env, e.A, identitytest.Named("Ralf", "Stokman"), identitytest.Email("ralf@voorbeeld.nl"), identitytest.Role(actor.Parent))
	tie := e.h.Tie(ralf, mila, children.Authority, e.A.DateOf(e.Clock.Now()).Add(-100), "")
	require.NoError(t, e.h.Service.Block(e.ctx(), tie, "uitspraak"))
	child := func(pairs ...string) []string {
		return row(append([]string{"Achternaam", "Jansen", "Geboortedatum", string(e.A.DateOf(e.Clock.Now()).Add(-800)), "Startdatum", "", "Groep", "", "Dagen", "", "Ouder 1 voornaam", "Ralf", "Ouder 1 achternaam", "Stokman"}, pairs...)...)
	}
	_, p := e.look(e.take(head, child("Ouder 1 e-mail", "ralf@voorbeeld.nl", "Ouder 1 soort", "informatierecht")))
	require.Equal(t, []string{"unchanged note.blocked"}, outcomes(p))
	_, p = e.look(e.take(head, child()))
	require.Equal(t, []string{"unchanged note.blocked"}, outcomes(p))
	_, p = e.look(e.take(head, child("Ouder 1 e-mail", "ralf2@voorbeeld.nl")))
	require.Equal(t, []string{"wrong error.address_blocked"}, outcomes(p), "no way in under another address")
}

func TestATieThatWasEndedComesBackOnlyWhenAccepted(t *testing.T) {
	e := setUp(t)
	mila := e.h.AddChild("Mila", e.h.Group)
	jan := identitytest.NewPerson(t, e.Env, e.A, identitytest.Named("Jan", "Jansen"), identitytest.Email("jan@voorbeeld.nl"))
	today := e.A.DateOf(e.Clock.Now())
	e.h.Tie(jan, mila, children.Authority, today.Add(-100), today.Add(-10))
	id := e.take(head, row("Achternaam", "Jansen", "Geboortedatum", string(today.Add(-800)), "Startdatum", "", "Groep", "", "Dagen", "", "Ouder 1 voornaam", "Jan", "Ouder 1 achternaam", "Jansen", "Ouder 1 e-mail", "jan@voorbeeld.nl"))
	_, p := e.look(id)
	require.Equal(t, []string{"changed warning.tie_again"}, outcomes(p))
	o := e.order(id)
	o.Accepted = false
	require.ErrorContains(t, e.s.Apply(e.ctx(), o), "imports.error.accept")
}

func TestColumnsAreRememberedByTheirHeaders(t *testing.T) {
	e := setUp(t)
	file := [][]string{{"Roepnaam", "Van wie", "Geb", "Opvang in", "Sinds"}, {"Mila", "van Dijk", "8-7-2024", "Kikkers", "1-9-2025"}}
	id := e.take(file...)
	i, p := e.look(id)
	require.Equal(t, []imports.Field{"birth_on"}, p.Missing)
	require.ErrorContains(t, e.s.Map(e.ctx(), id, i.Kind, imports.Mapping{"given_name", "given_name", "birth_on", "", ""}), "kolom_1=imports.error.column_twice")
	require.NoError(t, e.s.Map(e.ctx(), id, i.Kind, imports.Mapping{"given_name", "family_name", "birth_on", "group", "starts_on"}))
	_, p = e.look(id)
	require.Equal(t, []string{"new"}, outcomes(p))
	_, p = e.look(e.take([]string{"Sinds", "Roepnaam", "Geb", "Opvang in", "Van wie"}, []string{"1-9-2025", "Mila", "8-7-2024", "Kikkers", "van Dijk"}))
	require.Equal(t, []string{"new"}, outcomes(p), "in another order as well")
	other := e.elsewhere()
	strange, err := e.s.Take(other, imports.Upload{FileName: "x.csv", Content: []byte(strings.Join(file[0], ";") + "\n" + strings.Join(file[1], ";"))})
	require.NoError(t, err)
	_, p, err = e.s.Find(other, strange)
	require.NoError(t, err)
	require.NotEmpty(t, p.Missing, "what one organisation said is nothing to another")
}
