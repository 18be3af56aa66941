package web

import (
	"context"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/paging"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/diary"
)

// letterForm is the page on which a guardian writes, as it stands on the screen.
type letterForm struct {
	Letter   diary.Letter
	Subjects []diary.Subject
	Problem  error
}

// photos tells whether anybody on the page may be on a photo.
func (f letterForm) photos() bool {
	for _, s := range f.Subjects {
		if s.PhotoConsent {
			return true
		}
	}
	return false
}

func (h *Handlers) write(c *fiber.Ctx) error {
	subjects, err := h.diary.Subjects(web.Ctx(c))
	if err != nil {
		return err
	}
	f := letterForm{Letter: diary.Letter{FormKey: ids.New()}, Subjects: subjects}
	f.Letter.ChildID, _ = ids.Parse(c.Query("kind"))
	if len(subjects) == 1 {
		f.Letter.ChildID = subjects[0].ID
	}
	return web.Render(c, fiber.StatusOK, letterPage(f))
}

func (h *Handlers) send(c *fiber.Ctx) error {
	letter, err := letterOf(c)
	if err != nil {
		return err
	}
	id, err := h.diary.Write(web.Ctx(c), letter)
	if fault.CodeOf(err) == fault.Invalid {
		return h.writeAgain(c, letter, err)
	}
	if err != nil {
		return err
	}
	if letter.Wordless() {
		web.FlashUndo(c, "diary.written.waits", takeBackPath(id))
	} else {
		web.FlashUndo(c, "diary.written", takeBackPath(id))
	}
	return web.Go(c, "/")
}

// writeAgain shows the letter as it was sent, with what is wrong.
func (h *Handlers) writeAgain(c *fiber.Ctx, letter diary.Letter, problem error) error {
	subjects, err := h.diary.Subjects(web.Ctx(c))
	if err != nil {
		return err
	}
	if e, ok := fault.As(problem); ok && e.Key == "form.error.key_used" {
		letter.FormKey = ids.New()
	}
	return web.Render(c, fiber.StatusUnprocessableEntity, letterPage(letterForm{letter, subjects, problem}))
}

func letterOf(c *fiber.Ctx) (diary.Letter, error) {
	key, ok := ids.Parse(c.FormValue("form_key"))
	if !ok {
		return diary.Letter{}, fault.New(fault.BadRequest, "error.bad_request")
	}
	l := diary.Letter{FormKey: key, Body: c.FormValue("body")}
	l.ChildID, _ = ids.Parse(c.FormValue("child"))
	var err error
	l.Photos, err = photosOf(c, diary.MaxHomePhotos)
	return l, err
}

func (h *Handlers) love(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	if err := h.diary.Give(web.Ctx(c), id, c.FormValue("hartje") == "ja"); err != nil {
		return err
	}
	return web.GoBack(c, "/dagboek/"+id.String())
}

func letterTile(s diary.Subject, chosen ids.ID) ui.TileProps {
	return ui.TileProps{One: true, Name: "child", Value: s.ID.String(), Title: s.GivenName, Detail: s.Group,
		Avatar: ui.Person{Name: s.GivenName, Seed: s.Face}, Checked: s.ID == chosen}
}

func letterTitle(ctx context.Context, mistakes ui.Mistakes) string {
	title := i18n.T(ctx, "diary.write")
	if mistakes.Any() {
		return ui.ErrorTitle(ctx, title)
	}
	return title
}

func letterHref(child ids.ID) string {
	return timelineHref("/dagboek/schrijven", child, paging.Cursor{})
}

// messageHref is where a guardian writes to the group of the child; Nil: of one to choose.
func messageHref(child ids.ID) string {
	return timelineHref("/berichten/nieuw", child, paging.Cursor{})
}

// settlesIn is how many days before the first one a child is in its group already.
const settlesIn = 14

// actions are nil when there is no child in view to write about.
func actions(ctx context.Context, t *diary.Timeline, f diary.Filter) templ.Component {
	soon := today(ctx).Add(settlesIn)
	for _, child := range inView(t, f) {
		if child.Groups != "" && child.StartsOn <= soon {
			return homeActions(f.ChildID)
		}
	}
	return nil
}
