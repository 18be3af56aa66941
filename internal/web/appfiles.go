package web

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/appicon"
	"ouderportaal/tenants"
)

// What a device asks for that puts the portal of an organisation on its home screen.
const (
	manifestPath = "/app.webmanifest"
	touchIcon    = 180 // pixels; the size that iPhones ask for
)

var iconSizes = []int{touchIcon, 192, 512}

func iconPath(size int) string { return fmt.Sprintf("/app-icoon/%d.png", size) }

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
				m.Icons = append(m.Icons, manifestIcon{Source: iconPath(size), Sizes: fmt.Sprintf("%dx%d", size, size), Type: "image/png", Purpose: purpose})
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
		icon, err := s.icons.of(s.brands.of(tenant).color, size)
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
}

// icons remembers what was drawn: drawing takes some milliseconds.
type icons struct {
	mu    sync.Mutex
	known map[string][]byte
}

const mostIcons = 200 // of some 8 kB

// of draws an icon; nil for a size that there is not.
func (i *icons) of(color string, size int) ([]byte, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	key := fmt.Sprint(color, size)
	if known := i.known[key]; known != nil {
		return known, nil
	}
	for _, offered := range iconSizes {
		if size != offered {
			continue
		}
		var drawn bytes.Buffer
		if err := appicon.Draw(&drawn, color, size); err != nil {
			return nil, fmt.Errorf("web: icon: %w", err)
		}
		if i.known == nil || len(i.known) >= mostIcons {
			i.known = map[string][]byte{}
		}
		i.known[key] = drawn.Bytes()
		return drawn.Bytes(), nil
	}
	return nil, nil
}
