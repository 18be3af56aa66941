package children

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"ouderportaal/internal/actor"
	"ouderportaal/tenants"
)

// Status tells where a child stands in time. Every child has one.
type Status string

// The statuses. Here: a placement holds today. Soon: none does and one will, or none was made yet. Gone: all have ended.
const (
	Here Status = "here"
	Soon Status = "soon"
	Gone Status = "gone"
)

// Statuses lists them in the order in which they are shown.
var Statuses = []Status{Here, Soon, Gone}

// statusSQL is the status of a child by the placements in s: one row a child, or none.
const statusSQL = `CASE WHEN s.here THEN 'here' WHEN s.soon OR s.child_id IS NULL THEN 'soon' ELSE 'gone' END`

// spansSQL has a row for each child with a placement that was not cancelled. $1 is the tenant, $3 today.
const spansSQL = `SELECT p.child_id, min(p.starts_on) AS first_on, bool_or(p.starts_on > $3::date) AS soon,
	bool_or(p.starts_on <= $3::date AND (p.ends_on IS NULL OR p.ends_on >= $3::date)) AS here
	FROM placement p WHERE p.tenant_id = $1 AND p.cancelled_at IS NULL GROUP BY p.child_id`

// Counts tells how many of the actor's children have each status.
func (s *Service) Counts(ctx context.Context) (map[Status]int, error) {
	counts := map[Status]int{}
	question, err := s.countQuestion(ctx, counts)
	if err != nil {
		return nil, err
	}
	if err := s.db.Ask(ctx, question); err != nil {
		return nil, fmt.Errorf("children: count: %w", err)
	}
	return counts, nil
}

func (s *Service) countQuestion(ctx context.Context, counts map[Status]int) (tenants.Question, error) {
	args, err := s.hotArgs(ctx)
	query := `SELECT ` + statusSQL + ` AS status, count(*) FROM child c LEFT JOIN (` + spansSQL + `) s ON s.child_id = c.id
		WHERE c.tenant_id = $1 AND c.id IN (` + ManagedSQL(actor.From(ctx).Role, 1, 2, 3) + `) GROUP BY 1`
	return tenants.Question{SQL: query, Args: args, Scan: func(rows pgx.Rows) error {
		for rows.Next() {
			var status Status
			var n int
			if err := rows.Scan(&status, &n); err != nil {
				return err
			}
			counts[status] = n
		}
		return nil
	}}, err
}

// hotArgs are the first three parameters of every hot query: tenant, person, today.
func (s *Service) hotArgs(ctx context.Context) ([]any, error) {
	tenant, ok := tenants.From(ctx)
	if !ok {
		return nil, tenants.ErrNoTenant
	}
	return []any{tenant.ID, actor.From(ctx).PersonID, string(tenant.DateOf(s.db.Clock().Now()))}, nil
}
