package retention

import (
	"context"
	"time"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/paging"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/keepsake"
	"ouderportaal/tenants"
)

// Offerer tells the guardians of a child that they can take everything along before a day.
type Offerer interface {
	// Offer tells those in to, or all of them for nil.
	Offer(ctx context.Context, tx tenants.Writer, child ids.ID, to []ids.ID, reason keepsake.Reason, about tenants.Date) error
	// Missed gives, by child, the guardians of today who heard of no offer since a moment.
	Missed(ctx context.Context, tx tenants.Reader, since map[ids.ID]time.Time) (map[ids.ID][]ids.ID, error)
	// TakeBack has it known of who Missed an offer that they did, for as long as nobody offers it anew.
	TakeBack(ctx context.Context, tx tenants.Writer, missed map[ids.ID][]ids.ID) error
}

// Service is what can be done with periods and with the files that they end.
type Service struct {
	db      *tenants.DB
	offerer Offerer
}

// New works on db, and has o tell guardians.
func New(db *tenants.DB, o Offerer) *Service { return &Service{db, o} }

// Terms gives the organisation's periods.
func (s *Service) Terms(ctx context.Context) (t Terms, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		t, err = selectTerms(ctx, tx)
		return err
	})
	return t, err
}

// Choose changes the organisation's periods. Terms of another version than the row's are a Conflict. What guardians were promised stays.
func (s *Service) Choose(ctx context.Context, t Terms) error {
	if err := t.Check(); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		now, err := lockTerms(ctx, tx)
		if err != nil {
			return err
		}
		if t.Version != now.Version {
			return fault.New(fault.Conflict, "retention.error.stale")
		}
		if err := t.fit(now); err != nil {
			return err
		}
		t.TenantID = now.TenantID
		if t == now {
			return nil
		}
		t.Version++
		if err := saveTerms(ctx, tx, &t); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "retention.choose", ids.Nil, map[string]any{"file_months": t.FileMonths, "office_years": t.OfficeYears, "notice_days": t.NoticeDays, "offers": t.Offers})
	})
}

// Kept is what a guardian reads: the periods, and the files of those of their children who left.
type Kept struct {
	Terms
	Children []children.Named
	Files    map[ids.ID]File // of those who left
}

// Own tells the actor how long what there is of their children is kept.
func (s *Service) Own(ctx context.Context) (*Kept, error) {
	k := &Kept{Files: map[ids.ID]File{}}
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		if k.Children, err = children.Own(ctx, tx); err != nil {
			return err
		}
		if k.Terms, err = selectTerms(ctx, tx); err != nil || len(k.Children) == 0 {
			return err
		}
		files, err := filesOf(ctx, tx, &k.Terms, children.LeftFilter{})
		for _, f := range files {
			k.Files[f.ChildID] = f
		}
		return err
	})
	return k, err
}

// filesOf gives the files of children who left, longest ago first.
func filesOf(ctx context.Context, tx tenants.Reader, t *Terms, f children.LeftFilter) ([]File, error) {
	left, err := children.WhoLeft(ctx, tx, f)
	if err != nil || len(left) == 0 {
		return nil, err
	}
	of := make([]ids.ID, len(left))
	for i := range left {
		of[i] = left[i].ChildID
	}
	holds, err := openHolds(ctx, tx, of)
	if err != nil {
		return nil, err
	}
	notices, err := newestNotices(ctx, tx, of)
	if err != nil {
		return nil, err
	}
	files := make([]File, len(left))
	for i := range left {
		files[i] = fileOf(t, left[i], holds[left[i].ChildID], notices[left[i].ChildID], tx.Today())
	}
	return files, nil
}

