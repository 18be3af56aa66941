package platform

import (
	"context"
	"fmt"
	"time"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// A visit is the only way in which an operator sees anything of an organisation: with a reason, for an hour at most, reading only,
// and with each page in the log of the organisation.
const (
	VisitTime = 60 * time.Minute
	linkTime  = 5 * time.Minute // from the platform to the portal
	// VisitCookie carries the token of a visit, to the host of that organisation alone.
	VisitCookie = "__Host-inzage"
)

// Visit is one of them.
type Visit struct {
	ID, OperatorID ids.ID
	Operator       string
	Reason         string
	StartedAt      time.Time
	ExpiresAt      time.Time
}

// StartVisit begins a visit of the actor to an organisation, who proves anew who they are by a code, and gives the secret of the link
// that leads there. The organisation's log tells of it before anything was seen.
func (s *Service) StartVisit(ctx context.Context, slug, reason, code string) (link string, err error) {
	who := actor.From(ctx)
	if err := s.attempt(ctx, codeOperator.of(who.PersonID.String())); err != nil {
		return "", err
	}
	reason, wrongReason := reasonOf(reason)
	if wrongReason != nil {
		return "", wrongReason
	}
	err = s.change(ctx, slug, func(ctx context.Context, tx tenants.Writer) error {
		if tx.Tenant().Status != tenants.Active {
			return fault.New(fault.Conflict, "platform.error.visit_suspended")
		}
		o, err := lockOperator(ctx, tx, who.PersonID)
		if err != nil {
			return err
		}
		if err := s.spendCode(ctx, tx, o, code); err != nil {
			return err
		}
		token, hash := ids.NewToken()
		link = token
		_, err = tx.NewRaw(`INSERT INTO operator_visit (tenant_id, id, operator_id, operator, reason, link_hash, started_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			tx.Tenant().ID, ids.New(), o.ID, o.Name, reason, hash, tx.Now(), tx.Now().Add(VisitTime)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("platform: insert visit: %w", err)
		}
		return recordDeed(ctx, tx, "platform.start_visit", map[string]any{"reason": reason})
	})
	return link, err
}

// endVisits ends every visit of an operator, at whatever organisation; Sweep tells the organisation. A visit begins by a lock on its operator,
// so whoever shuts them out misses none, and the portal, which knows no operators, need look at the visit alone.
func endVisits(ctx context.Context, tx tenants.Writer, operator ids.ID) error {
	if _, err := tx.NewRaw("UPDATE operator_visit SET ended_at = ?0 WHERE operator_id = ?1 AND ended_at IS NULL AND expires_at > ?0", tx.Now(), operator).Exec(ctx); err != nil {
		return fmt.Errorf("platform: end visits: %w", err)
	}
	return nil
}

// Visits is the side of the organisation: it works with the app role, on the portal that is visited.
type Visits struct{ db *tenants.DB }

// NewVisits makes it.
func NewVisits(db *tenants.DB) *Visits { return &Visits{db} }

const visitColumns = "id, operator_id, operator, reason, started_at, expires_at"

// Peek shows the visit that a link leads to; Gone when it works no more.
func (v *Visits) Peek(ctx context.Context, link string) (visit Visit, err error) {
	err = v.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		err := tx.NewRaw("SELECT "+visitColumns+" FROM operator_visit WHERE tenant_id = ? AND link_hash = ? AND token_hash IS NULL AND ended_at IS NULL AND started_at > ?",
			tx.Tenant().ID, ids.HashToken(link), tx.Now().Add(-linkTime)).Scan(ctx, &visit)
		return goneFor(missing(err, "platform: find visit"))
	})
	return visit, err
}

// Begin uses a link, once, and gives the token that the browser has from then on.
func (v *Visits) Begin(ctx context.Context, link string) (token string, err error) {
	token, hash := ids.NewToken()
	err = v.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		var id ids.ID
		err := tx.NewRaw("UPDATE operator_visit SET token_hash = ? WHERE tenant_id = ? AND link_hash = ? AND token_hash IS NULL AND ended_at IS NULL AND started_at > ? RETURNING id",
			hash, tx.Tenant().ID, ids.HashToken(link), tx.Now().Add(-linkTime)).Scan(ctx, &id)
		return goneFor(missing(err, "platform: begin visit"))
	})
	return token, err
}

// Resolve gives the visit of a token; Unauthenticated when it has ended.
func (v *Visits) Resolve(ctx context.Context, token string) (visit Visit, err error) {
	err = v.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		err := tx.NewRaw("SELECT "+visitColumns+" FROM operator_visit WHERE tenant_id = ? AND token_hash = ? AND ended_at IS NULL AND expires_at > ?",
			tx.Tenant().ID, ids.HashToken(token), tx.Now()).Scan(ctx, &visit)
		return missing(err, "platform: find visit")
	})
	if fault.CodeOf(err) == fault.Missing {
		return visit, signedOut()
	}
	return visit, err
}

// NotePage writes into the log of the organisation that a page was opened. What cannot be noted is not shown.
func (v *Visits) NotePage(ctx context.Context, visit Visit, path string) error {
	return v.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		return audit.Record(visit.as(ctx, tx), tx, "platform.open_page", visit.ID, map[string]any{"operator": visit.Operator, "path": path})
	})
}

// End ends a visit, unless it has ended, and notes that once in the log of the organisation.
func (v *Visits) End(ctx context.Context, visit Visit) error {
	return v.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		ended, err := tx.NewRaw("UPDATE operator_visit SET ended_at = coalesce(ended_at, ?0), noted_at = ?0 WHERE tenant_id = ?1 AND id = ?2 AND noted_at IS NULL", tx.Now(), tx.Tenant().ID, visit.ID).Exec(ctx)
		if err != nil {
			return fmt.Errorf("platform: end visit: %w", err)
		}
		if n, _ := ended.RowsAffected(); n == 0 {
			return nil
		}
		return audit.Record(visit.as(ctx, tx), tx, "platform.end_visit", visit.ID, map[string]any{"operator": visit.Operator})
	})
}

// Sweep notes of the organisation in ctx which visits ended by themselves or with their operator's session. It is for the schedule.
func (v *Visits) Sweep(ctx context.Context) error {
	var over []Visit
	err := v.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		err := tx.NewRaw("SELECT "+visitColumns+" FROM operator_visit WHERE tenant_id = ? AND noted_at IS NULL AND (ended_at IS NOT NULL OR expires_at <= ?)", tx.Tenant().ID, tx.Now()).Scan(ctx, &over)
		if err != nil {
			return fmt.Errorf("platform: find visits that are over: %w", err)
		}
		return nil
	})
	for i := 0; err == nil && i < len(over); i++ {
		err = v.End(ctx, over[i])
	}
	return err
}

// as acts as the operator, in the log of the organisation.
func (visit Visit) as(ctx context.Context, tx tenants.Reader) context.Context {
	return actor.With(ctx, actor.Actor{TenantID: tx.Tenant().ID, PersonID: visit.OperatorID, Role: actor.Operator, Name: visit.Operator})
}

// Visitor is how the operator of a visit acts at the portal: as an admin who is nobody's colleague and cannot change anything; see
// tenants.ReadOnly.
func (visit Visit) Visitor(tenant tenants.Tenant) actor.Actor {
	return actor.Actor{TenantID: tenant.ID, PersonID: visit.OperatorID, Role: actor.Admin, SessionID: visit.ID, Name: visit.Operator}
}

type visitKey struct{}

// WithVisit returns a context that reads for a visit.
func WithVisit(ctx context.Context, visit Visit) context.Context {
	return context.WithValue(ctx, visitKey{}, visit)
}

// VisitFrom gives the visit of ctx, if it is one.
func VisitFrom(ctx context.Context) (Visit, bool) {
	visit, ok := ctx.Value(visitKey{}).(Visit)
	return visit, ok
}
