package web

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"strings"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/sheet"
	"ouderportaal/internal/web"
	"ouderportaal/modules/imports"
)

func (h *Handlers) list(c *fiber.Ctx) error { return h.listWith(c, fiber.StatusOK, nil) }

func (h *Handlers) listWith(c *fiber.Ctx, status int, problem error) error {
	recent, err := h.imports.Recent(web.Ctx(c))
	if err != nil {
		return err
	}
	return web.Render(c, status, listPage(h.rail(web.Ctx(c)), recent, problem))
}

// take keeps a file. What is wrong with it is said on the page where it was chosen.
func (h *Handlers) take(c *fiber.Ctx) error {
	upload, err := fileOf(c)
	var id ids.ID
	if err == nil {
		id, err = h.imports.Take(web.Ctx(c), upload)
	}
	if fault.CodeOf(err) == fault.Invalid {
		return h.listWith(c, fiber.StatusUnprocessableEntity, err)
	}
	if err != nil {
		return err
	}
	return web.Go(c, home+"/"+id.String())
}

// fileOf reads the file of the form, which fasthttp holds in memory or in a temporary file.
func fileOf(c *fiber.Ctx) (imports.Upload, error) {
	var problems fault.Fields
	header, err := c.FormFile("file")
	if err != nil || header.Filename == "" {
		problems.Add("file", "imports.file.missing")
		return imports.Upload{}, problems.Err()
	}
	if header.Size > sheet.MaxBytes {
		problems.Add("file", "sheet.error.too_large", map[string]any{"Max": sheet.MaxBytes >> 20})
		return imports.Upload{}, problems.Err()
	}
	file, err := header.Open()
	if err != nil {
		return imports.Upload{}, fault.New(fault.BadRequest, "error.bad_request").Wrap(err)
	}
	content, err := io.ReadAll(file)
	return imports.Upload{FileName: header.Filename, Content: content}, errors.Join(err, file.Close())
}

func (h *Handlers) show(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	return h.showWith(c, id, fiber.StatusOK, nil)
}

func (h *Handlers) showWith(c *fiber.Ctx, id ids.ID, status int, problem error) error {
	i, preview, err := h.imports.Find(web.Ctx(c), id)
	if err != nil {
		return err
	}
	v := viewOf(i, preview, c.Query("soort"), c.Query("pagina"), problem)
	return web.Render(c, status, showPage(h.rail(web.Ctx(c)), v))
}

// mapColumns takes the form with what each column means.
func (h *Handlers) mapColumns(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	kind, ok := imports.KindNamed(c.FormValue("kind"))
	if !ok {
		return fault.New(fault.BadRequest, "error.bad_request")
	}
	var mapping imports.Mapping
	for column := range sheet.MaxColumns {
		values := web.Values(c, imports.ColumnName(column))
		if len(values) == 0 {
			break
		}
		mapping = append(mapping, imports.Field(values[0]))
	}
	return h.lookedAgain(c, id, h.imports.Map(web.Ctx(c), id, kind, mapping))
}

func (h *Handlers) lookAgain(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	return h.lookedAgain(c, id, h.imports.LookAgain(web.Ctx(c), id))
}

func (h *Handlers) lookedAgain(c *fiber.Ctx, id ids.ID, err error) error {
	if fault.CodeOf(err) == fault.Invalid {
		return h.showWith(c, id, fiber.StatusUnprocessableEntity, err)
	}
	if err != nil {
		return err
	}
	web.Flash(c, "imports.columns.saved")
	return web.Go(c, home+"/"+id.String())
}

func (h *Handlers) apply(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	key, ok := ids.Parse(c.FormValue("form_key"))
	if !ok {
		return fault.New(fault.BadRequest, "error.bad_request")
	}
	err = h.imports.Apply(web.Ctx(c), imports.Order{FormKey: key, ImportID: id, Seen: c.FormValue("seen"), Accepted: c.FormValue("accepted") != ""})
	if fault.CodeOf(err) == fault.Invalid {
		return h.showWith(c, id, fiber.StatusUnprocessableEntity, err)
	}
	if err != nil {
		return err
	}
	return web.Go(c, home+"/"+id.String())
}

func (h *Handlers) discard(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	if err := h.imports.Discard(web.Ctx(c), id); err != nil {
		return err
	}
	web.Flash(c, "imports.discarded")
	return web.Go(c, home)
}

// template is an example file: planning.csv, groups.xlsx; in the language of the reader.
func (h *Handlers) template(c *fiber.Ctx) error {
	name, format, _ := strings.Cut(c.Params("name"), ".")
	kind, ok := imports.KindNamed(name)
	if !ok {
		return fault.NotFound()
	}
	rows := imports.Template(kind, i18n.From(web.Ctx(c)).Language())
	return table(c, i18n.T(web.Ctx(c), "imports.kind."+name), sheet.Format(format), rows)
}

// leftOut is a file with the rows that have an error and why, to be corrected and sent again.
func (h *Handlers) leftOut(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := web.Ctx(c)
	header, rows, lines, err := h.imports.LeftOut(ctx, id)
	if err != nil {
		return err
	}
	out := [][]string{append(header, i18n.T(ctx, "imports.wrong.row"), i18n.T(ctx, "imports.wrong.reason"))}
	for n, row := range rows {
		var why []string
		for _, p := range lines[n].Problems {
			why = append(why, problemText(ctx, p).whole())
		}
		out = append(out, append(row, i18n.Number(ctx, lines[n].Row), strings.Join(why, " ")))
	}
	return table(c, i18n.T(ctx, "imports.wrong.download"), sheet.CSV, out)
}

// table sends rows as a file with a name.
func table(c *fiber.Ctx, name string, format sheet.Format, rows [][]string) error {
	var out bytes.Buffer
	var err error
	switch format {
	case sheet.CSV:
		c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8")
		err = sheet.WriteCSV(&out, rows)
	case sheet.XLSX:
		c.Set(fiber.HeaderContentType, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
		err = sheet.WriteXLSX(&out, rows)
	default:
		return fault.NotFound()
	}
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": name + "." + string(format)}))
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Send(out.Bytes())
}
