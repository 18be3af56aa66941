package diary

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/live"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

// Page is one entry with what its page says beside it.
type Page struct {
	*Entry
	// Newer and Older are its neighbours on a guardian's timeline; Nil where it ends, and for everybody else.
	Newer, Older ids.ID
	// LovedBy and ReadBy are first names, for the author and for who works with a child on it. Guardians of other children
	// are in neither for a guardian, and nobody of whom the reader may not know is for anybody.
	LovedBy, ReadBy []string
	Now             time.Time
}

// mostRespondents bounds the names on a page.
const mostRespondents = 400

var (
	// Parameters: 1 tenant, 2 person, 3 today, 4 entry.
	neighboursSQL = perRole(func(see string) string {
		beside := func(than, order string) string {
			return `(SELECT x.entry_id, ` + order + ` FROM seen CROSS JOIN here CROSS JOIN LATERAL (
				SELECT c.published_at, c.entry_id FROM diary_entry_child c
				WHERE c.tenant_id = $1 AND c.child_id = seen.child_id AND (c.published_at, c.entry_id) ` + than + ` (here.published_at, here.id)
				ORDER BY c.published_at ` + direction(order) + `, c.entry_id ` + direction(order) + ` LIMIT 1) x
				ORDER BY x.published_at ` + direction(order) + `, x.entry_id ` + direction(order) + ` LIMIT 1)`
		}
		return `WITH seen AS (SELECT DISTINCT v.child_id FROM (` + see + `) AS v (child_id)),
			here AS (SELECT published_at, id FROM diary_entry WHERE tenant_id = $1 AND id = $4)
			` + beside(">", "true") + ` UNION ALL ` + beside("<", "false")
	})
	// Parameters: the same, and 5 how many.
	respondentsSQL = perRole(func(see string) string {
		return `SELECT p.given_name, x.heart FROM diary_entry e CROSS JOIN LATERAL (
				SELECT h.person_id, true AS heart, h.given_at AS at FROM diary_heart h WHERE h.tenant_id = $1 AND h.entry_id = e.id
				UNION ALL SELECT r.person_id, false, r.read_at FROM diary_reading r WHERE r.tenant_id = $1 AND r.entry_id = e.id AND r.at_work = e.from_home) x
			JOIN person p ON p.tenant_id = $1 AND p.id = x.person_id
			WHERE e.tenant_id = $1 AND e.id = $4 AND e.withdrawn_at IS NULL AND ($6::boolean OR e.from_home AND e.author_id = $2)
				AND EXISTS (SELECT FROM diary_entry_child c WHERE c.tenant_id = $1 AND c.entry_id = e.id AND c.child_id IN (` + see + `)
					AND (e.from_home OR EXISTS (SELECT FROM guardianship t WHERE t.tenant_id = $1 AND t.child_id = c.child_id AND t.person_id = x.person_id)))
			ORDER BY x.at LIMIT $5`
	})
)

// direction sorts the newer neighbour from the oldest on, and the older one from the newest.
func direction(newer string) string {
	if newer == "true" {
		return "ASC"
	}
	return "DESC"
}

// Open gives the page of an entry that the actor may read, in one round trip.
func (s *Service) Open(ctx context.Context, id ids.ID) (*Page, error) {
	who, base, err := s.asker(ctx)
	if err != nil {
		return nil, err
	}
	t, page := &Timeline{}, &Page{Now: s.db.Clock().Now()}
	args := append(base[:3:3], id)
	questions := append(s.questions(who, args, t), tenants.Question{SQL: respondentsSQL[who.Role], Args: append(args[:4:4], mostRespondents, who.Role != actor.Parent), Scan: page.scanRespondents})
	if who.Role == actor.Parent { // who works here reads by group
		questions = append(questions, tenants.Question{SQL: neighboursSQL[who.Role], Args: args, Scan: page.scanNeighbours})
	}
	if err := s.db.Ask(ctx, questions...); err != nil {
		return nil, fmt.Errorf("diary: open entry: %w", err)
	}
	if len(t.Entries) == 0 {
		return nil, fault.NotFound()
	}
	t.narrow(who.Role)
	page.Entry = &t.Entries[0]
	return page, nil
}

func (p *Page) scanRespondents(rows pgx.Rows) error {
	for rows.Next() {
		var name string
		var heart bool
		if err := rows.Scan(&name, &heart); err != nil {
			return err
		}
		if heart {
			p.LovedBy = append(p.LovedBy, name)
		} else {
			p.ReadBy = append(p.ReadBy, name)
		}
	}
	return nil
}

func (p *Page) scanNeighbours(rows pgx.Rows) error {
	for rows.Next() {
		var id ids.ID
		var newer bool
		if err := rows.Scan(&id, &newer); err != nil {
			return err
		}
		if newer {
			p.Newer = id
		} else {
			p.Older = id
		}
	}
	return nil
}

// Seen notes that the reader has opened an entry, and marks what they were told about it as read; NotFound for one that they
// may not see. Who works here is noted at what came from home, and its author's pages look again.
func (s *Service) Seen(ctx context.Context, id ids.ID) error {
	entry, _, err := s.Find(ctx, id)
	if err != nil {
		return err
	}
	who := actor.From(ctx)
	atWork := who.Role != actor.Parent
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if !entry.By(who) && !entry.Waits && (entry.FromHome || !atWork) {
			fresh, err := insertReading(ctx, tx, &reading{TenantID: tx.Tenant().ID, EntryID: id, PersonID: who.PersonID, AtWork: atWork, ReadAt: tx.Now()})
			if err != nil {
				return err
			}
			if fresh && atWork {
				if err := live.Signal(ctx, tx, live.Person(entry.AuthorID)); err != nil {
					return err
				}
			}
		}
		return notifications.ReadAbout(ctx, tx, id)
	})
}

// VisitPause is how long somebody is away before they visit anew: looking again within it is the same visit.
const VisitPause = 30 * time.Minute

// Visit notes that the actor, a guardian, looks at the timeline now.
func (s *Service) Visit(ctx context.Context) error {
	if actor.From(ctx).Role != actor.Parent {
		return fault.NotFound()
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		return noteVisit(ctx, tx, actor.From(ctx).PersonID)
	})
}
