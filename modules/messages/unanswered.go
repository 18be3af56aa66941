package messages

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Unanswered is a conversation in which a guardian wrote last.
type Unanswered struct {
	ThreadID  ids.ID
	Subject   string
	ChildID   ids.ID
	ChildName string
	ChildFace int
	Group     string // or the location with whose management it is
	By        string // the guardian
	For       string // who of the team looks after it; empty for nobody
	Since     time.Time
}

// mostUnanswered is how many are listed: the ones that wait longest.
const mostUnanswered = 200

// unansweredSQL has a row for each, of those that a role sees something of. Parameters: 1 tenant, 2 person, 3 today.
func unansweredSQL(role actor.Role) (string, bool) {
	rule, known := seen[role]
	return ` FROM ` + headingTables + ` LEFT JOIN message_assignment s ON s.tenant_id = t.tenant_id AND s.thread_id = t.id LEFT JOIN person sp ON sp.tenant_id = s.tenant_id AND sp.id = s.person_id
		CROSS JOIN LATERAL (SELECT m.side, m.author_name, m.released_at FROM message m WHERE m.tenant_id = $1 AND m.thread_id = t.id AND m.released_at IS NOT NULL AND m.taken_back_at IS NULL AND m.withdrawn_at IS NULL
			ORDER BY m.released_at DESC, m.id DESC LIMIT 1) AS l
		WHERE t.tenant_id = $1 AND l.side = 'guardian' AND ` + rule, known && role != actor.Parent
}

// CountUnanswered asks how many there are, together with whatever else a page asks.
func (s *Service) CountUnanswered(ctx context.Context, into *int64) tenants.Question {
	who := actor.From(ctx)
	from, known := unansweredSQL(who.Role)
	if !known {
		from = ` FROM tenant WHERE id = $1 AND false`
	}
	question := tenants.Sum(`SELECT count(*)`+from+` AND ($2::uuid IS NOT NULL OR $3::date IS NOT NULL)`, into, s.unansweredArgs(ctx)...)
	question.Filters = true
	return question
}

// Unanswered lists those that the actor, who works here, sees something of: who waits longest first.
func (s *Service) Unanswered(ctx context.Context) (list []Unanswered, err error) {
	from, known := unansweredSQL(actor.From(ctx).Role)
	if !known {
		return nil, fault.NotFound()
	}
	query := `SELECT t.id, t.subject, t.child_id, c.given_name, c.face, coalesce(g.name, lo.name, ''), l.author_name, coalesce(sp.given_name, ''), l.released_at` + from +
		` AND ($2::uuid IS NOT NULL OR $3::date IS NOT NULL) ORDER BY l.released_at, t.id LIMIT ` + strconv.Itoa(mostUnanswered)
	err = s.db.Ask(ctx, tenants.Question{SQL: query, Args: s.unansweredArgs(ctx), Filters: true, Scan: func(rows pgx.Rows) (err error) {
		list, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Unanswered])
		return err
	}})
	if err != nil {
		return nil, fmt.Errorf("messages: list unanswered: %w", err)
	}
	for i := range list {
		if list[i].Subject == "" {
			list[i].Subject = i18n.T(ctx, withdrawnSubject)
		}
	}
	return list, nil
}

func (s *Service) unansweredArgs(ctx context.Context) []any {
	tenant, _ := tenants.From(ctx)
	return []any{tenant.ID, actor.From(ctx).PersonID, string(tenant.DateOf(s.db.Clock().Now()))}
}

// Storage asks how many bytes attachments take, together with whatever else a page asks.
func (s *Service) Storage(ctx context.Context, into *int64) tenants.Question {
	tenant, _ := tenants.From(ctx)
	return tenants.Sum("SELECT coalesce(sum(bytes), 0)::bigint FROM message_attachment WHERE tenant_id = $1", into, tenant.ID)
}
