package children

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-json"
	"github.com/jackc/pgx/v5"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// PageSize is how many children a page of the directory has.
const PageSize = 50

// Sort is the order of the directory.
type Sort string

// The orders: by name, by day of birth, by first day of care; and the other way round.
const (
	ByName      Sort = "name"
	ByBirth     Sort = "birth"
	ByStart     Sort = "start"
	ByNameDown  Sort = "-name"
	ByBirthDown Sort = "-birth"
	ByStartDown Sort = "-start"
)

// Down tells whether the order is the other way round.
func (s Sort) Down() bool { return strings.HasPrefix(string(s), "-") }

// Turned is the other way round.
func (s Sort) Turned() Sort {
	if s.Down() {
		return s[1:]
	}
	return "-" + s
}

// keys are what each order compares, as text that compares in the same way.
var keys = map[Sort]string{ByName: `c.name_key`, ByBirth: `c.birth_on::text COLLATE "C"`, ByStart: `coalesce(s.first_on::text, '9999') COLLATE "C"`}

// Filter is what somebody asks of the directory. Zero values ask for everybody.
type Filter struct {
	Status   Status
	Search   string // words of the name, a day or month of birth, or a piece of a guardian's mail address
	Location ids.ID
	Group    ids.ID
	// Unreached: no guardian with a right to information has an account. Open: something is to be answered, as Mark says.
	Unreached, Open bool
	StartsSoon      bool // is not here yet and comes within SoonDays
	SoonDays        int
	Sort            Sort
	After           Cursor
}

// Mark is a condition of a later module on the child c, as SQL without parameters.
type Mark string

// Cursor is the place of a child in an order.
type Cursor struct {
	Key string `json:"k"`
	ID  ids.ID `json:"i"`
}

// String packs the cursor for an address.
func (c Cursor) String() string {
	if c.ID == ids.Nil {
		return ""
	}
	raw, _ := json.Marshal(c) // a string and an id
	return base64.RawURLEncoding.EncodeToString(raw)
}

// ParseCursor unpacks a cursor; what is none is the start.
func ParseCursor(s string) Cursor {
	var c Cursor
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(s) > 1000 || json.Unmarshal(raw, &c) != nil || !utf8.ValidString(c.Key) || strings.ContainsRune(c.Key, 0) {
		return Cursor{}
	}
	return c
}

// Listed is a child in the directory.
type Listed struct {
	ID         ids.ID
	GivenName  string
	FamilyName string
	BirthOn    tenants.Date
	Face       int
	FirstOn    tenants.Date
	Places     []ListedPlace
	Guardians  []ListedGuardian
	Mentor     string
	Open       bool
	key        string
}

// Name is the child's whole name.
func (l *Listed) Name() string { return strings.TrimSpace(l.GivenName + " " + l.FamilyName) }

// ListedPlace is a placement of today or later in the directory.
type ListedPlace struct {
	Group    string `json:"group"`
	Location string `json:"location"`
	Symbol   string `json:"symbol"`
	Days     []int  `json:"days"`
}

// ListedGuardian is a guardian with a right to information in the directory.
type ListedGuardian struct {
	Name   string `json:"name"`
	Face   int    `json:"face"`
	Active bool   `json:"active"` // has an account
}

// Directory is a page of the children of the actor.
type Directory struct {
	Children []Listed
	Counts   map[Status]int // without search and filters
	Places   []Place        // the actor's, with names only: to filter by
	Next     Cursor         // zero: nobody follows
	// Elsewhere tells, of a search that found nobody of Filter.Status, how many it finds of each other.
	Elsewhere map[Status]int
}

