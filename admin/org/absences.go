package org

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/web"
	"ouderportaal/modules/absences"
)

const absencesPath = "/beheer/afwezig"

// AbsencePages are where an organisation chooses until when guardians report in time.
type AbsencePages struct{ service *absences.Service }

// NewAbsencePages makes them.
func NewAbsencePages(s *absences.Service) *AbsencePages { return &AbsencePages{s} }

// Routes lists what can be asked about them.
func (h *AbsencePages) Routes(r *web.Routes) {
	r.Get(absencesPath, "absences.choose", h.wishes)
	r.Post(absencesPath, "absences.choose", h.choose)
}

// absenceWishes is the form as it stands on the screen.
type absenceWishes struct{ daysBefore, until, daysBack string }

func (h *AbsencePages) wishes(c *fiber.Ctx) error {
	held, err := h.service.Settings(web.Ctx(c))
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, absencesPage(absenceWishes{strconv.Itoa(held.DaysBefore), held.UntilTime, strconv.Itoa(held.DaysBack)}, nil))
}

func (h *AbsencePages) choose(c *fiber.Ctx) error {
	typed := absenceWishes{c.FormValue("days_before"), c.FormValue("until_time"), c.FormValue("days_back")}
	err := h.service.Choose(web.Ctx(c), absences.Settings{DaysBefore: countOf(typed.daysBefore), UntilTime: typed.until, DaysBack: countOf(typed.daysBack)})
	if err != nil && fault.CodeOf(err) == fault.Invalid {
		return web.Render(c, fiber.StatusUnprocessableEntity, absencesPage(typed, err))
	}
	if err != nil {
		return err
	}
	return saved(c, "org.saved", absencesPath)
}

// countOf is -1 for what is no number: it is refused in words at the field.
func countOf(typed string) int {
	n, err := strconv.Atoi(typed)
	if err != nil {
		return -1
	}
	return n
}
