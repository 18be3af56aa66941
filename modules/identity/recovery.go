package identity

import (
	"context"
	"crypto/rand"
	"strings"

	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// A recovery code is ten characters of 32, so 50 bit, in two halves. Letters and digits that look alike are left out.
const (
	recoveryCodes  = 10
	recoveryLength = 10
	recoveryAlpha  = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
)

func newRecoveryCode() string {
	raw := make([]byte, recoveryLength)
	rand.Read(raw) // never fails: crypto/rand ends the program instead
	for i, b := range raw {
		raw[i] = recoveryAlpha[int(b)%len(recoveryAlpha)]
	}
	return string(raw[:recoveryLength/2]) + "-" + string(raw[recoveryLength/2:])
}

// tidyRecovery is a code however it was typed.
func tidyRecovery(typed string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(recoveryAlpha, r) {
			return r
		}
		return -1
	}, strings.ToUpper(shorten(typed, 40)))
}

// renewCodes voids the recovery codes of a person and gives new ones. They are told here and nowhere else.
func (s *Service) renewCodes(ctx context.Context, tx tenants.Writer, person ids.ID) ([]string, error) {
	if len(s.vault.keys) == 0 {
		return nil, errNoKeys
	}
	codes := make([]string, recoveryCodes)
	rows := make([]recoveryCode, recoveryCodes)
	for i := range codes {
		codes[i] = newRecoveryCode()
		rows[i] = recoveryCode{TenantID: tx.Tenant().ID, ID: ids.New(), PersonID: person, CreatedAt: tx.Now(),
			CodeHash: s.recoveryHashes(tx, person, codes[i])[0]}
	}
	if err := removeCodes(ctx, tx, person); err != nil {
		return nil, err
	}
	return codes, insertCodes(ctx, tx, rows)
}

func (s *Service) recoveryHashes(tx tenants.Reader, person ids.ID, code string) [][]byte {
	return s.vault.hashes("recovery code", owner{tx.Tenant().ID, person}, tidyRecovery(code))
}

func (s *Service) useRecoveryCode(ctx context.Context, tx tenants.Writer, person ids.ID, typed string) error {
	if len(tidyRecovery(typed)) != recoveryLength {
		return wrongCode()
	}
	used, err := useCode(ctx, tx, person, s.recoveryHashes(tx, person, typed))
	if err != nil {
		return err
	}
	if !used {
		return wrongCode()
	}
	return recordFactor(ctx, tx, person, "code_used")
}
