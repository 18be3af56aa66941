package web

import (
	"fmt"
	"strings"
	"sync"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
	"github.com/klauspost/compress/gzip"
	"github.com/valyala/bytebufferpool"

	"ouderportaal/internal/ui"
)

const (
	compressFrom  = 1024 // bytes; smaller answers fit one packet anyway
	pageMediaType = "text/html; charset=utf-8"
)

// Render answers with a page. It is written to a buffer first: a template that fails gives a clean 500 and not half a page.
// What every page shows of its reader is looked up here, so that answers that are no page do not pay for it.
func Render(c *fiber.Ctx, status int, page templ.Component) error {
	ctx := c.UserContext()
	if r := requestOf(ctx); r != nil && r.server.cfg.Chrome != nil {
		chrome := r.server.cfg.Chrome(ctx, ui.ChromeFrom(ctx))
		if c.Method() != fiber.MethodGet {
			chrome.Live = "" // what answers a form cannot be asked for again
		}
		c.SetUserContext(ui.WithChrome(ctx, chrome))
	}
	return render(c, status, page)
}

// SetUnread says how many notifications and messages the reader has not read, when the handler has counted them with what it read anyway.
func SetUnread(c *fiber.Ctx, bell, messages int) {
	chrome := ui.ChromeFrom(c.UserContext())
	chrome.Bell, chrome.Unread, chrome.Counted = bell, messages, true
	c.SetUserContext(ui.WithChrome(c.UserContext(), chrome))
}

func render(c *fiber.Ctx, status int, page templ.Component) error {
	buffer := bytebufferpool.Get()
	defer bytebufferpool.Put(buffer)
	ctx := c.UserContext()
	if err := page.Render(ctx, buffer); err != nil {
		return fmt.Errorf("web: render: %w", err)
	}
	if ui.ChromeFrom(ctx).Flash.Text != "" {
		clearFlash(c)
	}
	c.Status(status)
	c.Set(fiber.HeaderContentType, pageMediaType)
	send(c, buffer.B)
	return nil
}

// send sets a compressible body in the best encoding that the browser takes and that is cheap enough to make now.
func send(c *fiber.Ctx, body []byte) {
	response := c.Response()
	response.ResetBody()
	c.Vary(fiber.HeaderAcceptEncoding)
	if len(body) < compressFrom {
		response.AppendBody(body)
		return
	}
	if !acceptsGzip(c.Get(fiber.HeaderAcceptEncoding)) {
		response.AppendBody(body)
		return
	}
	c.Set(fiber.HeaderContentEncoding, "gzip")
	pack := packers.Get().(*gzip.Writer)
	defer packers.Put(pack)
	pack.Reset(response.BodyWriter())
	_, _ = pack.Write(body) // into memory: it cannot fail
	_ = pack.Close()
}

// packers are kept because one has some hundred kB of tables. fasthttp would hand the work to a goroutine of its own, which
// costs more than the stack that it saves.
var packers = sync.Pool{New: func() any {
	pack, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is known
	}
	return pack
}}

func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			q := strings.ReplaceAll(params, " ", "")
			return q != "q=0" && !strings.HasPrefix(q, "q=0.0")
		}
	}
	return false
}

// JSON answers one of our own controllers.
func JSON(c *fiber.Ctx, status int, value any) error {
	if err := c.Status(status).JSON(value); err != nil {
		return fmt.Errorf("web: encode answer: %w", err)
	}
	return nil
}

// WantsJSON tells whether the request comes from one of our controllers, which reads JSON and not pages.
func WantsJSON(c *fiber.Ctx) bool { return wantsJSON(c) }
