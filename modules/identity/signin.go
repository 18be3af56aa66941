package identity

import (
	"context"
	"crypto/subtle"
	"net/netip"
	"time"
	"unicode/utf8"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Credentials are an attempt to sign in.
type Credentials struct {
	Email    string // as typed
	Password string
	IP       netip.Addr // of the browser, as the trusted proxy tells
	Device   string     // what the browser calls itself, for the list of devices
	// Before is the token that the browser still had, empty when none. If it once was this person's, the browser is known: the
	// limits that a stranger elsewhere can fill do not hold for it. A session that lives under it ends.
	Before string
	// Browser is the token of BrowserCookie, empty when none. Adding is set when this account comes beside those that the browser
	// has: then the session under Before lives on.
	Browser string
	Adding  bool
}

// refused is the one answer to a sign-in that fails, whatever the reason.
func refused() *fault.Error { return fault.New(fault.Invalid, "identity.error.sign_in") }

// SignIn opens a session in the person's first role of admin, manager, staff, parent; for somebody with a second factor it
// gives what Prove goes on with instead. Unknown address, wrong password, deactivated
// and no role today are the same fault after the same work. Too many tries are TooMany; too many people at once Unavailable.
func (s *Service) SignIn(ctx context.Context, c Credentials) (SignedIn, error) {
	tenant, ok := tenants.From(ctx)
	if !ok {
		return SignedIn{}, tenants.ErrNoTenant
	}
	email, _ := NormalizeEmail(c.Email)
	before := ids.HashToken(c.Before)
	found, err := findAccount(ctx, s.db, tenant, email, before, tenant.DateOf(s.now()))
	if err != nil {
		return SignedIn{}, err
	}
	buckets := []bucket{signInPair.of(email + "|" + prefix(c.IP)), signInIP.of(prefix(c.IP))}
	if !found.usedBrowser {
		buckets = append(buckets, signInAccount.of(email), signInEverybody.ofSome())
	}
	if err := s.attempt(ctx, buckets...); err != nil {
		return SignedIn{}, err
	}
	password := c.Password
	if len(password) > MaxPassword || !utf8.ValidString(password) {
		password, found.hash = "", "" // no account has it
	}
	right, outdated, err := s.hasher.Verify(ctx, found.hash, password)
	if err != nil {
		return SignedIn{}, err
	}
	if !right {
		return SignedIn{}, refused()
	}
	stronger := ""
	if outdated {
		if stronger, err = s.hasher.Hash(ctx, password); err != nil {
			return SignedIn{}, err
		}
	}
	var in SignedIn
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		// Between the look and now the password may have been changed, and changing it ended every session: this one must
		// not slip in behind it.
		p, err := lockPerson(ctx, tx, found.person)
		if err != nil {
			return err
		}
		if p.DeactivatedAt != nil || subtle.ConstantTimeCompare([]byte(p.PasswordHash), []byte(found.hash)) != 1 {
			return refused()
		}
		if stronger != "" {
			p.PasswordHash = stronger
			if err := updatePerson(ctx, tx, p, "password_hash"); err != nil {
				return err
			}
		}
		if err := forgive(ctx, tx, buckets); err != nil {
			return err
		}
		in, err = letIn(ctx, tx, p, arrival{c.Device, c.Before, c.Browser, c.Adding}, found.usedBrowser)
		return err
	})
	return in, err
}

// letIn follows on a password that was right, or a new one by a link from a mail: a session, or a wait for the second factor.
func letIn(ctx context.Context, tx tenants.Writer, p *Person, from arrival, knownBrowser bool) (SignedIn, error) {
	f, err := factorsOf(ctx, tx, p.ID)
	if err != nil {
		return SignedIn{}, err
	}
	if f.any() {
		return awaitFactor(ctx, tx, p, from.device, knownBrowser)
	}
	return openFirst(ctx, tx, p, from, false)
}

