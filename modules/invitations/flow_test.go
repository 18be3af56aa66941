package invitations_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/mail"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/invitations"
	"ouderportaal/tenants"
)

// mailings are the mails that are due now, by whom they go to.
func (o *office) mailings(t testing.TB) map[ids.ID]outbox.Recorded {
	t.Helper()
	require.NoError(t, o.Sweep(o.system()))
	rows, err := o.owner.Query(context.Background(), `SELECT i.person_id, e.id, e.payload FROM invitation i JOIN event e ON e.tenant_id = i.tenant_id AND e.id = i.event_id
		WHERE i.tenant_id = $1 AND i.state = 'due'`, o.Tenant.ID)
	require.NoError(t, err)
	defer rows.Close()
	due := map[ids.ID]outbox.Recorded{}
	for rows.Next() {
		e := outbox.Recorded{TenantID: o.Tenant.ID, Name: invitations.MailingDue{}.EventName()}
		var person ids.ID
		require.NoError(t, rows.Scan(&person, &e.ID, &e.Payload))
		due[person] = e
	}
	require.NoError(t, rows.Err())
	return due
}

// mailer is the handler that sends them.
func (o *office) mailer() func(context.Context, outbox.Recorded) error {
	for _, s := range o.Subscriptions() {
		if s.Handler == "invitations.mail" {
			return s.Run
		}
	}
	panic("nobody mails")
}

func TestAMailWaitsForNobodyElses(t *testing.T) {
	e := dbtest.New(t)
	o := newOffice(t, e, e.A)
	soon := o.today().Add(7)
	busy, free := o.guardian(t, "Roos", o.child(t, "Mila", soon)), o.guardian(t, "Jasper", o.child(t, "Noor", soon))
	due := o.mailings(t)
	require.Len(t, due, 2)

	done := make(chan error, 1)
	require.NoError(t, e.DB.Write(o.system(), func(ctx context.Context, tx tenants.Writer) error {
		require.NoError(t, invitations.HoldOne(ctx, tx, busy.ID))
		require.NoError(t, o.mailer()(o.system(), due[free.ID]), "while somebody else's invitations are looked at")
		require.Equal(t, 1, o.mails(free))
		go func() { done <- o.mailer()(o.system(), due[busy.ID]) }()
		time.Sleep(200 * time.Millisecond)
		require.Zero(t, o.mails(busy), "until what is looked at is settled")
		return nil
	}))
	require.NoError(t, <-done)
	require.Equal(t, 1, o.mails(busy))
}

// server is a mail server somewhere else, for which nothing is done here while it thinks.
type server struct{ takes time.Duration }

func (s server) Send(_ context.Context, mails []mail.Message) []error {
	time.Sleep(s.takes)
	return make([]error, len(mails))
}

// BenchmarkInvitingAThousand mails 1,000 guardians who are all new, eight mails at a time, as two workers do, to a server that takes 60 ms.
func BenchmarkInvitingAThousand(b *testing.B) {
	const guardians, workers = 1000, 8
	for range b.N {
		e := dbtest.New(b)
		o := newOfficeWith(b, e, e.A, server{60 * time.Millisecond}, nil)
		for n := range guardians {
			o.guardian(b, "Roos", o.child(b, fmt.Sprintf("Kind %d", n), o.today().Add(7)))
		}
		due := make(chan outbox.Recorded, guardians)
		for _, e := range o.mailings(b) {
			due <- e
		}
		close(due)
		b.ResetTimer()
		began := time.Now()
		var failed atomic.Int64
		var all sync.WaitGroup
		for range workers {
			all.Go(func() {
				for e := range due {
					for o.mailer()(o.system(), e) != nil {
						failed.Add(1)
					}
				}
			})
		}
		all.Wait()
		b.StopTimer()
		b.ReportMetric(float64(guardians)/time.Since(began).Seconds(), "mails/s")
		b.ReportMetric(float64(failed.Load()), "failed")
	}
}
