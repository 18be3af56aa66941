package identity

import (
	"context"
	"slices"

	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Edit changes what is known of a person, within the transaction of a module that knows whose business that is. A version
// other than the row's is a Conflict.
//
// With the mail address goes the account, so the actor must be fresh for another one, and whoever works here keeps one. It
// ends open links, changes that were asked for and sessions: they were given to whoever reads the old address, which is told.
func Edit(ctx context.Context, tx tenants.Writer, id ids.ID, draft Draft, version int) error {
	p, err := lockPerson(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := draft.Check(); err != nil {
		return err
	}
	if p.Version != version {
		return fault.New(fault.Conflict, "identity.error.stale")
	}
	old := p.Email
	if draft.Email != old {
		if err := mayReaddress(ctx, tx, p, draft.Email); err != nil {
			return err
		}
	}
	var changes []audit.Change
	set := func(column string, was *string, is string) {
		if *was != is {
			changes = append(changes, audit.Change{Field: column, Was: *was, Is: is})
			*was = is
		}
	}
	set("given_name", &p.GivenName, draft.GivenName)
	set("family_name", &p.FamilyName, draft.FamilyName)
	set("email", &p.Email, draft.Email)
	set("phone", &p.Phone, draft.Phone)
	set("street", &p.Street, draft.Street)
	set("postcode", &p.Postcode, draft.Postcode)
	set("city", &p.City, draft.City)
	if draft.Language != "" {
		set("language", &p.Language, draft.Language)
	}
	if len(changes) == 0 {
		return nil
	}
	names := audit.Fields(changes)
	p.Version++
	if err := changePerson(ctx, tx, p, append(slices.Clone(names), "version")...); err != nil {
		return err
	}
	if slices.Contains(names, "email") {
		if err := voidLinks(ctx, tx, id); err != nil {
			return err
		}
		if err := endAll(ctx, tx, id, ids.Nil); err != nil {
			return err
		}
		if err := readdressed(ctx, tx, p, old); err != nil {
			return err
		}
	}
	return audit.RecordEdit(ctx, tx, "identity.edit_person", id, nil, changes)
}

// changePerson is updatePerson that tells when the mail address is somebody else's.
func changePerson(ctx context.Context, tx tenants.Writer, p *Person, columns ...string) error {
	err := updatePerson(ctx, tx, p, columns...)
	if taken(err) {
		var problems fault.Fields
		problems.Add("email", "identity.error.email_taken")
		return problems.Err()
	}
	return err
}
