package imports

import (
	"ouderportaal/internal/sheet"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// entry is a row of a planning.
type entry struct {
	record
	number, given, family string
	born                  tenants.Date
	group                 *children.Group // nil: the row is about no placement
	starts, ends          tenants.Date
	days                  []day // times may be empty
	saidDays              bool
	mentor                string
	guardians             []*named

	kid  *kid
	stay *stay
}

// named is a guardian as a row names them.
type named struct {
	n                           int // first or second
	given, family, email, phone string
	kind                        children.Kind // empty: not said
	household                   int           // 0: not said
	who                         *somebody
}

func (g *named) field(f Field) Field { return ofGuardian(g.n, f) }
func (g *named) name() string        { return tidy(g.given + " " + g.family) }

// readEntry reads a row by itself; what rows say of each other comes later.
func readEntry(columns map[Field]int, row sheet.Row, line *Line, w *world) *entry {
	e := &entry{record: record{columns: columns, row: row, line: line}}
	e.number = e.label(number, maxNumber)
	e.required(givenName)
	e.given = e.name(givenName, maxName)
	e.family = e.record.family(prefix, familyName)
	line.Title = tidy(e.text(givenName) + " " + e.text(prefix) + " " + e.text(familyName))
	e.required(birthOn)
	e.born = parsed(&e.record, birthOn, parseDate)
	e.readPlacement(w)
	for n := range Most {
		e.readGuardian(n)
	}
	e.mentor = parsed(&e.record, mentor, parseEmail)
	return e
}

func (e *entry) readPlacement(w *world) {
	e.starts, e.ends = e.period()
	e.readDays()
	name := e.text(group)
	if name == "" {
		if e.starts != "" || e.ends != "" || e.saidDays {
			e.required(group)
		}
		return
	}
	e.required(startsOn)
	care := parsed(&e.record, careType, parseCare)
	e.group = w.findGroup(&e.record, e.text(location), name)
	if e.group == nil {
		return
	}
	if care != "" && care != e.group.CareType {
		e.refuse(careType, "imports.error.care_of_group", map[string]any{"Group": e.group.Name, "Care": string(e.group.CareType)})
	}
	if e.starts != "" && e.born != "" && e.starts < e.born {
		e.refuse(startsOn, "imports.error.starts_before_birth", nil)
	}
}

// readDays takes the column with all days, and the columns of each; times that stand in columns of their own are for all.
func (e *entry) readDays() {
	days := parsed(&e.record, weekdays, parseDays)
	for i, f := range dayFields {
		d, said, problem := parseDayCell(i+1, e.text(f))
		switch {
		case problem.any():
			e.refuse(f, problem.key, problem.args)
		case said && has(days, d.weekday):
			e.refuse(f, "imports.error.day_twice", nil)
		case said:
			days = append(days, d)
		}
	}
	if from, to := e.text(fromTime), e.text(toTime); from != "" && to != "" {
		from, to, problem := span(from, to)
		if problem.any() {
			e.refuse(fromTime, problem.key, problem.args)
		}
		for i := range days {
			if days[i].from == "" {
				days[i].from, days[i].to = from, to
			}
		}
	}
	e.days, e.saidDays = days, len(days) > 0
}

func has(days []day, weekday int) bool {
	for _, d := range days {
		if d.weekday == weekday {
			return true
		}
	}
	return false
}

func (e *entry) readGuardian(n int) {
	g := &named{n: n}
	said := false
	for _, f := range []Field{givenName, familyName, email, phone} {
		said = said || e.text(g.field(f)) != ""
	}
	if !said {
		return
	}
	e.required(g.field(givenName))
	g.given = e.name(g.field(givenName), maxName)
	g.family = e.record.family(g.field(prefix), g.field(familyName))
	g.email = parsed(&e.record, g.field(email), parseEmail)
	g.phone = parsed(&e.record, g.field(phone), parsePhone)
	g.kind = parsed(&e.record, g.field(tieKind), parseTie)
	g.household = parsed(&e.record, g.field(household), parseHousehold)
	e.guardians = append(e.guardians, g)
}
