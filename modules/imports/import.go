// Package imports takes in what an organisation keeps in a spreadsheet: its planning, its groups, its staff. It says row by
// row what would happen, and does exactly that or nothing.
package imports

import (
	"embed"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/ids"
)

// Policy holds the casbin lines of this module.
//
//go:embed policy.csv
var Policy string

// Locales holds the words of this module.
//
//go:embed locales/*.json
var Locales embed.FS

// State is how far an import is.
type State string

// An import is a draft while somebody looks at what it would do; then it is queued, running, and done or refused. Refused
// means that nothing was written, and why is in Refusal; it can be looked at again as a draft. A draft that nobody applies expires.
const (
	Draft   State = "draft"
	Queued  State = "queued"
	Running State = "running"
	Done    State = "done"
	Refused State = "refused"
	Expired State = "expired"
)

// Import is a file that somebody sent, what its columns mean, and what it would do or did.
type Import struct {
	bun.BaseModel `bun:"table:import_file"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	CreatedBy     ids.ID `bun:"type:uuid"`
	AppliedBy     ids.ID `bun:"type:uuid,nullzero"` // in whose name the changes are
	FileName      string
	State         State
	Kind          Kind
	Mapping       Mapping `bun:"type:jsonb"`
	Content       []byte  // of the file, until it is applied or expires
	Preview       []byte  // Preview as JSON, as long as Content
	Fingerprint   []byte  // of Preview: what is applied is what was seen
	Counts        Counts  `bun:"type:jsonb"`
	Written       int     // rows so far
	ToWrite       int
	Refusal       string // locale key
	CreatedAt     time.Time
	FinishedAt    *time.Time
}

const (
	// Kept is how long a file waits to be applied.
	Kept = 24 * time.Hour
	// Remembered is how long it can be seen that there was an import.
	Remembered = 90 * 24 * time.Hour
)

// Waiting tells that the import is on its way.
func (i *Import) Waiting() bool { return i.State == Queued || i.State == Running }

// Percent is how much is written.
func (i *Import) Percent() int {
	switch {
	case i.State == Done:
		return 100
	case i.ToWrite == 0:
		return 0
	}
	return min(99, 100*i.Written/i.ToWrite)
}

// Outcome is what an import does with a row.
type Outcome string

// The outcomes. A row with an error is left out.
const (
	IsNew       Outcome = "new"
	IsChanged   Outcome = "changed"
	IsUnchanged Outcome = "unchanged"
	IsWrong     Outcome = "wrong"
)

// Outcomes lists them in the order in which they are shown.
var Outcomes = []Outcome{IsWrong, IsNew, IsChanged, IsUnchanged}

// Counts are the rows by outcome, and how many of them have a warning.
type Counts struct {
	New       int `json:"new"`
	Changed   int `json:"changed"`
	Unchanged int `json:"unchanged"`
	Wrong     int `json:"wrong"`
	Warned    int `json:"warned"`
}

// Of is the number of rows with an outcome.
func (c Counts) Of(o Outcome) int {
	return map[Outcome]int{IsNew: c.New, IsChanged: c.Changed, IsUnchanged: c.Unchanged, IsWrong: c.Wrong}[o]
}

// Changes is the number of rows that would change something.
func (c Counts) Changes() int { return c.New + c.Changed }

// Rows is the number of rows.
func (c Counts) Rows() int { return c.New + c.Changed + c.Unchanged + c.Wrong }

func (c *Counts) add(l *Line) {
	switch l.Outcome {
	case IsNew:
		c.New++
	case IsChanged:
		c.Changed++
	case IsUnchanged:
		c.Unchanged++
	case IsWrong:
		c.Wrong++
	}
	if len(l.Warnings) > 0 && l.Outcome != IsWrong {
		c.Warned++
	}
}

// Preview is what an import would do, row by row.
type Preview struct {
	Columns []Heading `json:"columns"`
	Lines   []Line    `json:"lines"`
	Missing []Field   `json:"missing,omitempty"` // columns without which no row can be read
}

// Heading is a column of the file with the first thing that stands in it.
type Heading struct {
	Text   string `json:"text"`
	Sample string `json:"sample,omitempty"`
}

// Line is a row of the file and what happens with it.
type Line struct {
	Row      int       `json:"row"`
	Outcome  Outcome   `json:"outcome"`
	Title    string    `json:"title"`
	Subject  ids.ID    `json:"subject,omitzero"` // the child, person or group that the row was found to be about
	Changes  []Change  `json:"changes,omitempty"`
	Problems []Problem `json:"problems,omitempty"`
	Warnings []Problem `json:"warnings,omitempty"` // to be accepted
	Notes    []Problem `json:"notes,omitempty"`    // good to know
}

// Change is one thing that a row would add or change.
type Change struct {
	Field Field  `json:"field"`
	Of    string `json:"of,omitempty"`  // whose, when the row is about several
	Old   string `json:"old,omitempty"` // empty: there was nothing
	New   string `json:"new"`
	Added bool   `json:"added,omitempty"` // a child, a placement, a guardian that was not there
}

// Problem is something wrong with a row, or to look at twice, in words for an administrator.
type Problem struct {
	Cell  string         `json:"cell,omitempty"` // such as C12
	Value string         `json:"value,omitempty"`
	Key   string         `json:"key"`
	Args  map[string]any `json:"args,omitempty"`
}

// ImportQueued happens when somebody said that an import is to be carried out.
type ImportQueued struct {
	ImportID ids.ID `json:"import_id"`
}

// EventName names the event in the ledger.
func (ImportQueued) EventName() string { return "imports.import_queued" }
