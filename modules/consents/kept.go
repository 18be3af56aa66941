package consents

import (
	"context"
	"fmt"
	"time"

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
	var list []Current
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		return tx.NewRaw(`SELECT k.purpose, k.granted, trim(p.given_name || ' ' || p.family_name) AS by, a.answered_at AS at
			FROM consent_state k JOIN consent_answer a ON a.tenant_id = k.tenant_id AND a.id = k.answer_id JOIN person p ON p.tenant_id = a.tenant_id AND p.id = a.answered_by
			WHERE k.tenant_id = ? AND k.child_id = ? AND k.child_id IN (?)`, tx.Tenant().ID, childID, children.ManagedBy(tx, actor.From(ctx))).Scan(ctx, &list)
	})
	if err != nil {
		return nil, fmt.Errorf("consents: select current: %w", err)
	}
	if len(list) == 0 {
		list = []Current{{Purpose: Photos}}
	}
	return list, nil
}
