package web

import (
	"io"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/blob"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/formkey"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/web"
	"ouderportaal/modules/declarations"
)

func (h *Handlers) own(c *fiber.Ctx) error {
	list, err := h.declarations.Own(web.Ctx(c), ids.Nil)
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, ownPage(list))
}

// ofChild is the part of the page of a child, and a page by itself for who has no scripts.
func (h *Handlers) ofChild(c *fiber.Ctx) error {
	child, err := web.ID(c, "child")
	if err != nil {
		return err
	}
	list, err := h.declarations.Own(web.Ctx(c), child)
	if err != nil {
		return err
	}
	if frame := web.FrameOf(c); frame != "" {
		return web.Render(c, fiber.StatusOK, childPart(list[0]))
	}
	return web.Render(c, fiber.StatusOK, ownPage(list))
}

// filledForm is the form as it stands on the screen.
type filledForm struct {
	*declarations.Standing
	Name    string // what the actor signs with
	Filled  declarations.Filled
	Problem error
}

func (h *Handlers) open(c *fiber.Ctx) (f filledForm, err error) {
	id, err := web.ID(c, "id")
	if err != nil {
		return f, err
	}
	child, err := web.ID(c, "child")
	if err != nil {
		return f, err
	}
	f.Standing, f.Name, err = h.declarations.Form(web.Ctx(c), id, child)
	if err == nil {
		f.Filled = f.Standing.Filled()
	}
	return f, err
}

func (h *Handlers) form(c *fiber.Ctx) error {
	f, err := h.open(c)
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, formPage(f))
}

// answer keeps what was filled in. What is refused is kept by the service too, and stands in the form that follows.
func (h *Handlers) answer(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	child, err := web.ID(c, "child")
	if err != nil {
		return err
	}
	words, err := strconv.Atoi(c.FormValue("words"))
	if err != nil || words < 1 {
		return fault.New(fault.BadRequest, "error.bad_request")
	}
	files, err := FilesOf(c)
	if err != nil {
		return err
	}
	reply := declarations.Reply{DeclarationID: id, ChildID: child, Words: words, Filled: FilledOf(c), Files: files}
	reply.FormKey, _ = ids.Parse(c.FormValue(formkey.Field))
	refused := h.declarations.Answer(web.Ctx(c), reply)
	status := fiber.StatusSeeOther
	switch fault.CodeOf(refused) {
	case fault.Invalid:
		status = fiber.StatusUnprocessableEntity
	case fault.Conflict:
		status = fiber.StatusConflict
	default:
		if refused != nil {
			return refused
		}
	}
	if refused == nil {
		web.Flash(c, "declarations.answered")
		return web.Go(c, path+"#"+anchor(id, child))
	}
	f, err := h.open(c)
	if err != nil {
		return err
	}
	f.Problem = refused
	return web.Render(c, status, formPage(f))
}

// FilledOf reads every field of the form by its name: of no more fields than there can be, and of each no more values than can be chosen.
// A form with more in it was not made by this page.
func FilledOf(c *fiber.Ctx) declarations.Filled {
	filled := declarations.Filled{}
	prefix := declarations.ControlName("")
	take := func(name, value string) {
		key, ours := strings.CutPrefix(name, prefix)
		if _, known := filled[key]; !ours || key == "" || !known && len(filled) >= mostFields {
			return
		}
		if len(filled[key]) < declarations.MaxOptions {
			filled[key] = append(filled[key], value)
		}
	}
	if form, err := c.MultipartForm(); err == nil {
		for name, values := range form.Value {
			for _, value := range values {
				take(name, value)
			}
		}
		return filled
	}
	for name, value := range c.Request().PostArgs().All() {
		take(string(name), string(value))
	}
	return filled
}

// mostFields are those of a declaration, and the one for the paper that an answer came on.
const mostFields = declarations.MaxFields + 1

// FilesOf reads the files that were chosen in the form, by the keys of their fields.
func FilesOf(c *fiber.Ctx) (map[string]declarations.Upload, error) {
	form, err := c.MultipartForm()
	if err != nil {
		return nil, nil
	}
	files := map[string]declarations.Upload{}
	for name := range form.File {
		key, ours := strings.CutPrefix(name, declarations.UploadName(""))
		if !ours || len(files) >= mostFields {
			continue
		}
		file, content, err := web.File(c, name)
		if err != nil {
			return nil, err
		}
		files[key] = declarations.Upload{Name: file, Content: content}
	}
	return files, nil
}

func (h *Handlers) file(c *fiber.Ctx) error { return SendFile(c, h.declarations) }

// SendFile sends the file of the address to save, to whoever may read the answer that it stands in.
func SendFile(c *fiber.Ctx, s *declarations.Service) error {
	id, err := web.ID(c, "file")
	if err != nil {
		return err
	}
	f, err := s.Save(web.Ctx(c), id)
	if err != nil {
		return err
	}
	web.SaveAs(c, f.Name)
	c.Set(fiber.HeaderContentType, f.ContentType)
	return web.SendStored(c, web.ETagFor(c, id, "download"), web.Stored{
		Size: func() (int64, error) { return f.Size(web.Ctx(c)) },
		Open: func(from, length int64) (io.ReadCloser, blob.Info, error) { return f.Open(web.Ctx(c), from, length) },
	})
}
