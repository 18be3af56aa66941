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
	if span.fromEnd {
		size, err := h.photos.Size(web.Ctx(c), view)
		if err != nil {
			return err
		}
		if span = span.of(size); span.length == 0 {
			return outside(c, size)
		}
	}
	body, info, err := h.photos.Open(web.Ctx(c), view, span.from, span.length)
	if errors.Is(err, blob.ErrRange) {
		return outside(c, info.Size)
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

// outside answers for a range that has nothing of the picture.
func outside(c *fiber.Ctx, size int64) error {
	c.Response().Header.Del(fiber.HeaderContentDisposition)
	c.Set(fiber.HeaderContentRange, "bytes */"+strconv.FormatInt(size, 10))
	return c.SendStatus(fiber.StatusRequestedRangeNotSatisfiable)
}

// etagFor differs per person, so that one browser's copy never answers for another account in it.
func etagFor(c *fiber.Ctx, id ids.ID) string {
	who := actor.From(web.Ctx(c))
	sum := sha256.Sum256([]byte(who.TenantID.String() + who.PersonID.String() + id.String() + c.Params("version", "full")))
	return `"` + hex.EncodeToString(sum[:12]) + `"`
}

// span is length bytes from a place (blob.All: to the end), or the last ones.
type span struct {
	from, length int64
	fromEnd      bool
}

// of gives the last bytes of a picture as a place in it.
func (s span) of(size int64) span {
	length := min(s.length, size)
	return span{from: size - length, length: length}
}

// rangeOf understands one range, which is what resumed downloads ask for; anything else gets the whole.
func rangeOf(c *fiber.Ctx, etag string) (span, bool) {
	whole := span{length: blob.All}
	if since := c.Get(fiber.HeaderIfRange); since != "" && since != etag {
		return whole, false
	}
	bounds, ok := strings.CutPrefix(c.Get(fiber.HeaderRange), "bytes=")
	first, last, dash := strings.Cut(bounds, "-")
	if !ok || !dash {
		return whole, false
	}
	from, hasFrom := number(first)
	to, hasTo := number(last)
	switch {
	case first == "" && hasTo:
		return span{length: to, fromEnd: true}, true
	case hasFrom && last == "":
		return span{from: from, length: blob.All}, true
	case hasFrom && hasTo && from <= to:
		return span{from: from, length: to - from + 1}, true
	}
	return whole, false
}

// number reads a place or a length; what lies beyond every picture becomes a number that can still be reckoned with.
func number(digits string) (int64, bool) {
	n, err := strconv.ParseUint(digits, 10, 62)
	return int64(n), err == nil || errors.Is(err, strconv.ErrRange)
}
