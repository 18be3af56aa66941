package platform

import (
	"context"
	"crypto/subtle"
	"fmt"
	"net/netip"
	"time"
	"unicode/utf8"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// Cookie carries the token of an operator's session, to the platform's own host alone.
const Cookie = "__Host-operator"

// Limits of a session, as of everybody with rights over others; WaitTime is what there is for the code after the password.
const (
	idleTime  = time.Hour
	longest   = 12 * time.Hour
	touchTime = 5 * time.Minute
	WaitTime  = 10 * time.Minute
	mostTries = 5 // codes for one password
)

// Credentials are an attempt to sign in.
type Credentials struct {
	Email, Password string
	IP              netip.Addr
}

func refused() error { return fault.New(fault.Invalid, "identity.error.sign_in") }

func signedOut() error { return fault.New(fault.Unauthenticated, "identity.error.signed_out") }

// SignIn takes a password, and gives a token that opens nothing but Prove. Unknown address, wrong password and deactivated are
// the same fault after the same work.
func (s *Service) SignIn(ctx context.Context, c Credentials) (wait string, err error) {
	email, _ := identity.NormalizeEmail(c.Email)
	place := identity.PlaceOf(c.IP)
	buckets := []bucket{signInPlace.of(place), signInPair.of(email + "|" + place), signInEverybody.of("")}
	if err := s.attempt(ctx, buckets...); err != nil {
		return "", err
	}
	var found Operator
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		err := tx.NewSelect().Model(&found).Where("email = ?", email).Where("deactivated_at IS NULL").Scan(ctx)
		if fault.CodeOf(missing(err, "")) == fault.Missing {
			return nil
		}
		return err
	})
	if err != nil {
		return "", fmt.Errorf("platform: find operator: %w", err)
	}
	password := c.Password
	if len(password) > identity.MaxPassword || !utf8.ValidString(password) {
		password, found.PasswordHash = "", "" // no account has it
	}
	right, _, err := s.hasher.Verify(ctx, found.PasswordHash, password)
	if err != nil {
		return "", err
	}
	if !right {
		return "", refused()
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		o, err := lockOperator(ctx, tx, found.ID)
		if fault.CodeOf(err) == fault.Missing {
			return refused()
		}
		if err != nil {
			return err
		}
		if subtle.ConstantTimeCompare([]byte(o.PasswordHash), []byte(found.PasswordHash)) != 1 { // changed meanwhile
			return refused()
		}
		if err := forgive(ctx, tx, buckets); err != nil {
			return err
		}
		wait, err = openSession(ctx, tx, o, "code")
		return err
	})
	return wait, err
}

func waitGone() error { return fault.New(fault.Gone, "identity.error.wait_gone") }

// Prove takes the code of the app after a password, and gives the token of a session. Gone when no password stands any more.
func (s *Service) Prove(ctx context.Context, wait, code string) (token string, err error) {
	operator, err := s.countTry(ctx, wait)
	if err != nil {
		return "", err
	}
	return s.enter(ctx, wait, operator, func(ctx context.Context, tx tenants.Writer, o *Operator) error { return s.spendCode(ctx, tx, o, code) })
}

// countTry counts a second step after the password of wait, whatever comes of it, and gives whose password it was.
func (s *Service) countTry(ctx context.Context, wait string) (operator ids.ID, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		err := tx.NewRaw(`UPDATE operator_session SET tries = tries + 1 WHERE token_hash = ? AND state = 'code' AND ended_at IS NULL AND expires_at > ? AND tries < ?
			RETURNING operator_id`, ids.HashToken(wait), tx.Now(), mostTries).Scan(ctx, &operator)
		return missing(err, "platform: count try")
	})
	if fault.CodeOf(err) == fault.Missing {
		return operator, waitGone()
	}
	if err != nil {
		return operator, err
	}
	return operator, s.attempt(ctx, codeOperator.of(operator.String()))
}

// enter opens the session that the password of wait asked for, once prove is content with its operator, who is locked.
func (s *Service) enter(ctx context.Context, wait string, operator ids.ID, prove func(context.Context, tenants.Writer, *Operator) error) (token string, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		o, err := lockOperator(ctx, tx, operator)
		if err != nil {
			return err
		}
		if err := prove(ctx, tx, o); err != nil {
			return err
		}
		ended, err := tx.NewRaw("UPDATE operator_session SET ended_at = ?0 WHERE token_hash = ?1 AND state = 'code' AND ended_at IS NULL", tx.Now(), ids.HashToken(wait)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("platform: end wait: %w", err)
		}
		if n, _ := ended.RowsAffected(); n == 0 {
			return waitGone()
		}
		if token, err = openSession(ctx, tx, o, "open"); err != nil {
			return err
		}
		return recordDeed(actor.With(ctx, actor.Actor{PersonID: o.ID}), tx, "platform.sign_in", nil)
	})
	return token, err
}

