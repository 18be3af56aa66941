package care

import (
	"context"
	"slices"
	"time"

	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/absences"
	"ouderportaal/tenants"
)

// Day is what is known of one child's day so far, by time.
type Day struct {
	ChildID ids.ID
	Records []Record
}

func add(days []Day, r Record) []Day {
	for i := range days {
		if days[i].ChildID == r.ChildID {
			days[i].Records = append(days[i].Records, r)
			return days
		}
	}
	return append(days, Day{ChildID: r.ChildID, Records: []Record{r}})
}

// Of gives the day of a child; nil when nothing is known of it.
func Of(days []Day, child ids.ID) *Day {
	for i := range days {
		if days[i].ChildID == child {
			return &days[i]
		}
	}
	return nil
}

// Stays gives when the child came first and left last. came is nil when it did not come, left while it is there.
func (d *Day) Stays() (came, left *time.Time) {
	for i := range d.Records {
		r := &d.Records[i]
		if r.Kind != Stay {
			continue
		}
		if came == nil {
			came = &r.BeganAt
		}
		left = r.EndedAt
	}
	return came, left
}

// Here gives since when the child is there without a break; nil when it is not.
func (d *Day) Here() *time.Time {
	for i := range d.Records {
		if r := &d.Records[i]; r.Kind == Stay && r.Open() {
			return &r.BeganAt
		}
	}
	return nil
}

// Line is one line of a day as it is told.
type Line struct {
	Kind  string // "arrive", "leave", or that of a record other than a Stay
	From  time.Time
	To    *time.Time // of what lasted
	Words string
	Lasts bool // it does still
}

// Lines tell the day by time: coming and leaving are moments.
func (d *Day) Lines(ctx context.Context) []Line {
	var list []Line
	for i := range d.Records {
		r := &d.Records[i]
		if r.Kind != Stay {
			list = append(list, Line{Kind: string(r.Kind), From: r.BeganAt, To: r.EndedAt, Words: r.Says(ctx), Lasts: r.Open()})
			continue
		}
		list = append(list, Line{Kind: "arrive", From: r.BeganAt, Words: i18n.T(ctx, "care.says.arrived")})
		if r.EndedAt != nil {
			list = append(list, Line{Kind: "leave", From: *r.EndedAt, Words: i18n.T(ctx, "care.says.left")})
		}
	}
	slices.SortStableFunc(list, func(a, b Line) int { return a.From.Compare(b.From) })
	return list
}

// State is where a child is, as its tile in the group says.
type State struct {
	ChildID     ids.ID `bun:"type:uuid"`
	Expected    string // from when by its placement today, as 15:04; empty: not today
	ArrivedAt   *time.Time
	LeftAt      *time.Time // nil while it is there
	AsleepSince *time.Time
	Absent      []absences.Absence `bun:"-"` // as guardians reported it for today, all for one reason; none: not
}

// Here tells that the child is in the group.
func (s State) Here() bool { return s.ArrivedAt != nil && s.LeftAt == nil }

// Away tells that the child was to come today and was reported absent, and has not come after all.
func (s State) Away() bool { return len(s.Absent) > 0 && s.Expected != "" && s.ArrivedAt == nil }

// Free tells that the child is not to come today and did not come either.
func (s State) Free() bool { return s.Expected == "" && s.ArrivedAt == nil }

// AbsentFor names why the child is Away.
func (s State) AbsentFor(ctx context.Context) string {
	return absences.ReasonWords(ctx, s.Absent[0].Reason)
}

// States gives where the children of a group are today. The caller has seen to it that the actor works there.
func States(ctx context.Context, tx tenants.Reader, group ids.ID, childIDs []ids.ID) (map[ids.ID]State, error) {
	list, err := selectStates(ctx, tx, group, childIDs)
	if err != nil {
		return nil, err
	}
	absent, err := absences.On(ctx, tx, childIDs, tx.Today())
	if err != nil {
		return nil, err
	}
	states := make(map[ids.ID]State, len(list))
	for _, s := range list {
		s.Absent = absent[s.ChildID]
		states[s.ChildID] = s
	}
	return states, nil
}
