package children

import (
	"context"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Service is what the rest of the program may ask about children.
type Service struct{ db *tenants.DB }

// New works on db.
func New(db *tenants.DB) *Service { return &Service{db: db} }

// Roster is a set of rows that belong together, such as an import brings. Every row carries the tenant of the writer.
type Roster struct {
	Locations     []Location
	Cares         []LocationCare
	Groups        []Group
	Children      []Child
	Guardianships []Guardianship
	Assignments   []Assignment
	Placements    []Placement
	PlacementDays []PlacementDay
	Mentorships   []Mentorship
}

// families are the children whose ties or placements are in the roster.
func (r Roster) families() []ids.ID {
	var list []ids.ID
	for _, g := range r.Guardianships {
		list = append(list, g.ChildID)
	}
	for _, p := range r.Placements {
		list = append(list, p.ChildID)
	}
	return list
}

// Add keeps the whole roster or nothing of it.
func (s *Service) Add(ctx context.Context, r Roster) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := insertRoster(ctx, tx, r); err != nil {
			return err
		}
		if err := TellChanged(ctx, tx, r.families()...); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "children.add", ids.Nil, map[string]any{"children": len(r.Children), "placements": len(r.Placements)})
	})
}

// Named is a child as lists show it.
type Named struct {
	ID        ids.ID `json:"id"`
	GivenName string `json:"name"`
	Face      int    `json:"face"`
}

// IDsOf gives the ids of the children, in their order.
func IDsOf(named []Named) []ids.ID {
	list := make([]ids.ID, len(named))
	for i, child := range named {
		list[i] = child.ID
	}
	return list
}

// MustSee answers NotFound unless the actor may know of every one of the children; it gives them by name, in the order asked.
func MustSee(ctx context.Context, tx tenants.Reader, childIDs []ids.ID) ([]Named, error) {
	return mustBe(ctx, tx, childIDs, VisibleTo(tx, actor.From(ctx)))
}

// MustKeep answers NotFound unless the actor may read the file of every one of the children, to keep it in order.
func MustKeep(ctx context.Context, tx tenants.Reader, childIDs []ids.ID) ([]Named, error) {
	return mustBe(ctx, tx, childIDs, ManagedBy(tx, actor.From(ctx)))
}

// MustChange answers NotFound unless the actor may change the file of every one of the children.
func MustChange(ctx context.Context, tx tenants.Reader, childIDs []ids.ID) ([]Named, error) {
	return mustBe(ctx, tx, childIDs, ChangedBy(tx, actor.From(ctx)))
}

// MustSeeIn is MustSee for what happens in a group: a child that is not in it today (see InGroup) is NotFound too.
func MustSeeIn(ctx context.Context, tx tenants.Reader, groupID ids.ID, childIDs []ids.ID) ([]Named, error) {
	return mustBe(ctx, tx, childIDs, VisibleTo(tx, actor.From(ctx)), inGroup(tx, groupID))
}

func mustBe(ctx context.Context, tx tenants.Reader, childIDs []ids.ID, within ...*bun.RawQuery) ([]Named, error) {
	seen, err := selectNamed(ctx, tx, childIDs, within...)
	if err != nil {
		return nil, err
	}
	byID := make(map[ids.ID]Named, len(seen))
	for _, child := range seen {
		byID[child.ID] = child
	}
	list := make([]Named, 0, len(childIDs))
	for _, id := range childIDs {
		child, ok := byID[id]
		if !ok {
			return nil, fault.NotFound()
		}
		list = append(list, child)
	}
	return list, nil
}

// SeenBy gives those of the children whom who may know of.
func SeenBy(ctx context.Context, tx tenants.Reader, who actor.Actor, childIDs []ids.ID) (map[ids.ID]bool, error) {
	seen, err := selectNamed(ctx, tx, childIDs, VisibleTo(tx, who))
	if err != nil {
		return nil, err
	}
	byID := make(map[ids.ID]bool, len(seen))
	for _, child := range seen {
		byID[child.ID] = true
	}
	return byID, nil
}

