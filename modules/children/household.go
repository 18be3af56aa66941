package children

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// Whose address and telephone somebody may see, per role, as the ids of the people. This is the one place where it is written.
//
// A parent: their own, and those of the guardians with whom they share a household of a child, unless the two are of
// different households for any child: parents who live apart must not find each other through the portal. Ties that are
// blocked or have ended keep people apart, and join nobody.
// A manager: those of the guardians of the children whose files they may change. An admin: everybody's.
var reachable = map[actor.Role]string{
	actor.Parent: `SELECT {person}::uuid UNION
		SELECT o.person_id FROM guardianship m JOIN guardianship o ON o.tenant_id = m.tenant_id AND o.child_id = m.child_id AND o.household = m.household
		WHERE m.tenant_id = {tenant} AND m.person_id = {person} AND ` + tieHolds("m") + ` AND ` + tieHolds("o") + ` AND NOT EXISTS (
			SELECT FROM guardianship a JOIN guardianship b ON b.tenant_id = a.tenant_id AND b.child_id = a.child_id AND b.household <> a.household
			WHERE a.tenant_id = {tenant} AND a.person_id = {person} AND b.person_id = o.person_id)`,
	actor.Manager: guardiansOf(changedChildren[actor.Manager]),
	actor.Admin:   everyone,
	actor.System:  everyone,
}

// kept are the people whose data somebody may change: with the mail address goes the account. So a manager does not get
// those who work here as well, who may be admins, nor those who also have a child whose file is not the manager's.
var kept = map[actor.Role]string{
	actor.Manager: guardiansOf(changedChildren[actor.Manager]) + ` AND NOT EXISTS (SELECT FROM membership r WHERE r.tenant_id = {tenant} AND r.person_id = g.person_id
		AND r.role <> 'parent' AND (r.valid_to IS NULL OR r.valid_to >= {today}::date))
		AND NOT EXISTS (SELECT FROM guardianship x WHERE x.tenant_id = {tenant} AND x.person_id = g.person_id
			AND (x.valid_to IS NULL OR x.valid_to >= {today}::date) AND x.child_id NOT IN (` + changedChildren[actor.Manager] + `))`,
	actor.Admin:  everyone,
	actor.System: everyone,
}

// guardiansSeen are the people whose page somebody may open because of their children.
var guardiansSeen = map[actor.Role]string{actor.Manager: guardiansKept, actor.Admin: everyone, actor.System: everyone}

var guardiansKept = guardiansOf(managedChildren[actor.Manager])

func guardiansOf(children string) string {
	return `SELECT g.person_id FROM guardianship g WHERE g.tenant_id = {tenant} AND g.child_id IN (` + children + `)`
}

const everyone = `SELECT id FROM person WHERE tenant_id = {tenant} AND (true OR {person}::uuid IS NULL OR {today}::date IS NULL)`

func tieHolds(tie string) string {
	return tie + `.blocked_at IS NULL AND ` + tie + `.valid_from <= {today}::date AND (` + tie + `.valid_to IS NULL OR ` + tie + `.valid_to >= {today}::date)`
}

// MayReach selects the ids of the people whose address and telephone who may see; other modules ask it before they show
// either. Staff and unknown roles see nobody's.
func MayReach(tx tenants.Reader, who actor.Actor) *bun.RawQuery { return narrow(tx, who, reachable) }

// Apart gives for each of the people those among them who are of another household for any child, whether their ties hold
// or not: these must not find each other through the portal.
func Apart(ctx context.Context, tx tenants.Reader, people []ids.ID) (map[ids.ID][]ids.ID, error) {
	apart := map[ids.ID][]ids.ID{}
	if len(people) == 0 {
		return apart, nil
	}
	var rows []struct{ PersonID, OtherID ids.ID }
	err := tx.NewRaw(`SELECT DISTINCT a.person_id, b.person_id AS other_id FROM guardianship a
		JOIN guardianship b ON b.tenant_id = a.tenant_id AND b.child_id = a.child_id AND b.household <> a.household
		WHERE a.tenant_id = ?0 AND a.person_id IN (?1) AND b.person_id IN (?1) AND a.person_id <> b.person_id`, tx.Tenant().ID, bun.List(people)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("children: select who lives apart: %w", err)
	}
	for _, r := range rows {
		apart[r.PersonID] = append(apart[r.PersonID], r.OtherID)
	}
	return apart, nil
}

// PeopleKeptBy selects the ids of the people whose data who may change: guardians, and for an admin everybody.
func PeopleKeptBy(tx tenants.Reader, who actor.Actor) *bun.RawQuery { return narrow(tx, who, kept) }

// PeopleKeptSQL is the rule of PeopleKeptBy for queries that send real parameters.
func PeopleKeptSQL(role actor.Role, tenant, person, today int) string {
	return numbered(kept, role, tenant, person, today)
}

