package diary

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-json"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/paging"
	"ouderportaal/modules/absences"
	"ouderportaal/modules/agenda"
	"ouderportaal/modules/care"
	"ouderportaal/modules/children"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

// PageSize is how many entries a page of the timeline has.
const PageSize = 20

// Filter is what somebody asks of the timeline.
type Filter struct {
	ChildID ids.ID        // Nil: every child
	After   paging.Cursor // zero: from the newest
}

// child is a parameter: NULL for every child.
func (f Filter) child() any {
	if f.ChildID == ids.Nil {
		return nil
	}
	return f.ChildID
}

// after is when the entries of the page were published before.
func (f Filter) after() time.Time {
	if f.After.ID == ids.Nil {
		return farFuture
	}
	return f.After.At
}

func (e *Entry) cursor() paging.Cursor { return paging.Cursor{At: e.PublishedAt.UTC(), ID: e.ID} }

// Own is one of the actor's children as the head of *Mijn kind* shows it.
type Own struct {
	ID        ids.ID
	GivenName string
	Face      int
	Groups    string // where the child is placed today, or will be first: "Kikkers, Bathmen"
	Mentor    string
	StartsOn  tenants.Date // of the first placement, when it is still to come
	Absent    bool         // reported so for today; of a guardian's children
}

// Day is what is known of one child's day so far.
type Day = care.Day

// DayOf gives the day of a child; nil when nothing is known of it.
func (t *Timeline) DayOf(child ids.ID) *Day { return care.Of(t.Days, child) }

// Away tells that a child was reported absent for today, and has not come after all.
func (t *Timeline) Away(child ids.ID) bool {
	if d := t.DayOf(child); d != nil {
		if came, _ := d.Stays(); came != nil {
			return false
		}
	}
	return slices.ContainsFunc(t.Children, func(o Own) bool { return o.ID == child && o.Absent })
}

// Timeline is one page of what the actor may read, newest first.
type Timeline struct {
	Children []Own
	Entries  []Entry
	Days     []Day                // of today, of the children of whom anything is known
	Unread   notifications.Counts // what the actor has not read
	NewSince time.Time            // what was shared later is new since the last visit of a guardian; zero: everything is
	Next     paging.Cursor        // zero: there is nothing older

	guardian ids.ID // whose it is
}

// farFuture starts a timeline at its newest entry.
var farFuture = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

const entryColumns = `e.id, e.kind, e.group_id, e.group_name, e.author_id, e.author_name, e.author_face, e.title, e.body, e.published_at, e.shared_at, e.children, e.media, e.facts, e.from_home,
	cardinality(e.loved_by), $2 = ANY (e.loved_by),
	CASE WHEN e.from_home AND e.author_id = $2 THEN coalesce((SELECT string_agg(p.given_name, chr(31) ORDER BY r.read_at) FROM diary_reading r
		JOIN person p ON p.tenant_id = r.tenant_id AND p.id = r.person_id WHERE r.tenant_id = e.tenant_id AND r.entry_id = e.id AND r.at_work), '') ELSE '' END`

// The questions of the page, per role. Parameters: 1 tenant, 2 person, 3 today; of newestSQL no others, of timelineSQL 4 child
// or NULL, 5 and 6 the cursor. The newest page is what everybody opens first, and its statement says no more than it needs.
// Those of a guardian can be asked for the visitor: their parameter 2 is then NULL.
var (
	newestSQL   = forVisitor(perRole(func(see string) string { return pageSQL(see, "", "") }))
	timelineSQL = forVisitor(perRole(func(see string) string {
		return pageSQL(see, " AND (c.published_at, c.entry_id) < ($5::timestamptz, $6::uuid)", " WHERE $4::uuid IS NULL OR seen.child_id = $4::uuid")
	}))
	entrySQL = perRole(func(see string) string {
		// An entry that waits is its author's, in the role that it was written in.
		return `SELECT ` + entryColumns + ` FROM diary_entry e WHERE e.tenant_id = $1 AND e.id = $4 AND e.withdrawn_at IS NULL
			AND EXISTS (SELECT WHERE e.waits AND e.author_id = $2 AND e.from_home = $5::boolean
				UNION ALL SELECT FROM diary_entry_child c WHERE c.tenant_id = $1 AND c.entry_id = e.id AND c.child_id IN (` + see + `))`
	})
	// Parents see their children at the head of the page; of others, only the names are needed, to narrow entries with;
	// an admin sees entries as they are.
	ownSQL = map[actor.Role]string{
		actor.Parent:  `SELECT ` + childColumns + ` FROM child k ` + placesOfChild + ` WHERE k.tenant_id = $1 AND k.id IN (` + children.VisibleSQL(actor.Parent, 1, 2, 3) + `) ORDER BY k.birth_on, k.id`,
		actor.Staff:   namesSQL(actor.Staff),
		actor.Manager: namesSQL(actor.Manager),
		actor.Admin:   nobodySQL,
		actor.System:  nobodySQL,
	}
)

