package org

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/formkey"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/web"
	"ouderportaal/modules/children"
	"ouderportaal/modules/declarations"
)

const declarationsPath = "/beheer/verklaringen"

// DeclarationPages are where an organisation builds declarations, and sees who answered.
type DeclarationPages struct {
	service  *declarations.Service
	children *children.Service
}

// NewDeclarationPages makes them.
func NewDeclarationPages(s *declarations.Service, c *children.Service) *DeclarationPages {
	return &DeclarationPages{s, c}
}

// Routes lists what can be asked about them.
func (h *DeclarationPages) Routes(r *web.Routes) {
	r.Get(declarationsPath, "declarations.keep", h.list)
	r.Get(declarationsPath+"/nieuw", "declarations.define", h.blank)
	r.Post(declarationsPath, "declarations.define", h.add)
	r.Download(enclosuresPath+"/:file", "declarations.keep", h.file)
	r.Get(declarationsPath+"/:id", "declarations.keep", h.answers)
	r.Get(declarationsPath+"/:id/wijzigen", "declarations.define", h.edit)
	r.Post(declarationsPath+"/:id/wijzigen", "declarations.define", h.change)
	r.Post(declarationsPath+"/:id/publicatie", "declarations.define", h.publish)
	r.Post(declarationsPath+"/:id/einde", "declarations.define", h.end)
	r.Post(declarationsPath+"/:id/herinnering", "declarations.keep", h.remind)
	r.Post(declarationsPath+"/:id/bestand", "declarations.keep", h.export)
	r.Get(declarationsPath+"/:id/papier/:child", "declarations.keep", h.paper)
	r.Upload(declarationsPath+"/:id/papier/:child", "declarations.keep", h.keepPaper)
}

func declarationPath(id ids.ID) string { return declarationsPath + "/" + id.String() }

func (h *DeclarationPages) list(c *fiber.Ctx) error {
	list, err := h.service.All(web.Ctx(c))
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, declarationsPage(list))
}

// moreFields is how many empty fields a form has for what is to come.
const moreFields = 3

// declarationForm is a declaration as it stands on the screen.
type declarationForm struct {
	form
	Name      string // "" for a new one
	Published bool
	Draft     declarations.Draft
	Sent      int    // fields of the form that comes back, the empty ones too; 0 for one that is opened
	Remind    string // as typed
	From, To  string
	Places    []children.Place
	Wordings  []declarations.Wording
}

func (h *DeclarationPages) show(c *fiber.Ctx, status int, f declarationForm) (err error) {
	if f.Places, err = h.children.Places(web.Ctx(c)); err != nil {
		return err
	}
	return web.Render(c, status, declarationPage(f))
}

func (h *DeclarationPages) blank(c *fiber.Ctx) error {
	f := declarationForm{form: form{Action: declarationsPath, Back: declarationsPath}, Remind: "7"}
	f.Draft = declarations.Draft{Answerers: declarations.One, Required: true, Audience: declarations.All, FormKey: formkey.New()}
	return h.show(c, fiber.StatusOK, f)
}

// typed reads the form. Fields in which nothing was typed are none.
func typedDeclaration(c *fiber.Ctx, f declarationForm) (declarationForm, error) {
	f.Remind, f.From, f.To = c.FormValue("remind_days"), c.FormValue("from_age"), c.FormValue("to_age")
	d := declarations.Draft{Title: c.FormValue("title"), Body: c.FormValue("body"), Answerers: declarations.Answerers(c.FormValue("answerers")), Required: c.FormValue("required") != "",
		Audience: declarations.Audience(c.FormValue("audience")), FromAgeMonths: monthsOf(f.From), ToAgeMonths: monthsOf(f.To), RemindDays: countOf(f.Remind), AskAgain: c.FormValue("ask_again") != "", Version: versionOf(c)}
	if f.Remind == "" {
		d.RemindDays = 0
	}
	d.FormKey, _ = ids.Parse(c.FormValue(formkey.Field))
	var err error
	if d.LocationIDs, err = web.IDs(c, "locations"); err != nil {
		return f, err
	}
	if d.GroupIDs, err = web.IDs(c, "groups"); err != nil {
		return f, err
	}
	for i := range declarations.MaxFields + moreFields {
		value := func(part string) string { return c.FormValue(declarations.FieldName(i, part)) }
		if value("kind") != "" {
			f.Sent++
		}
		field := declarations.Field{Key: value("key"), Kind: declarations.Kind(value("kind")), Label: value("label"), Hint: value("hint"), Required: value("required") != "", Options: linesOf(value("options"))}
		if field.Label == "" && field.Hint == "" && len(field.Options) == 0 {
			continue // also how one that was there is left out
		}
		if !fieldKey.MatchString(field.Key) {
			field.Key = ""
		}
		d.Fields = append(d.Fields, field)
	}
	f.Draft = d
	return f, nil
}

