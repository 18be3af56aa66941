package imports

import (
	"context"
	"strings"

	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// world is what the organisation knows already, by what files know it by.
type world struct {
	today      tenants.Date
	locations  map[ids.ID]*children.Location
	places     map[string]*children.Location // by folded name
	groups     map[string][]*children.Group  // by folded name
	cares      map[string]*children.LocationCare
	hours      map[ids.ID]children.Hours // by location
	children   map[ids.ID]*children.Child
	named      map[string][]*children.Child // by folded name and birthday
	alike      map[string][]*children.Child // by folded given name and birthday
	numbers    map[string]ids.ID            // of children
	numberOf   map[ids.ID]string
	people     map[ids.ID]*identity.Known
	addresses  map[string]*identity.Known
	reachable  map[string][]*identity.Known        // without an address: by folded name and telephone
	ties       map[ids.ID][]*children.Guardianship // by child
	placements map[ids.ID][]*children.Placement    // by child
	days       map[ids.ID][]children.PlacementDay  // by placement
	mentors    map[ids.ID]*children.Mentorship     // by child
	work       map[ids.ID][]*children.Assignment   // by person
}

func readWorld(ctx context.Context, tx tenants.Reader) (*world, error) {
	all, err := children.ReadEverything(ctx, tx)
	if err != nil {
		return nil, err
	}
	people, err := identity.Everybody(ctx, tx)
	if err != nil {
		return nil, err
	}
	numbers, err := selectNumbers(ctx, tx)
	if err != nil {
		return nil, err
	}
	w := &world{today: tx.Today(), locations: map[ids.ID]*children.Location{}, places: map[string]*children.Location{}, groups: map[string][]*children.Group{},
		cares: map[string]*children.LocationCare{}, hours: map[ids.ID]children.Hours{}, children: map[ids.ID]*children.Child{}, named: map[string][]*children.Child{},
		alike: map[string][]*children.Child{}, numbers: map[string]ids.ID{}, numberOf: map[ids.ID]string{}, people: map[ids.ID]*identity.Known{},
		addresses: map[string]*identity.Known{}, reachable: map[string][]*identity.Known{}, ties: map[ids.ID][]*children.Guardianship{},
		placements: map[ids.ID][]*children.Placement{}, days: map[ids.ID][]children.PlacementDay{}, mentors: map[ids.ID]*children.Mentorship{},
		work: map[ids.ID][]*children.Assignment{}}
	w.learnPlaces(all)
	w.learnFamilies(all, numbers)
	for i := range people {
		k := &people[i]
		w.people[k.ID] = k
		if k.Email != "" {
			w.addresses[k.Email] = k
		} else if key := reachKey(k.Name(), k.Phone); key != "" {
			w.reachable[key] = append(w.reachable[key], k)
		}
	}
	return w, nil
}

func (w *world) learnPlaces(all *children.Everything) {
	for i := range all.Locations {
		l := &all.Locations[i]
		w.locations[l.ID], w.places[fold(l.Name)] = l, l
	}
	for i := range all.Groups {
		g := &all.Groups[i]
		w.groups[fold(g.Name)] = append(w.groups[fold(g.Name)], g)
	}
	for i := range all.Cares {
		c := &all.Cares[i]
		w.cares[careKey(c.LocationID, c.CareType)] = c
	}
	for _, h := range all.Hours {
		w.hours[h.LocationID] = h
	}
	for i := range all.Assignments {
		a := &all.Assignments[i]
		w.work[a.PersonID] = append(w.work[a.PersonID], a)
	}
}

func (w *world) learnFamilies(all *children.Everything, numbers []reference) {
	for i := range all.Children {
		c := &all.Children[i]
		w.children[c.ID] = c
		key := childKey(c.GivenName, c.FamilyName, c.BirthOn)
		w.named[key] = append(w.named[key], c)
		key = childKey(c.GivenName, "", c.BirthOn)
		w.alike[key] = append(w.alike[key], c)
	}
	for _, n := range numbers {
		w.numbers[n.Number], w.numberOf[n.ChildID] = n.ChildID, n.Number
	}
	for i := range all.Guardianships {
		g := &all.Guardianships[i]
		w.ties[g.ChildID] = append(w.ties[g.ChildID], g)
	}
	for i := range all.Placements {
		p := &all.Placements[i]
		w.placements[p.ChildID] = append(w.placements[p.ChildID], p)
	}
	for _, d := range all.PlacementDays {
		d.FromTime, d.ToTime = minutes(d.FromTime), minutes(d.ToTime)
		w.days[d.PlacementID] = append(w.days[d.PlacementID], d)
	}
	for i := range all.Mentorships {
		m := &all.Mentorships[i]
		w.mentors[m.ChildID] = m
	}
}

// minutes is a time of the database without its seconds.
func minutes(t string) string { return t[:min(len(t), len("15:04"))] }

func childKey(given, family string, born tenants.Date) string {
	return nameKey(given, family) + "|" + string(born)
}

func careKey(location ids.ID, care children.CareType) string { return location.String() + string(care) }

// reachKey is empty without a telephone number: a name alone says too little.
func reachKey(name, phone string) string {
	number := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, phone)
	if len(number) < 6 {
		return ""
	}
	return fold(name) + "|" + number[len(number)-min(len(number), 8):]
}

// findGroup finds a group by its name, and the name of its location where the name alone is not enough.
func (w *world) findGroup(r *record, place, name string) *children.Group {
	var at *children.Location
	if place != "" {
		if at = w.places[fold(place)]; at == nil {
			r.refuse(location, "imports.error.no_location", map[string]any{"Location": shorten(place)})
			return nil
		}
	}
	var found []*children.Group
	for _, g := range w.groups[fold(name)] {
		if at == nil || g.LocationID == at.ID {
			found = append(found, g)
		}
	}
	switch {
	case len(found) > 1:
		r.refuse(group, "imports.error.group_ambiguous", map[string]any{"Group": shorten(name)})
	case len(found) == 0 && at != nil:
		r.refuse(group, "imports.error.no_group_there", map[string]any{"Group": shorten(name), "Location": at.Name})
	case len(found) == 0:
		r.refuse(group, "imports.error.no_group", map[string]any{"Group": shorten(name)})
	default:
		return found[0]
	}
	return nil
}
