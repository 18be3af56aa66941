package invitations

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/paging"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// Filter is what somebody asks of the list.
type Filter struct {
	State  State         // Planned, Sent with what is still Due, Activated, Expired, Failed or Cancelled, which stands for all that was called off; empty: all
	Search string        // in names and addresses
	After  paging.Cursor // zero: from the start
	person ids.ID        // Nil: everybody
}

// PageSize is how many invitations a page of the list has.
const PageSize = 50

// Line is an invitation as the list shows it.
type Line struct {
	ID         ids.ID
	PersonID   ids.ID
	PersonName string
	PersonFace int
	Email      string
	ChildID    ids.ID
	ChildName  string
	StartsOn   tenants.Date
	State      State // Expired too
	Reason     string
	DueAt      time.Time
	SentAt     *time.Time
	ExpiresAt  *time.Time
	ChangedAt  time.Time
	At         time.Time // its place in the list
	EventID    ids.ID    // of its last mail
}

// Seen names the last mail of the invitation, for who looks at it and sends the next.
func (l Line) Seen() string { return l.EventID.String() }

// Sendable tells whether the mail can be sent now or once more.
func (l Line) Sendable() bool {
	return l.State == Planned || l.State == Sent || l.State == Expired || l.State == Failed
}

// List is a page of invitations: what is still to come soonest first, everything else by its last change.
type List struct {
	Lines  []Line
	Counts map[State]int // for the search, before the filter by state
	Next   paging.Cursor // zero: there is nothing after it
}

// List gives the invitations around the children whose files the actor may change.
func (s *Service) List(ctx context.Context, f Filter) (*List, error) {
	l := &List{}
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		if err = tenants.ForMany(ctx, tx); err != nil {
			return err
		}
		if l.Counts, err = countStates(ctx, tx, f.arguments(tx, actor.From(ctx))); err != nil {
			return err
		}
		l.Lines, err = selectLines(ctx, tx, f, f.arguments(tx, actor.From(ctx)))
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(l.Lines) > PageSize {
		l.Lines = l.Lines[:PageSize]
		last := l.Lines[PageSize-1]
		l.Next = paging.Cursor{At: last.At.UTC(), ID: last.ID}
	}
	return l, nil
}

// OfGuardian gives the invitations of somebody around the children whose files the actor may change, the last change first;
// what gave way to others is left out unless there is nothing else.
func (s *Service) OfGuardian(ctx context.Context, person ids.ID) (lines []Line, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		f := Filter{person: person}
		lines, err = selectLines(ctx, tx, f, f.arguments(tx, actor.From(ctx)))
		return err
	})
	standing := slices.DeleteFunc(slices.Clone(lines), func(l Line) bool { return l.State == Cancelled })
	if len(standing) == 0 {
		return lines[:min(len(lines), 1)], err
	}
	return standing, err
}

// shown is the state as people see it: an Expired one of its own, and one for whatever was called off.
const shown = `CASE WHEN i.state = 'sent' AND i.expires_at <= ?now THEN 'expired' WHEN i.state IN ('superseded', 'unneeded') THEN 'cancelled' ELSE i.state END`

// within is the part of the queries that says whose invitations are meant.
const within = `FROM invitation i JOIN person p ON p.tenant_id = i.tenant_id AND p.id = i.person_id JOIN child c ON c.tenant_id = i.tenant_id AND c.id = i.child_id
	WHERE i.tenant_id = ?tenant AND i.child_id IN (?managed) AND (?words = '' OR strpos(p.name_key, name_key(?words)) > 0
		OR strpos(p.email, ?words) > 0 OR strpos(c.name_key, name_key(?words)) > 0)`

func (f Filter) arguments(tx tenants.Reader, who actor.Actor) arguments {
	return arguments{"tenant": tx.Tenant().ID, "now": tx.Now(), "managed": children.ChangedBy(tx, who), "words": strings.ToLower(strings.TrimSpace(f.Search)),
		"state": string(f.State), "after": f.After.At, "id": f.After.ID, "most": PageSize + 1, "person": f.person}
}

func countStates(ctx context.Context, tx tenants.Reader, args arguments) (map[State]int, error) {
	var rows []struct {
		State State
		Count int
	}
	if err := tx.NewRaw("SELECT "+shown+" AS state, count(*) AS count "+within+" GROUP BY 1", args).Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("invitations: count: %w", err)
	}
	counts := map[State]int{}
	for _, row := range rows {
		counts[row.State] = row.Count
	}
	return counts, nil
}

func selectLines(ctx context.Context, tx tenants.Reader, f Filter, args arguments) ([]Line, error) {
	// What is to come is read from the next on, what happened from the last back.
	place, order, beyond := "i.changed_at", "DESC", "<"
	if f.State == Planned {
		place, order, beyond = "i.due_at", "ASC", ">"
	}
	query := "SELECT i.id, i.person_id, trim(p.given_name || ' ' || p.family_name) AS person_name, p.face AS person_face, coalesce(p.email, '') AS email, i.child_id, " +
		"trim(c.given_name || ' ' || c.family_name) AS child_name, i.starts_on, " + shown + " AS state, i.reason, i.due_at, i.sent_at, i.expires_at, i.changed_at, i.event_id, " + place + " AS at " + within
	switch f.State {
	case "":
	case Sent:
		query += " AND " + shown + " IN ('sent', 'due')"
	default:
		query += " AND " + shown + " = ?state"
	}
	if f.person != ids.Nil {
		query += " AND i.person_id = ?person"
	}
	if f.After.ID != ids.Nil {
		query += " AND (" + place + ", i.id) " + beyond + " (?after::timestamptz, ?id)"
	}
	var lines []Line
	if err := tx.NewRaw(query+" ORDER BY "+place+" "+order+", i.id "+order+" LIMIT ?most", args).Scan(ctx, &lines); err != nil {
		return nil, fmt.Errorf("invitations: select list: %w", err)
	}
	return lines, nil
}

// AskSent asks whether a mail ever went, or is on its way, together with whatever else a page asks.
func (s *Service) AskSent(ctx context.Context, into *bool) tenants.Question {
	tenant, _ := tenants.From(ctx)
	return tenants.Whether("SELECT EXISTS (SELECT FROM invitation WHERE tenant_id = $1 AND event_id IS NOT NULL)", into, tenant.ID)
}