// Parameters: 1 tenant, 2 person, 3 today, 4 status, 5 words, 6 birth, 7 piece of an address, 8 location, 9 group,
// 10 unreached, 11 open, 12 and 13 the cursor, 14 how many, 15 starts soon, 16 within how many days, 17 birth at the latest.
var (
	askedSQL = `FROM child c LEFT JOIN (` + spansSQL + `) s ON s.child_id = c.id
	WHERE c.tenant_id = $1 AND c.id IN ({managed})
		AND ($4 = '' OR {status} = $4)
		AND (cardinality($5::text[]) = 0 AND $7 = '' OR cardinality($5::text[]) > 0 AND ` + namedSQL("c.name_key", "$5") + `
			OR $7 <> '' AND c.id IN (SELECT g.child_id FROM guardianship g JOIN person p ON p.tenant_id = g.tenant_id AND p.id = g.person_id
				WHERE g.tenant_id = $1 AND strpos(p.email, $7) > 0))
		AND ($6::date IS NULL OR c.birth_on BETWEEN $6 AND $17::date)
		AND ($8::uuid IS NULL AND $9::uuid IS NULL OR EXISTS (` + placedAtSQL + ` AND (p.ends_on IS NULL OR p.ends_on >= $3::date))
			OR {status} = 'gone' AND EXISTS (` + placedAtSQL + `))
		AND (NOT $10 OR ` + unreachedSQL + `)
		AND (NOT $11 OR {open})
		AND (NOT $15 OR ` + startsSoonSQL(`$16`) + `)
		AND ($12 = '' OR ({key}, c.id) {after} ($12 COLLATE "C", $13::uuid))`
	// OFFSET 0: see guardianAround.
	directorySQL = `WITH page AS (SELECT c.id, c.given_name, c.family_name, c.birth_on, c.face, s.first_on, {status} AS status, {key} AS sort_key
	` + askedSQL + ` ORDER BY {key} {direction}, c.id {direction} LIMIT $14)
SELECT c.id, c.given_name, c.family_name, c.birth_on::text, c.face, coalesce(c.first_on::text, ''), c.sort_key, {open},
	coalesce((SELECT json_agg(json_build_object('group', o.name, 'location', l.name, 'symbol', o.symbol, 'days',
			coalesce((SELECT json_agg(d.weekday ORDER BY d.weekday) FROM placement_day d WHERE d.tenant_id = $1 AND d.placement_id = p.id), '[]'::json)) ORDER BY p.starts_on, p.id)
		FROM placement p JOIN care_group o ON o.tenant_id = p.tenant_id AND o.id = p.group_id JOIN location l ON l.tenant_id = o.tenant_id AND l.id = o.location_id
		WHERE p.tenant_id = $1 AND p.child_id = c.id AND c.status <> 'gone' AND p.cancelled_at IS NULL AND (p.ends_on IS NULL OR p.ends_on >= $3::date)), '[]')::text,
	coalesce((SELECT json_agg(json_build_object('name', p.given_name || ' ' || p.family_name, 'face', p.face, 'active', ` + hasAccount + `) ORDER BY g.household, p.name_key)
		FROM guardianship g, LATERAL (SELECT * FROM person p WHERE p.tenant_id = $1 AND p.id = g.person_id OFFSET 0) p
		WHERE g.tenant_id = $1 AND g.child_id = c.id AND ` + informed + `), '[]')::text,
	coalesce((SELECT p.given_name FROM mentorship m, LATERAL (SELECT * FROM person p WHERE p.tenant_id = $1 AND p.id = m.person_id OFFSET 0) p
		WHERE m.tenant_id = $1 AND m.child_id = c.id AND m.valid_from <= $3::date AND (m.valid_to IS NULL OR m.valid_to >= $3::date) LIMIT 1), '')
FROM (SELECT page.*, $1 AS tenant_id FROM page) c ORDER BY c.sort_key {direction}, c.id {direction}`
	elsewhereSQL = `SELECT status, count(*) FROM (SELECT {status} AS status ` + askedSQL + ` LIMIT $14) AS asked GROUP BY status`
)

const (
	// placedAtSQL: the placements of the child c at the location or in the group that is asked for.
	placedAtSQL = `SELECT FROM placement p JOIN care_group o ON o.tenant_id = p.tenant_id AND o.id = p.group_id
		WHERE p.tenant_id = $1 AND p.child_id = c.id AND p.cancelled_at IS NULL AND ($8::uuid IS NULL OR o.location_id = $8) AND ($9::uuid IS NULL OR o.id = $9)`
	// informed: the tie g gives a right to information today, or will.
	informed = `g.kind IN ('gezag', 'informatierecht') AND g.blocked_at IS NULL AND (g.valid_to IS NULL OR g.valid_to >= $3::date)`
	// hasAccount: the person p could sign in.
	hasAccount = `(p.password_hash IS NOT NULL AND p.deactivated_at IS NULL)`
)

func directoryQuery(query string, role actor.Role, sort Sort, open Mark) string {
	key, after, direction := keys[sort], ">", "ASC"
	if sort.Down() {
		key, after, direction = keys[sort.Turned()], "<", "DESC"
	}
	return strings.NewReplacer("{key}", key, "{after}", after, "{direction}", direction, "{open}", string(open), "{status}", statusFor(role), "{managed}", ManagedSQL(role, 1, 2, 3)).Replace(query)
}

