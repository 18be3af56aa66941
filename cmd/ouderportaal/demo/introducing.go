package demo

import (
	"strings"

	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/locations"
	"ouderportaal/tenants"
)

// portraits are the drawn pictures of colleagues who gave one, by the number of their face.
var portraits = map[int]string{28: "portraits/sanne.jpg", 36: "portraits/jelle.jpg", 41: "portraits/ans.jpg"}

// introductions are what colleagues say about themselves; who says nothing has an empty one.
var introductions = []string{
	"Hoi, ik ben {naam}. Ik werk hier al sinds de groep bestaat.\n\nIk ga het liefst met de kinderen naar buiten: laarzen aan en kijken wat er onder de bladeren zit. Thuis heb ik een hond, twee kippen en een moestuin waar soms iets uitkomt.",
	"Ik ben {naam} en ik lees graag voor, het liefst drie keer hetzelfde boek. Verder maak ik veel muziek met de kinderen: er gaat geen ochtend voorbij zonder liedje.",
	"",
	"Mijn naam is {naam}. Knutselen is mijn lievelingswerk, hoe meer lijm hoe beter. Zie ik je bij het ophalen? Dan vertel ik graag hoe de dag was.",
	"Ik ben {naam}, moeder van twee. Ik vind het mooi om te zien hoe kinderen elkaar helpen, ook als ze nog bijna niet kunnen praten.",
	"",
}

// worked are the days on which colleagues of a group work, in turn.
var worked = [][]int{{1, 2, 4}, {2, 3, 5}, {1, 3, 4, 5}, {1, 2, 3, 4}}

// introduce says when locations are open, and what is read about who works there. It comes last, so that the rest of the book is the
// same with and without it.
func (b *book) introduce() {
	for i, l := range b.roster.Locations {
		o := locations.Opening{TenantID: b.tenant.ID, LocationID: l.ID}
		for weekday := 1; weekday <= 5; weekday++ {
			o.Days = append(o.Days, children.CareDay{Weekday: weekday, From: []string{"07:30", "07:00"}[i%2], To: "18:30"})
		}
		b.shown.Openings = append(b.shown.Openings, o)
		b.shown.Exceptions = append(b.shown.Exceptions, locations.Exception{TenantID: b.tenant.ID, ID: b.id(b.now), LocationID: l.ID, OnDay: b.eve(), FromTime: o.Days[0].From, ToTime: "16:00", Reason: "We sluiten eerder"})
	}
	known := map[ids.ID]bool{}
	for _, r := range b.rooms {
		for i, p := range r.staff {
			if !known[p.ID] {
				known[p.ID] = true
				b.present(r, i, p)
			}
		}
	}
}

// eve is a working day on which locations close early: that before Christmas, or before New Year when that is over.
func (b *book) eve() tenants.Date {
	day := b.planned[0].FirstDay.Add(-1)
	if day < b.today {
		day = day.Add(7)
	}
	for day.Weekday() > 5 && day > b.today {
		day = day.Add(-1)
	}
	return day
}

func (b *book) present(r *room, i int, p *identity.Person) {
	profile := locations.Profile{TenantID: b.tenant.ID, PersonID: p.ID, Title: "Pedagogisch medewerker", Weekdays: worked[i%len(worked)], DaysShown: true, Version: 1}
	if r.care == children.AfterSchool {
		profile.Title = "Pedagogisch medewerker bso"
	}
	words := strings.ReplaceAll(introductions[(i+len(b.shown.Profiles))%len(introductions)], "{naam}", p.GivenName)
	switch {
	case portraits[p.Face] != "":
		profile.Introduction = strings.ReplaceAll(introductions[0], "{naam}", p.GivenName)
		agreed := b.at(-60, 10, 0)
		b.shown.Photos = append(b.shown.Photos, locations.Photo{TenantID: b.tenant.ID, ID: b.id(agreed), PersonID: p.ID, UploadedBy: p.ID, ApprovedAt: &agreed, CreatedAt: agreed})
		b.portraits = append(b.portraits, portraits[p.Face])
	case p.GivenName == "Marieke": // her manager wrote something, and she has not agreed yet
		profile.Proposal = strings.ReplaceAll(introductions[1], "{naam}", p.GivenName)
	default:
		profile.Introduction = words
	}
	b.shown.Profiles = append(b.shown.Profiles, profile)
}
