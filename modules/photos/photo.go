// Package photos takes pictures from the group, has them made fit to share, and shows each only to those it may go to.
package photos

import (
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/blob"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/media"
)

// State is how far a photo is.
type State string

// A photo is uploaded, and then ready, or refused because it is no picture that can be shown.
const (
	Uploaded State = "uploaded"
	Ready    State = "ready"
	Refused  State = "refused"
)

// Photo is a picture. Its original, which may tell where it was taken, exists only until the photo is ready; of what it
// tells the moment alone is kept.
type Photo struct {
	bun.BaseModel `bun:"table:photo"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	UploadedBy    ids.ID `bun:"type:uuid"`
	EntryID       ids.ID `bun:"type:uuid,nullzero"`
	Position      int
	State         State
	Refusal       string // locale key of the reason
	StorageKey    string
	FileName      string
	ContentType   string
	Bytes         int64 // of the original
	FullBytes     int64 // of the picture for download
	Width         int
	Height        int
	Thumbhash     []byte `bun:"thumbhash,nullzero"`
	Alt           string
	Retouch       *media.Retouch `bun:"retouch,type:jsonb,nullzero"`
	TakenAt       *time.Time     // by the clock of the camera; nil where it did not say
	CreatedAt     time.Time
	ReadyAt       *time.Time
}

// MaxUpload is the largest original, in bytes.
const MaxUpload = 20 << 20

// MaxAlt is the longest description, in characters.
const MaxAlt = 300

// Unclaimed is how long an uploaded photo waits for an entry before it is removed.
const Unclaimed = 24 * time.Hour

// WithdrawnKept is how long the photos of a withdrawn entry are kept: for a month it can still be looked up what was shown
// to whom, and after that nobody need be on a photo that nobody sees.
const WithdrawnKept = 30 * 24 * time.Hour

// An entry without words waits for a photo; photos take seconds. After SettleAfter it is looked after, and after GiveUpAfter
// it is taken back.
const (
	SettleAfter = 15 * time.Minute
	GiveUpAfter = 24 * time.Hour
)

// The names of a photo's files in storage.
const (
	originalFile = "original"
	fullFile     = "full.jpg"
)

// Widths are the long edges, in pixels, of the versions that pages show.
var Widths = []int{320, 640, 1280, 2048}

// largestFile is the version for the whole screen; pages with several photos use the others.
const largestFile = "2048.webp"

// versionFile is the file of the version that a page asks for by name, such as "640.webp".
func versionFile(name string) (string, bool) {
	for _, w := range Widths {
		if file := strconv.Itoa(w) + ".webp"; name == file {
			return file, true
		}
	}
	return "", false
}

func (p *Photo) object(file string) string { return blob.Variant(p.StorageKey, file) }

// PhotoUploaded happens when an original is stored and must be made fit to share.
type PhotoUploaded struct {
	PhotoID    ids.ID `json:"photo_id"`
	StorageKey string `json:"storage_key"` // to clean up after a photo whose row is gone
}

// EventName names the event in the ledger.
func (PhotoUploaded) EventName() string { return "photos.photo_uploaded" }

// PhotoRetouched happens instead of PhotoUploaded when something of the photo is to be hidden or cut off: a program that knows
// nothing of that must not process it.
type PhotoRetouched struct {
	PhotoID    ids.ID `json:"photo_id"`
	StorageKey string `json:"storage_key"`
}

// EventName names the event in the ledger.
func (PhotoRetouched) EventName() string { return "photos.photo_retouched" }

// PhotoRemoved happens when a photo's row is gone and its objects can go too.
type PhotoRemoved struct {
	StorageKey string `json:"storage_key"`
}

// EventName names the event in the ledger.
func (PhotoRemoved) EventName() string { return "photos.photo_removed" }

// RefusalArgs are the words that the sentence of a refusal needs.
func (p *Photo) RefusalArgs() map[string]any { return media.ArgsOf(p.Refusal) }
