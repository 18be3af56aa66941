package particulars

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/internal/plaintext"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

// Draft is a change as it was typed.
type Draft struct {
	ChildID   ids.ID // Nil: the actor's own address and telephone
	Values    Values
	HoldsFrom tenants.Date
}

// Ask asks for a change: of a child over whom the actor, a guardian, has parental authority, or of the actor. One that is pending
// already is a Conflict.
func (s *Service) Ask(ctx context.Context, draft Draft) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		who := actor.From(ctx)
		if who.Role != actor.Parent {
			return fault.NotFound()
		}
		r := &Request{TenantID: tx.Tenant().ID, ID: ids.New(), State: Pending, HoldsFrom: draft.HoldsFrom, AskedBy: who.PersonID, AskedAt: tx.Now()}
		fields := OfChild
		if draft.ChildID != ids.Nil {
			r.ChildID = draft.ChildID
			if err := mustHoldAuthority(ctx, tx, r.ChildID); err != nil {
				return err
			}
		} else {
			r.PersonID, fields = who.PersonID, OfPerson
		}
		if err := hold(ctx, tx, r.subject()); err != nil {
			return err
		}
		var problems fault.Fields
		values := draft.Values.check(&problems, fields)
		switch {
		case !draft.HoldsFrom.Valid():
			problems.Add("holds_from", "particulars.error.day")
		case draft.HoldsFrom < tx.Today():
			problems.Add("holds_from", "particulars.error.past")
		case draft.HoldsFrom > tx.Today().Add(MaxAhead):
			problems.Add("holds_from", "particulars.error.far")
		}
		if err := problems.Err(); err != nil {
			return err
		}
		now, err := standing(ctx, tx, r)
		if err != nil {
			return err
		}
		for _, f := range fields {
			if now[f] != values[f] {
				r.Changes = append(r.Changes, Change{Field: f, Was: now[f], Becomes: values[f]})
			}
		}
		if len(r.Changes) == 0 {
			problems.Add(string(fields[0]), "particulars.error.nothing")
			return problems.Err()
		}
		before, err := selectRequests(ctx, tx, ofSubject(r.subject()))
		if err != nil {
			return err
		}
		for _, b := range before {
			if b.State == Pending {
				return fault.New(fault.Conflict, "particulars.error.pending")
			}
		}
		if err := insertRequests(ctx, tx, *r); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, "particulars.ask", r.subject(), map[string]any{"request": r.ID, "fields": r.fields(), "holds_from": r.HoldsFrom}); err != nil {
			return err
		}
		return outbox.Record(ctx, tx, Requested{RequestID: r.ID})
	})
}

// subject is whom the request is about.
func (r *Request) subject() ids.ID {
	if r.ChildID != ids.Nil {
		return r.ChildID
	}
	return r.PersonID
}

func (r *Request) fields() []Field {
	list := make([]Field, len(r.Changes))
	for i, c := range r.Changes {
		list[i] = c.Field
	}
	return list
}

// standing gives what stands in the fields of whom the request is about.
func standing(ctx context.Context, tx tenants.Reader, r *Request) (Values, error) {
	if r.ChildID != ids.Nil {
		p, err := selectParticulars(ctx, tx, []ids.ID{r.ChildID})
		if err != nil {
			return nil, err
		}
		of := p[r.ChildID]
		return of.values(), nil
	}
	p, err := identity.PersonByID(ctx, tx, r.PersonID)
	if err != nil {
		return nil, err
	}
	return valuesOf(p), nil
}

// Withdraw takes back what the actor asked for, as long as it does not hold.
func (s *Service) Withdraw(ctx context.Context, id ids.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		r, err := lockRequest(ctx, tx, id)
		if err != nil {
			return err
		}
		if r.AskedBy != actor.From(ctx).PersonID || actor.From(ctx).Role != actor.Parent {
			return fault.NotFound()
		}
		if r.State == Withdrawn {
			return nil
		}
		if !r.Stoppable() {
			return fault.New(fault.Conflict, "particulars.error.decided")
		}
		r.State = Withdrawn
		if err := updateRequest(ctx, tx, r); err != nil {
			return err
		}
		if err := notifications.Settle(ctx, tx, id); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "particulars.withdraw", r.subject(), map[string]any{"request": id})
	})
}

