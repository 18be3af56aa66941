// Package diary is the notebook that goes between group and home: what a child's day was like, told by the people who were there.
package diary

import (
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/plaintext"
	"ouderportaal/modules/children"
)

// Limits of an entry, in characters and pieces. The schema has the same.
const (
	MaxTitle    = 120
	MaxBody     = 5000
	MaxChildren = 60
	MaxPhotos   = 20
	// MaxHomePhotos is for what guardians write.
	MaxHomePhotos = 10
)

// Kind tells how an entry is shown.
type Kind string

// A Post has photos, a Report is words alone. A DayPost is the report of one child's day, with the care of that day.
const (
	Post    Kind = "post"
	Report  Kind = "report"
	DayPost Kind = "day"
)

// Entry is one piece in the diary of one or more children. Names are kept on it as they were, so that a page of entries
// is one read; Media is what may be shown of its photos today.
type Entry struct {
	bun.BaseModel `bun:"table:diary_entry"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	Kind          Kind
	GroupID       ids.ID `bun:"type:uuid"`
	GroupName     string
	AuthorID      ids.ID `bun:"type:uuid"`
	AuthorName    string
	AuthorFace    int
	Title         string
	Body          string
	PublishedAt   time.Time  // where it stands on timelines
	SharedAt      *time.Time // of a DayPost: when guardians could read it first; nil: at PublishedAt
	WithdrawnAt   *time.Time
	Waits         bool             // has nothing to show yet: others cannot read it and have not heard of it
	FromHome      bool             // written by a guardian of its one child
	Children      []children.Named `bun:"type:json"`
	Media         []Medium         `bun:"type:json"`
	Facts         Facts            `bun:"type:json,nullzero"` // of a DayPost: the care of its day as it holds now
	Hearts        int              `bun:"-"`                  // how many have given one
	Loved         bool             `bun:"-"`                  // the reader has given one
	ReadAtWork    []string         `bun:"-"`                  // first names of who opened what the reader wrote at home
}

// Medium is a photo of an entry that everybody on it has consent for. Its names are short because a page reads thousands.
type Medium struct {
	ID        ids.ID   `json:"id"`
	Width     int      `json:"w"` // of the full picture, pixels; 0 until it is ready
	Height    int      `json:"h"`
	ThumbHash string   `json:"t"` // base64
	Alt       string   `json:"a"`
	Children  []ids.ID `json:"c"` // who is on it
}

// Shared is when guardians could read the entry first. The report of a day that is over came later than where it stands tells.
func (e *Entry) Shared() time.Time {
	if e.SharedAt != nil {
		return *e.SharedAt
	}
	return e.PublishedAt
}

// Ready tells whether the picture can be asked for; until then the page says that it is being processed.
func (m Medium) Ready() bool { return m.Width > 0 }

// Draft is what somebody wants to put in the diary.
type Draft struct {
	FormKey  ids.ID // of the form it was written in: sent twice, it is kept once
	GroupID  ids.ID
	ChildIDs []ids.ID
	Title    string
	Body     string
	Photos   []PhotoDraft
	// Absent are the children whose guardians do not allow photos and of whom the writer has said that they are on none.
	Absent []ids.ID
}

// PhotoDraft is an uploaded photo with the words for those who cannot see it.
type PhotoDraft struct {
	ID  ids.ID
	Alt string
}

// Check tidies the draft, and says everything that is wrong with it by itself, at the field it is wrong in.
func (d *Draft) Check() error {
	d.Title, d.Body, d.ChildIDs = plaintext.Of(d.Title), plaintext.Of(d.Body), ids.Once(d.ChildIDs)
	for i := range d.Photos {
		d.Photos[i].Alt = plaintext.Of(d.Photos[i].Alt)
	}
	var problems fault.Fields
	if len(d.ChildIDs) == 0 {
		problems.Add("children", "diary.error.children_required")
	}
	if len(d.ChildIDs) > MaxChildren {
		problems.Add("children", "diary.error.children_too_many", map[string]any{"Max": MaxChildren})
	}
	if d.Body == "" && len(d.Photos) == 0 {
		problems.Add("body", "diary.error.empty")
	}
	if utf8.RuneCountInString(d.Title) > MaxTitle {
		problems.Add("title", "diary.error.title_too_long", map[string]any{"Max": MaxTitle})
	}
	if utf8.RuneCountInString(d.Body) > MaxBody {
		problems.Add("body", "diary.error.body_too_long", map[string]any{"Max": MaxBody})
	}
	if len(d.Photos) > MaxPhotos {
		problems.Add("photos", "diary.error.photos_too_many", map[string]any{"Max": MaxPhotos})
	}
	return problems.Err()
}

// Wordless tells that there is nothing to read in the draft: its photos are all there is. A title by itself says nothing.
func (d *Draft) Wordless() bool { return plaintext.Of(d.Body) == "" }

// EntryPublished happens when an entry can be read by guardians.
type EntryPublished struct {
	EntryID ids.ID `json:"entry_id"`
}

// EventName names the event in the ledger.
func (EntryPublished) EventName() string { return "diary.entry_published" }

// EntryNotShared happens when an entry without words turns out to have no photo either.
type EntryNotShared struct {
	EntryID  ids.ID `json:"entry_id"`
	GroupID  ids.ID `json:"group_id"`
	AuthorID ids.ID `json:"author_id"`
	FromHome bool   `json:"from_home"`
}

// EventName names the event in the ledger.
func (EntryNotShared) EventName() string { return "diary.entry_not_shared" }

// EntryLoved happens when an entry gets its first heart.
type EntryLoved struct {
	EntryID  ids.ID `json:"entry_id"`
	AuthorID ids.ID `json:"author_id"`
	FromHome bool   `json:"from_home"`
}

// EventName names the event in the ledger.
func (EntryLoved) EventName() string { return "diary.entry_loved" }
