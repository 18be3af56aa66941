package imports

import (
	"slices"
	"strings"
	"unicode"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
)

// somebody is a guardian of the file, who may stand in several rows.
type somebody struct {
	mentions []mention
	known    *identity.Known // nil: new
	id       ids.ID
	begun    bool
}

type mention struct {
	*entry
	*named
}

func (s *somebody) first() mention { return s.mentions[0] }

func (s *somebody) refuseAll(f Field, key string, args map[string]any) {
	for _, m := range s.mentions {
		m.refuse(m.field(f), key, args)
	}
}

// gatherPeople brings the mentions of each guardian together: by address, else by name within a child, or by name and
// telephone across children. One address for two names is refused at both rows.
func (p *planner) gatherPeople() {
	byKey := map[string]*somebody{}
	for _, e := range p.entries {
		if e.kid == nil {
			continue
		}
		for i, g := range e.guardians {
			if g.given == "" {
				continue
			}
			key := "@" + g.email
			if g.email == "" {
				if key = reachKey(g.name(), g.phone); key == "" {
					key = e.kid.first().line.Title + "|" + string(e.kid.first().born) + "|" + fold(g.name())
				}
			}
			who := byKey[key]
			if who != nil && nameKey(who.first().named.given, who.first().named.family) != nameKey(g.given, g.family) {
				other := who.first()
				both(e, g.field(email), other.entry, other.field(email), "imports.error.address_twice")
				continue
			}
			if i > 0 && who != nil && e.guardians[0].who == who {
				e.refuse(g.field(givenName), "imports.error.guardian_twice", nil)
				continue
			}
			if who == nil {
				who = &somebody{}
				byKey[key] = who
				p.persons = append(p.persons, who)
			}
			who.mentions = append(who.mentions, mention{e, g})
			g.who = who
		}
	}
}

// recognizePeople finds out which guardians are known.
func (p *planner) recognizePeople() {
	taken := map[ids.ID]*somebody{}
	for _, who := range p.persons {
		m := who.first()
		fine := false
		if m.email != "" {
			fine = p.recognizeByAddress(who)
		} else {
			fine = p.recognizeByNameAlone(who)
		}
		if !fine {
			continue
		}
		if who.known == nil {
			who.id = ids.New()
			continue
		}
		who.id = who.known.ID
		if other := taken[who.id]; other != nil {
			differs := email
			if other.first().email == m.email {
				differs = phone
			}
			who.refuseAll(differs, "imports.error.same_guardian", map[string]any{"Row": other.first().row.Number})
			other.refuseAll(differs, "imports.error.same_guardian", map[string]any{"Row": m.row.Number})
		}
		taken[who.id] = who
	}
}

func (p *planner) recognizeByAddress(who *somebody) bool {
	m := who.first()
	if known := p.addresses[m.email]; known != nil {
		if key := addressOf(known, m.named.given, m.named.family); key != "" {
			who.refuseAll(email, key, map[string]any{"Name": known.Name()})
			return false
		}
		who.known = known
		return true
	}
	// Perhaps somebody whom a child has already, with another address or none.
	found := p.guardiansNamed(who)
	switch {
	case len(found) == 0:
		return p.nobodyIsBlocked(who)
	case len(found) > 1:
		who.refuseAll(givenName, "imports.error.guardian_ambiguous", nil)
		return false
	case p.blockedFrom(who, found[0].ID):
		who.refuseAll(email, "imports.error.address_blocked", map[string]any{"Name": found[0].Name()})
		return false
	case found[0].Email != "" && found[0].Account:
		who.refuseAll(email, "imports.error.address_in_use", map[string]any{"Name": found[0].Name(), "Email": found[0].Email})
		return false
	}
	who.known = found[0]
	return true
}

