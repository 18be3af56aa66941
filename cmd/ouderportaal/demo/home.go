package demo

import (
	"slices"
	"strings"
	"time"

	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// fromHome is what guardians tell the group in the morning, each once about a child.
var fromHome = []string{
	"{naam} heeft onrustig geslapen. Misschien komt er een tand door.",
	"Dit weekend zijn we bij oma geweest. {naam} praat nergens anders meer over.",
	"{naam} wilde vanochtend per se de rode laarzen aan. Jullie zijn gewaarschuwd!",
	"Gisteren heeft {naam} voor het eerst zelf de jas dichtgedaan. Trots!",
}

// writeFromHome adds what guardians wrote, and who opened what and liked it. It comes last, so that the rest of the book is the
// same with and without it.
func (b *book) writeFromHome() {
	said := map[*pupil]int{}
	for back := 12; back > 0; back-- {
		noon := b.at(-back, 12, 0).In(b.tenant.Location())
		weekday, on := int(noon.Weekday()), tenants.Date(noon.Format(time.DateOnly))
		for _, r := range b.rooms {
			for _, p := range r.pupils {
				if n := said[p]; p.favored && n < len(fromHome) && back%3 == n%3 && weekday%6 != 0 && p.comes(r, on, weekday) && len(p.informed()) > 0 {
					said[p]++
					b.writeHome(r, p, strings.ReplaceAll(fromHome[(n+p.child.Face)%len(fromHome)], "{naam}", p.child.GivenName), b.at(-back, 7, 40+n))
				}
			}
		}
	}
	for _, n := range b.news {
		for i, reader := range n.readers {
			if reader.ReadAt != nil {
				b.respond(n.entry, reader.PersonID, false, *reader.ReadAt, (n.entry+i)%3 > 0)
			}
		}
	}
}

func (b *book) writeHome(r *room, p *pupil, body string, at time.Time) {
	author := b.known(p.informed()[0])
	b.entries = append(b.entries, diary.Entry{TenantID: b.tenant.ID, ID: b.id(at), Kind: diary.Report, GroupID: r.row.ID, GroupName: r.row.Name, AuthorID: author.ID, AuthorName: author.GivenName,
		AuthorFace: author.Face, Body: body, PublishedAt: at, FromHome: true, Media: []diary.Medium{},
		Children: []children.Named{{ID: p.child.ID, GivenName: p.child.GivenName, Face: p.child.Face}}})
	b.respond(len(b.entries)-1, r.staff[0].ID, true, at.Add(40*time.Minute), len(b.entries)%2 == 0)
}

// respond notes that somebody opened an entry.
func (b *book) respond(entry int, person ids.ID, atWork bool, at time.Time, heart bool) {
	b.responses = append(b.responses, diary.Answer{EntryID: b.entries[entry].ID, PersonID: person, AtWork: atWork, At: minTime(at, b.now), Heart: heart})
}

func (b *book) known(id ids.ID) *identity.Person {
	return &b.people[slices.IndexFunc(b.people, func(p identity.Person) bool { return p.ID == id })]
}
