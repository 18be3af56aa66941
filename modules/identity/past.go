package identity

import (
	"context"
	"fmt"
	"time"

	"ouderportaal/internal/audit"
	"ouderportaal/internal/bounce"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Recall keeps people and what they are, as another administration knew them, within tx. PasswordHash comes from a Hasher.
func Recall(ctx context.Context, tx tenants.Writer, people []Person, memberships []Membership) error {
	if _, err := tx.NewInsert().Model(&people).Exec(ctx); err != nil {
		return fmt.Errorf("identity: insert people: %w", err)
	}
	if _, err := tx.NewInsert().Model(&memberships).Exec(ctx); err != nil {
		return fmt.Errorf("identity: insert memberships: %w", err)
	}
	return audit.Record(ctx, tx, "identity.recall", ids.Nil, map[string]any{"people": len(people), "memberships": len(memberships)})
}

// PastApp is an authenticator app that somebody set up before.
type PastApp struct {
	PersonID ids.ID
	Secret   []byte // of 20 bytes
}

// RecallApps keeps apps as another administration knew them, within tx; who has one already keeps it. keys are those of Config.
func RecallApps(ctx context.Context, tx tenants.Writer, keys [][]byte, apps []PastApp) error {
	if len(apps) == 0 {
		return nil
	}
	v := vault{keys}
	rows := make([]totp, len(apps))
	for i, app := range apps {
		sealed, err := v.seal("totp", owner{tx.Tenant().ID, app.PersonID}, app.Secret)
		if err != nil {
			return err
		}
		rows[i] = totp{TenantID: tx.Tenant().ID, ID: ids.New(), PersonID: app.PersonID, Sealed: sealed, LastStep: 1, CreatedAt: tx.Now()}
	}
	added, err := insertMissingTOTP(ctx, tx, rows)
	if err != nil || added == 0 {
		return err
	}
	return audit.Record(ctx, tx, "identity.recall_apps", ids.Nil, map[string]any{"apps": added})
}

// RecallAddressProblem keeps that mail to the address that a person has came back before, within tx.
func RecallAddressProblem(ctx context.Context, tx tenants.Writer, person ids.ID, reason bounce.Reason, at time.Time) error {
	_, err := tx.NewRaw("INSERT INTO address_problem (tenant_id, person_id, address, reason, noted_at) SELECT tenant_id, id, email, ?, ? FROM person WHERE tenant_id = ? AND id = ?",
		reason, at, tx.Tenant().ID, person).Exec(ctx)
	if err != nil {
		return fmt.Errorf("identity: insert past address problem: %w", err)
	}
	return nil
}