// openSession begins a session with a fresh token. It is strong when a second factor or a passkey opened it.
func openSession(ctx context.Context, tx tenants.Writer, p *Person, membership ids.ID, role string, from arrival, at place, strong bool) (SignedIn, error) {
	token, hash := ids.NewToken()
	acts := actsAs(tx.Tenant().SignIn, role, strong)
	idle, absolute := limitsOf(tx.Tenant().SignIn, role).until(tx.Now(), tx.Now())
	row := &session{TenantID: tx.Tenant().ID, ID: ids.New(), TokenHash: hash, PersonID: p.ID, MembershipID: membership, BrowserID: at.browser, Follows: at.follows, Device: shorten(from.device, maxDevice),
		Strong: strong, ProvedAt: tx.Now(), CreatedAt: tx.Now(), UsedAt: tx.Now(), IdleUntil: idle, ExpiresAt: absolute}
	if err := insertSession(ctx, tx, row); err != nil {
		return SignedIn{}, err
	}
	in := signedIn(token, row, p, acts)
	return in, audit.Record(actor.With(ctx, in.Actor), tx, "identity.sign_in", p.ID, map[string]any{"strong": strong})
}

func signedIn(token string, row *session, p *Person, acts actor.Role) SignedIn {
	who := actor.Actor{TenantID: row.TenantID, PersonID: p.ID, Role: acts, Language: p.Language, SessionID: row.ID, ProvedAt: row.ProvedAt,
		Name: p.Name(), Face: p.Face}
	return SignedIn{Token: token, ExpiresAt: row.ExpiresAt, Actor: who, Appearance: p.Appearance}
}

const maxDevice = 120

func shorten(s string, most int) string {
	s = tidy(s)
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most])
}

// Resolve tells who visits with a token: in one round trip, at every request. Without a living session it is Unauthenticated.
// The questions ahead travel along; what they find is that person's (tenants.ForVisitor), and nobody's without a session. When
// one of them fails they are left alone: Visit.Ahead tells.
func (s *Service) Resolve(ctx context.Context, token string, ahead ...tenants.Question) (Visit, error) {
	tenant, ok := tenants.From(ctx)
	if !ok {
		return Visit{}, tenants.ErrNoTenant
	}
	now := s.now()
	r, answered, err := resolve(ctx, s.db, tenant, ids.HashToken(token), now, ahead)
	if err != nil {
		return Visit{}, err
	}
	if r.Actor.Anonymous() {
		return Visit{}, signedOut()
	}
	if l := limitsOf(tenant.SignIn, r.role); now.Sub(r.usedAt) >= l.noted() {
		idle, _ := l.until(r.createdAt, now)
		err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
			return touch(ctx, tx, r.Actor.SessionID, idle, l.noted())
		})
		if err != nil {
			return Visit{}, err
		}
	}
	r.Ahead = answered
	return r.Visit, nil
}

// StillIn tells whether the session of the actor in ctx is alive, in the role of the actor; Unauthenticated when it is not.
// It does not count as use.
func (s *Service) StillIn(ctx context.Context) error {
	tenant, ok := tenants.From(ctx)
	if !ok {
		return tenants.ErrNoTenant
	}
	who := actor.From(ctx)
	living, err := livingRole(ctx, s.db, tenant, who.SessionID, s.now())
	if err == nil && (living != who.Role || who.TenantID != tenant.ID) {
		return signedOut()
	}
	return err
}

func signedOut() *fault.Error { return fault.New(fault.Unauthenticated, "identity.error.signed_out") }

// SignOut ends the session of a token. It wins every race: also when the token has just been renewed, and the new one
// is still on its way to the browser.
func (s *Service) SignOut(ctx context.Context, token string) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error { return signOut(ctx, tx, token) })
}

func signOut(ctx context.Context, tx tenants.Writer, token string) error {
	id, err := endByToken(ctx, tx, ids.HashToken(token))
	if err != nil || id == ids.Nil {
		return err
	}
	return audit.Record(ctx, tx, "identity.sign_out", id, nil)
}

