package imports

import (
	"ouderportaal/internal/actor"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/sheet"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// staffPlanner plans a file with the people who work in groups. Who works in several has several rows.
type staffPlanner struct {
	*plan
	*world
	tenant ids.ID
	seen   map[string]*colleague // by address
}

type colleague struct {
	id     ids.ID
	groups map[ids.ID]*record
}

func (p *staffPlanner) planStaff(columns map[Field]int, rows []sheet.Row) {
	p.seen = map[string]*colleague{}
	records := make([]*record, len(rows))
	named := map[string]*record{} // the first row with an address
	for i, row := range rows {
		r := &record{columns: columns, row: row, line: &p.Lines[i]}
		records[i] = r
		address, _ := identity.NormalizeEmail(r.text(email))
		other := named[address]
		switch {
		case address == "":
		case other == nil:
			named[address] = r
		case r.wholeName() != other.wholeName():
			r.refuse(email, "imports.error.address_twice", map[string]any{"Row": other.row.Number})
			other.refuse(email, "imports.error.address_twice", map[string]any{"Row": row.Number})
		}
	}
	for _, r := range records {
		p.planColleague(r)
	}
}

func (r *record) wholeName() string {
	return fold(r.text(givenName) + " " + r.text(prefix) + " " + r.text(familyName))
}

// staffNames are what a job in a group is called. Whoever may see everything is given that by hand, and not by a file.
var staffNames = map[string]bool{"": true, "medewerker": true, "groepsmedewerker": true, "pedagogischmedewerker": true, "pm": true, "leidster": true, "leider": true,
	"invaller": true, "stagiair": true, "staff": true, "educator": true, "pedagogicalstaff": true}

func (p *staffPlanner) planColleague(r *record) {
	r.line.Title = tidy(r.text(givenName) + " " + r.text(prefix) + " " + r.text(familyName))
	r.required(givenName)
	r.required(email)
	said := identity.Known{GivenName: r.name(givenName, maxName), FamilyName: r.family(prefix, familyName), Email: parsed(r, email, parseEmail), Phone: parsed(r, phone, parsePhone)}
	if !staffNames[plain(r.text(role))] {
		r.refuse(role, "imports.error.role", nil)
	}
	from, to := r.period()
	var where *children.Group
	if name := r.text(group); name != "" {
		where = p.findGroup(r, r.text(location), name)
	}
	known := p.addresses[said.Email]
	if known != nil {
		r.line.Subject = known.ID
		if key := addressOf(known, said.GivenName, said.FamilyName); key != "" && said.GivenName != "" {
			r.refuse(email, key, map[string]any{"Name": known.Name()})
		}
	}
	before := p.assignment(known, where)
	if before != nil {
		if from == "" {
			from = before.ValidFrom
		}
		if to == "" {
			to = before.ValidTo
		}
		if to != "" && to < from {
			r.refuse(startsOn, "imports.error.starts_after_end", map[string]any{"Date": string(to)})
		}
	}
	c := p.seen[said.Email]
	if c != nil && where != nil && c.groups[where.ID] != nil {
		r.refuse(group, "imports.error.work_twice", map[string]any{"Row": c.groups[where.ID].row.Number})
	}
	if r.wrong() {
		return
	}
	if c == nil {
		c = &colleague{groups: map[ids.ID]*record{}}
		p.seen[said.Email] = c
		p.takeColleague(r, c, known, said)
	}
	if where != nil {
		c.groups[where.ID] = r
		p.takeWork(r, c, where, before, from, to)
	}
}

// assignment is the work of somebody in a group that goes on, or is to begin.
func (p *staffPlanner) assignment(who *identity.Known, where *children.Group) (found *children.Assignment) {
	if who == nil || where == nil {
		return nil
	}
	for _, a := range p.work[who.ID] {
		if a.GroupID == where.ID && (a.ValidTo == "" || a.ValidTo >= p.today) {
			found = a
		}
	}
	return found
}

func (p *staffPlanner) takeColleague(r *record, c *colleague, known *identity.Known, said identity.Known) {
	if known == nil {
		c.id = ids.New()
		r.added(aColleague, said.Name())
		p.folk.Added = append(p.folk.Added, identity.Person{ID: c.id, GivenName: said.GivenName, FamilyName: said.FamilyName, Email: said.Email, Phone: said.Phone, Face: children.FaceOf(c.id)})
		p.folk.Joining = append(p.folk.Joining, identity.Joining{PersonID: c.id, Role: actor.Staff})
		return
	}
	c.id = known.ID
	row := *known
	touched := p.changing(c.id)
	if row.GivenName != said.GivenName {
		touched(givenName)
		r.changed(givenName, "", row.GivenName, said.GivenName)
		row.GivenName = said.GivenName
	}
	if said.FamilyName != "" && row.FamilyName != said.FamilyName {
		touched(familyName)
		r.changed(familyName, "", row.FamilyName, said.FamilyName)
		row.FamilyName = said.FamilyName
	}
	if said.Phone != "" && row.Phone != said.Phone {
		touched(phone)
		r.changed(phone, "", row.Phone, said.Phone)
		row.Phone = said.Phone
	}
	if row != *known {
		p.folk.Changed = append(p.folk.Changed, row)
	}
	if !known.Works {
		touched(role)
		r.changed(role, "", "", "staff")
		p.folk.Joining = append(p.folk.Joining, identity.Joining{PersonID: c.id, Role: actor.Staff})
	}
}

func (p *staffPlanner) takeWork(r *record, c *colleague, where *children.Group, before *children.Assignment, from, to tenants.Date) {
	if before == nil {
		if from == "" {
			from = p.today
		}
		if to != "" && to < p.today {
			r.note(endsOn, "imports.note.left", nil)
			return
		}
		r.added(aTie, where.Name)
		p.changing(c.id)(group)
		p.care.Added.Assignments = append(p.care.Added.Assignments, children.Assignment{TenantID: p.tenant, ID: ids.New(), PersonID: c.id, GroupID: where.ID, ValidFrom: from, ValidTo: to})
		return
	}
	row := *before
	row.ValidFrom, row.ValidTo = from, to
	if row.ValidFrom != before.ValidFrom {
		r.changed(startsOn, where.Name, string(before.ValidFrom), string(from))
	}
	if row.ValidTo != before.ValidTo {
		r.changed(endsOn, where.Name, string(before.ValidTo), string(to))
	}
	if row != *before {
		p.changing(c.id)(group)
		p.care.Assignments = append(p.care.Assignments, row)
	}
}
