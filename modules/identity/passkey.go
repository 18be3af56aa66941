package identity

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"time"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// ChallengeCookie ties what a browser was asked to sign to the browser that was asked.
const ChallengeCookie = "__Host-vraag"

// ChallengeTime is how long a browser has to answer.
const ChallengeTime = 5 * time.Minute

// Passkey is one on the list of its owner.
type Passkey struct {
	ID        ids.ID
	Name      string
	CreatedAt time.Time
	UsedAt    *time.Time
}

// Challenge is what a browser must be asked. Options are for navigator.credentials, as JSON; Token goes into ChallengeCookie.
type Challenge struct {
	Options any
	Token   string
}

// Answer is what the browser made of a challenge.
type Answer struct {
	Challenge string // Challenge.Token
	Response  string // the credential as JSON
}

// relyingParty is the organisation as passkeys know it.
func (s *Service) relyingParty(at tenants.Tenant) (RelyingParty, error) {
	return NewRelyingParty(at.Name, s.config.Hosts.URL(at.Slug))
}

// holder is a person with their passkeys.
type holder struct {
	*Person
	KeyHolder
}

func holding(p *Person) holder {
	return holder{Person: p, KeyHolder: KeyHolder{ID: p.ID, Login: p.Email, Name: p.Name()}}
}

// AskToAdd begins the registration of a passkey for the actor. It must be fresh.
func (s *Service) AskToAdd(ctx context.Context) (Challenge, error) {
	tenant, ok := tenants.From(ctx)
	if !ok {
		return Challenge{}, tenants.ErrNoTenant
	}
	rp, err := s.relyingParty(tenant)
	if err != nil {
		return Challenge{}, err
	}
	who := actor.From(ctx)
	if err := s.attempt(ctx, passkeyAccount.of(who.PersonID.String())); err != nil {
		return Challenge{}, err
	}
	var c Challenge
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := MustBeFresh(ctx, tx); err != nil {
			return err
		}
		h, err := holderOf(ctx, tx, who.PersonID)
		if err != nil {
			return err
		}
		options, state, err := rp.AskToAdd(h.KeyHolder)
		if err != nil {
			return err
		}
		c, err = keepChallenge(ctx, tx, "add", options, state)
		return err
	})
	return c, err
}

// AddPasskey registers what the browser made for the actor under a name. The session becomes strong and gets a new token, every
// other session ends. Recovery codes are given when the actor has none yet. Only a browser that verified its user, at this
// organisation's own address, within five minutes, gets through; everything else is Invalid.
func (s *Service) AddPasskey(ctx context.Context, token, name string, answer Answer) (SignedIn, []string, error) {
	tenant, ok := tenants.From(ctx)
	if !ok {
		return SignedIn{}, nil, tenants.ErrNoTenant
	}
	rp, err := s.relyingParty(tenant)
	if err != nil {
		return SignedIn{}, nil, err
	}
	if name, err = CheckPasskeyName(name); err != nil {
		return SignedIn{}, nil, err
	}
	state, err := s.takeChallenge(ctx, "add", answer.Challenge)
	if err != nil {
		return SignedIn{}, nil, err
	}
	var in SignedIn
	var codes []string
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		p, err := lockPerson(ctx, tx, actor.From(ctx).PersonID)
		if err != nil {
			return err
		}
		row, err := lockOwnSession(ctx, tx, token, p.ID)
		if err != nil {
			return err
		}
		made, err := rp.Added(holding(p).KeyHolder, state, answer.Response) // the state names who was asked
		if err != nil {
			return err
		}
		k := &passkey{TenantID: tx.Tenant().ID, ID: ids.New(), PersonID: p.ID, CredentialID: made.ID, Name: name, CreatedAt: tx.Now()}
		if k.Credential, err = json.Marshal(made); err != nil {
			return fmt.Errorf("identity: keep passkey: %w", err)
		}
		if err := insertPasskey(ctx, tx, k); err != nil {
			return err
		}
		f, err := factorsOf(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		if f.CodesLeft == 0 {
			if codes, err = s.renewCodes(ctx, tx, p.ID); err != nil {
				return err
			}
		}
		in, err = strengthen(ctx, tx, row, p, "passkey_added")
		return err
	})
	return in, codes, err
}

// AskToProve begins a sign-in by whatever passkey of this organisation the browser has. before is as in Credentials.
func (s *Service) AskToProve(ctx context.Context, ip netip.Addr, before string) (Challenge, error) {
	tenant, ok := tenants.From(ctx)
	if !ok {
		return Challenge{}, tenants.ErrNoTenant
	}
	rp, err := s.relyingParty(tenant)
	if err != nil {
		return Challenge{}, err
	}
	if err := s.attemptPasskey(ctx, tenant, ip, before); err != nil {
		return Challenge{}, err
	}
	options, state, err := rp.AskToProve()
	if err != nil {
		return Challenge{}, err
	}
	var c Challenge
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		c, err = keepChallenge(ctx, tx, "prove", options, state)
		return err
	})
	return c, err
}

// attemptPasskey counts a step of a sign-in by passkey. Whose passkey it will be is not known yet; who signed in with this browser
// before is.
func (s *Service) attemptPasskey(ctx context.Context, tenant tenants.Tenant, ip netip.Addr, before string) error {
	owner, err := ownerOf(ctx, s.db, tenant, ids.HashToken(before))
	if err != nil {
		return err
	}
	all := passkeyEverybody.ofSome()
	if owner != ids.Nil {
		all = passkeyKnown.of(owner.String())
	}
	return s.attempt(ctx, passkeyIP.of(prefix(ip)), all)
}