// Waits tells whether the second step of a token can be a passkey; Gone when it can be nothing any more.
func (s *Service) Waits(ctx context.Context, wait string) (keys bool, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		err := tx.NewRaw(`SELECT EXISTS (SELECT FROM operator_passkey k WHERE k.operator_id = s.operator_id) FROM operator_session s
			WHERE s.token_hash = ? AND s.state = 'code' AND s.ended_at IS NULL AND s.expires_at > ? AND s.tries < ?`, ids.HashToken(wait), tx.Now(), mostTries).Scan(ctx, &keys)
		return missing(err, "platform: look for wait")
	})
	if fault.CodeOf(err) == fault.Missing {
		err = waitGone()
	}
	return keys, err
}

// spendCode takes a code of a locked operator's app, once: neither it nor one before it works again.
func (s *Service) spendCode(ctx context.Context, tx tenants.Writer, o *Operator, code string) error {
	if !o.Ready() {
		return identity.WrongCode()
	}
	secret, err := s.vault.Open("operator app", o.ID, o.AppSealed)
	if err != nil {
		return fmt.Errorf("platform: open app secret: %w", err)
	}
	step, right := identity.MatchCode(secret, code, tx.Now(), o.AppLastStep)
	if !right {
		return identity.WrongCode()
	}
	o.AppLastStep = step
	if o.AppSealed, err = s.vault.Seal("operator app", o.ID, secret); err != nil { // anew, so that a key that was replaced goes out of use
		return err
	}
	if _, err := tx.NewUpdate().Model(o).Column("app_sealed", "app_last_step").WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("platform: spend code: %w", err)
	}
	return nil
}

// Resolve tells who visits with a token; Unauthenticated without a living session.
func (s *Service) Resolve(ctx context.Context, token string) (actor.Actor, error) {
	var row struct {
		ID, OperatorID   ids.ID
		Name             string
		UsedAt, ProvedAt time.Time
		ExpiresAt        time.Time
	}
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		err := tx.NewRaw(`SELECT s.id, s.operator_id, o.name, s.used_at, s.proved_at, s.expires_at FROM operator_session s JOIN operator o ON o.id = s.operator_id AND o.deactivated_at IS NULL
			WHERE s.token_hash = ?0 AND s.state = 'open' AND s.ended_at IS NULL AND s.idle_until > ?1 AND s.expires_at > ?1`, ids.HashToken(token), tx.Now()).Scan(ctx, &row)
		return missing(err, "platform: find session")
	})
	if fault.CodeOf(err) == fault.Missing {
		return actor.Actor{}, signedOut()
	}
	if err != nil {
		return actor.Actor{}, err
	}
	if now := s.now(); now.Sub(row.UsedAt) >= touchTime {
		idle := now.Add(idleTime)
		if idle.After(row.ExpiresAt) {
			idle = row.ExpiresAt
		}
		err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
			_, err := tx.NewRaw("UPDATE operator_session SET used_at = ?, idle_until = ? WHERE id = ?", now, idle, row.ID).Exec(ctx)
			return err
		})
		if err != nil {
			return actor.Actor{}, fmt.Errorf("platform: touch session: %w", err)
		}
	}
	return actor.Actor{PersonID: row.OperatorID, Role: actor.Operator, SessionID: row.ID, ProvedAt: row.ProvedAt, Name: row.Name}, nil
}

// SignOut ends the session of a token, and every visit of its operator.
func (s *Service) SignOut(ctx context.Context, token string) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		var operator ids.ID
		err := tx.NewRaw("UPDATE operator_session SET ended_at = ? WHERE token_hash = ? AND ended_at IS NULL RETURNING operator_id", tx.Now(), ids.HashToken(token)).Scan(ctx, &operator)
		if err := missing(err, "platform: sign out"); fault.CodeOf(err) == fault.Missing {
			return nil
		} else if err != nil {
			return err
		}
		return endVisits(ctx, tx, operator)
	})
}

// openSession begins a session, or the wait for a code, with a fresh token.
func openSession(ctx context.Context, tx tenants.Writer, o *Operator, state string) (string, error) {
	token, hash := ids.NewToken()
	idle, until := tx.Now().Add(idleTime), tx.Now().Add(longest)
	if state == "code" {
		idle, until = tx.Now().Add(WaitTime), tx.Now().Add(WaitTime)
	}
	_, err := tx.NewRaw(`INSERT INTO operator_session (id, operator_id, token_hash, state, created_at, used_at, proved_at, idle_until, expires_at) VALUES (?0, ?1, ?2, ?3, ?4, ?4, ?4, ?5, ?6)`,
		ids.New(), o.ID, hash, state, tx.Now(), idle, until).Exec(ctx)
	if err != nil {
		return "", fmt.Errorf("platform: insert session: %w", err)
	}
	return token, nil
}

// endSessions ends every session of an operator, who is locked, and every visit.
func endSessions(ctx context.Context, tx tenants.Writer, operator ids.ID) error {
	if _, err := tx.NewRaw("UPDATE operator_session SET ended_at = ? WHERE operator_id = ? AND ended_at IS NULL", tx.Now(), operator).Exec(ctx); err != nil {
		return fmt.Errorf("platform: end sessions: %w", err)
	}
	return endVisits(ctx, tx, operator)
}
