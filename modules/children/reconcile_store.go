package children

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// atOnce is how many rows one statement of a correction writes: some tens of milliseconds.
const atOnce = 500

func selectEverything(ctx context.Context, tx tenants.Reader) (*Everything, error) {
	all := new(Everything)
	for _, q := range []struct {
		rows  any
		where string
	}{
		{&all.Locations, "true"}, {&all.Cares, "true"}, {&all.Groups, "true"}, {&all.Children, "true"}, {&all.Guardianships, "true"},
		{&all.Assignments, "true"}, {&all.Placements, "cancelled_at IS NULL"}, {&all.Mentorships, "valid_to IS NULL"},
		{&all.PlacementDays, "true"}, // a join here takes minutes right after an import, before there are statistics
	} {
		if err := tx.NewSelect().Model(q.rows).Where("tenant_id = ?", tx.Tenant().ID).Where(q.where).Scan(ctx); err != nil {
			return nil, fmt.Errorf("children: select everything: %w", err)
		}
	}
	err := tx.NewRaw("SELECT id AS location_id, left(opens_at::text, 5) AS opens, left(closes_at::text, 5) AS closes_at FROM location WHERE tenant_id = ?", tx.Tenant().ID).Scan(ctx, &all.Hours)
	if err != nil {
		return nil, fmt.Errorf("children: select hours: %w", err)
	}
	return all, nil
}

func compareIDs(a, b ids.ID) int { return bytes.Compare(a[:], b[:]) }

func lockRows(ctx context.Context, tx tenants.Writer, table string, list []ids.ID) error {
	for part := range slices.Chunk(list, atOnce) {
		_, err := tx.NewRaw("SELECT FROM ? WHERE tenant_id = ? AND id IN (?) ORDER BY id FOR NO KEY UPDATE", bun.Ident(table), tx.Tenant().ID, bun.List(part)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("children: lock %s: %w", table, err)
		}
	}
	return nil
}

func correctRows(ctx context.Context, tx tenants.Writer, c *Corrections, wrote func(int)) error {
	w := corrector{ctx: ctx, tx: tx, wrote: wrote}
	correct(&w, c.Locations, []string{"street", "postcode", "city", "phone", "email"}, []string{"text", "text", "text", "text", "text"}, func(l Location) []any {
		return []any{l.ID, l.Street, l.Postcode, l.City, l.Phone, l.Email}
	}, "location", "")
	correct(&w, c.Groups, []string{"from_age_months", "to_age_months"}, []string{"int", "int"}, func(g Group) []any {
		return []any{g.ID, g.FromAgeMonths, g.ToAgeMonths}
	}, "care_group", "")
	add(&w, c.Added.Locations)
	add(&w, c.Added.Cares)
	correct(&w, c.Cares, []string{"lrk_number"}, []string{"text"}, func(l LocationCare) []any { return []any{l.LocationID, l.LRKNumber, string(l.CareType)} },
		"location_care", "t.location_id = x.id::uuid AND t.care_type = x.other")
	add(&w, c.Added.Groups)
	correct(&w, c.Children, []string{"given_name", "family_name", "birth_on"}, []string{"text", "text", "date"}, func(k Child) []any {
		return []any{k.ID, k.GivenName, k.FamilyName, string(k.BirthOn)}
	}, "child", "")
	add(&w, c.Added.Children)
	correct(&w, c.Guardianships, []string{"kind", "household"}, []string{"text", "int"}, func(g Guardianship) []any {
		return []any{g.ID, string(g.Kind), g.Household}
	}, "guardianship", "t.id = x.id::uuid AND t.blocked_at IS NULL")
	add(&w, c.Added.Guardianships)
	correct(&w, c.Assignments, []string{"valid_from", "valid_to"}, []string{"date", "date"}, func(a Assignment) []any {
		return []any{a.ID, string(a.ValidFrom), string(a.ValidTo)}
	}, "group_assignment", "")
	add(&w, c.Added.Assignments)
	correct(&w, c.Placements, []string{"starts_on", "ends_on"}, []string{"date", "date"}, func(p Placement) []any {
		return []any{p.ID, string(p.StartsOn), string(p.EndsOn)}
	}, "placement", "")
	add(&w, c.Added.Placements)
	w.forgetDays(c.NewDays)
	add(&w, c.Added.PlacementDays)
	correct(&w, c.Mentorships, []string{"person_id", "valid_to"}, []string{"uuid", "date"}, func(m Mentorship) []any {
		return []any{m.ID, m.PersonID, string(m.ValidTo)}
	}, "mentorship", "")
	add(&w, c.Added.Mentorships)
	return w.err
}

