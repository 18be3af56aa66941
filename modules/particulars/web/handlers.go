package web

import (
	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/formkey"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/web"
	"ouderportaal/modules/particulars"
	"ouderportaal/tenants"
)

func (h *Handlers) me(c *fiber.Ctx) error {
	p, err := h.service.Me(web.Ctx(c))
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, mePage(p))
}

// changeForm is what a guardian asks to change, as it stands on the screen.
type changeForm struct {
	Action, Back string
	Title        string // of what
	Fields       []particulars.Field
	Draft        particulars.Draft
	Today        tenants.Date
	Problem      error
}

func (h *Handlers) openMe(c *fiber.Ctx) (changeForm, error) {
	p, err := h.service.Me(web.Ctx(c))
	if err != nil {
		return changeForm{}, err
	}
	return changeForm{Action: mePath + "/wijzigen", Back: mePath, Title: p.Name, Fields: particulars.OfPerson, Draft: particulars.Draft{Values: p.Values, HoldsFrom: p.Today}, Today: p.Today}, nil
}

func (h *Handlers) openChild(c *fiber.Ctx) (changeForm, error) {
	child, err := h.authority(c)
	if err != nil {
		return changeForm{}, err
	}
	back := childPath(child.ID)
	return changeForm{Action: back + "/wijzigen", Back: back, Title: child.GivenName, Fields: particulars.OfChild, Draft: particulars.Draft{ChildID: child.ID, Values: child.Values, HoldsFrom: child.Today}, Today: child.Today}, nil
}

// authority is the child of the route, over whom the actor has parental authority.
func (h *Handlers) authority(c *fiber.Ctx) (*particulars.Child, error) {
	id, err := web.ID(c, "id")
	if err != nil {
		return nil, err
	}
	child, err := h.service.Of(web.Ctx(c), id)
	if err == nil && !child.Authority {
		err = fault.NotFound()
	}
	return child, err
}

func (h *Handlers) changeMe(c *fiber.Ctx) error {
	f, err := h.openMe(c)
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, changePage(f))
}

func (h *Handlers) changeChild(c *fiber.Ctx) error {
	f, err := h.openChild(c)
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, changePage(f))
}

func (h *Handlers) askForMe(c *fiber.Ctx) error { return h.ask(c, h.openMe) }

func (h *Handlers) askForChild(c *fiber.Ctx) error { return h.ask(c, h.openChild) }

func (h *Handlers) ask(c *fiber.Ctx, open func(*fiber.Ctx) (changeForm, error)) error {
	f, err := open(c)
	if err != nil {
		return err
	}
	f.Draft.Values, f.Draft.HoldsFrom = particulars.Values{}, tenants.Date(c.FormValue("holds_from"))
	for _, field := range f.Fields {
		f.Draft.Values[field] = c.FormValue(string(field))
	}
	f.Problem = h.service.Ask(web.Ctx(c), f.Draft)
	if f.Problem == nil {
		web.Flash(c, "particulars.asked")
		return web.Go(c, f.Back)
	}
	code := fault.CodeOf(f.Problem)
	if code != fault.Invalid && code != fault.Conflict {
		return f.Problem
	}
	return web.Render(c, int(code), changePage(f))
}

func (h *Handlers) asks(c *fiber.Ctx) error {
	list, err := h.service.Asks(web.Ctx(c))
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, asksPage(list))
}

func (h *Handlers) withdraw(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	err = h.service.Withdraw(web.Ctx(c), id)
	if f, ok := fault.As(err); ok && f.Code == fault.Conflict {
		web.FlashProblem(c, f.Key)
		return web.Go(c, asksPath)
	}
	if err != nil {
		return err
	}
	web.Flash(c, "particulars.withdrawn")
	return web.Go(c, asksPath)
}

// kids is a part of Overig, and a page by itself for who has no scripts.
func (h *Handlers) kids(c *fiber.Ctx) error {
	list, err := h.service.Kids(web.Ctx(c))
	if err != nil {
		return err
	}
	if web.FrameOf(c) != "" {
		return web.Render(c, fiber.StatusOK, kidsPart(list))
	}
	return web.Render(c, fiber.StatusOK, kidsPage(list))
}

