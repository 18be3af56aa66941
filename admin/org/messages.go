package org

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/web"
	"ouderportaal/modules/messages"
)

const (
	messagesPath = "/beheer/berichten" // the list, which messages show themselves
	arrangePath  = messagesPath + "/instellingen"
)

// MessagePages are where an organisation says how it deals with messages: when they are read, and what is answered again and again.
type MessagePages struct{ service *messages.Service }

// NewMessagePages makes them.
func NewMessagePages(s *messages.Service) *MessagePages { return &MessagePages{s} }

// Routes lists what can be asked about them.
func (h *MessagePages) Routes(r *web.Routes) {
	r.Get(arrangePath, "messages.arrange", h.list)
	r.Get(messagesPath+"/leestijden/:location", "messages.arrange", h.hours)
	r.Post(messagesPath+"/leestijden/:location", "messages.arrange", h.setHours)
	r.Get(templatesPath+"/nieuw", "messages.arrange", h.blankTemplate)
	r.Post(templatesPath, "messages.arrange", h.addTemplate)
	r.Get(templatesPath+"/:id", "messages.arrange", h.template)
	r.Post(templatesPath+"/:id", "messages.arrange", h.changeTemplate)
	r.Post(templatesPath+"/:id/einde", "messages.arrange", h.removeTemplate)
}

func hoursPath(location ids.ID) string { return messagesPath + "/leestijden/" + location.String() }

func (h *MessagePages) list(c *fiber.Ctx) error {
	places, err := h.service.Hours(web.Ctx(c))
	if err != nil {
		return err
	}
	templates, err := h.service.Templates(web.Ctx(c))
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, messagesPage(places, templates))
}

// place is one of the locations that the reader runs; any other is NotFound.
func (h *MessagePages) place(c *fiber.Ctx) (*messages.PlaceHours, error) {
	id, err := web.ID(c, "location")
	if err != nil {
		return nil, err
	}
	places, err := h.service.Hours(web.Ctx(c))
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(places, func(p messages.PlaceHours) bool { return p.LocationID == id })
	if at < 0 {
		return nil, fault.NotFound()
	}
	return &places[at], nil
}

func (h *MessagePages) hours(c *fiber.Ctx) error {
	place, err := h.place(c)
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, hoursPage(place, nil))
}

func (h *MessagePages) setHours(c *fiber.Ctx) error {
	place, err := h.place(c)
	if err != nil {
		return err
	}
	place.Words, place.Days = c.FormValue("words"), careDaysOf(c)
	err = h.service.SetHours(web.Ctx(c), place.Hours)
	if fault.CodeOf(err) == fault.Invalid {
		return web.Render(c, fiber.StatusUnprocessableEntity, hoursPage(place, err))
	}
	if err != nil {
		return err
	}
	return saved(c, "org.saved", arrangePath)
}
