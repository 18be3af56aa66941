package notifications_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/bounce"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/mail"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/notifications"
	"ouderportaal/modules/notifications/notificationstest"
	"ouderportaal/tenants"
)

var returns = bounce.Returns{Address: "bounces@ouderportaal.test", Keys: [][]byte{notificationstest.Key}}

func setUpReturns(t *testing.T) *env {
	e := setUp(t)
	e.s, e.news = notificationstest.New(t, e.DB, e.post, func(c *notifications.Config) { c.Returns = returns })
	return e
}

func system(tenant tenants.Tenant) context.Context {
	return actor.With(tenants.With(context.Background(), tenant), actor.ForSystem(tenant.ID))
}

// ledger writes down what became of the deliveries, as a worker does.
func (e *env) ledger(t *testing.T, tenant tenants.Tenant) {
	t.Helper()
	for person, o := range e.deliver(t, tenant) {
		_, err := e.Owner(t).Exec(context.Background(), "UPDATE delivery SET state = $3, last_error = $4, attempts = 1, finished_at = $5 WHERE tenant_id = $1 AND person_id = $2 AND state = 'waiting'",
			tenant.ID, person, string(o.Fate), o.Reason, e.Clock.Now())
		require.NoError(t, err)
	}
}

func (e *env) failures(t *testing.T, ctx context.Context, f notifications.FailureFilter) []notifications.Failure {
	t.Helper()
	page, err := e.s.Failures(ctx, f)
	require.NoError(t, err)
	return page.List
}

func (e *env) failing(t *testing.T, who identitytest.Someone) bool {
	t.Helper()
	problem, err := identity.New(e.DB, identity.Config{}).AddressProblemOf(who.Ctx(), who.ID)
	require.NoError(t, err)
	return problem != nil
}

func TestWhatWasRefusedIsListedAndSentAgainOnce(t *testing.T) {
	e := setUpReturns(t)
	house, other := childrentest.NewHouse(t, e.Env, e.A), childrentest.NewHouse(t, e.Env, e.B)
	elsewhere := house.AddLocation("Elders")
	roos := house.AddParent("Roos", house.AddChild("Mila", house.Group))
	far := house.AddParent("Ver", house.AddChild("Noor", elsewhere))
	manager := house.AddManager("Mo")
	e.post.fail[roos.Email] = &mail.Failure{Permanent: true, Code: 550, Enhanced: "5.1.1", Stage: "recipient"}
	e.post.fail[far.Email] = &mail.Failure{Permanent: true, Code: 554, Enhanced: "5.7.1", Stage: "content"}
	e.tell(t, e.A, e.event(t, e.A), roos.ID, far.ID)
	e.ledger(t, e.A)

	all := e.failures(t, house.Admin.Ctx(), notifications.FailureFilter{})
	require.Len(t, all, 2)
	require.True(t, e.failing(t, roos))
	require.False(t, e.failing(t, far), "kept out as spam: the address works")
	mine := e.failures(t, manager.Ctx(), notifications.FailureFilter{})
	require.Len(t, mine, 1, "a manager sees those of the own locations")
	require.Equal(t, roos.ID, mine[0].PersonID)
	require.Equal(t, bounce.Unknown, mine[0].Reason())
	require.True(t, mine[0].AddressFails && mine[0].Guardian && mine[0].Again)
	require.Empty(t, e.failures(t, other.Admin.Ctx(), notifications.FailureFilter{}))
	require.Empty(t, e.failures(t, house.Admin.Ctx(), notifications.FailureFilter{Channel: notifications.PushChannel}))
	require.Len(t, e.failures(t, house.Admin.Ctx(), notifications.FailureFilter{Search: "ROOS"}), 1)
	require.Empty(t, e.failures(t, house.Admin.Ctx(), notifications.FailureFilter{Search: "niemand"}))

	redrive := func(ctx context.Context, list []ids.ID) int {
		n, err := e.s.Redrive(ctx, list, notifications.FailureFilter{})
		require.NoError(t, err)
		return n
	}
	both := []ids.ID{all[0].ID, all[1].ID}
	require.Zero(t, redrive(other.Admin.Ctx(), both), "not by another organisation")
	require.Zero(t, redrive(manager.Ctx(), []ids.ID{}))
	require.Equal(t, 1, redrive(manager.Ctx(), both), "nor what is of another location")
	require.False(t, e.failing(t, roos), "who sends again says that the address works")
	delete(e.post.fail, roos.Email)
	e.ledger(t, e.A)
	require.Len(t, e.post.sent, 1)
	require.Zero(t, redrive(manager.Ctx(), both), "once")
	require.Equal(t, 1, redrive(house.Admin.Ctx(), nil), "all")
	_, err := e.s.Redrive(house.Admin.Ctx(), make([]ids.ID, 501), notifications.FailureFilter{})
	require.Equal(t, fault.Invalid, fault.CodeOf(err))
}