func (p *planner) recognizeByNameAlone(who *somebody) bool {
	m := who.first()
	found := p.guardiansNamed(who)
	if len(found) == 0 {
		found = p.reachable[reachKey(m.name(), m.phone)]
	}
	if len(found) > 1 {
		who.refuseAll(givenName, "imports.error.guardian_ambiguous", nil)
		return false
	}
	if len(found) == 0 {
		return p.nobodyIsBlocked(who)
	}
	who.known = found[0]
	return true
}

// guardiansNamed are the people with this name who are tied, or were, to one of the children.
func (p *planner) guardiansNamed(who *somebody) (found []*identity.Known) {
	seen := map[ids.ID]bool{}
	for _, m := range who.mentions {
		for _, tie := range p.ties[m.kid.id] {
			known := p.people[tie.PersonID]
			if known != nil && !seen[known.ID] && nameKey(known.GivenName, known.FamilyName) == nameKey(m.named.given, m.named.family) {
				seen[known.ID] = true
				found = append(found, known)
			}
		}
	}
	return found
}

func (p *planner) blockedFrom(who *somebody, person ids.ID) bool {
	for _, m := range who.mentions {
		for _, tie := range p.ties[m.kid.id] {
			if tie.PersonID == person && tie.BlockedAt != nil {
				return true
			}
		}
	}
	return false
}

// nobodyIsBlocked refuses somebody new for a child that somebody was blocked for: no list of spellings knows every way to write
// a name, so that a person looks, in the portal.
func (p *planner) nobodyIsBlocked(who *somebody) bool {
	for _, m := range who.mentions {
		for _, tie := range p.ties[m.kid.id] {
			if tie.BlockedAt == nil {
				continue
			}
			name := ""
			if known := p.people[tie.PersonID]; known != nil {
				name = known.Name()
			}
			who.refuseAll(givenName, "imports.error.somebody_blocked", map[string]any{"Name": name})
			return false
		}
	}
	return true
}

// addressOf tells why the address of somebody known cannot be that of who is named so; empty when they can be one. A name
// changes by marriage, an accent is forgotten; the other of a couple with one mailbox is another.
func addressOf(known *identity.Known, given, family string) string {
	switch {
	case sameGiven(known.GivenName, given):
		return ""
	case fold(known.FamilyName) == fold(family):
		return "imports.error.address_shared"
	}
	return "imports.error.address_of_other"
}

// sameGiven tells whether two given names can be one person's: the same names, or one has some more of them.
func sameGiven(a, b string) bool {
	words := func(name string) []string {
		list := strings.FieldsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || r == '-' })
		for i := range list {
			list[i] = plain(list[i])
		}
		return list
	}
	short, long := words(a), words(b)
	if len(short) > len(long) {
		short, long = long, short
	}
	return len(short) > 0 && slices.Equal(short, long[:len(short)])
}

// tieOf is how somebody is tied to a child: blocked once is blocked; else the tie that holds, else the last that did.
func (p *planner) tieOf(child, person ids.ID) *children.Guardianship {
	var last *children.Guardianship
	for _, tie := range p.ties[child] {
		switch {
		case tie.PersonID != person:
		case tie.BlockedAt != nil:
			return tie
		case last == nil || tie.ValidTo == "" || last.ValidTo != "" && tie.ValidTo > last.ValidTo:
			last = tie
		}
	}
	return last
}

// checkTies looks whether rows of one child say different things of one guardian.
func (p *planner) checkTies(e *entry) {
	for _, g := range e.guardians {
		if g.who == nil {
			continue
		}
		for _, m := range g.who.mentions {
			if m.entry != e && m.kid == e.kid && (m.kind != "" && g.kind != "" && m.kind != g.kind || m.household != 0 && g.household != 0 && m.household != g.household) {
				both(e, g.field(tieKind), m.entry, m.field(tieKind), "imports.error.two_ties")
			}
		}
	}
}

