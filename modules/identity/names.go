package identity

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Names gives the whole names of people; whom the organisation does not know is left out.
func Names(ctx context.Context, tx tenants.Reader, people []ids.ID) (map[ids.ID]string, error) {
	return namesOf(ctx, tx, people, (*Person).Name)
}

// GivenNames is Names for readers who need not learn what somebody is called now.
func GivenNames(ctx context.Context, tx tenants.Reader, people []ids.ID) (map[ids.ID]string, error) {
	return namesOf(ctx, tx, people, func(p *Person) string { return p.GivenName })
}

func namesOf(ctx context.Context, tx tenants.Reader, people []ids.ID, name func(*Person) string) (map[ids.ID]string, error) {
	names := make(map[ids.ID]string, len(people))
	if len(people) == 0 {
		return names, nil
	}
	var list []Person
	err := tx.NewSelect().Model(&list).Column("id", "given_name", "family_name").Where("tenant_id = ?", tx.Tenant().ID).Where("id IN (?)", bun.List(people)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("identity: find names: %w", err)
	}
	for i := range list {
		names[list[i].ID] = name(&list[i])
	}
	return names, nil
}