var versioned = map[string]bool{"child": true, "guardianship": true, "placement": true, "location": true, "care_group": true, "group_assignment": true}

// corrector writes one part after the other until something goes wrong.
type corrector struct {
	ctx   context.Context
	tx    tenants.Writer
	wrote func(int)
	err   error
}

func add[T any](w *corrector, rows []T) {
	for part := range slices.Chunk(rows, atOnce) {
		if w.err != nil {
			return
		}
		if _, err := w.tx.NewInsert().Model(&part).Exec(w.ctx); err != nil {
			w.err = fmt.Errorf("children: insert %T: %w", part, err)
			return
		}
		w.wrote(len(part))
	}
}

// correct writes columns of rows of a table. values gives the id of a row and then its columns; where the id is not all that
// a row is known by, one value more, called other, and the condition on.
func correct[T any](w *corrector, rows []T, columns, types []string, values func(T) []any, table, on string) {
	if on == "" {
		on = "t.id = x.id::uuid"
	}
	for part := range slices.Chunk(rows, atOnce) {
		if w.err != nil {
			return
		}
		w.err = w.updatePart(table, on, columns, types, len(part), func(i int) []any { return values(part[i]) })
	}
}

func (w *corrector) updatePart(table, on string, columns, types []string, count int, values func(int) []any) error {
	set, names, lists := "", "id", "?::text[]"
	for i, column := range columns {
		if i > 0 {
			set += ", "
		}
		value := "x." + column + "::" + types[i]
		if types[i] == "date" {
			value = "nullif(x." + column + ", '')::date"
		}
		set += column + " = " + value
		names, lists = names+", "+column, lists+", ?::text[]"
	}
	if versioned[table] {
		set += ", version = t.version + 1" // who has the row on the screen is told that it is another one now
	}
	width := len(values(0))
	if width > len(columns)+1 {
		names, lists = names+", other", lists+", ?::text[]"
	}
	args := make([]any, 0, width+1)
	for column := range width {
		list := make([]string, count)
		for row := range count {
			list[row] = fmt.Sprint(values(row)[column])
		}
		args = append(args, pgdialect.Array(list))
	}
	done, err := w.tx.NewRaw("UPDATE "+table+" t SET "+set+" FROM unnest("+lists+") AS x ("+names+") WHERE t.tenant_id = ? AND "+on, append(args, w.tx.Tenant().ID)...).Exec(w.ctx)
	if err != nil {
		return fmt.Errorf("children: correct %s: %w", table, err)
	}
	if n, err := done.RowsAffected(); err != nil || n != int64(count) {
		return errors.Join(ErrChanged, err)
	}
	w.wrote(count)
	return nil
}

func (w *corrector) forgetDays(placements []ids.ID) {
	for part := range slices.Chunk(placements, atOnce) {
		if w.err != nil {
			return
		}
		_, err := w.tx.NewDelete().Model((*PlacementDay)(nil)).Where("tenant_id = ?", w.tx.Tenant().ID).Where("placement_id IN (?)", bun.List(part)).Exec(w.ctx)
		if err != nil {
			w.err = fmt.Errorf("children: forget days: %w", err)
		}
	}
}