// pageSQL selects one entry more than a page has, of the children in see, newest first.
func pageSQL(see, older, of string) string {
	most := strconv.Itoa(PageSize + 1)
	return `WITH seen AS (SELECT DISTINCT v.child_id FROM (` + see + `) AS v (child_id)),
		page AS (
			SELECT DISTINCT x.published_at, x.entry_id FROM seen
			CROSS JOIN LATERAL (
				SELECT c.published_at, c.entry_id FROM diary_entry_child c
				WHERE c.tenant_id = $1 AND c.child_id = seen.child_id` + older + `
				ORDER BY c.published_at DESC, c.entry_id DESC LIMIT ` + most + `) x` + of + `
			ORDER BY 1 DESC, 2 DESC LIMIT ` + most + `)
		SELECT ` + entryColumns + ` FROM page JOIN diary_entry e ON e.tenant_id = $1 AND e.id = page.entry_id
		ORDER BY e.published_at DESC, e.id DESC`
}

// What the head of a page says of the child k.
const (
	childColumns = `k.id, k.given_name, k.face, coalesce(s.places, ''),
		coalesce((SELECT m.given_name FROM mentorship s JOIN person m ON m.tenant_id = s.tenant_id AND m.id = s.person_id
			WHERE s.tenant_id = k.tenant_id AND s.child_id = k.id AND s.valid_from <= $3::date AND (s.valid_to IS NULL OR s.valid_to >= $3::date) LIMIT 1), ''),
		CASE WHEN s.first_on > $3::date THEN s.first_on::text ELSE '' END`
	placesOfChild = `CROSS JOIN LATERAL (SELECT min(p.starts_on) AS first_on,
			string_agg(DISTINCT g.name || ', ' || l.name, ' · ') FILTER (WHERE p.ends_on IS NULL OR p.ends_on >= $3::date) AS places
			FROM placement p JOIN care_group g ON g.tenant_id = p.tenant_id AND g.id = p.group_id JOIN location l ON l.tenant_id = g.tenant_id AND l.id = g.location_id
			WHERE p.tenant_id = k.tenant_id AND p.child_id = k.id AND p.cancelled_at IS NULL) s`
)

// headSQL asks for all that stands around a guardian's timeline: whose it is, what they have not read, when their visit before this one ended,
// and the children, each in a row; without children there is one row without a child. Parameters: 1 tenant, 2 person or NULL for the
// visitor, 3 today, 4 from when on a visit goes on.
var headSQL = tenants.ForVisitor(`SELECT $2, ` + notifications.UnreadByGuardian + `, (SELECT CASE WHEN v.last_at < $4::timestamptz THEN v.last_at ELSE v.since END FROM diary_visit v WHERE v.tenant_id = $1 AND v.person_id = $2),
	own.* FROM (SELECT) AS one LEFT JOIN LATERAL (SELECT ` + childColumns + `, k.birth_on, ` + absences.AwayToday(agenda.OpenSQL("$3")) + ` FROM child k ` + placesOfChild + `
		WHERE k.tenant_id = $1 AND k.id IN (` + children.VisibleSQL(actor.Parent, 1, 2, 3) + `)) AS own (id, given_name, face, places, mentor, starts_on, birth_on, absent) ON true
	ORDER BY own.birth_on, own.id`)

const nobodySQL = `SELECT id, given_name, face, '', '', '' FROM child WHERE tenant_id = $1 AND false AND ($2::uuid IS NULL OR $3::date IS NULL)`

func namesSQL(role actor.Role) string {
	return `SELECT k.id, k.given_name, k.face, '', '', '' FROM child k WHERE k.tenant_id = $1 AND k.id IN (` + children.VisibleSQL(role, 1, 2, 3) + `)`
}

// perRole writes a query once for every role, with the rule of who may be seen in it.
func perRole(query func(see string) string) map[actor.Role]string {
	queries := map[actor.Role]string{}
	for _, role := range actor.Roles {
		queries[role] = query(children.VisibleSQL(role, 1, 2, 3))
	}
	return queries
}

