package care

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/agenda"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// HoldDays makes writers of the same children's days wait for each other, in one order. It comes before what holds other rows.
func HoldDays(ctx context.Context, tx tenants.Writer, childIDs []ids.ID) error {
	return tx.Lock(ctx, "care", ids.Texts(childIDs)...)
}

// selectDay gives what holds of the children's day, by time.
func selectDay(ctx context.Context, tx tenants.Reader, on tenants.Date, childIDs []ids.ID, kinds ...Kind) ([]Record, error) {
	var list []Record
	if len(childIDs) == 0 {
		return nil, nil
	}
	q := tx.NewSelect().Model(&list).Where("tenant_id = ?", tx.Tenant().ID).Where("child_id IN (?)", bun.List(childIDs)).
		Where("care_on = ?", string(on)).Where("withdrawn_at IS NULL").Order("began_at", "id")
	if len(kinds) > 0 {
		q = q.Where("kind IN (?)", bun.List(kinds))
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("care: select day: %w", err)
	}
	return list, nil
}

// selectRecord gives a record of a day that is not too long ago, of a group that the actor works with; hold keeps others from
// changing it.
func selectRecord(ctx context.Context, tx tenants.Reader, id ids.ID, hold bool) (*Record, error) {
	r := new(Record)
	q := tx.NewSelect().Model(r).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).Where("care_on BETWEEN ? AND ?", string(tx.Today().Add(-DaysBack)), string(tx.Today())).
		Where("withdrawn_at IS NULL").Where("group_id IN (?)", children.GroupsOf(tx, actor.From(ctx))).Where("child_id IN (?)", children.VisibleTo(tx, actor.From(ctx)))
	if hold {
		q = q.For("UPDATE")
	}
	err := q.Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.NotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("care: select record: %w", err)
	}
	return r, nil
}

// keep writes a record as it is now, and the form that it has beside it. A new record has version 0.
func keep(ctx context.Context, tx tenants.Writer, action ids.ID, r *Record) error {
	r.Version++
	if r.Version == 1 {
		if _, err := tx.NewInsert().Model(r).Exec(ctx); err != nil {
			return fmt.Errorf("care: insert record: %w", err)
		}
	} else {
		_, err := tx.NewUpdate().Model(r).Column("began_at", "ended_at", "amount", "choice", "words", "version", "withdrawn_at").WherePK().Exec(ctx)
		if err != nil {
			return fmt.Errorf("care: update record: %w", err)
		}
	}
	c := changeOf(r, action, tx.Now(), actor.From(ctx).PersonID)
	if _, err := tx.NewInsert().Model(&c).Exec(ctx); err != nil {
		return fmt.Errorf("care: insert change: %w", err)
	}
	return nil
}

func changeOf(r *Record, action ids.ID, at time.Time, by ids.ID) Change {
	return Change{TenantID: r.TenantID, RecordID: r.ID, Version: r.Version, ActionID: action, BeganAt: r.BeganAt, EndedAt: r.EndedAt, Amount: r.Amount,
		Choice: r.Choice, Words: r.Words, Withdrawn: r.WithdrawnAt != nil, ChangedAt: at, ChangedBy: by}
}

// selectActed gives the children that the actor's action was about.
func selectActed(ctx context.Context, tx tenants.Reader, action ids.ID) ([]ids.ID, error) {
	var list []ids.ID
	err := tx.NewRaw(`SELECT DISTINCT r.child_id FROM care_change c JOIN care_record r ON r.tenant_id = c.tenant_id AND r.id = c.record_id
		WHERE c.tenant_id = ? AND c.action_id = ? AND c.changed_by = ?`, tx.Tenant().ID, action, actor.From(ctx).PersonID).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("care: select children of action: %w", err)
	}
	return list, nil
}

// selectUndoable gives the records that the actor's action made or changed today, and that nobody has changed since.
func selectUndoable(ctx context.Context, tx tenants.Writer, action ids.ID) ([]Record, error) {
	var list []Record
	err := tx.NewSelect().Model(&list).Where("tenant_id = ?", tx.Tenant().ID).
		Where("(id, version) IN (SELECT c.record_id, c.version FROM care_change c WHERE c.tenant_id = ?0 AND c.action_id = ?1 AND c.changed_by = ?2 AND c.changed_at >= ?3)",
			tx.Tenant().ID, action, actor.From(ctx).PersonID, moment(tx, tx.Today(), "00:00")).
		Order("id").For("UPDATE").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("care: select what to undo: %w", err)
	}
	return list, nil
}

