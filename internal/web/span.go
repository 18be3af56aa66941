package web

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"mime"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/ids"
)

// Whole as the length of a Span is to the end.
const Whole int64 = -1

// Span is Length bytes of an answer from a place (Whole: to the end), or the last ones.
type Span struct {
	From, Length int64
	FromEnd      bool
}

// Of gives the last bytes of so many as a place among them.
func (s Span) Of(size int64) Span {
	length := min(s.Length, size)
	return Span{From: size - length, Length: length}
}

// Within is how many bytes of so many the span has, from its place on.
func (s Span) Within(size int64) int64 {
	if left := size - s.From; s.Length == Whole || left < s.Length {
		return left
	}
	return s.Length
}

// SpanOf understands one range, which is what resumed downloads ask for; anything else gets the whole, and so does a range of
// another content than the one with this etag.
func SpanOf(c *fiber.Ctx, etag string) (s Span, partial bool) {
	whole := Span{Length: Whole}
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
		return Span{Length: to, FromEnd: true}, true
	case hasFrom && last == "":
		return Span{From: from, Length: Whole}, true
	case hasFrom && hasTo && from <= to:
		return Span{From: from, Length: to - from + 1}, true
	}
	return whole, false
}

// number reads a place or a length; what lies beyond everything becomes a number that can still be reckoned with.
func number(digits string) (int64, bool) {
	n, err := strconv.ParseUint(digits, 10, 62)
	return int64(n), err == nil || errors.Is(err, strconv.ErrRange)
}

// Partial says which part of the whole the answer has.
func Partial(c *fiber.Ctx, from, length, size int64) {
	c.Status(fiber.StatusPartialContent)
	c.Set(fiber.HeaderContentRange, "bytes "+strconv.FormatInt(from, 10)+"-"+strconv.FormatInt(from+length-1, 10)+"/"+strconv.FormatInt(size, 10))
}

// Outside answers for a range that has nothing of the content.
func Outside(c *fiber.Ctx, size int64) error {
	c.Response().Header.Del(fiber.HeaderContentDisposition)
	c.Set(fiber.HeaderContentRange, "bytes */"+strconv.FormatInt(size, 10))
	return c.SendStatus(fiber.StatusRequestedRangeNotSatisfiable)
}

// Stored is something in storage of which a browser may ask for a part.
type Stored struct {
	// Size tells how many bytes it has, where only the last ones are asked for.
	Size func() (int64, error)
	// Open gives length bytes from a place (blob.All: to the end).
	Open func(from, length int64) (io.ReadCloser, blob.Info, error)
}

// ETagFor is the ETag of a version of something in storage. It differs per person, so that one browser's copy never answers for another
// account in it.
func ETagFor(c *fiber.Ctx, id ids.ID, version string) string {
	who := actor.From(Ctx(c))
	sum := sha256.Sum256([]byte(who.TenantID.String() + who.PersonID.String() + id.String() + version))
	return `"` + hex.EncodeToString(sum[:12]) + `"`
}

// SaveAs has the browser save the answer under a name, and never open it in a page: a document is a program of somebody else's.
func SaveAs(c *fiber.Ctx, name string) {
	c.Set(fiber.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": name}))
}

// SendStored streams what is in storage, or the part that was asked for, unless the browser has it. A browser may keep it but asks each
// time whether it still may: a right that ended holds from the next request on. The headers that say what it is are set before.
func SendStored(c *fiber.Ctx, etag string, s Stored) error {
	c.Set(fiber.HeaderCacheControl, "private, no-cache")
	c.Set(fiber.HeaderETag, etag)
	// Browsers show a picture by itself with a style of their own, which a policy without style-src would refuse.
	c.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'")
	c.Set(fiber.HeaderAcceptRanges, "bytes")
	if NotModified(c, etag) {
		return nil
	}
	span, partial := SpanOf(c, etag)
	if span.FromEnd {
		size, err := s.Size()
		if err != nil {
			return err
		}
		if span = span.Of(size); span.Length == 0 {
			return Outside(c, size)
		}
	}
	body, info, err := s.Open(span.From, span.Length)
	if errors.Is(err, blob.ErrRange) {
		return Outside(c, info.Size)
	}
	if err != nil {
		return err
	}
	length := span.Within(info.Size)
	if partial {
		Partial(c, span.From, length, info.Size)
	}
	c.Context().SetBodyStream(body, int(length)) // fasthttp closes body
	return nil
}
