package children

import (
	"context"
	"fmt"
	"strings"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Stale tells that somebody else changed the row since it was on the screen; nothing was written. Who did, and what, is in
// the audit log under the id of the row.
func stale() *fault.Error { return fault.New(fault.Conflict, "children.error.stale") }

// change is one thing of a row that is not what it was.
type change struct {
	column  string
	was, is any
}

// changed tells what differs, for the audit log and for who comes second.
func changed(all ...change) []audit.Change {
	var list []audit.Change
	for _, c := range all {
		if c.was != c.is {
			list = append(list, audit.Change{Field: c.column, Was: fmt.Sprint(c.was), Is: fmt.Sprint(c.is)})
		}
	}
	return list
}

// deed is what was done to a row, for the log; without an action nothing was.
type deed struct {
	action  string
	detail  map[string]any
	changes []audit.Change // of an edit
}

// record writes the deed into the log, with what it was about.
func (d deed) record(ctx context.Context, tx tenants.Writer, row ids.ID, about map[string]any) error {
	for key, value := range d.detail {
		about[key] = value
	}
	if len(d.changes) > 0 {
		return audit.RecordEdit(ctx, tx, d.action, row, about, d.changes)
	}
	return audit.Record(ctx, tx, d.action, row, about)
}

func replaceAll(s string, pairs ...string) string { return strings.NewReplacer(pairs...).Replace(s) }

// lockChild reads a child whose file the actor may change; nobody else changes the file before the transaction ends. Another's
// child is NotFound.
func lockChild(ctx context.Context, tx tenants.Writer, id ids.ID) (*Child, error) {
	child := new(Child)
	err := tx.NewSelect().Model(child).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).
		Where("id IN (?)", ChangedBy(tx, actor.From(ctx))).For("NO KEY UPDATE").Scan(ctx)
	if err != nil {
		return nil, missing(err, "children: lock child")
	}
	return child, nil
}

// lockOf reads a row of the file of a child that the actor keeps, after the child itself: everybody locks in that order.
func lockOf(ctx context.Context, tx tenants.Writer, row any, id ids.ID) (*Child, error) {
	var childID ids.ID
	err := tx.NewSelect().Model(row).Column("child_id").Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).Scan(ctx, &childID)
	if err != nil {
		return nil, missing(err, "children: find row of child")
	}
	child, err := lockChild(ctx, tx, childID)
	if err != nil {
		return nil, err
	}
	err = tx.NewSelect().Model(row).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).Scan(ctx)
	if err != nil {
		return nil, missing(err, "children: read row of child")
	}
	return child, nil
}

// update writes the named columns of a row whose version its caller has counted up, and the version.
func update(ctx context.Context, tx tenants.Writer, row any, columns ...string) error {
	if _, err := tx.NewUpdate().Model(row).Column(append(columns, "version")...).WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("children: update %T: %w", row, err)
	}
	return nil
}

func insert(ctx context.Context, tx tenants.Writer, row any) error {
	if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
		return fmt.Errorf("children: insert %T: %w", row, err)
	}
	return nil
}

func tidy(s string) string { return strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ") }

func notFound() error { return fault.NotFound() }