// forVisitor makes the query of a guardian one that can also be asked for the visitor.
func forVisitor(queries map[actor.Role]string) map[actor.Role]string {
	queries[actor.Parent] = tenants.ForVisitor(queries[actor.Parent])
	return queries
}

// Read gives a page of the timeline with the children it is about, in one round trip, or in none when Ahead has read it.
func (s *Service) Read(ctx context.Context, f Filter) (*Timeline, error) {
	who, base, err := s.asker(ctx)
	if err != nil {
		return nil, err
	}
	t := readAhead(ctx, who, f)
	if t == nil {
		t = &Timeline{}
		questions := []tenants.Question{entriesQuestion(who.Role, base, f, t), {SQL: ownSQL[who.Role], Args: base, Scan: t.scanOwn}, notifications.Unread(who, &t.Unread)}
		if who.Role == actor.Parent {
			questions = s.guardians(base, f, t)
		}
		if err := s.db.Ask(ctx, questions...); err != nil {
			return nil, fmt.Errorf("diary: read timeline: %w", err)
		}
	}
	if f.ChildID != ids.Nil && !t.has(f.ChildID) {
		return nil, fault.NotFound()
	}
	if len(t.Entries) > PageSize {
		t.Entries = t.Entries[:PageSize]
		t.Next = t.Entries[PageSize-1].cursor()
	}
	t.narrow(who.Role)
	return t, nil
}

func entriesQuestion(role actor.Role, base []any, f Filter, t *Timeline) tenants.Question {
	if f == (Filter{}) {
		return tenants.Question{SQL: newestSQL[role], Args: base, Scan: t.scanEntries}
	}
	return tenants.Question{SQL: timelineSQL[role], Args: append(base[:3:3], f.child(), f.after(), f.After.ID), Scan: t.scanEntries}
}

// guardians asks for a page of a guardian's timeline and all that stands around it. base is tenant, person or NULL for the
// visitor, and today.
func (s *Service) guardians(base []any, f Filter, t *Timeline) []tenants.Question {
	head := tenants.Question{SQL: headSQL, Args: append(base[:3:3], s.db.Clock().Now().Add(-VisitPause)), Scan: t.scanHead}
	return []tenants.Question{entriesQuestion(actor.Parent, base, f, t), head, care.Today(base, &t.Days)}
}

// early is a page that was asked for together with the session of its reader.
type early struct {
	filter   Filter
	timeline *Timeline
}

type earlyKey struct{}

// Ahead asks for a page of the visitor's timeline as a guardian, to be sent along with the question who the visitor is. Read
// finds the answers in the context.
func (s *Service) Ahead(ctx context.Context, f Filter) (context.Context, []tenants.Question) {
	tenant, ok := tenants.From(ctx)
	if !ok {
		return ctx, nil
	}
	e := &early{filter: f, timeline: &Timeline{}}
	base := []any{tenant.ID, nil, string(tenant.DateOf(s.db.Clock().Now()))}
	return context.WithValue(ctx, earlyKey{}, e), s.guardians(base, f, e.timeline)
}

// readAhead gives what Ahead has read, once, when it is what this very guardian asks for.
func readAhead(ctx context.Context, who actor.Actor, f Filter) *Timeline {
	e, ok := ctx.Value(earlyKey{}).(*early)
	if !ok || e.timeline == nil || e.timeline.guardian == ids.Nil || e.timeline.guardian != who.PersonID || who.Role != actor.Parent || e.filter != f {
		return nil
	}
	t := e.timeline
	e.timeline = nil
	return t
}

// Find gives one entry that the actor may read, with the actor's children.
func (s *Service) Find(ctx context.Context, id ids.ID) (*Entry, []Own, error) {
	who, base, err := s.asker(ctx)
	if err != nil {
		return nil, nil, err
	}
	t := &Timeline{}
	if err := s.db.Ask(ctx, s.questions(who, append(base[:3:3], id), t)...); err != nil {
		return nil, nil, fmt.Errorf("diary: find entry: %w", err)
	}
	if len(t.Entries) == 0 {
		return nil, nil, fault.NotFound()
	}
	t.narrow(who.Role)
	return &t.Entries[0], t.Children, nil
}

// questions ask for one entry, the fourth of args, and for the children of who.
func (s *Service) questions(who actor.Actor, args []any, t *Timeline) []tenants.Question {
	return []tenants.Question{
		{SQL: ownSQL[who.Role], Args: args[:3:3], Scan: t.scanOwn},
		{SQL: entrySQL[who.Role], Args: append(args[:4:4], who.Role == actor.Parent), Scan: t.scanEntries},
	}
}

