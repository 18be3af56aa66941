package messages

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

// move makes somebody one of another household of a child.
func (o *office) move(who identitytest.Someone, child ids.ID, household int) {
	o.t.Helper()
	_, err := o.e.Owner(o.t).Exec(o.t.Context(), "UPDATE guardianship SET household = $3 WHERE person_id = $1 AND child_id = $2", who.ID, child, household)
	require.NoError(o.t, err)
}

// mailed tells how many of the people get a mail about a message as its item writes it now.
func (o *office) mailed(compose func(context.Context, tenants.Reader, []notifications.Telling) (map[ids.ID]notifications.Letter, error), message ids.ID, people ...identitytest.Someone) int {
	o.t.Helper()
	words, err := i18n.Load(Locales)
	require.NoError(o.t, err)
	var to []notifications.Telling
	for _, who := range people {
		t := notifications.Telling{DeliveryID: ids.New(), SubjectID: message, Words: words.For("nl")}
		t.Person.PersonID = who.ID
		to = append(to, t)
	}
	var letters map[ids.ID]notifications.Letter
	require.NoError(o.t, o.e.DB.Read(o.system(), func(ctx context.Context, tx tenants.Reader) (err error) {
		letters, err = compose(ctx, tx, to)
		return err
	}))
	return len(letters)
}

func TestWhoMovesOutReadsNoFurther(t *testing.T) {
	o := newOffice(t)
	mila := o.AddChild("Mila", o.Group)
	eva, adam := o.AddParent("Eva", mila), o.AddParent("Adam", mila)
	own := o.begin(adam, mila, "Luiers", "Ze zijn op")
	message := o.address(o.Staff, o.mailing(ToChild, mila))
	o.wait()
	shared, err := o.s.ThreadOf(o.Staff.Ctx(), message)
	require.NoError(t, err)
	require.Len(t, o.bodies(adam, shared), 1)
	require.Equal(t, 2, o.mailed(o.s.composeForGuardians, message, eva, adam))

	o.move(adam, mila, 2)
	o.hidden(adam, shared, "he is of another household now")
	require.Len(t, o.bodies(eva, shared), 1)
	require.Equal(t, 1, o.mailed(o.s.composeForGuardians, message, eva, adam), "no mail that still had to go")
	o.answer(eva, shared, "We zijn verhuisd naar de Dorpsstraat.")
	o.answer(o.Staff, shared, "Genoteerd.")
	o.wait()
	require.Len(t, o.bodies(eva, shared), 3)
	require.Equal(t, 0, o.count(`SELECT count(*) FROM notification n JOIN message m ON m.id = n.subject_id WHERE n.person_id = $1 AND m.thread_id = $2 AND m.id <> $3`, adam.ID, shared, message))
	require.Len(t, o.bodies(adam, own), 1, "what he shares with nobody stays his")
}
