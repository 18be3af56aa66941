package children

import (
	"github.com/uptrace/bun"

	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Starts selects person_id, child_id, placement_id and starts_on of every placement that holds or is still to come, for
// every guardian who may know of the child then: the rule of who is to have an account. people selects person_id of the
// guardians in question; nil is all of them.
func Starts(tx tenants.Reader, people *bun.RawQuery) *bun.RawQuery {
	return tx.NewRaw(`SELECT DISTINCT g.person_id, g.child_id, p.id AS placement_id, p.starts_on
		FROM guardianship g JOIN placement p ON p.tenant_id = g.tenant_id AND p.child_id = g.child_id
		WHERE g.tenant_id = ?0 AND g.kind IN ('gezag', 'informatierecht') AND g.blocked_at IS NULL AND (g.valid_to IS NULL OR g.valid_to >= ?1::date)
		AND p.cancelled_at IS NULL AND (p.ends_on IS NULL OR p.ends_on >= ?1::date) AND ?2`, tx.Tenant().ID, string(tx.Today()), among(tx, "g.person_id", people))
}

// among is the condition that column is one of those that ids selects; nil is any.
func among(tx tenants.Reader, column string, ids *bun.RawQuery) *bun.RawQuery {
	if ids == nil {
		return tx.NewRaw("true")
	}
	return tx.NewRaw("? IN (?)", bun.Ident(column), ids)
}

// Those selects the ids of the children of a list that has one at least.
func Those(tx tenants.Reader, list []ids.ID) *bun.RawQuery {
	return tx.NewRaw("SELECT id FROM child WHERE tenant_id = ?0 AND id IN (?1)", tx.Tenant().ID, bun.List(list))
}

// Families selects person_id of everybody who is or was tied to one of the children.
func Families(tx tenants.Reader, childIDs []ids.ID) *bun.RawQuery {
	return tx.NewRaw("SELECT person_id FROM guardianship WHERE tenant_id = ?0 AND child_id IN (?1)", tx.Tenant().ID, bun.List(childIDs))
}

// Ties selects person_id and child_id of the ties that hold, now or from a later day, and give a right to information.
func Ties(tx tenants.Reader) *bun.RawQuery {
	return tx.NewRaw(`SELECT person_id, child_id FROM guardianship WHERE tenant_id = ?0 AND kind IN ('gezag', 'informatierecht')
		AND blocked_at IS NULL AND (valid_to IS NULL OR valid_to >= ?1::date)`, tx.Tenant().ID, string(tx.Today()))
}

// Authorities selects person_id and child_id of parental authority that holds today; a pair may come twice.
func Authorities(tx tenants.Reader) *bun.RawQuery {
	return tx.NewRaw(`SELECT person_id, child_id FROM guardianship WHERE tenant_id = ?0 AND kind = ?2 AND blocked_at IS NULL
		AND valid_from <= ?1::date AND (valid_to IS NULL OR valid_to >= ?1::date)`, tx.Tenant().ID, string(tx.Today()), Authority)
}

// TiedTo selects the ids of the children to whom any of the people, of whom there is one at least, is tied as in Ties.
func TiedTo(tx tenants.Reader, people []ids.ID) *bun.RawQuery {
	return tx.NewRaw("SELECT t.child_id FROM (?) t WHERE t.person_id IN (?)", Ties(tx), bun.List(people))
}

// Cancelled selects the ids of the placements that were called off.
func Cancelled(tx tenants.Reader) *bun.RawQuery {
	return tx.NewRaw("SELECT id FROM placement WHERE tenant_id = ?0 AND cancelled_at IS NOT NULL", tx.Tenant().ID)
}
