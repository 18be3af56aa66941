package web

import (
	"io"
	"mime"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/blob"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/web"
	"ouderportaal/modules/photos"
)

func (h *Handlers) show(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	view, err := h.photos.Version(web.Ctx(c), id, c.Params("version"))
	if err != nil {
		return err
	}
	return h.send(c, id, view)
}

func (h *Handlers) download(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	view, err := h.photos.Full(web.Ctx(c), id)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": view.FileName}))
	return h.send(c, id, view)
}

// send streams a version, and asks each time whether a browser that has it still may: a consent that was withdrawn, or a tie that
// ended, holds from the next request on. Asking costs one query and no bytes.
func (h *Handlers) send(c *fiber.Ctx, id ids.ID, view *photos.View) error {
	c.Set(fiber.HeaderContentType, view.ContentType)
	return web.SendStored(c, web.ETagFor(c, id, c.Params("version", "full")), web.Stored{
		Size: func() (int64, error) { return h.photos.Size(web.Ctx(c), view) },
		Open: func(from, length int64) (io.ReadCloser, blob.Info, error) {
			return h.photos.Open(web.Ctx(c), view, from, length)
		},
	})
}
