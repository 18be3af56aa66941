package messages

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/formkey"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/plaintext"
	"ouderportaal/tenants"
)

// MaxTitle is the longest title of a template, in characters, ChildMark is where the given name of the child comes in its text, and
// MostTemplates is how many an organisation has: all of them stand in every list to choose from.
const (
	MaxTitle      = 80
	ChildMark     = "{kind}"
	MostTemplates = 100
)

// Template is an answer that an organisation gives again and again. Who uses it can change its text before it is sent.
type Template struct {
	bun.BaseModel `bun:"table:message_template,alias:e"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	Title         string
	Body          string
	Version       int
}

// For is the text about a child.
func (t *Template) For(child string) string { return strings.ReplaceAll(t.Body, ChildMark, child) }

// TemplateDraft is a template as somebody types it.
type TemplateDraft struct {
	FormKey ids.ID // of a new one
	Title   string
	Body    string
	Version int // of the one that is changed
}

// Check tidies the draft and says what is wrong with it.
func (d *TemplateDraft) Check() error {
	d.Title, d.Body = oneLine(d.Title), plaintext.Of(d.Body)
	var problems fault.Fields
	switch n := utf8.RuneCountInString(d.Title); {
	case n == 0:
		problems.Add("title", "messages.error.title_required")
	case n > MaxTitle:
		problems.Add("title", "messages.error.title_too_long", map[string]any{"Max": MaxTitle})
	}
	switch n := utf8.RuneCountInString(d.Body); {
	case n == 0:
		problems.Add("body", "messages.error.template_required")
	case n > MaxBody:
		problems.Add("body", "messages.error.body_too_long", map[string]any{"Max": MaxBody})
	}
	return problems.Err()
}

// Templates lists the templates of the organisation by title, for who works there.
func (s *Service) Templates(ctx context.Context) (list []Template, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		if actor.From(ctx).Role == actor.Parent {
			return fault.NotFound()
		}
		list, err = selectTemplates(ctx, tx)
		return err
	})
	return list, err
}

// Template gives one of them.
func (s *Service) Template(ctx context.Context, id ids.ID) (t *Template, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		t, err = selectTemplate(ctx, tx, id)
		return err
	})
	return t, err
}

// AddTemplate keeps a new template.
func (s *Service) AddTemplate(ctx context.Context, d TemplateDraft) error {
	if err := d.Check(); err != nil {
		return err
	}
	id := ids.Nil
	return s.once(ctx, d.FormKey, formkey.Hash("template", d.Title, d.Body), &id, func(ctx context.Context, tx tenants.Writer) error {
		if err := roomForTemplate(ctx, tx); err != nil {
			return err
		}
		t := &Template{TenantID: tx.Tenant().ID, ID: id, Title: d.Title, Body: d.Body, Version: 1}
		if _, err := tx.NewInsert().Model(t).Exec(ctx); err != nil {
			return fmt.Errorf("messages: insert template: %w", err)
		}
		return audit.Record(ctx, tx, "messages.add_template", id, map[string]any{"title": d.Title})
	})
}

// roomForTemplate says so when the organisation has all the templates that it can have.
func roomForTemplate(ctx context.Context, tx tenants.Writer) error {
	if err := tx.Lock(ctx, "templates", tx.Tenant().ID.String()); err != nil {
		return err
	}
	n, err := tx.NewSelect().Model((*Template)(nil)).Where("e.tenant_id = ?", tx.Tenant().ID).Count(ctx)
	if err != nil {
		return fmt.Errorf("messages: count templates: %w", err)
	}
	var problems fault.Fields
	if n >= MostTemplates {
		problems.Add("title", "messages.error.too_many_templates", map[string]any{"Max": MostTemplates})
	}
	return problems.Err()
}

// ChangeTemplate changes a template. A draft of another version than the template's is a Conflict.
func (s *Service) ChangeTemplate(ctx context.Context, id ids.ID, d TemplateDraft) error {
	if err := d.Check(); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if _, err := selectTemplate(ctx, tx, id); err != nil {
			return err
		}
		done, err := tx.NewUpdate().Model((*Template)(nil)).Set("title = ?", d.Title).Set("body = ?", d.Body).Set("version = version + 1").
			Where("e.tenant_id = ?", tx.Tenant().ID).Where("e.id = ?", id).Where("e.version = ?", d.Version).Exec(ctx)
		if err != nil {
			return fmt.Errorf("messages: change template: %w", err)
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, fault.New(fault.Conflict, "messages.error.template_stale"))
		}
		return audit.Record(ctx, tx, "messages.change_template", id, map[string]any{"title": d.Title})
	})
}

// RemoveTemplate removes a template; what was answered with it stays.
func (s *Service) RemoveTemplate(ctx context.Context, id ids.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		t, err := selectTemplate(ctx, tx, id)
		if err != nil {
			return err
		}
		if _, err := tx.NewDelete().Model(t).WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("messages: remove template: %w", err)
		}
		return audit.Record(ctx, tx, "messages.remove_template", id, map[string]any{"title": t.Title})
	})
}

func selectTemplates(ctx context.Context, tx tenants.Reader) ([]Template, error) {
	var list []Template
	if err := tx.NewSelect().Model(&list).Where("e.tenant_id = ?", tx.Tenant().ID).Order("e.title", "e.id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("messages: select templates: %w", err)
	}
	return list, nil
}

func selectTemplate(ctx context.Context, tx tenants.Reader, id ids.ID) (*Template, error) {
	t := new(Template)
	err := tx.NewSelect().Model(t).Where("e.tenant_id = ?", tx.Tenant().ID).Where("e.id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.NotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("messages: find template: %w", err)
	}
	return t, nil
}
