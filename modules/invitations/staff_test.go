package invitations_test

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/mail"
	"ouderportaal/internal/mailcatcher"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/invitations"
	"ouderportaal/tenants"
)

// staffState is how far the invitation of a colleague has come; empty for who is not to be invited.
func (o *office) staffState(t testing.TB, person ids.ID) invitations.State {
	t.Helper()
	i, err := o.OfStaff(o.Admin.Ctx(), person)
	require.NoError(t, err)
	if i == nil {
		return ""
	}
	return i.State
}

func TestWhoIsHiredIsInvited(t *testing.T) {
	e := dbtest.New(t)
	o := newOffice(t, e, e.A)
	id, err := o.House.Service.Hire(o.Admin.Ctx(), identity.Draft{GivenName: "Ilse", FamilyName: "Bos", Email: "ilse@example.test"}, o.Group, o.today())
	require.NoError(t, err)
	o.work(t)
	require.Equal(t, invitations.Sent, o.staffState(t, id))
	mails := o.catcher.To("ilse@example.test")
	require.Len(t, mails, 1, "once, though every worker ran twice")
	require.Contains(t, mails[0].Parsed().Text, "tweede stap")
	ilse := identitytest.Someone{Person: &identity.Person{ID: id, Email: "ilse@example.test"}, Tenant: o.Tenant}
	token := o.token(t, ilse)

	t.Run("and again when asked", func(t *testing.T) {
		require.NoError(t, o.InviteStaff(o.Admin.Ctx(), id, ""))
		require.Equal(t, fault.Conflict, fault.CodeOf(o.InviteStaff(o.Admin.Ctx(), id, "")), "one is under way")
		problem, ok := fault.As(o.InviteStaff(o.Admin.Ctx(), id, ids.Nil.String()))
		require.True(t, ok)
		require.Equal(t, "invitations.error.meanwhile", problem.Key, "a screen of before the mail")
		o.work(t)
		require.Len(t, o.catcher.To("ilse@example.test"), 2)
		other := newOffice(t, e, e.B)
		require.Equal(t, fault.Conflict, fault.CodeOf(other.InviteStaff(other.Admin.Ctx(), id, "")))
	})
	t.Run("and has fourteen days, after which a new link may be asked for", func(t *testing.T) {
		e.Clock.Advance(invitations.LinkTime + time.Minute)
		require.Equal(t, invitations.Expired, o.staffState(t, id))
		require.NoError(t, o.accounts.RenewActivation(tenants.With(context.Background(), o.Tenant), token, netip.MustParseAddr("192.0.2.9")))
		o.work(t)
		require.Len(t, o.catcher.To("ilse@example.test"), 3)
		require.Equal(t, invitations.Sent, o.staffState(t, id))
	})
	t.Run("and must set up a second factor before anything else", func(t *testing.T) {
		in, err := o.accounts.ActivateAccount(tenants.With(context.Background(), o.Tenant), identity.Reset{Token: o.token(t, ilse), Password: password})
		require.NoError(t, err)
		require.Equal(t, actor.Enrolling, in.Actor.Role)
		o.work(t)
		require.Equal(t, invitations.Activated, o.staffState(t, id))
		require.Equal(t, fault.Conflict, fault.CodeOf(o.InviteStaff(o.Admin.Ctx(), id, "")))
		o.sweep(t)
		require.Len(t, o.catcher.To("ilse@example.test"), 3)
	})
}

