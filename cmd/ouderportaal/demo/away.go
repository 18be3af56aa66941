package demo

import (
	"ouderportaal/modules/absences"
	"ouderportaal/modules/agenda"
	"ouderportaal/tenants"
)

// namedFirst is how many children of a room are left alone: those whom the demo knows by name come when they come.
const namedFirst = 4

// sendHome chooses who is ill today: in each group the last who would come.
func (b *book) sendHome() {
	weekday := b.today.Weekday() % 7
	for _, r := range b.rooms {
		for i := len(r.pupils) - 1; i >= namedFirst; i-- {
			if p := r.pupils[i]; !p.favored && p.comes(r, b.today, weekday) && len(p.informed()) > 0 {
				p.away = b.today
				break
			}
		}
	}
}

// reportAbsences writes down who is ill today, and in each group one holiday that is still to come; of the children whom the demo
// knows by name one that is further away.
func (b *book) reportAbsences() {
	for _, r := range b.rooms {
		planned := false
		for i := len(r.pupils) - 1; i >= namedFirst; i-- {
			p := r.pupils[i]
			if len(p.informed()) == 0 {
				continue
			}
			if p.away != "" {
				b.reportAbsence(p, p.away, p.away, absences.Sick, "Verkouden en wat hangerig.")
				continue
			}
			if first, last := p.careBetween(r, b.today.Add(6), b.today.Add(17)); !planned && !p.favored && first != "" {
				b.reportAbsence(p, first, last, absences.Holiday, "")
				planned = true
			}
		}
		for _, p := range r.pupils {
			if first, last := p.careBetween(r, b.today.Add(30), b.today.Add(38)); p.favored && first != "" && len(p.informed()) > 0 {
				b.reportAbsence(p, first, last, absences.Holiday, "We zijn een week naar opa en oma.")
			}
		}
	}
}

// planAgenda puts in the agenda when everybody is closed, and what there is to do.
func (b *book) planAgenda() {
	closed := tenants.Date(b.today[:4] + "-12-25")
	if closed.Add(1) < b.today {
		closed = tenants.Date(b.at(30, 12, 0).Format("2006") + "-12-25")
	}
	b.planned = append(b.planned, agenda.Entry{TenantID: b.tenant.ID, ID: b.id(b.now), Kind: agenda.Closed, FirstDay: closed, LastDay: closed.Add(1), Title: "Kerst", Version: 1})
	for _, l := range b.roster.Locations {
		day := b.today.Add(13 - b.today.Weekday()) // Saturday next week
		b.planned = append(b.planned, agenda.Entry{TenantID: b.tenant.ID, ID: b.id(b.now), Kind: agenda.Activity, LocationID: l.ID, FirstDay: day, LastDay: day, FromTime: "10:00", ToTime: "12:00",
			Title: "Knutselochtend", Place: l.Name, Version: 1})
	}
}

func (b *book) reportAbsence(p *pupil, first, last tenants.Date, reason absences.Reason, note string) {
	at := b.at(-1, 19, 30)
	b.absent = append(b.absent, absences.Absence{TenantID: b.tenant.ID, ID: b.id(at), ReportID: b.id(at), ChildID: p.child.ID, FirstDay: first, LastDay: last,
		Reason: reason, Note: note, ReportedBy: p.informed()[0], ReportedAt: at})
}

// careBetween gives the first and the last day of a period on which the child comes to the room; empty when there is none.
func (p *pupil) careBetween(r *room, from, to tenants.Date) (first, last tenants.Date) {
	for day := from; day <= to; day = day.Add(1) {
		if p.comes(r, day, day.Weekday()%7) {
			if last = day; first == "" {
				first = day
			}
		}
	}
	return first, last
}
