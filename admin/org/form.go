package org

import (
	"context"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
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
	Problem  error
	Conflict *conflict
}

// conflict tells somebody that another was first: who, when, and what is there now instead of what was typed.
type conflict struct {
	Who     string
	At      time.Time
	Fields  []string // "given_name"
	Differs []difference
}

// difference is a field that is not what was typed.
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

// conflictOf tells who changed the row last. pairs are field, what is there now, what was typed.
func (h *Handlers) conflictOf(ctx context.Context, row ids.ID, pairs ...string) (*conflict, error) {
	lines, err := h.history(ctx, audit.Filter{Subjects: []ids.ID{row}, Limit: 1}, false)
	if err != nil {
		return nil, err
	}
	found := &conflict{}
	if len(lines) > 0 {
		found.Who, found.At = lines[0].Who, lines[0].At
		if names, ok := lines[0].Detail["fields"].([]any); ok {
			for _, name := range names {
				if s, ok := name.(string); ok {
					found.Fields = append(found.Fields, s)
				}
			}
		}
	}
	for i := 0; i+2 < len(pairs); i += 3 {
		if pairs[i+1] != pairs[i+2] {
			found.Differs = append(found.Differs, difference{pairs[i], pairs[i+1], pairs[i+2]})
		}
	}
	return found, nil
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

// daysLine is days as one line, to compare.
func daysLine(days []children.CareDay) string {
	line := ""
	for _, d := range days {
		line += strconv.Itoa(d.Weekday) + " " + d.From + "–" + d.To + "  "
	}
	return line
}
