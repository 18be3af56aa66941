package identity_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/tenants"
)

func TestContacts(t *testing.T) {
	e := dbtest.New(t)
	s := identity.New(e.DB, identity.Config{})
	mila, gone := parent(t, e, identitytest.Named("Mila", "Jansen"), identitytest.Speaks("en")), parent(t, e, identitytest.Email(""))
	foreign, former := identitytest.NewPerson(t, e, e.B), parent(t, e)
	require.NoError(t, s.EndMembership(in(e.A), former.Membership, former.Tenant.DateOf(e.Clock.Now())))
	e.Clock.Advance(24 * time.Hour) // after the last day
	require.NoError(t, s.Deactivate(system(e.A), gone.ID))
	require.NoError(t, e.DB.Read(in(e.A), func(ctx context.Context, tx tenants.Reader) error {
		found, err := identity.Contacts(ctx, tx, []ids.ID{mila.ID, gone.ID, former.ID, foreign.ID, ids.New()})
		require.NoError(t, err)
		require.Equal(t, map[ids.ID]identity.Contact{
			mila.ID:   {PersonID: mila.ID, GivenName: "Mila", Name: "Mila Jansen", Email: mila.Email, Language: "en", Active: true},
			gone.ID:   {PersonID: gone.ID, GivenName: "Sanne", Name: "Sanne de Boer", Language: "nl"},
			former.ID: {PersonID: former.ID, GivenName: "Sanne", Name: "Sanne de Boer", Email: former.Email, Language: "nl"},
		}, found)
		none, err := identity.Contacts(ctx, tx, nil)
		require.Empty(t, none)
		return err
	}))
}

func TestAddPersonChecks(t *testing.T) {
	e := dbtest.New(t)
	s := identity.New(e.DB, identity.Config{})
	who := parent(t, e)
	for name, draft := range map[string]identity.Draft{
		"no name":       {},
		"blank name":    {GivenName: " \t "},
		"bad address":   {GivenName: "Mila", Email: "mila@"},
		"two addresses": {GivenName: "Mila", Email: "a@example.test, b@example.test"},
		"bad language":  {GivenName: "Mila", Language: "xx"},
		"address taken": {GivenName: "Mila", Email: " " + who.Email},
	} {
		_, err := s.AddPerson(in(e.A), draft)
		require.Error(t, err, name)
		require.Equal(t, "error.invalid", faultKey(err), name)
	}
	p, err := s.AddPerson(in(e.B), identity.Draft{GivenName: " Mila ", Email: who.Email})
	require.NoError(t, err, "an address is unique within one organisation")
	require.Equal(t, "Mila", p.Name())
	_, err = s.AddMembership(in(e.A), who.ID, "role:parent", "", "")
	require.Equal(t, "identity.error.membership_taken", faultKey(err))
	_, err = s.AddMembership(in(e.A), who.ID, "role:system", "", "")
	require.Equal(t, "identity.error.role", faultKey(err))
	_, err = s.AddMembership(in(e.B), who.ID, "role:admin", "", "")
	require.Equal(t, "error.not_found", faultKey(err))
}
