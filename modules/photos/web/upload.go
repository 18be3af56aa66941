package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/media"
	"ouderportaal/internal/web"
	"ouderportaal/modules/photos"
)

// answer is how far a photo is, as the photo picker reads it.
type answer struct {
	ID    string `json:"id"`
	State string `json:"state"` // processing, ready or failed
	Thumb string `json:"thumb,omitempty"`
	Error string `json:"error,omitempty"` // why it cannot be used, in the reader's language
}

// upload takes one photo: one a request, so that each has its own progress and its own fate.
func (h *Handlers) upload(c *fiber.Ctx) error {
	content, name, err := part(c, "photo")
	if err != nil {
		return err
	}
	p, err := h.photos.Take(web.Ctx(c), photos.Upload{FileName: name, Content: content, Taken: c.FormValue("taken")})
	if fault.CodeOf(err) == fault.Invalid || fault.CodeOf(err) == fault.TooLarge {
		f, _ := fault.As(err)
		return web.JSON(c, int(f.Code), answer{State: "failed", Error: i18n.Say(web.Ctx(c), f.Key, f.Args)})
	}
	if err != nil {
		return err
	}
	return web.JSON(c, fiber.StatusCreated, answerFor(c, p))
}

// part reads one file of a multipart form, which fasthttp holds in memory or in a temporary file.
func part(c *fiber.Ctx, field string) ([]byte, string, error) {
	header, err := c.FormFile(field)
	if err != nil {
		return nil, "", fault.New(fault.BadRequest, "photos.error.no_file").Wrap(err)
	}
	if header.Size > photos.MaxUpload {
		return nil, "", fault.New(fault.TooLarge, "media.error.too_large").With(map[string]any{"Max": photos.MaxUpload >> 20})
	}
	file, err := header.Open()
	if err != nil {
		return nil, "", fault.New(fault.BadRequest, "photos.error.no_file").Wrap(err)
	}
	content, err := io.ReadAll(file)
	return content, header.Filename, errors.Join(err, file.Close())
}

func (h *Handlers) state(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	p, err := h.photos.Mine(web.Ctx(c), id)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	return web.JSON(c, fiber.StatusOK, answerFor(c, p))
}

func answerFor(c *fiber.Ctx, p *photos.Photo) answer {
	a := answer{ID: p.ID.String(), State: "processing"}
	switch p.State {
	case photos.Ready:
		a.State, a.Thumb = "ready", "/fotos/"+a.ID+"/320.webp"
	case photos.Refused:
		a.State, a.Error = "failed", i18n.Say(web.Ctx(c), p.Refusal, p.RefusalArgs())
	}
	return a
}

// retouch takes what to cut off and to hide, as the editor of the photo picker sends it; the answer is another photo.
func (h *Handlers) retouch(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	var how media.Retouch
	body := json.NewDecoder(bytes.NewReader(c.Body()))
	body.DisallowUnknownFields()
	if err := body.Decode(&how); err != nil {
		return fault.New(fault.BadRequest, "error.bad_request").Wrap(err)
	}
	p, err := h.photos.Retouch(web.Ctx(c), id, how)
	if fault.CodeOf(err) == fault.Conflict {
		f, _ := fault.As(err)
		return web.JSON(c, int(f.Code), answer{State: "failed", Error: i18n.Say(web.Ctx(c), f.Key, f.Args)})
	}
	if err != nil {
		return err
	}
	return web.JSON(c, fiber.StatusCreated, answerFor(c, p))
}

func (h *Handlers) discard(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	if err := h.photos.Discard(web.Ctx(c), id); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}
