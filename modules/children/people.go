package children

import (
	"context"
	"fmt"

	"github.com/goccy/go-json"
	"github.com/jackc/pgx/v5"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// PeopleFilter is what somebody asks of a list of people, by name.
type PeopleFilter struct {
	Search      string // words of the name, or a piece of the mail address
	Accountless bool   // who cannot sign in
	Former      bool   // who has nothing here today, instead of who has
	After       Cursor
}

// PersonListed is somebody in a list of people.
type PersonListed struct {
	ID     ids.ID
	Name   string
	Face   int
	Email  string
	Active bool
	Shut   bool
	Around []string // of a guardian the children, of staff the groups
	Roles  []string // of staff: what they are here
	// Blocked tells of a guardian that every tie of today and later is blocked.
	Blocked bool
	key     string
}

// People is a page of people.
type People struct {
	List []PersonListed
	Next Cursor // zero: nobody follows
	// Elsewhere tells, of a search that found nobody, how many it finds among who was here, or is, the other of PeopleFilter.Former.
	Elsewhere int
}

// Parameters: 1 tenant, 2 person, 3 today, 4 words, 5 piece of an address, 6 accountless, 7 former, 8 and 9 the cursor, 10 how many.
var peopleSQL = `SELECT p.id, trim(p.given_name || ' ' || p.family_name), p.face, coalesce(p.email, ''), ` + hasAccount + `, p.deactivated_at IS NOT NULL, p.name_key, {blocked},
		coalesce(({around}), '[]')::text, coalesce(({roles}), '[]')::text
	FROM person p WHERE p.tenant_id = $1 AND p.id IN ({among})
		AND (cardinality($4::text[]) = 0 AND $5 = '' OR cardinality($4::text[]) > 0 AND ` + namedSQL("p.name_key", "$4") + ` OR $5 <> '' AND strpos(p.email, $5) > 0)
		AND (NOT $6 OR NOT ` + hasAccount + `)
		AND ($8 = '' OR (p.name_key, p.id) > ($8 COLLATE "C", $9::uuid))
	ORDER BY p.name_key, p.id LIMIT $10`

// What is looked up of each line of the page is found by its key, and who is managed once for all of them: OFFSET 0 and IS TRUE keep
// PostgreSQL from making joins of them, which over Everybody would read the table anew for each line.
const (
	guardianAround = `SELECT json_agg(c.given_name ORDER BY c.birth_on, c.id) FROM guardianship g, LATERAL (SELECT * FROM child c WHERE c.tenant_id = $1 AND c.id = g.child_id OFFSET 0) c
		WHERE g.tenant_id = $1 AND g.person_id = p.id AND (c.id IN ({managed})) IS TRUE`
	guardianAmong = `SELECT g.person_id FROM guardianship g WHERE g.tenant_id = $1 AND g.child_id IN ({managed})
		GROUP BY g.person_id HAVING bool_or(g.valid_to IS NULL OR g.valid_to >= $3::date) <> $7`
	guardianBlocked = `coalesce((SELECT bool_and(g.blocked_at IS NOT NULL) FROM guardianship g WHERE g.tenant_id = $1 AND g.person_id = p.id AND (g.child_id IN ({managed})) IS TRUE
		AND (g.valid_to IS NULL OR g.valid_to >= $3::date)), false)`
	staffAround = `SELECT json_agg(DISTINCT c.name) FROM group_assignment a JOIN care_group c ON c.tenant_id = a.tenant_id AND c.id = a.group_id
		WHERE a.tenant_id = $1 AND a.person_id = p.id AND (a.valid_to IS NULL OR a.valid_to >= $3::date)`
	staffRoles = `SELECT json_agg(DISTINCT m.role) FROM membership m WHERE m.tenant_id = $1 AND m.person_id = p.id AND m.role <> 'parent' AND (m.valid_to IS NULL OR m.valid_to >= $3::date)`
	// An admin sees everybody who works here; a manager who works in the groups of the own locations.
	staffAmongAll = `SELECT m.person_id FROM membership m WHERE m.tenant_id = $1 AND m.role <> 'parent' AND (true OR $2::uuid IS NULL)
		GROUP BY m.person_id HAVING bool_or(m.valid_to IS NULL OR m.valid_to >= $3::date) <> $7`
	staffAmongOwn = `SELECT a.person_id FROM group_assignment a JOIN care_group c ON c.tenant_id = a.tenant_id AND c.id = a.group_id
		WHERE a.tenant_id = $1 AND c.location_id IN ({locations}) GROUP BY a.person_id HAVING bool_or(a.valid_to IS NULL OR a.valid_to >= $3::date) <> $7`
	noRoles = `SELECT '[]'::json`
)

// GuardiansKept lists who is tied to the children whose files the actor keeps.
func (s *Service) GuardiansKept(ctx context.Context, f PeopleFilter) (*People, error) {
	return s.people(ctx, f, replaceAll(peopleSQL, "{around}", guardianAround, "{blocked}", guardianBlocked, "{roles}", noRoles, "{among}", guardianAmong))
}

// StaffKept lists who works here, as far as the actor may see.
func (s *Service) StaffKept(ctx context.Context, f PeopleFilter) (*People, error) {
	among := staffAmongOwn
	if actor.From(ctx).Role == actor.Admin {
		among = staffAmongAll
	}
	return s.people(ctx, f, replaceAll(peopleSQL, "{around}", staffAround, "{blocked}", "false", "{roles}", staffRoles, "{among}", among))
}

func (s *Service) people(ctx context.Context, f PeopleFilter, query string) (*People, error) {
	args, err := s.hotArgs(ctx)
	if err != nil {
		return nil, err
	}
	role, found, page := actor.From(ctx).Role, searchOf(f.Search), &People{}
	if found.first != "" {
		found = search{words: []string{string(found.first)}} // nobody is called so
	}
	query = replaceAll(query, "{managed}", ManagedSQL(role, 1, 2, 3), "{locations}", LocationsSQL(role, 1, 2, 3))
	args = append(args, found.words, found.address, f.Accountless, f.Former, f.After.Key, f.After.ID, PageSize+1)
	err = s.db.Ask(ctx, tenants.Question{SQL: query, Args: args, Filters: true, Everybody: true, Scan: func(rows pgx.Rows) error {
		for rows.Next() {
			var p PersonListed
			var around, roles string
			if err := rows.Scan(&p.ID, &p.Name, &p.Face, &p.Email, &p.Active, &p.Shut, &p.key, &p.Blocked, &around, &roles); err != nil {
				return err
			}
			if err := json.Unmarshal([]byte(around), &p.Around); err != nil {
				return err
			}
			if err := json.Unmarshal([]byte(roles), &p.Roles); err != nil {
				return err
			}
			page.List = append(page.List, p)
		}
		return nil
	}})
	if err != nil {
		return nil, fmt.Errorf("children: list people: %w", err)
	}
	if len(page.List) == 0 && f.Search != "" && f.After == (Cursor{}) {
		args[6], args[9] = !f.Former, maxElsewhere
		counts, err := s.elsewhere(ctx, `SELECT '', count(*) FROM (`+query+`) AS asked`, args)
		if err != nil {
			return nil, err
		}
		page.Elsewhere = counts[""]
	}
	if len(page.List) > PageSize {
		page.List = page.List[:PageSize]
		last := page.List[PageSize-1]
		page.Next = Cursor{Key: last.key, ID: last.ID}
	}
	return page, nil
}

// Dossier is what is kept of a person: for who keeps it in order.
type Dossier struct {
	identity.Person
	Ties        []HeldTie // to the children whose files the actor keeps
	Assignments []HeldAssignment
	Mentors     []Named // of whom the person is the mentor today
	Memberships []HeldRole
	Kept        bool // the actor may change the data of the person
	Today       tenants.Date
}

// HeldTie is a tie of a person with the child at its other end.
type HeldTie struct {
	ID         ids.ID
	ChildID    ids.ID
	GivenName  string
	FamilyName string
	Face       int
	Kind       Kind
	Household  int
	ValidTo    tenants.Date
	Blocked    bool
}

// HeldAssignment is a group in which a person works, worked or will work.
type HeldAssignment struct {
	ID        ids.ID
	GroupID   ids.ID
	Group     string
	Location  string
	ValidFrom tenants.Date
	ValidTo   tenants.Date
	Version   int
	Managed   bool
}

// HeldRole is a membership of a person, with the locations of a manager.
type HeldRole struct {
	ID        ids.ID
	Role      string
	ValidFrom tenants.Date
	ValidTo   tenants.Date
	Locations string
}

// OpenPerson gives what is kept of a guardian of a child of the actor, or of who works or worked at the actor's locations;
// another is NotFound. Where a colleague lives is between them and who runs the organisation; a manager has the telephone
// of who works here now.
func (s *Service) OpenPerson(ctx context.Context, id ids.ID) (*Dossier, error) {
	d := &Dossier{}
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		who := actor.From(ctx)
		d.Today = tx.Today()
		var yes, reached, here bool
		err := tx.NewRaw(`SELECT ?0 IN (?4) AS kept, ?0 IN (?5) AS reached, EXISTS (SELECT FROM group_assignment a JOIN care_group c ON c.tenant_id = a.tenant_id AND c.id = a.group_id
			WHERE a.tenant_id = ?2 AND a.person_id = ?0 AND c.location_id IN (?3) AND (a.valid_to IS NULL OR a.valid_to >= ?6::date)) AS here, ?0 IN (?1) OR EXISTS (SELECT FROM group_assignment a JOIN care_group c ON c.tenant_id = a.tenant_id AND c.id = a.group_id
			WHERE a.tenant_id = ?2 AND a.person_id = ?0 AND c.location_id IN (?3)) AS seen`,
			id, narrow(tx, who, guardiansSeen), tx.Tenant().ID, LocationsOf(tx, who), PeopleKeptBy(tx, who), MayReach(tx, who), string(tx.Today())).Scan(ctx, &d.Kept, &reached, &here, &yes)
		if err != nil {
			return fmt.Errorf("children: look for person: %w", err)
		}
		if !yes {
			return fault.NotFound()
		}
		person, err := identity.PersonByID(ctx, tx, id)
		if err != nil {
			return err
		}
		d.Person = *person
		if !reached {
			d.Street, d.Postcode, d.City = "", "", ""
			if !here {
				d.Phone = ""
			}
		}
		for _, part := range []struct {
			into any
			sql  string
		}{
			{&d.Ties, `SELECT g.id, c.id AS child_id, c.given_name, c.family_name, c.face, g.kind, g.household, g.valid_to, g.blocked_at IS NOT NULL AS blocked
				FROM guardianship g JOIN child c ON c.tenant_id = g.tenant_id AND c.id = g.child_id WHERE g.tenant_id = ?0 AND g.person_id = ?1 AND c.id IN (?3) ORDER BY c.birth_on, g.valid_from`},
			{&d.Assignments, `SELECT a.id, a.group_id, c.name AS "group", l.name AS location, a.valid_from, a.valid_to, a.version, l.id IN (?4) AS managed
				FROM group_assignment a JOIN care_group c ON c.tenant_id = a.tenant_id AND c.id = a.group_id JOIN location l ON l.tenant_id = c.tenant_id AND l.id = c.location_id
				WHERE a.tenant_id = ?0 AND a.person_id = ?1 ORDER BY a.valid_from DESC, a.id`},
			{&d.Mentors, `SELECT c.id, trim(c.given_name || ' ' || c.family_name) AS given_name, c.face FROM mentorship m JOIN child c ON c.tenant_id = m.tenant_id AND c.id = m.child_id
				WHERE m.tenant_id = ?0 AND m.person_id = ?1 AND m.valid_from <= ?2::date AND (m.valid_to IS NULL OR m.valid_to >= ?2::date) AND c.id IN (?3) ORDER BY c.name_key, c.id`},
			{&d.Memberships, `SELECT m.id, m.role, m.valid_from, m.valid_to, coalesce((SELECT string_agg(l.name, ', ' ORDER BY l.name) FROM membership_location ml
				JOIN location l ON l.tenant_id = ml.tenant_id AND l.id = ml.location_id WHERE ml.tenant_id = m.tenant_id AND ml.membership_id = m.id), '') AS locations
				FROM membership m WHERE m.tenant_id = ?0 AND m.person_id = ?1 ORDER BY m.valid_from DESC, m.role`},
		} {
			if err := tx.NewRaw(part.sql, tx.Tenant().ID, id, string(tx.Today()), ManagedBy(tx, who), LocationsOf(tx, who)).Scan(ctx, part.into); err != nil {
				return fmt.Errorf("children: open person: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return d, nil
}

// Known is somebody whom the actor keeps already.
type Known struct {
	ID   ids.ID
	Name string
}

// KnownBy gives who has the mail address, when the actor keeps them; nil otherwise: whom another manager keeps is not told.
func (s *Service) KnownBy(ctx context.Context, email string) (*Known, error) {
	email, ok := identity.NormalizeEmail(email)
	if !ok {
		return nil, nil
	}
	var list []Known
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		return tx.NewRaw(`SELECT id, trim(given_name || ' ' || family_name) AS name FROM person WHERE tenant_id = ? AND email = ? AND id IN (?)`,
			tx.Tenant().ID, email, PeopleKeptBy(tx, actor.From(ctx))).Scan(ctx, &list)
	})
	if err != nil {
		return nil, fmt.Errorf("children: look for mail address: %w", err)
	}
	if len(list) == 0 {
		return nil, nil
	}
	return &list[0], nil
}
