package consents

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// Unanswered is the condition that a question about the child c has no answer yet, for children.List.
const Unanswered children.Mark = `NOT EXISTS (SELECT FROM consent_state k WHERE k.tenant_id = c.tenant_id AND k.child_id = c.id AND k.purpose = 'photos')`

// Current is what holds now of one purpose; without an answer At is zero.
type Current struct {
	Purpose Purpose
	Granted bool
	By      string
	At      time.Time
}

// Current gives what holds for a child whose file the actor keeps, for every purpose; nothing for another's child.
func (s *Service) Current(ctx context.Context, childID ids.ID) ([]Current, error) {
	tenant, ok := tenants.From(ctx)
	if !ok {
		return nil, tenants.ErrNoTenant
	}
	who := actor.From(ctx)
	query := `SELECT k.purpose, k.granted, trim(p.given_name || ' ' || p.family_name), a.answered_at
		FROM consent_state k JOIN consent_answer a ON a.tenant_id = k.tenant_id AND a.id = k.answer_id JOIN person p ON p.tenant_id = a.tenant_id AND p.id = a.answered_by
		WHERE k.tenant_id = $1 AND k.child_id = $4 AND k.child_id IN (` + children.ManagedSQL(who.Role, 1, 2, 3) + `) ORDER BY k.purpose`
	var list []Current
	args := []any{tenant.ID, who.PersonID, string(tenant.DateOf(s.db.Clock().Now())), childID}
	err := s.db.Query(ctx, query, args, func(rows pgx.Rows) error {
		for rows.Next() {
			var c Current
			if err := rows.Scan(&c.Purpose, &c.Granted, &c.By, &c.At); err != nil {
				return err
			}
			list = append(list, c)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("consents: select current: %w", err)
	}
	if len(list) == 0 {
		list = []Current{{Purpose: Photos}}
	}
	return list, nil
}
