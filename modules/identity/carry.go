package identity

import (
	"context"
	"encoding/base64"
	"strings"

	"ouderportaal/internal/actor"
)

// CodesCookie carries new recovery codes, sealed, from the form that made them to the page that shows them once: they are
// kept nowhere.
const CodesCookie = "__Host-codes"

// OfferCookie carries an offered secret, sealed, from one time that it is shown to the next: who comes back to a page that the browser loaded
// anew meanwhile has it in an app already.
const OfferCookie = "__Host-offer"

// Carry seals recovery codes for the actor's session.
func (s *Service) Carry(ctx context.Context, codes []string) (string, error) {
	sealed, err := s.vault.seal("codes on their way", ofSession(actor.From(ctx)), []byte(strings.Join(codes, " ")))
	return base64.RawURLEncoding.EncodeToString(sealed), err
}

// Carried are the codes of Carry; none for what was sealed in another session, or by nobody.
func (s *Service) Carried(ctx context.Context, sealed string) []string {
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return nil
	}
	plain, err := s.vault.open("codes on their way", ofSession(actor.From(ctx)), raw)
	if err != nil {
		return nil
	}
	return strings.Fields(string(plain))
}
