package web

import (
	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/web"
	"ouderportaal/modules/news"
)

// progress is how far a picture is, as the editor reads it.
type progress struct {
	ID     string `json:"id"`
	State  string `json:"state"` // processing, ready or failed
	URL    string `json:"url,omitempty"`
	Width  int    `json:"width,omitempty"`
	Height int    `json:"height,omitempty"`
	Error  string `json:"error,omitempty"` // why it cannot be used, in the reader's language
}

func progressOf(c *fiber.Ctx, f *news.File) progress {
	p := progress{ID: f.ID.String(), State: "processing"}
	switch {
	case f.Refused():
		p.State, p.Error = "failed", i18n.Say(web.Ctx(c), f.Refusal, f.RefusalArgs())
	case f.Ready():
		p.State, p.URL, p.Width, p.Height = "ready", f.PicturePath(), f.Width, f.Height
	}
	return p
}

// filesDone are the words for what an address says was done with a file. They stand beside the files, in whose frame no flash is shown.
var filesDone = map[string]string{"erbij": "news.file_added", "weg": "news.file_removed"}

// upload takes one file: a picture for the text from the editor, which reads JSON, or one to go along from the form of the page.
func (h *Handlers) upload(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	name, content, err := sent(c)
	var f *news.File
	if err == nil {
		f, err = h.news.Upload(web.Ctx(c), id, web.WantsJSON(c), name, content)
	}
	problem, _ := fault.As(err)
	refused := problem != nil && problem.Code == fault.Invalid
	switch {
	case refused && web.WantsJSON(c):
		return web.JSON(c, int(problem.Code), progress{State: "failed", Error: i18n.Say(web.Ctx(c), problem.Key, problem.Args)})
	case refused:
		return h.showEditor(c, fiber.StatusUnprocessableEntity, nil, err)
	case err != nil:
		return err
	case web.WantsJSON(c):
		return web.JSON(c, fiber.StatusCreated, progressOf(c, f))
	}
	return web.Go(c, keptPath(id)+"?bijlage=erbij#bijlagen")
}

// sent reads the file of a form.
func sent(c *fiber.Ctx) (name string, content []byte, err error) {
	name, content, err = web.File(c, "file")
	switch {
	case err != nil || len(content) > 0:
	case name != "":
		err = fault.New(fault.Invalid, "news.error.empty_file")
	default:
		err = fault.New(fault.Invalid, "news.error.no_file")
	}
	return name, content, err
}

func (h *Handlers) uploaded(c *fiber.Ctx) error {
	article, file, err := filed(c)
	if err != nil {
		return err
	}
	f, err := h.news.Uploading(web.Ctx(c), article, file)
	if err != nil {
		return err
	}
	return web.JSON(c, fiber.StatusOK, progressOf(c, f))
}

func (h *Handlers) discard(c *fiber.Ctx) error {
	article, file, err := filed(c)
	if err != nil {
		return err
	}
	if err := h.news.Discard(web.Ctx(c), article, file); err != nil {
		return err
	}
	return web.Go(c, keptPath(article)+"?bijlage=weg#bijlagen")
}

func filed(c *fiber.Ctx) (article, file ids.ID, err error) {
	if article, err = web.ID(c, "id"); err == nil {
		file, err = web.ID(c, "file")
	}
	return article, file, err
}
