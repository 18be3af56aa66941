package accesses

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"ouderportaal/internal/ids"
	"ouderportaal/internal/paging"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

func insert(ctx context.Context, tx tenants.Writer, rows []row) error {
	if _, err := tx.NewInsert().Model(&rows).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
		return fmt.Errorf("accesses: insert: %w", err)
	}
	return nil
}

// selectNamed gives the children within the rule by name; with an id, that one alone.
func selectNamed(ctx context.Context, tx tenants.Reader, within *bun.RawQuery, only ...ids.ID) ([]children.Named, error) {
	var list []children.Named
	q := tx.NewSelect().Model((*children.Child)(nil)).Column("id", "given_name", "face").Where("tenant_id = ?", tx.Tenant().ID).Where("id IN (?)", within)
	for _, id := range only {
		q = q.Where("id = ?", id)
	}
	if err := q.Order("birth_on", "id").Scan(ctx, &list); err != nil {
		return nil, fmt.Errorf("accesses: select children: %w", err)
	}
	return list, nil
}

// farFuture starts a list at its newest row.
var farFuture = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// Each child's newest are read from the end of an index, so that a page costs the same in the first week and after ten years.
const newestSQL = `SELECT x.id, x.child_id, x.person_id, x.person_role AS role, x.what, x.object_id, x.opened_at AS at,
		CASE x.person_role WHEN 'role:parent' THEN p.given_name ELSE trim(p.given_name || ' ' || p.family_name) END AS name,
		CASE x.person_role WHEN 'role:parent' THEN coalesce((SELECT g.kind FROM guardianship g WHERE g.tenant_id = x.tenant_id AND g.child_id = x.child_id
			AND g.person_id = x.person_id ORDER BY g.valid_from DESC LIMIT 1), '') ELSE '' END AS tie
	FROM (SELECT a.* FROM unnest(?1::uuid[]) AS k (id) CROSS JOIN LATERAL (
			SELECT * FROM child_access c WHERE c.tenant_id = ?0 AND c.child_id = k.id AND (c.opened_at, c.id) < (?2, ?3)
			ORDER BY c.opened_at DESC, c.id DESC LIMIT ?4) AS a
		ORDER BY a.opened_at DESC, a.id DESC LIMIT ?4) AS x
	JOIN person p ON p.tenant_id = x.tenant_id AND p.id = x.person_id
	ORDER BY x.opened_at DESC, x.id DESC`

func selectNewest(ctx context.Context, tx tenants.Reader, childIDs []ids.ID, after paging.Cursor, most int) ([]Access, error) {
	if len(childIDs) == 0 {
		return nil, nil
	}
	before := after.At
	if after.ID == ids.Nil {
		before = farFuture
	}
	about := make([]string, len(childIDs))
	for i, id := range childIDs {
		about[i] = id.String()
	}
	var list []Access
	if err := tx.NewRaw(newestSQL, tx.Tenant().ID, pgdialect.Array(about), before, after.ID, most).Scan(ctx, &list); err != nil {
		return nil, fmt.Errorf("accesses: select newest: %w", err)
	}
	return list, nil
}
