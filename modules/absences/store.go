package absences

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

// hold makes writers about the same children wait for each other, in one order.
func hold(ctx context.Context, tx tenants.Writer, childIDs []ids.ID) error {
	return tx.Lock(ctx, "absence", ids.Texts(childIDs)...)
}

// selectStanding gives what stands of children and has a day in a period, by day.
func selectStanding(ctx context.Context, tx tenants.Reader, childIDs []ids.ID, from, to tenants.Date) ([]Absence, error) {
	var list []Absence
	if len(childIDs) == 0 {
		return nil, nil
	}
	err := tx.NewSelect().Model(&list).Where("tenant_id = ?", tx.Tenant().ID).Where("child_id IN (?)", bun.List(childIDs)).
		Where("last_day >= ?", string(from)).Where("first_day <= ?", string(to)).Where("withdrawn_at IS NULL").Order("first_day", "id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("absences: select standing: %w", err)
	}
	return list, nil
}

// selectOne gives an absence of a child of the actor's, standing or not.
func selectOne(ctx context.Context, tx tenants.Reader, id ids.ID) (*Absence, error) {
	a := new(Absence)
	err := tx.NewSelect().Model(a).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).
		Where("child_id IN (?)", children.VisibleTo(tx, actor.From(ctx))).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.NotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("absences: select: %w", err)
	}
	return a, nil
}

// Told is an absence with who reported it.
type Told struct {
	Absence
	Reporter string // a first name
}

const toldSQL = `SELECT a.*, p.given_name AS reporter FROM absence a JOIN person p ON p.tenant_id = a.tenant_id AND p.id = coalesce(a.withdrawn_by, a.reported_by) WHERE a.tenant_id = ?0`

// selectOf gives what stands of children and ends on a day or later, with who reported it, by day.
func selectOf(ctx context.Context, tx tenants.Reader, childIDs []ids.ID, from tenants.Date) ([]Told, error) {
	var list []Told
	if len(childIDs) == 0 {
		return nil, nil
	}
	err := tx.NewRaw(toldSQL+" AND a.child_id IN (?1) AND a.withdrawn_at IS NULL AND a.last_day >= ?2::date ORDER BY a.first_day, a.child_id, a.id", tx.Tenant().ID, bun.List(childIDs), string(from)).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("absences: select of children: %w", err)
	}
	return list, nil
}

// selectTold gives the rows that subjects are about, standing or not, by day: those of a report, or an absence that was withdrawn.
// Of what was withdrawn or replaced, the reporter is who did that.
func selectTold(ctx context.Context, tx tenants.Reader, subjects []ids.ID) ([]Told, error) {
	var list []Told
	if len(subjects) == 0 {
		return nil, nil
	}
	err := tx.NewRaw(toldSQL+" AND (a.report_id IN (?1) OR a.id IN (?1)) ORDER BY a.first_day, a.id", tx.Tenant().ID, bun.List(subjects)).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("absences: select told: %w", err)
	}
	return list, nil
}

// keep writes what a book has come to.
func keep(ctx context.Context, tx tenants.Writer, b *book) error {
	for _, a := range b.gone {
		if err := end(ctx, tx, a.ID, true); err != nil {
			return err
		}
	}
	return insert(ctx, tx, b.added())
}

func insert(ctx context.Context, tx tenants.Writer, list []Absence) error {
	if len(list) == 0 {
		return nil
	}
	if _, err := tx.NewInsert().Model(&list).Exec(ctx); err != nil {
		return fmt.Errorf("absences: insert: %w", err)
	}
	return nil
}

// end makes a row stand no more; replaced tells that others stand for its days.
func end(ctx context.Context, tx tenants.Writer, id ids.ID, replaced bool) error {
	_, err := tx.NewUpdate().Model((*Absence)(nil)).Set("withdrawn_at = ?", tx.Now()).Set("withdrawn_by = ?", actor.From(ctx).PersonID).Set("replaced = ?", replaced).
		Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).Where("withdrawn_at IS NULL").Exec(ctx)
	if err != nil {
		return fmt.Errorf("absences: end: %w", err)
	}
	return nil
}

func selectSettings(ctx context.Context, tx tenants.Reader) (Settings, error) {
	s := Settings{TenantID: tx.Tenant().ID, UntilTime: defaultUntil}
	err := tx.NewSelect().Model(&s).Column("days_before", "days_back").ColumnExpr("to_char(until_time, 'HH24:MI') AS until_time").Where("tenant_id = ?", tx.Tenant().ID).Scan(ctx)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return s, fmt.Errorf("absences: select settings: %w", err)
	}
	return s, nil
}

func saveSettings(ctx context.Context, tx tenants.Writer, s Settings) error {
	s.TenantID = tx.Tenant().ID
	_, err := tx.NewInsert().Model(&s).On("CONFLICT (tenant_id) DO UPDATE").Set("days_before = EXCLUDED.days_before").Set("until_time = EXCLUDED.until_time").
		Set("days_back = EXCLUDED.days_back").Exec(ctx)
	if err != nil {
		return fmt.Errorf("absences: save settings: %w", err)
	}
	return nil
}

// On gives what stands of the children for a day, as it was reported. The caller has seen to it that the actor works with
// them: guardians are told no reasons of each other's (Narrow).
func On(ctx context.Context, tx tenants.Reader, childIDs []ids.ID, day tenants.Date) (map[ids.ID][]Absence, error) {
	list, err := selectStanding(ctx, tx, childIDs, day, day)
	if err != nil {
		return nil, err
	}
	absent := make(map[ids.ID][]Absence, len(list))
	for _, a := range list {
		absent[a.ChildID] = append(absent[a.ChildID], a)
	}
	return absent, nil
}

// Between gives what stands of children and has a day in a period. The caller has asked whether the actor may know of them.
func Between(ctx context.Context, tx tenants.Reader, childIDs []ids.ID, from, to tenants.Date) ([]Absence, error) {
	return selectStanding(ctx, tx, childIDs, from, to)
}

// AwayToday tells of the child k, in a query whose parameter 3 is today, whether it is reported absent. A day within a report that
// is no day of care does not count: open tells of the placement p whether there is care today.
func AwayToday(open string) string {
	return `EXISTS (SELECT FROM absence a WHERE a.tenant_id = k.tenant_id AND a.child_id = k.id AND a.last_day >= $3::date AND a.first_day <= $3::date AND a.withdrawn_at IS NULL
	AND EXISTS (SELECT FROM placement p JOIN placement_day d ON d.tenant_id = p.tenant_id AND d.placement_id = p.id WHERE p.tenant_id = k.tenant_id AND p.child_id = k.id
		AND p.cancelled_at IS NULL AND p.starts_on <= $3::date AND (p.ends_on IS NULL OR p.ends_on >= $3::date) AND d.weekday = extract(isodow FROM $3::date) AND ` + open + `))`
}

// OfChild gives every absence of a child that stands, by day. The caller has asked whether the actor may know of the child, and
// narrows what a guardian reads.
func OfChild(ctx context.Context, tx tenants.Reader, child ids.ID) ([]Absence, error) {
	return selectStanding(ctx, tx, []ids.ID{child}, "1900-01-01", "2200-01-01")
}

// Recall keeps reports of the past within tx. Nobody is told.
func Recall(ctx context.Context, tx tenants.Writer, list []Absence) error {
	return insert(ctx, tx, list)
}
