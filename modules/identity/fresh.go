package identity

import (
	"context"
	"net/netip"
	"time"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// FreshTime is how long a proof of who somebody is stands for what a stranger at an open screen must not do.
const FreshTime = 5 * time.Minute

const confirmKey = "identity.error.confirm"

// MustBeFresh refuses an actor whose last proof of who they are is older than FreshTime; whoever calls it needs nothing
// else: pages and forms that get the refusal are sent to /bevestigen and back. Ask it in the page that has the form as well as in
// the verb, so that nobody types a form in vain.
func MustBeFresh(ctx context.Context, tx tenants.Reader) error {
	who := actor.From(ctx)
	if who.Role == actor.System || tx.Now().Sub(who.ProvedAt) <= FreshTime {
		return nil
	}
	return needsProof()
}

func needsProof() *fault.Error { return fault.New(fault.Forbidden, confirmKey) }

// NeedsProof tells that err is the refusal of MustBeFresh.
func NeedsProof(err error) bool {
	problem, ok := fault.As(err)
	return ok && problem.Key == confirmKey
}

// Fresh is MustBeFresh for a page.
func (s *Service) Fresh(ctx context.Context) error {
	return s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error { return MustBeFresh(ctx, tx) })
}

// Confirmation proves once more who the actor is: by one of the three. A password proves nothing for somebody who has a
// second factor: who knows it, or sits at an open screen, could take that factor away.
type Confirmation struct {
	Password string
	Code     string // of the app, or a recovery code, as typed
	Passkey  Answer
	IP       netip.Addr
}

// Confirm makes the actor's session fresh and gives it a new token. What is wrong is Invalid at the field password or code. Tries
// count for the session and not for the account, so that nobody in a stolen one keeps the owner from signing in.
func (s *Service) Confirm(ctx context.Context, token string, c Confirmation) (SignedIn, error) {
	who := actor.From(ctx)
	buckets := []bucket{confirmSession.of(who.SessionID.String())}
	if err := s.attempt(ctx, buckets...); err != nil {
		return SignedIn{}, err
	}
	var in SignedIn
	refresh := func(ctx context.Context, tx tenants.Writer, p *Person) error {
		if err := forgive(ctx, tx, buckets); err != nil {
			return err
		}
		row, err := lockOwnSession(ctx, tx, token, p.ID)
		if err != nil {
			return err
		}
		row.ProvedAt = tx.Now()
		if in, err = renewAs(ctx, tx, row, p); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "identity.confirm", p.ID, nil)
	}
	if c.Passkey.Response != "" {
		err := s.provePasskey(ctx, c.Passkey, refresh)
		return in, err
	}
	var known *Person
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		known, err = getPerson(ctx, tx, who.PersonID)
		if err == nil && c.Code == "" {
			err = mustHaveNoFactor(ctx, tx, who.PersonID)
		}
		return err
	})
	if err != nil {
		return SignedIn{}, err
	}
	if c.Code == "" {
		if err := s.mustKnow(ctx, known, "password", c.Password); err != nil {
			return SignedIn{}, err
		}
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		p, err := lockPerson(ctx, tx, who.PersonID)
		if err != nil {
			return err
		}
		if c.Code != "" {
			err = s.checkCode(ctx, tx, p.ID, c.Code)
		} else if p.PasswordHash != known.PasswordHash {
			err = fault.New(fault.Conflict, "error.conflict")
		} else {
			err = mustHaveNoFactor(ctx, tx, p.ID)
		}
		if err != nil {
			return err
		}
		return refresh(ctx, tx, p)
	})
	return in, err
}

// mustHaveNoFactor refuses a password on its own of somebody who can show more than that.
func mustHaveNoFactor(ctx context.Context, tx tenants.Reader, person ids.ID) error {
	f, err := factorsOf(ctx, tx, person)
	if err == nil && f.any() {
		return oneProblem("code", "identity.error.factor_needed")
	}
	return err
}

// MayChangePassword tells how many characters a new password takes. It refuses, as MustBeFresh does, somebody who has a second
// factor and has not shown it lately: the password of before does not prove by itself that it is them. Ask it in the page that has
// the form.
func (s *Service) MayChangePassword(ctx context.Context) (least int, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		f, err := mayChangePassword(ctx, tx)
		least = f.leastPassword()
		return err
	})
	return least, err
}

func mayChangePassword(ctx context.Context, tx tenants.Reader) (factors, error) {
	f, err := factorsOf(ctx, tx, actor.From(ctx).PersonID)
	if err != nil || !f.any() {
		return f, err
	}
	return f, MustBeFresh(ctx, tx)
}

// mustKnow compares a password that somebody who is signed in typed at a field.
func (s *Service) mustKnow(ctx context.Context, p *Person, field, password string) error {
	if len(password) > MaxPassword {
		password = ""
	}
	right, _, err := s.hasher.Verify(ctx, p.PasswordHash, password)
	if err == nil && !right {
		var problems fault.Fields
		problems.Add(field, "identity.error.current_password")
		return problems.Err()
	}
	return err
}
