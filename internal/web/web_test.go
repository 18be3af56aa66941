package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/authz"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/webtest"
	"ouderportaal/tenants"
)

const (
	bathmen   = "bathmen.ouderportaal.test"
	vuurtoren = "vuurtoren.ouderportaal.test"
	gesloten  = "gesloten.ouderportaal.test"
	roleName  = "__Host-rol"
)

const policy = `
p, role:parent, diary.read
p, role:staff, diary.read
p, role:staff, diary.publish
p, role:staff, photos.upload
`

// directory is the outside of this package: the organisations that exist.
type directory struct {
	asked atomic.Int64
	away  atomic.Bool
	known map[string]tenants.Tenant
}

func (d *directory) Find(_ context.Context, slug string) (tenants.Tenant, error) {
	d.asked.Add(1)
	if d.away.Load() {
		return tenants.Tenant{}, errors.New("dial tcp 10.0.0.9:5432: connection refused")
	}
	t, ok := d.known[slug]
	if !ok {
		return tenants.Tenant{}, tenants.ErrUnknown
	}
	return t, nil
}

func newDirectory() *directory {
	d := &directory{known: map[string]tenants.Tenant{}}
	for slug, status := range map[string]tenants.Status{"bathmen": tenants.Active, "vuurtoren": tenants.Active, "gesloten": tenants.Suspended} {
		d.known[slug] = tenants.Tenant{ID: ids.New(), Slug: slug, Name: "Organisatie " + slug, Status: status,
			TimeZone: "Europe/Amsterdam", Language: "nl", BrandHue: 163, BrandChroma: .085}
	}
	return d
}

// bench is a running server with a few routes that behave in every way a route can.
type bench struct {
	*webtest.Site
	server    *Server
	directory *directory
	log       *logBook
	executed  atomic.Int64 // times that a handler ran
	person    ids.ID
	feed      chan struct{}
	barred    atomic.Bool // rights of the live stream are gone
}

type logBook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBook) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBook) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func newBench(t testing.TB, change ...func(*Config)) *bench {
	t.Helper()
	return newBenchWith(t, func(*Routes) {}, change...)
}

// newBenchWith has routes of the test's own as well: none can be added while the server runs.
func newBenchWith(t testing.TB, more func(*Routes), change ...func(*Config)) *bench {
	t.Helper()
	b := &bench{directory: newDirectory(), log: &logBook{}, person: ids.New(), feed: make(chan struct{}, 1)}
	bundle, err := i18n.Load(ui.Locales, Locales)
	if err != nil {
		t.Fatal(err)
	}
	bundle.OnMissing(func(lang, key string) { t.Errorf("no words in %s for %s", lang, key) })
	rights, err := authz.New(policy)
	if err != nil {
		t.Fatal(err)
	}
	hosts, err := tenants.NewHosts("ouderportaal.test", "http", 0)
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{
		Scheme: "http", Bundle: bundle, Permissions: rights, SecurityContact: "mailto:veilig@example.org",
		Log:     slog.New(slog.NewJSONHandler(b.log, nil)),
		Resolve: tenants.Resolve(hosts, b.directory, Suspended),
		Session: func(c *fiber.Ctx) error {
			if role := actor.Role(c.Cookies(roleName)); role.Known() {
				tenant, _ := tenants.From(c.UserContext())
				c.SetUserContext(actor.With(c.UserContext(), actor.Actor{TenantID: tenant.ID, PersonID: b.person, Role: role, Name: "Anna de Vries"}))
			}
			return c.Next()
		},
	}
	for _, f := range change {
		f(&cfg)
	}
	b.server = New(cfg)
	b.register(b.server.Routes())
	more(b.server.Routes())
	b.Site = webtest.Start(t, b.server)
	return b
}

func page(text string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

func (b *bench) counted(h fiber.Handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		b.executed.Add(1)
		return h(c)
	}
}

