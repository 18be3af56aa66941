// Package keepsake lets a guardian take home everything about one child (*Alles meenemen*): the photos in full size with date,
// caption and place inside them, the diary, the days and the conversations, as a ZIP that opens as a small book without internet.
//
// The ZIP is built in parts of some megabytes, each an object of its own in storage and a row beside it, so that neither memory
// nor a lease bounds how large it gets: a worker that is lost loses one part. What is in it is kept as rows too: before it is
// handed out, the rules of consent and tie are asked again for all of it, and an archive of which anything may not be had any more is gone.
package keepsake

import (
	"strings"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/ids"
	"ouderportaal/modules/diary"
	"ouderportaal/tenants"
)

// State is how far a keepsake is.
type State string

// A keepsake is built, and then ready for a day. The others are its ends: Cancelled by who asked for it, Failed for good, Replaced
// by a newer one, Revoked because who asked for it, or what is in it, may not be had any more, Expired after its day.
const (
	Building  State = "building"
	Ready     State = "ready"
	Cancelled State = "cancelled"
	Failed    State = "failed"
	Replaced  State = "replaced"
	Revoked   State = "revoked"
	Expired   State = "expired"
)

const (
	// Kept is how long a keepsake lies ready.
	Kept = 24 * time.Hour
	// openFor is how long the session that proved who it is may fetch the file, and resume that: some gigabytes over a slow line.
	openFor = 6 * time.Hour
	// mostAsked is how many keepsakes of one child somebody can ask for in 24 hours.
	mostAsked = 5
	// buildWithin is a little more than the day for which the ledger tries: whatever became of it there, nobody waits for longer.
	buildWithin = 26 * time.Hour
	// remembered is how long the row of one that has ended is kept; what was done with it is in the audit log.
	remembered = 30 * 24 * time.Hour
	// area is where its objects are in storage.
	area = "keepsake"
)

// Keepsake is one archive that a guardian asked for.
type Keepsake struct {
	bun.BaseModel `bun:"table:keepsake"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	ChildID       ids.ID `bun:"type:uuid"`
	PersonID      ids.ID `bun:"type:uuid"`
	State         State
	Language      string
	StorageKey    string    // of the objects of this round
	AskedAt       time.Time // nothing newer is in it
	Folder        string    // in which everything is; what the child was called when it was asked for
	Months        string
	MonthsDone    int
	Round         int
	Parts         int
	Bytes         int64
	PhotosAll     int
	Photos        int
	PhotosLeft    int // those that could not come along
	Entries       int
	Days          int
	ReadyAt       *time.Time
	ExpiresAt     *time.Time
	EndedAt       *time.Time
	OpenedSession ids.ID `bun:"type:uuid,nullzero"`
	OpenedAt      *time.Time
	OpenedUntil   *time.Time
}

// Open tells that it is built, or lies ready.
func (k *Keepsake) Open() bool { return k.State == Building || k.State == Ready }

// lies tells that it can be fetched at a moment: it had its day before the sweep comes by to end it.
func (k *Keepsake) lies(at time.Time) bool { return k.State == Ready && k.ExpiresAt.After(at) }

// Waiting tells that nothing of it was packed yet.
func (k *Keepsake) Waiting() bool { return k.State == Building && k.Parts == 0 }

// Percent is how much of it is packed; it is whole when it is Ready.
func (k *Keepsake) Percent() int {
	if k.State == Ready {
		return 100
	}
	if k.PhotosAll == 0 {
		return min(99, 100*k.MonthsDone/max(1, len(k.months())))
	}
	return min(99, 100*(k.Photos+k.PhotosLeft)/k.PhotosAll)
}

func (k *Keepsake) months() []diary.Month {
	var list []diary.Month
	for _, m := range strings.Fields(k.Months) {
		list = append(list, diary.Month(m))
	}
	return list
}

// part is a piece of the file, in storage.
type part struct {
	bun.BaseModel `bun:"table:keepsake_part"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	KeepsakeID    ids.ID `bun:",pk,type:uuid"`
	Number        int    `bun:",pk"`
	Object        string
	Bytes         int64
	Directory     []byte
	Records       int
}

// The kinds of items: a photo that is in the file, one that could not come along, an entry, a record of care, a conversation.
const (
	photoItem    = "photo"
	careItem     = "care"
	leftItem     = "left"
	entryItem    = "entry"
	messageItem  = "message"
	attachedItem = "attachment"
)

// item is something that is in the file.
type item struct {
	bun.BaseModel `bun:"table:keepsake_item"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	KeepsakeID    ids.ID `bun:",pk,type:uuid"`
	SubjectID     ids.ID `bun:",pk,type:uuid"`
	Kind          string
	Month         diary.Month
	File          string // of a photo or an attachment, in the folder of the ZIP
}

// Reason is why the organisation offers a keepsake.
type Reason string

// CareEnded comes after the last day of care, Retention before files are erased.
const (
	CareEnded Reason = "care_ended"
	Retention Reason = "retention"
)

type offer struct {
	bun.BaseModel `bun:"table:keepsake_offer"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	ChildID       ids.ID `bun:"type:uuid"`
	PersonID      ids.ID `bun:"type:uuid"`
	Reason        Reason
	AboutOn       tenants.Date `bun:"type:date"` // the last day of care, or the day before which to take it
	OfferedAt     time.Time
}

// BuildDue says that some parts, from one on, are to be built in a round. Each part of a round belongs to one such event.
type BuildDue struct {
	KeepsakeID ids.ID `json:"keepsake_id"`
	Round      int    `json:"round"`
	From       int    `json:"from"`
}

// EventName is the name in the ledger.
func (BuildDue) EventName() string { return "keepsake.build_due" }

// BecameReady says that a keepsake can be fetched.
type BecameReady struct {
	KeepsakeID ids.ID `json:"keepsake_id"`
}

// EventName is the name in the ledger.
func (BecameReady) EventName() string { return "keepsake.became_ready" }

// Dropped says that the objects under a key are of no use any more.
type Dropped struct {
	StorageKey string `json:"storage_key"`
}

// EventName is the name in the ledger.
func (Dropped) EventName() string { return "keepsake.dropped" }

// Offered says that a guardian is to be told that they can take everything along.
type Offered struct {
	OfferID ids.ID `json:"offer_id"`
}

// EventName is the name in the ledger.
func (Offered) EventName() string { return "keepsake.offered" }
