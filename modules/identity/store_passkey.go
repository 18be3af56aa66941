package identity

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

type passkey struct {
	bun.BaseModel `bun:"table:passkey"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	PersonID      ids.ID `bun:"type:uuid"`
	CredentialID  []byte
	Credential    json.RawMessage `bun:"type:jsonb"`
	Name          string
	CreatedAt     time.Time
	UsedAt        *time.Time
}

type challenge struct {
	bun.BaseModel `bun:"table:passkey_challenge"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	TokenHash     []byte
	Purpose       string          // add or prove
	State         json.RawMessage `bun:"type:jsonb"`
	CreatedAt     time.Time
	ExpiresAt     time.Time
}

func insertPasskey(ctx context.Context, tx tenants.Writer, k *passkey) error {
	_, err := tx.NewInsert().Model(k).Exec(ctx)
	if taken(err) {
		return fault.New(fault.Invalid, "identity.error.passkey_known")
	}
	if err != nil {
		return fmt.Errorf("identity: insert passkey: %w", err)
	}
	return nil
}

func passkeysOf(ctx context.Context, tx tenants.Reader, person ids.ID) ([]Passkey, error) {
	var list []Passkey
	err := tx.NewSelect().Model((*passkey)(nil)).Column("id", "name", "created_at", "used_at").Where("tenant_id = ?", tx.Tenant().ID).
		Where("person_id = ?", person).Order("id").Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("identity: list passkeys: %w", err)
	}
	return list, nil
}

// holderOf locks a person and reads their passkeys.
func holderOf(ctx context.Context, tx tenants.Writer, person ids.ID) (holder, error) {
	p, err := lockPerson(ctx, tx, person)
	if err != nil {
		return holder{}, err
	}
	var rows []passkey
	err = tx.NewSelect().Model(&rows).Where("tenant_id = ?", tx.Tenant().ID).Where("person_id = ?", person).Scan(ctx)
	if err != nil {
		return holder{}, fmt.Errorf("identity: find passkeys: %w", err)
	}
	h := holding(p)
	for _, row := range rows {
		if err := h.Holds(row.Credential); err != nil {
			return holder{}, err
		}
	}
	return h, nil
}

// holderOfPasskey locks the person whose passkey this is, so that its count is compared and kept by one at a time.
func holderOfPasskey(ctx context.Context, tx tenants.Writer, credential []byte) (holder, error) {
	var person ids.ID
	err := tx.NewSelect().Model((*passkey)(nil)).Column("person_id").Where("tenant_id = ?", tx.Tenant().ID).Where("credential_id = ?", credential).Scan(ctx, &person)
	if errors.Is(err, sql.ErrNoRows) {
		return holder{}, fault.NotFound()
	}
	if err != nil {
		return holder{}, fmt.Errorf("identity: find passkey: %w", err)
	}
	return holderOf(ctx, tx, person)
}

// usePasskey keeps what an answer changed in the credential: its count and flags.
func usePasskey(ctx context.Context, tx tenants.Writer, used *KeptPasskey) error {
	raw, err := json.Marshal(used)
	if err != nil {
		return fmt.Errorf("identity: keep passkey: %w", err)
	}
	done, err := tx.NewUpdate().Model((*passkey)(nil)).Set("credential = ?", json.RawMessage(raw)).Set("used_at = ?", tx.Now()).
		Where("tenant_id = ?", tx.Tenant().ID).Where("credential_id = ?", used.ID).Exec(ctx)
	return mustTouchOne(done, err, "identity: use passkey")
}

func removePasskey(ctx context.Context, tx tenants.Writer, person, id ids.ID) error {
	done, err := tx.NewDelete().Model((*passkey)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("person_id = ?", person).Where("id = ?", id).Exec(ctx)
	return mustTouchOne(done, err, "identity: remove passkey")
}

func insertChallenge(ctx context.Context, tx tenants.Writer, c *challenge) error {
	if _, err := tx.NewInsert().Model(c).Exec(ctx); err != nil {
		return fmt.Errorf("identity: insert challenge: %w", err)
	}
	return nil
}

// removeChallenge gives the state of a challenge that is still open and deletes it; of many who answer at once, one gets it.
func removeChallenge(ctx context.Context, tx tenants.Writer, purpose string, hash []byte) (json.RawMessage, error) {
	c := new(challenge)
	err := tx.NewDelete().Model(c).Where("tenant_id = ?", tx.Tenant().ID).Where("purpose = ?", purpose).Where("token_hash = ?", hash).
		Where("expires_at > ?", tx.Now()).Returning("state").Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.Invalid, "identity.error.passkey")
	}
	if err != nil {
		return nil, fmt.Errorf("identity: take challenge: %w", err)
	}
	return c.State, nil
}
