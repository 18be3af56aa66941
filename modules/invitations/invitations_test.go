package invitations_test

import (
	"context"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/paging"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/invitations"
	"ouderportaal/tenants"
)

func TestInvitedSixWeeksBeforeTheFirstDay(t *testing.T) {
	e := dbtest.New(t)
	o := newOffice(t, e, e.A)
	first := o.today().Add(60)
	mila := o.child(t, "Mila", first)
	mother, father := o.guardian(t, "Roos", mila), o.guardian(t, "Jasper", mila)
	o.work(t)
	require.Equal(t, []string{"planned"}, o.states(t, mother))

	o.until(t, first.Add(-42), "08:59")
	require.Zero(t, o.mails(mother), "a minute too soon")
	o.until(t, first.Add(-42), "09:01")
	require.Equal(t, 1, o.mails(mother))
	require.Equal(t, 1, o.mails(father))
	require.Equal(t, []string{"sent"}, o.states(t, father))
	o.until(t, first.Add(-10), "12:00")
	o.until(t, first, "12:00")
	require.Equal(t, 1, o.mails(mother), "never a second one")

	m := o.catcher.To(mother.Email)[0].Parsed()
	require.Equal(t, "Je account bij "+e.A.Name, m.Subject)
	require.Contains(t, m.Text, "is de eerste dag van Mila")
	require.Contains(t, m.Text, "Je gebruikersnaam is "+mother.Email)
	require.Contains(t, m.HTML, "https://"+e.A.Slug+".ouderportaal.test/activeren/"+o.token(t, mother))
	other := newOffice(t, e, e.B)
	other.sweep(t)
	require.Empty(t, other.catcher.Messages())
}

func TestWhatIsLateGoesAtOnceAndOnce(t *testing.T) {
	e := dbtest.New(t)
	o := newOffice(t, e, e.A)
	twins := []ids.ID{o.child(t, "Noor", o.today().Add(7)), o.child(t, "Bram", o.today().Add(7))}
	older := o.AddChild("Saar", o.Group) // in care for a hundred days
	mother := o.guardian(t, "Roos", append(twins, older)...)
	o.work(t)
	require.Equal(t, 1, o.mails(mother), "one mail for all that is due")
	require.Len(t, o.states(t, mother), 3)
	text := o.catcher.To(mother.Email)[0].Parsed().Text
	require.Contains(t, text, "Saar")
	require.Contains(t, text, "Bram")

	t.Run("a brother who starts later has a mail of his own, unless she has an account by then", func(t *testing.T) {
		start := o.today().Add(100)
		brother := o.child(t, "Teun", start)
		o.Tie(mother, brother, children.Authority, o.today(), "")
		o.work(t)
		require.Equal(t, 1, o.mails(mother))
		in, err := o.accounts.ActivateAccount(tenants.With(context.Background(), o.Tenant), identity.Reset{Token: o.token(t, mother), Password: password})
		require.NoError(t, err)
		require.Equal(t, mother.ID, in.Actor.PersonID)
		o.work(t)
		require.Equal(t, []string{"activated", "activated", "activated", "unneeded"}, o.states(t, mother))
		o.until(t, start.Add(-42), "10:00")
		require.Equal(t, 1, o.mails(mother))
	})
}

func TestAMovedStartMovesAMailThatDidNotGo(t *testing.T) {
	e := dbtest.New(t)
	o := newOffice(t, e, e.A)
	first := o.today().Add(50)
	mila := o.child(t, "Mila", first)
	mother := o.guardian(t, "Roos", mila)
	o.work(t)
	later := first.Add(30)
	o.change(t, mila, "starts_on = '"+string(later)+"'")
	require.Equal(t, []string{"superseded moved", "planned"}, o.states(t, mother))
	o.until(t, first.Add(-42), "10:00")
	require.Zero(t, o.mails(mother))
	o.until(t, later.Add(-42), "10:00")
	require.Equal(t, 1, o.mails(mother))
	o.change(t, mila, "starts_on = '"+string(later.Add(60))+"'")
	o.until(t, later.Add(18), "10:00")
	require.Equal(t, 1, o.mails(mother), "what went is not sent again")
}

