package web

import (
	"encoding/base64"
	"io"
	"strings"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/blob"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/messages"
)

const attachmentsPath = "/berichten/bijlagen"

func attachmentPath(id ids.ID) string { return attachmentsPath + "/" + id.String() }

// progress is how far an upload is, as the picker reads it.
type progress struct {
	ID    string `json:"id"`
	State string `json:"state"` // processing, ready or failed
	Name  string `json:"name,omitempty"`
	Thumb string `json:"thumb,omitempty"`
	Error string `json:"error,omitempty"` // why it cannot be used, in the reader's language
}

func progressOf(c *fiber.Ctx, a *messages.Attachment) progress {
	p := progress{ID: a.ID.String(), State: "processing", Name: a.FileName}
	switch {
	case a.Refused():
		p.State, p.Error = "failed", i18n.Say(web.Ctx(c), a.Refusal, a.RefusalArgs())
	case a.Ready():
		p.State, p.Thumb = "ready", thumb(a)
	}
	return p
}

func thumb(a *messages.Attachment) string {
	if a.Kind != messages.Photo || !a.Ready() {
		return ""
	}
	return attachmentPath(a.ID) + "/320.webp"
}

// upload takes one file: one a request, so that each has its own progress and its own fate.
func (h *Handlers) upload(c *fiber.Ctx) error {
	name, content, err := web.File(c, "photo")
	if err != nil {
		return err
	}
	if name == "" {
		return fault.New(fault.BadRequest, "messages.error.no_file")
	}
	a, err := h.messages.Upload(web.Ctx(c), name, content)
	if fault.CodeOf(err) == fault.Invalid {
		f, _ := fault.As(err)
		return web.JSON(c, int(f.Code), progress{State: "failed", Error: i18n.Say(web.Ctx(c), f.Key, f.Args)})
	}
	if err != nil {
		return err
	}
	return web.JSON(c, fiber.StatusCreated, progressOf(c, a))
}

func (h *Handlers) uploaded(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	a, err := h.messages.Mine(web.Ctx(c), id)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	return web.JSON(c, fiber.StatusOK, progressOf(c, a))
}

func (h *Handlers) discard(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	if err := h.messages.Discard(web.Ctx(c), id); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// view shows a version of a photo.
func (h *Handlers) view(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	f, err := h.messages.Version(web.Ctx(c), id, c.Params("version"))
	if err != nil {
		return err
	}
	return h.send(c, id, f)
}

// download gives a file to save, and never to open in the page: a PDF is a program of somebody else's.
func (h *Handlers) download(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	f, err := h.messages.Download(web.Ctx(c), id)
	if err != nil {
		return err
	}
	web.SaveAs(c, f.Name)
	return h.send(c, id, f)
}

func (h *Handlers) send(c *fiber.Ctx, id ids.ID, f *messages.File) error {
	c.Set(fiber.HeaderContentType, f.ContentType)
	return web.SendStored(c, web.ETagFor(c, id, c.Params("version", "download")), web.Stored{
		Size: func() (int64, error) { return h.messages.Size(web.Ctx(c), f) },
		Open: func(from, length int64) (io.ReadCloser, blob.Info, error) {
			return h.messages.Stream(web.Ctx(c), f, from, length)
		},
	})
}

// attachmentsOf are the uploads that a form sends along.
func attachmentsOf(c *fiber.Ctx) ([]ids.ID, error) {
	list, err := web.IDs(c, "photos")
	return list[:min(len(list), messages.MaxAttachments+1)], err
}

// uploads are those of a form, without what cannot be sent. What was taken back has a list of its own: one that the browser carries
// over from the page before must not take its place.
func (h *Handlers) uploads(c *fiber.Ctx, form string, list []ids.ID) (uploads, error) {
	mine, err := h.messages.AllMine(web.Ctx(c), list)
	var picked []ui.PickedPhoto
	for i := range mine {
		if a := &mine[i]; !a.Refused() {
			picked = append(picked, ui.PickedPhoto{ID: a.ID.String(), Thumb: thumb(a), Name: a.FileName})
		}
	}
	return uploads{"-" + form + c.Query("terug"), picked}, err
}

// uploads are the files of a form, as they stand on the screen. of tells one form from another.
type uploads struct {
	of     string
	picked []ui.PickedPhoto
}

func (u uploads) picker(mistake string) ui.PickerProps {
	return ui.PickerProps{Upload: attachmentsPath, Remove: attachmentsPath, Files: true, Most: messages.MaxAttachments, Photos: u.picked, Of: u.of, Error: mistake}
}

// shots are the photos that go with a message, for the page.
func shots(list []messages.Attachment) []ui.Photo {
	var photos []ui.Photo
	for i := range list {
		if a := &list[i]; !a.Refused() {
			photos = append(photos, ui.Photo{Path: attachmentPath(a.ID), Widths: messages.Widths, Width: a.Width, Height: a.Height,
				ThumbHash: base64.StdEncoding.EncodeToString(a.Thumbhash), Download: true, Processing: !a.Ready()})
		}
	}
	return photos
}

// unshown are the names of the photos that turned out not to be any.
func unshown(list []messages.Attachment) string {
	var names []string
	for i := range list {
		if list[i].Refused() {
			names = append(names, list[i].FileName)
		}
	}
	return strings.Join(names, ", ")
}