// lookWhoMissed finds the guardians who did not hear that a file ends: the offer failed on its way to them, or they became one, or got an
// account, later. A file of which one of them could be told now, or of which none heard, is due once more from the next day on, which
// also is as often as it is tried.
func (s *Service) lookWhoMissed(ctx context.Context, tx tenants.Reader, t *Terms, files []File, families families) (map[ids.ID][]ids.ID, error) {
	soon, since := tx.Today().Add(t.NoticeDays), map[ids.ID]time.Time{}
	for i := range files {
		if f := &files[i]; t.Offers && f.Notice != nil && f.EndsOn <= soon {
			since[f.ChildID] = f.Notice.OfferedAt
		}
	}
	if len(since) == 0 {
		return nil, nil
	}
	missed, err := s.offerer.Missed(ctx, tx, since)
	for i := range files {
		f := &files[i]
		family, who := families[f.ChildID], missed[f.ChildID]
		if len(who) == 0 {
			continue
		}
		f.Missed = len(who) == len(family)
		if !f.Due && f.Notice.UntilOn < soon && (f.Missed || family.reaches(who)) {
			f.Due, f.missed = true, who
		}
	}
	return missed, err
}

// pageSize is how many files a page of the list has.
const pageSize = 50

// List is a page of the files of children who left.
type List struct {
	Terms
	Files   []File
	Unheard map[ids.ID]Unheard
	Next    paging.Cursor
}

// Files lists the files of children who left, longest ago first.
func (s *Service) Files(ctx context.Context, after paging.Cursor) (*List, error) {
	l := &List{}
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		if l.Terms, err = selectTerms(ctx, tx); err != nil {
			return err
		}
		if l.Files, err = filesOf(ctx, tx, &l.Terms, children.LeftFilter{After: after, Limit: pageSize + 1}); err != nil {
			return err
		}
		if len(l.Files) > pageSize {
			l.Files = l.Files[:pageSize]
			l.Next = l.Files[pageSize-1].Cursor()
		}
		families, err := familiesOf(ctx, tx, l.Files)
		if err != nil {
			return err
		}
		if _, err = s.lookWhoMissed(ctx, tx, &l.Terms, l.Files, families); err != nil {
			return err
		}
		l.Unheard = map[ids.ID]Unheard{}
		for _, f := range l.Files {
			if why := families[f.ChildID].unheard(); why != "" {
				l.Unheard[f.ChildID] = why
			}
		}
		return nil
	})
	return l, err
}

// Count is how many files there are of which the period is over, or ends within the notice; those that are held are neither.
type Count struct{ Over, Ending int }

// Count counts them.
func (s *Service) Count(ctx context.Context) (n Count, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		t, err := selectTerms(ctx, tx)
		if err != nil {
			return err
		}
		files, err := filesOf(ctx, tx, &t, children.LeftFilter{Until: t.nearly(tx.Today())})
		for _, f := range files {
			switch f.Stage {
			case Over:
				n.Over++
			case Ending:
				n.Ending++
			}
		}
		return err
	})
	return n, err
}

// File gives the file of one child who left; NotFound for any other.
func (s *Service) File(ctx context.Context, child ids.ID) (f File, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		t, err := selectTerms(ctx, tx)
		if err != nil {
			return err
		}
		if f, err = fileOfChild(ctx, tx, &t, child); err != nil || f.Hold == nil {
			return err
		}
		names, err := identity.Names(ctx, tx, []ids.ID{f.Hold.HeldBy})
		f.Hold.By = names[f.Hold.HeldBy]
		return err
	})
	return f, err
}

func fileOfChild(ctx context.Context, tx tenants.Reader, t *Terms, child ids.ID) (File, error) {
	files, err := filesOf(ctx, tx, t, children.LeftFilter{ChildID: child})
	if err != nil {
		return File{}, err
	}
	if len(files) == 0 {
		return File{}, fault.NotFound()
	}
	return files[0], nil
}

// Hold keeps the file of a child who left longer than its period. It replaces the hold that the actor saw; when another is there by now
// it is a Conflict.
func (s *Service) Hold(ctx context.Context, d HoldDraft) error {
	return s.changeHold(ctx, d.ChildID, d.Seen, func(ctx context.Context, tx tenants.Writer, f File) error {
		if err := d.check(ctx, tx.Today(), f.kept); err != nil {
			return err
		}
		h := &Hold{TenantID: tx.Tenant().ID, ID: ids.New(), ChildID: d.ChildID, UntilOn: d.UntilOn, Reason: d.Reason, HeldBy: actor.From(ctx).PersonID, HeldAt: tx.Now()}
		if err := insertHold(ctx, tx, h); err != nil {
			return err
		}
		// The reason may be about somebody: it stays with the hold.
		return audit.Record(ctx, tx, "retention.hold", d.ChildID, map[string]any{"until": d.UntilOn})
	})
}

