package demo

import (
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/particulars"
)

// confided is what guardians have told of their children, whom to call, and a few changes that wait for who runs the organisation.
func (b *book) confided() particulars.Past {
	var past particulars.Past
	doctors := []string{"Huisartsenpraktijk De Brink", "Dr. J. Veldman", "Gezondheidscentrum ’t Hof"}
	called := []struct{ name, relation, phone string }{{"Riet", "oma", "0612340001"}, {"Wim", "opa", "0612340002"}, {"Anja", "buurvrouw", "0612340003"}, {"Sofie", "oppas", "0612340004"}, {"Bram", "oom", "0612340005"}}
	people := map[ids.ID]*identity.Person{}
	for i := range b.people {
		people[b.people[i].ID] = &b.people[i]
	}
	asked := 0
	for n, k := range b.pupils {
		var by *identity.Person
		for _, g := range k.guardians {
			if g.Kind == children.Authority && g.BlockedAt == nil && g.ValidFrom <= b.today {
				by = people[g.PersonID]
				break
			}
		}
		if by == nil {
			continue
		}
		at := b.at(-30, 20, n%60)
		p := particulars.Particulars{TenantID: b.tenant.ID, ChildID: k.child.ID, Doctor: doctors[n%len(doctors)], DoctorPhone: "0570540" + []string{"111", "222", "333"}[n%3], ChangedAt: at}
		switch n % 12 {
		case 3:
			p.Allergies = "Pinda en noten. De epipen zit in de rode tas."
		case 6:
			p.Diet = "Eet geen varkensvlees."
		case 9:
			p.Medical = "Heeft soms last van benauwdheid bij kou."
		}
		past.Particulars = append(past.Particulars, p)
		for i := range []int{1, 2, 1, 0}[n%4] {
			c := called[(n+i)%len(called)]
			past.Contacts = append(past.Contacts, particulars.Contact{TenantID: b.tenant.ID, ID: b.id(at), ChildID: k.child.ID, Name: c.name + " " + k.child.FamilyName, Relation: c.relation, Phone: c.phone,
				Emergency: i == 0, Collects: n%3 != 1 || i > 0, Version: 1, AddedBy: by.ID, AddedAt: at})
		}
		if asked < 2 && n%5 == 4 {
			asked++
			r := particulars.Request{TenantID: b.tenant.ID, State: particulars.Pending, AskedBy: by.ID, AskedAt: b.at(-asked, 20, 40), HoldsFrom: b.today.Add(14)}
			r.ID = b.id(r.AskedAt)
			if asked == 1 {
				r.ChildID = k.child.ID
				r.Changes = []particulars.Change{{Field: particulars.Doctor, Was: p.Doctor, Becomes: "Huisartsenpraktijk Noord"}, {Field: particulars.Allergies, Was: p.Allergies, Becomes: "Koemelk"}}
			} else {
				r.PersonID = by.ID
				r.Changes = []particulars.Change{{Field: particulars.Phone, Was: by.Phone, Becomes: "0687654321"}, {Field: particulars.Street, Was: by.Street, Becomes: "Nieuwe Dijk 12"}}
			}
			past.Requests = append(past.Requests, r)
		}
	}
	return past
}
