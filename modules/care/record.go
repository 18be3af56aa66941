// Package care keeps what a child's day in a group was made of: when it was there, slept, ate and so on.
package care

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/plaintext"
	"ouderportaal/tenants"
)

// Kind tells what a record is of.
type Kind string

// A Stay and a Sleep last, and are open while they do; the others are a moment.
const (
	Stay        Kind = "stay"
	Sleep       Kind = "sleep"
	Food        Kind = "food"
	Bottle      Kind = "bottle"
	Nappy       Kind = "nappy"
	Mood        Kind = "mood"
	Temperature Kind = "temperature"
	Note        Kind = "note"
)

// Noted are the kinds that staff write down, in the order in which they are offered. A Stay comes from arriving.
var Noted = []Kind{Food, Sleep, Bottle, Nappy, Mood, Temperature, Note}

// Lasts tells whether a record of the kind has an end.
func (k Kind) Lasts() bool { return k == Stay || k == Sleep }

// Choices are what can be said of a kind that has a few answers, in the order in which they are offered.
var Choices = map[Kind][]string{
	Food:  {"all", "most", "some", "none"},
	Nappy: {"wet", "dirty", "both", "dry"},
	Mood:  {"happy", "calm", "busy", "tired", "sad"},
}

// Limits of a record. Amounts outside them are slips of the finger.
const (
	MaxWords    = 500 // characters
	MaxChildren = 60
	minBottle   = 5 // millilitres
	maxBottle   = 400
	minTenths   = 340 // of a degree Celsius
	maxTenths   = 430
	// DaysBack is how many days after a day what was noted of it can still be put right, and what was forgotten added.
	DaysBack = 7
)

// Record is one thing of one child's day, as it holds now.
type Record struct {
	bun.BaseModel `bun:"table:care_record"`
	TenantID      ids.ID       `bun:",pk,type:uuid"`
	ID            ids.ID       `bun:",pk,type:uuid"`
	ChildID       ids.ID       `bun:"type:uuid"`
	GroupID       ids.ID       `bun:"type:uuid"`
	CareOn        tenants.Date `bun:"type:date"`
	Kind          Kind
	BeganAt       time.Time
	EndedAt       *time.Time // of what lasts; nil: it does still
	Amount        int        // millilitres of a Bottle, tenths of a degree Celsius of a Temperature
	Choice        string
	Words         string
	Version       int
	WithdrawnAt   *time.Time
}

// Open tells that the record lasts at this moment.
func (r *Record) Open() bool { return r.Kind.Lasts() && r.EndedAt == nil }

// Change is one form that a record had.
type Change struct {
	bun.BaseModel `bun:"table:care_change"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	RecordID      ids.ID `bun:",pk,type:uuid"`
	Version       int    `bun:",pk"`
	ActionID      ids.ID `bun:"type:uuid"`
	BeganAt       time.Time
	EndedAt       *time.Time
	Amount        int
	Choice        string
	Words         string
	Withdrawn     bool
	ChangedAt     time.Time
	ChangedBy     ids.ID `bun:"type:uuid"`
}

// Draft is what somebody typed about one or more children.
type Draft struct {
	FormKey  ids.ID // of the form it was written in: sent twice, it is kept once
	GroupID  ids.ID
	ChildIDs []ids.ID
	On       tenants.Date // the day that it was on; empty: today. A record keeps the day that it has
	Kind     Kind
	From, To string // times of that day as 15:04; To may be empty today, and is left out of what takes no time
	Amount   string // "180", "37,8"
	Choice   string
	Words    string
}

var clockTime = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`)

// Check tidies the draft, drops what its kind does not have, and says everything that is wrong with it by itself.
func (d *Draft) Check() error {
	var problems fault.Fields
	d.ChildIDs = ids.Once(d.ChildIDs)
	switch {
	case len(d.ChildIDs) == 0:
		problems.Add("children", "care.error.children_required")
	case len(d.ChildIDs) > MaxChildren:
		problems.Add("children", "care.error.children_too_many", map[string]any{"Max": MaxChildren})
	}
	if !slices.Contains(Noted, d.Kind) {
		problems.Add("kind", "care.error.kind")
	}
	d.check(&problems)
	return problems.Err()
}

// check looks at what a record of the kind holds.
func (d *Draft) check(problems *fault.Fields) {
	d.From, d.To, d.Words, d.Amount = strings.TrimSpace(d.From), strings.TrimSpace(d.To), plaintext.Of(d.Words), strings.TrimSpace(d.Amount)
	if !d.Kind.Lasts() {
		d.To = ""
	}
	if !clockTime.MatchString(d.From) {
		problems.Add("from", "care.error.time")
	}
	if d.To != "" && !clockTime.MatchString(d.To) {
		problems.Add("to", "care.error.time")
	} else if d.To != "" && d.To < d.From || d.To != "" && d.To == d.From && d.Kind == Sleep {
		problems.Add("to", "care.error.end_first")
	}
	switch d.Kind {
	case Bottle:
		if n := d.amount(); n < minBottle || n > maxBottle {
			problems.Add("amount", "care.error.bottle", map[string]any{"Min": minBottle, "Max": maxBottle})
		}
	case Temperature:
		if n := d.amount(); n < minTenths || n > maxTenths {
			problems.Add("amount", "care.error.temperature", map[string]any{"Min": minTenths / 10, "Max": maxTenths / 10})
		}
	default:
		d.Amount = ""
	}
	if choices, few := Choices[d.Kind]; !few {
		d.Choice = ""
	} else if !slices.Contains(choices, d.Choice) {
		problems.Add("choice", "care.error.choice")
	}
	switch n := utf8.RuneCountInString(d.Words); {
	case d.Kind == Note && n == 0:
		problems.Add("words", "care.error.words_required")
	case n > MaxWords:
		problems.Add("words", "care.error.words_too_long", map[string]any{"Max": MaxWords})
	}
}

// amount reads "180" of a bottle and "37,8" or "37.8" of a temperature; -1 is not an amount.
func (d *Draft) amount() int {
	text := strings.Replace(d.Amount, ",", ".", 1)
	if d.Kind == Temperature {
		whole, part, _ := strings.Cut(text, ".")
		if len(part) > 1 {
			return -1
		}
		text = whole + (part + "0")[:1]
	}
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil || d.Amount == "" {
		return -1
	}
	return int(n)
}

// Recorded happens when records of a group were made, changed or withdrawn, all by one action.
type Recorded struct {
	ActionID ids.ID `json:"action_id"`
	GroupID  ids.ID `json:"group_id"`
}

// EventName names the event in the ledger.
func (Recorded) EventName() string { return "care.recorded" }
