package news

import (
	"strings"

	"ouderportaal/internal/actor"
	"ouderportaal/modules/children"
)

// Which groups somebody belongs to, per role. Parameters of all rules: 1 tenant, 2 person, 3 today.
//
// A parent: those in which their children are placed, or will be.
// Staff: those in which they work. A manager, an admin: those of their locations.
var own = map[actor.Role]string{
	actor.Parent:  `SELECT p.group_id FROM placement p WHERE p.tenant_id = $1 AND ` + placed + ` AND p.child_id IN (` + children.VisibleSQL(actor.Parent, 1, 2, 3) + `)`,
	actor.Staff:   children.GroupsSQL(actor.Staff, 1, 2, 3),
	actor.Manager: children.GroupsSQL(actor.Manager, 1, 2, 3),
	actor.Admin:   children.GroupsSQL(actor.Admin, 1, 2, 3),
}

// placed are the placements p that are, or will be.
const placed = `p.cancelled_at IS NULL AND (p.ends_on IS NULL OR p.ends_on >= $3::date)`

// aimed are the groups g that an article a is for.
const aimed = `(a.everywhere OR EXISTS (SELECT FROM article_location x WHERE x.tenant_id = $1 AND x.article_id = a.id AND x.location_id = g.location_id)
	OR EXISTS (SELECT FROM article_group x WHERE x.tenant_id = $1 AND x.article_id = a.id AND x.group_id = g.id))`

// Which articles a somebody may read, per role: those that were published for people like them, for a group that they belong to. This is
// the one place where it is written.
var reads = map[actor.Role]string{
	actor.Parent:  readsAs("a.for_guardians", actor.Parent),
	actor.Staff:   readsAs("a.for_staff", actor.Staff),
	actor.Manager: readsAs("a.for_staff", actor.Manager),
	actor.Admin:   readsAs("a.for_staff", actor.Admin),
}

func readsAs(people string, role actor.Role) string {
	return `a.tenant_id = $1 AND a.state = 'published' AND ` + people + ` AND EXISTS (SELECT FROM care_group g WHERE g.tenant_id = $1 AND g.id IN (` + own[role] + `) AND ` + aimed + `)`
}

// Which articles a somebody looks after, per role: an admin all of them; a manager those that are for nowhere else than their locations.
var keeps = map[actor.Role]string{
	actor.Admin: `a.tenant_id = $1`,
	actor.Manager: `a.tenant_id = $1 AND NOT a.everywhere
		AND NOT EXISTS (SELECT FROM article_location x WHERE x.tenant_id = $1 AND x.article_id = a.id AND x.location_id NOT IN (` + children.LocationsSQL(actor.Manager, 1, 2, 3) + `))
		AND NOT EXISTS (SELECT FROM article_group x WHERE x.tenant_id = $1 AND x.article_id = a.id AND x.group_id NOT IN (` + own[actor.Manager] + `))
		AND (a.created_by = $2 OR EXISTS (SELECT FROM article_location x WHERE x.tenant_id = $1 AND x.article_id = a.id) OR EXISTS (SELECT FROM article_group x WHERE x.tenant_id = $1 AND x.article_id = a.id))`,
}

// ofPerson is a rule for the person in a column.
func ofPerson(rule, column string) string {
	return strings.NewReplacer("$1", "?0", "$2", column, "$3", "?2").Replace(rule)
}

// numbered sends $1, $2 … as bun writes them.
func numbered(query string) string {
	return strings.NewReplacer("$1", "?0", "$2", "?1", "$3", "?2", "$4", "?3", "$5", "?4", "$6", "?5", "$7", "?6", "$8", "?7", "$9", "?8").Replace(query)
}
