package invitations_test

import (
	"context"
	"regexp"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/mail"
	"ouderportaal/internal/mailcatcher"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/children"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/invitations"
	"ouderportaal/tenants"
)

// office is an organisation whose invitations go to a mail catcher.
type office struct {
	*invitations.Service
	*childrentest.House
	e        *dbtest.Env
	accounts *identity.Service
	catcher  *mailcatcher.Catcher
	owner    *pgx.Conn // past row-level security
	ran      ids.ID    // the last event that was dealt with
}

func newOffice(t testing.TB, e *dbtest.Env, in tenants.Tenant) *office {
	t.Helper()
	catcher, err := mailcatcher.Start(mailcatcher.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { catcher.Close() })
	sender, err := mail.NewSMTP(mail.Config{URL: catcher.URL(), From: mail.Address{Name: "Ouderportaal", Addr: "post@ouderportaal.test"}})
	require.NoError(t, err)
	t.Cleanup(sender.Close)
	return newOfficeWith(t, e, in, sender, catcher)
}

func newOfficeWith(t testing.TB, e *dbtest.Env, in tenants.Tenant, sender mail.Sender, catcher *mailcatcher.Catcher) *office {
	t.Helper()
	words, err := i18n.Load(identity.Locales, invitations.Locales)
	require.NoError(t, err)
	hosts, err := tenants.NewHosts("ouderportaal.test", "https", 0)
	require.NoError(t, err)
	accounts := identity.New(e.DB, identity.Config{Hosts: hosts, Mail: sender, Words: words})
	return &office{invitations.New(e.DB, accounts, words), childrentest.NewHouse(t, e, in), e, accounts, catcher, e.Owner(t), ids.Nil}
}

func (o *office) system() context.Context {
	return actor.With(tenants.With(context.Background(), o.Tenant), actor.ForSystem(o.Tenant.ID))
}

func (o *office) today() tenants.Date { return o.Tenant.DateOf(o.e.Clock.Now()) }

// work runs the handlers of what was recorded, each twice, until nothing new comes of it.
func (o *office) work(t testing.TB) {
	t.Helper()
	for o.round(t) {
	}
}

func (o *office) round(t testing.TB) (any bool) {
	t.Helper()
	for _, e := range o.news(t) {
		any = true
		for _, s := range o.Subscriptions() {
			if s.Event == e.Name {
				require.NoError(t, s.Run(o.system(), e), "%s", s.Handler)
				require.NoError(t, s.Run(o.system(), e), "%s once more", s.Handler)
			}
		}
	}
	return any
}

// news are the events that were recorded since the last time.
func (o *office) news(t require.TestingT) []outbox.Recorded {
	rows, err := o.owner.Query(context.Background(), "SELECT id, tenant_id, name, payload, recorded_at AS at FROM event WHERE tenant_id = $1 AND id > $2 ORDER BY id", o.Tenant.ID, o.ran)
	require.NoError(t, err)
	events, err := pgx.CollectRows(rows, pgx.RowToStructByName[outbox.Recorded])
	require.NoError(t, err)
	if len(events) > 0 {
		o.ran = events[len(events)-1].ID
	}
	return events
}

// sweep is what the schedule does, and the work that comes of it.
func (o *office) sweep(t testing.TB) {
	t.Helper()
	require.NoError(t, o.Sweep(o.system()))
	o.work(t)
}

// guardian adds somebody with authority over the children and no account.
func (o *office) guardian(t testing.TB, name string, of ...ids.ID) identitytest.Someone {
	t.Helper()
	who := identitytest.NewPerson(t, o.e, o.Tenant, identitytest.Named(name, "Jansen"), identitytest.Role(actor.Parent))
	for _, child := range of {
		o.Tie(who, child, children.Authority, o.today().Add(-1), "")
	}
	return who
}

// child adds a child that starts on a day.
func (o *office) child(t testing.TB, name string, starts tenants.Date) ids.ID {
	t.Helper()
	id := o.AddChild(name, o.Group)
	o.exec(t, "UPDATE placement SET starts_on = $2 WHERE tenant_id = $1 AND child_id = $3", o.Tenant.ID, string(starts), id)
	return id
}

// change changes the placements of a child as the console does: rows, and the news of it.
func (o *office) change(t testing.TB, child ids.ID, set string) {
	t.Helper()
	o.exec(t, "UPDATE placement SET "+set+" WHERE tenant_id = $1 AND child_id = $2", o.Tenant.ID, child)
	o.tell(t, child)
}

func (o *office) tell(t testing.TB, child ids.ID) {
	t.Helper()
	require.NoError(t, o.e.DB.Write(o.system(), func(ctx context.Context, tx tenants.Writer) error { return children.TellChanged(ctx, tx, child) }))
	o.work(t)
}

func (o *office) exec(t testing.TB, query string, args ...any) {
	t.Helper()
	_, err := o.owner.Exec(context.Background(), query, args...)
	require.NoError(t, err)
}

// states lists the invitations of somebody, oldest first: "planned 2027-01-04", "cancelled placement_cancelled".
func (o *office) states(t testing.TB, who identitytest.Someone) []string {
	t.Helper()
	rows, err := o.owner.Query(context.Background(), "SELECT state || coalesce(nullif(' ' || reason, ' '), '') FROM invitation WHERE tenant_id = $1 AND person_id = $2 ORDER BY id", o.Tenant.ID, who.ID)
	require.NoError(t, err)
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	return list
}

// mails counts the mails to somebody, one that was sent again with the same Message-ID as one.
func (o *office) mails(who identitytest.Someone) int {
	seen := map[string]bool{}
	for _, m := range o.catcher.To(who.Email) {
		seen[m.Parsed().MessageID] = true
	}
	return len(seen)
}

// until sets the clock to a local day and time and does what the schedule does.
func (o *office) until(t testing.TB, day tenants.Date, at string) {
	t.Helper()
	moment, err := time.ParseInLocation("2006-01-02 15:04", string(day)+" "+at, o.Tenant.Location())
	require.NoError(t, err)
	o.e.Clock.Set(moment)
	o.sweep(t)
}

var linkForm = regexp.MustCompile(`https://[^\s"]*/activeren/([A-Za-z0-9_-]{43})`)

func (o *office) token(t testing.TB, who identitytest.Someone) string {
	t.Helper()
	list := o.catcher.To(who.Email)
	require.NotEmpty(t, list)
	found := linkForm.FindStringSubmatch(list[len(list)-1].Parsed().Text)
	require.NotNil(t, found, list[len(list)-1].Parsed().Text)
	return found[1]
}

func (o *office) one(t testing.TB, who identitytest.Someone) (id ids.ID) {
	t.Helper()
	require.NoError(t, o.owner.QueryRow(context.Background(), "SELECT id FROM invitation WHERE tenant_id = $1 AND person_id = $2", o.Tenant.ID, who.ID).Scan(&id))
	return id
}

const password = "vandaag regent het in Bathmen niet"
