package demo

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/absences"
	"ouderportaal/modules/agenda"
	"ouderportaal/modules/care"
	"ouderportaal/modules/children"
	"ouderportaal/modules/consents"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/locations"
	"ouderportaal/modules/messages"
	articles "ouderportaal/modules/news"
	"ouderportaal/modules/photos"
	"ouderportaal/tenants"
)

// book is everything about one organisation before it is kept. On the same day the same book is written every time, apart
// from storage keys, which stay unguessable in a demo too.
type book struct {
	org    organisation
	tenant tenants.Tenant
	now    time.Time
	today  tenants.Date
	hash   string // of Password
	rng    *rand.Rand

	people      []identity.Person
	memberships []identity.Membership
	roster      children.Roster
	managed     []children.Managed
	answers     []consents.Answer
	entries     []diary.Entry
	pictures    []picture
	photos      []photos.Photo // those of pictures that are stored
	news        []news
	missed      []missed
	named       int // how many of people are called by name in this program; the others are made up
	responses   []diary.Answer
	cared       []care.Record
	talks       []messages.Conversation
	absent      []absences.Absence
	planned     []agenda.Entry
	shown       locations.Past
	portraits   []string // the pictures of shown.Photos
	articles    []articles.Past
	scenes      []string // the picture in the article of the same place
	caredBy     []ids.ID // who wrote the record of the same place

	rooms      []*room
	pupils     []*pupil
	byEmail    map[string]int // index in people
	faces      map[int]bool
	girls      []string
	boys       []string
	surnames   []string
	women, men []string
	admin      ids.ID
}

// room is a group with who is in it.
type room struct {
	group
	row        children.Group
	staff      []*identity.Person
	pupils     []*pupil
	turn       int         // whose turn it is to write
	used       map[any]int // when a sentence was last written here
	storyDecks map[string][]int
	sceneDeck  []int
}

// pupil is a child with what the diary needs to know.
type pupil struct {
	child     children.Child
	girl      bool
	favored   bool
	photosAt  []answer // oldest first
	stays     []placed
	away      tenants.Date // a day of care on which they do not come
	guardians []children.Guardianship
	heard     map[any]int // how often a sentence was written about them
}

type placed struct {
	room     *room
	from, to tenants.Date // to is empty: open
	weekdays []int
}

type answer struct {
	at      time.Time
	granted bool
}

// picture is a photo to be: a scene, and where it belongs.
type picture struct {
	scene string
	past  photos.Past
}

type news struct {
	entry   int // index in entries
	readers []diary.Reader
}

func newBook(org organisation, tenant tenants.Tenant, now time.Time, hash string) *book {
	b := &book{org: org, tenant: tenant, now: now, today: tenant.DateOf(now), hash: hash, rng: rand.New(rand.NewPCG(org.seed, 20)),
		byEmail: map[string]int{}, faces: map[int]bool{}}
	b.girls, b.boys, b.surnames = b.shuffled(girls), b.shuffled(boys), b.shuffled(surnames)
	b.women, b.men = b.shuffled(women), b.shuffled(men)
	b.openLocations()
	for _, c := range org.staff {
		b.hire(c)
	}
	b.fillStaff()
	for _, f := range org.families {
		b.enrol(f)
	}
	b.named = len(b.people)
	b.fillGroups()
	b.assignMentors()
	b.sendHome()
	b.writeDiary()
	b.tellNews()
	b.missNews()
	b.writeFromHome()
	b.keepDays()
	b.reportDays()
	b.converse()
	b.reportAbsences()
	b.planAgenda()
	b.confide()
	b.introduce()
	b.announce()
	b.celebrate()
	return b
}

// id makes an id of the moment at, from the seed.
func (b *book) id(at time.Time) ids.ID {
	var id ids.ID
	ms := uint64(at.UnixMilli())
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}
	for i := 6; i < 16; i++ {
		id[i] = byte(b.rng.Uint32())
	}
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	return id
}

