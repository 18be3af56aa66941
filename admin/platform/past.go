package platform

import (
	"context"
	"fmt"

	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Recall keeps an operator who has a password and an app already, unless somebody has the address. It is for the demo.
func (s *Service) Recall(ctx context.Context, email, name, password string, secret []byte) error {
	hash, err := s.hasher.Hash(ctx, password)
	if err != nil {
		return err
	}
	o := &Operator{ID: ids.New(), Email: email, Name: name, PasswordHash: hash}
	if o.AppSealed, err = s.vault.Seal("operator app", o.ID, secret); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		o.CreatedAt = tx.Now()
		if _, err := tx.NewInsert().Model(o).On("CONFLICT (email) DO NOTHING").Exec(ctx); err != nil {
			return fmt.Errorf("platform: recall operator: %w", err)
		}
		return nil
	})
}
