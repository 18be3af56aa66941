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

// statusFor is statusSQL as a role sees it: for a manager, who went on to another location is gone.
func statusFor(role actor.Role) string {
	if role != actor.Manager {
		return statusSQL
	}
	return `CASE WHEN c.id NOT IN (` + numbered(currentChildren, role, 1, 2, 3) + `) THEN 'gone' ELSE ` + statusSQL + ` END`
}

// statusSQL is the status of a child by the placements in s: one row a child, or none.
const statusSQL = `CASE WHEN s.here THEN 'here' WHEN s.soon OR s.child_id IS NULL THEN 'soon' ELSE 'gone' END`

// spansSQL has a row for each child with a placement that was not cancelled. $1 is the tenant, $3 today.
const spansSQL = `SELECT p.child_id, min(p.starts_on) AS first_on, min(p.starts_on) FILTER (WHERE p.starts_on > $3::date) AS next_on, bool_or(p.starts_on > $3::date) AS soon,
	bool_or(p.starts_on <= $3::date AND (p.ends_on IS NULL OR p.ends_on >= $3::date)) AS here
	FROM placement p WHERE p.tenant_id = $1 AND p.cancelled_at IS NULL GROUP BY p.child_id`

// startsSoonSQL: the child with the placements in s is not here yet, and comes within the days of a parameter. It has to be
// prepared now.
func startsSoonSQL(days string) string {
	return `(s.here IS NOT TRUE AND s.next_on <= $3::date + ` + days + `::int)`
}

// unreachedSQL: no guardian of the child c with a right to information has an account.
const unreachedSQL = `c.id NOT IN (SELECT g.child_id FROM guardianship g JOIN person p ON p.tenant_id = g.tenant_id AND p.id = g.person_id
	WHERE g.tenant_id = $1 AND ` + informed + ` AND ` + hasAccount + `)`

// Overview is how many of the actor's children there are, and of how many something is to be done.
type Overview struct {
	Status    map[Status]int
	Unreached int64 // who start within some days without a guardian who has an account: the list of Filter.StartsSoon and Filter.Unreached
	Open      int64 // who are here and of whom something is to be answered: the list of Filter.Open
	// What there is at all, whoever asks: an organisation begins with a location.
	Locations, Groups, Children int64
}

// Empty tells that the organisation has just begun.
func (o *Overview) Empty() bool { return o.Children == 0 }

// Overview gives the numbers of an Overview, in one round trip with whatever else a page asks. days is what is soon, mark as in List.
func (s *Service) Overview(ctx context.Context, days int, mark Mark, more ...tenants.Question) (*Overview, error) {
	o := &Overview{Status: map[Status]int{}}
	args, err := s.hotArgs(ctx)
	if err != nil {
		return nil, err
	}
	role := actor.From(ctx).Role
	filters := func(query string, into *int64, args ...any) tenants.Question {
		q := tenants.Sum(query, into, args...)
		q.Filters, q.Everybody = true, true
		return q
	}
	err = s.db.Ask(ctx, append(more, countQuestion(role, args, o.Status),
		filters(startsUnreachedSQL(role), &o.Unreached, append(args[:3:3], days)...),
		filters(`SELECT count(*) FROM child c JOIN (`+spansSQL+`) s ON s.child_id = c.id
			WHERE c.tenant_id = $1 AND c.id IN (`+ManagedSQL(role, 1, 2, 3)+`) AND `+statusFor(role)+` = 'here' AND `+string(mark), &o.Open, args...),
		tenants.Sum("SELECT count(*) FROM location WHERE tenant_id = $1", &o.Locations, args[0]),
		tenants.Sum("SELECT count(*) FROM care_group WHERE tenant_id = $1", &o.Groups, args[0]),
		tenants.Sum("SELECT count(*) FROM child WHERE tenant_id = $1", &o.Children, args[0]))...)
	if err != nil {
		return nil, fmt.Errorf("children: overview: %w", err)
	}
	return o, nil
}

func startsUnreachedSQL(role actor.Role) string {
	return `SELECT count(*) FROM child c JOIN (` + spansSQL + `) s ON s.child_id = c.id
		WHERE c.tenant_id = $1 AND c.id IN (` + numbered(currentChildren, role, 1, 2, 3) + `) AND ` + startsSoonSQL("$4") + ` AND ` + unreachedSQL
}

// countQuestion asks how many of the actor's children have each status.
func countQuestion(role actor.Role, args []any, counts map[Status]int) tenants.Question {
	query := `SELECT ` + statusFor(role) + ` AS status, count(*) FROM child c LEFT JOIN (` + spansSQL + `) s ON s.child_id = c.id
		WHERE c.tenant_id = $1 AND c.id IN (` + ManagedSQL(role, 1, 2, 3) + `) GROUP BY 1`
	return tenants.Question{SQL: query, Args: args, Filters: true, Everybody: true, Scan: func(rows pgx.Rows) error {
		for rows.Next() {
			var status Status
			var n int
			if err := rows.Scan(&status, &n); err != nil {
				return err
			}
			counts[status] = n
		}
		return nil
	}}
}

// hotArgs are the first three parameters of every hot query: tenant, person, today.
func (s *Service) hotArgs(ctx context.Context) ([]any, error) {
	tenant, ok := tenants.From(ctx)
	if !ok {
		return nil, tenants.ErrNoTenant
	}
	return []any{tenant.ID, actor.From(ctx).PersonID, string(tenant.DateOf(s.db.Clock().Now()))}, nil
}
