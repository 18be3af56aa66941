package imports

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/live"
	"ouderportaal/internal/outbox"
	"ouderportaal/internal/sheet"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// Subscriptions are the events that imports hear of.
func (s *Service) Subscriptions() []outbox.Subscription {
	return []outbox.Subscription{outbox.On("imports.apply", outbox.Normal, s.apply)}
}

// errMeanwhile says that the plan is not the one that was seen any more.
var errMeanwhile = errors.New("imports: something else changed since the preview")

// errDismissed says that whoever asked for it runs the organisation no more.
var errDismissed = errors.New("imports: who asked for it may not any more")

// apply carries out an import in one transaction: all of it, or nothing. Run again it finds it done; run again after its
// worker was lost it begins anew, because nothing of the first time was kept.
func (s *Service) apply(ctx context.Context, _ ids.ID, e ImportQueued) error {
	i, _, err := s.Find(ctx, e.ImportID)
	if err != nil || !i.Waiting() {
		return err
	}
	ctx = actor.With(ctx, actor.Actor{TenantID: i.TenantID, PersonID: i.AppliedBy, Role: actor.Admin})
	err = s.carryOut(ctx, i)
	var refused *pgconn.PgError
	switch {
	case errors.Is(err, errMeanwhile), errors.Is(err, children.ErrChanged), errors.Is(err, identity.ErrChanged):
		return s.refuse(ctx, i, "imports.refusal.meanwhile")
	case errors.Is(err, errDismissed):
		return s.refuse(ctx, i, "imports.refusal.dismissed")
	case errors.Is(err, children.ErrFull):
		return s.refuse(ctx, i, "imports.refusal.full")
	case errors.As(err, &refused) && (strings.HasPrefix(refused.Code, "23") || strings.HasPrefix(refused.Code, "22")):
		// A rule of the schema that the preview does not know. Trying again would come out the same.
		if err := s.refuse(ctx, i, "imports.refusal.rule"); err != nil {
			return err
		}
		return fault.New(fault.Invalid, "imports.refusal.rule").Wrap(err)
	}
	return err
}

func (s *Service) carryOut(ctx context.Context, i *Import) error {
	table, err := sheet.Read(i.Content)
	if err != nil {
		return err
	}
	meter := &meter{s: s, ctx: ctx, i: i}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := takeTurn(ctx, tx); err != nil {
			return err
		}
		now, err := selectImport(ctx, tx, i.ID) // another worker may have done it while this one waited
		if err != nil || !now.Waiting() {
			return err
		}
		may, err := identity.Holds(ctx, tx, i.AppliedBy, actor.Admin)
		if err != nil {
			return err
		}
		if !may {
			return errDismissed
		}
		p, err := i.planAsSeen(ctx, tx, table)
		if err != nil {
			return err
		}
		meter.start(p.rows())
		if err := p.write(ctx, tx, meter.add); err != nil {
			return err
		}
		return i.finish(ctx, tx, p)
	})
}

// planAsSeen plans anew, with the rows to be changed locked, and gives the plan when it is the one that was seen.
func (i *Import) planAsSeen(ctx context.Context, tx tenants.Writer, table *sheet.Table) (*plan, error) {
	p, err := makePlan(ctx, tx, table, i.Kind, i.Mapping)
	if err != nil {
		return nil, err
	}
	if err := i.mustBeAsSeen(p); err != nil {
		return nil, err
	}
	if err := p.care.Lock(ctx, tx); err != nil {
		return nil, err
	}
	if err := p.folk.Lock(ctx, tx); err != nil {
		return nil, err
	}
	// Somebody may have changed them between the plan and the locks.
	if p, err = makePlan(ctx, tx, table, i.Kind, i.Mapping); err != nil {
		return nil, err
	}
	return p, i.mustBeAsSeen(p)
}

func (i *Import) mustBeAsSeen(p *plan) error {
	_, fingerprint, err := p.encode()
	if err == nil && !bytes.Equal(fingerprint, i.Fingerprint) {
		err = errMeanwhile
	}
	return err
}

// write keeps what is planned, people before who is tied to them.
func (p *plan) write(ctx context.Context, tx tenants.Writer, wrote func(int)) error {
	if err := identity.Correct(ctx, tx, &p.folk, wrote); err != nil {
		return err
	}
	for at := range p.care.Added.Children {
		p.care.Added.Children[at].CreatedAt = tx.Now()
	}
	if err := children.Correct(ctx, tx, &p.care, wrote); err != nil {
		return err
	}
	return insertNumbers(ctx, tx, p.refs, wrote)
}

