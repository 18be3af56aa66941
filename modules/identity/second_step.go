package identity

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// WaitCookie carries the token of somebody whose password was right and who must still show a second factor.
const WaitCookie = "__Host-inloggen"

// WaitTime is how long a password that was right stands before the second factor, and waitTries how many codes can be tried.
const (
	WaitTime  = 10 * time.Minute
	waitTries = 5
)

func waitGone() *fault.Error { return fault.New(fault.Gone, "identity.error.wait_gone") }

// awaitFactor notes that the password of p was right, instead of opening a session.
func awaitFactor(ctx context.Context, tx tenants.Writer, p *Person, device string, knownBrowser bool) (SignedIn, error) {
	token, hash := ids.NewToken()
	w := &wait{TenantID: tx.Tenant().ID, ID: ids.New(), TokenHash: hash, PersonID: p.ID, Device: shorten(device, maxDevice),
		KnownBrowser: knownBrowser, CreatedAt: tx.Now(), ExpiresAt: tx.Now().Add(WaitTime)}
	return SignedIn{Wait: token}, insertWait(ctx, tx, w)
}

// Waits tells whether a token stands for a password that was right; Gone when it does not, or no longer.
func (s *Service) Waits(ctx context.Context, token string) error {
	return s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		_, err := getWait(ctx, tx, ids.HashToken(token))
		return err
	})
}

// Proof is the second step of a sign-in.
type Proof struct {
	Wait    string // the token that SignIn gave instead of a session
	Code    string // of the app, or a recovery code, as typed
	IP      netip.Addr
	Before  string // this and the others as in Credentials
	Browser string
	Adding  bool
}

// Prove opens the session that the password asked for. A code that is wrong or was used is Invalid at the field code; after
// five of them, or ten minutes, the wait is Gone and the password must be typed again.
func (s *Service) Prove(ctx context.Context, proof Proof) (SignedIn, error) {
	w, err := s.countTry(ctx, ids.HashToken(proof.Wait))
	if err != nil {
		return SignedIn{}, err
	}
	who := w.PersonID.String()
	buckets := []bucket{codePair.of(who + "|" + prefix(proof.IP))}
	if !w.KnownBrowser {
		buckets = append(buckets, codeAccount.of(who))
	}
	if err := s.attempt(ctx, buckets...); err != nil {
		return SignedIn{}, err
	}
	var in SignedIn
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		p, err := lockPerson(ctx, tx, w.PersonID)
		if err != nil {
			return err
		}
		if err := s.checkCode(ctx, tx, p.ID, proof.Code); err != nil {
			return err
		}
		// Of many who prove at once one gets in, and none after the password changed: that removes what waits.
		if err := removeWait(ctx, tx, w.ID); err != nil {
			return err
		}
		if err := forgive(ctx, tx, buckets); err != nil {
			return err
		}
		in, err = openFirst(ctx, tx, p, arrival{w.Device, proof.Before, proof.Browser, proof.Adding}, true)
		return err
	})
	return in, err
}

// countTry counts one code before it is looked at.
func (s *Service) countTry(ctx context.Context, hash []byte) (w *wait, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		w, err = tryWait(ctx, tx, hash)
		return err
	})
	return w, err
}

// arrival is the browser that somebody comes in with; see Credentials.
type arrival struct {
	device, before, browser string
	adding                  bool
}

// openFirst opens a session in the person's first role of today. It ends what the browser had, unless this one comes beside it;
// then it replaces one that the same person had there.
func openFirst(ctx context.Context, tx tenants.Writer, p *Person, from arrival, strong bool) (SignedIn, error) {
	roles, err := membershipsOf(ctx, tx, p.ID)
	if err != nil {
		return SignedIn{}, err
	}
	if p.DeactivatedAt != nil || len(roles) == 0 {
		return SignedIn{}, waitGone()
	}
	follows, err := unendedOf(ctx, tx, p.ID, ids.HashToken(from.before))
	if err != nil {
		return SignedIn{}, err
	}
	at := ids.Nil
	if from.adding {
		at, err = besideWhom(ctx, tx, from)
	}
	if err != nil {
		return SignedIn{}, err
	}
	if at == ids.Nil {
		at, err = startAfresh(ctx, tx, p.ID, from)
	} else {
		err = endInBrowser(ctx, tx, at, p.ID)
	}
	if err != nil {
		return SignedIn{}, err
	}
	return openSession(ctx, tx, p, roles[0].ID, roles[0].RoleName, from, place{at, follows}, strong)
}

// place is where a session begins: in a browser with several accounts, or ids.Nil, and after which one of the same person, if any.
type place struct{ browser, follows ids.ID }

// besideWhom is the browser that somebody is added to: only beside a session that lives in it. A browser's own cookie may
// have been left behind at a shared tablet, and would show those who stayed in it to whoever comes next.
func besideWhom(ctx context.Context, tx tenants.Writer, from arrival) (ids.ID, error) {
	before := ids.HashToken(from.before)
	switch _, err := lockSession(ctx, tx, before); {
	case fault.CodeOf(err) == fault.Unauthenticated:
		return ids.Nil, nil
	case err != nil:
		return ids.Nil, err
	}
	return findBrowserOf(ctx, tx, before, from.browser)
}

// startAfresh ends what the browser had, and gives the one that the person was in before: what it is linked to is theirs to use
// again, and signing out of all must find this session too. Nobody else stays in it. A stranger to it starts without.
func startAfresh(ctx context.Context, tx tenants.Writer, person ids.ID, from arrival) (ids.ID, error) {
	before := ids.HashToken(from.before)
	left, err := findBrowserOf(ctx, tx, before, from.browser)
	if err != nil {
		return ids.Nil, err
	}
	own, err := findBrowserUsedBy(ctx, tx, person, from.browser)
	if err != nil {
		return ids.Nil, err
	}
	if _, err := endByToken(ctx, tx, before); err != nil {
		return ids.Nil, err
	}
	for _, at := range []ids.ID{left, own} {
		if at == ids.Nil {
			continue
		}
		if err := endInBrowser(ctx, tx, at, ids.Nil); err != nil {
			return ids.Nil, err
		}
	}
	if own == ids.Nil {
		return ids.Nil, nil
	}
	return own, noteBrowser(ctx, tx, own)
}

// asksFactor are the roles in which nobody does anything without a second factor.
func asksFactor(rules tenants.SignIn) []string {
	roles := []string{"staff", "manager", "admin"}
	if rules.ParentFactor {
		roles = append(roles, "parent")
	}
	return roles
}

// actsAs is what a session lets its person do in a role that they have.
func actsAs(rules tenants.SignIn, role string, strong bool) actor.Role {
	if !strong && slices.Contains(asksFactor(rules), role) {
		return actor.Enrolling
	}
	return roleNamed(role)
}
