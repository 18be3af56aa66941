// Package news lets an organisation tell its families, and who works there, what is going on: in news items, in newsletters that
// come by mail as well, and on information pages that stay.
//
// An article is written as a draft that nobody reads. To publish it is to copy the draft to what is read, and to keep that as a
// version; it can be due at a moment, and be withdrawn. Who may read an article is written in one place, rights.go.
package news

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/plaintext"
	"ouderportaal/internal/richtext"
)

// Bounds of what is written.
const (
	MaxTitle  = 120     // characters
	MaxBody   = 400_000 // bytes, with its markup
	maxTeaser = 150     // characters
	maxPlaces = 500     // of one audience
)

// Kind is what an article is.
type Kind string

// The kinds.
const (
	News       Kind = "news"
	Newsletter Kind = "newsletter"
	Page       Kind = "page"
)

// Kinds are all of them.
var Kinds = []Kind{News, Newsletter, Page}

// State is how far an article is.
type State string

// The states.
const (
	Drafted   State = "draft"
	Scheduled State = "scheduled"
	Published State = "published"
	Withdrawn State = "withdrawn"
)

// States are all of them.
var States = []State{Drafted, Scheduled, Published, Withdrawn}

// Article is a news item, a newsletter or an information page.
type Article struct {
	bun.BaseModel `bun:"table:article,alias:a"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	Kind          Kind
	State         State
	ForGuardians  bool
	ForStaff      bool
	Everywhere    bool
	DraftTitle    string
	DraftBody     string
	Title         string // what is read, as are Body and Teaser
	Body          string
	Teaser        string
	Version       int    // how often it was published
	Revision      int    // raised by every change
	Position      int    // of a page among the others
	CreatedBy     ids.ID `bun:"type:uuid"`
	CreatedAt     time.Time
	ChangedAt     time.Time
	DueAt         *time.Time
	PublishedBy   ids.ID `bun:"type:uuid,nullzero"` // who published it, or said that it is published when it is due
	PublishedAt   *time.Time
	WithdrawnAt   *time.Time

	Attached []string `bun:"-"` // what the files are called that go along; known to who writes a mail about it
}

// Changed tells whether what is written is something else than what is read.
func (a *Article) Changed() bool {
	return a.State == Published && (a.DraftTitle != a.Title || a.DraftBody != a.Body)
}

// Audience is whom an article is for: guardians of children and who works here, everywhere or at some places.
type Audience struct {
	Guardians, Staff bool
	Everywhere       bool
	Locations        []ids.ID
	Groups           []ids.ID
}

// Draft is what somebody typed.
type Draft struct {
	Title    string
	Body     string
	Audience Audience
	Revision int // of the article that is changed
}

// tidy makes of what was typed what is kept, and says what is too much of it. A draft may be incomplete.
func (d *Draft) tidy(pictures richtext.Pictures) fault.Fields {
	var problems fault.Fields
	d.Title = strings.Join(strings.Fields(plaintext.Of(d.Title)), " ")
	if utf8.RuneCountInString(d.Title) > MaxTitle {
		problems.Add("title", "news.error.title_too_long", map[string]any{"Max": MaxTitle})
	}
	typed := len(d.Body)
	if typed <= MaxBody {
		d.Body = richtext.Clean(d.Body, pictures)
	}
	if max(typed, len(d.Body)) > MaxBody {
		problems.Add("body", "news.error.body_too_long")
	}
	if a := &d.Audience; a.Everywhere {
		a.Locations, a.Groups = nil, nil
	}
	if len(d.Audience.Locations)+len(d.Audience.Groups) > maxPlaces {
		problems.Add("places", "news.error.places_too_many")
	}
	return problems
}

// complete says what is missing to publish it.
func (d *Draft) complete(problems *fault.Fields) {
	if d.Title == "" {
		problems.Add("title", "news.error.title_required")
	}
	if d.Body == "" {
		problems.Add("body", "news.error.body_required")
	}
	if !d.Audience.Guardians && !d.Audience.Staff {
		problems.Add("guardians", "news.error.readers_required")
	}
	if !d.Audience.Everywhere && len(d.Audience.Locations)+len(d.Audience.Groups) == 0 {
		problems.Add("places", "news.error.places_required")
	}
}

// Due happens when an article that is scheduled is to be published. Revision tells whether it still is.
type Due struct {
	ArticleID ids.ID `json:"article_id"`
	Revision  int    `json:"revision"`
}

// EventName makes it an outbox.Event.
func (Due) EventName() string { return "news.due" }

// Told happens when an article is published that people are told of. At is when that was: of an article that was withdrawn and
// published again nobody is told twice.
type Told struct {
	ArticleID ids.ID    `json:"article_id"`
	At        time.Time `json:"at"`
}

// EventName makes it an outbox.Event.
func (Told) EventName() string { return "news.published" }
