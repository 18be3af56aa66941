package invitations

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/ids"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

func selectOfStaff(ctx context.Context, tx tenants.Reader, person ids.ID) (*StaffInvitation, error) {
	i := new(StaffInvitation)
	err := tx.NewSelect().Model(i).Where("tenant_id = ?", tx.Tenant().ID).Where("person_id = ?", person).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("invitations: select of staff: %w", err)
	}
	return i, nil
}

// colleague is somebody to invite. Now tells whether the role has begun, so that the link would work.
type colleague struct {
	ID    ids.ID
	Email string
	Now   bool
}

// toInvite gives those of people who work here, now or later, and could have an account and have none.
func toInvite(ctx context.Context, tx tenants.Reader, people []ids.ID) ([]colleague, error) {
	var list []colleague
	if len(people) == 0 {
		return nil, nil
	}
	err := tx.NewRaw("SELECT u.id, u.email, u.now FROM (?) AS u WHERE u.id IN (?) ORDER BY u.id", identity.StaffWithoutAccount(tx), bun.List(people)).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("invitations: look for staff to invite: %w", err)
	}
	return list, nil
}

func hasAccount(ctx context.Context, tx tenants.Reader, person ids.ID) (yes bool, err error) {
	if err = tx.NewRaw("SELECT ? IN (?)", person, identity.WithAccount(tx)).Scan(ctx, &yes); err != nil {
		return false, fmt.Errorf("invitations: look for account: %w", err)
	}
	return yes, nil
}

// planStaff puts the row of a person at its beginning. Unless it is asked for again, one whose mail went to this address
// with a link that still works, or is under way, stays.
func planStaff(ctx context.Context, tx tenants.Writer, person ids.ID, address string, again bool) error {
	i := &StaffInvitation{TenantID: tx.Tenant().ID, ID: ids.New(), PersonID: person, State: Planned, CreatedAt: tx.Now(), ChangedAt: tx.Now()}
	_, err := tx.NewInsert().Model(i).On("CONFLICT (tenant_id, person_id) DO UPDATE").Set("state = EXCLUDED.state").Set("reason = ''").Set("changed_at = EXCLUDED.changed_at").
		Where("?0 OR staff_invitation.state = 'failed' OR staff_invitation.state = 'sent' AND (staff_invitation.address <> ?1 OR staff_invitation.expires_at <= ?2)",
			again, address, tx.Now()).Exec(ctx)
	if err != nil {
		return fmt.Errorf("invitations: plan staff: %w", err)
	}
	return nil
}

// staffToStart gives up to most of those whose mail is planned and whose role has begun.
func staffToStart(ctx context.Context, tx tenants.Reader, most int) ([]ids.ID, error) {
	var list []ids.ID
	err := tx.NewRaw("SELECT i.person_id FROM staff_invitation i JOIN (?0) AS u ON u.id = i.person_id WHERE i.tenant_id = ?1 AND i.state = 'planned' AND u.now ORDER BY i.changed_at, i.id LIMIT ?2",
		identity.StaffWithoutAccount(tx), tx.Tenant().ID, most).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("invitations: look for staff to start: %w", err)
	}
	return list, nil
}

func startStaff(ctx context.Context, tx tenants.Writer, person, event ids.ID) error {
	_, err := tx.NewUpdate().Model((*StaffInvitation)(nil)).Set("state = ?", Due).Set("event_id = ?", event).Set("changed_at = ?", tx.Now()).
		Where("tenant_id = ?", tx.Tenant().ID).Where("person_id = ?", person).Exec(ctx)
	if err != nil {
		return fmt.Errorf("invitations: start staff: %w", err)
	}
	return nil
}

// finishStaff writes down what came of an event's mail.
func finishStaff(ctx context.Context, tx tenants.Writer, event ids.ID, to StaffInvitation) error {
	_, err := tx.NewUpdate().Model((*StaffInvitation)(nil)).Set("state = ?", to.State).Set("reason = ?", to.Reason).Set("address = ?", to.Address).
		Set("sent_at = ?", to.SentAt).Set("expires_at = ?", to.ExpiresAt).Set("changed_at = ?", tx.Now()).
		Where("tenant_id = ?", tx.Tenant().ID).Where("event_id = ?", event).Where("state = ?", Due).Exec(ctx)
	if err != nil {
		return fmt.Errorf("invitations: finish staff: %w", err)
	}
	return nil
}

// invitedToWork gives those of people whose link to work here is under way, or went to the address that they have now.
func invitedToWork(ctx context.Context, tx tenants.Reader, people []ids.ID) ([]ids.ID, error) {
	var list []ids.ID
	err := tx.NewRaw(`SELECT i.person_id FROM staff_invitation i JOIN (?0) AS u ON u.id = i.person_id WHERE i.tenant_id = ?1 AND i.person_id IN (?2)
		AND (i.state = 'due' OR i.state = 'sent' AND i.address = u.email)`, identity.StaffWithoutAccount(tx), tx.Tenant().ID, bun.List(people)).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("invitations: look who is invited to work: %w", err)
	}
	return list, nil
}

func giveUpStaff(ctx context.Context, tx tenants.Writer, before time.Time) error {
	_, err := tx.NewUpdate().Model((*StaffInvitation)(nil)).Set("state = ?", Failed).Set("reason = ?", notInTime).Set("changed_at = ?", tx.Now()).
		Where("tenant_id = ?", tx.Tenant().ID).Where("state = ?", Due).Where("changed_at < ?", before).Exec(ctx)
	if err != nil {
		return fmt.Errorf("invitations: give up staff: %w", err)
	}
	return nil
}
