package care

import (
	"context"
	"slices"

	"ouderportaal/internal/ids"
	"ouderportaal/modules/absences"
	"ouderportaal/modules/agenda"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// daysAhead is of how many days a group sees who is reported absent, today among them.
const daysAhead = 14

// Away is what a guardian reported of a child of a group.
type Away struct {
	Child children.Named
	absences.Absence
}

// Why names the reason.
func (a *Away) Why(ctx context.Context) string { return absences.ReasonWords(ctx, a.Reason) }

// Aways gives what was reported of the children of a group for days in the next two weeks on which they were to come there, by day.
// The caller has seen to it that the actor works there.
func Aways(ctx context.Context, tx tenants.Reader, group ids.ID, about []children.Placed) ([]Away, error) {
	from, to := tx.Today(), tx.Today().Add(daysAhead-1)
	names := map[ids.ID]children.Named{}
	childIDs := make([]ids.ID, len(about))
	for i, child := range about {
		childIDs[i], names[child.ID] = child.ID, child.Named
	}
	reported, err := absences.Between(ctx, tx, childIDs, from, to)
	if err != nil || len(reported) == 0 {
		return nil, err
	}
	comings, err := children.Comings(ctx, tx, childIDs, from, to)
	if err != nil {
		return nil, err
	}
	if comings, err = agenda.Open(ctx, tx, comings, from, to); err != nil {
		return nil, err
	}
	var list []Away
	for _, a := range reported {
		if slices.ContainsFunc(comings, func(c children.Coming) bool { return c.ChildID == a.ChildID && c.GroupID == group && a.Has(c.Day) }) {
			list = append(list, Away{names[a.ChildID], a})
		}
	}
	return list, nil
}
