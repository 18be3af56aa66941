package web

import (
	"context"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/diary"
)

// reporting is the form by which a guardian reports a photo.
func (h *Handlers) reporting(c *fiber.Ctx) error {
	return h.reportForm(c, fiber.StatusOK, "", nil)
}

func (h *Handlers) reportForm(c *fiber.Ctx, status int, reason string, problem error) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	shot, err := h.diary.Reportable(web.Ctx(c), id)
	if err != nil {
		return err
	}
	return web.Render(c, status, reportPage(shot, reason, problem))
}

func (h *Handlers) report(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	draft := diary.ReportDraft{Reason: c.FormValue("reason")}
	entry, err := h.diary.ReportPhoto(web.Ctx(c), id, draft)
	if fault.CodeOf(err) == fault.Invalid {
		return h.reportForm(c, fiber.StatusUnprocessableEntity, draft.Reason, err)
	}
	if err != nil {
		return err
	}
	web.Flash(c, "diary.reported")
	return web.Go(c, "/dagboek/"+entry.String())
}

func (h *Handlers) handleReport(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	entry, err := h.diary.HandleReport(web.Ctx(c), id)
	if err != nil {
		return err
	}
	web.Flash(c, "diary.report.done")
	return web.Go(c, "/dagboek/"+entry.String())
}

// reportsFor are those of an entry, for staff; a guardian is not told what others reported.
func (h *Handlers) reportsFor(ctx context.Context, entry ids.ID) ([]diary.PhotoReport, error) {
	if actor.From(ctx).Role == actor.Parent {
		return nil, nil
	}
	return h.diary.Reports(ctx, entry)
}

func reportTitle(ctx context.Context, mistakes ui.Mistakes) string {
	title := i18n.T(ctx, "diary.report.title")
	if mistakes.Any() {
		return ui.ErrorTitle(ctx, title)
	}
	return title
}

func reportedPhoto(s *diary.Shot) templ.Component {
	return ui.Draw(func(ctx context.Context, h *ui.HTML) {
		h.BookRows()
		photo := bookPhoto(ctx, s)
		photo.Report = false
		h.BookPhoto(photo, true)
		h.BookEnd()
	})
}

// whichPhoto says where in the entry a photo stands, if it is shown at all.
func whichPhoto(ctx context.Context, e *diary.Entry, photo ids.ID) string {
	for i, m := range e.Media {
		if m.ID == photo {
			return i18n.T(ctx, "ui.photo.nth", "Number", i+1, "Total", len(e.Media))
		}
	}
	return i18n.T(ctx, "diary.report.hidden")
}
