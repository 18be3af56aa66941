package house

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

type logo struct {
	bun.BaseModel `bun:"table:house_logo"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	Picture       []byte
}

// holdStyle lets one change of an organisation's style follow the other.
func holdStyle(ctx context.Context, tx tenants.Writer) error {
	if _, err := tx.NewRaw("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", "house_style "+tx.Tenant().ID.String()).Exec(ctx); err != nil {
		return fmt.Errorf("house: hold style: %w", err)
	}
	return nil
}

func newestStyles(ctx context.Context, tx tenants.Reader, most int64) ([]Style, error) {
	var list []Style
	err := tx.NewSelect().Model(&list).Where("tenant_id = ?", tx.Tenant().ID).Order("version DESC").Limit(most).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("house: list styles: %w", err)
	}
	return list, nil
}

func findStyle(ctx context.Context, tx tenants.Reader, version int) (*Style, error) {
	s := new(Style)
	err := tx.NewSelect().Model(s).Where("tenant_id = ?", tx.Tenant().ID).Where("version = ?", version).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.NotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("house: find style: %w", err)
	}
	return s, nil
}

func insertStyle(ctx context.Context, tx tenants.Writer, s *Style) error {
	if _, err := tx.NewInsert().Model(s).Exec(ctx); err != nil {
		return fmt.Errorf("house: insert style: %w", err)
	}
	return nil
}

func insertLogo(ctx context.Context, tx tenants.Writer, id ids.ID, picture []byte) error {
	if _, err := tx.NewInsert().Model(&logo{TenantID: tx.Tenant().ID, ID: id, Picture: picture}).Exec(ctx); err != nil {
		return fmt.Errorf("house: insert logo: %w", err)
	}
	return nil
}

func findLogo(ctx context.Context, tx tenants.Reader, id ids.ID) ([]byte, error) {
	l := new(logo)
	err := tx.NewSelect().Model(l).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.NotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("house: find logo: %w", err)
	}
	return l.Picture, nil
}

func newestStatements(ctx context.Context, tx tenants.Reader, kind Kind, language string, most int64) ([]Statement, error) {
	var list []Statement
	err := tx.NewSelect().Model(&list).Where("tenant_id = ?", tx.Tenant().ID).Where("kind = ?", kind).Where("language = ?", language).Order("version DESC").Limit(most).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("house: list statements: %w", err)
	}
	return list, nil
}

func statementBody(ctx context.Context, tx tenants.Reader, kind Kind, language string, version int) (body string, err error) {
	err = tx.NewSelect().Model((*Statement)(nil)).Column("body").Where("tenant_id = ?", tx.Tenant().ID).Where("kind = ?", kind).Where("language = ?", language).Where("version = ?", version).Scan(ctx, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return "", fault.NotFound()
	}
	if err != nil {
		return "", fmt.Errorf("house: find statement: %w", err)
	}
	return body, nil
}

func insertStatement(ctx context.Context, tx tenants.Writer, s *Statement) error {
	if _, err := tx.NewInsert().Model(s).Exec(ctx); err != nil {
		return fmt.Errorf("house: insert statement: %w", err)
	}
	return nil
}
