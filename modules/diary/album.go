package diary

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/goccy/go-json"
	"github.com/jackc/pgx/v5"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/paging"
	"ouderportaal/modules/children"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

// A page of the photo book ends with the entry that fills it, so that nobody waits for hundreds of small photos.
const (
	bookPhotos  = 60
	bookEntries = 30
)

// BookFilter is what a guardian asks of the photo book.
type BookFilter struct {
	ChildID ids.ID        // Nil: every child
	Month   Month         // empty: from the newest; else from the last photo of this month
	After   paging.Cursor // zero: from the newest, or the month
}

// Month is a month of the tenant, as 2006-01.
type Month string

const monthLayout = "2006-01"

// ParseMonth reads a month; what is none is empty.
func ParseMonth(s string) Month {
	if _, err := time.Parse(monthLayout, s); err != nil {
		return ""
	}
	return Month(s)
}

// MonthOf is the month of a moment at the tenant.
func MonthOf(tenant tenants.Tenant, at time.Time) Month {
	return Month(at.In(tenant.Location()).Format(monthLayout))
}

// Start is its first moment at the tenant.
func (m Month) Start(tenant tenants.Tenant) time.Time {
	at, _ := time.ParseInLocation(monthLayout, string(m), tenant.Location())
	return at
}

func (m Month) end(tenant tenants.Tenant) time.Time { return m.Start(tenant).AddDate(0, 1, 0) }

// Shot is a photo of the book, ready to be looked at.
type Shot struct {
	Medium
	EntryID ids.ID
	At      time.Time // when it was shared
	Names   []string  // of the actor's own children on it
}

// MonthCount is how many photos a month has.
type MonthCount struct {
	Month  Month
	Photos int
}

// Book is one page of the photos that a guardian may see, newest first.
type Book struct {
	Children []Own
	Months   []MonthCount // every month with a photo, newest first
	Shots    []Shot
	Unread   notifications.Counts // what the actor has not read
	Next     paging.Cursor        // zero: there is nothing older
}

// The questions of the book. Parameters: 1 tenant, 2 person, 3 today, 4 child or NULL; of a page: 5 and 6 the cursor, 7 how many
// entries, 8 the moment that none is older than; of the months: 5 the zone.
var (
	bookSQL = `WITH seen AS (SELECT DISTINCT v.child_id FROM (` + children.VisibleSQL(actor.Parent, 1, 2, 3) + `) AS v (child_id)),
		page AS (
			SELECT DISTINCT x.published_at, x.entry_id FROM seen
			CROSS JOIN LATERAL (
				SELECT c.published_at, c.entry_id FROM diary_entry_child c
				WHERE c.tenant_id = $1 AND c.child_id = seen.child_id AND c.photos <> 0
					AND (c.published_at, c.entry_id) < ($5::timestamptz, $6::uuid) AND c.published_at >= $8::timestamptz
				ORDER BY c.published_at DESC, c.entry_id DESC LIMIT $7) x
			WHERE $4::uuid IS NULL OR seen.child_id = $4::uuid
			ORDER BY 1 DESC, 2 DESC LIMIT $7)
		SELECT e.id, e.published_at, e.children, e.media FROM page JOIN diary_entry e ON e.tenant_id = $1 AND e.id = page.entry_id
		ORDER BY e.published_at DESC, e.id DESC`
	monthsSQL = `WITH shown AS (
			SELECT c.published_at, bit_count(bit_or(c.photos)::bit(64)) AS photos FROM diary_entry_child c
			WHERE c.tenant_id = $1 AND c.photos <> 0 AND ($4::uuid IS NULL OR c.child_id = $4::uuid)
				AND c.child_id IN (` + children.VisibleSQL(actor.Parent, 1, 2, 3) + `)
			GROUP BY c.entry_id, c.published_at)
		SELECT to_char(published_at AT TIME ZONE $5::text, 'YYYY-MM'), sum(photos)::int FROM shown GROUP BY 1 ORDER BY 1 DESC`
)

// Photos gives a page of the photo book with its months, in one round trip. It is for guardians; staff see photos in entries.
func (s *Service) Photos(ctx context.Context, f BookFilter) (*Book, error) {
	who, base, err := s.asker(ctx)
	if err != nil {
		return nil, err
	}
	if who.Role != actor.Parent {
		return nil, fault.NotFound()
	}
	tenant, _ := tenants.From(ctx)
	after := f.After
	switch {
	case after.ID != ids.Nil:
	case f.Month != "":
		after.At = f.Month.end(tenant)
	default:
		after.At = farFuture
	}
	var child any
	if f.ChildID != ids.Nil {
		child = f.ChildID
	}
	t, b := &Timeline{}, &Book{}
	err = s.db.Ask(ctx,
		tenants.Question{SQL: ownSQL[actor.Parent], Args: base, Scan: t.scanOwn},
		tenants.Question{SQL: bookSQL, Args: append(base[:3:3], child, after.At, after.ID, bookEntries+1, time.Time{}), Filters: true, Scan: t.scanPictures},
		tenants.Question{SQL: monthsSQL, Args: append(base[:3:3], child, tenant.TimeZone), Scan: b.scanMonths},
		notifications.Unread(who, &b.Unread))
	if err != nil {
		return nil, fmt.Errorf("diary: read photo book: %w", err)
	}
	if f.ChildID != ids.Nil && !t.has(f.ChildID) {
		return nil, fault.NotFound()
	}
	b.Children = t.Children
	b.fill(t, f.ChildID)
	return b, nil
}

// fill takes the photos of the entries that belong on the page.
func (b *Book) fill(t *Timeline, child ids.ID) {
	t.narrow(actor.Parent)
	for i := range t.Entries {
		if i == bookEntries || len(b.Shots) >= bookPhotos {
			b.Next = t.Entries[i-1].cursor()
			return
		}
		b.Shots = t.Entries[i].shots(b.Shots, child)
	}
}

// shots adds the ready photos of a narrowed entry to list: those with the child on them, or all for Nil.
func (e *Entry) shots(list []Shot, child ids.ID) []Shot {
	for _, m := range e.Media {
		if !m.Ready() || (child != ids.Nil && !slices.Contains(m.Children, child)) {
			continue
		}
		shot := Shot{Medium: m, EntryID: e.ID, At: e.PublishedAt}
		for _, about := range e.Children {
			if slices.Contains(m.Children, about.ID) {
				shot.Names = append(shot.Names, about.GivenName)
			}
		}
		list = append(list, shot)
	}
	return list
}

func (t *Timeline) scanPictures(rows pgx.Rows) error {
	for rows.Next() {
		var e Entry
		var about, media []byte
		if err := rows.Scan(&e.ID, &e.PublishedAt, &about, &media); err != nil {
			return err
		}
		if err := json.Unmarshal(about, &e.Children); err != nil {
			return fmt.Errorf("children of entry: %w", err)
		}
		if err := json.Unmarshal(media, &e.Media); err != nil {
			return fmt.Errorf("media of entry: %w", err)
		}
		t.Entries = append(t.Entries, e)
	}
	return nil
}

func (b *Book) scanMonths(rows pgx.Rows) error {
	for rows.Next() {
		var m MonthCount
		if err := rows.Scan((*string)(&m.Month), &m.Photos); err != nil {
			return err
		}
		b.Months = append(b.Months, m)
	}
	return nil
}
