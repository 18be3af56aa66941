package identity

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/tenants"
)

// StaffJoined says that people got a role other than that of a parent, or, working here already without an account, an
// address: they may need a way in.
type StaffJoined struct {
	PersonIDs []ids.ID `json:"person_ids"`
}

// EventName is the name in the ledger.
func (StaffJoined) EventName() string { return "identity.staff_joined" }

// tellJoined records StaffJoined for a person who got a role, unless it is that of a parent.
func tellJoined(ctx context.Context, tx tenants.Writer, person ids.ID, role actor.Role) error {
	if role == actor.Parent {
		return nil
	}
	return outbox.Record(ctx, tx, StaffJoined{PersonIDs: []ids.ID{person}})
}

// StaffWithoutAccount selects id and email of the people who work here, today or later, and could activate an account and
// have none; now tells whether a link would work today.
func StaffWithoutAccount(tx tenants.Reader) *bun.RawQuery {
	return tx.NewRaw(`SELECT p.id, p.email, EXISTS (SELECT FROM membership m WHERE m.tenant_id = p.tenant_id AND m.person_id = p.id AND m.role <> 'parent'
			AND `+strings.ReplaceAll(holds, "{today}", "?1")+`) AS now
		FROM person p WHERE p.tenant_id = ?0 AND p.password_hash IS NULL AND p.deactivated_at IS NULL AND p.email IS NOT NULL
		AND EXISTS (SELECT FROM membership m WHERE m.tenant_id = p.tenant_id AND m.person_id = p.id AND m.role <> 'parent' AND (m.valid_to IS NULL OR m.valid_to >= ?1::date))`,
		tx.Tenant().ID, string(tx.Today()))
}
