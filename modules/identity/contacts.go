package identity

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Contact is what a mail to somebody needs.
type Contact struct {
	PersonID  ids.ID
	GivenName string
	Name      string
	Email     string // empty: cannot be mailed
	Language  string
	Active    bool // could sign in: not deactivated, and something here today
}

// Contacts finds how to reach people; whom the organisation does not know is left out.
func Contacts(ctx context.Context, tx tenants.Reader, people []ids.ID) (map[ids.ID]Contact, error) {
	found := make(map[ids.ID]Contact, len(people))
	if len(people) == 0 {
		return found, nil
	}
	var list []Person
	err := tx.NewSelect().Model(&list).Column("id", "given_name", "family_name", "email", "language", "deactivated_at").
		Where("tenant_id = ?", tx.Tenant().ID).Where("id IN (?)", bun.List(people)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("identity: find contacts: %w", err)
	}
	member, err := membersAmong(ctx, tx, people)
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		found[p.ID] = Contact{PersonID: p.ID, GivenName: p.GivenName, Name: p.Name(), Email: p.Email, Language: p.Language, Active: p.DeactivatedAt == nil && member[p.ID]}
	}
	return found, nil
}
