// Package absences keeps on which days a child does not come, as its guardians reported it.
package absences

import (
	"slices"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/plaintext"
	"ouderportaal/tenants"
)

// Reason is why a child does not come. It is for who reported it and those who work with the child: other guardians are told that
// and when, and nobody is mailed it.
type Reason string

// The reasons, as they are kept.
const (
	Sick    Reason = "ziekte"
	Holiday Reason = "vakantie"
	Other   Reason = "overig"
)

// Reasons are those that are offered, in their order.
var Reasons = []Reason{Sick, Holiday, Other}

// Limits of a report.
const (
	MaxNote     = 500 // characters
	MaxChildren = 20
	MaxAhead    = 400 // days from today
	MaxDays     = 200 // days of one report, with and without care
	Shown       = 42  // days that the form shows to choose from
)

// Absence is a number of days of care in a row on which a child does not come. The standing ones of a child meet only where more
// was said of the same days for the same reason: by another guardian, or in another note.
type Absence struct {
	bun.BaseModel `bun:"table:absence"`
	TenantID      ids.ID       `bun:",pk,type:uuid"`
	ID            ids.ID       `bun:",pk,type:uuid"`
	ReportID      ids.ID       `bun:"type:uuid"` // what was sent at once about the child
	ChildID       ids.ID       `bun:"type:uuid"`
	FirstDay      tenants.Date `bun:"type:date"`
	LastDay       tenants.Date `bun:"type:date"`
	LateUntil     tenants.Date `bun:"type:date,nullzero"` // the last day of it that was told after the deadline
	Reason        Reason
	Note          string
	ReportedBy    ids.ID `bun:"type:uuid"`
	ReportedAt    time.Time
	WithdrawnAt   *time.Time
	WithdrawnBy   ids.ID `bun:"type:uuid,nullzero"`
	Replaced      bool   // other rows say now what holds of its days, wholly or in part
}

// Late tells that some of it was reported after the deadline.
func (a *Absence) Late() bool { return a.LateUntil != "" }

// Has tells that a day is within the absence.
func (a *Absence) Has(day tenants.Date) bool { return a.FirstDay <= day && day <= a.LastDay }

// Narrow leaves out of it what is not for a guardian: why another reported it, and in what words.
func (a *Absence) Narrow(guardian ids.ID) {
	if a.ReportedBy != guardian {
		a.Reason, a.Note = "", ""
	}
}

// Draft is what a guardian sent.
type Draft struct {
	FormKey  ids.ID // of the form it was written in: sent twice, it is carried out once
	ChildIDs []ids.ID
	Days     []tenants.Date // chosen one by one
	From, To tenants.Date   // a period beside them; both empty: none. An empty To is one day
	Reason   Reason
	Note     string
	Replace  bool         // also the days that were reported for another reason
	ToldLate tenants.Date // the last day of which the form said that it is too late to be in time
}

// Check tidies the draft, and says everything that is wrong with it by itself, at the field it is wrong in.
func (d *Draft) Check() error {
	var problems fault.Fields
	d.Note = plaintext.Of(d.Note)
	d.ChildIDs = ids.Once(d.ChildIDs)
	switch {
	case len(d.ChildIDs) == 0:
		problems.Add("children", "absences.error.children_required")
	case len(d.ChildIDs) > MaxChildren:
		problems.Add("children", "absences.error.children_too_many", map[string]any{"Max": MaxChildren})
	}
	d.checkDays(&problems)
	if !slices.Contains(Reasons, d.Reason) {
		problems.Add("reason", "absences.error.reason")
	}
	if utf8.RuneCountInString(d.Note) > MaxNote {
		problems.Add("note", "absences.error.note_too_long", map[string]any{"Max": MaxNote})
	}
	return problems.Err()
}

func (d *Draft) checkDays(problems *fault.Fields) {
	for _, day := range d.Days {
		if !day.Valid() {
			problems.Add("days", "absences.error.day")
			return
		}
	}
	slices.Sort(d.Days)
	d.Days = slices.Compact(d.Days)
	switch {
	case d.From == "" && d.To != "" || d.From != "" && !d.From.Valid():
		problems.Add("from", "absences.error.day")
	case d.To != "" && !d.To.Valid():
		problems.Add("to", "absences.error.day")
	case d.To != "" && d.To < d.From:
		problems.Add("to", "absences.error.end_first")
	case d.To != "" && d.From.Add(MaxDays) < d.To || len(d.Days) > MaxDays:
		problems.Add("to", "absences.error.too_long", map[string]any{"Max": MaxDays})
	case d.From == "" && len(d.Days) == 0:
		problems.Add("days", "absences.error.days_required")
	}
}

// last is the last day of the period; empty when there is none.
func (d *Draft) last() tenants.Date {
	if d.To == "" {
		return d.From
	}
	return d.To
}

func (d *Draft) wants(day tenants.Date) bool {
	return d.From != "" && d.From <= day && day <= d.last() || slices.Contains(d.Days, day)
}

// span is the first and the last day that the draft is about.
func (d *Draft) span() (first, last tenants.Date) {
	days := d.Days
	if d.From != "" {
		days = append(slices.Clone(days), d.From, d.last())
	}
	return slices.Min(days), slices.Max(days)
}

// Settings are an organisation's wishes about reports of absence.
type Settings struct {
	bun.BaseModel `bun:"table:absence_setting"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	DaysBefore    int    // local days between the deadline and the day that is reported
	UntilTime     string // time of the local day until which a report is in time, 15:04
	DaysBack      int    // how many days after a day a guardian may still report it
}

// The defaults of an organisation that never chose: until nine on the day itself, and nothing of what is over.
const (
	defaultUntil = "09:00"
	longestLead  = 30
	longestBack  = 14
)

// Check tells everything that is wrong with what was typed.
func (s *Settings) Check() error {
	var problems fault.Fields
	if s.DaysBefore < 0 || s.DaysBefore > longestLead {
		problems.Add("days_before", "absences.error.days_before", map[string]any{"Max": longestLead})
	}
	if at, err := time.Parse("15:04", s.UntilTime); err != nil {
		problems.Add("until_time", "absences.error.until_time")
	} else {
		s.UntilTime = at.Format("15:04")
	}
	if s.DaysBack < 0 || s.DaysBack > longestBack {
		problems.Add("days_back", "absences.error.days_back", map[string]any{"Max": longestBack})
	}
	return problems.Err()
}

// Deadline is until when a report of the day is in time. It is a time of a local day, also where clocks change between the two.
func (s *Settings) Deadline(in tenants.Tenant, day tenants.Date) time.Time {
	at, _ := time.ParseInLocation(time.DateOnly+" 15:04", string(day.Add(-s.DaysBefore))+" "+s.UntilTime, in.Location())
	return at
}

// Reported happens when a guardian reported a child absent, in one or more rows.
type Reported struct {
	ReportID ids.ID `json:"report_id"`
	ChildID  ids.ID `json:"child_id"`
}

// EventName names the event in the ledger.
func (Reported) EventName() string { return "absences.reported" }

// Withdrawn happens when the days of an absence that were still to come were taken back.
type Withdrawn struct {
	AbsenceID ids.ID `json:"absence_id"`
	ChildID   ids.ID `json:"child_id"`
}

// EventName names the event in the ledger.
func (Withdrawn) EventName() string { return "absences.withdrawn" }
