package org

import (
	"errors"
	"io"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/web"
	"ouderportaal/modules/locations"
)

// teamPath is the address that the id of a colleague comes after.
const teamPath = "/beheer/team"

// TeamPages are where who runs a location helps colleagues with what guardians read about them.
type TeamPages struct{ service *locations.Service }

// NewTeamPages makes them.
func NewTeamPages(s *locations.Service) *TeamPages { return &TeamPages{s} }

// Routes lists what can be asked of the team.
func (h *TeamPages) Routes(r *web.Routes) {
	r.Get(teamPath+"/:id", "locations.manage", h.show)
	r.Post(teamPath+"/:id", "locations.manage", h.propose)
	r.Post(teamPath+"/:id/zichtbaar", "locations.manage", h.hide)
	r.Upload(teamPath+"/:id/foto", "locations.manage", h.upload)
	r.Post(teamPath+"/foto/:id/einde", "locations.manage", h.remove)
}

// cardForm is the profile of a colleague as it stands on the screen.
type cardForm struct {
	Card    *locations.Card
	Draft   locations.Draft
	Problem error
}

func (f cardForm) action() string { return teamPath + "/" + f.Card.PersonID.String() }

func (h *TeamPages) show(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	return h.render(c, id, nil, nil)
}

// render shows a profile, with what was typed when that was refused. One's own is where it is changed.
func (h *TeamPages) render(c *fiber.Ctx, id ids.ID, typed *locations.Draft, problem error) error {
	if id == actor.From(web.Ctx(c)).PersonID {
		return web.Go(c, "/overig/profiel")
	}
	card, err := h.service.Card(web.Ctx(c), id)
	if err != nil {
		return err
	}
	f := cardForm{Card: card, Problem: problem, Draft: locations.Draft{Title: card.Title, Weekdays: card.Weekdays, Introduction: card.Introduction, Version: card.Version}}
	if card.Proposal != "" {
		f.Draft.Introduction = card.Proposal
	}
	if typed != nil {
		f.Draft = *typed
		f.Draft.Version = card.Version // what another changed is on the screen now
	}
	status := fiber.StatusOK
	if problem != nil {
		status = fiber.StatusUnprocessableEntity
	}
	return web.Render(c, status, cardPage(f))
}

// done goes back to the profile and says so, or shows it again with what is wrong.
func (h *TeamPages) done(c *fiber.Ctx, id ids.ID, typed *locations.Draft, problem error) error {
	if problem == nil {
		return saved(c, "org.saved", teamPath+"/"+id.String())
	}
	if code := fault.CodeOf(problem); code == fault.Invalid || code == fault.Conflict {
		return h.render(c, id, typed, problem)
	}
	return problem
}

func (h *TeamPages) propose(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	draft := locations.Draft{Title: c.FormValue("title"), Introduction: c.FormValue("introduction"), Version: versionOf(c)}
	for _, value := range web.Values(c, "weekdays") {
		n, err := strconv.Atoi(value)
		if err != nil {
			n = 0 // which no check lets pass
		}
		draft.Weekdays = append(draft.Weekdays, n)
	}
	return h.done(c, id, &draft, h.service.Propose(web.Ctx(c), id, draft))
}

func (h *TeamPages) hide(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	return h.done(c, id, nil, h.service.Hide(web.Ctx(c), id, c.FormValue("hide") != "", versionOf(c)))
}

func (h *TeamPages) upload(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	header, err := c.FormFile("photo")
	if err != nil || header.Size == 0 {
		var problems fault.Fields
		problems.Add("photo", "locations.error.no_photo")
		return h.done(c, id, nil, problems.Err())
	}
	file, err := header.Open()
	if err != nil {
		return err
	}
	content, err := io.ReadAll(file)
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	return h.done(c, id, nil, h.service.Upload(web.Ctx(c), id, content))
}

func (h *TeamPages) remove(c *fiber.Ctx) error {
	photo, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	person, err := h.service.Remove(web.Ctx(c), photo)
	if err != nil {
		return err
	}
	return saved(c, "org.saved", teamPath+"/"+person.String())
}
