package demo

import (
	"slices"
	"time"

	"ouderportaal/internal/ids"
	"ouderportaal/modules/care"
	"ouderportaal/modules/children"
	"ouderportaal/modules/diary"
	"ouderportaal/tenants"
)

// careDaysBack is how many days the demo knows when children came and what they slept and ate.
const careDaysBack = 7

// keepDays notes the days of everybody who came in the last week, today's as far as it has passed.
func (b *book) keepDays() {
	for back := careDaysBack; back >= 0; back-- {
		noon := b.at(-back, 12, 0).In(b.tenant.Location())
		on := tenants.Date(noon.Format(time.DateOnly))
		if closedOn[noon.Format("01-02")] {
			continue
		}
		for _, r := range b.rooms {
			for _, p := range r.pupils {
				if p.comes(r, on, int(noon.Weekday())) {
					b.keepDay(r, p, back, on)
				}
			}
		}
	}
}

// reportDays makes day reports of what was written about one child on a day of which the care is known.
func (b *book) reportDays() {
	type childDay struct {
		child ids.ID
		on    tenants.Date
	}
	cared, reported := map[childDay]diary.Facts{}, map[childDay]bool{}
	for _, r := range b.cared {
		of := childDay{r.ChildID, r.CareOn}
		cared[of] = append(cared[of], care.FactOf(r))
	}
	for i := range b.entries {
		e := &b.entries[i]
		of := childDay{e.Children[0].ID, b.tenant.DateOf(e.PublishedAt)}
		if e.Kind != diary.Report || e.FromHome || len(e.Children) > 1 || len(cared[of]) == 0 || reported[of] {
			continue
		}
		slices.SortStableFunc(cared[of], func(x, y care.Fact) int { return x.From.Compare(y.From) })
		e.Kind, e.Facts, reported[of] = diary.DayPost, cared[of], true
	}
}

// keepDay draws the same numbers at any hour of the day, so that the day goes on as it was when the demo is started anew.
func (b *book) keepDay(r *room, p *pupil, back int, on tenants.Date) {
	arrive, leave := 7*60+30+b.rng.IntN(75), 16*60+30+b.rng.IntN(80)
	switch r.care {
	case children.AfterSchool:
		arrive = 15*60 + b.rng.IntN(20)
	case children.Playgroup:
		arrive, leave = 8*60+25+b.rng.IntN(15), 12*60+b.rng.IntN(15)
	}
	note := func(kind care.Kind, from, to, amount int, choice, words string) {
		at := b.at(-back, 0, from)
		record := care.Record{TenantID: b.tenant.ID, ID: b.id(at), ChildID: p.child.ID, GroupID: r.row.ID, CareOn: on, Kind: kind, BeganAt: at,
			Amount: amount, Choice: choice, Words: words, Version: 1}
		if end := b.at(-back, 0, to); to > 0 && !end.After(b.now) {
			record.EndedAt = &end
		}
		author := r.staff[(from/60)%len(r.staff)]
		if !at.After(b.now) {
			b.cared, b.caredBy = append(b.cared, record), append(b.caredBy, author.ID)
		}
	}
	note(care.Stay, arrive, leave, 0, "", "")
	if r.care == children.AfterSchool {
		note(care.Food, 15*60+30+b.rng.IntN(10), 0, 0, "all", "Cracker en fruit")
		return
	}
	eaten := func() string { return care.Choices[care.Food][b.rng.IntN(3)] }
	note(care.Food, 9*60+40+b.rng.IntN(15), 0, 0, eaten(), "Fruit")
	if r.care == children.Playgroup {
		return
	}
	if b.small(p) {
		note(care.Bottle, 10*60+30+b.rng.IntN(20), 0, 150+10*b.rng.IntN(7), "", "")
		note(care.Bottle, 14*60+30+b.rng.IntN(20), 0, 150+10*b.rng.IntN(7), "", "")
	}
	note(care.Nappy, 11*60+10+b.rng.IntN(15), 0, 0, care.Choices[care.Nappy][b.rng.IntN(3)], "")
	note(care.Food, 11*60+45+b.rng.IntN(10), 0, 0, eaten(), "Brood")
	asleep := 12*60 + 25 + b.rng.IntN(15)
	note(care.Sleep, asleep, asleep+60+b.rng.IntN(50), 0, "", "")
	note(care.Nappy, 14*60+30+b.rng.IntN(20), 0, 0, care.Choices[care.Nappy][b.rng.IntN(2)], "")
	note(care.Food, 15*60+20+b.rng.IntN(15), 0, 0, eaten(), "Soepstengel")
	note(care.Mood, 16*60+b.rng.IntN(15), 0, 0, care.Choices[care.Mood][b.rng.IntN(3)], "")
}
