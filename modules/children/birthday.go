package children

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Birthday is a day on which a child gets a year older.
type Birthday struct {
	Named
	Day tenants.Date
	Age int
	Own bool // of one of those who were asked about
}

// Birthdays gives those from one day to another of children, and of who is placed in a group beside one of them: today or later, and on the
// day itself. Who was born on the 29th of February has theirs on the 28th in other years. Whether somebody may know of the others is for
// the caller to decide.
func Birthdays(ctx context.Context, tx tenants.Reader, childIDs []ids.ID, from, to tenants.Date) ([]Birthday, error) {
	if len(childIDs) == 0 {
		return nil, nil
	}
	const stands = `{p}.tenant_id = c.tenant_id AND {p}.cancelled_at IS NULL AND {p}.starts_on <= b.day AND ({p}.ends_on IS NULL OR {p}.ends_on >= greatest(b.day, ?4::date))`
	var list []Birthday
	err := tx.NewRaw(`SELECT c.id, c.given_name, c.face, b.day, b.age, c.id IN (?3) AS own FROM child c
		CROSS JOIN LATERAL (SELECT n AS age, (c.birth_on + make_interval(years => n))::date AS day FROM generate_series(
			greatest(1, extract(year FROM ?1::date)::int - extract(year FROM c.birth_on)::int), extract(year FROM ?2::date)::int - extract(year FROM c.birth_on)::int) n) b
		WHERE c.tenant_id = ?0 AND b.day BETWEEN ?1::date AND ?2::date AND (c.id IN (?3) OR EXISTS (
			SELECT FROM placement p JOIN placement o ON o.group_id = p.group_id AND o.child_id IN (?3) AND `+replaceAll(stands, "{p}", "o")+`
			WHERE p.child_id = c.id AND `+replaceAll(stands, "{p}", "p")+`))
		ORDER BY b.day, c.given_name, c.id`, tx.Tenant().ID, string(from), string(to), bun.List(childIDs), string(tx.Today())).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("children: select birthdays: %w", err)
	}
	return list, nil
}
