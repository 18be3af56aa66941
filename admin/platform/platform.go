// Package platform is what operators do: who runs the installation on which daycare organisations have their portals. Operators
// are no organisation's people; they have tables, a host and a database role of their own.
package platform

import (
	"context"
	"embed"
	"fmt"
	"time"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// Policy holds the casbin lines of the platform's own server; no organisation has them.
//
//go:embed policy.csv
var Policy string

// Locales holds the words of this package and its pages.
//
//go:embed locales/*.json
var Locales embed.FS

// Name is what the platform calls itself, in the console and in authenticator apps.
const Name = "Ouderportaal beheer"

// Service is how the console and the command line do it. It is safe for concurrent use.
type Service struct {
	db     *tenants.Platform
	hasher *identity.Hasher
	vault  identity.Vault
	home   string // see ServeAt
}

// New makes the service. Keys are those of identity.Config; without them nobody can sign in, which the command line need not.
func New(db *tenants.Platform, hasher *identity.Hasher, keys [][]byte) *Service {
	return &Service{db: db, hasher: hasher, vault: identity.NewVault(keys)}
}

func (s *Service) now() time.Time { return s.db.Clock().Now().UTC().Truncate(time.Microsecond) }

// recordDeed notes what the actor did in the log of the platform and, when the transaction is about an organisation, in that
// organisation's own log with their name. Without an actor it was done on the command line.
func recordDeed(ctx context.Context, tx tenants.Writer, action string, detail map[string]any) error {
	if detail == nil {
		detail = map[string]any{}
	}
	who, about := actor.From(ctx), tx.Tenant().ID
	if err := logDeed(ctx, tx, action, detail); err != nil || about == ids.Nil {
		return err
	}
	ctx = actor.With(ctx, actor.Actor{TenantID: about, PersonID: who.PersonID, Role: actor.Operator, Name: who.Name})
	if who.Name != "" {
		detail["operator"] = who.Name
	}
	return audit.Record(ctx, tx, action, about, detail)
}

// logDeed notes it in the log of the platform alone.
func logDeed(ctx context.Context, tx tenants.Writer, action string, detail map[string]any) error {
	if detail == nil {
		detail = map[string]any{}
	}
	_, err := tx.NewRaw("INSERT INTO operator_log (id, at, operator_id, action, about, detail) VALUES (?, ?, ?, ?, ?, ?)",
		ids.New(), tx.Now(), orNull(actor.From(ctx).PersonID), action, orNull(tx.Tenant().ID), detail).Exec(ctx)
	if err != nil {
		return fmt.Errorf("platform: record %s: %w", action, err)
	}
	return nil
}

// orNull keeps a row from pointing at nothing.
func orNull(id ids.ID) any {
	if id == ids.Nil {
		return nil
	}
	return id
}
