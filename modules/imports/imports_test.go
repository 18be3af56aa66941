package imports_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/imports"
)

func family() [][]string {
	return [][]string{head,
		row("Kindnummer", "101", "Ouder 1 voornaam", "Eva", "Ouder 1 achternaam", "van Dijk", "Ouder 1 e-mail", "Eva@Voorbeeld.nl", "Ouder 2 voornaam", "Opa", "Ouder 2 achternaam", "Jan"),
		row("Kindnummer", "102", "Voornaam", "Finn", "Geboortedatum", "1 mei 2023", "Ouder 1 voornaam", "Eva", "Ouder 1 achternaam", "van Dijk", "Ouder 1 e-mail", "eva@voorbeeld.nl", "Ouder 1 telefoon", "06 12 34 56 78"),
	}
}

func TestAPlanningIsTakenInOnce(t *testing.T) {
	e := setUp(t)
	rows := family()
	rows[1][16] = e.h.Staff.Email
	id := e.take(rows...)
	i, p := e.look(id)
	require.Equal(t, []string{"new", "new"}, outcomes(p))
	require.Equal(t, imports.Planning, i.Kind)
	require.Equal(t, 0, e.count("SELECT count(*) FROM child WHERE tenant_id = $1", e.A.ID), "looking writes nothing")

	done := e.apply(id)
	require.Equal(t, imports.Done, done.State, done.Refusal)
	require.Equal(t, 100, done.Percent())
	require.Nil(t, done.Content)
	require.Equal(t, 2, e.count("SELECT count(*) FROM child WHERE tenant_id = $1", e.A.ID))
	require.Equal(t, 3, e.count("SELECT count(*) FROM guardianship WHERE tenant_id = $1 AND kind = 'gezag'", e.A.ID))
	require.Equal(t, 1, e.count("SELECT count(*) FROM person WHERE tenant_id = $1 AND email = 'eva@voorbeeld.nl' AND phone = '06 12 34 56 78' AND language = 'nl'", e.A.ID))
	require.Equal(t, 2, e.count("SELECT count(*) FROM membership m JOIN person p ON p.id = m.person_id WHERE m.tenant_id = $1 AND m.role = 'parent' AND p.given_name IN ('Eva', 'Opa')", e.A.ID))
	require.Equal(t, 2, e.count("SELECT count(*) FROM placement_day WHERE tenant_id = $1 AND weekday = 2 AND from_time = '07:30' AND to_time = '18:30'", e.A.ID), "the hours of the house")
	require.Equal(t, 1, e.count("SELECT count(*) FROM mentorship WHERE tenant_id = $1 AND person_id = $2 AND valid_to IS NULL", e.A.ID, e.h.Staff.ID))
	require.Equal(t, 2, e.count("SELECT count(*) FROM child_number WHERE tenant_id = $1", e.A.ID))
	require.Equal(t, 1, e.count("SELECT count(*) FROM audit_entry WHERE tenant_id = $1 AND action = 'imports.apply' AND actor_id = $2", e.A.ID, e.h.Admin.ID))
	require.NotZero(t, e.count("SELECT count(*) FROM event WHERE tenant_id = $1 AND name = 'children.family_changed'", e.A.ID), "whoever plans by families hears of it")
	require.Zero(t, e.count("SELECT count(*) FROM child WHERE tenant_id = $1", e.B.ID))

	t.Run("a worker that runs it again changes nothing", func(t *testing.T) {
		before := e.count("SELECT count(*) FROM audit_entry WHERE tenant_id = $1", e.A.ID)
		require.NoError(t, e.work(id))
		require.Equal(t, before, e.count("SELECT count(*) FROM audit_entry WHERE tenant_id = $1", e.A.ID))
	})
	t.Run("the same file again has nothing to do", func(t *testing.T) {
		again := e.take(rows...)
		i, p := e.look(again)
		require.Equal(t, []string{"unchanged", "unchanged"}, outcomes(p))
		require.Zero(t, i.Counts.Changes())
		err := e.s.Apply(e.ctx(), e.order(again))
		require.Equal(t, fault.Invalid, fault.CodeOf(err))
	})
	t.Run("a row that is missing ends nothing", func(t *testing.T) {
		again := e.take(rows[:2]...)
		_, p := e.look(again)
		require.Equal(t, []string{"unchanged"}, outcomes(p))
	})
	t.Run("another organisation does not see it", func(t *testing.T) {
		_, _, err := e.s.Find(e.elsewhere(), id)
		require.Equal(t, fault.Missing, fault.CodeOf(err))
	})
}

func TestChangesAreNamed(t *testing.T) {
	e := setUp(t)
	e.bring(family()...)
	rows := family()
	rows[1] = row("Kindnummer", "101", "Achternaam", "van Dijk-Bos", "Einddatum", "7-7-2028", "Dagen", "ma 07:30-18:00; wo 08:00-12:00",
		"Ouder 1 voornaam", "Eva", "Ouder 1 achternaam", "Bos", "Ouder 1 e-mail", "eva@voorbeeld.nl", "Ouder 1 soort", "informatierecht", "Mentor", e.h.Staff.Email)
	rows[2] = row("Kindnummer", "102", "Voornaam", "Finn", "Geboortedatum", "1-5-2023", "Startdatum", "1-10-2025", "Ouder 1 voornaam", "Eva", "Ouder 1 achternaam", "Bos", "Ouder 1 e-mail", "eva@voorbeeld.nl")
	id := e.take(rows...)
	i, p := e.look(id)
	require.Equal(t, imports.Counts{Changed: 2}, i.Counts)
	require.Equal(t, []imports.Change{
		{Field: "family_name", Old: "van Dijk", New: "van Dijk-Bos"},
		{Field: "ends_on", New: "2028-07-07"},
		{Field: "days", Old: "1 07:30-18:00, 2 07:30-18:30", New: "1 07:30-18:00, 3 08:00-12:00"},
		{Field: "family_name", Of: "Eva van Dijk", Old: "van Dijk", New: "Bos"},
		{Field: "kind", Of: "Eva Bos", Old: "gezag", New: "informatierecht"},
		{Field: "mentor", New: "Sanne de Groot"},
	}, p.Lines[0].Changes)
	require.Equal(t, []imports.Change{{Field: "starts_on", Old: "2025-09-01", New: "2025-10-01"}}, p.Lines[1].Changes, "the placement was moved, not doubled")
	done := e.apply(id)
	require.Equal(t, imports.Done, done.State, done.Refusal)
	require.Equal(t, 2, e.count("SELECT count(*) FROM placement WHERE tenant_id = $1", e.A.ID))
	require.Equal(t, 2, e.count("SELECT count(*) FROM audit_entry WHERE tenant_id = $1 AND action = 'imports.change_child'", e.A.ID))
	_, p = e.look(e.take(rows...))
	require.Equal(t, []string{"unchanged", "unchanged"}, outcomes(p))
}

func TestADoubleClickAppliesOnce(t *testing.T) {
	e := setUp(t)
	o := e.order(e.take(family()...))
	require.NoError(t, e.s.Apply(e.ctx(), o))
	require.NoError(t, e.s.Apply(e.ctx(), o))
	require.Equal(t, 1, e.count("SELECT count(*) FROM event WHERE tenant_id = $1 AND name = 'imports.import_queued'", e.A.ID))
	o.FormKey = ids.New()
	require.Equal(t, fault.Conflict, fault.CodeOf(e.s.Apply(e.ctx(), o)))
}
