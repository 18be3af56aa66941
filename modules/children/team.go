package children

import (
	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/tenants"
)

// Stays selects child_id, group_id, location_id and first_day of every placement that holds or is still to come, of the children whom
// who may know of. first_day is today, or the day on which it starts.
func Stays(tx tenants.Reader, who actor.Actor) *bun.RawQuery {
	return tx.NewRaw(`SELECT p.child_id, p.group_id, g.location_id, greatest(p.starts_on, ?1::date) AS first_day FROM placement p
		JOIN care_group g ON g.tenant_id = p.tenant_id AND g.id = p.group_id
		WHERE p.tenant_id = ?0 AND p.cancelled_at IS NULL AND (p.ends_on IS NULL OR p.ends_on >= ?1::date) AND p.child_id IN (?2)`,
		tx.Tenant().ID, string(tx.Today()), VisibleTo(tx, who))
}

// employed are the people p who work here, today or later.
const employed = `p.deactivated_at IS NULL AND EXISTS (SELECT FROM membership m WHERE m.tenant_id = p.tenant_id AND m.person_id = p.id
	AND m.role IN ('staff', 'manager', 'admin') AND (m.valid_to IS NULL OR m.valid_to >= ?1::date))`

// Team selects person_id, group_id and location_id of the colleagues whom who may read about, a row for each group that they work in.
// This is the one place where it is written.
//
// A parent: who works in the groups of Stays, on the first day of the stay.
// A manager, an admin: who works, today or later, in the groups of the locations that they run.
// Anybody else: nobody.
func Team(tx tenants.Reader, who actor.Actor) *bun.RawQuery {
	const colleagues = `SELECT DISTINCT a.person_id, a.group_id, g.location_id FROM group_assignment a JOIN person p ON p.tenant_id = a.tenant_id AND p.id = a.person_id
		JOIN care_group g ON g.tenant_id = a.tenant_id AND g.id = a.group_id WHERE a.tenant_id = ?0 AND ` + employed
	if who.Role == actor.Parent {
		return tx.NewRaw(colleagues+` AND EXISTS (SELECT FROM (?2) s WHERE s.group_id = a.group_id AND a.valid_from <= s.first_day AND (a.valid_to IS NULL OR a.valid_to >= s.first_day))`,
			tx.Tenant().ID, string(tx.Today()), Stays(tx, who))
	}
	return tx.NewRaw(colleagues+` AND (a.valid_to IS NULL OR a.valid_to >= ?1::date) AND g.location_id IN (?2)`, tx.Tenant().ID, string(tx.Today()), LocationsOf(tx, who))
}
