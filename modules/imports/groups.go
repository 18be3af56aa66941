package imports

import (
	"strings"

	"ouderportaal/internal/ids"
	"ouderportaal/internal/sheet"
	"ouderportaal/modules/children"
)

// groupPlanner plans a file with locations and groups.
type groupPlanner struct {
	*plan
	*world
	tenant     ids.ID
	seen       map[string]*record // a group that a row is about, by location and name
	said       map[ids.ID]*record // a location whose address a row gives
	lrk        map[string]*record
	registered map[string]string // what rows say is the number of a kind of care at a location
}

// usual are the ages in months of a kind of care, for groups of which the file does not say them.
var usual = map[children.CareType][2]int{children.DayCare: {0, 48}, children.AfterSchool: {48, 156}, children.Playgroup: {24, 48}, children.Childminder: {0, 156}}

func (p *groupPlanner) planGroups(columns map[Field]int, rows []sheet.Row) {
	p.seen, p.said, p.lrk, p.registered = map[string]*record{}, map[ids.ID]*record{}, map[string]*record{}, map[string]string{}
	for i, row := range rows {
		p.planGroup(&record{columns: columns, row: row, line: &p.Lines[i]})
	}
}

func (p *groupPlanner) planGroup(r *record) {
	r.line.Title = tidy(r.text(group) + " · " + r.text(location))
	r.required(location)
	r.required(group)
	r.required(careType)
	place := children.Location{TenantID: p.tenant, Name: r.label(location, maxLocation), Street: r.label(street, maxAddress), Postcode: parsed(r, postcode, parsePostcode),
		City: r.label(city, maxAddress), Phone: parsed(r, phone, parsePhone), Email: parsed(r, email, parseEmail)}
	care := parsed(r, careType, parseCare)
	number := parsed(r, lrkNumber, parseLRK)
	g := children.Group{TenantID: p.tenant, CareType: care, Name: r.label(group, maxName), Symbol: "sprout"}
	g.FromAgeMonths, g.ToAgeMonths = usual[care][0], usual[care][1]
	known := p.world.places[fold(place.Name)]
	before := p.groupAt(known, g.Name)
	if before != nil {
		r.line.Subject = before.ID
		g.FromAgeMonths, g.ToAgeMonths = before.FromAgeMonths, before.ToAgeMonths
		if care != "" && before.CareType != care {
			r.refuse(careType, "imports.error.care_fixed", map[string]any{"Care": string(before.CareType)})
		}
	}
	if r.text(fromAge) != "" {
		g.FromAgeMonths = parsed(r, fromAge, parseAge)
	}
	if r.text(toAge) != "" {
		g.ToAgeMonths = parsed(r, toAge, parseAge)
	}
	if g.ToAgeMonths <= g.FromAgeMonths {
		r.refuse(toAge, "imports.error.ages", nil)
	}
	key := fold(place.Name) + "|" + fold(g.Name)
	if other := p.seen[key]; other != nil {
		r.refuse(group, "imports.error.group_twice", map[string]any{"Row": other.row.Number})
		return
	}
	p.seen[key] = r
	p.checkNumber(r, known, care, number)
	if r.wrong() {
		return
	}
	known = p.takeLocation(r, known, place)
	p.takeCare(r, known, care, number)
	p.takeGroup(r, known, before, g)
}

func (p *groupPlanner) groupAt(at *children.Location, name string) *children.Group {
	for _, g := range p.world.groups[fold(name)] {
		if at != nil && g.LocationID == at.ID {
			return g
		}
	}
	return nil
}

// checkNumber looks whether the registration is one that this location can have.
func (p *groupPlanner) checkNumber(r *record, at *children.Location, care children.CareType, number string) {
	var registered *children.LocationCare
	if at != nil {
		registered = p.cares[careKey(at.ID, care)]
	}
	if number == "" {
		if registered == nil && care != "" {
			r.refuse(lrkNumber, "imports.error.lrk_missing", map[string]any{"Care": string(care)})
		}
		return
	}
	if other := p.lrk[number]; other != nil && (fold(other.text(location)) != fold(r.text(location)) || plain(other.text(careType)) != plain(r.text(careType))) {
		r.refuse(lrkNumber, "imports.error.lrk_twice", map[string]any{"Row": other.row.Number})
		return
	}
	for _, other := range p.cares {
		if other.LRKNumber == number && other != registered {
			r.refuse(lrkNumber, "imports.error.lrk_taken", nil)
			return
		}
	}
	p.lrk[number] = r
	key := fold(r.text(location)) + "|" + string(care)
	if other := p.registered[key]; other != "" && other != number {
		r.refuse(lrkNumber, "imports.error.lrk_two", map[string]any{"Number": other})
		return
	}
	p.registered[key] = number
}

