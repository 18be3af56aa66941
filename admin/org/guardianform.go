package org

import (
	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/ids"
	"ouderportaal/internal/web"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// tieForm is the form for what a person is to a child; with Person also for a person who is new.
type tieForm struct {
	form
	child  *children.File
	held   *children.FiledGuardian // nil for a new tie
	Tie    children.TieDraft
	Person identity.Draft
	Known  *children.Known // who has the mail address that was typed, when that may be told
	Link   bool            // tie the one who is known
	Reason string
	others []children.HeldTie // of a tie that is there: what its person is to other children whose files the actor keeps
}

func (h *Handlers) newGuardian(c *fiber.Ctx) error {
	if err := h.identity.Fresh(web.Ctx(c)); err != nil {
		return err
	}
	f, err := h.openChild(c)
	if err != nil {
		return err
	}
	path := childrenPath + "/" + f.ID.String()
	g := tieForm{form: form{Action: path + "/ouders", Back: path}, child: f, Tie: children.TieDraft{Kind: children.Authority, Household: homeOf(f), ValidFrom: f.Today}}
	return web.Render(c, fiber.StatusOK, newGuardianPage(g))
}

// homeOf is the household that a guardian who is added is most likely of: that of who is a guardian already.
func homeOf(f *children.File) int {
	for _, g := range f.Guardians { // by household
		if g.Kind.Informed() && !g.Blocked && (g.ValidTo == "" || g.ValidTo >= f.Today) {
			return g.Household
		}
	}
	return 1
}

func tieDraftOf(c *fiber.Ctx) children.TieDraft {
	return children.TieDraft{Kind: children.Kind(c.FormValue("kind")), Household: numberOf(c.FormValue("household")), ValidFrom: dayOf(c, "valid_from"), ValidTo: dayOf(c, "valid_to"), Version: versionOf(c)}
}

func personDraftOf(c *fiber.Ctx) identity.Draft {
	return identity.Draft{GivenName: c.FormValue("given_name"), FamilyName: c.FormValue("family_name"), Email: c.FormValue("email"), Phone: c.FormValue("phone"),
		Street: c.FormValue("street"), Postcode: c.FormValue("postcode"), City: c.FormValue("city"), Language: c.FormValue("language")}
}

func (h *Handlers) addGuardian(c *fiber.Ctx) error {
	f, err := h.openChild(c)
	if err != nil {
		return err
	}
	path := childrenPath + "/" + f.ID.String()
	g := tieForm{form: form{Action: path + "/ouders", Back: path}, child: f, Tie: tieDraftOf(c), Person: personDraftOf(c), Link: c.FormValue("link") != ""}
	known, err := h.children.KnownBy(web.Ctx(c), g.Person.Email)
	if err != nil {
		return err
	}
	var tieTo ids.ID
	if known != nil && g.Link {
		tieTo = known.ID
	}
	if _, err := h.children.AddGuardian(web.Ctx(c), f.ID, g.Person, tieTo, g.Tie); err != nil {
		return h.again(c, err, func(status int) error {
			g.Problem, g.Known = err, known
			return web.Render(c, status, newGuardianPage(g))
		})
	}
	return saved(c, "org.guardian.added", path)
}

func (h *Handlers) openTie(c *fiber.Ctx) (*children.File, *children.FiledGuardian, error) {
	id, err := web.ID(c, "id")
	if err != nil {
		return nil, nil, err
	}
	f, g, err := h.children.FileOfTie(web.Ctx(c), id)
	if err != nil {
		return nil, nil, err
	}
	if !f.Kept {
		return nil, nil, notFound()
	}
	return f, g, h.noteOpened(web.Ctx(c), f)
}

func tieOf(f *children.File, g *children.FiledGuardian) tieForm {
	tie := children.TieDraft{Kind: g.Kind, Household: g.Household, ValidFrom: g.ValidFrom, ValidTo: g.ValidTo}
	return tieForm{form: form{Action: "/beheer/banden/" + g.ID.String(), Back: childrenPath + "/" + f.ID.String(), Version: g.Version, Seen: seenNow(tieFieldsOf(tie, &tie))},
		child: f, held: g, Tie: tie}
}

func (h *Handlers) tie(c *fiber.Ctx) error {
	f, g, err := h.openTie(c)
	if err != nil {
		return err
	}
	return h.showTie(c, fiber.StatusOK, tieOf(f, g))
}

// showTie shows what a person is to a child, and says of the other children that a block is not for them.
func (h *Handlers) showTie(c *fiber.Ctx, status int, t tieForm) error {
	d, err := h.children.OpenPerson(web.Ctx(c), t.held.PersonID)
	if err != nil {
		return err
	}
	for _, other := range d.Ties {
		if other.ID != t.held.ID && (other.ValidTo == "" || other.ValidTo >= d.Today) {
			t.others = append(t.others, other)
		}
	}
	return web.Render(c, status, tiePage(t))
}

// stepTie runs do on the tie of the address and shows the form again when it is refused.
func (h *Handlers) stepTie(c *fiber.Ctx, key string, fill func(*tieForm), do func(g *children.FiledGuardian) error, undo func(g *children.FiledGuardian) string) error {
	f, g, err := h.openTie(c)
	if err != nil {
		return err
	}
	if err := do(g); err != nil {
		return h.again(c, err, func(status int) error {
			again := tieOf(f, g)
			now := again.Tie
			fill(&again)
			again.Problem = err
			if other := h.reopen(c, &again.form, g.ID, g.Version, tieFieldsOf(now, &again.Tie)); other != nil {
				return other
			}
			return h.showTie(c, status, again)
		})
	}
	back := childrenPath + "/" + f.ID.String()
	if undo != nil {
		if way := undo(g); way != "" {
			return undoable(c, key, back, way)
		}
	}
	return saved(c, key, back)
}

func (h *Handlers) changeTie(c *fiber.Ctx) error {
	draft := tieDraftOf(c)
	return h.stepTie(c, "org.saved", func(f *tieForm) { f.Tie, f.Version = draft, draft.Version }, func(g *children.FiledGuardian) error {
		return h.children.EditTie(web.Ctx(c), g.ID, draft)
	}, func(g *children.FiledGuardian) string {
		if draft == (children.TieDraft{Kind: g.Kind, Household: g.Household, ValidFrom: g.ValidFrom, ValidTo: g.ValidTo, Version: g.Version}) {
			return "" // nothing was changed
		}
		return "/beheer/banden/" + g.ID.String() + undoEdit + "?version=" + itoa(draft.Version+1)
	})
}

func (h *Handlers) endTie(c *fiber.Ctx) error {
	last := tenants.Date(c.FormValue("last"))
	if d, ok := children.ParseDay(string(last)); ok {
		last = d
	} else if last != "" || c.FormValue("undo") == "" {
		last = "?" // no day; the check says so
	}
	version := numberOf(c.FormValue("version"))
	return h.stepTie(c, "org.guardian.ended", func(*tieForm) {}, func(g *children.FiledGuardian) error {
		return h.children.EndTie(web.Ctx(c), g.ID, last, version)
	}, func(g *children.FiledGuardian) string {
		if c.FormValue("undo") != "" {
			return ""
		}
		return undoPath("/beheer/banden/"+g.ID.String()+"/einde", version+1, g.ValidTo)
	})
}

func (h *Handlers) block(c *fiber.Ctx) error {
	reason := c.FormValue("reason")
	return h.stepTie(c, "org.guardian.was_blocked", func(f *tieForm) { f.Reason = reason }, func(g *children.FiledGuardian) error {
		return h.children.Block(web.Ctx(c), g.ID, reason)
	}, nil)
}

// askUnblock is the question before a block is lifted, for who has no dialogs.
func (h *Handlers) askUnblock(c *fiber.Ctx) error {
	f, g, err := h.openTie(c)
	if err != nil {
		return err
	}
	t := tieOf(f, g)
	if !g.Blocked {
		return web.Go(c, t.Action)
	}
	return web.Render(c, fiber.StatusOK, unblockPage(t))
}

func (h *Handlers) unblock(c *fiber.Ctx) error {
	return h.stepTie(c, "org.guardian.was_unblocked", func(*tieForm) {}, func(g *children.FiledGuardian) error {
		return h.children.Unblock(web.Ctx(c), g.ID)
	}, nil)
}

// personForm is the form for the data of a person.
type personForm struct {
	form
	Name   string
	Person identity.Draft
	staff  bool // a member of staff: who has no children here to tell of
}

func (h *Handlers) editPerson(c *fiber.Ctx) error {
	p, err := h.openPerson(c)
	if err != nil {
		return err
	}
	if !p.Kept {
		return notFound()
	}
	if err := h.identity.Fresh(web.Ctx(c)); err != nil { // another address needs a fresh proof: nobody types one in vain
		return err
	}
	return web.Render(c, fiber.StatusOK, personPage(personFormOf(c, p)))
}

func personFormOf(c *fiber.Ctx, p *children.Dossier) personForm {
	path := personPath(c) + "/" + p.ID.String()
	f := personForm{form: form{Action: path + "/wijzigen", Back: path, Version: p.Version}, Name: p.Name(), staff: isStaffPath(c), Person: identity.Draft{GivenName: p.GivenName, FamilyName: p.FamilyName,
		Email: p.Email, Phone: p.Phone, Street: p.Street, Postcode: p.Postcode, City: p.City, Language: p.Language}}
	f.Seen = seenNow(personFieldsOf(f, &f))
	return f
}

func (h *Handlers) changePerson(c *fiber.Ctx) error {
	p, err := h.openPerson(c)
	if err != nil {
		return err
	}
	draft, version := personDraftOf(c), versionOf(c)
	if err := h.children.EditPerson(web.Ctx(c), p.ID, draft, version); err != nil {
		return h.again(c, err, func(status int) error {
			now := personFormOf(c, p)
			again := now
			again.Person, again.Problem, again.Version = draft, err, version
			if other := h.reopen(c, &again.form, p.ID, p.Version, personFieldsOf(now, &again)); other != nil {
				return other
			}
			return web.Render(c, status, personPage(again))
		})
	}
	after, err := h.children.OpenPerson(web.Ctx(c), p.ID)
	if err != nil {
		return err
	}
	path := personPath(c) + "/" + p.ID.String()
	return edited(c, path, path, version, after.Version)
}
