// Package locations tells guardians about the places where their children come: how to reach them, when they are open, and who works there.
package locations

import (
	"cmp"
	"context"
	"slices"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/agenda"
	"ouderportaal/modules/children"
	"ouderportaal/modules/photos"
	"ouderportaal/tenants"
)

// Service is what can be done with what is read of locations.
type Service struct {
	db     *tenants.DB
	store  blob.Store
	images photos.Images
}

// New keeps rows in db and pictures in store. images may be nil in a process that works off no media jobs.
func New(db *tenants.DB, store blob.Store, images photos.Images) *Service {
	return &Service{db: db, store: store, images: images}
}

// Place is a location of a guardian's children.
type Place struct {
	children.Location
	Cares    []children.LocationCare
	Children []children.Named // who come here, or will
	StartsOn tenants.Date     // when the first of them comes; empty: they come already
	Opening  Opening
	Special  []Special // days that are not as others, by day
	Team     []Colleague
}

// Special is a period that is not as others: closed, or open at times of its own.
type Special struct {
	First, Last tenants.Date
	From, To    string // 15:04; empty: closed
	Reason      string
}

// Today is when the place is open on a day: none when it is closed, or when nobody said.
func (p *Place) Today(on tenants.Date) []Times {
	for _, s := range p.Special {
		switch {
		case s.First > on || s.Last < on:
		case s.From == "":
			return nil
		default:
			return []Times{{Weekday: on.Weekday(), From: s.From, To: s.To}}
		}
	}
	return p.Opening.On(on.Weekday())
}

// Choice is one of the locations of a guardian.
type Choice struct {
	ID   ids.ID
	Name string
}

// Page is *Mijn locatie* of a guardian: one location, and which there are.
type Page struct {
	Today   tenants.Date
	Choices []Choice // by name
	Place   *Place   // nil: no child comes anywhere, now or later
}

// Open gives the page of the actor with a location of their children on it; Nil is the first. Any other location is NotFound.
func (s *Service) Open(ctx context.Context, id ids.ID) (*Page, error) {
	p := &Page{}
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		p.Today = tx.Today()
		if p.Choices, err = selectChoices(ctx, tx); err != nil {
			return err
		}
		switch {
		case id == ids.Nil && len(p.Choices) == 0:
			return nil
		case id == ids.Nil:
			id = p.Choices[0].ID
		case !slices.ContainsFunc(p.Choices, func(c Choice) bool { return c.ID == id }):
			return fault.NotFound()
		}
		p.Place, err = readPlace(ctx, tx, id)
		return err
	})
	return p, err
}

// mostSpecial is how many days that are not as others are told of at a time.
const mostSpecial = 12

// readPlace reads a location of which the caller has seen that it is the actor's.
func readPlace(ctx context.Context, tx tenants.Reader, id ids.ID) (*Place, error) {
	p := &Place{}
	if err := selectPlace(ctx, tx, p, id); err != nil {
		return nil, err
	}
	if err := p.fill(ctx, tx); err != nil {
		return nil, err
	}
	exceptions, err := selectExceptions(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	closures, err := agenda.Closures(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	for _, c := range closures {
		p.Special = append(p.Special, Special{First: c.FirstDay, Last: c.LastDay, Reason: c.Title})
	}
	for _, e := range exceptions {
		p.Special = append(p.Special, Special{First: e.OnDay, Last: e.OnDay, From: e.FromTime, To: e.ToTime, Reason: e.Reason})
	}
	slices.SortStableFunc(p.Special, func(a, b Special) int { return cmp.Compare(a.First, b.First) }) // closed goes before other times
	p.Special = p.Special[:min(len(p.Special), mostSpecial)]
	return p, nil
}

func (p *Place) fill(ctx context.Context, tx tenants.Reader) (err error) {
	if p.Cares, err = selectCares(ctx, tx, p.ID); err != nil {
		return err
	}
	if p.Children, p.StartsOn, err = selectComing(ctx, tx, p.ID); err != nil {
		return err
	}
	if p.Opening, err = selectOpening(ctx, tx, p.ID); err != nil {
		return err
	}
	p.Team, err = selectTeam(ctx, tx, children.Team(tx, actor.From(ctx)), p.ID)
	return err
}
