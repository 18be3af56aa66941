package imports

import (
	"ouderportaal/internal/ids"
	"ouderportaal/internal/sheet"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// planner plans a planning: children with their placements and guardians.
type planner struct {
	*plan
	*world
	tenant  ids.ID
	entries []*entry
	kids    []*kid
	persons []*somebody
}

// kid is a child of the file, which may have several rows.
type kid struct {
	entries []*entry
	number  string
	known   *children.Child // nil: new
	id      ids.ID
	begun   bool // what is about the child itself is in the plan
	stays   []*stay
	mentor  *entry          // the first that names one
	guided  bool            // the mentor is in the plan
	told    map[ids.ID]bool // guardians of whom the tie is in the plan, by person
}

func (k *kid) first() *entry { return k.entries[0] }

// planFamilies looks at the rows by themselves, at what they say of each other, at what is known; and plans what is
// right in all of that. A row with anything wrong changes nothing, also not what another row says of the same child.
func (p *planner) planFamilies(columns map[Field]int, rows []sheet.Row) {
	for i, row := range rows {
		p.entries = append(p.entries, readEntry(columns, row, &p.Lines[i], p.world))
	}
	p.gatherKids()
	p.gatherPeople()
	p.recognizeKids()
	p.recognizePeople()
	p.gatherStays()
	p.gatherMentors()
	for _, e := range p.entries {
		if e.kid != nil && !e.wrong() {
			p.checkTies(e)
		}
	}
	p.checkStays()
	for _, e := range p.entries { // what a row repeats is in the plan by the other row, or not at all
		if e.stay != nil && e.stay.entry != e && e.stay.wrong() && !e.wrong() {
			e.refuse(startsOn, "imports.error.same_wrong", map[string]any{"Row": e.stay.row.Number})
		}
	}
	for _, e := range p.entries {
		if e.kid != nil && !e.wrong() {
			p.take(e)
		}
	}
}

// both says what is wrong with two rows at both of them.
func both(a *entry, f Field, b *entry, g Field, key string) {
	a.refuse(f, key, map[string]any{"Row": b.row.Number})
	b.refuse(g, key, map[string]any{"Row": a.row.Number})
}

// gatherKids brings the rows of each child together: by number where there is one, else by name and birthday.
func (p *planner) gatherKids() {
	byNumber, byName := map[string]*kid{}, map[string]*kid{}
	for _, e := range p.entries {
		if e.given == "" || e.born == "" {
			continue
		}
		key := childKey(e.given, e.family, e.born)
		k := byNumber[fold(e.number)]
		if e.number == "" {
			k = nil
		}
		if k != nil && childKey(k.first().given, k.first().family, k.first().born) != key {
			both(e, number, k.first(), number, "imports.error.number_twice")
			continue
		}
		if k == nil {
			k = byName[key]
		}
		if k != nil && e.number != "" && k.number != "" && fold(k.number) != fold(e.number) {
			both(e, number, k.first(), number, "imports.error.two_numbers")
			continue
		}
		if k == nil {
			k = &kid{told: map[ids.ID]bool{}}
			p.kids = append(p.kids, k)
			byName[key] = k
		}
		if e.number != "" {
			k.number = e.number
			byNumber[fold(e.number)] = k
		}
		k.entries = append(k.entries, e)
		e.kid = k
	}
}

// refuseAll notes a problem at every row of a child.
func (k *kid) refuseAll(f Field, key string, args map[string]any) {
	for _, e := range k.entries {
		e.refuse(f, key, args)
	}
}

// recognizeKids finds out which children are known. Two children never become one without being asked: what fits several,
// or fits by its number alone, is refused.
func (p *planner) recognizeKids() {
	taken := map[ids.ID]*kid{}
	for _, k := range p.kids {
		e := k.first()
		if id, ok := p.numbers[k.number]; k.number != "" && ok {
			c := p.children[id]
			if !alike(c, e) {
				k.refuseAll(number, "imports.error.number_of_other", map[string]any{"Name": tidy(c.GivenName + " " + c.FamilyName), "Date": string(c.BirthOn)})
				continue
			}
			k.known = c
		} else if !p.recognizeByName(k) {
			continue
		}
		if k.known == nil {
			k.id = ids.New()
			for _, c := range p.alike[childKey(e.given, "", e.born)] {
				e.warn(givenName, "imports.warning.alike", map[string]any{"Name": tidy(c.GivenName + " " + c.FamilyName)})
				break
			}
			continue
		}
		k.id = k.known.ID
		if other := taken[k.id]; other != nil {
			k.refuseAll(givenName, "imports.error.same_child", map[string]any{"Row": other.first().row.Number})
			other.refuseAll(givenName, "imports.error.same_child", map[string]any{"Row": e.row.Number})
		}
		taken[k.id] = k
		for _, e := range k.entries {
			e.line.Subject = k.id
		}
	}
}

func (p *planner) recognizeByName(k *kid) bool {
	e := k.first()
	found := p.named[childKey(e.given, e.family, e.born)]
	if len(found) > 1 {
		k.refuseAll(givenName, "imports.error.child_ambiguous", nil)
		return false
	}
	if len(found) == 0 {
		return true
	}
	if had := p.numberOf[found[0].ID]; had != "" && k.number != "" {
		k.refuseAll(number, "imports.error.has_number", map[string]any{"Number": had})
		return false
	}
	k.known = found[0]
	return true
}

// alike tells whether a row with the number of a child can be about that child: the name or the birthday may have been
// corrected, not both.
func alike(c *children.Child, e *entry) bool {
	if nameKey(c.GivenName, c.FamilyName) == nameKey(e.given, e.family) {
		return true
	}
	return c.BirthOn == e.born && (fold(c.GivenName) == fold(e.given) || fold(c.FamilyName) == fold(e.family))
}

// gatherMentors finds what rows say of the mentor of a child.
func (p *planner) gatherMentors() {
	for _, e := range p.entries {
		if e.kid == nil || e.mentor == "" {
			continue
		}
		if who := p.addresses[e.mentor]; who == nil || !who.Works {
			e.refuse(mentor, "imports.error.mentor", nil)
			continue
		}
		if other := e.kid.mentor; other != nil && other.mentor != e.mentor {
			both(e, mentor, other, mentor, "imports.error.two_mentors")
			continue
		}
		e.kid.mentor = e
	}
}

// take plans what a row says: of the child once, of guardians and placements each.
func (p *planner) take(e *entry) {
	k := e.kid
	if !k.begun {
		k.begun = true
		p.takeChild(e)
	}
	if e.stay != nil && e.stay.entry == e {
		p.takeStay(e)
	}
	for _, g := range e.guardians {
		p.takeGuardian(e, g)
	}
	if e.mentor != "" && !k.guided {
		k.guided = true
		p.takeMentor(e)
	}
}

func (p *planner) takeChild(e *entry) {
	k := e.kid
	if k.number != "" && p.numberOf[k.id] == "" {
		p.refs = append(p.refs, reference{ChildID: k.id, Number: k.number})
		if k.known != nil {
			p.touch(k.id, number)
			e.changed(number, "", "", k.number)
		}
	}
	if k.known == nil {
		e.added(aChild, tidy(e.given+" "+e.family))
		p.care.Added.Children = append(p.care.Added.Children, children.Child{TenantID: p.tenant, ID: k.id, GivenName: e.given,
			FamilyName: e.family, BirthOn: e.born, Face: children.FaceOf(k.id)})
		return
	}
	row := *k.known
	if row.GivenName != e.given {
		p.touch(k.id, givenName)
		e.changed(givenName, "", row.GivenName, e.given)
		row.GivenName = e.given
	}
	if e.family != "" && row.FamilyName != e.family {
		p.touch(k.id, familyName)
		e.changed(familyName, "", row.FamilyName, e.family)
		row.FamilyName = e.family
	}
	if row.BirthOn != e.born {
		p.touch(k.id, birthOn)
		e.changed(birthOn, "", string(row.BirthOn), string(e.born))
		row.BirthOn = e.born
	}
	if row != *k.known {
		p.care.Children = append(p.care.Children, row)
	}
}

func (p *planner) takeMentor(e *entry) {
	k, who := e.kid, p.addresses[e.mentor]
	before := p.mentors[k.id]
	row := children.Mentorship{TenantID: p.tenant, ID: ids.New(), ChildID: k.id, PersonID: who.ID, ValidFrom: p.today}
	c := &p.care
	if before == nil || before.PersonID != who.ID {
		p.touch(k.id, mentor)
	}
	switch {
	case before == nil:
		e.changed(mentor, "", "", who.Name())
		c.Added.Mentorships = append(c.Added.Mentorships, row)
	case before.PersonID == who.ID:
	default:
		old := ""
		if p.people[before.PersonID] != nil {
			old = p.people[before.PersonID].Name()
		}
		e.changed(mentor, "", old, who.Name())
		ended := *before
		if ended.ValidFrom >= p.today { // it never held
			ended.PersonID = who.ID
			c.Mentorships = append(c.Mentorships, ended)
			return
		}
		ended.ValidTo = p.today.Add(-1)
		c.Mentorships = append(c.Mentorships, ended)
		c.Added.Mentorships = append(c.Added.Mentorships, row)
	}
}

// months is the age in whole months on a day.
func months(born, on tenants.Date) int {
	y1, m1, d1 := civil(born)
	y2, m2, d2 := civil(on)
	n := (y2-y1)*12 + m2 - m1
	if d2 < d1 {
		n--
	}
	return n
}

func civil(d tenants.Date) (year, month, day int) {
	if len(d) != len("2006-01-02") {
		return 0, 0, 0
	}
	return digits(string(d[:4]), 4), digits(string(d[5:7]), 2), digits(string(d[8:]), 2)
}
