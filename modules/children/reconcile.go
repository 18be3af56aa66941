package children

import (
	"context"
	"errors"
	"slices"

	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Everything is what an organisation knows of its children and places, for an import that compares it with a file. Placements
// are those that were not cancelled, mentorships those that are open; days, ties and assignments are all that ever were.
type Everything struct {
	Roster
	Hours []Hours
}

// Hours are when a location opens and closes, as 07:30.
type Hours struct {
	LocationID      ids.ID `bun:"type:uuid"`
	Opens, ClosesAt string
}

// ReadEverything reads it. An organisation with 5,000 children is some 50,000 rows.
func ReadEverything(ctx context.Context, tx tenants.Reader) (*Everything, error) {
	return selectEverything(ctx, tx)
}

// Corrections are rows that are to be as they are given here, and rows to add.
type Corrections struct {
	Added Roster
	// Of these rows the columns that are named are written: names and birthday of a child; kind and household of a tie; start
	// and end of a placement; the person of a mentorship and its end; the address of a location; ages of a group; a registration.
	Children      []Child
	Guardianships []Guardianship
	Placements    []Placement
	Mentorships   []Mentorship
	Locations     []Location
	Groups        []Group
	Cares         []LocationCare
	Assignments   []Assignment
	// NewDays are placements whose days are replaced by those that are added.
	NewDays []ids.ID
}

// Families are the children whose ties, placements or selves are corrected or added.
func (c *Corrections) Families() []ids.ID {
	list := c.Added.families()
	for _, row := range c.Children {
		list = append(list, row.ID)
	}
	for _, row := range c.Guardianships {
		list = append(list, row.ChildID)
	}
	for _, row := range c.Placements {
		list = append(list, row.ChildID)
	}
	return list
}

// Rows is the number of rows that Correct writes.
func (c *Corrections) Rows() int {
	a := c.Added
	return len(a.Locations) + len(a.Cares) + len(a.Groups) + len(a.Children) + len(a.Guardianships) + len(a.Assignments) + len(a.Placements) +
		len(a.PlacementDays) + len(a.Mentorships) + len(c.Children) + len(c.Guardianships) + len(c.Placements) + len(c.Mentorships) +
		len(c.Locations) + len(c.Groups) + len(c.Cares) + len(c.Assignments)
}

// Lock keeps others from changing the rows to be corrected before the transaction ends, so that what is read after it stays true.
func (c *Corrections) Lock(ctx context.Context, tx tenants.Writer) error {
	locked := map[string][]ids.ID{}
	for _, row := range c.Children {
		locked["child"] = append(locked["child"], row.ID)
	}
	for _, row := range c.Guardianships {
		locked["guardianship"] = append(locked["guardianship"], row.ID)
	}
	for _, row := range c.Placements {
		locked["placement"] = append(locked["placement"], row.ID)
	}
	locked["placement"] = append(locked["placement"], c.NewDays...)
	for _, row := range c.Mentorships {
		locked["mentorship"] = append(locked["mentorship"], row.ID)
	}
	// Always in the same order, so that two imports wait for each other and do not lock each other out.
	for _, table := range []string{"child", "guardianship", "mentorship", "placement"} {
		list := locked[table]
		slices.SortFunc(list, compareIDs)
		if err := lockRows(ctx, tx, table, slices.Compact(list)); err != nil {
			return err
		}
	}
	return nil
}

// ErrChanged says that a row that was to be corrected is gone, or a tie blocked.
var ErrChanged = errors.New("children: rows to correct are not there any more")

// Correct writes all of it within tx, unless that is more children than the organisation may have (ErrFull), and calls wrote with the number of rows after each part.
func Correct(ctx context.Context, tx tenants.Writer, c *Corrections, wrote func(rows int)) error {
	if err := mustHaveRoom(ctx, tx, len(c.Added.Children)); err != nil {
		return err
	}
	if err := correctRows(ctx, tx, c, wrote); err != nil {
		return err
	}
	return TellChanged(ctx, tx, c.Families()...)
}
