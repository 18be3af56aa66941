package house

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/mail"
	"ouderportaal/internal/plaintext"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// Kind says which statement it is.
type Kind string

// What an organisation tells everybody who opens its portal.
const (
	Privacy       Kind = "privacy"
	Disclosure    Kind = "disclosure"
	Accessibility Kind = "accessibility"
)

// Kinds are in the order in which they are listed.
var Kinds = []Kind{Privacy, Disclosure, Accessibility}

// MaxStatement is how many letters a statement may have.
const MaxStatement = 20_000

// Statement is one version of a text in one language.
type Statement struct {
	bun.BaseModel `bun:"table:statement_text"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	Kind          Kind   `bun:",pk"`
	Language      string `bun:",pk"`
	Version       int    `bun:",pk"` // 0: there is no own text, and never was
	Body          string // empty: our own text
	ChangedAt     time.Time
	ChangedBy     ids.ID `bun:"changed_by,type:uuid,nullzero"`
	By            string `bun:"-"` // the name of who wrote it
}

// PassageKind says how a part of a statement is shown.
type PassageKind int

// A statement knows no more than these, so that there is nothing in it that could run.
const (
	Paragraph PassageKind = iota
	Heading
	List
)

// Passage is a part of a statement. Lines are the items of a list, or one text.
type Passage struct {
	Kind  PassageKind
	Lines []string
}

// Passages takes a text apart: an empty line ends a paragraph, a line that begins with "# " is a heading, and lines that begin with "- "
// are a list.
func Passages(body string) []Passage {
	var list []Passage
	last := -1 // the passage that the next line may join
	for line := range strings.SplitSeq(body, "\n") {
		line = strings.TrimSpace(line)
		kind, text := Paragraph, line
		if after, ok := strings.CutPrefix(line, "# "); ok {
			kind, text = Heading, after
		} else if after, ok := strings.CutPrefix(line, "- "); ok {
			kind, text = List, after
		}
		switch {
		case line == "":
			last = -1
		case last >= 0 && kind != Heading && list[last].Kind == kind:
			list[last].Lines = append(list[last].Lines, text)
		default:
			list = append(list, Passage{kind, []string{text}})
			if last = len(list) - 1; kind == Heading {
				last = -1
			}
		}
	}
	return list
}

// StatementDraft is what somebody wrote. Version is that of the text which they saw.
type StatementDraft struct {
	Kind     Kind
	Language string
	Body     string
	Version  int
}

// Check cleans the draft. An unknown kind or language is nothing that a page offers.
func (d *StatementDraft) Check() error {
	if !slices.Contains(Kinds, d.Kind) || !slices.Contains(Languages, d.Language) {
		return fault.NotFound()
	}
	var problems fault.Fields
	if d.Body = plaintext.Of(d.Body); utf8.RuneCountInString(d.Body) > MaxStatement {
		problems.Add("body", "house.error.long", map[string]any{"Max": MaxStatement})
	}
	return problems.Err()
}

// Statement gives the text that holds, for everybody who asks.
func (s *Service) Statement(ctx context.Context, kind Kind, language string) (Statement, error) {
	list, err := s.Statements(ctx, kind, language)
	if err != nil {
		return Statement{}, err
	}
	return list[0], nil
}

// Statements gives the versions of a text, newest first, with the names of their writers. There is always one.
func (s *Service) Statements(ctx context.Context, kind Kind, language string) (list []Statement, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		if list, err = newestStatements(ctx, tx, kind, language, historyLength); err != nil {
			return err
		}
		if len(list) == 0 {
			list = []Statement{{Kind: kind, Language: language}}
		}
		people := make([]ids.ID, len(list))
		for i := range list {
			people[i] = list[i].ChangedBy
		}
		names, err := identity.Names(ctx, tx, people)
		for i := range list {
			list[i].By = names[list[i].ChangedBy]
		}
		return err
	})
	return list, err
}

// State makes a version of what somebody wrote; an empty body is our own text again. A text that is as it was makes none, and one of a
// version that somebody else has changed since is a Conflict.
func (s *Service) State(ctx context.Context, d StatementDraft) error {
	if err := d.Check(); err != nil {
		return err
	}
	return s.state(ctx, "house.state", d, func(context.Context, tenants.Reader) (string, error) { return d.Body, nil })
}

// ReturnStatement makes a version that is as an earlier one was; 0 is our own text.
func (s *Service) ReturnStatement(ctx context.Context, d StatementDraft, to int) error {
	if err := d.Check(); err != nil {
		return err
	}
	return s.state(ctx, "house.return_statement", d, func(ctx context.Context, tx tenants.Reader) (string, error) {
		if to == 0 {
			return "", nil
		}
		return statementBody(ctx, tx, d.Kind, d.Language, to)
	})
}

func (s *Service) state(ctx context.Context, action string, d StatementDraft, body func(context.Context, tenants.Reader) (string, error)) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := holdStyle(ctx, tx); err != nil {
			return err
		}
		list, err := newestStatements(ctx, tx, d.Kind, d.Language, 1)
		if err != nil {
			return err
		}
		var now Statement
		if len(list) > 0 {
			now = list[0]
		}
		if d.Version != now.Version {
			return fault.New(fault.Conflict, "house.error.text_changed")
		}
		text, err := body(ctx, tx)
		if err != nil || text == now.Body {
			return err
		}
		next := &Statement{TenantID: tx.Tenant().ID, Kind: d.Kind, Language: d.Language, Version: now.Version + 1, Body: text, ChangedAt: tx.Now(), ChangedBy: actor.From(ctx).PersonID}
		if err := insertStatement(ctx, tx, next); err != nil {
			return err
		}
		return audit.Record(ctx, tx, action, ids.Nil, map[string]any{"kind": d.Kind, "language": d.Language, "version": next.Version})
	})
}

// SetSecurityContact says where weak spots are reported: a mail address, a web address over https, or nothing for that of the
// installation.
func (s *Service) SetSecurityContact(ctx context.Context, typed string) error {
	uri, ok := contactURI(strings.TrimSpace(typed))
	if !ok {
		var problems fault.Fields
		problems.Add("contact", "house.error.contact")
		return problems.Err()
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := tenants.SetSecurityContact(ctx, tx, uri); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "house.set_security_contact", ids.Nil, nil)
	})
	if err != nil {
		return fmt.Errorf("house: set security contact: %w", err)
	}
	s.forget(ctx)
	return nil
}

func contactURI(typed string) (uri string, ok bool) {
	if typed == "" {
		return "", true
	}
	if strings.HasPrefix(typed, "https://") {
		u, err := url.Parse(typed)
		return typed, err == nil && u.Host != "" && len(typed) <= 300 && !strings.ContainsAny(typed, " \t\r\n")
	}
	address, ok := mail.Normalize(typed)
	return "mailto:" + address, ok
}
