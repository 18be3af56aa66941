package org

import (
	"context"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// form is what every form of the console has besides its fields.
type form struct {
	Action   string // where it is sent
	Back     string // where leaving it leads
	Version  int
	Seen     []seen // what stood in its fields when it was opened
	Problem  error
	Conflict *conflict
}

// conflict tells somebody that another was first: who, when, and what both changed.
type conflict struct {
	Who     string
	At      time.Time
	Fields  []string     // what the other changed: "given_name"
	Kept    []string     // what only the other changed, and is in the form so
	Differs []difference // what both changed
}

// difference is a field that is not what was typed, in words.
type difference struct{ Field, Now, Typed string }

// again answers a refused form: show writes it with what was typed. Anything that its sender can do nothing about is passed on.
func (h *Handlers) again(c *fiber.Ctx, err error, show func(status int) error) error {
	switch fault.CodeOf(err) {
	case fault.Invalid:
		return show(fiber.StatusUnprocessableEntity)
	case fault.Conflict:
		return show(fiber.StatusConflict)
	}
	return err
}

// isStale tells whether err is that somebody else was first.
func isStale(err error) bool { return fault.CodeOf(err) == fault.Conflict }

// mistakes are what is wrong with the form; a conflict has a notice of its own.
func (f form) mistakes(ctx context.Context) ui.Mistakes {
	if f.Conflict != nil {
		return ui.Mistakes{}
	}
	return ui.MistakesOf(ctx, f.Problem)
}

func versionOf(c *fiber.Ctx) int { return numberOf(c.FormValue("version")) }

func numberOf(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 1<<30 {
		return 0
	}
	return n
}

// dayOf is a day as it was typed: a date of the calendar when it can be read as one, else the text itself, which no check lets pass.
func dayOf(c *fiber.Ctx, field string) tenants.Date {
	typed := c.FormValue(field)
	if d, ok := children.ParseDay(typed); ok {
		return d
	}
	if len(typed) > 40 {
		typed = typed[:40]
	}
	return tenants.Date(typed)
}

// careDaysOf reads the weekdays that were ticked, with their times.
func careDaysOf(c *fiber.Ctx) []children.CareDay {
	var days []children.CareDay
	for n := 1; n <= 7; n++ {
		number := strconv.Itoa(n)
		if c.FormValue("day_"+number) != "" {
			days = append(days, children.CareDay{Weekday: n, From: c.FormValue("from_" + number), To: c.FormValue("to_" + number)})
		}
	}
	return days
}

// saved says so on the page that follows.
func saved(c *fiber.Ctx, key, path string) error {
	web.Flash(c, key)
	return web.Go(c, path)
}

// undoable is saved for what a POST to undo takes back.
func undoable(c *fiber.Ctx, key, path, undo string) error {
	web.FlashUndo(c, key, undo)
	return web.Go(c, path)
}

// undoPath is the address that takes back an end: it sets the end that was before.
func undoPath(path string, version int, before tenants.Date) string {
	return path + "?undo=1&version=" + strconv.Itoa(version) + "&last=" + string(before)
}
