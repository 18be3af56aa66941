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
// A manager: the children whose files the manager changes, and for a year after their last day here those who went on to
// another location, to read: what happened here is asked about for some time.
var managedChildren = map[actor.Role]string{
	actor.Manager: placedHere + ` AND (` + stillHere + ` OR p.cancelled_at IS NULL AND p.ends_on >= {today}::date - 365)`,
	actor.Admin:   everybody,
	actor.System:  everybody,
}

// changedChildren are those of managedChildren whose files somebody may change.
//
// A manager: the currentChildren, and for two weeks after their last day here those who went on to another location: an end
// that was typed wrong is put right by the location that typed it.
var changedChildren = map[actor.Role]string{
	actor.Manager: placedHere + ` AND (` + stillHere + ` OR p.cancelled_at IS NULL AND p.ends_on >= {today}::date - 14)`,
	actor.Admin:   everybody,
	actor.System:  everybody,
}

// currentChildren are those of changedChildren who have not gone, as the role sees it.
//
// A manager: the children with a placement that holds today or later at a location of the manager's membership; those who
// were here last and went nowhere else; and those who have nothing left but what was cancelled here: whoever cancelled it
// by mistake must find the child again.
var currentChildren = map[actor.Role]string{
	actor.Manager: placedHere + ` AND (` + stillHere + `)`,
	actor.Admin:   everybody,
	actor.System:  everybody,
}

const (
	placedHere = `SELECT p.child_id FROM placement p
		JOIN care_group c ON c.tenant_id = p.tenant_id AND c.id = p.group_id
		WHERE p.tenant_id = {tenant} AND c.location_id IN (` + managed + `)`
	// stillHere: no other placement of the child is later than p, which has ended; nor any but p, which was cancelled.
	stillHere = `CASE WHEN p.cancelled_at IS NULL THEN p.ends_on IS NULL OR p.ends_on >= {today}::date OR NOT EXISTS (
			SELECT FROM placement o WHERE o.tenant_id = p.tenant_id AND o.child_id = p.child_id AND o.cancelled_at IS NULL AND (o.ends_on IS NULL OR o.ends_on > p.ends_on))
		ELSE NOT EXISTS (SELECT FROM placement o WHERE o.tenant_id = p.tenant_id AND o.child_id = p.child_id AND o.cancelled_at IS NULL) END`
)

// managedLocations are the locations whose groups and placements somebody may change.
var managedLocations = map[actor.Role]string{
	actor.Manager: managed,
	actor.Admin:   everywhere,
	actor.System:  everywhere,
}

const everywhere = `SELECT id FROM location WHERE tenant_id = {tenant} AND (true OR {person}::uuid IS NULL OR {today}::date IS NULL)`

// ManagedBy selects the ids of the children whose files who may read to keep them in order. Parents, staff and unknown roles keep none.
func ManagedBy(tx tenants.Reader, who actor.Actor) *bun.RawQuery {
	return narrow(tx, who, managedChildren)
}

// InCare selects the ids of those of ManagedBy who are at a location that who manages, or will be. Those who went on to another are in
// care there: what happens now is none of who manages only where they were.
func InCare(tx tenants.Reader, who actor.Actor) *bun.RawQuery {
	return tx.NewRaw(`SELECT h.child_id FROM placement h JOIN care_group g ON g.tenant_id = h.tenant_id AND g.id = h.group_id
		WHERE h.tenant_id = ? AND h.cancelled_at IS NULL AND (h.ends_on IS NULL OR h.ends_on >= ?::date) AND g.location_id IN (?)`,
		tx.Tenant().ID, string(tx.Today()), LocationsOf(tx, who))
}

// KeptBy selects the ids of those of ManagedBy who are in nobody else's care: of whom what is kept from now on is who's to read.
func KeptBy(tx tenants.Reader, who actor.Actor) *bun.RawQuery {
	return narrow(tx, who, currentChildren)
}

// ChangedBy selects the ids of those of ManagedBy whose files who may change.
func ChangedBy(tx tenants.Reader, who actor.Actor) *bun.RawQuery {
	return narrow(tx, who, changedChildren)
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
	for name, at := range map[string]int{"{tenant}": tenant, "{person}": person, "{today}": today} {
		rule = strings.ReplaceAll(rule, name, "$"+strconv.Itoa(at))
	}
	return rule
}
