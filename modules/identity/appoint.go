package identity

import (
	"context"
	"fmt"
	"strings"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Appoint is AddMembership within the transaction of a module that adds something to the role, by an actor who must be fresh.
// A role that the person has already in that time is Invalid at the field role.
func Appoint(ctx context.Context, tx tenants.Writer, person ids.ID, role actor.Role, from, to tenants.Date) (*Membership, error) {
	name, ok := nameOf(role)
	if !ok {
		return nil, oneProblem("role", "identity.error.role")
	}
	if err := MustBeFresh(ctx, tx); err != nil {
		return nil, err
	}
	if _, err := lockPerson(ctx, tx, person); err != nil {
		return nil, err
	}
	twice, err := tx.NewSelect().Model((*Membership)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("person_id = ?", person).Where("role = ?", name).
		Where("valid_from <= coalesce(nullif(?, '')::date, 'infinity')", string(to)).Where("coalesce(valid_to, 'infinity') >= ?::date", string(from)).Exists(ctx)
	if err != nil {
		return nil, fmt.Errorf("identity: look for membership: %w", err)
	}
	if twice {
		return nil, oneProblem("role", "identity.error.membership_taken")
	}
	m := &Membership{TenantID: tx.Tenant().ID, ID: ids.New(), PersonID: person, RoleName: name, ValidFrom: from, ValidTo: to, CreatedAt: tx.Now()}
	if err := insertMembership(ctx, tx, m); err != nil {
		return nil, err
	}
	if err := tellJoined(ctx, tx, person, role); err != nil {
		return nil, err
	}
	return m, audit.Record(ctx, tx, "identity.add_membership", person, map[string]any{"role": name, "membership": m.ID})
}

// Works tells whether the person has a role here today or later that is not that of a parent.
func Works(ctx context.Context, tx tenants.Reader, person ids.ID) (bool, error) {
	yes, err := tx.NewSelect().Model((*Membership)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("person_id = ?", person).Where("role <> 'parent'").
		Where("coalesce(valid_to, 'infinity') >= ?::date", string(tx.Today())).Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("identity: look for work: %w", err)
	}
	return yes, nil
}

// Dismiss makes last the last day on which a role of a person holds. The actor must be fresh. The last admin cannot be dismissed, and the actor's own
// role as admin only when sure says that they know what they do: both are Invalid.
func (s *Service) Dismiss(ctx context.Context, membership ids.ID, last tenants.Date, sure bool) (person ids.ID, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := MustBeFresh(ctx, tx); err != nil {
			return err
		}
		m := new(Membership)
		err := tx.NewSelect().Model(m).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", membership).Scan(ctx)
		if err != nil {
			return gone(err, "identity: find membership")
		}
		if !last.Valid() {
			return oneProblem("last", "identity.error.period")
		}
		if last < m.ValidFrom {
			return oneProblem("last", "identity.error.before_role")
		}
		person = m.PersonID
		if m.Role() == actor.Admin {
			if err := anotherAdmin(ctx, tx, m.ID, ids.Nil); err != nil {
				return err
			}
			if m.PersonID == actor.From(ctx).PersonID && !sure {
				return oneProblem("sure", "identity.error.own_role")
			}
		}
		if err := endMembership(ctx, tx, m.ID, last); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "identity.end_membership", m.PersonID, map[string]any{"role": m.RoleName, "membership": m.ID, "last": last})
	})
	return person, err
}

// anotherAdmin refuses when, without this membership and without this person, nobody who exists would be an admin until further notice.
// It locks every membership of an admin first, so that two who dismiss each other come one after the other.
func anotherAdmin(ctx context.Context, tx tenants.Writer, without, withoutPerson ids.ID) error {
	var admins []struct{ ID, PersonID ids.ID }
	err := tx.NewRaw(`SELECT m.id, m.person_id FROM membership m WHERE m.tenant_id = ?0 AND m.role = 'admin' AND m.valid_to IS NULL AND m.valid_from <= ?1::date
		ORDER BY m.id FOR UPDATE`, tx.Tenant().ID, string(tx.Today())).Scan(ctx, &admins)
	if err != nil {
		return fmt.Errorf("identity: lock admins: %w", err)
	}
	var others []string
	for _, a := range admins {
		if a.ID != without && a.PersonID != withoutPerson {
			others = append(others, a.PersonID.String())
		}
	}
	var addresses []string
	if len(others) > 0 {
		err := tx.NewRaw(`SELECT p.email FROM person p WHERE p.tenant_id = ?0 AND p.id = ANY (string_to_array(?1, ',')::uuid[]) AND p.deactivated_at IS NULL`,
			tx.Tenant().ID, strings.Join(others, ",")).Scan(ctx, &addresses)
		if err != nil {
			return fmt.Errorf("identity: look for another admin: %w", err)
		}
	}
	switch {
	case anyReal(tx.Tenant(), addresses):
		return nil
	case len(addresses) > 0:
		return oneProblem("last", "identity.error.last_real_admin")
	}
	return oneProblem("last", "identity.error.last_admin")
}

func isAdmin(ctx context.Context, tx tenants.Reader, person ids.ID) (bool, error) {
	yes, err := tx.NewSelect().Model((*Membership)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("person_id = ?", person).Where("role = 'admin'").
		Where("coalesce(valid_to, 'infinity') >= ?::date", string(tx.Today())).Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("identity: look for admin: %w", err)
	}
	return yes, nil
}

func oneProblem(field, key string) error {
	var problems fault.Fields
	problems.Add(field, key)
	return problems.Err()
}
