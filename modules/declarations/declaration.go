// Package declarations keeps what an organisation has guardians declare about a child: texts with fields to fill in, who has to, what
// they filled in, with its history, and whom to remind.
package declarations

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/plaintext"
)

// Answerers says whose answers it takes.
type Answerers string

// One guardian with parental authority is enough; or Every one of them has to answer.
const (
	One   Answerers = "one"
	Every Answerers = "every"
)

// Audience is about which children a declaration is.
type Audience string

// The audiences: every child, or those placed at some locations or in some groups.
const (
	All       Audience = "all"
	Locations Audience = "locations"
	Groups    Audience = "groups"
)

// Kind is how a field is filled in.
type Kind string

// The kinds. A File is a photo or a PDF. A Signature is the name of who signs, typed by somebody who has just proved who they are.
const (
	Choice    Kind = "choice"
	Choices   Kind = "choices"
	Line      Kind = "line"
	Text      Kind = "text"
	Date      Kind = "date"
	File      Kind = "file"
	Signature Kind = "signature"
)

// Kinds lists the kinds in the order in which they are offered.
var Kinds = []Kind{Choice, Choices, Line, Text, Date, File, Signature}

// Offers tells whether the kind has options to choose from.
func (k Kind) Offers() bool { return k == Choice || k == Choices }

// Field is one thing to fill in.
type Field struct {
	Key      string   `json:"key"` // stays the same in every version, so that what was filled in before finds its place again
	Kind     Kind     `json:"kind"`
	Label    string   `json:"label"`
	Hint     string   `json:"hint,omitempty"`
	Options  []string `json:"options,omitempty"`
	Required bool     `json:"required"`
}

// What a declaration may hold, in characters.
const (
	MaxTitle   = 120
	MaxBody    = 8000
	MaxFields  = 20
	MaxLabel   = 200
	MaxOptions = 20
	MaxRemind  = 90  // days
	MaxMonths  = 216 // of age
)

// Declaration is what is asked, in the words of now.
type Declaration struct {
	bun.BaseModel `bun:"table:declaration,alias:d"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	Answerers     Answerers
	Required      bool
	Audience      Audience
	FromAgeMonths int
	ToAgeMonths   int `bun:",nullzero"` // 0 is no end
	RemindDays    int // 0 is never
	TextVersion   int // of the words of now
	AskedVersion  int // the oldest words to which an answer counts as answered
	Version       int // of this row
	CreatedAt     time.Time
	CreatedBy     ids.ID `bun:"type:uuid"`
	PublishedAt   *time.Time
	EndedAt       *time.Time

	Title     string    `bun:",scanonly"`
	Body      string    `bun:",scanonly"`
	Fields    []Field   `bun:"fields,type:jsonb,scanonly"`
	WrittenAt time.Time `bun:",scanonly"`
}

// Asked tells whether guardians are asked now.
func (d *Declaration) Asked() bool { return d.PublishedAt != nil && d.EndedAt == nil }

// Signed tells whether there is something to sign.
func (d *Declaration) Signed() bool { return d.asksFor(Signature) }

// takesFiles tells whether a file goes along with an answer.
func (d *Declaration) takesFiles() bool { return d.asksFor(File) }

func (d *Declaration) asksFor(kind Kind) bool {
	return slices.ContainsFunc(d.Fields, func(f Field) bool { return f.Kind == kind })
}

// Wording is a text as it was once asked.
type Wording struct {
	bun.BaseModel `bun:"table:declaration_text"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	DeclarationID ids.ID `bun:",pk,type:uuid"`
	TextVersion   int    `bun:",pk"`
	Title         string
	Body          string
	Fields        []Field `bun:"type:jsonb"`
	WrittenAt     time.Time
	WrittenBy     ids.ID `bun:"type:uuid"`
}

// Draft is a declaration as it was typed.
type Draft struct {
	Title, Body   string
	Fields        []Field
	Answerers     Answerers
	Required      bool
	Audience      Audience
	LocationIDs   []ids.ID
	GroupIDs      []ids.ID
	FromAgeMonths int
	ToAgeMonths   int // 0 is no end
	RemindDays    int
	AskAgain      bool   // everybody has to answer the new words
	Version       int    // of the row that was on the screen
	FormKey       ids.ID // of a new one: sent twice it is there once
}

