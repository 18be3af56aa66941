package keepsake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/accesses"
	"ouderportaal/modules/care"
	"ouderportaal/modules/children"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/notifications"
	"ouderportaal/modules/photos"
	"ouderportaal/tenants"
)

// errChanged says that something that is in the file may not be had any more.
func errChanged() error { return fault.New(fault.Conflict, "keepsake.error.changed") }

// Fetch lets the actor, who must be fresh, fetch what lies ready of a child with this session, and resume that for some hours.
// When anything in it may not be had any more it is gone, and the answer a Conflict.
func (s *Service) Fetch(ctx context.Context, child ids.ID) (id ids.ID, err error) {
	who := actor.From(ctx)
	changed := false
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if _, err := mustBeGuardian(ctx, tx, child); err != nil {
			return err
		}
		k, err := lockOpen(ctx, tx, who.PersonID, child)
		if err != nil {
			return err
		}
		if !k.lies(tx.Now()) {
			return fault.NotFound()
		}
		if err := identity.MustBeFresh(ctx, tx); err != nil {
			return err
		}
		may, err := s.mayHave(ctx, tx, k)
		if err != nil {
			return err
		}
		if !may {
			changed = true
			return end(ctx, tx, k, Revoked)
		}
		until := k.ExpiresAt.UTC()
		if soon := tx.Now().Add(openFor); soon.Before(until) {
			until = soon
		}
		now := tx.Now()
		id, k.OpenedSession, k.OpenedAt, k.OpenedUntil = k.ID, who.SessionID, &now, &until
		if err := updateKeepsake(ctx, tx, k); err != nil {
			return err
		}
		if err := notifications.ReadAbout(ctx, tx, child); err != nil {
			return err
		}
		if err := accesses.Record(ctx, tx, []ids.ID{child}, accesses.Archive, k.ID); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "keepsake.take", child, map[string]any{"keepsake": k.ID, "photos": k.Photos, "entries": k.Entries})
	})
	if err == nil && changed {
		err = errChanged()
	}
	return id, err
}

// owner acts as who asked for the keepsake, with what they may at this moment.
func (k *Keepsake) owner(ctx context.Context) context.Context {
	return actor.With(ctx, actor.Actor{TenantID: k.TenantID, PersonID: k.PersonID, Role: actor.Parent})
}

// mustStillBe answers NotFound when who asked for the keepsake is no guardian of the child any more, or shut out.
func (k *Keepsake) mustStillBe(ctx context.Context, tx tenants.Reader) error {
	holds, err := identity.Holds(ctx, tx, k.PersonID, actor.Parent)
	if err != nil {
		return err
	}
	if !holds {
		return fault.NotFound()
	}
	_, err = children.MustSee(k.owner(ctx), tx, []ids.ID{k.ChildID})
	return err
}

// mayHave tells whether who asked for the keepsake may have all that is in it at this moment.
func (s *Service) mayHave(ctx context.Context, tx tenants.Reader, k *Keepsake, more ...item) (bool, error) {
	if err := k.mustStillBe(ctx, tx); err != nil {
		if fault.CodeOf(err) == fault.Missing {
			err = nil
		}
		return false, err
	}
	items, err := selectItems(ctx, tx, k.ID, "")
	if err != nil {
		return false, err
	}
	var pictures, entries, records, messages []ids.ID
	for _, i := range append(items, more...) {
		switch i.Kind {
		case photoItem:
			pictures = append(pictures, i.SubjectID)
		case entryItem:
			entries = append(entries, i.SubjectID)
		case careItem:
			records = append(records, i.SubjectID)
		case messageItem:
			messages = append(messages, i.SubjectID)
		}
	}
	shown, err := photos.ShowableOf(ctx, tx, actor.From(k.owner(ctx)), k.ChildID, pictures)
	if err != nil || len(shown) < len(pictures) {
		return false, err
	}
	standing, err := diary.Standing(ctx, tx, k.ChildID, entries)
	if err != nil || standing < len(entries) {
		return false, err
	}
	noted, err := care.Standing(ctx, tx, k.ChildID, records)
	if err != nil || noted < len(records) {
		return false, err
	}
	seen, err := s.post.StillSeen(ctx, tx, k.PersonID, k.ChildID, messages)
	return seen == len(messages), err
}

// File is a keepsake as it goes over the line.
type File struct {
	ID    ids.ID
	Name  string
	Size  int64
	parts []part
	s     *Service
}

