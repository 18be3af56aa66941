package identity

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Membership says what a person is at the organisation, and from when to when.
type Membership struct {
	bun.BaseModel `bun:"table:membership"`
	TenantID      ids.ID       `bun:",pk,type:uuid"`
	ID            ids.ID       `bun:",pk,type:uuid"`
	PersonID      ids.ID       `bun:"type:uuid"`
	RoleName      string       `bun:"role"` // parent, staff, manager, admin
	ValidFrom     tenants.Date `bun:"type:date"`
	ValidTo       tenants.Date `bun:"type:date,nullzero"` // last day that it holds
	CreatedAt     time.Time
}

// Role is what the membership lets its person act as.
func (m *Membership) Role() actor.Role { return roleNamed(m.RoleName) }

const rolePrefix = "role:"

func roleNamed(column string) actor.Role { return actor.Role(rolePrefix + column) }

// nameOf is the column value of a role that people can have; the system's is none.
func nameOf(role actor.Role) (string, bool) {
	name, ok := strings.CutPrefix(string(role), rolePrefix)
	return name, ok && rank[role] > 0
}

// rank orders the roles that people have: somebody who has several signs in as the first.
var rank = map[actor.Role]int{actor.Admin: 1, actor.Manager: 2, actor.Staff: 3, actor.Parent: 4}

// byRank and holds are the same rules in SQL, over a membership called m; {today} becomes a parameter.
const (
	byRank = `array_position(ARRAY['admin', 'manager', 'staff', 'parent'], m.role)`
	holds  = `m.valid_from <= {today}::date AND (m.valid_to IS NULL OR m.valid_to >= {today}::date)`
)

// HadAdmin tells whether anybody who is or was an admin here ever chose a password: from then on the organisation runs itself. Nobody who
// is made up runs anything.
func HadAdmin(ctx context.Context, tx tenants.Reader) (bool, error) {
	var addresses []string
	err := tx.NewRaw(`SELECT DISTINCT p.email FROM membership m JOIN person p ON p.tenant_id = m.tenant_id AND p.id = m.person_id
		WHERE m.tenant_id = ? AND m.role = 'admin' AND (p.password_set_at IS NOT NULL OR p.password_hash IS NOT NULL)`, tx.Tenant().ID).Scan(ctx, &addresses)
	if err != nil {
		return false, fmt.Errorf("identity: look for an admin of before: %w", err)
	}
	return anyReal(tx.Tenant(), addresses), nil
}

// AskColleagues asks whether anybody ever worked here beside those who run all of it, together with whatever else a page asks.
func (s *Service) AskColleagues(ctx context.Context, into *bool) tenants.Question {
	tenant, _ := tenants.From(ctx)
	return tenants.Whether("SELECT EXISTS (SELECT FROM membership WHERE tenant_id = $1 AND role IN ('staff', 'manager'))", into, tenant.ID)
}

// Holds tells whether somebody who is not shut out has the role today: for what was asked in it some time ago.
func Holds(ctx context.Context, tx tenants.Reader, person ids.ID, role actor.Role) (bool, error) {
	name, _ := nameOf(role)
	var yes bool
	err := tx.NewRaw(`SELECT EXISTS (SELECT FROM membership m JOIN person p ON p.tenant_id = m.tenant_id AND p.id = m.person_id
		WHERE m.tenant_id = ?0 AND m.person_id = ?1 AND m.role = ?2 AND p.deactivated_at IS NULL AND `+strings.ReplaceAll(holds, "{today}", "?3")+`)`,
		tx.Tenant().ID, person, name, string(tx.Today())).Scan(ctx, &yes)
	if err != nil {
		return false, fmt.Errorf("identity: look for role: %w", err)
	}
	return yes, nil
}
