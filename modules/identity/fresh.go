package identity

import (
	"context"
	"net/netip"
	"time"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
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
	return fault.New(fault.Forbidden, confirmKey)
}

// NeedsProof tells that err is the refusal of MustBeFresh.
func NeedsProof(err error) bool {
	problem, ok := fault.As(err)
	return ok && problem.Key == confirmKey
}

// Fresh is MustBeFresh for a page.
func (s *Service) Fresh(ctx context.Context) error {
	return s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error { return MustBeFresh(ctx, tx) })
}

// Confirmation proves once more who the actor is: by one of the three.
type Confirmation struct {
	Password string
	Code     string
	Passkey  Answer
	IP       netip.Addr
}

// Confirm makes the actor's session fresh and gives it a new token. What is wrong is Invalid at the field password or code.
func (s *Service) Confirm(ctx context.Context, token string, c Confirmation) (SignedIn, error) {
	who := actor.From(ctx)
	if err := s.attempt(ctx, confirmPair.of(who.PersonID.String()+"|"+prefix(c.IP)), codeAccount.of(who.PersonID.String())); err != nil {
		return SignedIn{}, err
	}
	var in SignedIn
	refresh := func(ctx context.Context, tx tenants.Writer, p *Person) error {
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
		}
		if err != nil {
			return err
		}
		return refresh(ctx, tx, p)
	})
	return in, err
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
