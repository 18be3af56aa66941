package org

import (
	"bytes"
	"context"
	"mime"
	"regexp"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/sheet"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/declarations"
)

var fieldKey = regexp.MustCompile(`^[0-9a-z]{1,12}$`)

func linesOf(typed string) []string {
	var list []string
	for line := range strings.Lines(typed) {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, line)
		}
	}
	return list
}

// answersPage shows who answered: everybody, or those who did or did not.
func (h *DeclarationPages) answers(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	a, err := h.service.Answers(web.Ctx(c), id)
	if err != nil {
		return err
	}
	var audience int
	if web.May(web.Ctx(c), "declarations.define") {
		d, err := h.service.Define(web.Ctx(c), id)
		if err != nil {
			return err
		}
		audience = d.Children
	}
	view := c.Query("wie")
	rows := slices.DeleteFunc(slices.Clone(a.Rows), func(r declarations.Respondent) bool {
		return (view == "open" || view == "klaar") && r.Past || view == "open" && len(r.Waiting) == 0 && !r.Nobody || view == "klaar" && (len(r.Waiting) > 0 || len(r.Answers) == 0)
	})
	return web.Render(c, fiber.StatusOK, answersPage(a, rows, view, audience))
}

// export sends all answers as a file. Both kinds of file show text and nothing else.
func (h *DeclarationPages) export(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	format := sheet.Format(c.FormValue("soort"))
	if format != sheet.CSV && format != sheet.XLSX {
		return fault.New(fault.BadRequest, "error.bad_request")
	}
	a, err := h.service.Export(web.Ctx(c), id)
	if err != nil {
		return err
	}
	write, kind := sheet.WriteCSV, "text/csv; charset=utf-8"
	if format == sheet.XLSX {
		write, kind = sheet.WriteXLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	var out bytes.Buffer
	if err := write(&out, tableOf(web.Ctx(c), a)); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, kind)
	c.Set(fiber.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": fileNameOf(a.Title) + "." + string(format)}))
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Send(out.Bytes())
}

var notInNames = regexp.MustCompile(`[^\pL\pN _-]+`)

func fileNameOf(title string) string {
	return strings.TrimSpace(notInNames.ReplaceAllString(title, " "))
}

// tableOf is a row for each answer that counts, and one for each child without; fields of earlier words come after those of now.
func tableOf(ctx context.Context, a *declarations.Answers) [][]string {
	fields := slices.Clone(a.Fields)
	for _, w := range a.Named {
		for _, f := range w.Fields {
			if !slices.ContainsFunc(fields, func(o declarations.Field) bool { return o.Key == f.Key }) {
				fields = append(fields, f)
			}
		}
	}
	head := []string{i18n.T(ctx, "org.declaration.child"), i18n.T(ctx, "org.declaration.by"), i18n.T(ctx, "org.declaration.at"), i18n.T(ctx, "org.declaration.how"), i18n.T(ctx, "org.declaration.waiting"), i18n.T(ctx, "org.declaration.respondent")}
	for _, f := range fields {
		head = append(head, f.Label)
	}
	rows := [][]string{head}
	for _, r := range a.Rows {
		name, waiting := strings.TrimSpace(r.Child.GivenName+" "+r.Family), strings.Join(namesOfGuardians(r), ", ")
		_, _, state := respondentState(ctx, r)
		if len(r.Answers) == 0 {
			rows = append(rows, append([]string{name, "", "", "", waiting, state}, make([]string, len(fields))...))
		}
		for _, said := range r.Answers {
			row := []string{name, said.By, i18n.Local(ctx, said.AnsweredAt).Format("2006-01-02 15:04"), howSaid(ctx, &said), waiting, state}
			then := fieldsThen(a, said)
			for _, f := range fields {
				row = append(row, exported(ctx, &said, then, f.Key))
			}
			rows = append(rows, row)
		}
	}
	return rows
}

func namesOfGuardians(r declarations.Respondent) []string {
	names := make([]string, len(r.Waiting))
	for i, g := range r.Waiting {
		names[i] = g.Name
	}
	return names
}

// howSaid is how an answer came in: through the portal, or on paper.
func howSaid(ctx context.Context, said *declarations.Said) string {
	if !said.OnPaper() {
		return i18n.T(ctx, "org.declaration.how.portal")
	}
	how := i18n.T(ctx, "org.declaration.how.paper", "Day", string(said.PaperOn), "Name", said.Enterer)
	if scan := said.Scan(); scan != nil {
		how += ": " + scan.FileName
	}
	return how
}

// exported is what stands in a field of an answer as a file tells it: a day in figures, and of a file its name.
func exported(ctx context.Context, said *declarations.Said, then []declarations.Field, key string) string {
	at := slices.IndexFunc(then, func(f declarations.Field) bool { return f.Key == key })
	if at < 0 || then[at].Kind == declarations.Date {
		return strings.Join(said.Filled[key], ", ")
	}
	return said.FilledWords(ctx, then[at])
}

// fieldsThen are the fields of an answer, in the words that it was given to.
func fieldsThen(a *declarations.Answers, said declarations.Said) []declarations.Field {
	for _, w := range a.Named {
		if w.TextVersion == said.TextVersion {
			return w.Fields
		}
	}
	return nil
}

// respondentState is how a declaration stands about a child.
func respondentState(ctx context.Context, r declarations.Respondent) (tone ui.Tone, icon, words string) {
	switch {
	case r.Past:
		return ui.Neutral, "", i18n.T(ctx, "org.declaration.past")
	case len(r.Waiting) > 0 || r.Nobody && len(r.Answers) == 0:
		return ui.Coral, "", i18n.T(ctx, "org.declaration.view.open")
	}
	return ui.Ok, "check", i18n.T(ctx, "org.declaration.view.done")
}

// declarationState is what holds of a declaration.
func declarationState(ctx context.Context, d *declarations.Declaration) (ui.Tone, string) {
	switch {
	case d.PublishedAt == nil:
		return ui.Sun, i18n.T(ctx, "org.declaration.state.draft")
	case d.EndedAt != nil:
		return ui.Neutral, i18n.T(ctx, "org.declaration.state.ended", "Day", i18n.ShortDate(ctx, i18n.Local(ctx, *d.EndedAt)))
	}
	return ui.Ok, i18n.T(ctx, "org.declaration.state.asked", "Day", i18n.ShortDate(ctx, i18n.Local(ctx, *d.PublishedAt)))
}

// i18n:keys org.declaration.answerers.*
func answererOptions(ctx context.Context, chosen declarations.Answerers) []ui.Option {
	var list []ui.Option
	for _, a := range []declarations.Answerers{declarations.One, declarations.Every} {
		list = append(list, ui.Option{Value: string(a), Label: i18n.T(ctx, "org.declaration.answerers."+string(a)), Selected: a == chosen})
	}
	return list
}

func fieldKindOptions(ctx context.Context, chosen declarations.Kind) []ui.Option {
	var list []ui.Option
	for _, k := range declarations.Kinds {
		list = append(list, ui.Option{Value: string(k), Label: declarations.KindWords(ctx, k), Selected: k == chosen})
	}
	return list
}

// i18n:keys org.declaration.audience.*
func audienceOptions(ctx context.Context, chosen declarations.Audience) []ui.Option {
	var list []ui.Option
	for _, a := range []declarations.Audience{declarations.All, declarations.Locations, declarations.Groups} {
		list = append(list, ui.Option{Value: string(a), Label: i18n.T(ctx, "org.declaration.audience."+string(a)), Selected: a == chosen})
	}
	return list
}

// kindAndOptions is "Eén keuze: Ja, graag · Nee, liever niet".
func kindAndOptions(ctx context.Context, f declarations.Field) string {
	words := declarations.KindWords(ctx, f.Kind)
	if len(f.Options) > 0 {
		words += ": " + strings.Join(f.Options, " · ")
	}
	return words
}

// fields are those of the draft and some empty ones: of a form that comes back, those that it had.
func (f declarationForm) fields() []declarations.Field {
	fields := slices.Clone(f.Draft.Fields)
	most := f.Sent
	if most == 0 {
		most = len(fields) + moreFields
	}
	for len(fields) < min(most, declarations.MaxFields) {
		fields = append(fields, declarations.Field{Kind: declarations.Choice})
	}
	return fields
}
