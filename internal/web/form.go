package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
)

// ID is the id in the path under name; anything else than an id is not found, like an id that nobody has.
func ID(c *fiber.Ctx, name string) (ids.ID, error) {
	id, ok := ids.Parse(c.Params(name))
	if !ok {
		return ids.Nil, fault.NotFound()
	}
	return id, nil
}

// IDs are the values of a field of a form that are ids. One that is not makes the whole form a bad request: our own pages
// never send it.
func IDs(c *fiber.Ctx, field string) ([]ids.ID, error) {
	values := Values(c, field)
	list := make([]ids.ID, 0, len(values))
	for _, value := range values {
		id, ok := ids.Parse(value)
		if !ok {
			return nil, fault.New(fault.BadRequest, "error.bad_request")
		}
		list = append(list, id)
	}
	return list, nil
}

// Values are all values of a field of a form, in the order in which they were sent.
func Values(c *fiber.Ctx, field string) []string {
	var list []string
	if form, err := c.MultipartForm(); err == nil {
		return append(list, form.Value[field]...)
	}
	for _, value := range c.Context().PostArgs().PeekMulti(field) {
		list = append(list, string(value))
	}
	return list
}

// File reads a file of a form, whole. Its name is empty when none was chosen.
func File(c *fiber.Ctx, field string) (name string, content []byte, err error) {
	header, err := c.FormFile(field)
	if err != nil {
		return "", nil, nil
	}
	file, err := header.Open()
	if err != nil {
		return "", nil, err
	}
	content, err = io.ReadAll(file)
	return header.Filename, content, errors.Join(err, file.Close())
}

// Decode reads a JSON body into value. A field that value does not have makes it a bad request, so that nothing can be
// set that a draft does not name.
func Decode(c *fiber.Ctx, value any) error {
	d := json.NewDecoder(bytes.NewReader(c.Body()))
	d.DisallowUnknownFields()
	err := d.Decode(value)
	if err == nil && d.More() {
		err = errors.New("more than one value")
	}
	if err != nil {
		return fault.New(fault.BadRequest, "error.bad_request").Wrap(err)
	}
	return nil
}
