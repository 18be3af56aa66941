package web

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"mime"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/web"
	"ouderportaal/modules/photos"
)

func (h *Handlers) show(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	view, err := h.photos.Version(web.Ctx(c), id, c.Params("version"))
	if err != nil {
		return err
	}
	return h.send(c, id, view)
}

func (h *Handlers) download(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	view, err := h.photos.Full(web.Ctx(c), id)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": view.FileName}))
	return h.send(c, id, view)
}

// send streams a version. A browser may keep it but asks each time whether it still may: a consent that was withdrawn, or a
// tie that ended, holds from the next request on. Asking costs one query and no bytes.
func (h *Handlers) send(c *fiber.Ctx, id ids.ID, view *photos.View) error {
	etag := etagFor(c, id)
	c.Set(fiber.HeaderCacheControl, "private, no-cache")
	c.Set(fiber.HeaderETag, etag)
	c.Set(fiber.HeaderContentType, view.ContentType)
	// Browsers show a photo by itself with a style of their own, which a policy without style-src would refuse.
	c.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'")
	c.Set(fiber.HeaderAcceptRanges, "bytes")
	if web.NotModified(c, etag) {
		return nil
	}
	span, partial := web.SpanOf(c, etag)
	if span.FromEnd {
		size, err := h.photos.Size(web.Ctx(c), view)
		if err != nil {
			return err
		}
		if span = span.Of(size); span.Length == 0 {
			return web.Outside(c, size)
		}
	}
	body, info, err := h.photos.Open(web.Ctx(c), view, span.From, span.Length)
	if errors.Is(err, blob.ErrRange) {
		return web.Outside(c, info.Size)
	}
	if err != nil {
		return err
	}
	length := span.Within(info.Size)
	if partial {
		web.Partial(c, span.From, length, info.Size)
	}
	c.Context().SetBodyStream(body, int(length)) // fasthttp closes body
	return nil
}

// etagFor differs per person, so that one browser's copy never answers for another account in it.
func etagFor(c *fiber.Ctx, id ids.ID) string {
	who := actor.From(web.Ctx(c))
	sum := sha256.Sum256([]byte(who.TenantID.String() + who.PersonID.String() + id.String() + c.Params("version", "full")))
	return `"` + hex.EncodeToString(sum[:12]) + `"`
}
