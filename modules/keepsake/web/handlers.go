package web

import (
	"context"
	"io"
	"mime"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/web"
	"ouderportaal/modules/keepsake"
)

// list is for who has several children; who has one gets its page.
func (h *Handlers) list(c *fiber.Ctx) error {
	list, err := h.keepsakes.List(web.Ctx(c))
	if err != nil {
		return err
	}
	if len(list) == 1 {
		return web.Go(c, pathOf(list[0].Child.ID))
	}
	return web.Render(c, fiber.StatusOK, listPage(list))
}

func (h *Handlers) show(c *fiber.Ctx) error {
	child, err := web.ID(c, "child")
	if err != nil {
		return err
	}
	return h.showWith(c, child, fiber.StatusOK, nil)
}

func (h *Handlers) showWith(c *fiber.Ctx, child ids.ID, status int, problem error) error {
	view, err := h.keepsakes.Of(web.Ctx(c), child)
	if err != nil {
		return err
	}
	return web.Render(c, status, showPage(view, problem))
}

// ask begins a keepsake. The form says whether one that lies ready makes place for it.
func (h *Handlers) ask(c *fiber.Ctx) error {
	child, err := web.ID(c, "child")
	if err != nil {
		return err
	}
	err = h.keepsakes.Ask(web.Ctx(c), child, c.FormValue("opnieuw") != "")
	if fault.CodeOf(err) == fault.TooMany {
		return h.showWith(c, child, fiber.StatusTooManyRequests, err)
	}
	if err != nil {
		return err
	}
	return web.Go(c, pathOf(child))
}

func (h *Handlers) cancel(c *fiber.Ctx) error {
	child, err := web.ID(c, "child")
	if err != nil {
		return err
	}
	if err := h.keepsakes.Cancel(web.Ctx(c), child); err != nil {
		return err
	}
	web.Flash(c, "keepsake.cancelled.done")
	return web.Go(c, pathOf(child))
}

// fetch opens the file for this session and sends the browser there: that address can be asked again, to resume.
func (h *Handlers) fetch(c *fiber.Ctx) error {
	child, err := web.ID(c, "child")
	if err != nil {
		return err
	}
	id, err := h.keepsakes.Fetch(web.Ctx(c), child)
	if fault.CodeOf(err) == fault.Conflict {
		return h.showWith(c, child, fiber.StatusConflict, err)
	}
	if err != nil {
		return err
	}
	return web.Go(c, "/meenemen/bestanden/"+id.String())
}

// file sends the file, or the part of it that is missing yet. It writes nothing: that it is taken was noted when it was opened.
func (h *Handlers) file(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	etag := `"` + id.String() + `"` // what lies ready never changes
	span, partial := web.SpanOf(c, etag)
	f, child, err := h.keepsakes.File(web.Ctx(c), id, partial && span.From > 0)
	if err != nil {
		return err
	}
	switch {
	case f == nil && c.Get(fiber.HeaderRange) != "": // a browser that resumes must not save a page in place of the rest
		return fault.New(fault.Conflict, "keepsake.error.prove_again")
	case f == nil:
		return web.Go(c, pathOf(child))
	}
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	c.Set(fiber.HeaderETag, etag)
	c.Set(fiber.HeaderAcceptRanges, "bytes")
	c.Set(fiber.HeaderContentType, "application/zip")
	c.Set(fiber.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	if span.FromEnd {
		span = span.Of(f.Size)
	}
	if span.From >= f.Size || span.Length == 0 {
		return web.Outside(c, f.Size)
	}
	length := span.Within(f.Size)
	if partial {
		web.Partial(c, span.From, length, f.Size)
	}
	if c.Method() == fiber.MethodHead {
		c.Set(fiber.HeaderContentLength, strconv.FormatInt(length, 10))
		c.Context().Response.SkipBody = true
		return nil
	}
	return web.SendSized(c, length, func(ctx context.Context) io.ReadCloser { return f.Open(ctx, span.From, length) })
}

func pathOf(child ids.ID) string { return "/meenemen/" + child.String() }

// ready tells whether there is something to fetch.
func ready(k *keepsake.Keepsake) bool { return k != nil && k.State == keepsake.Ready }