// takeLocation adds a location, or corrects its address; the first row about it says what that is.
func (p *groupPlanner) takeLocation(r *record, known *children.Location, said children.Location) *children.Location {
	if known == nil {
		said.ID = ids.New()
		p.world.places[fold(said.Name)] = &said
		p.said[said.ID] = r
		p.care.Added.Locations = append(p.care.Added.Locations, said)
		r.added(aLocation, said.Name)
		return &said
	}
	if p.said[known.ID] != nil {
		return known
	}
	p.said[known.ID] = r
	row := *known
	for _, c := range []struct {
		field Field
		at    *string
		said  string
	}{{street, &row.Street, said.Street}, {postcode, &row.Postcode, said.Postcode}, {city, &row.City, said.City}, {phone, &row.Phone, said.Phone}, {email, &row.Email, said.Email}} {
		if c.said != "" && c.said != *c.at {
			r.changed(c.field, known.Name, *c.at, c.said)
			*c.at = c.said
		}
	}
	if row != *known {
		p.care.Locations = append(p.care.Locations, row)
	}
	return known
}

func (p *groupPlanner) takeCare(r *record, at *children.Location, care children.CareType, number string) {
	key := careKey(at.ID, care)
	before := p.cares[key]
	row := &children.LocationCare{TenantID: p.tenant, LocationID: at.ID, CareType: care, LRKNumber: number}
	switch {
	case before == nil:
		p.cares[key] = row
		p.care.Added.Cares = append(p.care.Added.Cares, *row)
	case number != "" && before.LRKNumber != number:
		r.changed(lrkNumber, at.Name, before.LRKNumber, number)
		p.cares[key] = row
		p.care.Cares = append(p.care.Cares, *row)
	}
}

func (p *groupPlanner) takeGroup(r *record, at *children.Location, before *children.Group, g children.Group) {
	if before == nil {
		g.ID, g.LocationID = ids.New(), at.ID
		p.care.Added.Groups = append(p.care.Added.Groups, g)
		r.added(aGroup, g.Name)
		return
	}
	row := *before
	if row.FromAgeMonths != g.FromAgeMonths {
		r.changed(fromAge, "", years(row.FromAgeMonths), years(g.FromAgeMonths))
		row.FromAgeMonths = g.FromAgeMonths
	}
	if row.ToAgeMonths != g.ToAgeMonths {
		r.changed(toAge, "", years(row.ToAgeMonths), years(g.ToAgeMonths))
		row.ToAgeMonths = g.ToAgeMonths
	}
	if row != *before {
		p.care.Groups = append(p.care.Groups, row)
	}
}

func parseLRK(cell string) (string, trouble) {
	number := strings.ReplaceAll(cell, " ", "")
	if len(number) < 9 || len(number) > 12 || strings.Trim(number, "0123456789") != "" {
		return "", wrong("imports.error.lrk")
	}
	return number, trouble{}
}

// parseAge reads an age in years, with a half or a comma: 4, 2½, 2,5, 2.25. It gives months.
func parseAge(cell string) (int, trouble) {
	whole, rest, _ := strings.Cut(strings.NewReplacer("½", ".5", ",", ".", "jaar", "", "years", "", "year", "", " ", "").Replace(strings.ToLower(cell)), ".")
	if whole == "" {
		whole = "0"
	}
	n := digits(whole, 2)
	part := map[string]int{"": 0, "0": 0, "25": 3, "5": 6, "50": 6, "75": 9}
	months, known := part[rest]
	if n < 0 || n > 18 || !known {
		return 0, wrong("imports.error.age")
	}
	return 12*n + months, trouble{}
}
