package web

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/tenants"
)

// Public is the permission of a page that needs no session.
const Public = "public"

// Kind says what a route does with its body and its time.
type Kind string

// The kinds of routes. Ordinary: 1 MiB in, 10 s. OneClick: like it, from anywhere. Upload: 20 MiB in, 120 s. Download:
// 120 s to send. Live: no end.
const (
	Ordinary Kind = "ordinary"
	OneClick Kind = "one-click"
	Upload   Kind = "upload"
	Download Kind = "download"
	Stream   Kind = "live"
)

// Route is one line of the table of contents, for the suites that walk over all of them.
type Route struct {
	Method, Path, Permission string
	Kind                     Kind
	Feature                  tenants.Feature // that it is a part of; where an organisation does without, there is no such route
}

// Routes collects what the modules answer. Registering without a permission, or with one that nobody has, panics: the
// program does not start.
type Routes struct {
	server      *Server
	permissions Permissions
	list        []Route
	ahead       map[string]Ahead // by path
	special     []pattern        // routes that are not Ordinary
}

// Get answers a reading request. HEAD comes with it.
func (r *Routes) Get(path, permission string, h fiber.Handler) {
	r.add(Route{Method: fiber.MethodGet, Path: path, Permission: permission, Kind: Ordinary}, h)
}

// Ahead gives the questions that the handler of a page is going to ask, for a visitor who is not known yet
// (tenants.ForVisitor), and a context in which the handler finds their answers. It reads nothing but the address.
type Ahead func(c *fiber.Ctx) (context.Context, []tenants.Question)

// GetAhead is Get for a page that everybody opens all the time: its questions travel with the one for the session. They are
// asked whoever it is, and what they find is looked at only when the visitor turns out to have the permission. HEAD asks
// nothing ahead, and a path with parameters cannot.
func (r *Routes) GetAhead(path, permission string, ahead Ahead, h fiber.Handler) {
	if ahead == nil || permission == Public || strings.Contains(path, ":") {
		panic(fmt.Sprintf("web: route %q can ask nothing ahead", path))
	}
	r.Get(path, permission, h)
	if r.ahead == nil {
		r.ahead = map[string]Ahead{}
	}
	r.ahead[path] = ahead
}

// ReadAhead is for the one who asks for the session: the questions to send along, and the context to go on with.
func ReadAhead(c *fiber.Ctx) (context.Context, []tenants.Question) {
	ctx := c.UserContext()
	if r := requestOf(ctx); r != nil && c.Method() == fiber.MethodGet {
		if ahead := r.server.routes.ahead[c.Path()]; ahead != nil {
			return ahead(c)
		}
	}
	return ctx, nil
}

// Post answers a form.
func (r *Routes) Post(path, permission string, h fiber.Handler) {
	r.add(Route{Method: fiber.MethodPost, Path: path, Permission: permission, Kind: Ordinary}, h)
}

// PublicPart is Get for everybody, of a page that is a part of what permission is about: it goes with that feature.
func (r *Routes) PublicPart(path, permission string, h fiber.Handler) {
	r.add(Route{Method: fiber.MethodGet, Path: path, Permission: Public, Kind: Ordinary, Feature: r.server.cfg.Feature(permission)}, h)
}

// OneClick answers a form like Post, and also a POST without cookies from anywhere, as mail programs send it for their
// reader (RFC 8058). Its address must carry the right to what it does, signed; it may not look at who is signed in.
func (r *Routes) OneClick(path string, h fiber.Handler) {
	r.add(Route{Method: fiber.MethodPost, Path: path, Permission: Public, Kind: OneClick}, h)
}

// Put replaces what is at path.
func (r *Routes) Put(path, permission string, h fiber.Handler) {
	r.add(Route{Method: fiber.MethodPut, Path: path, Permission: permission, Kind: Ordinary}, h)
}

// Patch changes a part of what is at path.
func (r *Routes) Patch(path, permission string, h fiber.Handler) {
	r.add(Route{Method: fiber.MethodPatch, Path: path, Permission: permission, Kind: Ordinary}, h)
}

// Delete removes what is at path.
func (r *Routes) Delete(path, permission string, h fiber.Handler) {
	r.add(Route{Method: fiber.MethodDelete, Path: path, Permission: permission, Kind: Ordinary}, h)
}

// Upload answers a POST of up to 20 MiB that may take 120 s. Of those that are larger than an ordinary body Config.Uploads are read at a
// time, more get 503.
func (r *Routes) Upload(path, permission string, h fiber.Handler) {
	r.add(Route{Method: fiber.MethodPost, Path: path, Permission: permission, Kind: Upload}, h)
}

// Download answers a GET whose answer may take 120 s to send, such as a photo on a slow phone.
func (r *Routes) Download(path, permission string, h fiber.Handler) {
	r.add(Route{Method: fiber.MethodGet, Path: path, Permission: permission, Kind: Download}, h)
}

// Live answers a GET with a stream of signals; see the function Live.
func (r *Routes) Live(path, permission string, open Opener) {
	r.add(Route{Method: fiber.MethodGet, Path: path, Permission: permission, Kind: Stream}, func(c *fiber.Ctx) error { return Live(c, open) })
}

// All lists every route in the order of registration.
func (r *Routes) All() []Route { return append([]Route(nil), r.list...) }

