package web

import (
	"net/url"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/actor"
)

func TestForms(t *testing.T) {
	tryForms(t, newBenchWith(t, formRoutes))
}

func formRoutes(r *Routes) {
	r.Post("/json", Public, func(c *fiber.Ctx) error {
		var draft struct{ Text string }
		if err := Decode(c, &draft); err != nil {
			return err
		}
		return c.SendString("[" + draft.Text + "]")
	})
	r.Post("/ids", Public, func(c *fiber.Ctx) error {
		list, err := IDs(c, "kind")
		if err != nil {
			return err
		}
		var words []string
		for _, id := range list {
			words = append(words, id.String())
		}
		return c.SendString("[" + strings.Join(words, " ") + "]")
	})
}

func tryForms(t *testing.T, b *bench) {
	browser := b.Browser(bathmen)
	for body, status := range map[string]int{
		`{"Text":"hallo"}`: 200, `{}`: 200, ``: 400, `{"Text":"x","Role":"admin"}`: 400, `{"Text":1}`: 400, `[]`: 400, `{"Text":"x"}{}`: 400, `{"tenant_id":"x"}`: 400,
	} {
		if a := browser.Do("POST", "/json", strings.NewReader(body), "application/json", nil); a.Status != status {
			t.Errorf("%s: %d", body, a.Status)
		}
	}
	one, two := b.person.String(), b.directory.known["bathmen"].ID.String()
	browser.Post("/ids", "kind", one, "ander", "x", "kind", two).Is(200).Has("[" + one + " " + two + "]")
	browser.PostFiles("/ids", url.Values{"kind": {one, two}}).Is(200).Has("[" + one + " " + two + "]")
	browser.Post("/ids").Is(200).Has("[]")
	browser.Post("/ids", "kind", one, "kind", "x").Is(400)
	for _, odd := range []string{"x", one + "x", strings.ToUpper(one) + "0", "00000000-0000-0000-0000-000000000000", "{" + one + "}", "%00"} {
		b.as(actor.Parent, bathmen).Get("/dagboek/" + url.PathEscape(odd)).Is(404)
	}
}
