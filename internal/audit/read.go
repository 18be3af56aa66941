package audit

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"ouderportaal/internal/ids"
	"ouderportaal/internal/paging"
	"ouderportaal/tenants"
)

// Entry is a line of the log.
type Entry struct {
	ID        ids.ID
	At        time.Time
	ActorID   ids.ID // Nil: the program itself, or a visitor
	ActorRole string
	Action    string
	SubjectID ids.ID // Nil: nothing in particular
	Detail    map[string]any
}

// Filter says which entries are asked for; zero values ask for all.
type Filter struct {
	Actors   []ids.ID // what any of these did; nil for everybody, empty for nobody
	Action   string   // as recorded: "children.edit_child"
	Subjects []ids.ID // what was about any of these; nil for everything, empty for nothing
	// About selects the ids of more that it may have been about; it needs Subjects.
	About *bun.RawQuery
	From  time.Time
	Until time.Time     // exclusive
	After paging.Cursor // older than this
	Limit int
}

// List gives entries of the organisation of tx, newest first.
func List(ctx context.Context, tx tenants.Reader, f Filter) ([]Entry, error) {
	var rows []entry
	q := tx.NewSelect().Model(&rows).Where("tenant_id = ?", tx.Tenant().ID).Order("at DESC", "id DESC").Limit(int64(f.Limit))
	if f.Actors != nil {
		q = q.Where("actor_id IN (?)", bun.List(orNobody(f.Actors)))
	}
	if f.Action != "" {
		q = q.Where("action = ?", f.Action)
	}
	switch {
	case f.Subjects != nil && f.About != nil:
		q = q.Where("subject_id IN (SELECT unnest(?::uuid[]) UNION ?)", pgdialect.Array(ids.Texts(f.Subjects)), f.About)
	case f.Subjects != nil:
		q = q.Where("subject_id IN (?)", bun.List(orNobody(f.Subjects)))
	}
	if !f.From.IsZero() {
		q = q.Where("at >= ?", f.From)
	}
	if !f.Until.IsZero() {
		q = q.Where("at < ?", f.Until)
	}
	if f.After.ID != ids.Nil {
		q = q.Where("(at, id) < (?, ?)", f.After.At, f.After.ID)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("audit: list: %w", err)
	}
	list := make([]Entry, len(rows))
	for i, r := range rows {
		list[i] = Entry{ID: r.ID, At: r.At, ActorID: r.ActorID, ActorRole: r.ActorRole, Action: r.Action, SubjectID: r.SubjectID, Detail: r.Detail}
	}
	return list, nil
}

// orNobody keeps a list from being empty, which SQL does not know; Nil is nobody's id.
func orNobody(list []ids.ID) []ids.ID {
	if len(list) == 0 {
		return []ids.ID{ids.Nil}
	}
	return list
}