func TestWhoGetsARoleLaterIsInvitedThen(t *testing.T) {
	e := dbtest.New(t)
	o := newOffice(t, e, e.A)
	later := identitytest.NewPerson(t, e, e.A, identitytest.Named("Mo", "de Groot"))
	require.NoError(t, o.House.Service.Appoint(o.Admin.Ctx(), later.ID, actor.Manager, o.today().Add(3), "", []ids.ID{o.Location}))
	o.work(t)
	o.sweep(t)
	require.Equal(t, invitations.Planned, o.staffState(t, later.ID))
	require.Empty(t, o.catcher.To(later.Email))
	e.Clock.Advance(3 * 24 * time.Hour)
	o.sweep(t)
	o.sweep(t)
	require.Len(t, o.catcher.To(later.Email), 1)

	t.Run("and at a corrected address, where the old link is void", func(t *testing.T) {
		old := o.token(t, later)
		require.NoError(t, o.House.Service.EditPerson(o.Admin.Ctx(), later.ID, identity.Draft{GivenName: "Mo", FamilyName: "de Groot", Email: "mo@example.test"}, 1))
		o.work(t)
		require.Len(t, o.catcher.To("mo@example.test"), 1)
		_, err := o.accounts.ActivateAccount(tenants.With(context.Background(), o.Tenant), identity.Reset{Token: old, Password: password})
		require.Equal(t, fault.Gone, fault.CodeOf(err))
	})
	t.Run("a parent, or who has an account, is not", func(t *testing.T) {
		mother := o.AddParent("Eva", o.AddChild("Mila", o.Group))
		require.NoError(t, o.House.Service.Appoint(o.Admin.Ctx(), mother.ID, actor.Staff, o.today(), "", nil))
		o.work(t)
		require.Empty(t, o.catcher.To(mother.Email))
		require.Equal(t, invitations.State(""), o.staffState(t, mother.ID), "no row says nothing of who had an account before")
		require.Equal(t, invitations.Uninvited, o.staffState(t, o.Admin.ID), "who was here before is not mailed unasked")
	})
}

func TestWhoseLinkExpiredIsInvitedAgainByANewRole(t *testing.T) {
	e := dbtest.New(t)
	o := newOffice(t, e, e.A)
	id, err := o.House.Service.Hire(o.Admin.Ctx(), identity.Draft{GivenName: "Ilse", FamilyName: "Bos", Email: "ilse@example.test"}, o.Group, o.today())
	require.NoError(t, err)
	o.work(t)
	manage := func() {
		admin := o.Admin.Actor()
		admin.ProvedAt = e.Clock.Now()
		ctx := actor.With(tenants.With(context.Background(), o.Tenant), admin)
		require.NoError(t, o.House.Service.Appoint(ctx, id, actor.Manager, o.today(), o.today(), []ids.ID{o.Location}))
		o.work(t)
	}
	manage()
	require.Len(t, o.catcher.To("ilse@example.test"), 1, "the link that went still works")
	e.Clock.Advance(invitations.LinkTime + time.Minute)
	manage()
	require.Len(t, o.catcher.To("ilse@example.test"), 2)
	require.Equal(t, invitations.Sent, o.staffState(t, id))
}

func TestALinkToWorkOutlivesWhatIsCalledOffForAParent(t *testing.T) {
	e := dbtest.New(t)
	o := newOffice(t, e, e.A)
	id, err := o.House.Service.Hire(o.Admin.Ctx(), identity.Draft{GivenName: "Ilse", FamilyName: "Bos", Email: "ilse@example.test"}, o.Group, o.today())
	require.NoError(t, err)
	o.work(t)
	ilse := identitytest.Someone{Person: &identity.Person{ID: id, Email: "ilse@example.test"}, Tenant: o.Tenant}
	token := o.token(t, ilse)
	mila := o.child(t, "Mila", o.today().Add(100))
	o.Tie(ilse, mila, children.Authority, o.today(), "")
	o.tell(t, mila)
	require.Equal(t, []string{"planned"}, o.states(t, ilse))
	o.change(t, mila, "cancelled_at = now()")
	require.Equal(t, []string{"cancelled placement_cancelled"}, o.states(t, ilse))
	_, err = o.accounts.ActivateAccount(tenants.With(context.Background(), o.Tenant), identity.Reset{Token: token, Password: password})
	require.NoError(t, err)
}

