package platform

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// LinkTime is how long the link works by which an operator gets a password and an authenticator app.
const LinkTime = 24 * time.Hour

// Operator is somebody who runs the platform.
type Operator struct {
	bun.BaseModel `bun:"table:operator"`
	ID            ids.ID `bun:",pk,type:uuid"`
	Email         string
	Name          string
	PasswordHash  string
	AppSealed     []byte `bun:",nullzero"`
	AppLastStep   int64
	CreatedAt     time.Time
	DeactivatedAt *time.Time
}

// Ready tells whether the operator has used their link.
func (o *Operator) Ready() bool { return o.PasswordHash != "" }

const maxName = 120

// Create adds an operator and gives the secret of their one-time link. It is for the command line: whoever has that has the machine.
func (s *Service) Create(ctx context.Context, email, name string) (o *Operator, link string, err error) {
	o = &Operator{ID: ids.New(), Name: strings.Join(strings.Fields(name), " ")}
	var problems fault.Fields
	address, ok := identity.NormalizeEmail(email)
	if !ok {
		problems.Add("email", "identity.error.email")
	}
	o.Email = address
	if o.Name == "" {
		problems.Add("name", "platform.error.name")
	} else if key, args := identity.CheckName(o.Name, maxName); key != "" {
		problems.Add("name", key, args)
	}
	if err := problems.Err(); err != nil {
		return nil, "", err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		o.CreatedAt = tx.Now()
		inserted, err := tx.NewInsert().Model(o).On("CONFLICT (email) DO NOTHING").Exec(ctx)
		if err != nil {
			return fmt.Errorf("platform: insert operator: %w", err)
		}
		if n, err := inserted.RowsAffected(); err != nil || n == 0 {
			problems.Add("email", "platform.error.email_taken")
			return errors.Join(err, problems.Err())
		}
		if err := recordDeed(ctx, tx, "platform.add_operator", map[string]any{"subject": o.ID}); err != nil {
			return err
		}
		link, err = makeLink(ctx, tx, o.ID)
		return err
	})
	return o, link, err
}

// Invite gives an operator a new link, which takes the place of the one before. Their password and app work until it is used.
func (s *Service) Invite(ctx context.Context, email string) (link string, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		o, err := lockByEmail(ctx, tx, email)
		if err != nil {
			return err
		}
		if o.DeactivatedAt != nil {
			o.DeactivatedAt = nil
			if _, err := tx.NewUpdate().Model(o).Column("deactivated_at").WherePK().Exec(ctx); err != nil {
				return fmt.Errorf("platform: activate operator: %w", err)
			}
		}
		if err := recordDeed(ctx, tx, "platform.invite_operator", map[string]any{"subject": o.ID}); err != nil {
			return err
		}
		link, err = makeLink(ctx, tx, o.ID)
		return err
	})
	return link, err
}

// Deactivate shuts an operator out at their next request, also where they visit.
func (s *Service) Deactivate(ctx context.Context, email string) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		o, err := lockByEmail(ctx, tx, email)
		if err != nil {
			return err
		}
		now := tx.Now()
		o.DeactivatedAt = &now
		if _, err := tx.NewUpdate().Model(o).Column("deactivated_at").WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("platform: deactivate operator: %w", err)
		}
		if err := endSessions(ctx, tx, o.ID); err != nil {
			return err
		}
		if _, err := tx.NewRaw("DELETE FROM operator_link WHERE operator_id = ?", o.ID).Exec(ctx); err != nil {
			return fmt.Errorf("platform: delete links: %w", err)
		}
		return recordDeed(ctx, tx, "platform.deactivate_operator", map[string]any{"subject": o.ID})
	})
}

// Operators lists everybody, by name.
func (s *Service) Operators(ctx context.Context) (list []Operator, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		if err := tx.NewSelect().Model(&list).Order("name", "id").Scan(ctx); err != nil {
			return fmt.Errorf("platform: list operators: %w", err)
		}
		return nil
	})
	return list, err
}

func lockByEmail(ctx context.Context, tx tenants.Writer, email string) (*Operator, error) {
	address, _ := identity.NormalizeEmail(email)
	o := new(Operator)
	err := tx.NewSelect().Model(o).Where("email = ?", address).For("UPDATE").Scan(ctx)
	return o, missing(err, "platform: find operator")
}

func lockOperator(ctx context.Context, tx tenants.Writer, id ids.ID) (*Operator, error) {
	o := new(Operator)
	err := tx.NewSelect().Model(o).Where("id = ?", id).Where("deactivated_at IS NULL").For("UPDATE").Scan(ctx)
	return o, missing(err, "platform: lock operator")
}

func missing(err error, doing string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.NotFound()
	}
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

func makeLink(ctx context.Context, tx tenants.Writer, operator ids.ID) (string, error) {
	if _, err := tx.NewRaw("DELETE FROM operator_link WHERE operator_id = ?", operator).Exec(ctx); err != nil {
		return "", fmt.Errorf("platform: delete links: %w", err)
	}
	token, hash := ids.NewToken()
	_, err := tx.NewRaw("INSERT INTO operator_link (token_hash, operator_id, created_at, expires_at) VALUES (?, ?, ?, ?)", hash, operator, tx.Now(), tx.Now().Add(LinkTime)).Exec(ctx)
	if err != nil {
		return "", fmt.Errorf("platform: insert link: %w", err)
	}
	return token, nil
}
