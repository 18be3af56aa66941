package retention

import (
	"context"
	"slices"

	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// family are the guardians of a child, with why each can be told nothing; empty: can be.
type family map[ids.ID]Unheard

// families are those of some children.
type families map[ids.ID]family

// familiesOf gives the guardians of today of whose children there are files.
func familiesOf(ctx context.Context, tx tenants.Reader, files []File) (families, error) {
	of, all := make([]ids.ID, len(files)), make(families, len(files))
	for i, f := range files {
		of[i], all[f.ChildID] = f.ChildID, family{}
	}
	if len(files) == 0 {
		return all, nil
	}
	ties, err := children.Guardians(ctx, tx, of)
	if err != nil {
		return nil, err
	}
	people := make([]ids.ID, len(ties))
	for i, tie := range ties {
		people[i] = tie.PersonID
	}
	failing, err := identity.AddressProblems(ctx, tx, people)
	if err != nil {
		return nil, err
	}
	contacts, err := identity.Contacts(ctx, tx, people)
	if err != nil {
		return nil, err
	}
	for _, tie := range ties {
		var why Unheard
		_, fails := failing[tie.PersonID]
		switch to := contacts[tie.PersonID]; {
		case !to.Active || to.Email == "":
			why = NoAccount
		case fails:
			why = NoMail
		}
		all[tie.ChildID][tie.PersonID] = why
	}
	return all, nil
}

// reaches tells whether any of people can be told.
func (f family) reaches(people []ids.ID) bool {
	return slices.ContainsFunc(people, func(who ids.ID) bool {
		why, is := f[who]
		return is && why == ""
	})
}

// unheard says why nobody of the family can be told: of all guardians what comes nearest to being told. Empty: somebody can.
func (f family) unheard() Unheard {
	nearest := NoGuardian
	for _, why := range f {
		switch {
		case why == "":
			return ""
		case why == NoMail, nearest == NoGuardian:
			nearest = why
		}
	}
	return nearest
}
