package web

import (
	"errors"
	"io"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/web"
	"ouderportaal/modules/locations"
)

// open shows the location of an address, or the first.
func (h *Handlers) open(c *fiber.Ctx) error {
	id := ids.Nil
	if c.Params("id") != "" {
		var err error
		if id, err = web.ID(c, "id"); err != nil {
			return err
		}
	}
	page, err := h.locations.Open(web.Ctx(c), id)
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, placePage(page, h.news(web.Ctx(c))))
}

func (h *Handlers) colleague(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	who, err := h.locations.Colleague(web.Ctx(c), id)
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, colleaguePage(who))
}

func (h *Handlers) picture(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	key, err := h.locations.Picture(web.Ctx(c), id, c.Params("version"))
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "image/webp")
	return web.SendStored(c, web.ETagFor(c, id, c.Params("version")), web.Stored{
		Size: func() (int64, error) { return h.locations.Size(web.Ctx(c), key) },
		Open: func(from, length int64) (io.ReadCloser, blob.Info, error) {
			return h.locations.Stream(web.Ctx(c), key, from, length)
		},
	})
}

// profileForm is one's own profile as it stands on the screen.
type profileForm struct {
	Card    *locations.Card
	Draft   locations.Draft
	Problem error
}

func (h *Handlers) own(c *fiber.Ctx) error { return h.showOwn(c, nil, nil) }

// showOwn shows the own profile, with what was typed when that was refused.
func (h *Handlers) showOwn(c *fiber.Ctx, typed *locations.Draft, problem error) error {
	card, err := h.locations.Own(web.Ctx(c))
	if err != nil {
		return err
	}
	f := profileForm{Card: card, Problem: problem,
		Draft: locations.Draft{Title: card.Title, Weekdays: card.Weekdays, DaysShown: card.DaysShown, Introduction: card.Introduction, Version: card.Version}}
	if typed != nil {
		f.Draft = *typed
		f.Draft.Version = card.Version // what another changed is on the screen now
	}
	status := fiber.StatusOK
	if problem != nil {
		status = fiber.StatusUnprocessableEntity
	}
	return web.Render(c, status, profilePage(f, h.rail(web.Ctx(c))))
}

// done goes on to the profile and says so, or shows it again with what is wrong.
func (h *Handlers) done(c *fiber.Ctx, key string, typed *locations.Draft, problem error) error {
	if problem == nil {
		web.Flash(c, key)
		return web.Go(c, profilePath)
	}
	if code := fault.CodeOf(problem); code == fault.Invalid || code == fault.Conflict {
		return h.showOwn(c, typed, problem)
	}
	return problem
}

func draftOf(c *fiber.Ctx) locations.Draft {
	d := locations.Draft{Title: c.FormValue("title"), DaysShown: c.FormValue("days_shown") != "", Introduction: c.FormValue("introduction"), Version: versionOf(c)}
	for _, value := range web.Values(c, "weekdays") {
		n, err := strconv.Atoi(value)
		if err != nil {
			n = 0 // which no check lets pass
		}
		d.Weekdays = append(d.Weekdays, n)
	}
	return d
}

func versionOf(c *fiber.Ctx) int {
	n, err := strconv.Atoi(c.FormValue("version"))
	if err != nil {
		return -1
	}
	return n
}

func (h *Handlers) introduce(c *fiber.Ctx) error {
	draft := draftOf(c)
	return h.done(c, "locations.profile.saved", &draft, h.locations.Introduce(web.Ctx(c), draft))
}

func (h *Handlers) answer(c *fiber.Ctx) error {
	agree, key := c.FormValue("agree") != "", "locations.profile.declined"
	if agree {
		key = "locations.profile.agreed"
	}
	return h.done(c, key, nil, h.locations.Answer(web.Ctx(c), agree, versionOf(c)))
}

func (h *Handlers) withdraw(c *fiber.Ctx) error {
	return h.done(c, "locations.profile.withdrawn", nil, h.locations.Withdraw(web.Ctx(c), versionOf(c)))
}

func (h *Handlers) upload(c *fiber.Ctx) error {
	content, err := fileOf(c)
	if err == nil {
		err = h.locations.Upload(web.Ctx(c), actor.From(web.Ctx(c)).PersonID, content)
	}
	return h.done(c, "locations.profile.photo_taken", nil, err)
}

// fileOf reads the photo of a form; none is a mistake at the field.
func fileOf(c *fiber.Ctx) ([]byte, error) {
	header, err := c.FormFile("photo")
	if err != nil || header.Size == 0 {
		var problems fault.Fields
		problems.Add("photo", "locations.error.no_photo")
		return nil, problems.Err()
	}
	file, err := header.Open()
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(file)
	return content, errors.Join(err, file.Close())
}

func (h *Handlers) agree(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err == nil {
		err = h.locations.Agree(web.Ctx(c), id)
	}
	return h.done(c, "locations.profile.agreed", nil, err)
}

func (h *Handlers) remove(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err == nil {
		_, err = h.locations.Remove(web.Ctx(c), id)
	}
	return h.done(c, "locations.profile.photo_removed", nil, err)
}