func (b *bench) register(r *Routes) {
	get := func(path, permission string, h fiber.Handler) { r.Get(path, permission, b.counted(h)) }
	get("/", Public, func(c *fiber.Ctx) error {
		tenant, _ := tenants.From(Ctx(c))
		return Render(c, 200, page("<p>"+tenant.Slug+" "+ui.ChromeFrom(Ctx(c)).Flash.Text+"</p>"))
	})
	get("/groot", Public, func(c *fiber.Ctx) error {
		return Render(c, 200, page(strings.Repeat("<p>Het was een mooie dag.</p>", 200)))
	})
	get("/dagboek", "diary.read", func(c *fiber.Ctx) error { return Render(c, 200, page("dagboek")) })
	get("/dagboek/:id", "diary.read", func(c *fiber.Ctx) error {
		id, err := ID(c, "id")
		if err != nil {
			return err
		}
		return Render(c, 200, page(id.String()))
	})
	get("/echo/:woord", Public, func(c *fiber.Ctx) error { return c.SendString(c.Params("woord")) })
	for path, err := range map[string]error{
		"/fout/stil":      errors.New("pq: password authentication failed for user app, token=geheim, Mila"),
		"/fout/nietes":    fault.NotFound(),
		"/fout/mag":       fault.New(fault.Forbidden, "error.forbidden"),
		"/fout/conflict":  fault.New(fault.Conflict, "error.conflict"),
		"/fout/weg":       fault.New(fault.Gone, "error.gone"),
		"/fout/veel":      fault.New(fault.TooMany, "error.too_many").After(90 * time.Second),
		"/fout/ongeldig":  &fault.Error{Code: fault.Invalid, Key: "error.invalid", Fields: []fault.Field{{Name: "text", Key: "error.too_large"}}},
		"/fout/opslag":    fault.New(fault.Unavailable, "error.unavailable").Wrap(errors.New("dial tcp 10.0.0.9:9000")),
		"/fout/binnen":    fault.New(fault.Internal, "error.gone").Wrap(errors.New("geheim")),
		"/fout/tijd":      context.DeadlineExceeded,
		"/fout/vreemd":    fiber.NewError(418, "geheim"),
		"/fout/bad":       fault.New(fault.BadRequest, ""),
		"/fout/sessie":    fault.New(fault.Unauthenticated, ""),
		"/fout/misdirect": fault.New(fault.Misdirected, ""),
	} {
		get(path, Public, func(*fiber.Ctx) error { return err })
	}
	get("/fout/verlopen", Public, func(c *fiber.Ctx) error {
		ctx, cancel := context.WithTimeout(Ctx(c), 0)
		defer cancel()
		c.SetUserContext(ctx)
		return Render(c, 200, ui.ProblemPage(ui.ProblemProps{Title: "te laat"}))
	})
	get("/paniek", Public, func(*fiber.Ctx) error { panic("geheim: " + b.person.String()) })
	get("/paniek/nil", Public, func(*fiber.Ctx) error { var nobody *bench; return errors.New(nobody.Addr) })
	get("/sjabloon", Public, func(c *fiber.Ctx) error {
		return Render(c, 200, templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
			_, _ = io.WriteString(w, "<p>half</p>")
			return errors.New("geheim")
		}))
	})
	get("/sjabloon/paniek", Public, func(c *fiber.Ctx) error {
		return Render(c, 200, templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
			_, _ = io.WriteString(w, "<p>half</p>")
			panic("geheim")
		}))
	})
	get("/tijd", Public, func(c *fiber.Ctx) error {
		deadline, ok := Ctx(c).Deadline()
		if !ok {
			return c.SendString("geen")
		}
		return c.SendString(time.Until(deadline).Round(time.Second).String())
	})
	r.Post("/dagboek", "diary.publish", b.counted(func(c *fiber.Ctx) error {
		Flash(c, "error.busy")
		return Go(c, "/dagboek")
	}))
	r.Put("/dagboek/:id", "diary.publish", b.counted(func(c *fiber.Ctx) error { return c.SendString("put") }))
	r.Patch("/dagboek/:id", "diary.publish", b.counted(func(c *fiber.Ctx) error { return c.SendString("patch") }))
	r.Delete("/dagboek/:id", "diary.publish", b.counted(func(c *fiber.Ctx) error { return c.SendString("delete") }))
	r.Post("/open", Public, b.counted(func(c *fiber.Ctx) error { return c.SendString("open") }))
	r.Upload("/dagboek/:id/fotos", "photos.upload", b.counted(func(c *fiber.Ctx) error {
		file, err := c.FormFile("foto")
		if err != nil {
			return fault.New(fault.BadRequest, "error.bad_request")
		}
		deadline, _ := Ctx(c).Deadline()
		return JSON(c, 201, map[string]any{"size": file.Size, "left": time.Until(deadline).Seconds()})
	}))
	r.Download("/foto", Public, func(c *fiber.Ctx) error {
		ctx := Ctx(c)
		deadline, _ := ctx.Deadline()
		c.Set("X-Left", time.Until(deadline).Round(time.Second).String())
		return c.SendStream(&slowFile{ctx: ctx, left: 5}, 5)
	})
	r.Live("/live", "diary.read", func(context.Context, time.Time) (Feed, error) {
		return Feed{C: b.feed, Check: func(context.Context) error {
			if b.barred.Load() {
				return fault.NotFound()
			}
			return nil
		}}, nil
	})
}

// slowFile gives a byte at a time and fails when the context of its request has ended.
type slowFile struct {
	ctx  context.Context
	left int
}

func (f *slowFile) Read(p []byte) (int, error) {
	if err := f.ctx.Err(); err != nil {
		return 0, err
	}
	if f.left == 0 {
		return 0, io.EOF
	}
	time.Sleep(10 * time.Millisecond)
	f.left--
	p[0] = 'x'
	return 1, nil
}

func (b *bench) as(role actor.Role, host string) *webtest.Browser {
	browser := b.Browser(host)
	browser.SetCookie(roleName, string(role))
	return browser
}
