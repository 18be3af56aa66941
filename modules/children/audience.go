package children

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Audience selects child_id, group_id, location_id and age_months (of today) of every placement that holds or is still to come: whom
// what is meant for places, groups or ages is meant for.
func Audience(tx tenants.Reader) *bun.RawQuery {
	return tx.NewRaw(`SELECT p.child_id, p.group_id, o.location_id, (12 * extract(year FROM age(?1::date, k.birth_on)) + extract(month FROM age(?1::date, k.birth_on)))::int AS age_months
		FROM placement p JOIN care_group o ON o.tenant_id = p.tenant_id AND o.id = p.group_id JOIN child k ON k.tenant_id = p.tenant_id AND k.id = p.child_id
		WHERE p.tenant_id = ?0 AND p.cancelled_at IS NULL AND (p.ends_on IS NULL OR p.ends_on >= ?1::date)`, tx.Tenant().ID, string(tx.Today()))
}

// FiledName is a child with its family name, for lists of who keeps files.
type FiledName struct {
	Named
	FamilyName string
}

// FiledNames gives those of the children whose files the actor keeps, by name.
func FiledNames(ctx context.Context, tx tenants.Reader, childIDs []ids.ID) ([]FiledName, error) {
	if len(childIDs) == 0 {
		return nil, nil
	}
	var list []FiledName
	err := tx.NewSelect().Model((*Child)(nil)).Column("id", "given_name", "face", "family_name").Where("tenant_id = ?", tx.Tenant().ID).Where("id IN (?)", bun.List(childIDs)).
		Where("id IN (?)", ManagedBy(tx, actor.From(ctx))).Order("family_name", "given_name", "id").Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("children: select filed names: %w", err)
	}
	return list, nil
}

// MentorOf gives who is the mentor of a child of whom the actor may know today, or will be first; nil for nobody.
func MentorOf(ctx context.Context, tx tenants.Reader, childID ids.ID) (*FiledMentor, error) {
	var list []FiledMentor
	err := tx.NewRaw(`SELECT m.id, p.id AS person_id, trim(p.given_name || ' ' || p.family_name) AS name, p.face, m.valid_from, m.valid_to
		FROM mentorship m JOIN person p ON p.tenant_id = m.tenant_id AND p.id = m.person_id
		WHERE m.tenant_id = ?0 AND m.child_id = ?1 AND m.child_id IN (?3) AND (m.valid_to IS NULL OR m.valid_to >= ?2::date) ORDER BY m.valid_from, m.id LIMIT 1`,
		tx.Tenant().ID, childID, string(tx.Today()), VisibleTo(tx, actor.From(ctx))).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("children: select mentor: %w", err)
	}
	if len(list) == 0 {
		return nil, nil
	}
	return &list[0], nil
}
