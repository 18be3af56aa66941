package web

import (
	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/web"
	"ouderportaal/modules/diary"
)

// form is the page on which staff write, as it stands on the screen.
type form struct {
	Key    ids.ID
	Title  string
	Body   string
	Chosen map[ids.ID]bool
	Photos []diary.PhotoDraft
	// Absent is the box that says that the children without consent, as this page names them, are on no photo.
	Absent  bool
	Problem error
}

// newForm is an empty form. Every form has a key of its own, so that sending it twice writes one entry.
func newForm() form { return form{Key: ids.New(), Chosen: map[ids.ID]bool{}} }

// formOf is a form that came back. When it came back because of a child without consent, the tick is asked for again.
func formOf(d diary.Draft, problem error) form {
	f := form{Key: d.FormKey, Title: d.Title, Body: d.Body, Chosen: setOf(d.ChildIDs), Photos: d.Photos, Absent: len(d.Absent) > 0, Problem: problem}
	if e, ok := fault.As(problem); ok {
		if e.Key == "form.error.key_used" {
			f.Key = ids.New() // what is on the screen now is another form than the one that was sent
		}
		for _, field := range e.Fields {
			f.Absent = f.Absent && field.Name != "lacking_absent"
		}
	}
	return f
}

func setOf(list []ids.ID) map[ids.ID]bool {
	set := make(map[ids.ID]bool, len(list))
	for _, id := range list {
		set[id] = true
	}
	return set
}

func draftOf(c *fiber.Ctx, group ids.ID) (diary.Draft, error) {
	key, ok := ids.Parse(c.FormValue("form_key"))
	if !ok {
		return diary.Draft{}, fault.New(fault.BadRequest, "error.bad_request")
	}
	d := diary.Draft{FormKey: key, GroupID: group, Title: c.FormValue("title"), Body: c.FormValue("body")}
	var err error
	if d.ChildIDs, err = web.IDs(c, "children"); err != nil {
		return d, err
	}
	if d.Photos, err = photosOf(c, diary.MaxPhotos); err != nil {
		return d, err
	}
	// The tick is for the children whom the page named. Whose consent was withdrawn since is asked about again.
	if c.FormValue("lacking_absent") != "" {
		if d.Absent, err = web.IDs(c, "known_lacking"); err != nil {
			return d, err
		}
	}
	return d, nil
}

// photosOf reads what the photo picker added to the form. One more than most is enough to be told so; the form that comes back
// need not show thousands.
func photosOf(c *fiber.Ctx, most int) ([]diary.PhotoDraft, error) {
	photos, err := web.IDs(c, "photos")
	if err != nil {
		return nil, err
	}
	var list []diary.PhotoDraft
	for _, id := range photos[:min(len(photos), most+1)] {
		list = append(list, diary.PhotoDraft{ID: id, Alt: c.FormValue("alt_" + id.String())})
	}
	return list, nil
}
