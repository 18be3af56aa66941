package children

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// monthsBetween counts the whole months from one day to another; negative when to is before from. Both must be days.
func monthsBetween(from, to tenants.Date) int {
	a, errA := time.Parse(time.DateOnly, string(from))
	b, errB := time.Parse(time.DateOnly, string(to))
	if errA != nil || errB != nil {
		return 0
	}
	months := (b.Year()-a.Year())*monthsYear + int(b.Month()) - int(a.Month())
	if b.Day() < a.Day() {
		months--
	}
	return months
}

// AgeMonths is the age of a child on a day, in whole months; negative before its birth.
func AgeMonths(birth, on tenants.Date) int { return monthsBetween(birth, on) }

// Age is a number of months in words: "2 jaar en 4 maanden".
type Age int

// In is the age in a language; below zero, that somebody is not born yet.
func (a Age) In(l *i18n.Localizer) string {
	if a < 0 {
		return l.T("children.age.unborn")
	}
	var parts []string
	if years := int(a) / monthsYear; years > 0 {
		parts = append(parts, l.N("children.age.years", years))
	}
	if rest := int(a) % monthsYear; rest > 0 || a == 0 {
		parts = append(parts, l.N("children.age.months", rest))
	}
	return l.List(parts)
}

// DaysText is days on one line, for the log: "1 07:30-18:00, 2 07:30-12:30".
func DaysText(days []CareDay) string {
	parts := make([]string, len(days))
	for i, d := range days {
		parts[i] = strconv.Itoa(d.Weekday) + " " + d.From + "-" + d.To
	}
	return strings.Join(parts, ", ")
}

// ParseDaysText reads what DaysText wrote; false for anything else.
func ParseDaysText(text string) ([]CareDay, bool) {
	var days []CareDay
	for _, part := range strings.Split(text, ", ") {
		number, times, spaced := strings.Cut(part, " ")
		from, to, dashed := strings.Cut(times, "-")
		weekday, err := strconv.Atoi(number)
		if !spaced || !dashed || err != nil || weekday < 1 || weekday > 7 {
			return nil, false
		}
		days = append(days, CareDay{Weekday: weekday, From: from, To: to})
	}
	return days, true
}

// setDays replaces the weekdays of a placement.
func setDays(ctx context.Context, tx tenants.Writer, placement ids.ID, days []CareDay) error {
	_, err := tx.NewDelete().Model((*PlacementDay)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("placement_id = ?", placement).Exec(ctx)
	if err != nil {
		return fmt.Errorf("children: delete placement days: %w", err)
	}
	rows := make([]PlacementDay, len(days))
	for i, d := range days {
		rows[i] = PlacementDay{TenantID: tx.Tenant().ID, PlacementID: placement, Weekday: d.Weekday, FromTime: d.From, ToTime: d.To}
	}
	if len(rows) == 0 {
		return nil
	}
	return insert(ctx, tx, &rows)
}

func daysOf(ctx context.Context, tx tenants.Reader, placement ids.ID) ([]CareDay, error) {
	var list []CareDay
	err := tx.NewRaw(`SELECT weekday, to_char(from_time, 'HH24:MI') AS "from", to_char(to_time, 'HH24:MI') AS "to" FROM placement_day
		WHERE tenant_id = ? AND placement_id = ? ORDER BY weekday`, tx.Tenant().ID, placement).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("children: select placement days: %w", err)
	}
	return list, nil
}

// overlap is a day on which the child is expected elsewhere already.
type overlap struct {
	Weekday         int
	Group, From, To string
}

// selectOverlaps finds the other placements of the child for the same care whose period, weekdays and times meet those of d.
func selectOverlaps(ctx context.Context, tx tenants.Reader, child, except ids.ID, care CareType, d PlacementDraft) ([]overlap, error) {
	var list []overlap
	for _, day := range d.Days {
		var found []overlap
		err := tx.NewRaw(`SELECT d.weekday, g.name AS "group", to_char(d.from_time, 'HH24:MI') AS "from", to_char(d.to_time, 'HH24:MI') AS "to"
			FROM placement p JOIN placement_day d ON d.tenant_id = p.tenant_id AND d.placement_id = p.id JOIN care_group g ON g.tenant_id = p.tenant_id AND g.id = p.group_id
			WHERE p.tenant_id = ?0 AND p.child_id = ?1 AND p.id <> ?2 AND p.care_type = ?3 AND p.cancelled_at IS NULL
				AND p.starts_on <= coalesce(nullif(?5, '')::date, 'infinity') AND coalesce(p.ends_on, 'infinity') >= ?4::date
				AND d.weekday = ?6 AND d.from_time < ?8::time AND d.to_time > ?7::time ORDER BY d.weekday LIMIT 1`,
			tx.Tenant().ID, child, except, care, string(d.StartsOn), string(d.EndsOn), day.Weekday, day.From, day.To).Scan(ctx, &found)
		if err != nil {
			return nil, fmt.Errorf("children: select overlaps: %w", err)
		}
		list = append(list, found...)
	}
	return list, nil
}
