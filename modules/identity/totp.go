package identity

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp/hotp"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/tenants"
)

// Codes are those of RFC 6238 as every authenticator app makes them: six digits, SHA-1, a new one each thirty seconds. The
// one before and the one after are taken too, for clocks that differ.
const (
	totpStep   = 30 * time.Second
	totpSkew   = 1
	totpDigits = 6
	totpBytes  = 20
)

var base32NoPadding = base32.StdEncoding.WithPadding(base32.NoPadding)

// OfferTime is how long a secret that is shown can be confirmed: the proof that was asked before showing it stands no longer.
const OfferTime = 15 * time.Minute

// Offer is a fresh secret for an authenticator app. It is kept nowhere until it is confirmed: the form carries it, sealed for
// the session that it was shown in.
type Offer struct {
	Secret string // base32 in groups of four, for typing over
	URL    string // otpauth: for the QR code
	Sealed string
}

// OfferTOTP makes a secret for the app of the actor, who must be fresh; what follows on the offer does not ask again. It is the one in the
// sealed offer of before while that can be confirmed.
func (s *Service) OfferTOTP(ctx context.Context, before string) (Offer, error) {
	if err := s.Fresh(ctx); err != nil {
		return Offer{}, err
	}
	if secret, err := s.offered(ctx, before); err == nil {
		return s.describe(ctx, secret, before)
	}
	secret := make([]byte, totpBytes)
	rand.Read(secret) // never fails: crypto/rand ends the program instead
	plain := binary.BigEndian.AppendUint64(nil, uint64(s.now().Add(OfferTime).Unix()))
	sealed, err := s.vault.seal("totp offer", ofSession(actor.From(ctx)), append(plain, secret...))
	if err != nil {
		return Offer{}, err
	}
	return s.describe(ctx, secret, base64.RawURLEncoding.EncodeToString(sealed))
}

// Offered is an offer as it was shown before, for a form that comes back with a mistake; Gone when it was not made in this
// session or too long ago.
func (s *Service) Offered(ctx context.Context, sealed string) (Offer, error) {
	secret, err := s.offered(ctx, sealed)
	if err != nil {
		return Offer{}, err
	}
	return s.describe(ctx, secret, sealed)
}

func (s *Service) offered(ctx context.Context, sealed string) ([]byte, error) {
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return nil, offerGone()
	}
	plain, err := s.vault.open("totp offer", ofSession(actor.From(ctx)), raw)
	if err != nil || len(plain) != 8+totpBytes || s.now().After(time.Unix(int64(binary.BigEndian.Uint64(plain)), 0)) {
		return nil, offerGone()
	}
	return plain[8:], nil
}

func offerGone() *fault.Error { return fault.New(fault.Gone, "identity.error.offer_gone") }

func ofSession(who actor.Actor) owner { return owner{who.TenantID, who.SessionID} }

func (s *Service) describe(ctx context.Context, secret []byte, sealed string) (Offer, error) {
	tenant, ok := tenants.From(ctx)
	if !ok {
		return Offer{}, tenants.ErrNoTenant
	}
	var p *Person
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		p, err = getPerson(ctx, tx, actor.From(ctx).PersonID)
		return err
	})
	if err != nil {
		return Offer{}, err
	}
	return offerOf(tenant.Name, p.Email, secret, sealed), nil
}

func offerOf(organisation, account string, secret []byte, sealed string) Offer {
	text := base32NoPadding.EncodeToString(secret)
	address := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + organisation + ":" + account,
		RawQuery: "secret=" + text + "&issuer=" + url.QueryEscape(organisation)}
	return Offer{Secret: grouped(text, 4), URL: strings.ReplaceAll(address.String(), "+", "%20"), Sealed: sealed}
}

// grouped puts a space after every n characters.
func grouped(s string, n int) string {
	var parts []string
	for ; len(s) > n; s = s[n:] {
		parts = append(parts, s[:n])
	}
	return strings.Join(append(parts, s), " ")
}

