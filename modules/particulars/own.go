package particulars

import (
	"context"
	"slices"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/accesses"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// What pages show of children.
type (
	Kid       = children.Named
	Group     = children.Group
	Placement = children.WholePlacement
	CareDay   = children.CareDay
)

// Person is what is kept of the actor, with what they asked to change.
type Person struct {
	Name, Email string
	Values      Values
	Requests    []Asked // newest first
	Today       tenants.Date
}

// Pending is the request that waits; nil for none.
func pendingIn(list []Asked) *Asked {
	for i := range list {
		if list[i].State == Pending {
			return &list[i]
		}
	}
	return nil
}

// Pending is the request that waits; nil for none.
func (p *Person) Pending() *Asked { return pendingIn(p.Requests) }

// Me gives what is kept of the actor, a guardian.
func (s *Service) Me(ctx context.Context) (p *Person, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		who := actor.From(ctx)
		if who.Role != actor.Parent {
			return fault.NotFound()
		}
		row, err := identity.PersonByID(ctx, tx, who.PersonID)
		if err != nil {
			return err
		}
		p = &Person{Name: row.Name(), Email: row.Email, Values: valuesOf(row), Today: tx.Today()}
		p.Requests, err = requestsOf(ctx, tx, who.PersonID)
		return err
	})
	return p, err
}

func requestsOf(ctx context.Context, tx tenants.Reader, subject ids.ID) ([]Asked, error) {
	rows, err := selectRequests(ctx, tx, ofSubject(subject))
	if err != nil {
		return nil, err
	}
	return named(ctx, tx, rows, identity.GivenNames)
}

// Asks gives what the actor, a guardian, asked to change of themselves and of children of whom they may still know, newest first.
func (s *Service) Asks(ctx context.Context) (list []Asked, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		if actor.From(ctx).Role != actor.Parent {
			return fault.NotFound()
		}
		rows, err := selectRequests(ctx, tx, askedBy(tx, actor.From(ctx)))
		if err != nil {
			return err
		}
		list, err = named(ctx, tx, rows, identity.Names)
		return err
	})
	return list, err
}

// Kids gives the children of the actor, a guardian.
func (s *Service) Kids(ctx context.Context) (list []children.Named, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		if actor.From(ctx).Role != actor.Parent {
			return fault.NotFound()
		}
		list, err = children.Own(ctx, tx)
		return err
	})
	return list, err
}

// Child is the page of a child, as a guardian sees it. What is told of its health, and contacts, are for guardians with parental
// authority.
type Child struct {
	children.Child
	Mentor     *children.FiledMentor
	Placements []children.WholePlacement // of now and later, and what has ended; none that was cancelled
	Authority  bool
	Values     Values
	Contacts   []Contact
	Requests   []Asked // newest first
	Today      tenants.Date
}

// Pending is the request that waits; nil for none.
func (c *Child) Pending() *Asked { return pendingIn(c.Requests) }

// Of gives the page of a child of the actor, a guardian.
func (s *Service) Of(ctx context.Context, id ids.ID) (c *Child, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		who := actor.From(ctx)
		if who.Role != actor.Parent {
			return fault.NotFound()
		}
		row, err := children.Find(ctx, tx, id)
		if err != nil {
			return err
		}
		c = &Child{Child: *row, Today: tx.Today()}
		if c.Mentor, err = children.MentorOf(ctx, tx, id); err != nil {
			return err
		}
		if c.Placements, err = children.Placements(ctx, tx, id); err != nil {
			return err
		}
		c.Placements = slices.DeleteFunc(c.Placements, func(p children.WholePlacement) bool { return p.CancelledAt != nil })
		ties, err := children.WithAuthority(ctx, tx, []ids.ID{id})
		if err != nil {
			return err
		}
		if c.Authority = slices.Contains(ties, children.Tie{PersonID: who.PersonID, ChildID: id}); !c.Authority {
			return nil
		}
		all, err := selectParticulars(ctx, tx, []ids.ID{id})
		if err != nil {
			return err
		}
		kept := all[id]
		c.Values = kept.values()
		if c.Contacts, err = selectContacts(ctx, tx, []ids.ID{id}); err != nil {
			return err
		}
		c.Requests, err = requestsOf(ctx, tx, id)
		return err
	})
	return c, err
}

// Card is what has to be known of a child, and whom to call.
type Card struct {
	Child    children.Named
	Values   Values
	Contacts []Contact
}

// Cards gives those of the children who are in a group of the actor today. It is noted for their guardians.
func (s *Service) Cards(ctx context.Context, group ids.ID) (g *children.Group, list []Card, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if g, err = children.MustWorkIn(ctx, tx, group); err != nil {
			return err
		}
		placed, err := children.InGroup(ctx, tx, group)
		if err != nil {
			return err
		}
		var about []children.Named
		for _, p := range placed {
			about = append(about, p.Named)
		}
		if list, err = cards(ctx, tx, about); err != nil {
			return err
		}
		return accesses.Record(ctx, tx, children.IDsOf(about), accesses.Card, group)
	})
	return g, list, err
}

// CardOf gives that of a child whose file the actor keeps.
func (s *Service) CardOf(ctx context.Context, child ids.ID) (card *Card, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		about, err := children.MustChange(ctx, tx, []ids.ID{child})
		if err != nil {
			return err
		}
		list, err := cards(ctx, tx, about)
		if err == nil {
			card = &list[0]
		}
		return err
	})
	return card, err
}

func cards(ctx context.Context, tx tenants.Reader, about []children.Named) ([]Card, error) {
	kept, err := selectParticulars(ctx, tx, children.IDsOf(about))
	if err != nil {
		return nil, err
	}
	contacts, err := selectContacts(ctx, tx, children.IDsOf(about))
	if err != nil {
		return nil, err
	}
	list := make([]Card, len(about))
	for i, child := range about {
		p := kept[child.ID]
		list[i] = Card{Child: child, Values: p.values()}
		for _, c := range contacts {
			if c.ChildID == child.ID {
				list[i].Contacts = append(list[i].Contacts, c)
			}
		}
	}
	return list, nil
}

// Whole is everything that this module keeps of a child, for who takes it home.
type Whole struct {
	Particulars *Particulars // nil for nothing
	Contacts    []Contact
	Requests    []Request // oldest first
}

// Everything gives what is kept of a child over whom person has parental authority; otherwise there is nothing in it.
func Everything(ctx context.Context, tx tenants.Reader, child, person ids.ID) (w Whole, err error) {
	if _, err := children.MustSee(ctx, tx, []ids.ID{child}); err != nil {
		return w, err
	}
	ties, err := children.WithAuthority(ctx, tx, []ids.ID{child})
	if err != nil || !slices.Contains(ties, children.Tie{PersonID: person, ChildID: child}) {
		return w, err
	}
	all, err := selectParticulars(ctx, tx, []ids.ID{child})
	if err != nil {
		return w, err
	}
	if p, kept := all[child]; kept {
		w.Particulars = &p
	}
	if w.Contacts, err = selectContacts(ctx, tx, []ids.ID{child}); err != nil {
		return w, err
	}
	w.Requests, err = selectRequests(ctx, tx, ofSubject(child))
	slices.Reverse(w.Requests)
	return w, err
}
