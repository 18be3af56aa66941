package web

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"mime"
	"strconv"
	"strings"

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
	span, partial := rangeOf(c, etag)
	body, info, err := h.photos.Open(web.Ctx(c), view, span.from, span.length)
	if errors.Is(err, blob.ErrRange) {
		c.Response().Header.Del(fiber.HeaderContentDisposition)
		c.Set(fiber.HeaderContentRange, "bytes */"+strconv.FormatInt(info.Size, 10))
		return c.SendStatus(fiber.StatusRequestedRangeNotSatisfiable)
	}
	if err != nil {
		return err
	}
	length := info.Size - span.from
	if span.length != blob.All {
		length = min(length, span.length)
	}
	if partial {
		c.Status(fiber.StatusPartialContent)
		c.Set(fiber.HeaderContentRange, "bytes "+strconv.FormatInt(span.from, 10)+"-"+strconv.FormatInt(span.from+length-1, 10)+"/"+strconv.FormatInt(info.Size, 10))
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

type span struct{ from, length int64 }

// rangeOf understands one range with a start, which is what resumed downloads ask for; anything else gets the whole.
func rangeOf(c *fiber.Ctx, etag string) (span, bool) {
	whole := span{0, blob.All}
	if since := c.Get(fiber.HeaderIfRange); since != "" && since != etag {
		return whole, false
	}
	bounds, ok := strings.CutPrefix(c.Get(fiber.HeaderRange), "bytes=")
	if !ok {
		return whole, false
	}
	first, last, ok := strings.Cut(bounds, "-")
	from, err := strconv.ParseInt(first, 10, 64)
	if !ok || err != nil || from < 0 {
		return whole, false
	}
	if last == "" {
		return span{from, blob.All}, true
	}
	to, err := strconv.ParseInt(last, 10, 64)
	if err != nil || to < from {
		return whole, false
	}
	return span{from, to - from + 1}, true
}