func selectChange(ctx context.Context, tx tenants.Reader, record ids.ID, version int) (*Change, error) {
	c := new(Change)
	err := tx.NewSelect().Model(c).Where("tenant_id = ?", tx.Tenant().ID).Where("record_id = ?", record).Where("version = ?", version).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("care: select change: %w", err)
	}
	return c, nil
}

// Past is a form that a record had, with who gave it.
type Past struct {
	Change
	Author string
}

func selectHistory(ctx context.Context, tx tenants.Reader, record ids.ID) ([]Past, error) {
	var list []Past
	err := tx.NewRaw(`SELECT c.*, p.given_name AS author FROM care_change c JOIN person p ON p.tenant_id = c.tenant_id AND p.id = c.changed_by
		WHERE c.tenant_id = ? AND c.record_id = ? ORDER BY c.version`, tx.Tenant().ID, record).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("care: select history: %w", err)
	}
	return list, nil
}

// A day may begin in one group and end in another: the state here is of the stay here.
var statesSQL = `SELECT k.id AS child_id,
	coalesce((SELECT to_char(min(d.from_time), 'HH24:MI') FROM placement p JOIN placement_day d ON d.tenant_id = p.tenant_id AND d.placement_id = p.id
		WHERE p.tenant_id = ?0 AND p.child_id = k.id AND p.group_id = ?1 AND p.cancelled_at IS NULL AND p.starts_on <= ?2::date
		AND (p.ends_on IS NULL OR p.ends_on >= ?2::date) AND d.weekday = extract(isodow FROM ?2::date) AND ` + agenda.OpenSQL("?2") + `), '') AS expected,
	s.began_at AS arrived_at, s.ended_at AS left_at,
	(SELECT r.began_at FROM care_record r WHERE r.tenant_id = ?0 AND r.child_id = k.id AND r.care_on = ?2::date AND r.kind = 'sleep'
		AND r.group_id = ?1 AND r.ended_at IS NULL AND r.withdrawn_at IS NULL) AS asleep_since
	FROM unnest(?3::uuid[]) AS k (id)
	LEFT JOIN LATERAL (SELECT r.began_at, r.ended_at FROM care_record r WHERE r.tenant_id = ?0 AND r.child_id = k.id AND r.care_on = ?2::date
		AND r.kind = 'stay' AND r.group_id = ?1 AND r.withdrawn_at IS NULL ORDER BY r.began_at DESC, r.id DESC LIMIT 1) AS s ON true`

func selectStates(ctx context.Context, tx tenants.Reader, group ids.ID, childIDs []ids.ID) ([]State, error) {
	var list []State
	if len(childIDs) == 0 {
		return nil, nil
	}
	err := tx.NewRaw(statesSQL, tx.Tenant().ID, group, string(tx.Today()), pgdialect.Array(ids.Texts(childIDs))).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("care: select states: %w", err)
	}
	return list, nil
}

// Parameters: 1 tenant, 2 person or NULL for the visitor, 3 today.
var todaySQL = tenants.ForVisitor(`SELECT r.id, r.child_id, r.kind, r.began_at, r.ended_at, r.amount, r.choice, r.words FROM care_record r
	WHERE r.tenant_id = $1 AND r.child_id IN (` + children.VisibleSQL(actor.Parent, 1, 2, 3) + `) AND r.care_on = $3::date AND r.withdrawn_at IS NULL
	ORDER BY r.began_at, r.id`)

// Today asks for the day of each child of a guardian: args are the tenant, the person or NULL for the visitor
// (tenants.ForVisitor), and the day.
func Today(args []any, days *[]Day) tenants.Question {
	return tenants.Question{SQL: todaySQL, Args: args[:3:3], Scan: func(rows pgx.Rows) error {
		for rows.Next() {
			var r Record
			if err := rows.Scan(&r.ID, &r.ChildID, (*string)(&r.Kind), &r.BeganAt, &r.EndedAt, &r.Amount, &r.Choice, &r.Words); err != nil {
				return err
			}
			*days = add(*days, r)
		}
		return nil
	}}
}
