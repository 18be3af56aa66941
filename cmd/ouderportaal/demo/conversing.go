package demo

import (
	"slices"
	"strings"
	"time"

	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/messages"
)

// talk is a conversation to be. Lines are in turn of the guardian and of the group, the first of the guardian unless the group begins.
type talk struct {
	subject string
	group   bool // begins
	ago     int  // days, of the last line
	lines   []string
	// withdrawn is why an admin withdrew the last line; empty: nobody did.
	withdrawn string
}

var talks = []talk{
	{subject: "Nieuwe speen", ago: 1, lines: []string{
		"Goedemorgen! Ik heb een nieuwe speen in de tas van {naam} gedaan. De oude mag weg.",
		"Dank je wel, we hebben hem meteen in het bakje van {naam} gelegd. De oude is weg.",
		"Top, bedankt!"}},
	{subject: "Ophalen door opa", ago: 0, lines: []string{
		"Vandaag haalt opa {naam} op, rond half vijf. Hij staat al in de lijst, maar jullie kennen hem nog niet allemaal."}},
	{subject: "Reservekleding", group: true, ago: 3, lines: []string{
		"Het reservesetje van {naam} is bijna te klein. Wil je bij het brengen een nieuw setje meegeven? Een broek en twee rompers of shirts is genoeg.",
		"Zeker, ik geef het donderdag mee. Zitten de laarsjes nog goed?",
		"De laarsjes passen nog prima!"}},
	{subject: "Slapen in de middag", ago: 5, lines: []string{
		"{naam} wil ’s avonds niet meer slapen. Kunnen jullie het middagslaapje wat korter maken?",
		"Dat kan. We maken {naam} voortaan na een uur wakker en kijken hoe het gaat. Laat je over een week weten of het helpt?"}},
	{subject: "Fotolijstje mee", group: true, ago: 0, lines: []string{
		"We maken deze week een familiemuur. Wil je een foto van jullie gezin meegeven voor {naam}? Je krijgt hem natuurlijk terug."}},
	{subject: "Nieuwe school in zicht", ago: 9, lines: []string{
		"We gaan volgende maand kijken op een basisschool. Mogen we jullie vragen hoe {naam} met andere kinderen speelt?",
		"Natuurlijk! Zullen we daar even voor gaan zitten? Dinsdag of donderdag om kwart over vijf kan bij ons.",
		"Dinsdag is fijn. Tot dan!",
		"Staat genoteerd. Tot dinsdag!"}},
	{subject: "Gym in de grote zaal", group: true, ago: 6, withdrawn: "Was bedoeld voor een andere groep.", lines: []string{
		"Vanaf volgende week gymmen we op maandag in de grote zaal. Geef je {naam} gympen mee?",
		"Doen we. Moeten die nieuw zijn?",
		"Breng {naam} morgen om acht uur naar de sporthal aan de overkant."}},
}

// confidences are what guardians write to who runs a location.
var confidences = []talk{
	{subject: "Vraag over de factuur", ago: 4, lines: []string{
		"Op de factuur van deze maand staat een dag te veel, denk ik. {naam} was die dag met ons op vakantie. Wil je meekijken?",
		"Je hebt gelijk, ik heb het aangepast. Je krijgt vandaag een nieuwe factuur. Dank voor het melden!"}},
	{subject: "Iets vertrouwelijks", ago: 0, lines: []string{
		"Thuis verandert er de komende tijd het een en ander. Dat vertel ik je liever zelf, zonder dat de hele groep het leest. Kan ik je deze week even bellen over {naam}?"}},
}

// mostTalks is how many conversations a group has.
const mostTalks = 3

// converse lets guardians and groups write to each other. It comes last, so that the rest of the book is the same with and without it.
func (b *book) converse() {
	next := 0
	for _, r := range b.rooms {
		begun := 0
		for _, p := range r.pupils {
			if begun == mostTalks {
				break
			}
			if len(p.informed()) == 0 || !p.here(r, b) {
				continue
			}
			author := b.known(p.informed()[0])
			if author.Email == "" || author.Language != "nl" {
				continue
			}
			b.talk(desk{group: r.row.ID, people: r.staff}, p, author.ID, talks[next%len(talks)])
			next++
			begun++
		}
	}
}

// confide lets guardians write to who runs their location, past the group.
func (b *book) confide() {
	next := 0
	for _, m := range b.managed {
		d := desk{location: m.LocationID, people: []*identity.Person{b.holder(m.MembershipID)}}
		for _, r := range b.rooms {
			if p := b.confidant(r); r.row.LocationID == m.LocationID && p != nil {
				b.talk(d, p, p.informed()[0], confidences[next%len(confidences)])
				next++
				break
			}
		}
	}
}

