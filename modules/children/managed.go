package children

import (
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/tenants"
)

// Whose files somebody keeps in order, per role, as the ids of the children. It is wider in time than visible: a file is
// kept of who comes later and of who has left. This is the one place where it is written.
//
// An admin, and the system: every child of the organisation.
// A manager: the children with any placement that was not cancelled at a location of the manager's membership, and those who
// have nothing left but what was cancelled there: whoever cancelled it by mistake must find the child again.
var managedChildren = map[actor.Role]string{
	actor.Manager: `SELECT p.child_id FROM placement p
		JOIN care_group c ON c.tenant_id = p.tenant_id AND c.id = p.group_id
		WHERE p.tenant_id = {tenant} AND c.location_id IN (` + managed + `) AND (p.cancelled_at IS NULL OR NOT EXISTS (
			SELECT FROM placement o WHERE o.tenant_id = p.tenant_id AND o.child_id = p.child_id AND o.cancelled_at IS NULL))`,
	actor.Admin:  everybody,
	actor.System: everybody,
}

// managedLocations are the locations whose groups and placements somebody may change.
var managedLocations = map[actor.Role]string{
	actor.Manager: managed,
	actor.Admin:   everywhere,
	actor.System:  everywhere,
}

const everywhere = `SELECT id FROM location WHERE tenant_id = {tenant} AND (true OR {person}::uuid IS NULL OR {today}::date IS NULL)`

// ManagedBy selects the ids of the children whose files who keeps in order. Parents, staff and unknown roles keep none.
func ManagedBy(tx tenants.Reader, who actor.Actor) *bun.RawQuery {
	return narrow(tx, who, managedChildren)
}

// LocationsOf selects the ids of the locations that who manages.
func LocationsOf(tx tenants.Reader, who actor.Actor) *bun.RawQuery {
	return narrow(tx, who, managedLocations)
}

// ManagedSQL is the rule of ManagedBy for queries that send real parameters: tenant, person and today are the numbers of
// their parameters in that query.
func ManagedSQL(role actor.Role, tenant, person, today int) string {
	return numbered(managedChildren, role, tenant, person, today)
}

// LocationsSQL is the rule of LocationsOf in the same way.
func LocationsSQL(role actor.Role, tenant, person, today int) string {
	return numbered(managedLocations, role, tenant, person, today)
}

func numbered(rules map[actor.Role]string, role actor.Role, tenant, person, today int) string {
	rule, known := rules[role]
	if !known {
		rule = nobody
	}
	number := func(n int) string { return "$" + strconv.Itoa(n) }
	return strings.NewReplacer("{tenant}", number(tenant), "{person}", number(person), "{today}", number(today)).Replace(rule)
}