func (b *book) shuffled(list []string) []string {
	out := append([]string(nil), list...)
	b.rng.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// deal takes the next of a list that is shared out, and starts again when it is empty.
func deal(list *[]string) string {
	first := (*list)[0]
	*list = append((*list)[1:], first)
	return first
}

func (b *book) chance(percent int) bool { return b.rng.IntN(100) < percent }

// face draws a face that nobody here has yet.
func (b *book) face(wanted int) int {
	for wanted == 0 || b.faces[wanted] {
		wanted = 200 + b.rng.IntN(9000)
	}
	b.faces[wanted] = true
	return wanted
}

// at is a moment on the local day that lies days from today.
func (b *book) at(days, hour, minute int) time.Time {
	t := b.now.In(b.tenant.Location())
	return time.Date(t.Year(), t.Month(), t.Day()+days, hour, minute, 0, 0, b.tenant.Location()).UTC()
}

func (b *book) openLocations() {
	for _, l := range b.org.locations {
		row := children.Location{TenantID: b.tenant.ID, ID: b.id(b.now), Name: l.name, Street: l.street, Postcode: l.postcode, City: l.city,
			Phone: l.phone, Email: b.address(ascii(l.name), "")}
		b.roster.Locations = append(b.roster.Locations, row)
		for _, care := range []children.CareType{children.DayCare, children.AfterSchool, children.Playgroup} {
			if number, ok := l.care[care]; ok {
				b.roster.Cares = append(b.roster.Cares, children.LocationCare{TenantID: b.tenant.ID, LocationID: row.ID, CareType: care, LRKNumber: number})
			}
		}
		for _, g := range l.groups {
			r := &room{group: g, used: map[any]int{}, storyDecks: map[string][]int{}, row: children.Group{TenantID: b.tenant.ID, ID: b.id(b.now), LocationID: row.ID,
				CareType: g.care, Name: g.name, Symbol: g.symbol, FromAgeMonths: g.from, ToAgeMonths: g.to}}
			b.rooms = append(b.rooms, r)
			b.roster.Groups = append(b.roster.Groups, r.row)
		}
	}
}

func (b *book) room(name string) *room {
	for _, r := range b.rooms {
		if r.name == name {
			return r
		}
	}
	panic("demo: no group is called " + name)
}

// hire adds a colleague with a role and a place to work.
func (b *book) hire(c colleague) *identity.Person {
	since := b.now.AddDate(0, 0, -1200)
	p := b.person(c.given, c.family, c.email, "", c.face, since, false)
	from, to := b.today.Add(-1200), tenants.Date("")
	if c.left > 0 {
		to = b.today.Add(-c.left)
	}
	m := b.join(p, c.role, from, to)
	for _, name := range c.groups {
		r := b.room(name)
		b.roster.Assignments = append(b.roster.Assignments, children.Assignment{TenantID: b.tenant.ID, ID: b.id(since), PersonID: p.ID, GroupID: r.row.ID, ValidFrom: from, ValidTo: to})
		if to == "" {
			r.staff = append(r.staff, p)
		}
	}
	for _, l := range b.roster.Locations {
		if c.location == l.Name {
			b.managed = append(b.managed, children.Managed{TenantID: b.tenant.ID, MembershipID: m, LocationID: l.ID})
		}
	}
	if c.role == actor.Admin {
		b.admin = p.ID
	}
	return p
}

// fillStaff draws the colleagues that groups still lack.
func (b *book) fillStaff() {
	for _, r := range b.rooms {
		for len(r.staff) < r.group.staff {
			given := deal(&b.women)
			if b.chance(20) {
				given = deal(&b.men)
			}
			b.hire(colleague{given: given, family: deal(&b.surnames), role: actor.Staff, groups: []string{r.name}})
		}
	}
}

// person adds somebody. The pointer stays good: it is a copy that nothing changes.
func (b *book) person(given, family, mailName, language string, face int, since time.Time, mute bool) *identity.Person {
	if language == "" {
		language = b.tenant.Language
	}
	p := identity.Person{TenantID: b.tenant.ID, ID: b.id(since), GivenName: given, FamilyName: family, Language: language, Appearance: identity.System,
		Face: b.face(face), CreatedAt: since}
	if !mute {
		p.Email = b.address(mailName, given+"."+family)
		p.PasswordHash, p.PasswordSetAt = b.hash, &since
		p.Phone = fmt.Sprintf("06 00 %02d %02d %02d", b.rng.IntN(100), b.rng.IntN(100), b.rng.IntN(100))
		b.byEmail[p.Email] = len(b.people)
	}
	b.people = append(b.people, p)
	return &p
}

// address is free in the organisation; names that are taken get a number.
func (b *book) address(mailName, otherwise string) string {
	if mailName == "" {
		mailName = ascii(otherwise)
	}
	for n := 1; ; n++ {
		email := mailName + "@" + b.org.mailDomain
		if n > 1 {
			email = fmt.Sprintf("%s%d@%s", mailName, n, b.org.mailDomain)
		}
		if _, taken := b.byEmail[email]; !taken {
			return email
		}
	}
}

// ascii makes a name fit for an address: no accents, no spaces.
func ascii(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || r == '.'):
			return unicode.ToLower(r)
		default:
			return -1
		}
	}, norm.NFD.String(name))
}

func (b *book) join(p *identity.Person, role actor.Role, from, to tenants.Date) ids.ID {
	m := identity.Membership{TenantID: b.tenant.ID, ID: b.id(p.CreatedAt), PersonID: p.ID, RoleName: strings.TrimPrefix(string(role), "role:"),
		ValidFrom: from, ValidTo: to, CreatedAt: p.CreatedAt}
	b.memberships = append(b.memberships, m)
	return m.ID
}
