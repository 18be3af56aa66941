package platform

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// ServeAt says at which address the console is, which is what passkeys are bound to.
func (s *Service) ServeAt(home string) { s.home = home }

func (s *Service) relyingParty() (identity.RelyingParty, error) {
	return identity.NewRelyingParty(Name, s.home)
}

// Passkeys lists those of the actor.
func (s *Service) Passkeys(ctx context.Context) (list []identity.Passkey, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		err := tx.NewRaw("SELECT id, name, created_at, used_at FROM operator_passkey WHERE operator_id = ? ORDER BY id", actor.From(ctx).PersonID).Scan(ctx, &list)
		if err != nil {
			return fmt.Errorf("platform: list passkeys: %w", err)
		}
		return nil
	})
	return list, err
}

// Fresh refuses an actor who has not proved lately who they are; see identity.NeedsProof.
func (s *Service) Fresh(ctx context.Context) error {
	return s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error { return identity.MustBeFresh(ctx, tx) })
}

// Confirm makes the actor's session fresh by a code of their app.
func (s *Service) Confirm(ctx context.Context, code string) error {
	who := actor.From(ctx)
	if err := s.attempt(ctx, codeOperator.of(who.PersonID.String())); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		o, err := lockOperator(ctx, tx, who.PersonID)
		if err != nil {
			return err
		}
		if err := s.spendCode(ctx, tx, o, code); err != nil {
			return err
		}
		if _, err := tx.NewRaw("UPDATE operator_session SET proved_at = ? WHERE id = ?", tx.Now(), who.SessionID).Exec(ctx); err != nil {
			return fmt.Errorf("platform: refresh session: %w", err)
		}
		return nil
	})
}

// AskToAdd begins the registration of a passkey for the actor, who must be fresh, in the session of token. What it gives is for
// navigator.credentials.
func (s *Service) AskToAdd(ctx context.Context, token string) (options any, err error) {
	rp, err := s.relyingParty()
	if err != nil {
		return nil, err
	}
	who := actor.From(ctx).PersonID
	if err := s.attempt(ctx, passkeyOperator.of(who.String())); err != nil {
		return nil, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := identity.MustBeFresh(ctx, tx); err != nil {
			return err
		}
		h, err := keysOf(ctx, tx, who)
		if err != nil {
			return err
		}
		var asked identity.Asked
		if options, asked, err = rp.AskToAdd(h); err != nil {
			return err
		}
		return keepChallenge(ctx, tx, token, "open", asked)
	})
	return options, err
}

// AddPasskey registers what the browser of the session of token made for the actor, under a name.
func (s *Service) AddPasskey(ctx context.Context, token, name, response string) error {
	rp, err := s.relyingParty()
	if err != nil {
		return err
	}
	if name, err = identity.CheckPasskeyName(name); err != nil {
		return err
	}
	asked, err := s.takeChallenge(ctx, token, "open")
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		h, err := keysOf(ctx, tx, actor.From(ctx).PersonID)
		if err != nil {
			return err
		}
		made, err := rp.Added(h, asked, response)
		if err != nil {
			return err
		}
		kept, err := json.Marshal(made)
		if err != nil {
			return fmt.Errorf("platform: keep passkey: %w", err)
		}
		added, err := tx.NewRaw("INSERT INTO operator_passkey (id, operator_id, credential_id, credential, name, created_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (credential_id) DO NOTHING",
			ids.New(), h.ID, made.ID, json.RawMessage(kept), name, tx.Now()).Exec(ctx)
		if err != nil {
			return fmt.Errorf("platform: insert passkey: %w", err)
		}
		if n, _ := added.RowsAffected(); n == 0 {
			return fault.New(fault.Invalid, "identity.error.passkey_known")
		}
		return recordDeed(ctx, tx, "platform.add_passkey", nil)
	})
}

// RemovePasskey takes one of the actor's passkeys away; another operator's is not found. The actor must be fresh, and keeps their app.
func (s *Service) RemovePasskey(ctx context.Context, id ids.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := identity.MustBeFresh(ctx, tx); err != nil {
			return err
		}
		removed, err := tx.NewRaw("DELETE FROM operator_passkey WHERE operator_id = ? AND id = ?", actor.From(ctx).PersonID, id).Exec(ctx)
		if err != nil {
			return fmt.Errorf("platform: remove passkey: %w", err)
		}
		if n, _ := removed.RowsAffected(); n == 0 {
			return fault.NotFound()
		}
		return recordDeed(ctx, tx, "platform.remove_passkey", nil)
	})
}