func TestCalledOff(t *testing.T) {
	e := dbtest.New(t)
	o := newOffice(t, e, e.A)
	first := o.today().Add(50)
	for name, c := range map[string]struct {
		undo   func(child ids.ID, who identitytest.Someone, tie ids.ID)
		reason string
	}{
		"a placement is cancelled": {func(child ids.ID, _ identitytest.Someone, _ ids.ID) { o.change(t, child, "cancelled_at = now()") }, "placement_cancelled"},
		"a tie is blocked": {func(_ ids.ID, _ identitytest.Someone, tie ids.ID) {
			require.NoError(t, o.House.Service.Block(o.Admin.Ctx(), tie, "straatverbod"))
			o.work(t)
		}, "tie_ended"},
		"an address is taken away": {func(child ids.ID, who identitytest.Someone, _ ids.ID) {
			o.exec(t, "UPDATE person SET email = NULL WHERE tenant_id = $1 AND id = $2", o.Tenant.ID, who.ID)
			o.tell(t, child)
		}, "no_address"},
	} {
		for _, went := range []bool{false, true} {
			t.Run(fmt.Sprintf("when %s, mail went: %v", name, went), func(t *testing.T) {
				starts := first
				if went {
					starts = o.today().Add(5)
				}
				child := o.child(t, "Mila", starts)
				who := identitytest.NewPerson(t, e, o.Tenant, identitytest.Role(actor.Parent))
				tie := o.Tie(who, child, children.Authority, o.today(), "")
				o.work(t)
				var token string
				if went {
					token = o.token(t, who)
				}
				c.undo(child, who, tie)
				require.Equal(t, []string{"cancelled " + c.reason}, o.states(t, who))
				if went {
					_, err := o.accounts.ActivateAccount(tenants.With(context.Background(), o.Tenant), identity.Reset{Token: token, Password: password})
					require.Error(t, err, "the link is void")
				}
				o.sweep(t)
				require.Len(t, o.states(t, who), 1)
			})
		}
	}
}

func TestALinkOutlivesOneOfTwoPlacements(t *testing.T) {
	e := dbtest.New(t)
	o := newOffice(t, e, e.A)
	noor, bram := o.child(t, "Noor", o.today().Add(5)), o.child(t, "Bram", o.today().Add(5))
	mother := o.guardian(t, "Roos", noor, bram)
	o.work(t)
	require.Equal(t, 1, o.mails(mother))
	o.change(t, noor, "cancelled_at = now()")
	found, err := o.accounts.PeekActivation(tenants.With(context.Background(), o.Tenant), o.token(t, mother))
	require.NoError(t, err)
	require.Equal(t, identity.Fresh, found.Fate, "she is still invited for Bram")
	o.change(t, bram, "cancelled_at = now()")
	found, err = o.accounts.PeekActivation(tenants.With(context.Background(), o.Tenant), o.token(t, mother))
	require.NoError(t, err)
	require.Equal(t, identity.Expired, found.Fate)
}

func TestACorrectedAddressGetsTheMailAndTheWrongOneLosesItsLink(t *testing.T) {
	e := dbtest.New(t)
	o := newOffice(t, e, e.A)
	mila := o.child(t, "Mila", o.today().Add(5))
	mother := o.guardian(t, "Roos", mila)
	o.work(t)
	stranger := o.token(t, mother)
	o.exec(t, "UPDATE person SET email = 'goed@example.test' WHERE tenant_id = $1 AND id = $2", o.Tenant.ID, mother.ID)
	o.tell(t, mila)
	require.Equal(t, []string{"superseded address_corrected", "sent"}, o.states(t, mother))
	_, err := o.accounts.ActivateAccount(tenants.With(context.Background(), o.Tenant), identity.Reset{Token: stranger, Password: password})
	require.Error(t, err)
	require.Len(t, o.catcher.To("goed@example.test"), 1)
	found, err := o.accounts.PeekActivation(tenants.With(context.Background(), o.Tenant), stranger)
	require.NoError(t, err)
	require.False(t, found.Newer.IsZero())
	require.Empty(t, found.NewerTo, "whoever reads the wrong address does not learn the right one")
}

func TestAGuardianOfTwinsGetsOneMailAgain(t *testing.T) {
	e := dbtest.New(t)
	o := newOffice(t, e, e.A)
	mother := o.guardian(t, "Roos", o.child(t, "Noor", o.today().Add(5)), o.child(t, "Bram", o.today().Add(5)))
	o.work(t)
	lines, err := o.OfGuardian(o.Admin.Ctx(), mother.ID)
	require.NoError(t, err)
	require.Len(t, lines, 2)
	require.Equal(t, lines[0].Seen(), lines[1].Seen(), "one mail for both")
	require.NoError(t, o.Resend(o.Admin.Ctx(), lines[0].ID, lines[0].Seen()))
	o.work(t)
	problem, ok := fault.As(o.Resend(o.Admin.Ctx(), lines[1].ID, lines[1].Seen()))
	require.True(t, ok, "the other button of a page that was open")
	require.Equal(t, "invitations.error.meanwhile", problem.Key)
	o.work(t)
	require.Equal(t, 2, o.mails(mother))
	list, err := o.List(o.Admin.Ctx(), invitations.Filter{State: invitations.Sent})
	require.NoError(t, err)
	require.Len(t, list.Lines, 2)
	require.NoError(t, o.Resend(o.Admin.Ctx(), list.Lines[0].ID, list.Lines[0].Seen()))
	list, err = o.List(o.Admin.Ctx(), invitations.Filter{State: invitations.Sent})
	require.NoError(t, err)
	require.Len(t, list.Lines, 2, "what is on its way to the mail server was sent as well")
	require.Equal(t, invitations.Due, list.Lines[0].State)
	other := newOffice(t, e, e.B)
	none, err := other.OfGuardian(other.Admin.Ctx(), mother.ID)
	require.NoError(t, err)
	require.Empty(t, none)
}

