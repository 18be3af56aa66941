package org

import (
	"context"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/web"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/invitations"
	"ouderportaal/tenants"
)

const (
	parentsPath = "/beheer/ouders"
	staffPath   = "/beheer/medewerkers"
	personPeek  = "kijk-persoon"
)

func isStaffPath(c *fiber.Ctx) bool { return strings.HasPrefix(c.Path(), staffPath) }

// personPath is the list that the address is in: the same person may be in both.
func personPath(c *fiber.Ctx) string {
	if isStaffPath(c) {
		return staffPath
	}
	return parentsPath
}

// peopleList is a page of people with what was asked for.
type peopleList struct {
	*children.People
	path   string
	query  query
	filter children.PeopleFilter
}

func (l peopleList) staff() bool { return l.path == staffPath }

func (h *Handlers) people(c *fiber.Ctx) error {
	path := personPath(c)
	q := queryOf(c, path, "q", "account", "status", "na")
	f := children.PeopleFilter{Search: q.get("q"), Accountless: q.get("account") != "", Former: q.get("status") == string(children.Gone), After: children.ParseCursor(q.get("na"))}
	list := h.children.GuardiansKept
	if path == staffPath {
		list = h.children.StaffKept
	}
	found, err := list(web.Ctx(c), f)
	if err != nil {
		return err
	}
	l := peopleList{People: found, path: path, query: q, filter: f}
	if frame := web.FrameOf(c); frame != "" && frame != "lijst" {
		return web.Render(c, fiber.StatusOK, morePeople(l, frame))
	}
	return web.Render(c, fiber.StatusOK, peoplePage(l))
}

// personFile is everything about a person that their page shows.
type personFile struct {
	*children.Dossier
	path    string
	places  []children.Place
	Factor  bool                         // has a second factor that the actor may remove
	Fresh   bool                         // the actor has just proved who they are: the forms for roles ask that
	Invited *invitations.StaffInvitation // nil: nobody to invite to work here, or not for the reader
	Letters []invitations.Line           // of a guardian: the invitations and what came of them
	Failing *identity.AddressProblem     // nil: mail arrives, as far as is known, or it is not for the reader
	History []line
	// What was typed into a form of the page that was refused, and why.
	form
	Role      string
	ValidFrom tenants.Date
	ValidTo   tenants.Date
	Locations map[ids.ID]bool
	Refused   ids.ID // the membership that cannot end so
}

func (h *Handlers) openPerson(c *fiber.Ctx) (*children.Dossier, error) {
	id, err := web.ID(c, "id")
	if err != nil {
		return nil, err
	}
	return h.children.OpenPerson(web.Ctx(c), id)
}

func (h *Handlers) person(c *fiber.Ctx) error {
	d, err := h.openPerson(c)
	if err != nil {
		return err
	}
	p := personFile{Dossier: d, path: personPath(c), ValidFrom: d.Today}
	if web.FrameOf(c) == personPeek {
		return web.Render(c, fiber.StatusOK, personPeekAnswer(p))
	}
	return h.showPerson(c, fiber.StatusOK, p)
}

func (h *Handlers) showPerson(c *fiber.Ctx, status int, p personFile) (err error) {
	if p.places, err = h.children.Places(web.Ctx(c)); err != nil {
		return err
	}
	ctx := web.Ctx(c)
	if web.May(ctx, "identity.manage") {
		if p.Invited, err = h.invited.OfStaff(ctx, p.ID); err != nil {
			return err
		}
		proof := h.identity.Fresh(ctx)
		if p.Fresh = proof == nil; !p.Fresh && !identity.NeedsProof(proof) {
			return proof
		}
	}
	if p.path == parentsPath && web.May(ctx, "invitations.read") {
		if p.Letters, err = h.invited.OfGuardian(ctx, p.ID); err != nil {
			return err
		}
	}
	if p.Kept {
		if p.Failing, err = h.identity.AddressProblemOf(ctx, p.ID); err != nil {
			return err
		}
	}
	if web.May(ctx, "identity.manage") && p.ID != actor.From(ctx).PersonID {
		if p.Factor, err = h.identity.HasFactor(ctx, p.ID); err != nil {
			return err
		}
	}
	about := []ids.ID{p.ID}
	for _, t := range p.Ties {
		about = append(about, t.ID)
	}
	if p.History, err = h.history(web.Ctx(c), audit.Filter{Subjects: about, Limit: historyLength}, p.Kept); err != nil {
		return err
	}
	if !p.Kept { // when a colleague signs in, and from where, is not for who may not change their data
		p.History = slices.DeleteFunc(p.History, func(l line) bool { return strings.HasPrefix(l.Action, "identity.") })
	}
	return web.Render(c, status, personFilePage(p))
}

// roles asks who is to change roles for a fresh proof before the page shows the forms for it: nobody fills one in vain.
func (h *Handlers) roles(c *fiber.Ctx) error {
	d, err := h.openPerson(c)
	if err != nil {
		return err
	}
	if err := h.identity.Fresh(web.Ctx(c)); err != nil {
		return err
	}
	return web.Go(c, personPath(c)+"/"+d.ID.String())
}

// personStep carries out one step on a person and shows the page again, with what was typed, when it is refused.
func (h *Handlers) personStep(c *fiber.Ctx, key string, do func(d *children.Dossier) error, typed func(p *personFile)) error {
	d, err := h.openPerson(c)
	if err != nil {
		return err
	}
	if err := do(d); err != nil {
		return h.again(c, err, func(status int) error {
			p := personFile{Dossier: d, path: personPath(c), ValidFrom: d.Today}
			p.Problem = err
			if typed != nil {
				typed(&p)
			}
			return h.showPerson(c, status, p)
		})
	}
	return saved(c, key, personPath(c)+"/"+d.ID.String())
}

