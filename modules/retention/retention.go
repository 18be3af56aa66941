// Package retention is how long an organisation keeps what there is of a child after its last day of care: the periods, which it chooses
// itself; the files that it keeps longer, and why; and that guardians are told to take everything along before a period ends.
package retention

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/plaintext"
	"ouderportaal/modules/children"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

// Terms are the periods of an organisation.
type Terms struct {
	bun.BaseModel `bun:"table:retention_setting"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	FileMonths    int    // after the last day of care: photos, diary, messages, answers and the rest of the file
	OfficeYears   int    // placements and lists of presence
	NoticeDays    int    // how long before the end guardians are told to take everything along
	Offers        bool   // whether they are told
	Version       int    // counts changes; 0: never chosen
}

// What can be chosen.
const (
	MaxFileMonths  = 120
	MaxOfficeYears = 15
	MinNoticeDays  = 14
	MaxNoticeDays  = 180
)

// How long the portal keeps what is no part of a child's file.
const (
	NewsDays     = notifications.KeepDays
	ChangesYears = audit.KeepYears
)

// defaults are those of the trade: two years, and seven for what the tax office may ask for. Nobody gets a mail that nobody chose.
func defaults() Terms { return Terms{FileMonths: 24, OfficeYears: 7, NoticeDays: 60} }

// Check tells everything that is wrong with what was typed.
func (t *Terms) Check() error {
	var problems fault.Fields
	within := func(field string, n, from, to int) {
		if n < from || n > to {
			problems.Add(field, "retention.error.number", map[string]any{"Min": from, "Max": to})
		}
	}
	within("file_months", t.FileMonths, 1, MaxFileMonths)
	within("office_years", t.OfficeYears, 1, MaxOfficeYears)
	within("notice_days", t.NoticeDays, MinNoticeDays, MaxNoticeDays)
	return problems.Err()
}

// fit tells, at what was changed since before, that guardians would have more time to take everything along than the file is kept.
func (t *Terms) fit(before Terms) error {
	if t.NoticeDays <= shortest(t.FileMonths) {
		return nil
	}
	var problems fault.Fields
	if t.NoticeDays != before.NoticeDays {
		problems.Add("notice_days", "retention.error.notice_long", map[string]any{"Max": shortest(t.FileMonths)})
		return problems.Err()
	}
	months := t.FileMonths + 1
	for shortest(months) < t.NoticeDays {
		months++
	}
	problems.Add("file_months", "retention.error.file_short", map[string]any{"Min": months, "Days": t.NoticeDays})
	return problems.Err()
}

// shortest is how many days so many months have at least: those from a February on.
func shortest(months int) int {
	const from tenants.Date = "2027-02-01"
	return int(i18n.Civil(string(addMonths(from, months))).Sub(i18n.Civil(string(from))).Hours() / 24)
}

// ends is the day until which the file is kept of a child whose last day of care was last: the same day of the month, or the last one of
// a month that is shorter.
func (t *Terms) ends(last tenants.Date) tenants.Date { return addMonths(last, t.FileMonths) }

// nearly is the latest last day of care of which the period ends within the notice. It may be some days late: months differ.
func (t *Terms) nearly(today tenants.Date) tenants.Date {
	return addMonths(today.Add(t.NoticeDays), -t.FileMonths).Add(3)
}

func addMonths(day tenants.Date, n int) tenants.Date {
	at, err := time.Parse(time.DateOnly, string(day))
	if err != nil {
		return day
	}
	first := time.Date(at.Year(), at.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	length := first.AddDate(0, 1, -1).Day()
	return tenants.Date(first.AddDate(0, 0, min(at.Day(), length)-1).Format(time.DateOnly))
}

// Hold keeps a file longer than its period.
type Hold struct {
	bun.BaseModel `bun:"table:retention_hold,alias:h"`
	TenantID      ids.ID       `bun:",pk,type:uuid"`
	ID            ids.ID       `bun:",pk,type:uuid"`
	ChildID       ids.ID       `bun:"type:uuid"`
	UntilOn       tenants.Date `bun:"type:date"` // the last day on which it holds
	Reason        string
	HeldBy        ids.ID `bun:"type:uuid"`
	HeldAt        time.Time
	EndedBy       ids.ID     `bun:"type:uuid,nullzero"`
	EndedAt       *time.Time `bun:",nullzero"`
	By            string     `bun:"-"` // the name of who did it
}

// MaxReason is how many letters a reason may have.
const MaxReason = 300

// maxHold is how far ahead a file can be held, in days: a hold is looked at again at some time.
const maxHold = 3660

// HoldDraft is what somebody typed. Seen is the hold that they saw, if any.
type HoldDraft struct {
	ChildID ids.ID
	UntilOn tenants.Date
	Reason  string
	Seen    ids.ID
}

// check tidies the draft and tells everything that is wrong with it. The file is kept until kept without a hold: one that is shorter
// holds nothing, and whoever asks for it is mistaken.
func (d *HoldDraft) check(ctx context.Context, today, kept tenants.Date) error {
	var problems fault.Fields
	switch {
	case !d.UntilOn.Valid():
		problems.Add("until_on", "retention.error.day")
	case d.UntilOn <= today || d.UntilOn > today.Add(maxHold):
		problems.Add("until_on", "retention.error.until")
	case d.UntilOn <= kept:
		problems.Add("until_on", "retention.error.kept", map[string]any{"Day": i18n.CivilLongDate(ctx, string(kept))})
	}
	switch d.Reason = strings.TrimSpace(plaintext.Of(d.Reason)); {
	case d.Reason == "":
		problems.Add("reason", "retention.error.reason")
	case utf8.RuneCountInString(d.Reason) > MaxReason:
		problems.Add("reason", "retention.error.reason_long", map[string]any{"Max": MaxReason})
	}
	return problems.Err()
}

// Notice is that the guardians of a child were told to take everything along.
type Notice struct {
	bun.BaseModel `bun:"table:retention_notice"`
	TenantID      ids.ID       `bun:",pk,type:uuid"`
	ChildID       ids.ID       `bun:",pk,type:uuid"`
	UntilOn       tenants.Date `bun:",pk,type:date"` // the file is kept until that day at least: it was promised
	OfferedAt     time.Time
}

// Unheard says why no guardian of a child can be told anything; empty: somebody can.
type Unheard string

// Why not: of all guardians what comes nearest to being told.
const (
	NoGuardian Unheard = "guardian" // nobody has authority or a right to information
	NoAccount  Unheard = "account"  // none of them has an account and an address
	NoMail     Unheard = "mail"     // no mail arrives at their addresses
)

// Stage says where the file of a child who left stands.
type Stage string

// The stages of a file: its period goes on, ends within the notice, is over, or the file is held beyond it.
const (
	Running Stage = "running"
	Ending  Stage = "ending"
	Over    Stage = "over"
	Held    Stage = "held"
)

// File is what is kept of a child who left, until when.
type File struct {
	children.Left
	EndsOn tenants.Date // the last day on which it is kept
	Hold   *Hold        // that is in force today; it makes a difference in the stage Held
	Notice *Notice      // the newest
	Stage  Stage
	Due    bool         // the guardians are to be told now: the end is near, and nobody told them of it
	Missed bool         // they were told, and none of them heard; looked up where it matters
	missed []ids.ID     // of a file that is Due because some of them did not hear: who
	kept   tenants.Date // the last day on which it is kept without the hold
}

// fileOf reckons until when a file is kept: its period, what was promised, and what holds it, whichever is latest.
func fileOf(t *Terms, left children.Left, hold *Hold, notice *Notice, today tenants.Date) File {
	f := File{Left: left, kept: t.ends(left.LastOn), Notice: notice, Stage: Running}
	if notice != nil {
		f.kept = max(f.kept, notice.UntilOn)
	}
	f.EndsOn = f.kept
	if hold != nil && hold.UntilOn >= today {
		f.Hold, f.EndsOn = hold, max(f.EndsOn, hold.UntilOn)
	}
	switch {
	case f.Hold != nil && f.Hold.UntilOn > t.ends(left.LastOn):
		f.Stage = Held
	case f.EndsOn < today:
		f.Stage = Over
	case f.EndsOn <= today.Add(t.NoticeDays):
		f.Stage = Ending
	}
	f.Due = t.Offers && f.EndsOn <= today.Add(t.NoticeDays) && (notice == nil || notice.UntilOn < f.EndsOn)
	return f
}