func TestResend(t *testing.T) {
	e := dbtest.New(t)
	o := newOffice(t, e, e.A)
	mila := o.child(t, "Mila", o.today().Add(100))
	mother := o.guardian(t, "Roos", mila)
	o.work(t)
	id := o.one(t, mother)
	require.NoError(t, o.Resend(o.Admin.Ctx(), id, ""))
	require.Error(t, o.Resend(o.Admin.Ctx(), id, ""), "a second click while the mail is under way")
	o.work(t)
	require.Equal(t, 1, o.mails(mother), "the mail that was to come goes now")
	o.e.Clock.Advance(15 * 24 * time.Hour)
	token := o.token(t, mother)
	here := tenants.With(context.Background(), o.Tenant)
	found, err := o.accounts.PeekActivation(here, token)
	require.NoError(t, err)
	require.Equal(t, identity.Expired, found.Fate)

	t.Run("who comes too late asks for a new link", func(t *testing.T) {
		require.NoError(t, o.accounts.RenewActivation(here, token, netip.MustParseAddr("192.0.2.1")))
		o.work(t)
		require.Equal(t, 2, o.mails(mother))
		require.NotEqual(t, token, o.token(t, mother))
		found, err := o.accounts.PeekActivation(here, token)
		require.NoError(t, err)
		require.Equal(t, identity.Expired, found.Fate)
		require.Equal(t, o.e.Clock.Now().Unix(), found.Newer.Unix(), "the old link says when the new mail went")
		require.Equal(t, mother.Email, found.NewerTo)
		_, err = o.accounts.ActivateAccount(here, identity.Reset{Token: o.token(t, mother), Password: password})
		require.NoError(t, err)
		o.work(t)
		require.Error(t, o.Resend(o.Admin.Ctx(), id, ""), "the account is active")
		require.NoError(t, o.accounts.RenewActivation(here, token, netip.MustParseAddr("192.0.2.1")))
		o.work(t)
		require.Equal(t, 2, o.mails(mother))
	})
	t.Run("of another organisation is not found", func(t *testing.T) {
		require.Error(t, o.Resend(newOffice(t, e, e.B).Admin.Ctx(), id, ""))
	})
}

func TestWishesMoveWhatDidNotGo(t *testing.T) {
	e := dbtest.New(t)
	o := newOffice(t, e, e.A)
	first := o.today().Add(60)
	mother := o.guardian(t, "Roos", o.child(t, "Mila", first))
	o.work(t)
	require.NoError(t, o.Choose(o.Admin.Ctx(), invitations.Settings{LeadDays: 14, SentFrom: "16:30"}))
	o.until(t, first.Add(-42), "12:00")
	o.until(t, first.Add(-14), "16:29")
	require.Zero(t, o.mails(mother))
	o.until(t, first.Add(-14), "16:31")
	require.Equal(t, 1, o.mails(mother))
	for _, wrong := range []invitations.Settings{{LeadDays: -1, SentFrom: "09:00"}, {LeadDays: 366, SentFrom: "09:00"}, {LeadDays: 42, SentFrom: "25:00"}, {LeadDays: 42}} {
		require.Error(t, o.Choose(o.Admin.Ctx(), wrong))
	}
	kept, err := o.Settings(o.Admin.Ctx())
	require.NoError(t, err)
	require.Equal(t, 14, kept.LeadDays)
	require.Equal(t, "16:30", kept.SentFrom)
}

func TestAMailThatCannotBeDelivered(t *testing.T) {
	e := dbtest.New(t)
	o := newOffice(t, e, e.A)
	o.catcher.Refuse("weg@example.test", 550)
	mila := o.child(t, "Mila", o.today().Add(5))
	who := identitytest.NewPerson(t, e, o.Tenant, identitytest.Role(actor.Parent), identitytest.Email("weg@example.test"))
	o.Tie(who, mila, children.Authority, o.today(), "")
	o.work(t)
	require.Equal(t, []string{"failed undeliverable"}, o.states(t, who))
	o.catcher.Refuse("weg@example.test", 0)
	o.sweep(t)
	require.Zero(t, o.mails(who), "not tried again by itself")
	require.NoError(t, o.Resend(o.Admin.Ctx(), o.one(t, who), ""))
	o.work(t)
	require.Equal(t, []string{"sent"}, o.states(t, who))
}