// Open lists what the actor can be today without a second factor, the first one first, and tells whether it is as somebody who works here
// that they need one.
func (s *Service) Open(ctx context.Context) (open []Membership, works bool, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		list, err := membershipsOf(ctx, tx, actor.From(ctx).PersonID)
		for _, m := range list {
			if actsAs(tx.Tenant().SignIn, m.RoleName, false) != actor.Enrolling {
				open = append(open, m)
			}
			works = works || m.Role() != actor.Parent
		}
		return err
	})
	return open, works, err
}

// SwitchRole goes on as another of the person's roles, with a new token. Limits count from the moment the password was
// typed: who has been a parent for longer than a staff session may last is Unauthenticated and signs in again. Who was in a role
// whose session may lie unused for longer, and has not proved who they are within what the other allows, is asked to, as by MustBeFresh.
func (s *Service) SwitchRole(ctx context.Context, token string, role actor.Role) (SignedIn, error) {
	var in SignedIn
	err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		row, err := lockSession(ctx, tx, ids.HashToken(token))
		if err != nil {
			return err
		}
		p, err := getPerson(ctx, tx, row.PersonID)
		if err != nil {
			return err
		}
		if p.DeactivatedAt != nil {
			return signedOut()
		}
		list, err := membershipsOf(ctx, tx, row.PersonID)
		if err != nil {
			return err
		}
		for _, m := range list {
			if m.Role() == role {
				if err := mustBeAwake(ctx, tx, row, m.RoleName); err != nil {
					return err
				}
				in, err = renew(ctx, tx, row, p, m.ID, m.RoleName)
				if err != nil {
					return err
				}
				return audit.Record(actor.With(ctx, in.Actor), tx, "identity.switch_role", p.ID, map[string]any{"role": m.RoleName})
			}
		}
		return fault.NotFound()
	})
	return in, err
}

// mustBeAwake refuses a session that was allowed to lie unused for longer than one in role may. When it was used last tells
// nothing: asking for the role is use already.
func mustBeAwake(ctx context.Context, tx tenants.Reader, row *session, role string) error {
	now, err := getMembership(ctx, tx, row.MembershipID)
	if err != nil {
		return err
	}
	rules := tx.Tenant().SignIn
	before, after := limitsOf(rules, now.RoleName), limitsOf(rules, role)
	if _, absolute := after.until(row.CreatedAt, tx.Now()); !absolute.After(tx.Now()) {
		return signedOut() // a proof would not help
	}
	if after.idle >= before.idle || tx.Now().Sub(row.ProvedAt) <= after.idle {
		return nil
	}
	return needsProof()
}

// renew gives a locked session a new token, and the limits of role.
func renew(ctx context.Context, tx tenants.Writer, row *session, p *Person, membership ids.ID, role string) (SignedIn, error) {
	acts := actsAs(tx.Tenant().SignIn, role, row.Strong)
	idle, absolute := limitsOf(tx.Tenant().SignIn, role).until(row.CreatedAt, tx.Now())
	if !absolute.After(tx.Now()) {
		return SignedIn{}, signedOut()
	}
	token, hash := ids.NewToken()
	row.FormerTokenHash, row.TokenHash = row.TokenHash, hash
	row.MembershipID, row.UsedAt, row.IdleUntil, row.ExpiresAt = membership, tx.Now(), idle, absolute
	if err := updateSession(ctx, tx, row); err != nil {
		return SignedIn{}, err
	}
	return signedIn(token, row, p, acts), nil
}

// renewAs is renew without a change of role.
func renewAs(ctx context.Context, tx tenants.Writer, row *session, p *Person) (SignedIn, error) {
	m, err := getMembership(ctx, tx, row.MembershipID)
	if err != nil {
		return SignedIn{}, err
	}
	return renew(ctx, tx, row, p, m.ID, m.RoleName)
}

// lockOwnSession is lockSession for a token that must be of this person.
func lockOwnSession(ctx context.Context, tx tenants.Writer, token string, person ids.ID) (*session, error) {
	row, err := lockSession(ctx, tx, ids.HashToken(token))
	if err == nil && row.PersonID != person {
		return nil, signedOut()
	}
	return row, err
}

// Remembered is how long a browser keeps the cookie at most: longer than a session, so that it is known again (Credentials.Before).
const Remembered = 180 * 24 * time.Hour
