package particulars

import (
	"context"
	"strconv"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/formkey"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// mustHoldAuthority answers NotFound unless the actor is a guardian with parental authority over the child, who keeps it until the
// transaction ends.
func mustHoldAuthority(ctx context.Context, tx tenants.Writer, child ids.ID) error {
	if _, err := children.MustSee(ctx, tx, []ids.ID{child}); err != nil {
		return err
	}
	who := actor.From(ctx)
	ties, err := children.HoldAuthority(ctx, tx, child)
	if err != nil {
		return err
	}
	for _, t := range ties {
		if who.Role == actor.Parent && t.PersonID == who.PersonID {
			return nil
		}
	}
	return fault.NotFound()
}

// AddContact adds somebody to call, or who may collect, to a child over whom the actor has parental authority.
func (s *Service) AddContact(ctx context.Context, child ids.ID, draft ContactDraft) error {
	if err := draft.Check(); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := mustHoldAuthority(ctx, tx, child); err != nil {
			return err
		}
		typed := formkey.Hash(child.String(), draft.Name, draft.Relation, draft.Phone, strconv.FormatBool(draft.Emergency), strconv.FormatBool(draft.Collects))
		if _, done, err := formkey.Once(ctx, tx, draft.FormKey, typed); err != nil || done {
			return err
		}
		if err := hold(ctx, tx, child); err != nil {
			return err
		}
		there, err := selectContacts(ctx, tx, []ids.ID{child})
		if err != nil {
			return err
		}
		if len(there) >= MaxContacts {
			return fault.New(fault.Conflict, "particulars.error.many_contacts").With(map[string]any{"Max": MaxContacts})
		}
		c := &Contact{TenantID: tx.Tenant().ID, ID: ids.New(), ChildID: child, Name: draft.Name, Relation: draft.Relation, Phone: draft.Phone, Emergency: draft.Emergency, Collects: draft.Collects,
			Version: 1, AddedBy: actor.From(ctx).PersonID, AddedAt: tx.Now()}
		if err := insertContacts(ctx, tx, *c); err != nil {
			return err
		}
		if err := audit.RecordEdit(ctx, tx, "particulars.add_contact", child, map[string]any{"contact": c.ID}, c.changes(&Contact{})); err != nil {
			return err
		}
		return formkey.Finish(ctx, tx, draft.FormKey, c.ID.String())
	})
}

// ChangeContact changes somebody who was added. A draft of another version than the row's is a Conflict.
func (s *Service) ChangeContact(ctx context.Context, child, id ids.ID, draft ContactDraft) error {
	if err := draft.Check(); err != nil {
		return err
	}
	return s.contact(ctx, child, id, draft.Version, func(_ tenants.Writer, c *Contact) string {
		c.Name, c.Relation, c.Phone, c.Emergency, c.Collects = draft.Name, draft.Relation, draft.Phone, draft.Emergency, draft.Collects
		return "particulars.change_contact"
	})
}

// RemoveContact takes somebody off the list, at once.
func (s *Service) RemoveContact(ctx context.Context, child, id ids.ID) error {
	return s.contact(ctx, child, id, 0, func(tx tenants.Writer, c *Contact) string {
		now := tx.Now()
		c.RemovedAt, c.RemovedBy = &now, actor.From(ctx).PersonID
		return "particulars.remove_contact"
	})
}

// contact runs do on a contact of a child and keeps what it changed; version 0 takes the row as it is.
func (s *Service) contact(ctx context.Context, child, id ids.ID, version int, do func(tenants.Writer, *Contact) (action string)) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := mustHoldAuthority(ctx, tx, child); err != nil {
			return err
		}
		if err := hold(ctx, tx, child); err != nil {
			return err
		}
		there, err := selectContacts(ctx, tx, []ids.ID{child})
		if err != nil {
			return err
		}
		for i := range there {
			c := &there[i]
			if c.ID != id {
				continue
			}
			if version != 0 && version != c.Version {
				return fault.New(fault.Conflict, "particulars.error.stale")
			}
			before := *c
			action := do(tx, c)
			c.Version++
			if err := updateContact(ctx, tx, c); err != nil {
				return err
			}
			return audit.RecordEdit(ctx, tx, action, child, map[string]any{"contact": id}, c.changes(&before))
		}
		return fault.NotFound()
	})
}

// changes tells what differs from before, for the log.
func (c *Contact) changes(before *Contact) []audit.Change {
	var list []audit.Change
	for _, f := range []audit.Change{{Field: "name", Was: before.Name, Is: c.Name}, {Field: "relation", Was: before.Relation, Is: c.Relation}, {Field: "phone", Was: before.Phone, Is: c.Phone},
		{Field: "emergency", Was: strconv.FormatBool(before.Emergency), Is: strconv.FormatBool(c.Emergency)}, {Field: "collects", Was: strconv.FormatBool(before.Collects), Is: strconv.FormatBool(c.Collects)}} {
		if f.Was != f.Is {
			list = append(list, f)
		}
	}
	return list
}