func TestAMailThatComesBack(t *testing.T) {
	e := setUpReturns(t)
	house := childrentest.NewHouse(t, e.Env, e.A)
	roos := house.AddParent("Roos", house.AddChild("Mila", house.Group))
	tell := func() bounce.Mail {
		e.tell(t, e.A, e.event(t, e.A), roos.ID)
		e.ledger(t, e.A)
		m, ok := returns.Read(e.post.sent[len(e.post.sent)-1].ReturnPath)
		require.True(t, ok)
		return m
	}
	take := func(in tenants.Tenant, m bounce.Mail, status string) {
		for range 2 {
			require.NoError(t, e.s.TakeBounce(system(in), m, bounce.Report{Code: 550, Status: status}))
		}
	}
	list := func() []notifications.Failure {
		return e.failures(t, house.Admin.Ctx(), notifications.FailureFilter{})
	}
	audited := func() (n int) {
		require.NoError(t, e.Owner(t).QueryRow(context.Background(), "SELECT count(*) FROM audit_entry WHERE tenant_id = $1 AND action = 'identity.address_failed'", e.A.ID).Scan(&n))
		return n
	}

	full := tell()
	take(e.B, full, "5.1.1")
	require.Empty(t, list(), "another organisation's")
	take(e.A, full, "5.2.2")
	require.Len(t, list(), 1)
	require.Equal(t, bounce.Full, list()[0].Reason())
	require.False(t, e.failing(t, roos), "a full mailbox gets empty")

	gone := tell()
	take(e.A, gone, "5.1.1")
	require.Len(t, list(), 2)
	require.True(t, e.failing(t, roos))
	require.Equal(t, 1, audited(), "noted once")

	forged := gone
	forged.ID = ids.New()
	take(e.A, forged, "5.1.1")
	forged.ID = full.ID
	take(e.A, forged, "5.1.1")
	require.Len(t, list(), 2, "a seal of another mail opens nothing")

	t.Run("an address that was corrected since is left alone", func(t *testing.T) {
		late := tell()
		_, err := e.Owner(t).Exec(context.Background(), "UPDATE person SET email = 'roos@elders.example' WHERE tenant_id = $1 AND id = $2", e.A.ID, roos.ID)
		require.NoError(t, err)
		take(e.A, late, "5.1.1")
		require.False(t, e.failing(t, roos))
		require.Len(t, list(), 2)
	})
	t.Run("a letter about an account marks the address", func(t *testing.T) {
		letter, ok := returns.Read(returns.Path(e.A.ID, bounce.Letter, roos.ID, "roos@elders.example"))
		require.True(t, ok)
		take(e.A, letter, "5.1.2")
		require.True(t, e.failing(t, roos))
	})
}

func TestADeviceThatIsGoneIsListedButNotSentAgain(t *testing.T) {
	e := setUpReturns(t)
	house := childrentest.NewHouse(t, e.Env, e.A)
	roos := house.AddParent("Roos", house.AddChild("Mila", house.Group))
	event := e.event(t, e.A)
	_, err := e.Owner(t).Exec(context.Background(), `INSERT INTO delivery (tenant_id, id, event_id, person_id, channel, item, subject_id, queue, state, due_at, device_id, last_error, finished_at)
		VALUES ($1, $2::uuid, $3, $4, 'push:' || $2::uuid, 'test', $2, 'normal', 'dropped', $5, $2, 'push: gone', $5), ($1, $6, $3, $4, 'push:' || $6::uuid, 'test', $2, 'normal', 'dropped', $5, $6, 'device gone', $5)`,
		e.A.ID, ids.New(), event, roos.ID, e.Clock.Now().Add(-time.Minute), ids.New())
	require.NoError(t, err)
	list := e.failures(t, house.Admin.Ctx(), notifications.FailureFilter{})
	require.Len(t, list, 1, "who signed out is no failure")
	require.Equal(t, notifications.DeviceGone, list[0].Reason())
	require.False(t, list[0].Again)
	n, err := e.s.Redrive(house.Admin.Ctx(), []ids.ID{list[0].ID}, notifications.FailureFilter{})
	require.NoError(t, err)
	require.Zero(t, n)
}
