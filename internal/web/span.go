package web

import (
	"errors"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
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