// monthsOf reads whole years of age; empty is no bound, and what is no number is refused at the field.
func monthsOf(years string) int {
	if years == "" {
		return 0
	}
	n, err := strconv.Atoi(years)
	if err != nil || n < 0 || n > declarations.MaxMonths {
		return -1
	}
	return 12 * n
}

func (h *DeclarationPages) add(c *fiber.Ctx) error {
	f, err := typedDeclaration(c, declarationForm{form: form{Action: declarationsPath, Back: declarationsPath}})
	if err != nil {
		return err
	}
	id, err := h.service.Add(web.Ctx(c), f.Draft)
	if err != nil {
		return h.refused(c, f, err)
	}
	return saved(c, "org.declaration.added", declarationPath(id))
}

// refused shows the form again with what is wrong.
func (h *DeclarationPages) refused(c *fiber.Ctx, f declarationForm, err error) error {
	code := fault.CodeOf(err)
	if code != fault.Invalid && code != fault.Conflict {
		return err
	}
	if e, ok := fault.As(err); ok && e.Key == "form.error.key_used" {
		f.Draft.FormKey = formkey.New()
	}
	f.Problem = err
	return h.show(c, int(code), f)
}

func (h *DeclarationPages) open(c *fiber.Ctx) (f declarationForm, id ids.ID, err error) {
	if id, err = web.ID(c, "id"); err != nil {
		return f, id, err
	}
	d, err := h.service.Define(web.Ctx(c), id)
	if err != nil {
		return f, id, err
	}
	f = declarationForm{form: form{Action: declarationPath(id) + "/wijzigen", Back: declarationPath(id), Version: d.Version}, Name: d.Title, Published: d.PublishedAt != nil, Wordings: d.Wordings,
		Remind: strconv.Itoa(d.RemindDays), From: yearsOf(d.FromAgeMonths), To: yearsOf(d.ToAgeMonths)}
	f.Draft = declarations.Draft{Title: d.Title, Body: d.Body, Fields: d.Fields, Answerers: d.Answerers, Required: d.Required, Audience: d.Audience, LocationIDs: d.LocationIDs, GroupIDs: d.GroupIDs}
	return f, id, nil
}

func yearsOf(months int) string {
	if months == 0 {
		return ""
	}
	return strconv.Itoa(months / 12)
}

func (h *DeclarationPages) edit(c *fiber.Ctx) error {
	f, _, err := h.open(c)
	if err != nil {
		return err
	}
	return h.show(c, fiber.StatusOK, f)
}

func (h *DeclarationPages) change(c *fiber.Ctx) error {
	f, id, err := h.open(c)
	if err != nil {
		return err
	}
	now := f.Version
	if f, err = typedDeclaration(c, f); err != nil {
		return err
	}
	if err := h.service.Revise(web.Ctx(c), id, f.Draft); err != nil {
		if f.Version = f.Draft.Version; isStale(err) {
			f.Version = now // sent again, it is meant
		}
		return h.refused(c, f, err)
	}
	return saved(c, "org.saved", declarationPath(id))
}

// does runs a verb on a declaration and says so on its page. What stands in the way is said there too.
func (h *DeclarationPages) does(c *fiber.Ctx, done string, verb func(id ids.ID) error) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	err = verb(id)
	if f, ok := fault.As(err); ok && f.Code == fault.Conflict {
		web.FlashProblem(c, f.Key)
		return web.Go(c, declarationPath(id))
	}
	if err != nil {
		return err
	}
	return saved(c, done, declarationPath(id))
}

func (h *DeclarationPages) publish(c *fiber.Ctx) error {
	return h.does(c, "org.declaration.published", func(id ids.ID) error { return h.service.Publish(web.Ctx(c), id) })
}

func (h *DeclarationPages) end(c *fiber.Ctx) error {
	return h.does(c, "org.declaration.ended", func(id ids.ID) error { return h.service.End(web.Ctx(c), id) })
}

func (h *DeclarationPages) remind(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	n := 0
	return h.does(c, "org.reminded", func(ids.ID) error {
		if n, err = h.service.Remind(web.Ctx(c), id); err == nil && n == 0 {
			return fault.New(fault.Conflict, "org.reminded.nobody")
		}
		return err
	})
}