// interrupted is a sender during whose first mail something else happens.
type interrupted struct {
	mail.Sender
	meanwhile func()
}

func (s *interrupted) Send(ctx context.Context, list []mail.Message) []error {
	if do := s.meanwhile; do != nil {
		s.meanwhile = nil
		do()
	}
	return s.Sender.Send(ctx, list)
}

func TestAnAddressThatIsCorrectedWhileTheMailGoesIsMailed(t *testing.T) {
	e := dbtest.New(t)
	catcher, err := mailcatcher.Start(mailcatcher.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { catcher.Close() })
	smtp, err := mail.NewSMTP(mail.Config{URL: catcher.URL(), From: mail.Address{Name: "Ouderportaal", Addr: "post@ouderportaal.test"}})
	require.NoError(t, err)
	t.Cleanup(smtp.Close)
	sender := &interrupted{Sender: smtp}
	o := newOfficeWith(t, e, e.A, sender, catcher)
	id, err := o.House.Service.Hire(o.Admin.Ctx(), identity.Draft{GivenName: "Ilse", FamilyName: "Bos", Email: "ilsse@example.test"}, o.Group, o.today())
	require.NoError(t, err)
	sender.meanwhile = func() {
		require.NoError(t, o.House.Service.EditPerson(o.Admin.Ctx(), id, identity.Draft{GivenName: "Ilse", FamilyName: "Bos", Email: "ilse@example.test"}, 1))
		o.work(t)
	}
	o.work(t)
	require.Len(t, catcher.To("ilse@example.test"), 1)
	require.Equal(t, invitations.Sent, o.staffState(t, id))
}

func TestWhoStartsLaterIsInvitedOnTheFirstDay(t *testing.T) {
	e := dbtest.New(t)
	o := newOffice(t, e, e.A)
	id, err := o.House.Service.Hire(o.Admin.Ctx(), identity.Draft{GivenName: "Ilse", FamilyName: "Bos", Email: "ilse@example.test"}, o.Group, o.today().Add(3))
	require.NoError(t, err)
	o.work(t)
	o.sweep(t)
	require.Equal(t, invitations.Planned, o.staffState(t, id))
	require.Empty(t, o.catcher.To("ilse@example.test"))
	e.Clock.Advance(3 * 24 * time.Hour)
	o.sweep(t)
	require.Len(t, o.catcher.To("ilse@example.test"), 1)
}

func TestMoreColleaguesThanGoAtOnceAreAllStarted(t *testing.T) {
	e := dbtest.New(t)
	o := newOffice(t, e, e.A)
	const many = 230
	o.exec(t, `INSERT INTO person (tenant_id, id, given_name, family_name, email, created_at) SELECT $1, ('00000000-0000-7000-b000-' || lpad(n::text, 12, '0'))::uuid,
		'Collega', n::text, 'collega' || n || '@a.example', now() FROM generate_series(1, $2::int) n`, e.A.ID, many)
	o.exec(t, `INSERT INTO membership (tenant_id, id, person_id, role, valid_from, created_at) SELECT $1, gen_random_uuid(), id, 'staff', $2::date, now() FROM person
		WHERE tenant_id = $1 AND email LIKE 'collega%'`, e.A.ID, string(o.today()))
	o.exec(t, `INSERT INTO staff_invitation (tenant_id, id, person_id, state, reason, address, created_at, changed_at) SELECT $1, gen_random_uuid(), id, 'planned', '', '', now(), now() FROM person
		WHERE tenant_id = $1 AND email LIKE 'collega%'`, e.A.ID)
	require.NoError(t, o.Sweep(o.system()))
	var started int
	require.NoError(t, o.owner.QueryRow(t.Context(), "SELECT count(*) FROM staff_invitation WHERE tenant_id = $1 AND state = 'due'", e.A.ID).Scan(&started))
	require.Equal(t, many, started)
}