func (h *Handlers) child(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	child, err := h.service.Of(web.Ctx(c), id)
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, childPage(child))
}

// contactForm is a contact as it stands on the screen.
type contactForm struct {
	Child   *particulars.Child
	ID      ids.ID // Nil: a new one
	Draft   particulars.ContactDraft
	Problem error
}

func (f contactForm) action() string {
	if f.ID == ids.Nil {
		return childPath(f.Child.ID) + "/contacten"
	}
	return childPath(f.Child.ID) + "/contacten/" + f.ID.String()
}

func (h *Handlers) newContact(c *fiber.Ctx) error {
	child, err := h.authority(c)
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, contactPage(contactForm{Child: child, Draft: particulars.ContactDraft{FormKey: formkey.New(), Emergency: true}}))
}

func (h *Handlers) openContact(c *fiber.Ctx) (f contactForm, err error) {
	id, err := web.ID(c, "contact")
	if err != nil {
		return f, err
	}
	if f.Child, err = h.authority(c); err != nil {
		return f, err
	}
	for _, k := range f.Child.Contacts {
		if k.ID == id {
			f.ID, f.Draft = id, particulars.ContactDraft{Name: k.Name, Relation: k.Relation, Phone: k.Phone, Emergency: k.Emergency, Collects: k.Collects, Version: k.Version}
			return f, nil
		}
	}
	return f, fault.NotFound()
}

func (h *Handlers) contact(c *fiber.Ctx) error {
	f, err := h.openContact(c)
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, contactPage(f))
}

func typedContact(c *fiber.Ctx) particulars.ContactDraft {
	d := particulars.ContactDraft{Name: c.FormValue("name"), Relation: c.FormValue("relation"), Phone: c.FormValue("phone"), Emergency: c.FormValue("emergency") != "", Collects: c.FormValue("collects") != ""}
	d.Version = number(c.FormValue("version"))
	d.FormKey, _ = ids.Parse(c.FormValue(formkey.Field))
	return d
}

func (h *Handlers) addContact(c *fiber.Ctx) error {
	child, err := h.authority(c)
	if err != nil {
		return err
	}
	f := contactForm{Child: child, Draft: typedContact(c)}
	f.Problem = h.service.AddContact(web.Ctx(c), child.ID, f.Draft)
	return h.contactDone(c, f)
}

func (h *Handlers) changeContact(c *fiber.Ctx) error {
	f, err := h.openContact(c)
	if err != nil {
		return err
	}
	now := f.Draft.Version
	f.Draft = typedContact(c)
	f.Problem = h.service.ChangeContact(web.Ctx(c), f.Child.ID, f.ID, f.Draft)
	if fault.CodeOf(f.Problem) == fault.Conflict {
		f.Draft.Version = now // sent again, it is meant
	}
	return h.contactDone(c, f)
}

// contactDone goes on to the child, or shows the form again with what is wrong.
func (h *Handlers) contactDone(c *fiber.Ctx, f contactForm) error {
	if f.Problem == nil {
		web.Flash(c, "particulars.contact.saved")
		return web.Go(c, childPath(f.Child.ID)+"#contacten")
	}
	if e, ok := fault.As(f.Problem); ok && e.Key == "form.error.key_used" {
		f.Draft.FormKey = formkey.New()
	}
	code := fault.CodeOf(f.Problem)
	if code != fault.Invalid && code != fault.Conflict {
		return f.Problem
	}
	return web.Render(c, int(code), contactPage(f))
}

func (h *Handlers) removeContact(c *fiber.Ctx) error {
	f, err := h.openContact(c)
	if err != nil {
		return err
	}
	if err := h.service.RemoveContact(web.Ctx(c), f.Child.ID, f.ID); err != nil {
		return err
	}
	web.Flash(c, "particulars.contact.removed")
	return web.Go(c, childPath(f.Child.ID)+"#contacten")
}

// cards shows whom to call and what has to be known of the children in a group.
func (h *Handlers) cards(c *fiber.Ctx) error {
	group, err := web.ID(c, "group")
	if err != nil {
		return err
	}
	g, list, err := h.service.Cards(web.Ctx(c), group)
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, cardsPage(h.rail(web.Ctx(c)), g, list))
}
