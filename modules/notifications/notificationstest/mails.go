package notificationstest

import (
	"context"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/mail"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

// Mails is a sender that keeps what it is given.
type Mails struct{ Sent []mail.Message }

// Send keeps the messages.
func (m *Mails) Send(_ context.Context, messages []mail.Message) []error {
	m.Sent = append(m.Sent, messages...)
	return make([]error, len(messages))
}

// NewWriting makes a service that knows the words of the modules whose news it mails, and keeps the mails.
func NewWriting(t testing.TB, db *tenants.DB, locales ...fs.FS) (*notifications.Service, *Mails) {
	t.Helper()
	words, err := i18n.Load(append(locales, notifications.Locales)...)
	require.NoError(t, err)
	hosts, err := tenants.NewHosts("ouderportaal.test", "https", 0)
	require.NoError(t, err)
	mails := &Mails{}
	s, err := notifications.New(db, notifications.Config{Hosts: hosts, Words: words, Mail: mails, Keys: [][]byte{Key}})
	require.NoError(t, err)
	return s, mails
}

// Deliver sends everything that waits at the tenant, as a worker would.
func Deliver(t testing.TB, e *dbtest.Env, s *notifications.Service, tenant tenants.Tenant) {
	t.Helper()
	rows, err := e.Owner(t).Query(context.Background(), `SELECT id, tenant_id, event_id, person_id, subject_id, item FROM delivery WHERE tenant_id = $1 AND state = 'waiting'`, tenant.ID)
	require.NoError(t, err)
	var batch []outbox.Delivery
	for rows.Next() {
		d := outbox.Delivery{Attempt: 1}
		require.NoError(t, rows.Scan(&d.ID, &d.TenantID, &d.EventID, &d.PersonID, &d.SubjectID, &d.Item))
		batch = append(batch, d)
	}
	require.NoError(t, rows.Err())
	ctx := actor.With(tenants.With(context.Background(), tenant), actor.ForSystem(tenant.ID))
	require.NoError(t, s.MailDelivery().Send(ctx, batch, func(outbox.Delivery, outbox.Outcome) {}))
}
