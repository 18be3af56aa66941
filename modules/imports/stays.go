package imports

import (
	"slices"
	"strconv"
	"strings"

	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// stay is a placement of the file.
type stay struct {
	*entry
	known *children.Placement // nil: new
	id    ids.ID
	ends  tenants.Date // as it will be
	days  []children.PlacementDay
}

// gatherStays finds out which placements are known: by group and first day, and one whose first day was moved by being
// the only one of the child in that group that no row is about.
func (p *planner) gatherStays() {
	for _, k := range p.kids {
		taken := map[ids.ID]bool{}
		for _, e := range k.entries {
			if e.group == nil || e.starts == "" || p.repeated(k, e) {
				continue
			}
			e.stay = &stay{entry: e, id: ids.New()}
			k.stays = append(k.stays, e.stay)
			for _, known := range p.placements[k.id] {
				if known.GroupID == e.group.ID && known.StartsOn == e.starts {
					e.stay.known = known
					taken[known.ID] = true
				}
			}
		}
		for _, s := range k.stays {
			if s.known == nil {
				s.known = p.moved(k, s, taken)
			}
			p.settle(s)
		}
	}
}

// repeated looks for another row about the same placement. When it says the same, the row is superfluous; else both are wrong.
func (p *planner) repeated(k *kid, e *entry) bool {
	for _, s := range k.stays {
		if s.group.ID != e.group.ID || s.starts != e.starts {
			continue
		}
		if s.entry.ends != e.ends || !slices.Equal(s.entry.days, e.days) {
			both(e, startsOn, s.entry, startsOn, "imports.error.placement_twice")
		} else {
			e.note(startsOn, "imports.note.same_placement", map[string]any{"Row": s.row.Number})
		}
		e.stay = s
		return true
	}
	return false
}

func (p *planner) moved(k *kid, s *stay, taken map[ids.ID]bool) *children.Placement {
	var found *children.Placement
	for _, known := range p.placements[k.id] {
		if known.GroupID != s.group.ID || taken[known.ID] {
			continue
		}
		if known.StartsOn <= p.today && !overlap(known.StartsOn, known.EndsOn, s.starts, s.entry.ends) {
			continue // it was, or is, another time in the same group
		}
		if found != nil {
			return nil
		}
		found = known
	}
	for _, other := range k.stays { // which of two rows would it be?
		if other != s && other.known == nil && other.group.ID == s.group.ID {
			return nil
		}
	}
	if found != nil {
		taken[found.ID] = true
	}
	return found
}

func overlap(from, to, otherFrom, otherTo tenants.Date) bool {
	return (to == "" || otherFrom <= to) && (otherTo == "" || from <= otherTo)
}

// settle says how the placement will be: what a row leaves out stays as it is, and is as usual where nothing is.
func (p *planner) settle(s *stay) {
	s.ends = s.entry.ends
	var before []children.PlacementDay
	if s.known != nil {
		s.id = s.known.ID
		before = p.days[s.id]
		if s.ends == "" {
			s.ends = s.known.EndsOn
		}
		if s.ends != "" && s.ends < s.starts {
			s.refuse(startsOn, "imports.error.starts_after_end", map[string]any{"Date": string(s.ends)})
		}
	}
	if !s.saidDays {
		s.days = before
		return
	}
	usual := p.hours[s.group.LocationID]
	for _, d := range s.entry.days {
		row := children.PlacementDay{TenantID: p.tenant, PlacementID: s.id, Weekday: d.weekday, FromTime: d.from, ToTime: d.to}
		if d.from == "" {
			row.FromTime, row.ToTime = usual.Opens, usual.ClosesAt
			for _, b := range before {
				if b.Weekday == d.weekday {
					row.FromTime, row.ToTime = b.FromTime, b.ToTime
				}
			}
		}
		s.days = append(s.days, row)
	}
	slices.SortFunc(s.days, byWeekday)
	slices.SortFunc(before, byWeekday)
}

func byWeekday(a, b children.PlacementDay) int { return a.Weekday - b.Weekday }

// touched tells whether the row changes anything of the placement.
func (p *planner) touched(s *stay) bool {
	return s.known == nil || s.known.StartsOn != s.starts || s.known.EndsOn != s.ends || !slices.Equal(s.days, p.days[s.id])
}

// checkStays holds new and changed placements against the other ones of the child and the ages of their group. What is in
// the database already is not complained of.
func (p *planner) checkStays() {
	for _, k := range p.kids {
		for i, s := range k.stays {
			if s.wrong() || !p.touched(s) {
				continue
			}
			for j, other := range k.stays {
				if j != i && !other.wrong() && clash(s, other.group.ID, other.group.CareType, other.starts, other.ends, other.days) {
					both(s.entry, startsOn, other.entry, startsOn, "imports.error.overlap_row")
				}
			}
			for _, known := range p.placements[k.id] {
				if !mentioned(k, known.ID) && clash(s, known.GroupID, known.CareType, known.StartsOn, known.EndsOn, p.days[known.ID]) {
					s.refuse(startsOn, "imports.error.overlap", map[string]any{"Group": p.groupName(known.GroupID), "Date": string(known.StartsOn)})
				}
			}
			if closed := s.group.ClosedOn; closed != "" && (s.ends == "" || s.ends > closed) {
				s.refuse(group, "imports.error.group_closed", map[string]any{"Group": s.group.Name, "Date": string(closed)})
			}
			p.checkAge(s)
		}
	}
}

func mentioned(k *kid, placement ids.ID) bool {
	return slices.ContainsFunc(k.stays, func(s *stay) bool { return s.id == placement && !s.wrong() })
}

func (p *planner) groupName(id ids.ID) string {
	for _, list := range p.groups {
		for _, g := range list {
			if g.ID == id {
				return g.Name
			}
		}
	}
	return ""
}

// clash tells whether a child would be expected in two places at once for the same care, or twice in one. A playgroup in the
// morning of a day in day care is no clash.
func clash(s *stay, group ids.ID, care children.CareType, starts, ends tenants.Date, days []children.PlacementDay) bool {
	if s.group.CareType != care || !overlap(s.starts, s.ends, starts, ends) {
		return false
	}
	if s.group.ID == group && (len(s.days) == 0 || len(days) == 0) {
		return true
	}
	for _, a := range s.days {
		for _, b := range days {
			if a.Weekday == b.Weekday && a.FromTime < b.ToTime && b.FromTime < a.ToTime {
				return true
			}
		}
	}
	return false
}

func (p *planner) checkAge(s *stay) {
	from, to := s.group.FromAgeMonths, s.group.ToAgeMonths
	args := map[string]any{"Group": s.group.Name, "From": years(from), "To": years(to)}
	if age := months(s.born, s.starts); age < from || age >= to {
		s.warn(startsOn, "imports.warning.age", args)
		return
	}
	if s.ends != "" && months(s.born, s.ends.Add(-1)) >= to {
		s.warn(endsOn, "imports.warning.age_end", args)
	}
}

// years is a number of months as people say an age: 2, 2½, 2+3/12 is 27 months.
func years(months int) string {
	switch months % 12 {
	case 0:
		return strconv.Itoa(months / 12)
	case 6:
		return strings.TrimPrefix(strconv.Itoa(months/12), "0") + "½"
	}
	return strconv.Itoa(months/12) + "+" + strconv.Itoa(months%12) + "/12"
}

func (p *planner) takeStay(e *entry) {
	s := e.stay
	c := &p.care
	switch {
	case s.known == nil:
		p.touch(e.kid.id, aPlacement)
		e.line.Changes = append(e.line.Changes, Change{Field: aPlacement, Of: string(s.starts), New: s.group.Name, Added: true})
		c.Added.Placements = append(c.Added.Placements, children.Placement{TenantID: p.tenant, ID: s.id, ChildID: e.kid.id, GroupID: s.group.ID,
			CareType: s.group.CareType, StartsOn: s.starts, EndsOn: s.ends})
	case s.known.StartsOn != s.starts || s.known.EndsOn != s.ends:
		row := *s.known
		row.StartsOn, row.EndsOn = s.starts, s.ends
		c.Placements = append(c.Placements, row)
		if s.known.StartsOn != s.starts {
			p.touch(e.kid.id, startsOn)
			e.changed(startsOn, "", string(s.known.StartsOn), string(s.starts))
		}
		if s.known.EndsOn != s.ends {
			p.touch(e.kid.id, endsOn)
			e.changed(endsOn, "", string(s.known.EndsOn), string(s.ends))
		}
	}
	if before := p.days[s.id]; !slices.Equal(s.days, before) {
		if s.known != nil {
			p.touch(e.kid.id, weekdays)
			e.changed(weekdays, "", daysText(before), daysText(s.days))
			c.NewDays = append(c.NewDays, s.id)
		}
		c.Added.PlacementDays = append(c.Added.PlacementDays, s.days...)
	}
}

// daysText names days by their ISO numbers, for the page to put into words: "1 07:30-18:00, 3 08:00-12:00".
func daysText(days []children.PlacementDay) string {
	parts := make([]string, len(days))
	for i, d := range days {
		parts[i] = strconv.Itoa(d.Weekday) + " " + d.FromTime + "-" + d.ToTime
	}
	return strings.Join(parts, ", ")
}