func (r *Routes) add(route Route, h fiber.Handler) {
	if err := r.check(route, h); err != nil {
		panic(fmt.Sprintf("web: route %s %q: %v", route.Method, route.Path, err))
	}
	if route.Permission != Public {
		route.Feature = r.server.cfg.Feature(route.Permission)
	}
	r.list = append(r.list, route)
	if route.Kind != Ordinary {
		r.special = append(r.special, pattern{route, strings.Split(route.Path, "/")})
	}
	r.server.app.Add(route.Method, route.Path, r.guard(route), h)
	if route.Method == fiber.MethodGet && route.Kind != Stream {
		r.server.app.Add(fiber.MethodHead, route.Path, r.guard(route), h)
	}
}

func (r *Routes) check(route Route, h fiber.Handler) error {
	switch {
	case route.Permission == "":
		return fmt.Errorf("has no permission; web.Public is one")
	case route.Permission != Public && !r.permissions.Knows(route.Permission):
		return fmt.Errorf("permission %q is in no policy.csv", route.Permission)
	case !strings.HasPrefix(route.Path, "/") || strings.ContainsAny(route.Path, " *+?") || (route.Path != "/" && strings.HasSuffix(route.Path, "/")):
		return fmt.Errorf("a path starts with a slash, does not end with one, and has no wildcard")
	case h == nil:
		return fmt.Errorf("has no handler")
	}
	for _, other := range r.list {
		if other.Method == route.Method && other.Path == route.Path {
			return fmt.Errorf("is registered twice")
		}
	}
	return nil
}

// guard is the gate of one route: who may not do this goes no further.
func (r *Routes) guard(route Route) fiber.Handler {
	return func(c *fiber.Ctx) error {
		ctx := c.UserContext()
		if request := requestOf(ctx); request != nil {
			request.route = route.Path
		}
		if hasNUL(c) {
			return fault.New(fault.BadRequest, "error.bad_request")
		}
		if tenant, _ := tenants.From(ctx); !tenant.Has(route.Feature) {
			return fault.NotFound()
		}
		if route.Permission == Public {
			return c.Next()
		}
		who := actor.From(ctx)
		if who.Anonymous() {
			return r.signInFirst(c, route)
		}
		if !r.permissions.May(who.Role, route.Permission) {
			return fault.New(fault.Forbidden, "error.forbidden")
		}
		return c.Next()
	}
}

// hasNUL tells whether a form holds a NUL, which nobody types and PostgreSQL keeps in no text.
func hasNUL(c *fiber.Ctx) bool {
	if c.Method() != fiber.MethodPost {
		return false
	}
	for _, value := range c.Request().PostArgs().All() {
		if bytes.IndexByte(value, 0) >= 0 {
			return true
		}
	}
	return false
}

// signInFirst sends a reader to the sign-in page and back again later; a form or a program is told.
func (r *Routes) signInFirst(c *fiber.Ctx, route Route) error {
	if route.Method != fiber.MethodGet || route.Kind == Stream || wantsJSON(c) {
		return fault.New(fault.Unauthenticated, "error.unauthenticated")
	}
	to := r.server.cfg.SignIn
	if next := SafeNext(string(c.Context().RequestURI()), "/"); next != "/" {
		to += "?next=" + url.QueryEscape(next)
	}
	return Go(c, to)
}

// pattern finds the kind of a request before it is routed, and before its body is read.
type pattern struct {
	route    Route
	segments []string
}

func (p pattern) matches(method, path string) bool {
	if method != p.route.Method && !(method == fiber.MethodHead && p.route.Method == fiber.MethodGet) {
		return false
	}
	for i, want := range p.segments {
		got, rest, more := strings.Cut(path, "/")
		if more != (i < len(p.segments)-1) {
			return false
		}
		if strings.HasPrefix(want, ":") {
			if got == "" {
				return false
			}
		} else if got != want {
			return false
		}
		path = rest
	}
	return true
}

func (r *Routes) kindOf(method, path string) Kind { return r.find(method, path).Kind }

// find gives the route of a request when it is not Ordinary; of an ordinary one it knows the kind alone.
func (r *Routes) find(method, path string) Route {
	for i := range r.special {
		if r.special[i].matches(method, path) {
			return r.special[i].route
		}
	}
	return Route{Kind: Ordinary}
}

// timeFor is how long a request may take altogether; 0 for no limit.
func timeFor(kind Kind) time.Duration {
	switch kind {
	case Ordinary, OneClick:
		return HandlerTime
	case Stream:
		return 0
	}
	return LongTime
}

// PermissionsOf lists, sorted, what routes ask for that the organisation of ctx has, but for what everybody may.
func PermissionsOf(ctx context.Context) []string {
	r := requestOf(ctx)
	if r == nil {
		return nil
	}
	tenant, _ := tenants.From(ctx)
	var list []string
	for _, route := range r.server.routes.list {
		if route.Permission != Public && tenant.Has(route.Feature) {
			list = append(list, route.Permission)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// RoleMay tells whether the policy lets a role do permission, whoever asks.
func RoleMay(ctx context.Context, role actor.Role, permission string) bool {
	r := requestOf(ctx)
	return r != nil && r.server.cfg.Permissions.May(role, permission)
}