// PasskeyVisit is a sign-in by passkey.
type PasskeyVisit struct {
	Answer
	IP      netip.Addr
	Device  string
	Before  string // this and the others as in Credentials
	Browser string
	Adding  bool
}

// SignInByPasskey opens a session for whose passkey answered: it is something that they have, and their device has checked
// that it is them, so it counts as both factors. Whatever is wrong is the same Invalid.
func (s *Service) SignInByPasskey(ctx context.Context, visit PasskeyVisit) (SignedIn, error) {
	tenant, ok := tenants.From(ctx)
	if !ok {
		return SignedIn{}, tenants.ErrNoTenant
	}
	if err := s.attemptPasskey(ctx, tenant, visit.IP, visit.Before); err != nil {
		return SignedIn{}, err
	}
	var in SignedIn
	err := s.provePasskey(ctx, visit.Answer, func(ctx context.Context, tx tenants.Writer, p *Person) (err error) {
		in, err = openFirst(ctx, tx, p, arrival{visit.Device, visit.Before, visit.Browser, visit.Adding}, true)
		if fault.CodeOf(err) == fault.Gone {
			return NoPasskey(err)
		}
		return err
	})
	return in, err
}

// provePasskey calls then, in the transaction that uses up the answer, with the person whose passkey it is, locked.
func (s *Service) provePasskey(ctx context.Context, answer Answer, then func(context.Context, tenants.Writer, *Person) error) error {
	tenant, ok := tenants.From(ctx)
	if !ok {
		return tenants.ErrNoTenant
	}
	rp, err := s.relyingParty(tenant)
	if err != nil {
		return err
	}
	state, err := s.takeChallenge(ctx, "prove", answer.Challenge)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		var h holder
		used, err := rp.Proved(state, answer.Response, func(credential []byte) (_ KeyHolder, err error) {
			h, err = holderOfPasskey(ctx, tx, credential)
			return h.KeyHolder, err
		})
		if err != nil {
			return err
		}
		if err := usePasskey(ctx, tx, used); err != nil {
			return err
		}
		return then(ctx, tx, h.Person)
	})
}

// takeChallenge gives what was asked, and forgets it in a transaction of its own: whatever comes of the answer, there is no
// second one.
func (s *Service) takeChallenge(ctx context.Context, purpose, token string) (state Asked, err error) {
	var raw json.RawMessage
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		raw, err = removeChallenge(ctx, tx, purpose, ids.HashToken(token))
		return err
	})
	if err != nil {
		return state, err
	}
	return Asked(raw), nil
}

func keepChallenge(ctx context.Context, tx tenants.Writer, purpose string, options any, state Asked) (Challenge, error) {
	token, hash := ids.NewToken()
	row := &challenge{TenantID: tx.Tenant().ID, ID: ids.New(), TokenHash: hash, Purpose: purpose, State: json.RawMessage(state), CreatedAt: tx.Now(), ExpiresAt: tx.Now().Add(ChallengeTime)}
	return Challenge{Options: options, Token: token}, insertChallenge(ctx, tx, row)
}

// RemovePasskey takes one of the actor's passkeys away and ends the other sessions; another person's is not found. The actor must
// be fresh. The last
// factor of somebody whose role asks for one, or whose password is too short to stand alone, is a Conflict.
func (s *Service) RemovePasskey(ctx context.Context, token string, id ids.ID) (SignedIn, error) {
	return s.removeFactor(ctx, token, "passkey_removed", func(ctx context.Context, tx tenants.Writer, person ids.ID) error {
		return removePasskey(ctx, tx, person, id)
	})
}

// RemoveApp takes the actor's authenticator app away, as RemovePasskey does.
func (s *Service) RemoveApp(ctx context.Context, token string) (SignedIn, error) {
	return s.removeFactor(ctx, token, "app_removed", removeApp)
}

func (s *Service) removeFactor(ctx context.Context, token, what string, remove func(context.Context, tenants.Writer, ids.ID) error) (SignedIn, error) {
	var in SignedIn
	err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := MustBeFresh(ctx, tx); err != nil {
			return err
		}
		p, err := lockPerson(ctx, tx, actor.From(ctx).PersonID)
		if err != nil {
			return err
		}
		row, err := lockOwnSession(ctx, tx, token, p.ID)
		if err != nil {
			return err
		}
		if err := remove(ctx, tx, p.ID); err != nil {
			return err
		}
		f, err := factorsOf(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		required, err := mustHaveFactor(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		if required && !f.any() {
			return fault.New(fault.Conflict, "identity.error.last_factor")
		}
		if p.PasswordShort && !f.any() {
			return fault.New(fault.Conflict, "identity.error.short_password")
		}
		row.Strong = row.Strong && f.any()
		if err := dropIdleCodes(ctx, tx, p.ID); err != nil {
			return err
		}
		in, err = changeFactors(ctx, tx, row, p, what)
		return err
	})
	return in, err
}

// NewCodes gives the actor, who must be fresh, new recovery codes; those of before are void. The session gets a new token and
// every other session ends, as after any change of what somebody proves themselves with.
func (s *Service) NewCodes(ctx context.Context, token string) (in SignedIn, codes []string, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := MustBeFresh(ctx, tx); err != nil {
			return err
		}
		p, err := lockPerson(ctx, tx, actor.From(ctx).PersonID)
		if err != nil {
			return err
		}
		row, err := lockOwnSession(ctx, tx, token, p.ID)
		if err != nil {
			return err
		}
		f, err := factorsOf(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		if !f.any() {
			return fault.NotFound()
		}
		if codes, err = s.renewCodes(ctx, tx, p.ID); err != nil {
			return err
		}
		in, err = changeFactors(ctx, tx, row, p, "codes_renewed")
		return err
	})
	return in, codes, err
}
