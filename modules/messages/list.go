package messages

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/paging"
	"ouderportaal/modules/children"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

// PageSize is how many threads a page of the list has.
const PageSize = 30

// Filter is what somebody asks of the list.
type Filter struct {
	Search string
	Unread bool
	Mine   bool // that the actor looks after
	// ToManagement leaves out those with groups.
	ToManagement bool
	GroupID      ids.ID        // Nil: every group
	After        paging.Cursor // zero: from the newest
}

// Line is a thread in the list, with the newest message that its reader sees.
type Line struct {
	Heading
	Unread int
	For    string // who of the team looks after it, for who works here; empty for nobody
	By     string // who wrote the newest message
	Mine   bool   // the reader did
	Waits  bool   // it can still be taken back
	First  string // its beginning, without line breaks
	// Withdrawn tells that it was: it has no beginning.
	Withdrawn bool
	At        time.Time

	movedAt time.Time
}

// List is a page of threads, that in which something was written last first.
type List struct {
	Lines  []Line
	Unread notifications.Counts
	Next   paging.Cursor // zero: there is nothing older
}

// excerpt is how much of a message the list has, in characters.
const excerpt = 200

// The list, per role. Parameters: 1 tenant, 2 person, 3 today, 4 and 5 the cursor or NULL, 6 whether only unread ones, 7 group or
// NULL, 8 words, 9 whether only those that who asks looks after, 10 whether only those with management.
var listSQL = perRole(func(role actor.Role) string {
	assigned, assignee, mine := ``, `''`, `$9::boolean IS NOT NULL` // who looks after what is not told to guardians
	if role != actor.Parent {
		assigned = ` LEFT JOIN message_assignment s ON s.tenant_id = t.tenant_id AND s.thread_id = t.id LEFT JOIN person sp ON sp.tenant_id = s.tenant_id AND sp.id = s.person_id`
		assignee, mine = `coalesce(sp.given_name, '')`, `(NOT $9::boolean OR s.person_id = $2)`
	}
	words := `SELECT FROM message_word x WHERE x.tenant_id = $1 AND x.thread_id = t.id AND x.word >= w.word COLLATE "C" AND x.word < (w.word || chr(1114111)) COLLATE "C"`
	return `WITH unread AS (
			SELECT m.thread_id, count(*) AS n FROM notification n JOIN message m ON m.tenant_id = n.tenant_id AND m.id = n.subject_id
			WHERE n.tenant_id = $1 AND n.person_id = $2 AND n.read_at IS NULL AND ` + toldIn(role) + `
			GROUP BY m.thread_id)
		SELECT ` + headingColumns + `, t.moved_at, coalesce(u.n, 0), ` + assignee + `, l.author_name, l.mine, l.released_at IS NULL, l.first, l.withdrawn, coalesce(l.released_at, l.written_at)
		FROM ` + headingTables + assigned + ` LEFT JOIN unread u ON u.thread_id = t.id
		CROSS JOIN LATERAL (SELECT m.author_name, m.author_id = $2 AND m.side = '` + string(SideOf(role)) + `' AS mine, m.released_at, m.withdrawn_at IS NOT NULL AS withdrawn,
			left(m.body, ` + strconv.Itoa(excerpt) + `) AS first, m.written_at
			FROM message m WHERE m.tenant_id = $1 AND m.thread_id = t.id AND ` + shown(role) + ` ORDER BY m.written_at DESC, m.id DESC LIMIT 1) l
		WHERE t.tenant_id = $1 AND ` + seen[role] + `
			AND ($4::timestamptz IS NULL OR (t.moved_at, t.id) < ($4::timestamptz, $5::uuid))
			AND (NOT $6::boolean OR u.n > 0) AND ` + mine + ` AND ($7::uuid IS NULL OR t.group_id = $7::uuid) AND (NOT $10::boolean OR t.location_id IS NOT NULL)
			AND NOT EXISTS (SELECT FROM unnest($8::text[]) AS w (word) WHERE NOT (EXISTS (` + words + `) OR strpos(c.name_key, name_key(w.word)) > 0
				OR EXISTS (SELECT FROM message_thread_member x JOIN person p ON p.tenant_id = x.tenant_id AND p.id = x.person_id
					WHERE x.tenant_id = $1 AND x.thread_id = t.id AND strpos(p.name_key, name_key(w.word)) > 0)))
		ORDER BY t.moved_at DESC, t.id DESC LIMIT ` + strconv.Itoa(PageSize+1)
})

// toldIn are the notifications n of messages to somebody in the role.
func toldIn(role actor.Role) string {
	var some []string
	for _, audience := range notifications.AudiencesOf(role) {
		some = append(some, `n.audience = '`+string(audience)+`' AND n.item = '`+itemFor(audience)+`'`)
	}
	return `(` + strings.Join(some, ` OR `) + `)`
}

func perRole(query func(actor.Role) string) map[actor.Role]string {
	queries := map[actor.Role]string{}
	for role := range seen {
		queries[role] = query(role)
	}
	return queries
}

// List gives a page of the threads that the actor sees something of, in one round trip.
func (s *Service) List(ctx context.Context, f Filter) (*List, error) {
	who := actor.From(ctx)
	tenant, _ := tenants.From(ctx)
	query, known := listSQL[who.Role]
	if !known || who.TenantID != tenant.ID {
		return nil, fault.NotFound()
	}
	list := &List{}
	args := []any{tenant.ID, who.PersonID, string(tenant.DateOf(s.db.Clock().Now())), nil, nil, f.Unread, nil, sought(f.Search), f.Mine, f.ToManagement}
	if f.After.ID != ids.Nil {
		args[3], args[4] = f.After.At, f.After.ID
	}
	if f.GroupID != ids.Nil {
		args[6] = f.GroupID
	}
	err := s.db.Ask(ctx, tenants.Question{SQL: query, Args: args, Scan: list.scan, Filters: true}, notifications.Unread(who, &list.Unread))
	if err != nil {
		return nil, fmt.Errorf("messages: list: %w", err)
	}
	if len(list.Lines) > PageSize {
		list.Lines = list.Lines[:PageSize]
		last := list.Lines[PageSize-1]
		list.Next = paging.Cursor{At: last.movedAt.UTC(), ID: last.ID}
	}
	return list, nil
}

func (l *List) scan(rows pgx.Rows) error {
	for rows.Next() {
		var line Line
		targets, done := line.Heading.scan()
		err := rows.Scan(append(targets, &line.movedAt, &line.Unread, &line.For, &line.By, &line.Mine, &line.Waits, &line.First, &line.Withdrawn, &line.At)...)
		if err != nil {
			return err
		}
		done()
		line.First = oneLine(line.First)
		l.Lines = append(l.Lines, line)
	}
	return nil
}

// Workplace is a group whose threads somebody sees.
type Workplace = children.Workplace

// Workplaces lists the groups that the actor works with, by location and name; none for a guardian.
func (s *Service) Workplaces(ctx context.Context) ([]Workplace, error) {
	if actor.From(ctx).Role == actor.Parent {
		return nil, nil
	}
	return s.children.Workplaces(ctx)
}
