package identity

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// SessionDevice is where a session is, and in which role.
type SessionDevice struct {
	Name string // browser and system, as far as they told
	Role actor.Role
}

// SessionDevices tells of sessions that nobody ended, and whose person may still come in with them. A guardian's that was not used for too long,
// and asks for the password again, is among them: it is for what is shown on a device without anybody signing in. That of who works here
// ends with its time: a tablet that lies about says nothing after it.
func SessionDevices(ctx context.Context, tx tenants.Reader, sessions []ids.ID) (map[ids.ID]SessionDevice, error) {
	found := make(map[ids.ID]SessionDevice, len(sessions))
	if len(sessions) == 0 {
		return found, nil
	}
	var rows []struct {
		ID           ids.ID
		Device, Role string
	}
	_, others := usedSince(tx.Tenant().SignIn, tx.Now())
	err := tx.NewRaw(`SELECT s.id, s.device, m.role FROM session s
		JOIN person p ON p.tenant_id = s.tenant_id AND p.id = s.person_id AND p.deactivated_at IS NULL
		JOIN membership m ON m.tenant_id = s.tenant_id AND m.id = s.membership_id AND m.person_id = s.person_id AND `+strings.ReplaceAll(holds, "{today}", "?2")+`
		WHERE s.tenant_id = ?0 AND s.id IN (?1) AND s.ended_at IS NULL
			AND (m.role = 'parent' OR s.used_at > ?4 AND s.idle_until > ?3 AND s.expires_at > ?3)`, tx.Tenant().ID, bun.List(sessions), string(tx.Today()), tx.Now(), others).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("identity: find devices of sessions: %w", err)
	}
	for _, r := range rows {
		found[r.ID] = SessionDevice{Name: r.Device, Role: roleNamed(r.Role)}
	}
	return found, nil
}

// HoldSession keeps the actor's session from ending until the end of tx, and tells where it is: for what may be bound to a session that
// lives and to no other. Unauthenticated when it has ended.
func HoldSession(ctx context.Context, tx tenants.Writer) (device string, err error) {
	who := actor.From(ctx)
	err = tx.NewRaw("SELECT device FROM session WHERE tenant_id = ? AND id = ? AND person_id = ? AND ended_at IS NULL FOR SHARE",
		tx.Tenant().ID, who.SessionID, who.PersonID).Scan(ctx, &device)
	if errors.Is(err, sql.ErrNoRows) {
		return "", signedOut()
	}
	if err != nil {
		return "", fmt.Errorf("identity: hold session: %w", err)
	}
	return device, nil
}