// confidant is the last child of a group whose guardian writes Dutch; nil when there is none.
func (b *book) confidant(r *room) *pupil {
	for _, p := range slices.Backward(r.pupils) {
		if len(p.informed()) == 0 || !p.here(r, b) {
			continue
		}
		if who := b.known(p.informed()[0]); who.Email != "" && who.Language == "nl" {
			return p
		}
	}
	return nil
}

// holder is whose membership it is.
func (b *book) holder(membership ids.ID) *identity.Person {
	at := slices.IndexFunc(b.memberships, func(m identity.Membership) bool { return m.ID == membership })
	return b.known(b.memberships[at].PersonID)
}

// here tells whether a child is placed in the group today.
func (p *pupil) here(r *room, b *book) bool {
	for _, s := range p.stays {
		if s.room == r && s.from <= b.today && (s.to == "" || s.to >= b.today) {
			return true
		}
	}
	return false
}

// desk is where conversations are held for the organisation: a group, or the management of a location.
type desk struct {
	group, location ids.ID
	people          []*identity.Person
}

// talk writes one conversation. What is of today is new to the other side, all else was read.
func (b *book) talk(d desk, p *pupil, guardian ids.ID, t talk) {
	colleague, family := d.people[0], b.known(guardian)
	began := b.at(-t.ago, 9, 0).Add(-time.Duration(len(t.lines)) * 50 * time.Minute)
	if t.ago == 0 {
		began = b.now.Add(-time.Duration(30+len(t.lines)*45) * time.Minute)
	}
	c := messages.Conversation{Guardian: guardian, Thread: messages.Thread{TenantID: b.tenant.ID, ID: b.id(began), ChildID: p.child.ID, GroupID: d.group, LocationID: d.location,
		Subject: t.subject, StartedBy: guardian, CreatedAt: began, MovedAt: began}}
	if t.group {
		c.Thread.StartedBy = colleague.ID
	}
	for i, line := range t.lines {
		at := began.Add(time.Duration(i*45) * time.Minute)
		out := at.Add(messages.UndoWithin)
		m := messages.Message{TenantID: b.tenant.ID, ID: b.id(at), ThreadID: c.Thread.ID, AuthorID: guardian, AuthorName: family.Name(), AuthorFace: family.Face, Side: messages.Guardian,
			Body: strings.ReplaceAll(line, "{naam}", p.child.GivenName), WrittenAt: at, DueAt: out, ReleasedAt: &out}
		read := out.Add(20 * time.Minute)
		heard := messages.Heard{Message: i, ReadAt: &read}
		if t.ago == 0 && i == len(t.lines)-1 {
			heard.ReadAt = nil
		}
		if t.group == (i%2 == 0) {
			m.AuthorID, m.AuthorName, m.AuthorFace, m.Side = colleague.ID, colleague.GivenName, colleague.Face, messages.Staff
			heard.PersonID = guardian
			c.Heard = append(c.Heard, heard)
		} else {
			for _, s := range d.people {
				heard.PersonID, heard.AtWork = s.ID, true
				c.Heard = append(c.Heard, heard)
			}
		}
		if t.withdrawn != "" && i == len(t.lines)-1 {
			later := read.Add(10 * time.Minute)
			admin := b.known(b.admin)
			c.Withdrawn = append(c.Withdrawn, messages.Withdrawal{TenantID: b.tenant.ID, MessageID: m.ID, Body: m.Body, Reason: t.withdrawn, WithdrawnBy: admin.ID, WithdrawnByName: admin.Name(), WithdrawnAt: later})
			m.Body, m.WithdrawnAt = "", &later
		}
		c.Thread.MovedAt = out
		c.Messages = append(c.Messages, m)
	}
	b.talks = append(b.talks, c)
}

// answersAtHand are those that colleagues give again and again.
var answersAtHand = []messages.Template{
	{Title: "Later gebracht", Body: "Goed, dan verwachten we {kind} wat later. Tot straks!"},
	{Title: "Nieuw setje kleren", Body: "Wil je voor {kind} weer een setje reservekleding meegeven? Dank je wel!"},
	{Title: "Opgehaald door een ander", Body: "Fijn dat je het laat weten. Wij vragen wie {kind} ophaalt naar een legitimatie."},
}

// settleIn says when messages are read, and what is answered again and again. It comes last: the rest of the book is the same without it.
func (b *book) settleIn() (hours []messages.Hours, templates []messages.Template) {
	for _, l := range b.roster.Locations {
		h := messages.Hours{LocationID: l.ID, Words: "We lezen berichten op werkdagen van 7.30 tot 18.00 uur. Is er haast bij? Bel dan de groep."}
		for weekday := 1; weekday <= 5; weekday++ {
			h.Days = append(h.Days, children.CareDay{Weekday: weekday, From: "07:30", To: "18:00"})
		}
		hours = append(hours, h)
	}
	for _, t := range answersAtHand {
		t.TenantID, t.ID, t.Version = b.tenant.ID, b.id(b.at(-60, 10, 0)), 1
		templates = append(templates, t)
	}
	return hours, templates
}
