package keepsake

import (
	"bytes"
	"context"
	"fmt"

	"ouderportaal/internal/audit"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/live"
	"ouderportaal/internal/outbox"
	"ouderportaal/tenants"
)

const (
	// partsAtOnce is how many parts one job builds: well within its lease, also where storage is slow.
	partsAtOnce = 4
	// mostRounds is how often a keepsake is built when what is in it changes meanwhile.
	mostRounds = 3
)

// build makes the parts that an event stands for. Run again, after its worker was lost or beside another run, it finds the parts
// that are there and makes the others: a part counts when its row does, and only one run can write the row of a part.
func (s *Service) build(ctx context.Context, _ ids.ID, e BuildDue) error {
	for {
		more, err := s.buildPart(ctx, e)
		if err != nil || !more {
			return err
		}
	}
}

// buildPart makes one part, and tells whether the event stands for more of them.
func (s *Service) buildPart(ctx context.Context, e BuildDue) (more bool, err error) {
	k, err := s.toBuild(ctx, e)
	if err != nil || k == nil {
		return false, err
	}
	p := s.newPacker(ctx, k)
	if err := p.pack(ctx); err != nil {
		return false, fmt.Errorf("keepsake: pack part: %w", err)
	}
	made, content, err := p.finish(ctx)
	if err != nil {
		return false, fmt.Errorf("keepsake: finish part: %w", err)
	}
	// The object first, the row second. Its name is its own, because what another run stored may differ in what was allowed then.
	made.Object = blob.Variant(k.StorageKey, "part-"+ids.New().String())
	if err := s.store.Put(ctx, made.Object, bytes.NewReader(content), int64(len(content)), "application/octet-stream"); err != nil {
		return false, fmt.Errorf("keepsake: store part: %w", err)
	}
	kept := false
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) (err error) {
		kept, more, err = s.keep(ctx, tx, e, p, made)
		return err
	})
	if err == nil && !kept {
		err = s.store.Delete(ctx, made.Object)
	}
	return more, err
}

// toBuild gives the keepsake of an event as far as it is; nil when there is nothing to do for this event any more.
func (s *Service) toBuild(ctx context.Context, e BuildDue) (*Keepsake, error) {
	var k *Keepsake
	gone := false
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		if k, err = selectKeepsake(ctx, tx, e.KeepsakeID); err != nil || !k.isFor(e) {
			return err
		}
		err = k.mustStillBe(ctx, tx)
		gone = fault.CodeOf(err) == fault.Missing && err != nil
		return err
	})
	switch {
	case gone:
		return nil, s.revoke(ctx, e.KeepsakeID)
	case err != nil:
		if fault.CodeOf(err) == fault.Missing {
			err = nil // forgotten
		}
		return nil, err
	case !k.isFor(e):
		return nil, nil
	}
	return k, nil
}

// buildHandler is the name of build in the ledger.
const buildHandler = "keepsake.build"

// isFor tells whether the next part to build is one of those that the event stands for.
func (k *Keepsake) isFor(e BuildDue) bool {
	return k.State == Building && k.ID == e.KeepsakeID && k.Round == e.Round && k.Parts >= e.From && k.Parts < e.From+partsAtOnce
}

// keep writes the row of a part, unless the keepsake has gone on without it: then kept is false and its object of no use. more
// tells whether the event stands for the next part too.
func (s *Service) keep(ctx context.Context, tx tenants.Writer, e BuildDue, p *packer, made *part) (kept, more bool, err error) {
	k, err := lockKeepsake(ctx, tx, p.k.ID)
	if fault.CodeOf(err) == fault.Missing && err != nil {
		return false, false, nil
	}
	if err != nil || !k.isFor(e) || k.Parts != made.Number {
		return false, false, err
	}
	if p.last {
		may, err := s.mayHave(ctx, tx, k, p.items...)
		if err != nil {
			return false, false, err
		}
		if !may {
			return false, false, s.beginAnew(ctx, tx, k)
		}
	}
	if err := insertPart(ctx, tx, made, p.items); err != nil {
		return false, false, err
	}
	k.Parts, k.Bytes = made.Number+1, k.Bytes+made.Bytes
	k.MonthsDone, k.Photos, k.PhotosLeft, k.Entries, k.Days = p.k.MonthsDone, p.k.Photos, p.k.PhotosLeft, p.k.Entries, p.k.Days
	if p.last {
		at := tx.Now()
		until := at.Add(Kept)
		k.State, k.ReadyAt, k.ExpiresAt = Ready, &at, &until
		if err := audit.Record(ctx, tx, "keepsake.ready", k.ChildID, map[string]any{"keepsake": k.ID, "person": k.PersonID, "photos": k.Photos, "entries": k.Entries, "bytes": k.Bytes}); err != nil {
			return false, false, err
		}
		if err := outbox.Record(ctx, tx, BecameReady{KeepsakeID: k.ID}); err != nil {
			return false, false, err
		}
	} else if !k.isFor(e) {
		if err := outbox.Record(ctx, tx, BuildDue{KeepsakeID: k.ID, Round: k.Round, From: k.Parts}); err != nil {
			return false, false, err
		}
	}
	if err := updateKeepsake(ctx, tx, k); err != nil {
		return false, false, err
	}
	return true, k.isFor(e), live.Signal(ctx, tx, live.Person(k.PersonID))
}

// beginAnew builds from the start, because something that was packed may not be had any more; when that goes on, it fails. Who is no
// guardian any more gets nothing.
func (s *Service) beginAnew(ctx context.Context, tx tenants.Writer, k *Keepsake) error {
	if err := k.mustStillBe(ctx, tx); err != nil {
		if fault.CodeOf(err) == fault.Missing {
			return end(ctx, tx, k, Revoked)
		}
		return err
	}
	if k.Round >= mostRounds {
		return end(ctx, tx, k, Failed)
	}
	if err := deleteContent(ctx, tx, k.ID); err != nil {
		return err
	}
	if err := outbox.Record(ctx, tx, Dropped{StorageKey: k.StorageKey}); err != nil {
		return err
	}
	k.StorageKey = blob.NewKeyIn(k.TenantID, area)
	k.Round++
	k.Parts, k.Bytes, k.MonthsDone, k.Photos, k.PhotosLeft, k.Entries, k.Days = 0, 0, 0, 0, 0, 0, 0
	if err := updateKeepsake(ctx, tx, k); err != nil {
		return err
	}
	return outbox.Record(ctx, tx, BuildDue{KeepsakeID: k.ID, Round: k.Round})
}

// inTheirLanguage speaks as the book is to be written.
func (s *Service) inTheirLanguage(ctx context.Context, k *Keepsake) context.Context {
	return i18n.With(ctx, s.words.For(k.Language))
}