// AskToProve begins to show a passkey after a password, in the browser that has the token of Prove; Gone when no password stands any more.
func (s *Service) AskToProve(ctx context.Context, wait string) (options any, err error) {
	rp, err := s.relyingParty()
	if err != nil {
		return nil, err
	}
	options, asked, err := rp.AskToProve()
	if err != nil {
		return nil, err
	}
	return options, s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error { return keepChallenge(ctx, tx, wait, "code", asked) })
}

// ProveByPasskey is Prove with what the browser answered instead of a code. A passkey of another operator is as wrong as none.
func (s *Service) ProveByPasskey(ctx context.Context, wait, response string) (token string, err error) {
	rp, err := s.relyingParty()
	if err != nil {
		return "", err
	}
	operator, err := s.countTry(ctx, wait)
	if err != nil {
		return "", err
	}
	asked, err := s.takeChallenge(ctx, wait, "code")
	if err != nil {
		return "", err
	}
	return s.enter(ctx, wait, operator, func(ctx context.Context, tx tenants.Writer, o *Operator) error {
		used, err := rp.Proved(asked, response, func(credential []byte) (identity.KeyHolder, error) {
			var owner ids.ID
			err := tx.NewRaw("SELECT operator_id FROM operator_passkey WHERE operator_id = ? AND credential_id = ?", o.ID, credential).Scan(ctx, &owner)
			if err := missing(err, "platform: find passkey"); err != nil {
				return identity.KeyHolder{}, err
			}
			return keysOf(ctx, tx, owner)
		})
		if err != nil {
			return err
		}
		kept, err := json.Marshal(used)
		if err != nil {
			return fmt.Errorf("platform: keep passkey: %w", err)
		}
		if _, err := tx.NewRaw("UPDATE operator_passkey SET credential = ?, used_at = ? WHERE credential_id = ?", json.RawMessage(kept), tx.Now(), used.ID).Exec(ctx); err != nil {
			return fmt.Errorf("platform: use passkey: %w", err)
		}
		return nil
	})
}

// keysOf locks an operator and reads their passkeys.
func keysOf(ctx context.Context, tx tenants.Writer, operator ids.ID) (h identity.KeyHolder, err error) {
	o, err := lockOperator(ctx, tx, operator)
	if err != nil {
		return h, err
	}
	h.ID, h.Login, h.Name = o.ID, o.Email, o.Name
	var rows []json.RawMessage
	if err := tx.NewRaw("SELECT credential FROM operator_passkey WHERE operator_id = ? ORDER BY id", operator).Scan(ctx, &rows); err != nil {
		return h, fmt.Errorf("platform: find passkeys: %w", err)
	}
	for _, row := range rows {
		if err := h.Holds(row); err != nil {
			return h, err
		}
	}
	return h, nil
}

// keepChallenge remembers what the browser of a session was asked, instead of what it was asked before.
func keepChallenge(ctx context.Context, tx tenants.Writer, token, state string, asked identity.Asked) error {
	kept, err := tx.NewRaw("UPDATE operator_session SET challenge = ?, challenge_until = ? WHERE token_hash = ? AND state = ? AND ended_at IS NULL AND expires_at > ?",
		json.RawMessage(asked), tx.Now().Add(identity.ChallengeTime), ids.HashToken(token), state, tx.Now()).Exec(ctx)
	if err != nil {
		return fmt.Errorf("platform: keep challenge: %w", err)
	}
	if n, _ := kept.RowsAffected(); n == 0 {
		return waitGone()
	}
	return nil
}

// takeChallenge gives what was asked, and forgets it in a transaction of its own: whatever comes of the answer, there is no second one.
func (s *Service) takeChallenge(ctx context.Context, token, state string) (asked identity.Asked, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		var row struct {
			ID        ids.ID
			Challenge json.RawMessage
			Until     *time.Time
		}
		err := tx.NewRaw("SELECT id, challenge, challenge_until AS until FROM operator_session WHERE token_hash = ? AND state = ? AND ended_at IS NULL FOR UPDATE", ids.HashToken(token), state).Scan(ctx, &row)
		if err := missing(err, "platform: find challenge"); err != nil {
			return identity.NoPasskey(err)
		}
		if _, err := tx.NewRaw("UPDATE operator_session SET challenge = NULL WHERE id = ?", row.ID).Exec(ctx); err != nil {
			return fmt.Errorf("platform: take challenge: %w", err)
		}
		if len(row.Challenge) > 0 && row.Until != nil && row.Until.After(tx.Now()) {
			asked = identity.Asked(row.Challenge)
		}
		return nil
	})
	if err == nil && asked == nil {
		err = identity.NoPasskey(nil)
	}
	return asked, err
}
