package org

import (
	"context"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/paging"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/retention"
	"ouderportaal/tenants"
)

const (
	retentionPath = "/beheer/bewaartermijnen"
	filesPath     = retentionPath + "/dossiers"
)

// RetentionPages are where an organisation chooses how long it keeps files, and sees which of them end.
type RetentionPages struct{ service *retention.Service }

// NewRetentionPages makes them.
func NewRetentionPages(s *retention.Service) *RetentionPages { return &RetentionPages{s} }

// Routes lists what can be asked about them.
func (h *RetentionPages) Routes(r *web.Routes) {
	r.Get(retentionPath, "retention.decide", h.terms)
	r.Post(retentionPath, "retention.decide", h.choose)
	r.Get(filesPath, "retention.decide", h.files)
	r.Get(filesPath+"/:id", "retention.decide", h.file)
	r.Post(filesPath+"/:id", "retention.decide", h.hold)
	r.Post(filesPath+"/:id/einde", "retention.decide", h.release)
}

// termsForm is the form as it stands on the screen.
type termsForm struct {
	months, years, notice string
	offers                bool
	version               int
	count                 retention.Count
	problem               error
}

func (h *RetentionPages) terms(c *fiber.Ctx) error {
	t, err := h.service.Terms(web.Ctx(c))
	if err != nil {
		return err
	}
	return h.showTerms(c, fiber.StatusOK, termsForm{strconv.Itoa(t.FileMonths), strconv.Itoa(t.OfficeYears), strconv.Itoa(t.NoticeDays), t.Offers, t.Version, retention.Count{}, nil})
}

func (h *RetentionPages) showTerms(c *fiber.Ctx, status int, f termsForm) (err error) {
	if f.count, err = h.service.Count(web.Ctx(c)); err != nil {
		return err
	}
	return web.Render(c, status, termsPage(f))
}

func (h *RetentionPages) choose(c *fiber.Ctx) error {
	f := termsForm{months: c.FormValue("file_months"), years: c.FormValue("office_years"), notice: c.FormValue("notice_days"), offers: c.FormValue("offers") != "", version: versionOf(c)}
	f.problem = h.service.Choose(web.Ctx(c), retention.Terms{FileMonths: countOf(f.months), OfficeYears: countOf(f.years), NoticeDays: countOf(f.notice), Offers: f.offers, Version: f.version})
	switch fault.CodeOf(f.problem) {
	case fault.Invalid:
		return h.showTerms(c, fiber.StatusUnprocessableEntity, f)
	case fault.Conflict: // what was typed stays; sending it again is meant
		now, err := h.service.Terms(web.Ctx(c))
		if err != nil {
			return err
		}
		f.version = now.Version
		return h.showTerms(c, fiber.StatusConflict, f)
	}
	if f.problem != nil {
		return f.problem
	}
	return saved(c, "org.saved", retentionPath)
}

func (h *RetentionPages) files(c *fiber.Ctx) error {
	l, err := h.service.Files(web.Ctx(c), paging.Parse(c.Query("na")))
	if err != nil {
		return err
	}
	if frame := web.FrameOf(c); frame != "" && frame != "lijst" {
		return web.Render(c, fiber.StatusOK, moreFiles(l, frame))
	}
	return web.Render(c, fiber.StatusOK, filesPage(l))
}

// holdForm is the form as it stands on the screen.
type holdForm struct {
	file    retention.File
	until   string
	reason  string
	problem error
}

func (f holdForm) seen() string {
	if f.file.Hold == nil {
		return ""
	}
	return f.file.Hold.ID.String()
}

func (f holdForm) action() string { return filePath(f.file.ChildID) }

func filePath(child ids.ID) string { return filesPath + "/" + child.String() }

func (h *RetentionPages) file(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	return h.showFile(c, fiber.StatusOK, id, holdForm{})
}

// showFile shows the form with what was typed, or what holds.
func (h *RetentionPages) showFile(c *fiber.Ctx, status int, child ids.ID, f holdForm) (err error) {
	if f.file, err = h.service.File(web.Ctx(c), child); err != nil {
		return err
	}
	if f.problem == nil && f.file.Hold != nil {
		f.until, f.reason = string(f.file.Hold.UntilOn), f.file.Hold.Reason
	}
	return web.Render(c, status, filePage(f))
}

func (h *RetentionPages) hold(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	f := typedHold(c)
	f.problem = h.service.Hold(web.Ctx(c), retention.HoldDraft{ChildID: id, UntilOn: tenants.Date(f.until), Reason: f.reason, Seen: idOf(c.FormValue("seen"))})
	return h.held(c, id, f, "org.retention.held")
}

func (h *RetentionPages) release(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	f := typedHold(c)
	f.problem = h.service.Release(web.Ctx(c), id, idOf(c.FormValue("seen")))
	return h.held(c, id, f, "org.retention.released")
}

// typedHold is what stands in the form, whichever of its buttons is pressed.
func typedHold(c *fiber.Ctx) holdForm {
	return holdForm{until: string(dayOf(c, "until_on")), reason: c.FormValue("reason")}
}

// held goes on to the list, or shows the form again with what is wrong.
func (h *RetentionPages) held(c *fiber.Ctx, child ids.ID, f holdForm, done string) error {
	switch fault.CodeOf(f.problem) {
	case fault.Invalid:
		return h.showFile(c, fiber.StatusUnprocessableEntity, child, f)
	case fault.Conflict:
		return h.showFile(c, fiber.StatusConflict, child, f)
	}
	if f.problem != nil {
		return f.problem
	}
	return saved(c, done, filesPath)
}

// i18n:keys org.retention.stage.*
func stageWords(ctx context.Context, f retention.File) string {
	return i18n.T(ctx, "org.retention.stage."+string(f.Stage), "Day", day(ctx, f.EndsOn))
}

func stageTone(s retention.Stage) ui.Tone {
	switch s {
	case retention.Over:
		return ui.Coral
	case retention.Ending:
		return ui.Sun
	case retention.Held:
		return ui.Sky
	}
	return ui.Neutral
}

// offersHint says what offering comes to; of an organisation without Alles meenemen, that it comes to nothing.
func offersHint(ctx context.Context) string {
	if tenant, ok := tenants.From(ctx); ok && !tenant.Has(tenants.Keepsake) {
		return i18n.T(ctx, "org.retention.offers.without")
	}
	return i18n.T(ctx, "org.retention.offers.hint")
}

// told says when guardians were told, or why not.
func told(ctx context.Context, l *retention.List, f retention.File) string {
	switch {
	case f.Missed:
		return i18n.T(ctx, "org.retention.told.missed", "Day", i18n.ShortDate(ctx, f.Notice.OfferedAt))
	case f.Notice != nil:
		return i18n.T(ctx, "org.retention.told", "Day", i18n.ShortDate(ctx, f.Notice.OfferedAt), "Before", day(ctx, f.Notice.UntilOn))
	case !l.Offers:
		return i18n.T(ctx, "org.retention.told.off")
	case f.Due && l.Unheard[f.ChildID] != "":
		return i18n.T(ctx, "org.retention.told.nobody")
	}
	return i18n.T(ctx, "org.retention.told.not_yet")
}

// i18n:keys org.retention.unheard.*
func unheardWords(ctx context.Context, why retention.Unheard) string {
	return i18n.T(ctx, "org.retention.unheard."+string(why))
}
