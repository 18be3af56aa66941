package platform

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net/netip"
	"time"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// offerTime is how long the secret that the page of a link shows can be confirmed.
const offerTime = 30 * time.Minute

// Start is what the page of a one-time link shows: whose it is, and a secret for an authenticator app, kept nowhere until it is
// confirmed.
type Start struct {
	Name, Email string
	Offer       identity.Offer
}

// Acceptance is what somebody fills in there.
type Acceptance struct {
	Token, Password, Sealed, Code string
	IP                            netip.Addr
}

func linkGone() error { return fault.New(fault.Gone, "platform.error.link_gone") }

// PeekLink shows a link without using it; Gone when it works no more. With sealed the offer is the one of before, for a form that
// comes back with a mistake, unless that is too old.
func (s *Service) PeekLink(ctx context.Context, token, sealed string) (Start, error) {
	var o Operator
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		err := tx.NewSelect().Model(&o).Where("deactivated_at IS NULL").
			Where("id = (SELECT operator_id FROM operator_link WHERE token_hash = ? AND used_at IS NULL AND expires_at > ?)", ids.HashToken(token), tx.Now()).Scan(ctx)
		return missing(err, "platform: find link")
	})
	if fault.CodeOf(err) == fault.Missing {
		return Start{}, linkGone()
	}
	if err != nil {
		return Start{}, err
	}
	secret, err := s.offered(o.ID, sealed)
	if err != nil {
		secret = make([]byte, identity.SecretBytes)
		rand.Read(secret) // never fails: crypto/rand ends the program instead
	}
	plain := binary.BigEndian.AppendUint64(nil, uint64(s.now().Add(offerTime).Unix()))
	locked, err := s.vault.Seal("operator offer", o.ID, append(plain, secret...))
	if err != nil {
		return Start{}, err
	}
	return Start{Name: o.Name, Email: o.Email, Offer: identity.OfferOf(Name, o.Email, secret, locked)}, nil
}

// offered is the secret of an offer to an operator.
func (s *Service) offered(operator ids.ID, sealed string) ([]byte, error) {
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return nil, err
	}
	plain, err := s.vault.Open("operator offer", operator, raw)
	if err != nil {
		return nil, err
	}
	if len(plain) != 8+identity.SecretBytes || s.now().After(time.Unix(int64(binary.BigEndian.Uint64(plain)), 0)) {
		return nil, linkGone()
	}
	return plain[8:], nil
}

// Accept uses a link: it sets the password and the app together, ends every session and passkey of before, and signs in. A link works once,
// however many try it at the same time; what was filled in wrong does not use it up.
func (s *Service) Accept(ctx context.Context, a Acceptance) (token string, err error) {
	if err := s.attempt(ctx, acceptPlace.of(identity.PlaceOf(a.IP))); err != nil {
		return "", err
	}
	start, err := s.PeekLink(ctx, a.Token, a.Sealed)
	if err != nil {
		return "", err
	}
	if err := identity.CheckPassword("password", a.Password, identity.MinPasswordWithFactor, start.Name, start.Email, Name); err != nil {
		return "", err
	}
	hash, err := s.hasher.Hash(ctx, a.Password)
	if err != nil {
		return "", err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		var id ids.ID
		err := tx.NewRaw("UPDATE operator_link SET used_at = ?0 WHERE token_hash = ?1 AND used_at IS NULL AND expires_at > ?0 RETURNING operator_id", tx.Now(), ids.HashToken(a.Token)).Scan(ctx, &id)
		if err := missing(err, "platform: use link"); err != nil {
			return goneFor(err)
		}
		o, err := lockOperator(ctx, tx, id)
		if err != nil {
			return goneFor(err)
		}
		secret, err := s.offered(o.ID, a.Sealed)
		if err != nil {
			return identity.WrongCode() // the page has a fresh one
		}
		step, right := identity.MatchCode(secret, a.Code, tx.Now(), 0)
		if !right {
			return identity.WrongCode()
		}
		o.PasswordHash, o.AppLastStep = hash, step
		if o.AppSealed, err = s.vault.Seal("operator app", o.ID, secret); err != nil {
			return err
		}
		if _, err := tx.NewUpdate().Model(o).Column("password_hash", "app_sealed", "app_last_step").WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("platform: update operator: %w", err)
		}
		if _, err := tx.NewRaw("DELETE FROM operator_passkey WHERE operator_id = ?", o.ID).Exec(ctx); err != nil { // whatever they are on may be why there is a link
			return fmt.Errorf("platform: remove passkeys: %w", err)
		}
		if err := endSessions(ctx, tx, o.ID); err != nil {
			return err
		}
		token, err = openSession(ctx, tx, o, "open")
		return err
	})
	return token, err
}

func goneFor(err error) error {
	if fault.CodeOf(err) == fault.Missing {
		return linkGone()
	}
	return err
}
