package demo

import (
	"slices"
	"strings"
	"time"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/modules/consents"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// enrol adds a family: children with their placements, and guardians tied to each of them.
func (b *book) enrol(f family) {
	var kids []*pupil
	for _, k := range f.kids {
		kids = append(kids, b.addChild(f.name, k))
	}
	first := b.today
	for _, k := range kids {
		for _, s := range k.stays {
			first = min(first, s.from)
		}
	}
	// Families are known six weeks before the first day of care, and never only from tomorrow on.
	since, known := first.Add(-42), b.moment(first.Add(-42))
	var people, answering []*identity.Person
	for _, g := range f.guardians {
		p := b.guardianPerson(g, since, known)
		people = append(people, p)
		if (g.kind == "" || g.kind == children.Authority) && g.blocked == "" && !g.invited && !g.mute {
			answering = append(answering, p)
		}
		for _, k := range kids {
			b.tie(p, k, g, since)
		}
	}
	for i, k := range kids {
		b.answerPhotos(k, f.kids[i].photos, people[0])
		if f.kids[i].photos != neverAsked {
			b.answerOthers(k, answering)
		}
	}
}

func (b *book) moment(day tenants.Date) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, string(day), b.tenant.Location())
	if err != nil {
		panic(err) // the date is one of ours
	}
	return t.Add(10 * time.Hour).UTC()
}

func (b *book) addChild(name string, k kid) *pupil {
	born := b.now.In(b.tenant.Location()).AddDate(0, -k.age, -k.days)
	birth := tenants.Date(born.Format(time.DateOnly))
	p := &pupil{girl: k.girl, favored: k.favored, heard: map[any]int{}, child: children.Child{TenantID: b.tenant.ID, ID: b.id(b.now), GivenName: k.given, FamilyName: name,
		BirthOn: birth, Face: b.face(k.face), CreatedAt: b.now}}
	for _, s := range k.stays {
		r := b.room(s.group)
		from, to := b.today.Add(s.since), tenants.Date("")
		if from < birth.Add(70) {
			from = birth.Add(70)
		}
		if s.until != 0 {
			to = b.today.Add(s.until)
		}
		p.child.CreatedAt = minTime(p.child.CreatedAt, b.moment(from.Add(-42)))
		row := children.Placement{TenantID: b.tenant.ID, ID: b.id(b.now), ChildID: p.child.ID, GroupID: r.row.ID, CareType: r.care, StartsOn: from, EndsOn: to}
		b.roster.Placements = append(b.roster.Placements, row)
		begin, end := hours(r.care, b.chance(30))
		for _, day := range s.weekdays {
			b.roster.PlacementDays = append(b.roster.PlacementDays, children.PlacementDay{TenantID: b.tenant.ID, PlacementID: row.ID, Weekday: day, FromTime: begin(day), ToTime: end})
		}
		p.stays = append(p.stays, placed{room: r, from: from, to: to, weekdays: s.weekdays})
		r.pupils = append(r.pupils, p)
	}
	b.roster.Children = append(b.roster.Children, p.child)
	b.pupils = append(b.pupils, p)
	return p
}

