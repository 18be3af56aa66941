package web

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/sync/singleflight"

	"ouderportaal/internal/appicon"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// What a device asks for that puts the portal of an organisation on its home screen.
const (
	manifestPath = "/app.webmanifest"
	touchIcon    = 180 // pixels; the size that iPhones ask for
)

var iconSizes = []int{touchIcon, 192, 512}

func iconPath(size int) string { return fmt.Sprintf("/app-icoon/%d.png", size) }

// iconHref is the address of the icon as it looks now: another colour or logo is another address, so that a device fetches it.
func iconHref(t tenants.Tenant, color string, size int) string {
	look := strings.TrimPrefix(color, "#")
	if t.Logo != ids.Nil {
		look += "-" + t.Logo.String()
	}
	return iconPath(size) + "?v=" + look
}

// logoHref is the address of the organisation's logo; empty when it has none. Another logo is another address.
func logoHref(t tenants.Tenant) string {
	if t.Logo == ids.Nil {
		return ""
	}
	return "/logo/" + t.Logo.String()
}

// manifest is a web app manifest, as far as we use it.
type manifest struct {
	ID              string         `json:"id"`
	Name            string         `json:"name"`
	ShortName       string         `json:"short_name"`
	Lang            string         `json:"lang"`
	StartURL        string         `json:"start_url"`
	Scope           string         `json:"scope"`
	Display         string         `json:"display"`
	ThemeColor      string         `json:"theme_color"`
	BackgroundColor string         `json:"background_color"`
	Icons           []manifestIcon `json:"icons"`
}

type manifestIcon struct {
	Source  string `json:"src"`
	Sizes   string `json:"sizes"`
	Type    string `json:"type"`
	Purpose string `json:"purpose"`
}

// appFiles answers with the name and the colour of the organisation. Nobody need be signed in.
func (s *Server) appFiles() {
	s.public(manifestPath, func(c *fiber.Ctx) error {
		tenant, ok := tenants.From(c.UserContext())
		if !ok {
			return fiber.ErrNotFound
		}
		color := s.brands.of(tenant).color
		m := manifest{ID: "/", Name: tenant.Name, ShortName: tenant.Name, Lang: tenant.Language, StartURL: "/", Scope: "/", Display: "standalone", ThemeColor: color, BackgroundColor: color}
		for _, size := range iconSizes[1:] {
			for _, purpose := range []string{"any", "maskable"} {
				m.Icons = append(m.Icons, manifestIcon{Source: iconHref(tenant, color, size), Sizes: fmt.Sprintf("%dx%d", size, size), Type: "image/png", Purpose: purpose})
			}
		}
		if err := c.JSON(m, "application/manifest+json"); err != nil {
			return fmt.Errorf("web: write manifest: %w", err)
		}
		return nil
	})
	s.public("/app-icoon/:file", func(c *fiber.Ctx) error {
		tenant, ok := tenants.From(c.UserContext())
		name, isPNG := strings.CutSuffix(c.Params("file"), ".png")
		size, err := strconv.Atoi(name)
		if !ok || !isPNG || err != nil || iconPath(size) != c.Path() {
			return fiber.ErrNotFound
		}
		icon, err := s.icon(c.UserContext(), tenant, size)
		if err != nil {
			return err
		}
		if icon == nil {
			return fiber.ErrNotFound
		}
		c.Set(fiber.HeaderCacheControl, "public, max-age=86400") // the colour may change
		c.Set(fiber.HeaderContentType, "image/png")
		c.Response().SetBodyRaw(icon)
		return nil
	})
	s.public("/logo/:id", func(c *fiber.Ctx) error {
		tenant, ok := tenants.From(c.UserContext())
		id, err := ID(c, "id")
		if !ok || err != nil || s.cfg.Logo == nil {
			return fiber.ErrNotFound
		}
		picture, err := s.cfg.Logo(c.UserContext(), id)
		if err != nil {
			return err
		}
		if id == tenant.Logo {
			c.Set(fiber.HeaderCacheControl, keptForAYear)
		}
		c.Set(fiber.HeaderContentType, "image/png")
		return c.Send(picture)
	})
}

// icon draws the icon of an organisation: its logo on white, or our mark on its colour; nil for a size that there is not.
func (s *Server) icon(ctx context.Context, tenant tenants.Tenant, size int) ([]byte, error) {
	if !slices.Contains(iconSizes, size) {
		return nil, nil
	}
	color := s.brands.of(tenant).color
	if tenant.Logo == ids.Nil || s.cfg.Logo == nil {
		return s.icons.of(fmt.Sprint(color, size), func(to *bytes.Buffer) error { return appicon.Draw(to, color, size) })
	}
	return s.icons.of(fmt.Sprint(tenant.Logo, size), func(to *bytes.Buffer) error {
		logo, err := s.cfg.Logo(context.WithoutCancel(ctx), tenant.Logo) // others wait for it
		if err != nil {
			return err
		}
		return appicon.DrawLogo(to, logo, size)
	})
}

// icons remembers what was drawn: drawing takes some milliseconds. Each icon is drawn once, however many ask for it, and nobody waits
// for that of another organisation.
type icons struct {
	mu     sync.RWMutex
	known  map[string][]byte
	flight singleflight.Group
}

const mostIcons = 100 // of some 8 kB; one with a logo may have 100

// of gives the icon called key, which draw draws.
func (i *icons) of(key string, draw func(to *bytes.Buffer) error) ([]byte, error) {
	i.mu.RLock()
	known := i.known[key]
	i.mu.RUnlock()
	if known != nil {
		return known, nil
	}
	drawn, err, _ := i.flight.Do(key, func() (any, error) {
		var to bytes.Buffer
		if err := draw(&to); err != nil {
			return nil, fmt.Errorf("web: icon: %w", err)
		}
		i.mu.Lock()
		defer i.mu.Unlock()
		if i.known == nil || len(i.known) >= mostIcons {
			i.known = map[string][]byte{}
		}
		i.known[key] = to.Bytes()
		return to.Bytes(), nil
	})
	if err != nil {
		return nil, err
	}
	return drawn.([]byte), nil
}