// ConfirmTOTP sets up the actor's app, in place of one they had, once its code proves that it knows the secret. The session
// becomes strong and gets a new token, every other session ends. The recovery codes are told this once; those of before are void.
func (s *Service) ConfirmTOTP(ctx context.Context, token, sealed, code string) (SignedIn, []string, error) {
	who := actor.From(ctx)
	if err := s.attempt(ctx, confirmSession.of(who.SessionID.String())); err != nil {
		return SignedIn{}, nil, err
	}
	secret, err := s.offered(ctx, sealed)
	if err != nil {
		return SignedIn{}, nil, err
	}
	step, right := matchingStep(secret, digitsOf(code), s.now(), 0)
	if !right {
		return SignedIn{}, nil, wrongCode()
	}
	locked, err := s.vault.seal("totp", owner{who.TenantID, who.PersonID}, secret)
	if err != nil {
		return SignedIn{}, nil, err
	}
	var in SignedIn
	var codes []string
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		p, err := lockPerson(ctx, tx, who.PersonID)
		if err != nil {
			return err
		}
		row, err := lockOwnSession(ctx, tx, token, p.ID)
		if err != nil {
			return err
		}
		t := &totp{TenantID: tx.Tenant().ID, ID: ids.New(), PersonID: p.ID, Sealed: locked, LastStep: step, CreatedAt: tx.Now()}
		if err := replaceTOTP(ctx, tx, t); err != nil {
			return err
		}
		if codes, err = s.renewCodes(ctx, tx, p.ID); err != nil {
			return err
		}
		in, err = strengthen(ctx, tx, row, p, "app_added")
		return err
	})
	return in, codes, err
}

// strengthen follows on a new factor, and changeFactors on any change: the session in which it was made gets a new token, and is
// strong after a new one; the others end, and the owner is told.
func strengthen(ctx context.Context, tx tenants.Writer, row *session, p *Person, what string) (SignedIn, error) {
	row.Strong, row.ProvedAt = true, tx.Now()
	return changeFactors(ctx, tx, row, p, what)
}

func changeFactors(ctx context.Context, tx tenants.Writer, row *session, p *Person, what string) (SignedIn, error) {
	if err := endAll(ctx, tx, p.ID, row.ID); err != nil {
		return SignedIn{}, err
	}
	in, err := renewAs(ctx, tx, row, p)
	if err != nil {
		return SignedIn{}, err
	}
	return in, recordFactor(ctx, tx, p.ID, what)
}

// recordFactor writes down and tells the owner that something about their second factors changed.
func recordFactor(ctx context.Context, tx tenants.Writer, person ids.ID, what string) error {
	if err := outbox.Record(ctx, tx, FactorChanged{PersonID: person, What: what}); err != nil {
		return err
	}
	return audit.Record(ctx, tx, "identity."+what, person, nil)
}

// FactorChanged says that a person set up or removed a way to prove who they are, or used up a recovery code. What is
// app_added, app_removed, passkey_added, passkey_removed, codes_renewed, code_used,
// factors_taken_back or factors_removed.
type FactorChanged struct {
	PersonID ids.ID `json:"person_id"`
	What     string `json:"what"`
}

// EventName is the name in the ledger.
func (FactorChanged) EventName() string { return "identity.factor_changed" }

// matchingStep finds the step of time whose code this is, among those that are near now and after last. All are computed,
// so that the time tells nothing.
func matchingStep(secret []byte, code string, now time.Time, last int64) (step int64, ok bool) {
	text := base32NoPadding.EncodeToString(secret)
	present := now.Unix() / int64(totpStep/time.Second)
	for s := present - totpSkew; s <= present+totpSkew; s++ {
		if len(code) == totpDigits && hotp.Validate(code, uint64(s), text) && s > last && !ok {
			step, ok = s, true
		}
	}
	return step, ok
}

// CodeAt is what an app with this secret shows at a moment, for whoever plays the part of an app.
func CodeAt(secret []byte, at time.Time) (string, error) {
	return hotp.GenerateCode(base32NoPadding.EncodeToString(secret), uint64(at.Unix()/int64(totpStep/time.Second)))
}

// digitsOf is a code without the space that apps show in the middle.
func digitsOf(code string) string { return strings.Join(strings.Fields(code), "") }

func wrongCode() error {
	var problems fault.Fields
	problems.Add("code", "identity.error.code")
	return problems.Err()
}

// checkCode tells whether a code proves that it is this person, and spends it: a code of the app and every one before it, or
// a recovery code, works no second time, however many try at once.
func (s *Service) checkCode(ctx context.Context, tx tenants.Writer, person ids.ID, typed string) error {
	code := digitsOf(typed)
	if len(code) != totpDigits {
		return s.useRecoveryCode(ctx, tx, person, typed)
	}
	t, err := lockTOTP(ctx, tx, person)
	if fault.CodeOf(err) == fault.Missing {
		return wrongCode()
	}
	if err != nil {
		return err
	}
	secret, err := s.vault.open("totp", owner{t.TenantID, t.PersonID}, t.Sealed)
	if err != nil {
		return fmt.Errorf("identity: open totp secret: %w", err)
	}
	step, right := matchingStep(secret, code, tx.Now(), t.LastStep)
	if !right {
		return wrongCode()
	}
	t.LastStep = step
	// Sealed anew, so that a key that was replaced goes out of use.
	if t.Sealed, err = s.vault.seal("totp", owner{t.TenantID, t.PersonID}, secret); err != nil {
		return err
	}
	return updateTOTP(ctx, tx, t)
}
