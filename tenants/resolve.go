package tenants

import (
	"context"
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
)

// Finder finds the organisation with this name, or ErrUnknown. Directory is one.
type Finder interface {
	Find(ctx context.Context, slug string) (Tenant, error)
}

// Resolve is the first gate of every request: it puts the organisation of the host into the context. A host that is not
// ours to the letter is 421 before anything is asked of anyone; a name that nobody has is the same 404 for all;
// suspended is the error of an organisation that is out of service.
func Resolve(hosts Hosts, find Finder, suspended func(Tenant) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		slug, err := slugOf(c, hosts)
		if err != nil {
			return err
		}
		ctx := c.UserContext()
		tenant, err := find.Find(ctx, slug)
		switch {
		case errors.Is(err, ErrUnknown):
			return fault.New(fault.Missing, "error.no_such_portal")
		case err != nil:
			return fault.New(fault.Unavailable, "error.unavailable").After(5 * time.Second).Wrap(err)
		}
		ctx = With(ctx, tenant)
		c.SetUserContext(ctx)
		if tenant.Status != Active {
			return suspended(tenant)
		}
		return c.Next()
	}
}

// OnlyOperator lets nothing pass but requests to the platform's own console.
func OnlyOperator(hosts Hosts) fiber.Handler {
	return func(c *fiber.Ctx) error {
		host, err := hostOf(c)
		if err != nil {
			return err
		}
		if !hosts.IsOperator(host) {
			return misdirected()
		}
		return c.Next()
	}
}

func slugOf(c *fiber.Ctx, hosts Hosts) (string, error) {
	host, err := hostOf(c)
	if err != nil {
		return "", err
	}
	slug, ok := hosts.Slug(host)
	if !ok {
		return "", misdirected()
	}
	return slug, nil
}

// hostOf gives the Host header when it cannot mean two things. The library lets an absolute target or a user before an @
// decide about the host instead, and a proxy in front may have looked at either.
func hostOf(c *fiber.Ctx) (string, error) {
	request := &c.Context().Request
	raw := request.Header.Host()
	target := request.Header.RequestURI()
	if len(target) == 0 || target[0] != '/' || string(request.URI().Host()) != string(raw) {
		return "", misdirected()
	}
	return string(raw), nil
}

func misdirected() error { return fault.New(fault.Misdirected, "error.misdirected") }