// finish notes what was done: once for the import, at each child and person that is new, and at each that was known before what
// changed of them.
func (i *Import) finish(ctx context.Context, tx tenants.Writer, p *plan) error {
	detail := map[string]any{"kind": i.Kind, "new": i.Counts.New, "changed": i.Counts.Changed, "left_out": i.Counts.Wrong,
		"children": len(p.care.Added.Children), "people": len(p.folk.Added), "placements": len(p.care.Added.Placements)}
	if err := audit.Record(ctx, tx, "imports.apply", i.ID, detail); err != nil {
		return err
	}
	if err := i.recordAdded(ctx, tx, p); err != nil {
		return err
	}
	if err := i.recordEach(ctx, tx, "imports.change_child", p.known(p.kidsTouched)); err != nil {
		return err
	}
	if err := i.recordEach(ctx, tx, "imports.change_person", p.known(p.folkTouched)); err != nil {
		return err
	}
	at := tx.Now()
	i.State, i.Content, i.Preview, i.FinishedAt = Done, nil, nil, &at
	i.Written, i.ToWrite = p.rows(), p.rows()
	if err := updateImport(ctx, tx, i, "state", "content", "preview", "finished_at", "written", "to_write"); err != nil {
		return err
	}
	return live.Signal(ctx, tx, live.Person(i.AppliedBy))
}

// recordAdded notes where each child and person comes from who was not there before.
func (i *Import) recordAdded(ctx context.Context, tx tenants.Writer, p *plan) error {
	kids, folk := make([]ids.ID, len(p.care.Added.Children)), make([]ids.ID, len(p.folk.Added))
	for n, c := range p.care.Added.Children {
		kids[n] = c.ID
	}
	for n, who := range p.folk.Added {
		folk[n] = who.ID
	}
	from := map[string]any{"import": i.ID}
	if err := audit.RecordEach(ctx, tx, "imports.add_child", kids, from); err != nil {
		return err
	}
	return audit.RecordEach(ctx, tx, "imports.add_person", folk, from)
}

// known leaves out those who are added: that they are new says it all.
func (p *plan) known(touched map[ids.ID][]Field) map[ids.ID][]Field {
	for _, c := range p.care.Added.Children {
		delete(touched, c.ID)
	}
	for _, who := range p.folk.Added {
		delete(touched, who.ID)
	}
	return touched
}

// recordEach notes an action at everybody of whom something changed, those of whom the same changed together.
func (i *Import) recordEach(ctx context.Context, tx tenants.Writer, action string, touched map[ids.ID][]Field) error {
	alike := map[string][]ids.ID{}
	for id, fields := range touched {
		names := make([]string, len(fields))
		for n, f := range fields {
			names[n] = string(f)
		}
		slices.Sort(names)
		alike[strings.Join(names, " ")] = append(alike[strings.Join(names, " ")], id)
	}
	for _, names := range slices.Sorted(maps.Keys(alike)) {
		subjects := alike[names]
		slices.SortFunc(subjects, func(a, b ids.ID) int { return bytes.Compare(a[:], b[:]) })
		if err := audit.RecordEach(ctx, tx, action, subjects, map[string]any{"import": i.ID, "fields": strings.Fields(names)}); err != nil {
			return err
		}
	}
	return nil
}

// refuse notes that nothing was written, and why.
func (s *Service) refuse(ctx context.Context, i *Import, why string) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		at := tx.Now()
		i.State, i.Refusal, i.FinishedAt, i.Written = Refused, why, &at, 0
		if err := updateImport(ctx, tx, i, "state", "refusal", "finished_at", "written"); err != nil {
			return err
		}
		return live.Signal(ctx, tx, live.Person(i.AppliedBy))
	})
}

// meter tells open pages how far an import is. It writes in transactions of its own, beside the one that does the work,
// and an import goes on when it cannot.
type meter struct {
	s              *Service
	ctx            context.Context // outside the transaction of the import
	i              *Import
	written, total int
	shown          int // in twentieths
}

func (m *meter) start(total int) {
	m.total = total
	m.show()
}

func (m *meter) add(rows int) {
	m.written += rows
	if part := 20 * m.written / max(1, m.total); part > m.shown {
		m.shown = part
		m.show()
	}
}

func (m *meter) show() {
	_ = m.s.db.Write(m.ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := updateProgress(ctx, tx, m.i.ID, m.written, m.total); err != nil {
			return err
		}
		return live.Signal(ctx, tx, live.Person(m.i.AppliedBy))
	})
}
