package web

import (
	"context"
	"errors"
	"io"
	"math"
	"net/url"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/theme"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/house"
)

// styleView is the page with the form as it stands on the screen.
type styleView struct {
	rail     []ui.RailSection
	versions []house.Style // newest first
	draft    house.Draft
	problem  error // of the form
	refused  error // of the logo
}

func (v *styleView) now() *house.Style { return &v.versions[0] }

// choice is what follows from the colour on the screen; the theme that holds when it is none.
func (v *styleView) choice() choice {
	if chosen, ok := theme.Parse(v.draft.Colour); ok && v.draft.Colour != v.now().Colour {
		return choice{v.draft.Colour, chosen, theme.Of(chosen)}
	}
	chosen, _ := theme.Parse(v.now().Colour)
	return choice{v.now().Colour, chosen, v.now().Theme()}
}

// choice is a colour, and what pages and mails make of it.
type choice struct {
	colour string
	chosen theme.Color
	theme  theme.Theme
}

// ratio is a contrast as people read it, rounded down: what is not enough must not look as if it were.
func ratio(ctx context.Context, contrast float64) string {
	return i18n.Decimal(ctx, math.Floor(contrast*10)/10)
}

// verdict says what was done to the colour so that everybody can read what is written in it.
// i18n:keys house.verdict.*
func (c choice) verdict(ctx context.Context) []string {
	onWhite := theme.Contrast(c.chosen, theme.White)
	used := theme.Contrast(c.theme.Light("primary"), theme.White)
	key := "house.verdict.fine"
	if onWhite < theme.Text {
		key = "house.verdict.darker"
	}
	words := []string{i18n.T(ctx, key, "Chosen", ratio(ctx, onWhite), "Least", ratio(ctx, theme.Text), "Used", ratio(ctx, used))}
	switch {
	case c.chosen.C > theme.MaxChroma+.0005:
		words = append(words, i18n.T(ctx, "house.verdict.calmer"))
	case c.chosen.C < theme.MinChroma-.0005:
		words = append(words, i18n.T(ctx, "house.verdict.grey"))
	}
	return words
}

func (h *Handlers) view(c *fiber.Ctx) (*styleView, error) {
	versions, err := h.house.Styles(web.Ctx(c))
	if err != nil {
		return nil, err
	}
	v := &styleView{rail: h.rail(web.Ctx(c)), versions: versions}
	v.draft = draftOf(v.now())
	return v, nil
}

func draftOf(s *house.Style) house.Draft {
	return house.Draft{Colour: s.Colour, SignIn: s.Words.SignIn, MailFoot: s.Words.MailFoot, Version: s.Version}
}

func (h *Handlers) style(c *fiber.Ctx) error {
	v, err := h.view(c)
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, stylePage(v))
}

// typed reads the form, by whichever method it was sent.
func typed(c *fiber.Ctx) house.Draft {
	d := house.Draft{Colour: c.FormValue("colour"), SignIn: map[string]string{}, MailFoot: map[string]string{}, Version: versionOf(c)}
	for _, language := range house.Languages {
		d.SignIn[language], d.MailFoot[language] = c.FormValue("sign_in_"+language), c.FormValue("mail_foot_"+language)
	}
	return d
}

func versionOf(c *fiber.Ctx) int {
	n, err := strconv.Atoi(c.FormValue("version"))
	if err != nil || n < 0 || n > 1<<30 {
		return 0
	}
	return n
}

// sample shows what is typed before it is kept: the frame beside the form, or without scripts the whole page.
func (h *Handlers) sample(c *fiber.Ctx) error {
	v, err := h.view(c)
	if err != nil {
		return err
	}
	draft := typed(c)
	draft.Version = v.draft.Version
	v.problem = draft.Check()
	v.draft = draft
	if web.FrameOf(c) != "" {
		return web.Render(c, fiber.StatusOK, sampleFrame(v))
	}
	return web.Render(c, fiber.StatusOK, stylePage(v))
}

// sampleCSS is the style sheet of the sample. It says nothing but colours.
func (h *Handlers) sampleCSS(c *fiber.Ctx) error {
	chosen, ok := theme.Parse(c.Query("colour"))
	if !ok {
		return fault.NotFound()
	}
	c.Set(fiber.HeaderContentType, "text/css; charset=utf-8")
	return c.Send(theme.Of(chosen).Sample(".sample--light", ".sample--dark"))
}

func sampleHref(colour string) string {
	return stylePath + "/voorbeeld.css?colour=" + url.QueryEscape(colour)
}

func (h *Handlers) restyle(c *fiber.Ctx) error {
	draft := typed(c)
	changed, err := h.house.Restyle(web.Ctx(c), draft)
	if err != nil {
		return h.again(c, err, func(v *styleView) { v.problem, v.draft = err, draft })
	}
	return done(c, changed, draft.Version)
}

func (h *Handlers) setLogo(c *fiber.Ctx) error {
	file, err := logoOf(c)
	version := versionOf(c)
	if err == nil {
		err = h.house.SetLogo(web.Ctx(c), version, file)
	}
	if err != nil {
		return h.again(c, err, func(v *styleView) { v.refused = err })
	}
	return done(c, true, version)
}

// logoOf reads the file of the form.
func logoOf(c *fiber.Ctx) ([]byte, error) {
	header, err := c.FormFile("logo")
	if err != nil || header.Filename == "" {
		return nil, nil // the service says that there is none
	}
	file, err := header.Open()
	if err != nil {
		return nil, fault.New(fault.BadRequest, "error.bad_request").Wrap(err)
	}
	content, err := io.ReadAll(io.LimitReader(file, house.MaxLogoBytes+1))
	return content, errors.Join(err, file.Close())
}

func (h *Handlers) removeLogo(c *fiber.Ctx) error {
	version := versionOf(c)
	if err := h.house.RemoveLogo(web.Ctx(c), version); err != nil {
		return h.again(c, err, func(v *styleView) { v.refused = err })
	}
	return done(c, true, version)
}

func (h *Handlers) goBack(c *fiber.Ctx) error {
	to, err := strconv.Atoi(c.FormValue("to"))
	if err != nil {
		return fault.NotFound()
	}
	version := versionOf(c)
	if err := h.house.Return(web.Ctx(c), version, to); err != nil {
		return h.again(c, err, func(v *styleView) { v.problem = err })
	}
	return done(c, true, version)
}

// done says that it is kept, with the way back. version is the one that was seen.
func done(c *fiber.Ctx, changed bool, version int) error {
	if changed {
		version = max(version, 1) // what an organisation begins with becomes its first version
		web.FlashUndo(c, "house.saved", stylePath+"/herstel?version="+strconv.Itoa(version+1)+"&to="+strconv.Itoa(version))
	} else {
		web.Flash(c, "house.unchanged")
	}
	return web.Go(c, stylePath)
}

// again shows the page once more when its reader can do something about err: with the style of now, so that sent again it is meant.
func (h *Handlers) again(c *fiber.Ctx, err error, mark func(*styleView)) error {
	code := fault.CodeOf(err)
	if code != fault.Invalid && code != fault.Conflict {
		return err
	}
	v, failed := h.view(c)
	if failed != nil {
		return failed
	}
	version := v.draft.Version
	mark(v)
	v.draft.Version = version
	return web.Render(c, int(code), stylePage(v))
}