func TestNobodyWhoIsMadeUpIsInvited(t *testing.T) {
	e := dbtest.New(t)
	tenant := e.A
	tenant.Example = true
	o := newOffice(t, e, tenant)
	who := identitytest.NewPerson(t, e, tenant, identitytest.Role(actor.Parent), identitytest.Email("eva@kinderopvang-a.example"))
	o.Tie(who, o.child(t, "Mila", o.today().Add(5)), children.Authority, o.today(), "")
	id, err := o.House.Service.Hire(o.Admin.Ctx(), identity.Draft{GivenName: "Ilse", FamilyName: "Bos", Email: "ilse@kinderopvang-a.example"}, o.Group, o.today())
	require.NoError(t, err)
	o.work(t)
	require.Equal(t, []string{"failed made_up"}, o.states(t, who))
	ilse, err := o.OfStaff(o.Admin.Ctx(), id)
	require.NoError(t, err)
	require.Equal(t, []any{invitations.Failed, "made_up"}, []any{ilse.State, ilse.Reason})
	require.Zero(t, o.mails(who))
	require.Empty(t, o.catcher.To("ilse@kinderopvang-a.example"))
}

func TestTheListTellsWhereEachInvitationStands(t *testing.T) {
	e := dbtest.New(t)
	o := newOffice(t, e, e.A)
	o.catcher.Refuse("weg@example.test", 550)
	soon, later := o.child(t, "Mila", o.today().Add(5)), o.child(t, "Bram", o.today().Add(80))
	mother, father := o.guardian(t, "Roos", soon), o.guardian(t, "Jasper", later)
	gone := identitytest.NewPerson(t, e, o.Tenant, identitytest.Role(actor.Parent), identitytest.Email("weg@example.test"))
	o.Tie(gone, soon, children.Authority, o.today(), "")
	o.work(t)
	list := func(ctx context.Context, f invitations.Filter) *invitations.List {
		l, err := o.List(ctx, f)
		require.NoError(t, err)
		return l
	}
	all := list(o.Admin.Ctx(), invitations.Filter{})
	require.Equal(t, map[invitations.State]int{invitations.Planned: 1, invitations.Sent: 1, invitations.Failed: 1}, all.Counts)
	require.Len(t, all.Lines, 3)
	planned := list(o.Admin.Ctx(), invitations.Filter{State: invitations.Planned})
	require.Equal(t, father.ID, planned.Lines[0].PersonID)
	require.Equal(t, "Bram Jansen", planned.Lines[0].ChildName)
	require.Equal(t, mother.ID, list(o.Admin.Ctx(), invitations.Filter{Search: "ROOS"}).Lines[0].PersonID)
	require.Empty(t, list(o.Admin.Ctx(), invitations.Filter{Search: "%"}).Lines)
	e.Clock.Advance(invitations.LinkTime + time.Minute)
	expired := list(o.Admin.Ctx(), invitations.Filter{State: invitations.Expired})
	require.Equal(t, mother.ID, expired.Lines[0].PersonID)
	require.True(t, expired.Lines[0].Sendable())

	t.Run("page by page", func(t *testing.T) {
		for n := range invitations.PageSize + 3 {
			o.guardian(t, "Ouder", o.child(t, fmt.Sprintf("Kind %d", n), o.today().Add(100+n/2)))
		}
		o.work(t)
		first := list(o.Admin.Ctx(), invitations.Filter{State: invitations.Planned})
		rest := list(o.Admin.Ctx(), invitations.Filter{State: invitations.Planned, After: paging.Parse(first.Next.String())})
		seen := map[ids.ID]bool{}
		for _, line := range append(first.Lines, rest.Lines...) {
			seen[line.ID] = true
		}
		require.Len(t, seen, invitations.PageSize+4)
		require.Len(t, rest.Lines, 4)
		require.Zero(t, rest.Next.ID)
	})
	t.Run("a manager sees the own locations, staff and other organisations nothing", func(t *testing.T) {
		manager := o.AddManager("Marit")
		require.NotEmpty(t, list(manager.Ctx(), invitations.Filter{}).Lines)
		o.exec(t, "DELETE FROM membership_location WHERE tenant_id = $1", o.Tenant.ID)
		require.Empty(t, list(manager.Ctx(), invitations.Filter{}).Lines)
		require.Error(t, o.Resend(manager.Ctx(), planned.Lines[0].ID, ""))
		require.Empty(t, list(o.Staff.Ctx(), invitations.Filter{}).Lines)
		require.Empty(t, list(newOffice(t, e, e.B).Admin.Ctx(), invitations.Filter{}).Lines)
	})
}