// asker gives the actor and the parameters that every question starts with.
func (s *Service) asker(ctx context.Context) (actor.Actor, []any, error) {
	who := actor.From(ctx)
	tenant, _ := tenants.From(ctx)
	if _, known := timelineSQL[who.Role]; !known || who.TenantID != tenant.ID {
		return who, nil, fault.NotFound()
	}
	return who, []any{tenant.ID, who.PersonID, string(tenant.DateOf(s.db.Clock().Now()))}, nil
}

func (t *Timeline) scanOwn(rows pgx.Rows) error {
	for rows.Next() {
		var o Own
		if err := rows.Scan(&o.ID, &o.GivenName, &o.Face, &o.Groups, &o.Mentor, (*string)(&o.StartsOn)); err != nil {
			return err
		}
		t.Children = append(t.Children, o)
	}
	return nil
}

func (t *Timeline) scanHead(rows pgx.Rows) error {
	for rows.Next() {
		var since, birth *time.Time
		var id, guardian *ids.ID
		var name, places, mentor, starts *string
		var face *int
		var absent *bool
		if err := rows.Scan(&guardian, &t.Unread.Bell, &t.Unread.Messages, &since, &id, &name, &face, &places, &mentor, &starts, &birth, &absent); err != nil {
			return err
		}
		if guardian != nil { // there is a visitor
			t.guardian = *guardian
		}
		if since != nil {
			t.NewSince = *since
		}
		if id != nil {
			t.Children = append(t.Children, Own{ID: *id, GivenName: *name, Face: *face, Groups: *places, Mentor: *mentor, StartsOn: tenants.Date(*starts), Absent: *absent})
		}
	}
	return nil
}

func (t *Timeline) scanEntries(rows pgx.Rows) error {
	t.Entries = make([]Entry, 0, PageSize+1)
	var about, media, facts pgtype.DriverBytes // as they came; JSON copies what it keeps of them
	var readers string
	for rows.Next() {
		t.Entries = append(t.Entries, Entry{})
		e := &t.Entries[len(t.Entries)-1]
		err := rows.Scan(&e.ID, (*string)(&e.Kind), &e.GroupID, &e.GroupName, &e.AuthorID, &e.AuthorName, &e.AuthorFace, &e.Title, &e.Body, &e.PublishedAt, &e.SharedAt, &about, &media, &facts, &e.FromHome, &e.Hearts, &e.Loved, &readers)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(about, &e.Children); err != nil {
			return fmt.Errorf("children of entry: %w", err)
		}
		if err := json.Unmarshal(media, &e.Media); err != nil {
			return fmt.Errorf("media of entry: %w", err)
		}
		if e.Kind == DayPost {
			if err := json.Unmarshal(facts, &e.Facts); err != nil {
				return fmt.Errorf("facts of entry: %w", err)
			}
		}
		if readers != "" {
			e.ReadAtWork = strings.Split(readers, "\x1f")
		}
	}
	return nil
}

func (t *Timeline) has(id ids.ID) bool {
	for _, o := range t.Children {
		if o.ID == id {
			return true
		}
	}
	return false
}

// narrow leaves on each entry the names of the actor's own children and the photos with one of them on it: a parent
// learns of nobody else's child.
func (t *Timeline) narrow(role actor.Role) {
	if role == actor.Admin || role == actor.System {
		return
	}
	own := make(map[ids.ID]bool, len(t.Children))
	for _, o := range t.Children {
		own[o.ID] = true
	}
	narrow(t.Entries, own)
}

// narrow leaves on each entry the names of the children among own, and the photos with one of them on it.
func narrow(entries []Entry, own map[ids.ID]bool) {
	for i := range entries {
		e := &entries[i]
		about := e.Children[:0]
		for _, child := range e.Children {
			if own[child.ID] {
				about = append(about, child)
			}
		}
		e.Children = about
		media := e.Media[:0]
		for _, m := range e.Media {
			if anyOf(m.Children, own) {
				media = append(media, m)
			}
		}
		e.Media = media
	}
}

func anyOf(list []ids.ID, in map[ids.ID]bool) bool {
	for _, id := range list {
		if in[id] {
			return true
		}
	}
	return false
}

// Names joins the children of an entry for a line of text.
func (e *Entry) Names(and string) string {
	names := make([]string, len(e.Children))
	for i, child := range e.Children {
		names[i] = child.GivenName
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " " + and + " " + names[len(names)-1]
}
