package absences

import (
	"slices"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// run is days of care in a row that are reported at once.
type run struct{ first, last tenants.Date }

// runsOf puts the wanted days together: two are one run when no day of care between them is left out. cares are the days of
// care of one child, in order.
func runsOf(cares []tenants.Date, wanted func(tenants.Date) bool) []run {
	var runs []run
	going := false
	for _, day := range cares {
		switch {
		case !wanted(day):
			going = false
			continue
		case !going:
			runs = append(runs, run{day, day})
			going = true
		}
		runs[len(runs)-1].last = day
	}
	return runs
}

// book is what stands of one child while a report is worked into it.
type book struct {
	cares    []tenants.Date // days of care, in order, over all that stands
	standing []Absence
	gone     []Absence // of the kept ones, those that no longer stand
	fresh    map[ids.ID]bool
}

func newBook(cares []tenants.Date, standing []Absence) *book {
	return &book{cares: cares, standing: slices.Clone(standing), fresh: map[ids.ID]bool{}}
}

// added are the rows that are new, by day.
func (b *book) added() []Absence {
	var list []Absence
	for _, a := range b.standing {
		if b.fresh[a.ID] {
			list = append(list, a)
		}
	}
	slices.SortFunc(list, func(x, y Absence) int { return compare(x.FirstDay, y.FirstDay) })
	return list
}

func (b *book) add(a Absence) {
	b.fresh[a.ID] = true
	b.standing = append(b.standing, a)
}

// drop takes a row out of what stands. One that was made a moment ago leaves no trace.
func (b *book) drop(id ids.ID) {
	at := slices.IndexFunc(b.standing, func(a Absence) bool { return a.ID == id })
	if !b.fresh[id] {
		b.gone = append(b.gone, b.standing[at])
	}
	b.standing = slices.Delete(b.standing, at, at+1)
}

// meeting are the rows that have a day of care in a run.
func (b *book) meeting(r run) []Absence {
	var list []Absence
	for _, a := range b.standing {
		if a.FirstDay <= r.last && r.first <= a.LastDay {
			list = append(list, a)
		}
	}
	return list
}

// others are the rows of another reason that a run meets.
func (b *book) others(r run, reason Reason) []Absence {
	return slices.DeleteFunc(b.meeting(r), func(a Absence) bool { return a.Reason == reason })
}

// put works a new row into the book. With rows of the same reason that it joins it becomes one; of others its days are cut out.
// It tells false when all of it stood already, for the same reason and without anything to add.
func (b *book) put(a Absence) bool {
	met := b.meeting(run{a.FirstDay, a.LastDay})
	if !slices.ContainsFunc(b.cares, func(day tenants.Date) bool {
		return a.Has(day) && !slices.ContainsFunc(met, func(old Absence) bool { return old.Has(day) && old.says(&a) })
	}) {
		return false
	}
	whole := a
	for _, old := range met {
		switch {
		case old.Reason != a.Reason:
			b.cut(old, run{a.FirstDay, a.LastDay})
		case a.joins(&old):
			whole.FirstDay, whole.LastDay = min(whole.FirstDay, old.FirstDay), max(whole.LastDay, old.LastDay)
			if whole.Note == "" {
				whole.Note = old.Note
			}
			b.drop(old.ID)
		}
	}
	told := append(met, a)
	for _, piece := range b.pieces(whole, func(day tenants.Date) bool { // what was told in time stays so
		return !slices.ContainsFunc(told, func(t Absence) bool { return t.Has(day) && day > t.LateUntil })
	}) {
		b.add(piece)
	}
	return true
}

// says tells that a row says of its days already what a new one does: for the same reason, and in the same words of the same
// guardian where there are any.
func (a *Absence) says(fresh *Absence) bool {
	return a.Reason == fresh.Reason && (fresh.Note == "" || fresh.Note == a.Note && fresh.ReportedBy == a.ReportedBy)
}

// joins tells that a row of the same reason can be part of a new one, and nothing is lost of what either guardian wrote.
func (a *Absence) joins(old *Absence) bool {
	if a.ReportedBy == old.ReportedBy {
		return a.Note == "" || old.Note == "" || a.Note == old.Note
	}
	return a.Note == "" && old.Note == ""
}

// pieces parts a row so that in each the late days come first, as LateUntil says it.
func (b *book) pieces(whole Absence, late func(tenants.Date) bool) []Absence {
	var list []Absence
	for _, day := range b.cares {
		if !whole.Has(day) {
			continue
		}
		if last := len(list) - 1; last < 0 || late(day) && list[last].LateUntil != list[last].LastDay {
			piece := whole
			piece.ID, piece.FirstDay, piece.LateUntil = ids.New(), day, ""
			list = append(list, piece)
		}
		piece := &list[len(list)-1]
		if piece.LastDay = day; late(day) {
			piece.LateUntil = day
		}
	}
	return list
}

// cut takes days out of a row: what is left of it before and after stands by itself, as it was told.
func (b *book) cut(old Absence, out run) {
	b.drop(old.ID)
	for _, rest := range []run{{old.FirstDay, out.first.Add(-1)}, {out.last.Add(1), old.LastDay}} {
		for _, r := range runsOf(b.cares, func(day tenants.Date) bool { return rest.first <= day && day <= rest.last }) {
			left := old
			left.ID, left.FirstDay, left.LastDay = ids.New(), r.first, r.last
			if left.LateUntil < r.first {
				left.LateUntil = ""
			} else {
				left.LateUntil = min(left.LateUntil, r.last)
			}
			b.add(left)
		}
	}
}

func compare(a, b tenants.Date) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// said and named are arguments of a fault in the reader's language: "woensdag 2 december", "Mila en Finn".
type (
	said  tenants.Date
	named []string
)

func (d said) In(l *i18n.Localizer) string { return l.Date(i18n.Civil(string(d))) }

func (n named) In(l *i18n.Localizer) string { return l.List(n) }

// why is a reason in the reader's language.
type why Reason

func (w why) In(l *i18n.Localizer) string { return l.T("absences.reason." + string(w)) }

// LateUntil is the last day of which a report is too late now; empty when there is none. Every day before it is late too.
func (s *Settings) LateUntil(tx tenants.Reader) tenants.Date {
	for day := tx.Today().Add(longestLead + 1); day >= tx.Today().Add(-longestBack); day = day.Add(-1) {
		if tx.Now().After(s.Deadline(tx.Tenant(), day)) {
			return day
		}
	}
	return ""
}

// within says what is wrong with days that cannot be reported any more, or not yet.
func (s *Settings) within(tx tenants.Reader, d *Draft) error {
	var problems fault.Fields
	first, last := d.span()
	field := "days"
	if d.From != "" && (d.From == first || d.last() == last) {
		field = "from"
	}
	switch oldest := tx.Today().Add(-s.DaysBack); {
	case first < oldest && s.DaysBack == 0:
		problems.Add(field, "absences.error.past", map[string]any{"Day": said(first)})
	case first < oldest:
		problems.Add(field, "absences.error.past_from", map[string]any{"Day": said(first), "From": said(oldest)})
	case last > tx.Today().Add(MaxAhead):
		problems.Add(field, "absences.error.too_far", map[string]any{"Max": MaxAhead})
	}
	return problems.Err()
}