func minTime(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// hours are when a child comes and goes: schools are out earlier on Wednesdays and Fridays.
func hours(care children.CareType, short bool) (begin func(weekday int) string, end string) {
	fixed := func(at string) func(int) string { return func(int) string { return at } }
	switch {
	case care == children.AfterSchool:
		return func(weekday int) string {
			if weekday == 3 || weekday == 5 {
				return "12:15"
			}
			return "14:15"
		}, "18:30"
	case care == children.Playgroup:
		return fixed("08:30"), "12:30"
	case short:
		return fixed("08:00"), "17:30"
	}
	return fixed("07:30"), "18:30"
}

func (b *book) guardianPerson(g guardian, since tenants.Date, known time.Time) *identity.Person {
	var p *identity.Person
	if g.colleague != "" {
		p = &b.people[b.byEmail[g.colleague+"@"+b.org.mailDomain]]
	} else {
		p = b.person(g.given, g.family, g.email, g.language, g.face, known, g.mute)
	}
	if !g.mute {
		b.join(p, actor.Parent, since, "")
	}
	if g.invited {
		kept := &b.people[b.byEmail[p.Email]]
		kept.PasswordHash, kept.PasswordSetAt = "", nil
	}
	return p
}

func (b *book) tie(p *identity.Person, k *pupil, g guardian, since tenants.Date) {
	row := children.Guardianship{TenantID: b.tenant.ID, ID: b.id(p.CreatedAt), ChildID: k.child.ID, PersonID: p.ID, Kind: g.kind, Household: max(1, g.household), ValidFrom: since}
	if row.Kind == "" {
		row.Kind = children.Authority
	}
	if g.blocked != "" {
		at := b.at(-35, 9, 40)
		row.BlockedAt, row.BlockedBy, row.BlockedReason = &at, b.admin, g.blocked
	}
	b.roster.Guardianships = append(b.roster.Guardianships, row)
	k.guardians = append(k.guardians, row)
}

// answerPhotos writes how the question about photos was answered, and when.
func (b *book) answerPhotos(k *pupil, story consentStory, by *identity.Person) {
	first := minTime(b.moment(k.stays[0].from.Add(-20)), b.at(-40, 20, 15))
	switch story {
	case granted:
		k.photosAt = []answer{{first, true}}
	case refused:
		k.photosAt = []answer{{first, false}}
	case refusedThenGranted:
		k.photosAt = []answer{{first, false}, {b.at(-22, 21, 5), true}}
	case grantedThenWithdrawn:
		k.photosAt = []answer{{first, true}, {b.at(-9, 19, 30), false}}
	case neverAsked:
	}
	for _, a := range k.photosAt {
		b.answer(k, consents.Photos, by, a)
	}
}

func (b *book) answer(k *pupil, to consents.Purpose, by *identity.Person, a answer) {
	b.answers = append(b.answers, consents.Answer{TenantID: b.tenant.ID, ID: b.id(a.at), ChildID: k.child.ID, Purpose: to, TextVersion: 1, Granted: a.granted,
		AnsweredBy: by.ID, AnsweredFor: by.ID, AnsweredAt: a.at})
}

// The questions that every organisation of the demo asks besides the one about photos.
const (
	outings consents.Purpose = "outings"
	website consents.Purpose = "website"
)

// questions are what guardians are asked from the first of the month in which the diary begins.
func (b *book) questions() []consents.Definition {
	at := b.at(-40, 9, 0)
	since := b.tenant.DateOf(at)
	return []consents.Definition{
		{Purpose: outings, Required: consents.One, StartsOn: since, CreatedAt: at, Title: "Uitstapjes in de buurt",
			Body: "Mag je kind mee naar de speeltuin, de kinderboerderij en de bibliotheek? We gaan lopend of met de bolderkar, met ten minste twee medewerkers."},
		{Purpose: website, Required: consents.Every, StartsOn: since, CreatedAt: at.Add(time.Minute), Title: "Foto’s op onze website",
			Body: "Mogen we foto’s waar je kind herkenbaar op staat op onze website zetten?\n\nJe kunt je toestemming altijd intrekken. We halen de foto dan binnen een week weg."},
		{Purpose: consents.Birthdays, Required: consents.One, StartsOn: since, CreatedAt: at.Add(2 * time.Minute), Title: "Verjaardag in de agenda",
			Body: "Mogen ouders van kinderen in dezelfde groep in hun agenda zien wanneer je kind jarig is? Ze zien de voornaam en de dag, niet hoe oud je kind wordt."},
	}
}

// celebrate answers the question about birthdays, which most are fine with. It comes after the rest of the book, which is the same without it.
func (b *book) celebrate() {
	at := b.at(-38, 21, 0)
	for n, k := range b.pupils {
		if k.stays[0].from > b.today {
			continue
		}
		for _, g := range k.guardians {
			if g.Kind == children.Authority {
				b.answer(k, consents.Birthdays, b.known(g.PersonID), answer{at, n%6 != 5})
				break
			}
		}
	}
}

// answerOthers answers the other questions: most about outings, and about the website one of two guardians more often than both.
func (b *book) answerOthers(k *pupil, people []*identity.Person) {
	n := len(b.pupils)
	at := b.moment(k.stays[0].from.Add(-18))
	if asked := b.at(-38, 21, 0); at.Before(asked) {
		at = asked
	}
	if at.After(b.now) || n%9 == 4 || len(people) == 0 {
		return
	}
	b.answer(k, outings, people[0], answer{at, n%7 != 3})
	for i, p := range people {
		if n%4 == 0 && i > 0 {
			break
		}
		b.answer(k, website, p, answer{at.Add(time.Duration(i) * time.Hour), n%5 != 2 || i == 0})
	}
}

// mayBeOnPhotos tells what the answer was at a moment.
func (p *pupil) mayBeOnPhotos(at time.Time) bool {
	may := false
	for _, a := range p.photosAt {
		if !a.at.After(at) {
			may = a.granted
		}
	}
	return may
}

// fillGroups draws families until every group has its children.
func (b *book) fillGroups() {
	shape := 0
	for _, r := range b.rooms {
		for missing := r.children - len(r.pupils); missing > 0; missing = r.children - len(r.pupils) {
			b.enrol(b.drawFamily(r, shape, missing))
			shape++
		}
	}
}

var weekdayPatterns = map[children.CareType][][]int{
	children.DayCare:     {{1, 2, 4}, {2, 4}, {1, 3}, {3, 4, 5}, {1, 2}, {4, 5}, {1, 2, 3, 4}, {2, 3, 5}, {1, 4}},
	children.AfterSchool: {{1, 2}, {2, 4}, {1, 4}, {2, 5}, {3}, {1, 2, 4}},
	children.Playgroup:   {{1, 4}, {2, 5}, {1, 3}, {2, 4}},
}

// drawFamily makes a family of one of the common shapes; shape counts up, so that every shape comes by.
func (b *book) drawFamily(r *room, shape, room int) family {
	name := deal(&b.surnames)
	mother := guardian{given: deal(&b.women), family: name, woman: true}
	father := guardian{given: deal(&b.men), family: name}
	f := family{name: name, guardians: []guardian{mother, father}, kids: []kid{b.drawKid(r)}}
	switch shape % 8 {
	case 1: // parents live apart
		f.guardians[1].household, f.guardians[1].family = 2, deal(&b.surnames)
	case 2: // one guardian
		f.guardians = f.guardians[:1]
	case 3: // twins, when there is room for two
		if room > 1 {
			twin := b.drawKid(r)
			twin.age, twin.days, twin.stays = f.kids[0].age, f.kids[0].days, f.kids[0].stays
			f.kids = append(f.kids, twin)
		}
	case 4: // somebody collects
		f.guardians = append(f.guardians, guardian{given: deal(&b.women), family: deal(&b.surnames), woman: true, kind: children.Collector, household: 3})
	case 5: // the other parent has a right to information
		f.guardians[1].household, f.guardians[1].family, f.guardians[1].kind = 2, deal(&b.surnames), children.Information
	case 6: // two mothers
		f.guardians[1] = guardian{given: deal(&b.women), family: deal(&b.surnames), woman: true}
	case 7: // a grandfather who is no user of the portal
		f.guardians = append(f.guardians, guardian{given: deal(&b.men), family: name, kind: children.Relative, household: 3, mute: true})
	}
	switch shape % 19 {
	case 6:
		f.kids[0].photos = refused
	case 11:
		f.kids[0].photos = neverAsked
	case 16:
		f.kids[0].photos = refusedThenGranted
	}
	return f
}

func (b *book) drawKid(r *room) kid {
	k := kid{girl: b.chance(50), days: b.rng.IntN(28)}
	names := &b.boys
	if k.girl {
		names = &b.girls
	}
	k.given = deal(names)
	youngest := max(r.from, 4) + 1
	k.age = youngest + b.rng.IntN(r.to-youngest-1)
	patterns := weekdayPatterns[r.care]
	since := -30 - b.rng.IntN(40*max(2, min(k.age, 24)))
	k.stays = []stay{{group: r.name, weekdays: patterns[b.rng.IntN(len(patterns))], since: since}}
	return k
}

// assignMentors gives every child a mentor who works in its group.
func (b *book) assignMentors() {
	for _, r := range b.rooms {
		for i, p := range r.pupils {
			s := p.stays[0]
			if s.room != r || s.to != "" && s.to < b.today {
				continue
			}
			mentor := r.staff[i%len(r.staff)]
			b.roster.Mentorships = append(b.roster.Mentorships, children.Mentorship{TenantID: b.tenant.ID, ID: b.id(b.now), ChildID: p.child.ID, PersonID: mentor.ID,
				ValidFrom: min(s.from.Add(-14), b.today)})
		}
	}
}

// comes tells whether the child is in the room on a day.
func (p *pupil) comes(r *room, day tenants.Date, weekday int) bool {
	return day != p.away && slices.ContainsFunc(p.stays, func(s placed) bool {
		return s.room == r && s.from <= day && (s.to == "" || day <= s.to) && slices.Contains(s.weekdays, weekday)
	})
}

// informed lists who is told of a child: by tie, while it is not blocked.
func (p *pupil) informed() []ids.ID {
	var list []ids.ID
	for _, g := range p.guardians {
		if g.BlockedAt == nil && (g.Kind == children.Authority || g.Kind == children.Information) {
			list = append(list, g.PersonID)
		}
	}
	return list
}

// pronouns of a child in a sentence.
func (p *pupil) pronouns() []string {
	if p.girl {
		return []string{"{hij}", "ze", "{Hij}", "Ze", "{hem}", "haar", "{zijn}", "haar"}
	}
	return []string{"{hij}", "hij", "{Hij}", "Hij", "{hem}", "hem", "{zijn}", "zijn"}
}

func (p *pupil) name() string { return strings.TrimSpace(p.child.GivenName) }
