package identity

import (
	"context"
	"slices"
	"time"
	"unicode/utf8"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/tenants"
)

// tamperTime is how long before a new address was asked for somebody may have been in an account already: who means to stay in
// it sets up a factor first.
const tamperTime = 24 * time.Hour

// dropFactorsSince takes away what was set up in an account while somebody else was in it, and tells its owner. The only factors
// of who must have one stay: else a mailbox alone would open the account. An admin removes them, see RemoveFactors.
func dropFactorsSince(ctx context.Context, tx tenants.Writer, person ids.ID, since time.Time) error {
	added, err := factorsAddedSince(ctx, tx, person, since)
	if err != nil {
		return err
	}
	if stay, err := wouldBeBare(ctx, tx, person, len(added)); err != nil || stay {
		return err
	}
	dropped, err := removeFactorsSince(ctx, tx, person, since)
	if err != nil || !dropped {
		return err
	}
	if err := dropIdleCodes(ctx, tx, person); err != nil {
		return err
	}
	return recordFactor(ctx, tx, person, "factors_taken_back")
}

// dropIdleCodes removes the recovery codes of who has no factor any more that they could stand in for.
func dropIdleCodes(ctx context.Context, tx tenants.Writer, person ids.ID) error {
	f, err := factorsOf(ctx, tx, person)
	if err != nil || f.any() {
		return err
	}
	return removeCodes(ctx, tx, person)
}

// DoubtTime is how long who reads the mail of an account may remove a factor that was added to it: somebody who knew the password
// may have added it, and the owner, who is told by mail, has nothing to show beside a new password. An older one stays whatever
// the mail says: whoever reads it does not get past a second factor.
const DoubtTime = 7 * 24 * time.Hour

// AddedFactor is an authenticator app or a passkey that was added to an account lately.
type AddedFactor struct {
	ID      ids.ID `bun:"type:uuid"`
	Passkey string // its name; empty for an app
	AddedAt time.Time
	Stays   bool // the only ones of somebody whose role asks for a second factor: an admin removes them, see RemoveFactors
}

// AddedLately lists the factors that the owner of a link to a new password may not know of; Gone as PeekReset.
func (s *Service) AddedLately(ctx context.Context, token string) ([]AddedFactor, error) {
	var list []AddedFactor
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		p, err := linkOwner(ctx, tx, ids.HashToken(token), passwordReset)
		if err != nil {
			return err
		}
		list, err = addedLately(ctx, tx, p.ID)
		return err
	})
	return list, err
}

func addedLately(ctx context.Context, tx tenants.Reader, person ids.ID) ([]AddedFactor, error) {
	list, err := factorsAddedSince(ctx, tx, person, tx.Now().Add(-DoubtTime))
	if err != nil || len(list) == 0 {
		return nil, err
	}
	stay, err := wouldBeBare(ctx, tx, person, len(list))
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i].Stays = stay
	}
	return list, nil
}

// wouldBeBare tells whether somebody who must have a second factor would have none without so many of them.
func wouldBeBare(ctx context.Context, tx tenants.Reader, person ids.ID, without int) (bool, error) {
	required, err := mustHaveFactor(ctx, tx, person)
	if err != nil || !required {
		return false, err
	}
	f, err := factorsOf(ctx, tx, person)
	return without == f.number(), err
}

// disown removes factors that the reader of the mail says are not theirs, with the recovery codes of those days, and tells the
// owner. One that is not to be removed so is not found.
func disown(ctx context.Context, tx tenants.Writer, person ids.ID, factors []ids.ID) error {
	if len(factors) == 0 {
		return nil
	}
	list, err := addedLately(ctx, tx, person)
	if err != nil {
		return err
	}
	for _, id := range factors {
		i := slices.IndexFunc(list, func(f AddedFactor) bool { return f.ID == id && !f.Stays })
		if i < 0 {
			return fault.NotFound()
		}
		what, remove := "passkey_removed", func() error { return removePasskey(ctx, tx, person, id) }
		if list[i].Passkey == "" {
			what, remove = "app_removed", func() error { return removeApp(ctx, tx, person) }
		}
		if err := remove(); err != nil {
			return err
		}
		if err := recordFactor(ctx, tx, person, what); err != nil {
			return err
		}
	}
	if err := removeCodesSince(ctx, tx, person, tx.Now().Add(-DoubtTime)); err != nil {
		return err
	}
	return dropIdleCodes(ctx, tx, person)
}

const maxReason = 500

// RemoveFactors takes every second factor of a person away, with their recovery codes: for somebody who lost the telephone. The
// actor must be fresh and is never that person, whose own page is for that. Every session of the person ends, the mail tells
// them, and who must have a factor sets up another at the next sign-in. A password that is too short to stand alone is void: the
// person chooses another by mail. A reason is asked for, and kept in the audit log.
func (s *Service) RemoveFactors(ctx context.Context, person ids.ID, reason string) error {
	if reason = tidy(reason); reason == "" || utf8.RuneCountInString(reason) > maxReason {
		return oneProblem("reason", "identity.error.reason")
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := MustBeFresh(ctx, tx); err != nil {
			return err
		}
		if person == actor.From(ctx).PersonID {
			return oneProblem("reason", "identity.error.own_factors")
		}
		p, err := lockPerson(ctx, tx, person)
		if err != nil {
			return err
		}
		f, err := factorsOf(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		if !f.any() {
			return oneProblem("reason", "identity.error.no_factors")
		}
		if _, err := removeFactorsSince(ctx, tx, p.ID, time.Time{}); err != nil {
			return err
		}
		if p.PasswordShort { // it must not be left alone
			p.PasswordHash, p.PasswordShort = "", false
			if err := updatePerson(ctx, tx, p, "password_hash", "password_short"); err != nil {
				return err
			}
		}
		if err := endAll(ctx, tx, p.ID, ids.Nil); err != nil {
			return err
		}
		if err := outbox.Record(ctx, tx, FactorChanged{PersonID: p.ID, What: "factors_removed"}); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "identity.remove_factors", p.ID, map[string]any{"reason": reason})
	})
}

// HasFactor tells whether a person has a second factor, for who may remove it.
func (s *Service) HasFactor(ctx context.Context, person ids.ID) (has bool, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		f, err := factorsOf(ctx, tx, person)
		has = f.any()
		return err
	})
	return has, err
}