// Approve lets a change that is pending hold, from its day on. The actor must be one who changes the file of whom it is about.
func (s *Service) Approve(ctx context.Context, id ids.ID) error {
	return s.decide(ctx, id, "particulars.approve", func(r *Request) bool { return r.State == Pending }, func(ctx context.Context, tx tenants.Writer, r *Request) error {
		r.State = Approved
		if r.HoldsFrom > tx.Today() {
			return nil
		}
		return apply(ctx, tx, r)
	})
}

// Refuse says no to a change that is pending, or after all to one that waits for its day, for a reason that who asked for it reads.
func (s *Service) Refuse(ctx context.Context, id ids.ID, reason string) error {
	reason = plaintext.Of(reason)
	return s.decide(ctx, id, "particulars.refuse", (*Request).Stoppable, func(_ context.Context, _ tenants.Writer, r *Request) error {
		var problems fault.Fields
		if n := utf8.RuneCountInString(reason); n == 0 {
			problems.Add("reason", "particulars.error.reason")
		} else if n > MaxReason {
			problems.Add("reason", "particulars.error.too_long", map[string]any{"Max": MaxReason})
		}
		r.State, r.Reason = Refused, reason
		return problems.Err()
	})
}

func (s *Service) decide(ctx context.Context, id ids.ID, action string, can func(*Request) bool, do func(context.Context, tenants.Writer, *Request) error) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		mine, err := selectRequests(ctx, tx, decidedBy(tx, actor.From(ctx)), byID(id))
		if err != nil {
			return err
		}
		if len(mine) == 0 {
			return fault.NotFound()
		}
		r, err := lockRequest(ctx, tx, id)
		if err != nil {
			return err
		}
		if !can(r) {
			return fault.New(fault.Conflict, "particulars.error.decided")
		}
		now := tx.Now()
		r.DecidedBy, r.DecidedAt = actor.From(ctx).PersonID, &now
		if err := do(ctx, tx, r); err != nil {
			return err
		}
		if err := updateRequest(ctx, tx, r); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, action, r.subject(), map[string]any{"request": id, "fields": r.fields()}); err != nil {
			return err
		}
		if err := notifications.ReadAbout(ctx, tx, id); err != nil {
			return err
		}
		if err := notifications.Settle(ctx, tx, id); err != nil { // nobody else has to decide any more
			return err
		}
		return outbox.Record(ctx, tx, Decided{RequestID: id})
	})
}

// apply makes the change, and marks the request so. Fields that were not asked about stay as they are by now, and so do those in which
// something else was put since: what is newer is not undone by what was asked for before.
func apply(ctx context.Context, tx tenants.Writer, r *Request) error {
	if r.ChildID != ids.Nil {
		if err := hold(ctx, tx, r.ChildID); err != nil {
			return err
		}
		all, err := selectParticulars(ctx, tx, []ids.ID{r.ChildID})
		if err != nil {
			return err
		}
		p := all[r.ChildID]
		now := p.values()
		var changes []audit.Change
		r.skipOvertaken(now)
		for _, c := range r.Changes {
			if !c.Skipped && now[c.Field] != c.Becomes {
				changes = append(changes, audit.Change{Field: string(c.Field), Was: now[c.Field], Is: c.Becomes})
				p.set(c.Field, c.Becomes)
			}
		}
		if len(changes) > 0 {
			p.TenantID, p.ChildID, p.ChangedAt = tx.Tenant().ID, r.ChildID, tx.Now()
			if err := upsertParticulars(ctx, tx, p); err != nil {
				return err
			}
			if err := audit.RecordEdit(ctx, tx, "particulars.change", r.ChildID, map[string]any{"request": r.ID}, changes); err != nil {
				return err
			}
		}
	} else {
		p, err := identity.PersonByID(ctx, tx, r.PersonID)
		if err != nil {
			return err
		}
		r.skipOvertaken(valuesOf(p))
		draft := identity.Draft{GivenName: p.GivenName, FamilyName: p.FamilyName, Email: p.Email, Phone: p.Phone, Street: p.Street, Postcode: p.Postcode, City: p.City}
		for _, c := range r.Changes {
			if c.Skipped {
				continue
			}
			switch c.Field {
			case Phone:
				draft.Phone = c.Becomes
			case Street:
				draft.Street = c.Becomes
			case Postcode:
				draft.Postcode = c.Becomes
			case City:
				draft.City = c.Becomes
			}
		}
		if err := identity.Edit(ctx, tx, p.ID, draft, p.Version); err != nil {
			return err
		}
	}
	now := tx.Now()
	r.State, r.AppliedAt = Applied, &now
	if skipped := r.skipped(); len(skipped) > 0 {
		return audit.Record(ctx, tx, "particulars.skip", r.subject(), map[string]any{"request": r.ID, "fields": skipped})
	}
	return nil
}