// Release ends the hold that the actor saw.
func (s *Service) Release(ctx context.Context, child, seen ids.ID) error {
	return s.changeHold(ctx, child, seen, func(ctx context.Context, tx tenants.Writer, _ File) error {
		if seen == ids.Nil {
			return nil
		}
		return audit.Record(ctx, tx, "retention.release", child, nil)
	})
}

// changeHold ends the hold of a child that the actor saw, and does then with its file.
func (s *Service) changeHold(ctx context.Context, child, seen ids.ID, then func(context.Context, tenants.Writer, File) error) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		t, err := lockTerms(ctx, tx)
		if err != nil {
			return err
		}
		f, err := fileOfChild(ctx, tx, &t, child)
		if err != nil {
			return err
		}
		holds, err := openHolds(ctx, tx, []ids.ID{child})
		if err != nil {
			return err
		}
		now := holds[child]
		if now != nil && now.UntilOn >= tx.Today() && now.ID != seen || seen != ids.Nil && (now == nil || now.ID != seen) {
			return fault.New(fault.Conflict, "retention.error.hold_stale")
		}
		if now != nil {
			if err := endHold(ctx, tx, now.ID, actor.From(ctx).PersonID); err != nil {
				return err
			}
		}
		return then(ctx, tx, f)
	})
}

// atOnce is how many files are looked at in one transaction.
const atOnce = 100

// OfferBeforeEnd tells the guardians of children whose period ends within the notice to take everything along: once for an end, and never
// less than the notice before it. Of whom nobody can be told is not told, and nothing is promised, until somebody can; a guardian who did
// not hear is told as soon as that can be. An organisation that did not choose so tells nobody. It is run on a schedule, as often as one likes.
func (s *Service) OfferBeforeEnd(ctx context.Context) error {
	for after, more := (paging.Cursor{}), true; more; {
		err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) (err error) {
			after, more, err = s.offerSome(ctx, tx, after)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// offerSome looks at the files after one of them. It tells where it ended, and whether there are more.
func (s *Service) offerSome(ctx context.Context, tx tenants.Writer, after paging.Cursor) (last paging.Cursor, more bool, err error) {
	t, err := lockTerms(ctx, tx)
	if err != nil || !t.Offers || !tx.Tenant().Has(tenants.Keepsake) {
		return last, false, err
	}
	today := tx.Today()
	files, err := filesOf(ctx, tx, &t, children.LeftFilter{Until: t.nearly(today), After: after, Limit: atOnce})
	if err != nil || len(files) == 0 {
		return last, false, err
	}
	families, err := familiesOf(ctx, tx, files)
	if err != nil {
		return last, false, err
	}
	missed, err := s.lookWhoMissed(ctx, tx, &t, files, families)
	if err != nil {
		return last, false, err
	}
	if err := s.offerer.TakeBack(ctx, tx, missed); err != nil {
		return last, false, err
	}
	var notices []Notice
	for i := range files {
		f := &files[i]
		if !f.Due || families[f.ChildID].unheard() != "" {
			continue
		}
		// Of a file whose end is nearer than the notice, or past, the end moves: whoever is told has the time that was promised.
		until := max(f.EndsOn, today.Add(t.NoticeDays))
		if err := s.offerer.Offer(ctx, tx, f.ChildID, f.missed, keepsake.Retention, until); err != nil {
			return last, false, err
		}
		if err := audit.Record(ctx, tx, "retention.offer", f.ChildID, map[string]any{"before": until}); err != nil {
			return last, false, err
		}
		n := Notice{TenantID: t.TenantID, ChildID: f.ChildID, UntilOn: until, OfferedAt: tx.Now()}
		if f.missed != nil && !f.Missed {
			n.OfferedAt = f.Notice.OfferedAt // who heard then need not hear again
		}
		notices = append(notices, n)
	}
	return files[len(files)-1].Cursor(), len(files) == atOnce, insertNotices(ctx, tx, notices)
}
