package notifications

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// A mail can be switched off from the mail itself, without signing in. The link names person and item and is signed for
// its organisation; it can do nothing else and does not expire, because mails are kept.

// calmItems stands in the link of a mail that tells of several things: it switches off all that is only nice to know.
const calmItems = "calm"

// sealBytes of the HMAC are in the link: 128 bits cannot be guessed.
const sealBytes = 16

func seal(key []byte, tenant, person ids.ID, item string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("mail off\x00"))
	mac.Write(tenant[:])
	mac.Write(person[:])
	mac.Write([]byte(item))
	return mac.Sum(nil)[:sealBytes]
}

func (s *Service) unsubscribePath(tenant, person ids.ID, item string) string {
	raw := append(person[:], seal(s.config.Keys[0], tenant, person, item)...)
	return "/afmelden/" + item + "." + base64.RawURLEncoding.EncodeToString(raw)
}

// readLink opens the token of such a link; NotFound for any that we did not make for this organisation.
func (s *Service) readLink(tenant ids.ID, token string) (person ids.ID, item string, err error) {
	item, sealed, ok := strings.Cut(token, ".")
	raw, decodeErr := base64.RawURLEncoding.Strict().DecodeString(sealed)
	if !ok || decodeErr != nil || len(raw) != len(person)+sealBytes || len(s.switchedOff(item)) == 0 {
		return ids.Nil, "", fault.NotFound()
	}
	copy(person[:], raw)
	for _, key := range s.config.Keys {
		if hmac.Equal(raw[len(person):], seal(key, tenant, person, item)) {
			return person, item, nil
		}
	}
	return ids.Nil, "", fault.NotFound()
}

// Unsubscribing tells which item the link switches off, without doing it: the locale key of its name.
func (s *Service) Unsubscribing(ctx context.Context, token string) (label string, err error) {
	tenant, ok := tenants.From(ctx)
	if !ok {
		return "", tenants.ErrNoTenant
	}
	_, item, err := s.readLink(tenant.ID, token)
	return s.label(item), err
}

// switchedOff is what the link for item is about.
func (s *Service) switchedOff(item string) map[string]bool {
	off := map[string]bool{}
	for name, offered := range s.items {
		if name == item || item == calmItems && offered.Calm && offered.Compose != nil {
			off[name] = false
		}
	}
	return off
}

func (s *Service) label(item string) string {
	if item == calmItems {
		return "notifications.calm"
	}
	return s.items[item].Label
}

// Unsubscribe switches the mail of the link off. Doing it again changes nothing.
func (s *Service) Unsubscribe(ctx context.Context, token string) (label string, err error) {
	tenant, ok := tenants.From(ctx)
	if !ok {
		return "", tenants.ErrNoTenant
	}
	person, item, err := s.readLink(tenant.ID, token)
	if err != nil {
		return "", err
	}
	return s.label(item), s.setWanted(ctx, person, MailChannel, s.switchedOff(item))
}