// List gives a page of the children whose files the actor keeps, in one round trip. open is the condition of Filter.Open.
func (s *Service) List(ctx context.Context, f Filter, open Mark) (*Directory, error) {
	if keys[f.Sort] == "" && (!f.Sort.Down() || keys[f.Sort.Turned()] == "") {
		f.Sort = ByName
	}
	args, err := s.hotArgs(ctx)
	if err != nil {
		return nil, err
	}
	found := searchOf(f.Search).ofChildren()
	args = append(args, string(f.Status), found.words, orNull(string(found.first)), found.address, idOrNull(f.Location), idOrNull(f.Group),
		f.Unreached, f.Open, f.After.Key, f.After.ID, PageSize+1, f.StartsSoon, f.SoonDays, orNull(string(found.last)))
	d := &Directory{Counts: map[Status]int{}}
	counts := countQuestion(actor.From(ctx).Role, args[:3:3], d.Counts)
	page := tenants.Question{SQL: directoryQuery(directorySQL, actor.From(ctx).Role, f.Sort, open), Args: args, Filters: true, Everybody: true, Scan: func(rows pgx.Rows) error {
		for rows.Next() {
			child, err := scanListed(rows)
			if err != nil {
				return err
			}
			d.Children = append(d.Children, child)
		}
		return nil
	}}
	places, err := s.placesQuestion(ctx, &d.Places)
	if err != nil {
		return nil, err
	}
	if err := s.db.Ask(ctx, page, counts, places); err != nil {
		return nil, fmt.Errorf("children: list: %w", err)
	}
	if len(d.Children) == 0 && f.Search != "" && f.Status != "" && f.After == (Cursor{}) {
		args[3], args[13] = "", maxElsewhere
		if d.Elsewhere, err = s.elsewhere(ctx, directoryQuery(elsewhereSQL, actor.From(ctx).Role, f.Sort, open), args); err != nil {
			return nil, err
		}
	}
	if len(d.Children) > PageSize {
		d.Children = d.Children[:PageSize]
		last := d.Children[PageSize-1]
		d.Next = Cursor{Key: last.key, ID: last.ID}
	}
	return d, nil
}

// maxElsewhere bounds the counting of what a search finds in the other lists.
const maxElsewhere = 1000

func (s *Service) elsewhere(ctx context.Context, query string, args []any) (map[Status]int, error) {
	counts := map[Status]int{}
	err := s.db.Ask(ctx, tenants.Question{SQL: query, Args: args, Filters: true, Everybody: true, Scan: func(rows pgx.Rows) error {
		for rows.Next() {
			var status Status
			var n int
			if err := rows.Scan(&status, &n); err != nil {
				return err
			}
			counts[status] = n
		}
		return nil
	}})
	if err != nil {
		return nil, fmt.Errorf("children: look elsewhere: %w", err)
	}
	return counts, nil
}

// placesQuestion asks for the names of the actor's locations and their groups.
func (s *Service) placesQuestion(ctx context.Context, list *[]Place) (tenants.Question, error) {
	args, err := s.hotArgs(ctx)
	query := `SELECT l.id, l.name, c.id, c.name FROM location l JOIN care_group c ON c.tenant_id = l.tenant_id AND c.location_id = l.id
		WHERE l.tenant_id = $1 AND l.id IN (` + LocationsSQL(actor.From(ctx).Role, 1, 2, 3) + `) ORDER BY l.name, l.id, c.name, c.id`
	return tenants.Question{SQL: query, Args: args, Scan: func(rows pgx.Rows) error {
		for rows.Next() {
			var l Location
			var g PlaceGroup
			if err := rows.Scan(&l.ID, &l.Name, &g.ID, &g.Name); err != nil {
				return err
			}
			if n := len(*list); n == 0 || (*list)[n-1].ID != l.ID {
				*list = append(*list, Place{Location: l})
			}
			last := &(*list)[len(*list)-1]
			last.Groups = append(last.Groups, g)
		}
		return nil
	}}, err
}

func scanListed(rows pgx.Rows) (Listed, error) {
	var l Listed
	var birth, first, places, guardians string
	err := rows.Scan(&l.ID, &l.GivenName, &l.FamilyName, &birth, &l.Face, &first, &l.key, &l.Open, &places, &guardians, &l.Mentor)
	if err != nil {
		return l, err
	}
	l.BirthOn, l.FirstOn = tenants.Date(birth), tenants.Date(first)
	if err := json.Unmarshal([]byte(places), &l.Places); err != nil {
		return l, err
	}
	return l, json.Unmarshal([]byte(guardians), &l.Guardians)
}

// orNull and idOrNull make what was not asked for NULL.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func idOrNull(id ids.ID) any {
	if id == ids.Nil {
		return nil
	}
	return id
}
