package diary

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/formkey"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/live"
	"ouderportaal/internal/outbox"
	"ouderportaal/internal/plaintext"
	"ouderportaal/modules/children"
	"ouderportaal/modules/consents"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

// Album keeps the photos of entries. The photos module is one.
type Album interface {
	// Attach hands uploaded photos of the actor to the entry, in order, with the children on them, within tx. A photo
	// that is not the actor's, or has been used, is Invalid at the field photos.
	Attach(ctx context.Context, tx tenants.Writer, entryID ids.ID, photos []PhotoDraft, onPhotos []ids.ID) error
	// EntriesOf tells in which entries photos are; one that is in none is missing.
	EntriesOf(ctx context.Context, tx tenants.Reader, photos []ids.ID) (map[ids.ID]ids.ID, error)
	// OpenFull streams the full-size picture of a photo that the actor may have at this moment. Any other is NotFound. The
	// caller closes it.
	OpenFull(ctx context.Context, photo ids.ID) (io.ReadCloser, error)
}

// Service is what can be done with the diary.
type Service struct {
	db       *tenants.DB
	children *children.Service
	album    Album
}

// New works on db; photos go to the album.
func New(db *tenants.DB, album Album) *Service {
	return &Service{db: db, children: children.New(db), album: album}
}

// Publish writes the entry and the news of it together: either the guardians will hear of the entry, or there is none. What
// has no words waits for its first photo that is ready.
func (s *Service) Publish(ctx context.Context, draft Draft) (ids.ID, error) {
	if err := draft.Check(); err != nil {
		return ids.Nil, err
	}
	id := ids.New()
	err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		before, done, err := formkey.Once(ctx, tx, draft.FormKey, draft.fingerprint())
		if err != nil {
			return err
		}
		if done {
			id, _ = ids.Parse(before)
			return nil
		}
		if err := s.publish(ctx, tx, id, draft); err != nil {
			return err
		}
		return formkey.Finish(ctx, tx, draft.FormKey, id.String())
	})
	return id, err
}

func (s *Service) publish(ctx context.Context, tx tenants.Writer, id ids.ID, draft Draft) error {
	group, err := children.MustWorkIn(ctx, tx, draft.GroupID)
	if err != nil {
		return err
	}
	about, err := children.MustSeeIn(ctx, tx, group.ID, draft.ChildIDs)
	if err != nil {
		return err
	}
	onPhotos, err := mayBeOnPhotos(ctx, tx, draft, about)
	if err != nil {
		return err
	}
	if draft.Wordless() { // who is on no photo would get an entry with nothing in it
		about = slices.DeleteFunc(about, func(child children.Named) bool { return !slices.Contains(onPhotos, child.ID) })
	}
	entry, err := newEntry(ctx, tx, id, group, draft, about)
	if err != nil {
		return err
	}
	if err := insertEntry(ctx, tx, entry); err != nil {
		return err
	}
	if !entry.Waits {
		if err := share(ctx, tx, entry); err != nil {
			return err
		}
	}
	if len(draft.Photos) > 0 {
		if err := s.album.Attach(ctx, tx, id, draft.Photos, onPhotos); err != nil {
			return err
		}
	}
	if err := audit.Record(ctx, tx, "diary.publish", id, map[string]any{"children": len(about), "photos": len(draft.Photos)}); err != nil {
		return err
	}
	return signal(ctx, tx, entry)
}

// share puts an entry on the timelines of its children, with the news of it.
func share(ctx context.Context, tx tenants.Writer, e *Entry) error {
	if err := insertChildren(ctx, tx, e); err != nil {
		return err
	}
	return outbox.Record(ctx, tx, EntryPublished{EntryID: e.ID})
}

// mayBeOnPhotos gives the children whom the photos are of. It names those whose guardians do not allow photos, until the
// writer has said that they are on none; those get the words of the entry and no photo.
func mayBeOnPhotos(ctx context.Context, tx tenants.Writer, draft Draft, about []children.Named) ([]ids.ID, error) {
	if len(draft.Photos) == 0 {
		return nil, nil
	}
	lacking, err := consents.Lacking(ctx, tx, consents.Photos, draft.ChildIDs)
	if err != nil {
		return nil, err
	}
	var may []ids.ID
	var names, unseen []string // unseen: nobody has said that they are on no photo
	for _, child := range about {
		if lacking[child.ID] {
			names = append(names, child.GivenName)
			if !slices.Contains(draft.Absent, child.ID) {
				unseen = append(unseen, child.GivenName)
			}
		} else {
			may = append(may, child.ID)
		}
	}
	var problems fault.Fields
	switch {
	case len(may) == 0:
		problems.Add("photos", "diary.error.nobody_may", map[string]any{"Names": strings.Join(names, ", ")})
	case len(unseen) > 0:
		problems.Add("lacking_absent", "diary.error.no_photo_consent", map[string]any{"Names": strings.Join(names, ", "), "Count": len(names)})
	}
	return may, problems.Err()
}