// NamedTo gives those of the children whom who may know of, by id.
func NamedTo(ctx context.Context, tx tenants.Reader, who actor.Actor, childIDs []ids.ID) (map[ids.ID]Named, error) {
	seen, err := selectNamed(ctx, tx, childIDs, VisibleTo(tx, who))
	if err != nil {
		return nil, err
	}
	byID := make(map[ids.ID]Named, len(seen))
	for _, child := range seen {
		byID[child.ID] = child
	}
	return byID, nil
}

// MustWorkIn answers NotFound unless the actor works with the group.
func MustWorkIn(ctx context.Context, tx tenants.Reader, groupID ids.ID) (*Group, error) {
	group := new(Group)
	err := tx.NewSelect().Model(group).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", groupID).
		Where("id IN (?)", GroupsOf(tx, actor.From(ctx))).Scan(ctx)
	if err != nil {
		return nil, missing(err, "children: select group")
	}
	return group, nil
}

// Workplace is a group with where it is and how many children are placed in it today.
type Workplace struct {
	ID           ids.ID
	Name         string
	Symbol       string
	LocationName string
	Children     int
}

// Workplaces lists the groups that the actor works with, by location and name.
func (s *Service) Workplaces(ctx context.Context) ([]Workplace, error) {
	var list []Workplace
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		list, err = selectWorkplaces(ctx, tx, GroupsOf(tx, actor.From(ctx)))
		return err
	})
	return list, err
}

// Placed is a child in a group today, or soon.
type Placed struct {
	Named
	BirthOn  tenants.Date
	StartsOn tenants.Date // first day in the group
	Later    bool         // that day is still to come
}

// InGroup lists the children whose placement in the group holds, by name, and after them those whose placement starts within
// two weeks, who may come to settle in.
func InGroup(ctx context.Context, tx tenants.Reader, groupID ids.ID) ([]Placed, error) {
	return selectPlaced(ctx, tx, groupID)
}

// GroupsByChild gives the groups that each child is in as InGroup tells, longest first; none for who has left, or starts later.
// The caller has asked whether the actor may know of the children.
func GroupsByChild(ctx context.Context, tx tenants.Reader, childIDs ...ids.ID) (map[ids.ID][]Group, error) {
	return selectGroupsByChild(ctx, tx, childIDs)
}

// Tie is one guardian of one child.
type Tie struct {
	PersonID ids.ID
	ChildID  ids.ID
}

// Guardians gives the ties that hold today and give a right to information, for any of the children.
func Guardians(ctx context.Context, tx tenants.Reader, childIDs []ids.ID) ([]Tie, error) {
	return selectTies(ctx, tx, childIDs, Authority, Information)
}

// HouseholdTie is a Tie with the household of the child that the guardian is of.
type HouseholdTie struct {
	Tie
	Household int
}

// HouseholdTies gives the ties of Guardians with their households, by household.
func HouseholdTies(ctx context.Context, tx tenants.Reader, childIDs []ids.ID) ([]HouseholdTie, error) {
	return selectHouseholdTies(ctx, tx, childIDs)
}

// WithAuthority gives the ties of parental authority that hold today, for any of the children.
func WithAuthority(ctx context.Context, tx tenants.Reader, childIDs []ids.ID) ([]Tie, error) {
	return selectTies(ctx, tx, childIDs, Authority)
}

// HoldAuthority is WithAuthority of one child; who has it, has it until the transaction ends.
func HoldAuthority(ctx context.Context, tx tenants.Writer, childID ids.ID) ([]Tie, error) {
	return tiesOf(ctx, tx.NewSelect().For("SHARE"), tx, []ids.ID{childID}, Authority)
}

// AuthorityTurned gives the children over whom somebody got or lost parental authority by the calendar, within so many days.
func AuthorityTurned(ctx context.Context, tx tenants.Reader, days int) ([]ids.ID, error) {
	return selectTurned(ctx, tx, days)
}