// File gives a keepsake that Fetch opened for the session of the actor: begun within minutes of that, or resumed within hours.
// Without that it is nil, with the child: prove first who you are. One of somebody else, and one that has gone, are NotFound.
func (s *Service) File(ctx context.Context, id ids.ID, resumed bool) (f *File, child ids.ID, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		k, named, err := own(ctx, tx, id)
		if err != nil {
			return err
		}
		child = k.ChildID
		if !k.openedFor(ctx, tx.Now(), resumed) {
			return nil
		}
		may, err := s.mayHave(ctx, tx, k)
		if err != nil {
			return err
		}
		if !may {
			return errChanged()
		}
		f = &File{ID: k.ID, Size: k.Bytes, Name: fmt.Sprintf("%s %s.zip", diary.SafeName(named.GivenName), tx.Tenant().DateOf(k.AskedAt)), s: s}
		f.parts, err = selectParts(ctx, tx, k.ID, "number", "object", "bytes")
		return err
	})
	return f, child, err
}

// own gives a keepsake that lies ready for the actor.
func own(ctx context.Context, tx tenants.Reader, id ids.ID) (*Keepsake, children.Named, error) {
	k, err := selectKeepsake(ctx, tx, id)
	if err != nil {
		return nil, children.Named{}, err
	}
	if k.PersonID != actor.From(ctx).PersonID || !k.lies(tx.Now()) {
		return nil, children.Named{}, fault.NotFound()
	}
	named, err := mustBeGuardian(ctx, tx, k.ChildID)
	return k, named, err
}

func (k *Keepsake) openedFor(ctx context.Context, now time.Time, resumed bool) bool {
	if k.OpenedAt == nil || k.OpenedUntil == nil || k.OpenedSession != actor.From(ctx).SessionID {
		return false
	}
	return now.Sub(*k.OpenedAt) <= beginWithin || resumed && k.OpenedUntil.After(now)
}

// beginWithin is how long after the proof a download may begin at its beginning.
const beginWithin = 5 * time.Minute

// askAgain is how often a download that goes on asks for the rights to everything that is in the file.
const askAgain = 30 * time.Second

// Open reads length bytes of the file from a place on. Before each part it asks again whether the actor may have the file, and every
// half a minute for everything in it.
func (f *File) Open(ctx context.Context, from, length int64) io.ReadCloser {
	return &reading{File: f, ctx: ctx, skip: from, left: length, asked: f.s.db.Clock().Now()}
}

type reading struct {
	*File
	ctx   context.Context
	next  int   // part
	skip  int64 // bytes before the first one that is wanted
	left  int64
	body  io.ReadCloser
	asked time.Time // when everything was asked for
}

func (r *reading) Read(b []byte) (int, error) {
	for {
		if r.left <= 0 {
			return 0, io.EOF
		}
		if r.body == nil {
			if err := r.open(); err != nil {
				return 0, err
			}
			continue
		}
		n, err := r.body.Read(b[:min(int64(len(b)), r.left)])
		r.left -= int64(n)
		if err == io.EOF {
			err = r.Close()
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

// open begins with the next part that has anything of what is wanted.
func (r *reading) open() error {
	for r.next < len(r.parts) && r.skip >= r.parts[r.next].Bytes {
		r.skip -= r.parts[r.next].Bytes
		r.next++
	}
	if r.next == len(r.parts) {
		return io.ErrUnexpectedEOF
	}
	if err := r.stillMay(); err != nil {
		return err
	}
	p := r.parts[r.next]
	body, _, err := r.s.store.Get(r.ctx, p.Object, r.skip, min(r.left, p.Bytes-r.skip))
	if err != nil {
		return fmt.Errorf("keepsake: read part: %w", err)
	}
	r.body, r.skip = body, 0
	r.next++
	return nil
}

// Close lets go of the part that was being read.
func (r *reading) Close() error {
	if r.body == nil {
		return nil
	}
	err := r.body.Close()
	r.body = nil
	return err
}

// stillMay is NotFound as soon as the keepsake has ended, or the tie of the actor to the child has.
func (r *reading) stillMay() error {
	now := r.s.db.Clock().Now()
	all := now.Sub(r.asked) >= askAgain
	if all {
		r.asked = now
	}
	return r.s.db.Read(r.ctx, func(ctx context.Context, tx tenants.Reader) error {
		k, _, err := own(ctx, tx, r.ID)
		if err != nil || !all {
			return err
		}
		if may, err := r.s.mayHave(ctx, tx, k); err != nil || !may {
			return errors.Join(err, errChanged())
		}
		return nil
	})
}
