package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Change is a field of a row that is not what it was.
type Change struct {
	Field string // its column: "family_name"
	Was   string
	Is    string
}

// Fields are the names of what changed.
func Fields(changes []Change) []string {
	names := make([]string, len(changes))
	for i, c := range changes {
		names[i] = c.Field
	}
	return names
}

type value struct {
	bun.BaseModel `bun:"table:audit_value"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	EntryID       ids.ID `bun:",pk,type:uuid"`
	Field         string `bun:",pk"`
	Was           string
	Becomes       string
	ChangedAt     time.Time
}

// RecordEdit is Record for an edit. The names of the fields go into the chain; what stood in them goes beside it, from where it
// can be erased.
func RecordEdit(ctx context.Context, tx tenants.Writer, action string, subject ids.ID, detail map[string]any, changes []Change) error {
	if detail == nil {
		detail = map[string]any{}
	}
	detail["fields"] = Fields(changes)
	entry, err := record(ctx, tx, action, subject, detail)
	if err != nil || len(changes) == 0 {
		return err
	}
	rows := make([]value, len(changes))
	for i, c := range changes {
		rows[i] = value{TenantID: tx.Tenant().ID, EntryID: entry, Field: c.Field, Was: c.Was, Becomes: c.Is, ChangedAt: tx.Now()}
	}
	if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
		return fmt.Errorf("audit: record what %s changed: %w", action, err)
	}
	return nil
}

// Changes gives what edits changed, by the id of their entry; an entry of before this was kept, or of which it was erased, is
// left out. Who may not see the row as it is must not see these either.
func Changes(ctx context.Context, tx tenants.Reader, entries []ids.ID) (map[ids.ID][]Change, error) {
	found := map[ids.ID][]Change{}
	if len(entries) == 0 {
		return found, nil
	}
	var rows []value
	err := tx.NewSelect().Model(&rows).Where("tenant_id = ?", tx.Tenant().ID).Where("entry_id IN (?)", bun.List(entries)).Order("entry_id", "field").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("audit: select changes: %w", err)
	}
	for _, v := range rows {
		found[v.EntryID] = append(found[v.EntryID], Change{Field: v.Field, Was: v.Was, Is: v.Becomes})
	}
	return found, nil
}

// ErrNothingToUndo: there is no such edit of the subject, or what it changed is not kept any more.
var ErrNothingToUndo = errors.New("audit: nothing to undo")

// Before gives what stood in the fields that the last edit of a subject changed, by field. Whether the row is still as that edit
// left it, its version tells.
func Before(ctx context.Context, tx tenants.Reader, action string, subject ids.ID) (map[string]string, error) {
	last, err := List(ctx, tx, Filter{Action: action, Subjects: []ids.ID{subject}, Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(last) == 0 {
		return nil, ErrNothingToUndo
	}
	changes, err := Changes(ctx, tx, []ids.ID{last[0].ID})
	if err != nil {
		return nil, err
	}
	was := map[string]string{}
	for _, c := range changes[last[0].ID] {
		was[c.Field] = c.Was
	}
	if len(was) == 0 {
		return nil, ErrNothingToUndo
	}
	return was, nil
}

// KeepYears is how long what an edit changed can be read.
const KeepYears = 2

// Forget erases what edits of the tenant of tx changed longer than two years ago. It is for the schedule.
func Forget(ctx context.Context, tx tenants.Writer) error {
	_, err := tx.NewDelete().Model((*value)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("changed_at < ?", tx.Now().AddDate(-KeepYears, 0, 0)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("audit: forget: %w", err)
	}
	return nil
}
