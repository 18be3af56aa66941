package web

import (
	"context"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/plaintext"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/house"
	"ouderportaal/tenants"
)

// publicPaths are where everybody reads the statements.
var publicPaths = map[house.Kind]string{house.Privacy: "/privacy", house.Disclosure: "/responsible-disclosure", house.Accessibility: "/toegankelijkheid"}

// i18n:keys house.statement.*
func kindTitle(ctx context.Context, kind house.Kind) string {
	return i18n.T(ctx, "house.statement."+string(kind))
}

// bodyOf is the text of the organisation, or ours in the language of the reader of ctx.
func bodyOf(ctx context.Context, s house.Statement) string {
	if s.Body != "" {
		return s.Body
	}
	tenant, _ := tenants.From(ctx)
	return i18n.T(ctx, "house.statement."+string(s.Kind)+".text", "Organisation", tenant.Name)
}

// statement answers with what the organisation tells everybody.
func (h *Handlers) statement(kind house.Kind) fiber.Handler {
	return func(c *fiber.Ctx) error {
		ctx := web.Ctx(c)
		s, err := h.house.Statement(ctx, kind, i18n.Language(ctx))
		if err != nil {
			return err
		}
		tenant, _ := tenants.From(ctx)
		return web.Render(c, fiber.StatusOK, statementPage(kindTitle(ctx, kind), house.Passages(bodyOf(ctx, s)), tenant))
	}
}

// dialled is a phone number as a link wants it.
func dialled(phone string) string {
	return "tel:" + strings.Map(func(r rune) rune {
		if r == '+' || '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, phone)
}

// textsView is the list of statements with the contact for weak spots as it stands on the screen.
type textsView struct {
	rail    []ui.RailSection
	texts   map[house.Kind][]house.Statement // one of each language
	contact string
	problem error
}

func (h *Handlers) texts(c *fiber.Ctx) error {
	tenant, _ := tenants.From(web.Ctx(c))
	return h.textsWith(c, fiber.StatusOK, strings.TrimPrefix(tenant.SecurityContact, "mailto:"), nil)
}

func (h *Handlers) textsWith(c *fiber.Ctx, status int, contact string, problem error) error {
	v := textsView{rail: h.rail(web.Ctx(c)), texts: map[house.Kind][]house.Statement{}, contact: contact, problem: problem}
	for _, kind := range house.Kinds {
		for _, language := range house.Languages {
			s, err := h.house.Statement(web.Ctx(c), kind, language)
			if err != nil {
				return err
			}
			v.texts[kind] = append(v.texts[kind], s)
		}
	}
	return web.Render(c, status, textsPage(v))
}

func (h *Handlers) setContact(c *fiber.Ctx) error {
	typed := c.FormValue("contact")
	err := h.house.SetSecurityContact(web.Ctx(c), typed)
	if fault.CodeOf(err) == fault.Invalid {
		return h.textsWith(c, fiber.StatusUnprocessableEntity, typed, err)
	}
	if err != nil {
		return err
	}
	web.Flash(c, "house.text.saved")
	return web.Go(c, textsPath)
}

// textView is the form for one text as it stands on the screen.
type textView struct {
	rail     []ui.RailSection
	draft    house.StatementDraft
	own      bool // the organisation has a text of its own
	versions []house.Statement
	problem  error
}

func textPath(kind house.Kind, language string) string {
	return textsPath + "/" + string(kind) + "?taal=" + language
}

// textDraftOf reads which text it is, and what was typed.
func textDraftOf(c *fiber.Ctx) house.StatementDraft {
	return house.StatementDraft{Kind: house.Kind(c.Params("kind")), Language: c.FormValue("taal"), Body: c.FormValue("body"), Version: versionOf(c)}
}

func (h *Handlers) textView(c *fiber.Ctx, draft house.StatementDraft) (*textView, error) {
	if err := (&house.StatementDraft{Kind: draft.Kind, Language: draft.Language}).Check(); err != nil {
		return nil, err
	}
	versions, err := h.house.Statements(web.Ctx(c), draft.Kind, draft.Language)
	if err != nil {
		return nil, err
	}
	v := &textView{rail: h.rail(web.Ctx(c)), draft: draft, own: versions[0].Body != "", versions: versions}
	v.draft.Version = versions[0].Version
	return v, nil
}

func (h *Handlers) text(c *fiber.Ctx) error {
	v, err := h.textView(c, textDraftOf(c))
	if err != nil {
		return err
	}
	v.draft.Body = bodyOf(h.speaking(c, v.draft.Language), v.versions[0])
	return web.Render(c, fiber.StatusOK, textPage(v))
}

// speaking is the context of somebody who reads language: our own text in it may not be in that of the reader.
func (h *Handlers) speaking(c *fiber.Ctx, language string) context.Context {
	return web.InLanguage(web.Ctx(c), language)
}

func (h *Handlers) state(c *fiber.Ctx) error {
	draft := textDraftOf(c)
	if c.FormValue("ours") != "" || plaintext.Of(draft.Body) == bodyOf(h.speaking(c, draft.Language), house.Statement{Kind: draft.Kind}) {
		draft.Body = "" // our own text follows the program
	}
	return h.textDone(c, draft, h.house.State(web.Ctx(c), draft))
}

func (h *Handlers) returnText(c *fiber.Ctx) error {
	to, err := strconv.Atoi(c.FormValue("to"))
	if err != nil || to < 0 {
		return fault.NotFound()
	}
	draft := textDraftOf(c)
	return h.textDone(c, draft, h.house.ReturnStatement(web.Ctx(c), draft, to))
}

// textDone says that it is kept, with the way back, or shows the form again with what is wrong.
func (h *Handlers) textDone(c *fiber.Ctx, draft house.StatementDraft, problem error) error {
	code := fault.CodeOf(problem)
	if code == fault.Invalid || code == fault.Conflict {
		v, err := h.textView(c, draft)
		if err != nil {
			return err
		}
		v.problem = problem
		return web.Render(c, int(code), textPage(v))
	}
	if problem != nil {
		return problem
	}
	web.Flash(c, "house.text.saved")
	return web.Go(c, textPath(draft.Kind, draft.Language))
}
