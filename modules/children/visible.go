package children

import (
	"strings"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/tenants"
)

// Who may know of a child, per role, as the ids of the children. This is the one place where it is written; every other
// query narrows itself with it. {tenant}, {person} and {today} become parameters.
//
// A parent: while the tie is one that gives a right to information, holds today and is not blocked.
// Staff: children with a placement that holds today, or starts within two weeks (settling in), in a group they are assigned to today.
// A manager: children with such a placement at a location of the manager's membership.
// An admin, and the system: every child of the organisation.
var visible = map[actor.Role]string{
	actor.Parent: `SELECT g.child_id ` + ownTie,
	actor.Staff: `SELECT p.child_id FROM placement p
		JOIN group_assignment a ON a.tenant_id = p.tenant_id AND a.group_id = p.group_id
		WHERE p.tenant_id = {tenant} AND a.person_id = {person} AND ` + assigned + ` AND ` + placed,
	actor.Manager: `SELECT p.child_id FROM placement p
		JOIN care_group c ON c.tenant_id = p.tenant_id AND c.id = p.group_id
		WHERE p.tenant_id = {tenant} AND c.location_id IN (` + managed + `) AND ` + placed,
	actor.Admin:  everybody,
	actor.System: everybody,
}

// groups are the groups that somebody works with.
var groups = map[actor.Role]string{
	actor.Staff:   `SELECT a.group_id FROM group_assignment a WHERE a.tenant_id = {tenant} AND a.person_id = {person} AND ` + assigned,
	actor.Manager: `SELECT id FROM care_group WHERE tenant_id = {tenant} AND location_id IN (` + managed + `)`,
	actor.Admin:   `SELECT id FROM care_group WHERE tenant_id = {tenant}`,
	actor.System:  `SELECT id FROM care_group WHERE tenant_id = {tenant}`,
}

const (
	ownTie = `FROM guardianship g
		WHERE g.tenant_id = {tenant} AND g.person_id = {person} AND g.kind IN ('gezag', 'informatierecht')
		AND g.blocked_at IS NULL AND g.valid_from <= {today}::date AND (g.valid_to IS NULL OR g.valid_to >= {today}::date)`
	assigned = `a.valid_from <= {today}::date AND (a.valid_to IS NULL OR a.valid_to >= {today}::date)`
	placed   = `p.cancelled_at IS NULL AND p.starts_on <= {today}::date + 14 AND (p.ends_on IS NULL OR p.ends_on >= {today}::date)`
	managed  = `SELECT l.location_id FROM membership_location l JOIN membership m ON m.tenant_id = l.tenant_id AND m.id = l.membership_id
		WHERE l.tenant_id = {tenant} AND m.person_id = {person} AND m.role = 'manager'
		AND m.valid_from <= {today}::date AND (m.valid_to IS NULL OR m.valid_to >= {today}::date)`
	// Every rule uses all three parameters: PostgreSQL refuses a prepared statement that leaves one without a type.
	everybody = `SELECT id FROM child WHERE tenant_id = {tenant} AND (true OR {person}::uuid IS NULL OR {today}::date IS NULL)`
	nobody    = `SELECT NULL::uuid WHERE false AND ({tenant}::uuid IS NULL OR {person}::uuid IS NULL OR {today}::date IS NULL)`
)

// VisibleTo selects the ids of the children whom who may know of. Other modules narrow their own queries with it,
// so the rule is written here and nowhere else. An unknown role sees nobody.
func VisibleTo(tx tenants.Reader, who actor.Actor) *bun.RawQuery { return narrow(tx, who, visible) }

// GroupsOf selects the ids of the groups that who works with; parents and unknown roles work with none.
func GroupsOf(tx tenants.Reader, who actor.Actor) *bun.RawQuery { return narrow(tx, who, groups) }

// GroupsSQL is the rule of GroupsOf for queries that send real parameters.
func GroupsSQL(role actor.Role, tenant, person, today int) string {
	return numbered(groups, role, tenant, person, today)
}

func narrow(tx tenants.Reader, who actor.Actor, rules map[actor.Role]string) *bun.RawQuery {
	rule, known := rules[who.Role]
	if !known || who.TenantID != tx.Tenant().ID {
		rule = nobody
	}
	numbered := strings.NewReplacer("{tenant}", "?0", "{person}", "?1", "{today}", "?2").Replace(rule)
	return tx.NewRaw(numbered, tx.Tenant().ID, who.PersonID, string(tx.Today()))
}

// VisibleSQL is the rule of VisibleTo for the hot queries that send real parameters: tenant, person and today are the
// numbers of their parameters in that query.
func VisibleSQL(role actor.Role, tenant, person, today int) string {
	return numbered(visible, role, tenant, person, today)
}

// tied are the children whom somebody has or had any tie to, also one that is blocked.
var tied = map[actor.Role]string{actor.Parent: `SELECT g.child_id FROM guardianship g WHERE g.tenant_id = {tenant} AND g.person_id = {person} AND (true OR {today}::date IS NULL)`}

// TiedSQL selects the ids of the children whose family somebody is of, now or ever. What is kept from the family of a child is kept from
// them too, in whatever role.
func TiedSQL(tenant, person, today int) string {
	return numbered(tied, actor.Parent, tenant, person, today)
}

var households = map[actor.Role]string{actor.Parent: `SELECT g.child_id, g.household ` + ownTie}

// HouseholdsSQL gives the children of VisibleSQL for a parent as child_id, each with the household that the parent is of.
func HouseholdsSQL(tenant, person, today int) string {
	return numbered(households, actor.Parent, tenant, person, today)
}