func (p *planner) takeGuardian(e *entry, g *named) {
	who := g.who
	if !who.begun {
		who.begun = true
		p.takePerson(e, g)
	}
	if e.kid.told[who.id] {
		return
	}
	e.kid.told[who.id] = true
	before := p.tieOf(e.kid.id, who.id)
	if before == nil || before.BlockedAt == nil && before.ValidTo != "" && before.ValidTo < p.today {
		p.takeTie(e, g, before)
		return
	}
	if before.BlockedAt != nil {
		e.note(g.field(givenName), "imports.note.blocked", map[string]any{"Name": g.name()})
		return
	}
	row := *before
	if g.kind != "" && g.kind != row.Kind {
		e.changed(tieKind, g.name(), string(row.Kind), string(g.kind))
		row.Kind = g.kind
	}
	if g.household != 0 && g.household != row.Household {
		e.changed(household, g.name(), digit(row.Household), digit(g.household))
		row.Household = g.household
	}
	if row != *before {
		p.touch(e.kid.id, aGuardian)
		p.care.Guardianships = append(p.care.Guardianships, row)
		p.join(row.Kind, who.id)
	}
}

func digit(n int) string { return string(rune('0' + n%10)) }

// takeTie plans a tie that is not there. One that was ended comes back only when somebody says so.
func (p *planner) takeTie(e *entry, g *named, ended *children.Guardianship) {
	if ended != nil {
		e.warn(g.field(givenName), "imports.warning.tie_again", map[string]any{"Name": g.name(), "Date": string(ended.ValidTo)})
	}
	row := children.Guardianship{TenantID: p.tenant, ID: ids.New(), ChildID: e.kid.id, PersonID: g.who.id, Kind: g.kind, Household: max(1, g.household), ValidFrom: p.today}
	if row.Kind == "" {
		row.Kind = children.Authority
	}
	e.added(aGuardian, g.name())
	p.touch(e.kid.id, aGuardian)
	p.care.Added.Guardianships = append(p.care.Added.Guardianships, row)
	p.join(row.Kind, g.who.id)
}

// join lets a guardian sign in who has a right to information.
func (p *planner) join(kind children.Kind, person ids.ID) {
	if kind == children.Authority || kind == children.Information {
		p.folk.Joining = append(p.folk.Joining, identity.Joining{PersonID: person, Role: actor.Parent})
	}
}

// telephone is the first number of somebody: it may stand in the row of one child only. A row with another one says so.
func (s *somebody) telephone() (number string) {
	kept := 0
	for _, m := range s.mentions {
		switch {
		case m.phone == "" || m.wrong():
		case number == "":
			number, kept = m.phone, m.row.Number
		case reachKey("", m.phone) != reachKey("", number):
			m.warn(m.field(phone), "imports.warning.phone", map[string]any{"Row": m.row.Number, "Name": m.name(), "Kept": kept})
		}
	}
	return number
}

func (p *planner) takePerson(e *entry, g *named) {
	who, number := g.who, g.who.telephone()
	if who.known == nil {
		p.folk.Added = append(p.folk.Added, identity.Person{ID: who.id, GivenName: g.given, FamilyName: g.family, Email: g.email, Phone: number, Face: children.FaceOf(who.id)})
		return
	}
	row := *who.known
	touched := p.changing(who.id)
	if row.GivenName != g.given {
		touched(givenName)
		e.changed(givenName, row.Name(), row.GivenName, g.given)
		row.GivenName = g.given
	}
	if g.family != "" && row.FamilyName != g.family {
		touched(familyName)
		e.changed(familyName, row.Name(), row.FamilyName, g.family)
		row.FamilyName = g.family
	}
	if g.email != "" && row.Email != g.email {
		touched(email)
		e.changed(email, row.Name(), row.Email, g.email)
		row.Email = g.email
	}
	if number != "" && row.Phone != number {
		touched(phone)
		e.changed(phone, row.Name(), row.Phone, number)
		row.Phone = number
	}
	if row != *who.known {
		p.folk.Changed = append(p.folk.Changed, row)
	}
}