// FieldName names what is wrong with the field at a place, counted from 0.
func FieldName(at int, part string) string { return "field_" + string(rune('a'+at)) + "_" + part }

// Check cleans the draft, and tells everything that is wrong with it by itself.
func (d *Draft) Check() error {
	d.Title, d.Body = oneLine(d.Title), strings.TrimSpace(plaintext.Of(d.Body))
	var problems fault.Fields
	if d.Title == "" {
		problems.Add("title", "declarations.error.title")
	}
	long(&problems, "title", d.Title, MaxTitle)
	long(&problems, "body", d.Body, MaxBody)
	if d.Answerers != One && d.Answerers != Every {
		problems.Add("answerers", "declarations.error.answerers")
	}
	switch d.Audience {
	case All:
		d.LocationIDs, d.GroupIDs = nil, nil
	case Locations:
		if d.GroupIDs = nil; len(d.LocationIDs) == 0 {
			problems.Add("audience", "declarations.error.no_location")
		}
	case Groups:
		if d.LocationIDs = nil; len(d.GroupIDs) == 0 {
			problems.Add("audience", "declarations.error.no_group")
		}
	default:
		problems.Add("audience", "declarations.error.audience")
	}
	if d.FromAgeMonths < 0 || d.FromAgeMonths > MaxMonths {
		problems.Add("from_age", "declarations.error.age")
	}
	if d.ToAgeMonths < 0 || d.ToAgeMonths > MaxMonths {
		problems.Add("to_age", "declarations.error.age")
	} else if d.ToAgeMonths != 0 && d.ToAgeMonths <= d.FromAgeMonths {
		problems.Add("to_age", "declarations.error.age_order")
	}
	if d.RemindDays < 0 || d.RemindDays > MaxRemind {
		problems.Add("remind_days", "declarations.error.remind", map[string]any{"Max": MaxRemind})
	}
	switch {
	case len(d.Fields) == 0:
		problems.Add("fields", "declarations.error.fields")
	case len(d.Fields) > MaxFields:
		problems.Add("fields", "declarations.error.many_fields", map[string]any{"Max": MaxFields})
	default:
		for i := range d.Fields {
			d.Fields[i].check(&problems, i)
		}
	}
	return problems.Err()
}

func (f *Field) check(problems *fault.Fields, at int) {
	f.Label, f.Hint = oneLine(f.Label), oneLine(f.Hint)
	if f.Label == "" {
		problems.Add(FieldName(at, "label"), "declarations.error.label")
	}
	long(problems, FieldName(at, "label"), f.Label, MaxLabel)
	long(problems, FieldName(at, "hint"), f.Hint, MaxLabel)
	known := false
	for _, k := range Kinds {
		known = known || k == f.Kind
	}
	if !known {
		problems.Add(FieldName(at, "kind"), "declarations.error.kind")
	}
	options, seen := f.Options, map[string]bool{}
	f.Options = nil
	if !f.Kind.Offers() {
		return
	}
	for _, o := range options {
		if o = oneLine(o); o != "" && !seen[o] {
			seen[o] = true
			f.Options = append(f.Options, o)
			long(problems, FieldName(at, "options"), o, MaxLabel)
		}
	}
	if len(f.Options) < 2 && f.Kind == Choice || len(f.Options) < 1 {
		problems.Add(FieldName(at, "options"), "declarations.error.options")
	} else if len(f.Options) > MaxOptions {
		problems.Add(FieldName(at, "options"), "declarations.error.many_options", map[string]any{"Max": MaxOptions})
	}
}

func oneLine(s string) string { return strings.Join(strings.Fields(plaintext.Of(s)), " ") }

func long(problems *fault.Fields, field, value string, most int) {
	if utf8.RuneCountInString(value) > most {
		problems.Add(field, "declarations.error.too_long", map[string]any{"Max": most})
	}
}

// Published happens when guardians are asked, or asked again.
type Published struct {
	DeclarationID ids.ID `json:"declaration_id"`
}

// EventName names the event in the ledger.
func (Published) EventName() string { return "declarations.published" }

// Asked happens when those of a batch are to hear that an answer is waited for.
type Asked struct {
	DeclarationID ids.ID `json:"declaration_id"`
	Batch         ids.ID `json:"batch"`
}

// EventName names the event in the ledger.
func (Asked) EventName() string { return "declarations.asked" }
