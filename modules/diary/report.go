package diary

import (
	"context"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/live"
	"ouderportaal/internal/outbox"
	"ouderportaal/internal/plaintext"
	"ouderportaal/tenants"
)

// MaxReason is the longest reason of a report or for withdrawing an entry, in characters. The schema has the same.
const MaxReason = 500

// mostReports is how many photos one person can report in a day.
const mostReports = 10

// PhotoReport is what a guardian said about a photo that they saw, for staff to look at.
type PhotoReport struct {
	bun.BaseModel `bun:"table:photo_report"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	PhotoID       ids.ID `bun:"type:uuid"`
	EntryID       ids.ID `bun:"type:uuid"`
	ReportedBy    ids.ID `bun:"type:uuid"`
	ReportedAt    time.Time
	Reason        string
	HandledBy     ids.ID `bun:"type:uuid,nullzero"`
	HandledAt     *time.Time
	Reporter      string `bun:",scanonly"` // their name
	Handler       string `bun:",scanonly"` // name of who looked at it; empty while nobody has
}

// ReportDraft is why somebody reports a photo.
type ReportDraft struct{ Reason string }

// Check tidies the draft and says what is wrong with it.
func (d *ReportDraft) Check() error {
	d.Reason = plaintext.Of(d.Reason)
	var problems fault.Fields
	if d.Reason == "" {
		problems.Add("reason", "diary.error.reason_required")
	}
	if utf8.RuneCountInString(d.Reason) > MaxReason {
		problems.Add("reason", "diary.error.reason_too_long", map[string]any{"Max": MaxReason})
	}
	return problems.Err()
}

// PhotoReported happens when a guardian asks staff to look at a photo again.
type PhotoReported struct {
	ReportID ids.ID `json:"report_id"`
	EntryID  ids.ID `json:"entry_id"`
}

// EventName names the event in the ledger.
func (PhotoReported) EventName() string { return "diary.photo_reported" }

// Reportable gives a photo that the actor, a guardian, sees and so can report.
func (s *Service) Reportable(ctx context.Context, photoID ids.ID) (*Shot, error) {
	var shot *Shot
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		in, err := s.album.EntriesOf(ctx, tx, []ids.ID{photoID})
		if err != nil {
			return err
		}
		entries, err := selectEntries(ctx, tx, []ids.ID{in[photoID]})
		if err != nil {
			return err
		}
		shot, err = seenOn(ctx, tx, entries[in[photoID]], photoID)
		return err
	})
	return shot, err
}

// ReportPhoto has staff look at a photo: its author and who manages the location hear of it. A second report of the same
// person while the first is open is that one. It gives the entry that the photo is in.
func (s *Service) ReportPhoto(ctx context.Context, photoID ids.ID, draft ReportDraft) (ids.ID, error) {
	problem := draft.Check()
	var entryID ids.ID
	err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		in, err := s.album.EntriesOf(ctx, tx, []ids.ID{photoID})
		if err != nil {
			return err
		}
		// Locked, so that a photo that is withdrawn beside this is not reported any more.
		entry, err := selectEntryForUpdate(ctx, tx, in[photoID])
		if err != nil {
			return err
		}
		entryID = entry.ID
		shot, err := seenOn(ctx, tx, entry, photoID)
		if err != nil {
			return err
		}
		if problem != nil {
			return problem
		}
		return report(ctx, tx, entry, shot.ID, draft)
	})
	return entryID, err
}

func report(ctx context.Context, tx tenants.Writer, entry *Entry, photoID ids.ID, draft ReportDraft) error {
	who := actor.From(ctx)
	before, err := countReports(ctx, tx, who.PersonID, tx.Now().Add(-24*time.Hour))
	if err != nil {
		return err
	}
	if before >= mostReports {
		var problems fault.Fields
		problems.Add("reason", "diary.error.reports_many")
		return problems.Err()
	}
	r := &PhotoReport{TenantID: tx.Tenant().ID, ID: ids.New(), PhotoID: photoID, EntryID: entry.ID, ReportedBy: who.PersonID, ReportedAt: tx.Now(), Reason: draft.Reason}
	added, err := insertReport(ctx, tx, r)
	if err != nil || !added {
		return err
	}
	if err := audit.Record(ctx, tx, "diary.report_photo", photoID, map[string]any{"entry": entry.ID, "report": r.ID}); err != nil {
		return err
	}
	if err := outbox.Record(ctx, tx, PhotoReported{ReportID: r.ID, EntryID: entry.ID}); err != nil {
		return err
	}
	return live.Signal(ctx, tx, live.Group(entry.GroupID))
}

// seenOn gives the photo of the entry if the actor is a guardian who sees it now. The entry may be nil.
func seenOn(ctx context.Context, tx tenants.Reader, entry *Entry, photoID ids.ID) (*Shot, error) {
	if entry == nil || entry.Waits || actor.From(ctx).Role != actor.Parent {
		return nil, fault.NotFound()
	}
	narrowed := []Entry{*entry}
	narrowed[0].Children, narrowed[0].Media = append(narrowed[0].Children[:0:0], entry.Children...), append(narrowed[0].Media[:0:0], entry.Media...)
	if err := narrowToActor(ctx, tx, narrowed); err != nil {
		return nil, err
	}
	for _, shot := range narrowed[0].shots(nil, ids.Nil) {
		if shot.ID == photoID {
			return &shot, nil
		}
	}
	return nil, fault.NotFound()
}

// Reports gives what was reported of an entry, oldest first, to whoever of the staff sees the entry.
func (s *Service) Reports(ctx context.Context, entryID ids.ID) ([]PhotoReport, error) {
	var list []PhotoReport
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		if err := mustLookAfter(ctx, tx, entryID); err != nil {
			return err
		}
		var err error
		list, err = selectReports(ctx, tx, entryID)
		return err
	})
	return list, err
}

// HandleReport notes that the actor has looked at a report. Again, it changes nothing. It gives the entry.
func (s *Service) HandleReport(ctx context.Context, reportID ids.ID) (ids.ID, error) {
	var entryID ids.ID
	err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		r, err := selectReportForUpdate(ctx, tx, reportID)
		if err != nil {
			return err
		}
		entryID = r.EntryID
		if err := mustLookAfter(ctx, tx, r.EntryID); err != nil || r.HandledAt != nil {
			return err
		}
		if err := markHandled(ctx, tx, r.ID); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "diary.handle_report", r.PhotoID, map[string]any{"entry": r.EntryID, "report": r.ID})
	})
	return entryID, err
}

// mustLookAfter is NotFound unless the actor works here and sees the entry, as Find does.
func mustLookAfter(ctx context.Context, tx tenants.Reader, entryID ids.ID) error {
	who := actor.From(ctx)
	if who.Role == actor.Parent {
		return fault.NotFound()
	}
	entries, err := selectEntries(ctx, tx, []ids.ID{entryID})
	if err != nil {
		return err
	}
	entry := entries[entryID]
	if entry == nil {
		return fault.NotFound()
	}
	if entry.Waits && entry.AuthorID == who.PersonID {
		return nil
	}
	list := []Entry{*entry}
	if err := narrowToActor(ctx, tx, list); err != nil {
		return err
	}
	if len(list[0].Children) == 0 {
		return fault.NotFound()
	}
	return nil
}
