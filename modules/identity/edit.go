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
	var names []string
	set := func(column string, was *string, is string) {
		if *was != is {
			*was = is
			names = append(names, column)
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
	if len(names) == 0 {
		return nil
	}
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
	return audit.Record(ctx, tx, "identity.edit_person", id, map[string]any{"fields": names})
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
