package identity

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
)

// RelyingParty is a host as passkeys know it: its own name and its own origin, from the configuration and never from the request, so
// that a passkey of one host is nothing at another. It knows how passkeys are asked for and looked at, and not where they are kept.
type RelyingParty struct{ rp *webauthn.WebAuthn }

// NewRelyingParty makes the one at the address home.
func NewRelyingParty(name, home string) (RelyingParty, error) {
	address, err := url.Parse(home)
	if err != nil {
		return RelyingParty{}, fmt.Errorf("identity: address of relying party: %w", err)
	}
	rp, err := webauthn.New(&webauthn.Config{
		RPID: address.Hostname(), RPDisplayName: name, RPOrigins: []string{home},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(), UserVerification: protocol.VerificationRequired},
	})
	if err != nil {
		return RelyingParty{}, fmt.Errorf("identity: relying party: %w", err)
	}
	return RelyingParty{rp}, nil
}

// KeyHolder is somebody with passkeys.
type KeyHolder struct {
	ID          ids.ID
	Login, Name string
	credentials webauthn.Credentials
}

// Holds adds a passkey as it was kept: KeptPasskey as JSON.
func (h *KeyHolder) Holds(kept json.RawMessage) error {
	var c webauthn.Credential
	if err := json.Unmarshal(kept, &c); err != nil {
		return fmt.Errorf("identity: read passkey: %w", err)
	}
	h.credentials = append(h.credentials, c)
	return nil
}

// user is a holder as the library asks for one.
type user struct{ KeyHolder }

func (u user) WebAuthnID() []byte                         { return u.ID[:] }
func (u user) WebAuthnName() string                       { return u.Login }
func (u user) WebAuthnDisplayName() string                { return u.Name }
func (u user) WebAuthnCredentials() []webauthn.Credential { return u.credentials }

// Asked is what must be remembered of a question until its answer comes, as JSON.
type Asked json.RawMessage

// KeptPasskey is what must be kept of a passkey; it changes with every use.
type KeptPasskey = webauthn.Credential

// AskToAdd gives what a browser must be asked to make a passkey for h that they do not have yet.
func (r RelyingParty) AskToAdd(h KeyHolder) (options any, asked Asked, err error) {
	creation, state, err := r.rp.BeginRegistration(user{h}, webauthn.WithExclusions(h.credentials.CredentialDescriptors()))
	if err != nil {
		return nil, nil, fmt.Errorf("identity: ask for a passkey: %w", err)
	}
	asked, err = json.Marshal(state)
	return creation, asked, err
}

// Added looks at what a browser made for h. Only one that verified its user, at this very origin, gets through; anything else is Invalid.
func (r RelyingParty) Added(h KeyHolder, asked Asked, response string) (*KeptPasskey, error) {
	var state webauthn.SessionData
	if err := json.Unmarshal(asked, &state); err != nil {
		return nil, fmt.Errorf("identity: read challenge: %w", err)
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(response))
	if err != nil {
		return nil, NoPasskey(err)
	}
	made, err := r.rp.CreateCredential(user{h}, state, parsed)
	if err != nil {
		return nil, NoPasskey(err)
	}
	return made, nil
}

// AskToProve gives what a browser must be asked to show whatever passkey of this host it has.
func (r RelyingParty) AskToProve() (options any, asked Asked, err error) {
	assertion, state, err := r.rp.BeginDiscoverableLogin()
	if err != nil {
		return nil, nil, fmt.Errorf("identity: ask for a passkey: %w", err)
	}
	asked, err = json.Marshal(state)
	return assertion, asked, err
}

// Proved looks at what a browser answered; find gives whose passkey has an id. What is wrong is always the same Invalid.
func (r RelyingParty) Proved(asked Asked, response string, find func(credential []byte) (KeyHolder, error)) (*KeptPasskey, error) {
	var state webauthn.SessionData
	if err := json.Unmarshal(asked, &state); err != nil {
		return nil, fmt.Errorf("identity: read challenge: %w", err)
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(response))
	if err != nil {
		return nil, NoPasskey(err)
	}
	_, used, err := r.rp.ValidatePasskeyLogin(func(credential, _ []byte) (webauthn.User, error) {
		h, err := find(credential)
		return user{h}, err
	}, state, parsed)
	if err != nil {
		return nil, NoPasskey(err)
	}
	if used.Authenticator.CloneWarning { // it counted less than before: somebody has a copy
		return nil, NoPasskey(errors.New("identity: the sign count of a passkey went back"))
	}
	return used, nil
}

// NoPasskey is the refusal of a passkey, whatever was wrong with it.
func NoPasskey(cause error) error {
	if fault.CodeOf(cause) == fault.Internal {
		return fault.New(fault.Invalid, "identity.error.passkey").Wrap(cause)
	}
	return fault.New(fault.Invalid, "identity.error.passkey")
}

const maxPasskeyName = 60

// CheckPasskeyName cleans the name that somebody gives a passkey; one that is no name is Invalid at the field.
func CheckPasskeyName(typed string) (string, error) {
	name := tidy(typed)
	if name == "" || utf8.RuneCountInString(name) > maxPasskeyName {
		return "", oneProblem("name", "identity.error.passkey_name")
	}
	return name, nil
}