// mustKeep answers NotFound unless the actor may change the data of the person.
func mustKeep(ctx context.Context, tx tenants.Reader, person ids.ID) error {
	var yes bool
	err := tx.NewRaw("SELECT ? IN (?)", person, PeopleKeptBy(tx, actor.From(ctx))).Scan(ctx, &yes)
	if err != nil {
		return fmt.Errorf("children: look for person: %w", err)
	}
	if !yes {
		return fault.NotFound()
	}
	return nil
}

// EditPerson changes the data of somebody whom the actor may change. A draft of another version than the row's is a Conflict.
func (s *Service) EditPerson(ctx context.Context, person ids.ID, draft identity.Draft, version int) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := mustKeep(ctx, tx, person); err != nil {
			return err
		}
		return editPerson(ctx, tx, person, draft, version)
	})
}

func editPerson(ctx context.Context, tx tenants.Writer, person ids.ID, draft identity.Draft, version int) error {
	if err := identity.Edit(ctx, tx, person, draft, version); err != nil {
		return err
	}
	var list []ids.ID
	err := tx.NewSelect().Model((*Guardianship)(nil)).ColumnExpr("DISTINCT child_id").Where("tenant_id = ?", tx.Tenant().ID).Where("person_id = ?", person).Scan(ctx, &list)
	if err != nil {
		return fmt.Errorf("children: select children of person: %w", err)
	}
	return TellChanged(ctx, tx, list...)
}

// SetMentor makes a member of staff the mentor of a child of the actor from a day on; who was it is it until the day before.
// They must work then at a location at which the child is or will be. seen is the row of File.Mentor that was on the
// screen, ids.Nil for nobody; when it is another by now that is a Conflict.
func (s *Service) SetMentor(ctx context.Context, childID, person ids.ID, from tenants.Date, seen ids.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if _, err := lockChild(ctx, tx, childID); err != nil {
			return err
		}
		if !from.Valid() {
			return oneField("valid_from", "children.error.day")
		}
		var now []ids.ID
		err := tx.NewSelect().Model((*Mentorship)(nil)).Column("id").Where("tenant_id = ?", tx.Tenant().ID).Where("child_id = ?", childID).
			Where("coalesce(valid_to, 'infinity') >= ?::date", string(tx.Today())).Order("valid_from DESC", "id DESC").Limit(1).Scan(ctx, &now)
		if err != nil {
			return fmt.Errorf("children: look for mentor: %w", err)
		}
		if len(now) == 0 && seen != ids.Nil || len(now) > 0 && seen != now[0] {
			return stale()
		}
		if err := mayMentor(ctx, tx, childID, person, from); err != nil {
			return err
		}
		// What begins on that day or later never was; what holds before it ends.
		if _, err := tx.NewDelete().Model((*Mentorship)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("child_id = ?", childID).Where("valid_from >= ?::date", string(from)).Exec(ctx); err != nil {
			return fmt.Errorf("children: delete mentorship: %w", err)
		}
		_, err = tx.NewUpdate().Model((*Mentorship)(nil)).Set("valid_to = ?::date", string(from.Add(-1))).Where("tenant_id = ?", tx.Tenant().ID).Where("child_id = ?", childID).
			Where("coalesce(valid_to, 'infinity') >= ?::date", string(from)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("children: end mentorship: %w", err)
		}
		if err := insert(ctx, tx, &Mentorship{TenantID: tx.Tenant().ID, ID: ids.New(), ChildID: childID, PersonID: person, ValidFrom: from}); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "children.set_mentor", childID, map[string]any{"person": person, "from": from})
	})
}

// mayMentor refuses who does not work, on the day or later, at a location of the actor at which the child is then or will be.
func mayMentor(ctx context.Context, tx tenants.Reader, childID, person ids.ID, from tenants.Date) error {
	works, err := identity.Works(ctx, tx, person)
	if err != nil {
		return err
	}
	var there bool
	err = tx.NewRaw(`SELECT EXISTS (SELECT FROM group_assignment a JOIN care_group c ON c.tenant_id = a.tenant_id AND c.id = a.group_id
		WHERE a.tenant_id = ?0 AND a.person_id = ?1 AND coalesce(a.valid_to, 'infinity') >= ?2::date AND c.location_id IN (?3) AND c.location_id IN (?4))`,
		tx.Tenant().ID, person, string(from), LocationsOf(tx, actor.From(ctx)), locationsOfChild(tx, childID, from)).Scan(ctx, &there)
	if err != nil {
		return fmt.Errorf("children: look for assignment: %w", err)
	}
	if !works || !there {
		return oneField("mentor", "children.error.mentor_unknown")
	}
	return nil
}

// locationsOfChild selects the ids of the locations at which a child is on a day or later.
func locationsOfChild(tx tenants.Reader, childID ids.ID, from tenants.Date) *bun.RawQuery {
	return tx.NewRaw(`SELECT o.location_id FROM placement p JOIN care_group o ON o.tenant_id = p.tenant_id AND o.id = p.group_id
		WHERE p.tenant_id = ? AND p.child_id = ? AND p.cancelled_at IS NULL AND coalesce(p.ends_on, 'infinity') >= ?::date`, tx.Tenant().ID, childID, string(from))
}
