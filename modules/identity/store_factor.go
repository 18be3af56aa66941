package identity

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

type totp struct {
	bun.BaseModel `bun:"table:totp"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	PersonID      ids.ID `bun:"type:uuid"`
	Sealed        []byte
	LastStep      int64
	CreatedAt     time.Time
}

type recoveryCode struct {
	bun.BaseModel `bun:"table:recovery_code"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	PersonID      ids.ID `bun:"type:uuid"`
	CodeHash      []byte
	CreatedAt     time.Time
	UsedAt        *time.Time
}

type wait struct {
	bun.BaseModel `bun:"table:sign_in_wait"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	TokenHash     []byte
	PersonID      ids.ID `bun:"type:uuid"`
	Device        string
	KnownBrowser  bool
	Tries         int
	CreatedAt     time.Time
	ExpiresAt     time.Time
}

// replaceTOTP keeps t as the only app of its person.
func replaceTOTP(ctx context.Context, tx tenants.Writer, t *totp) error {
	if _, err := removeTOTP(ctx, tx, t.PersonID); err != nil {
		return err
	}
	if _, err := tx.NewInsert().Model(t).Exec(ctx); err != nil {
		return fmt.Errorf("identity: insert totp: %w", err)
	}
	return nil
}

// insertMissingTOTP leaves who has an app with the one they have, and tells how many were added.
func insertMissingTOTP(ctx context.Context, tx tenants.Writer, rows []totp) (int64, error) {
	done, err := tx.NewInsert().Model(&rows).On("CONFLICT (tenant_id, person_id) DO NOTHING").Exec(ctx)
	if err != nil {
		return 0, fmt.Errorf("identity: insert totp: %w", err)
	}
	return done.RowsAffected()
}

// removeApp is removeTOTP for somebody who has one.
func removeApp(ctx context.Context, tx tenants.Writer, person ids.ID) error {
	had, err := removeTOTP(ctx, tx, person)
	if err == nil && !had {
		return fault.NotFound()
	}
	return err
}

func removeTOTP(ctx context.Context, tx tenants.Writer, person ids.ID) (bool, error) {
	done, err := tx.NewDelete().Model((*totp)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("person_id = ?", person).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("identity: remove totp: %w", err)
	}
	n, err := done.RowsAffected()
	return n > 0, err
}

// lockTOTP finds the app of a person and keeps everybody else from trying a code on it until the transaction ends.
func lockTOTP(ctx context.Context, tx tenants.Writer, person ids.ID) (*totp, error) {
	t := new(totp)
	err := tx.NewSelect().Model(t).Where("tenant_id = ?", tx.Tenant().ID).Where("person_id = ?", person).For("UPDATE").Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.NotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("identity: lock totp: %w", err)
	}
	return t, nil
}

func updateTOTP(ctx context.Context, tx tenants.Writer, t *totp) error {
	if _, err := tx.NewUpdate().Model(t).Column("sealed", "last_step").WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("identity: update totp: %w", err)
	}
	return nil
}

func removeCodes(ctx context.Context, tx tenants.Writer, person ids.ID) error {
	_, err := tx.NewDelete().Model((*recoveryCode)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("person_id = ?", person).Exec(ctx)
	if err != nil {
		return fmt.Errorf("identity: remove recovery codes: %w", err)
	}
	return nil
}

// removeFactorsSince removes the app, the passkeys and the recovery codes of a person that are of that moment or later, and tells
// whether there were any.
func removeFactorsSince(ctx context.Context, tx tenants.Writer, person ids.ID, since time.Time) (bool, error) {
	var all int64
	for _, model := range []any{(*totp)(nil), (*passkey)(nil), (*recoveryCode)(nil)} {
		done, err := tx.NewDelete().Model(model).Where("tenant_id = ?", tx.Tenant().ID).Where("person_id = ?", person).Where("created_at >= ?", since).Exec(ctx)
		if err != nil {
			return false, fmt.Errorf("identity: remove factors: %w", err)
		}
		n, err := done.RowsAffected()
		if err != nil {
			return false, fmt.Errorf("identity: remove factors: %w", err)
		}
		all += n
	}
	return all > 0, nil
}

func removeCodesSince(ctx context.Context, tx tenants.Writer, person ids.ID, since time.Time) error {
	_, err := tx.NewDelete().Model((*recoveryCode)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("person_id = ?", person).Where("created_at >= ?", since).Exec(ctx)
	if err != nil {
		return fmt.Errorf("identity: remove recovery codes: %w", err)
	}
	return nil
}

// factorsAddedSince lists the app and the passkeys of a person that are of that moment or later, the newest first.
func factorsAddedSince(ctx context.Context, tx tenants.Reader, person ids.ID, since time.Time) ([]AddedFactor, error) {
	var list []AddedFactor
	err := tx.NewRaw(`SELECT id, '' AS passkey, created_at AS added_at FROM totp WHERE tenant_id = ?0 AND person_id = ?1 AND created_at >= ?2
		UNION ALL SELECT id, name, created_at FROM passkey WHERE tenant_id = ?0 AND person_id = ?1 AND created_at >= ?2
		ORDER BY added_at DESC, id`, tx.Tenant().ID, person, since).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("identity: list factors: %w", err)
	}
	return list, nil
}

func insertCodes(ctx context.Context, tx tenants.Writer, rows []recoveryCode) error {
	if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
		return fmt.Errorf("identity: insert recovery codes: %w", err)
	}
	return nil
}

// useCode spends the code with one of these hashes; of many who try at once, one does.
func useCode(ctx context.Context, tx tenants.Writer, person ids.ID, hashes [][]byte) (bool, error) {
	done, err := tx.NewUpdate().Model((*recoveryCode)(nil)).Set("used_at = ?", tx.Now()).Where("tenant_id = ?", tx.Tenant().ID).
		Where("person_id = ?", person).Where("code_hash IN (?)", bun.List(hashes)).Where("used_at IS NULL").Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("identity: use recovery code: %w", err)
	}
	n, err := done.RowsAffected()
	return n > 0, err
}

// factors is what a person can prove themselves with beside a password.
type factors struct {
	App       bool
	Passkeys  int
	CodesLeft int
}

func (f factors) any() bool { return f.number() > 0 }

func (f factors) number() int {
	if f.App {
		return f.Passkeys + 1
	}
	return f.Passkeys
}

func factorsOf(ctx context.Context, tx tenants.Reader, person ids.ID) (f factors, err error) {
	err = tx.NewRaw(`SELECT EXISTS (SELECT FROM totp WHERE tenant_id = ?0 AND person_id = ?1),
		(SELECT count(*) FROM passkey WHERE tenant_id = ?0 AND person_id = ?1),
		(SELECT count(*) FROM recovery_code WHERE tenant_id = ?0 AND person_id = ?1 AND used_at IS NULL)`, tx.Tenant().ID, person).Scan(ctx, &f.App, &f.Passkeys, &f.CodesLeft)
	if err != nil {
		return f, fmt.Errorf("identity: find factors: %w", err)
	}
	return f, nil
}

// WithoutFactor lists the people who can sign in in a role that asks for a second factor today and have none.
func WithoutFactor(ctx context.Context, tx tenants.Reader) ([]Person, error) {
	var list []Person
	err := tx.NewSelect().Model(&list).Where("person.tenant_id = ?", tx.Tenant().ID).Where("person.email IS NOT NULL").Where("person.deactivated_at IS NULL").
		Where("EXISTS (SELECT FROM membership m WHERE m.tenant_id = person.tenant_id AND m.person_id = person.id AND m.role IN (?1) AND "+strings.ReplaceAll(holds, "{today}", "?0")+")",
			string(tx.Today()), bun.List(asksFactor(tx.Tenant().SignIn))).
		Where("NOT EXISTS (SELECT FROM totp t WHERE t.tenant_id = person.tenant_id AND t.person_id = person.id)").
		Where("NOT EXISTS (SELECT FROM passkey k WHERE k.tenant_id = person.tenant_id AND k.person_id = person.id)").OrderExpr("person.id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("identity: list people without a factor: %w", err)
	}
	return list, nil
}

func insertWait(ctx context.Context, tx tenants.Writer, w *wait) error {
	if _, err := tx.NewInsert().Model(w).Exec(ctx); err != nil {
		return fmt.Errorf("identity: insert wait: %w", err)
	}
	return nil
}

func getWait(ctx context.Context, tx tenants.Reader, hash []byte) (*wait, error) {
	w := new(wait)
	err := tx.NewSelect().Model(w).Where("tenant_id = ?", tx.Tenant().ID).Where("token_hash = ?", hash).
		Where("expires_at > ?", tx.Now()).Where("tries < ?", waitTries).Scan(ctx)
	return oneWait(w, err)
}

// tryWait counts a try on what waits; of many at once no more get through than there are tries.
func tryWait(ctx context.Context, tx tenants.Writer, hash []byte) (*wait, error) {
	w := new(wait)
	err := tx.NewUpdate().Model(w).Set("tries = tries + 1").Where("tenant_id = ?", tx.Tenant().ID).Where("token_hash = ?", hash).
		Where("expires_at > ?", tx.Now()).Where("tries < ?", waitTries).Returning("*").Scan(ctx)
	return oneWait(w, err)
}

func oneWait(w *wait, err error) (*wait, error) {
	if errors.Is(err, sql.ErrNoRows) {
		return nil, waitGone()
	}
	if err != nil {
		return nil, fmt.Errorf("identity: find wait: %w", err)
	}
	return w, nil
}

func removeWait(ctx context.Context, tx tenants.Writer, id ids.ID) error {
	done, err := tx.NewDelete().Model((*wait)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).Exec(ctx)
	if err != nil {
		return fmt.Errorf("identity: remove wait: %w", err)
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return waitGone().Wrap(err)
	}
	return nil
}

// removeWaits forgets every password of a person that was right and waits for a second factor.
func removeWaits(ctx context.Context, tx tenants.Writer, person ids.ID) error {
	_, err := tx.NewDelete().Model((*wait)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("person_id = ?", person).Exec(ctx)
	if err != nil {
		return fmt.Errorf("identity: remove waits: %w", err)
	}
	return nil
}
