package particulars

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// hold lets nobody else change what is kept of somebody until the transaction ends.
func hold(ctx context.Context, tx tenants.Writer, subject ids.ID) error {
	if _, err := tx.NewRaw("SELECT pg_advisory_xact_lock(hashtextextended('particulars ' || ?, 0))", subject.String()).Exec(ctx); err != nil {
		return fmt.Errorf("particulars: lock: %w", err)
	}
	return nil
}

// selectParticulars reads those of children; of one of whom nothing is kept they are empty.
func selectParticulars(ctx context.Context, tx tenants.Reader, childIDs []ids.ID) (map[ids.ID]Particulars, error) {
	found := map[ids.ID]Particulars{}
	if len(childIDs) == 0 {
		return found, nil
	}
	var list []Particulars
	if err := tx.NewSelect().Model(&list).Where("tenant_id = ?", tx.Tenant().ID).Where("child_id IN (?)", bun.List(childIDs)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("particulars: select: %w", err)
	}
	for _, p := range list {
		found[p.ChildID] = p
	}
	return found, nil
}

func upsertParticulars(ctx context.Context, tx tenants.Writer, list ...Particulars) error {
	_, err := tx.NewInsert().Model(&list).On("CONFLICT (tenant_id, child_id) DO UPDATE").Set("doctor = EXCLUDED.doctor").Set("doctor_phone = EXCLUDED.doctor_phone").
		Set("allergies = EXCLUDED.allergies").Set("diet = EXCLUDED.diet").Set("medical = EXCLUDED.medical").Set("changed_at = EXCLUDED.changed_at").Exec(ctx)
	if err != nil {
		return fmt.Errorf("particulars: keep: %w", err)
	}
	return nil
}

// selectContacts reads the contacts of children that are there now, whom to call first.
func selectContacts(ctx context.Context, tx tenants.Reader, childIDs []ids.ID) ([]Contact, error) {
	if len(childIDs) == 0 {
		return nil, nil
	}
	var list []Contact
	err := tx.NewSelect().Model(&list).Where("tenant_id = ?", tx.Tenant().ID).Where("child_id IN (?)", bun.List(childIDs)).Where("removed_at IS NULL").
		OrderExpr("child_id, NOT emergency, added_at, id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("particulars: select contacts: %w", err)
	}
	return list, nil
}

func insertContacts(ctx context.Context, tx tenants.Writer, list ...Contact) error {
	if _, err := tx.NewInsert().Model(&list).Exec(ctx); err != nil {
		return fmt.Errorf("particulars: insert contacts: %w", err)
	}
	return nil
}

func updateContact(ctx context.Context, tx tenants.Writer, c *Contact) error {
	if _, err := tx.NewUpdate().Model(c).WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("particulars: update contact: %w", err)
	}
	return nil
}

func insertRequests(ctx context.Context, tx tenants.Writer, list ...Request) error {
	if _, err := tx.NewInsert().Model(&list).Exec(ctx); err != nil {
		return fmt.Errorf("particulars: insert request: %w", err)
	}
	return nil
}

func updateRequest(ctx context.Context, tx tenants.Writer, r *Request) error {
	_, err := tx.NewUpdate().Model(r).Column("changes", "state", "decided_by", "decided_at", "reason", "applied_at").WherePK().Exec(ctx)
	if err != nil {
		return fmt.Errorf("particulars: update request: %w", err)
	}
	return nil
}

func lockRequest(ctx context.Context, tx tenants.Writer, id ids.ID) (*Request, error) {
	r := new(Request)
	err := tx.NewSelect().Model(r).Where("r.tenant_id = ?", tx.Tenant().ID).Where("r.id = ?", id).For("UPDATE").Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.NotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("particulars: lock request: %w", err)
	}
	return r, nil
}

// narrowing is a condition on requests.
type narrowing func(*bun.SelectQuery) *bun.SelectQuery

func byID(id ids.ID) narrowing {
	return func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("r.id = ?", id) }
}

func ofSubject(id ids.ID) narrowing {
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("? IN (r.child_id, r.person_id)", id).OrderExpr("r.asked_at DESC, r.id DESC").Limit(newest)
	}
}

func askedBy(tx tenants.Reader, who actor.Actor) narrowing {
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("r.asked_by = ?", who.PersonID).Where("r.child_id IS NULL OR r.child_id IN (?)", children.VisibleTo(tx, who)).OrderExpr("r.asked_at DESC, r.id DESC").Limit(newest)
	}
}

func dueOn(day tenants.Date) narrowing {
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("r.state = 'approved' AND r.holds_from <= ?::date", string(day)).OrderExpr("r.holds_from, r.asked_at, r.id")
	}
}

// newest is how many requests that were decided are shown.
const newest = 100

func inStates(pending bool) narrowing {
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		if pending {
			return q.Where("r.state = 'pending'").OrderExpr("r.asked_at, r.id")
		}
		return q.Where("r.decided_at IS NOT NULL").OrderExpr("r.decided_at DESC, r.id DESC").Limit(newest)
	}
}

// decidedBy leaves the requests about children whose files who may change, and about guardians of such children.
func decidedBy(tx tenants.Reader, who actor.Actor) narrowing {
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("r.child_id IN (?0) OR r.person_id IN (SELECT t.person_id FROM (?1) t WHERE t.child_id IN (?0))", children.ChangedBy(tx, who), children.Ties(tx))
	}
}

func selectRequests(ctx context.Context, tx tenants.Reader, narrow ...narrowing) ([]Request, error) {
	var list []Request
	q := tx.NewSelect().Model(&list).Where("r.tenant_id = ?", tx.Tenant().ID)
	for _, n := range narrow {
		q = n(q)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("particulars: select requests: %w", err)
	}
	return list, nil
}

func countRequests(ctx context.Context, tx tenants.Reader, narrow ...narrowing) (int, error) {
	q := tx.NewSelect().Model((*Request)(nil)).Where("r.tenant_id = ?", tx.Tenant().ID)
	for _, n := range narrow {
		q = n(q)
	}
	n, err := q.Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("particulars: count requests: %w", err)
	}
	return int(n), nil
}