// hireForm is the form for a new member of staff.
type hireForm struct {
	form
	Person    identity.Draft
	Group     ids.ID
	ValidFrom tenants.Date
	places    []children.Place
}

func (h *Handlers) newStaff(c *fiber.Ctx) error {
	if err := h.identity.Fresh(web.Ctx(c)); err != nil {
		return err
	}
	return h.showHire(c, fiber.StatusOK, hireForm{ValidFrom: today(c)})
}

func (h *Handlers) showHire(c *fiber.Ctx, status int, f hireForm) (err error) {
	if f.places, err = h.children.Places(web.Ctx(c)); err != nil {
		return err
	}
	f.Action, f.Back = staffPath, staffPath
	return web.Render(c, status, hirePage(f))
}

func (h *Handlers) hire(c *fiber.Ctx) error {
	f := hireForm{Person: personDraftOf(c), Group: idOf(c.FormValue("group")), ValidFrom: dayOf(c, "valid_from")}
	person, err := h.children.Hire(web.Ctx(c), f.Person, f.Group, f.ValidFrom)
	if err != nil {
		return h.again(c, err, func(status int) error {
			f.Problem = err
			return h.showHire(c, status, f)
		})
	}
	return saved(c, "org.staff.added", staffPath+"/"+person.String())
}

func (h *Handlers) assign(c *fiber.Ctx) error {
	return h.personStep(c, "org.saved", func(d *children.Dossier) error {
		return h.children.Assign(web.Ctx(c), d.ID, idOf(c.FormValue("group")), dayOf(c, "valid_from"))
	}, nil)
}

func (h *Handlers) unassign(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	last := tenants.Date("")
	undone := c.FormValue("undo") != ""
	if typed := c.FormValue("last"); typed != "" || !undone {
		last = dayOf(c, "last")
		if last == "" {
			last = "?"
		}
	}
	person, err := h.children.Unassign(web.Ctx(c), id, last, numberOf(c.FormValue("version")))
	back := staffPath + "/" + person.String()
	if isStale(err) {
		web.FlashProblem(c, "children.error.stale")
		return web.Go(c, back)
	}
	if err != nil {
		return err
	}
	if undone {
		return saved(c, "org.saved", back)
	}
	return undoable(c, "org.staff.unassigned", back, undoPath("/beheer/inzet/"+id.String()+"/einde", numberOf(c.FormValue("version"))+1, ""))
}

func (h *Handlers) appoint(c *fiber.Ctx) error {
	role, from, to := c.FormValue("role"), dayOf(c, "valid_from"), dayOf(c, "valid_to")
	locations, err := web.IDs(c, "locations")
	if err != nil {
		return err
	}
	return h.personStep(c, "org.role.given", func(d *children.Dossier) error {
		return h.children.Appoint(web.Ctx(c), d.ID, actor.Role("role:"+role), from, to, locations)
	}, func(p *personFile) {
		p.Role, p.ValidFrom, p.ValidTo, p.Locations = role, from, to, map[ids.ID]bool{}
		for _, l := range locations {
			p.Locations[l] = true
		}
	})
}

func (h *Handlers) dismiss(c *fiber.Ctx) error {
	membership, err := web.ID(c, "membership")
	if err != nil {
		return err
	}
	last := dayOf(c, "last")
	return h.personStep(c, "org.role.taken", func(d *children.Dossier) error {
		for _, m := range d.Memberships {
			if m.ID == membership {
				_, err := h.identity.Dismiss(web.Ctx(c), membership, last, c.FormValue("sure") != "")
				return err
			}
		}
		return notFound()
	}, func(p *personFile) { p.Refused = membership })
}

// inviteStaff mails somebody who works here without an account.
func (h *Handlers) inviteStaff(c *fiber.Ctx) error {
	d, err := h.openPerson(c)
	if err != nil {
		return err
	}
	back := personPath(c) + "/" + d.ID.String()
	return sent(c, h.invited.InviteStaff(web.Ctx(c), d.ID, c.FormValue("seen")), back)
}

// invitedWords is how far an invitation has come, and when or why.
// i18n:keys org.invited.state.* org.invitations.reason.*
func invitedWords(ctx context.Context, i *invitations.StaffInvitation) string {
	switch {
	case i.State == invitations.Sent && i.SentAt != nil && i.ExpiresAt != nil:
		return i18n.T(ctx, "org.invitations.detail.sent", "Day", i18n.ShortDate(ctx, *i.SentAt), "Until", i18n.ShortDate(ctx, *i.ExpiresAt))
	case i.State == invitations.Expired && i.ExpiresAt != nil:
		return i18n.T(ctx, "org.invitations.detail.expired", "Day", i18n.ShortDate(ctx, *i.ExpiresAt))
	case i.State == invitations.Failed && i.Reason != "":
		return i18n.T(ctx, "org.invitations.reason."+i.Reason)
	}
	return i18n.T(ctx, "org.invited.state."+string(i.State))
}

func (h *Handlers) deactivate(c *fiber.Ctx) error {
	return h.personStep(c, "org.account.was_shut", func(d *children.Dossier) error { return h.identity.Deactivate(web.Ctx(c), d.ID) }, nil)
}

func (h *Handlers) activate(c *fiber.Ctx) error {
	return h.personStep(c, "org.account.was_opened", func(d *children.Dossier) error { return h.identity.Activate(web.Ctx(c), d.ID) }, nil)
}