// skipOvertaken marks the changes of fields in which, by what stands there now, something else was put since they were asked for.
func (r *Request) skipOvertaken(now Values) {
	for i := range r.Changes {
		c := &r.Changes[i]
		c.Skipped = now[c.Field] != c.Was && now[c.Field] != c.Becomes
	}
}

func (r *Request) skipped() (list []Field) {
	for _, c := range r.Changes {
		if c.Skipped {
			list = append(list, c.Field)
		}
	}
	return list
}

// Sweep applies what was approved for a day that has come, each in a transaction of its own: one that cannot be applied keeps back
// no other. Run again it finds nothing left. It is run on a schedule.
func (s *Service) Sweep(ctx context.Context) error {
	var due []Request
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		due, err = selectRequests(ctx, tx, dueOn(tx.Today()))
		return err
	})
	if err != nil {
		return err
	}
	var failed []error
	for _, d := range due {
		err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
			r, err := lockRequest(ctx, tx, d.ID)
			if err != nil || r.State != Approved {
				return err
			}
			if err := apply(ctx, tx, r); err != nil {
				return err
			}
			if err := updateRequest(ctx, tx, r); err != nil {
				return err
			}
			return outbox.Record(ctx, tx, Decided{RequestID: r.ID})
		})
		if err != nil {
			failed = append(failed, fmt.Errorf("particulars: apply %s: %w", d.ID, err))
		}
	}
	return errors.Join(failed...)
}

// Asked is a request with the names around it.
type Asked struct {
	Request
	About   string // the child, or the guardian
	By      string
	Decider string
}

// Requests gives what guardians asked for that the actor decides about: what is pending, the oldest first, or what was decided lately.
func (s *Service) Requests(ctx context.Context, pending bool) (list []Asked, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		rows, err := selectRequests(ctx, tx, decidedBy(tx, actor.From(ctx)), inStates(pending))
		if err != nil {
			return err
		}
		list, err = named(ctx, tx, rows, identity.Names)
		return err
	})
	return list, err
}

// CountPending counts what guardians asked for that waits for the actor to decide.
func (s *Service) CountPending(ctx context.Context) (n int, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		n, err = countRequests(ctx, tx, decidedBy(tx, actor.From(ctx)), inStates(true))
		return err
	})
	return n, err
}

// named adds names; people are those of who reads.
func named(ctx context.Context, tx tenants.Reader, rows []Request, people func(context.Context, tenants.Reader, []ids.ID) (map[ids.ID]string, error)) ([]Asked, error) {
	var who, kids []ids.ID
	for _, r := range rows {
		who = append(who, r.AskedBy)
		for _, id := range []ids.ID{r.DecidedBy, r.PersonID} {
			if id != ids.Nil {
				who = append(who, id)
			}
		}
		if r.ChildID != ids.Nil {
			kids = append(kids, r.ChildID)
		}
	}
	names, err := people(ctx, tx, ids.Once(who))
	if err != nil {
		return nil, err
	}
	about, err := children.NamesOf(ctx, tx, ids.Once(kids))
	if err != nil {
		return nil, err
	}
	list := make([]Asked, len(rows))
	for i, r := range rows {
		list[i] = Asked{Request: r, About: about[r.ChildID], By: names[r.AskedBy], Decider: names[r.DecidedBy]}
		if r.PersonID != ids.Nil {
			list[i].About = names[r.PersonID]
		}
	}
	return list, nil
}