// TakeBackWithin is how long authors can take back what they wrote, without a word.
const TakeBackWithin = 10 * time.Minute

// MayTakeBack tells whether who wrote the entry shared it so short ago, or nobody else has seen it yet.
func (e *Entry) MayTakeBack(who actor.Actor, now time.Time) bool {
	return e.By(who) && (e.Waits || now.Sub(e.Shared()) <= TakeBackWithin)
}

// MayWithdraw tells whether who, who may read the entry, may withdraw it at any time: who runs the place, or wrote it at work.
func (e *Entry) MayWithdraw(who actor.Actor) bool {
	return who.Role == actor.Admin || who.Role == actor.Manager || who.Role == actor.Staff && e.By(who)
}

// TakeBack withdraws what the actor shared a moment ago. Of somebody else it is NotFound, and later than TakeBackWithin a Conflict.
func (s *Service) TakeBack(ctx context.Context, id ids.ID) error {
	if _, _, err := s.Find(ctx, id); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		entry, err := selectEntryForUpdate(ctx, tx, id)
		if err != nil {
			return err
		}
		who := actor.From(ctx)
		if !entry.By(who) {
			return fault.NotFound()
		}
		if !entry.MayTakeBack(who, tx.Now()) {
			return fault.New(fault.Conflict, "diary.error.too_late")
		}
		return takeBack(ctx, tx, entry, "diary.take_back", nil)
	})
}

// Withdraw takes an entry back for a reason, which the log keeps: nobody but its author at work, managers of its group and
// admins can, and the row is kept.
func (s *Service) Withdraw(ctx context.Context, id ids.ID, reason string) error {
	if _, _, err := s.Find(ctx, id); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		entry, err := selectEntryForUpdate(ctx, tx, id)
		if err != nil {
			return err
		}
		who := actor.From(ctx)
		if !entry.MayWithdraw(who) {
			return fault.NotFound()
		}
		if who.Role == actor.Manager && !entry.FromHome {
			if _, err := children.MustWorkIn(ctx, tx, entry.GroupID); err != nil {
				return err
			}
		}
		reason = plaintext.Of(reason)
		var problems fault.Fields
		switch n := utf8.RuneCountInString(reason); {
		case n == 0:
			problems.Add("reason", "diary.error.withdraw_reason")
		case n > MaxReason:
			problems.Add("reason", "diary.error.reason_too_long", map[string]any{"Max": MaxReason})
		}
		if err := problems.Err(); err != nil {
			return err
		}
		return takeBack(ctx, tx, entry, "diary.withdraw", map[string]any{"reason": reason})
	})
}

func takeBack(ctx context.Context, tx tenants.Writer, e *Entry, action string, detail map[string]any) error {
	if err := withdrawEntry(ctx, tx, e.ID); err != nil {
		return err
	}
	if err := reopenDay(ctx, tx, e.ID); err != nil {
		return err
	}
	if err := notifications.Settle(ctx, tx, e.ID); err != nil {
		return err
	}
	if err := audit.Record(ctx, tx, action, e.ID, detail); err != nil {
		return err
	}
	return signal(ctx, tx, e)
}

// WithdrawEmpty takes an entry back of which no photo is left, unless it has words, and has its author told. Again, or of an
// entry that is withdrawn, it does nothing.
func WithdrawEmpty(ctx context.Context, tx tenants.Writer, id ids.ID) error {
	e, err := selectEntryForUpdate(ctx, tx, id)
	if fault.CodeOf(err) == fault.Missing {
		return nil
	}
	if err != nil || e.Body != "" {
		return err
	}
	if err := takeBack(ctx, tx, e, "diary.withdraw_empty", nil); err != nil {
		return err
	}
	return outbox.Record(ctx, tx, EntryNotShared{EntryID: id, GroupID: e.GroupID, AuthorID: e.AuthorID, FromHome: e.FromHome})
}

// shownOn are the topics of the pages that show an entry. One from home is shown in every group that its child is in.
func shownOn(ctx context.Context, tx tenants.Reader, e *Entry) ([]string, error) {
	list := []string{live.Group(e.GroupID)}
	about := children.IDsOf(e.Children)
	for _, child := range about {
		list = append(list, live.Child(child))
	}
	if !e.FromHome {
		return list, nil
	}
	groups, err := children.GroupsByChild(ctx, tx, about...)
	if err != nil {
		return nil, err
	}
	for _, child := range about {
		for _, group := range groups[child] {
			list = append(list, live.Group(group.ID))
		}
	}
	return list, nil
}

// signal has the open pages that show an entry look again.
func signal(ctx context.Context, tx tenants.Writer, e *Entry) error {
	topics, err := shownOn(ctx, tx, e)
	if err != nil {
		return err
	}
	return live.Signal(ctx, tx, topics...)
}
