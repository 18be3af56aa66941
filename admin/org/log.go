package org

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/audit"
	"ouderportaal/internal/paging"
	"ouderportaal/internal/web"
	"ouderportaal/modules/children"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/messages"
	"ouderportaal/tenants"
)

const (
	logPath = "/beheer/logboek"
	logSize = 50
)

// actions are what the log can be filtered by, in the order of the menu.
var actions = []string{
	"children.add_child", "children.edit_child", "children.place", "children.edit_placement", "children.end_placement", "children.cancel_placement", "children.restore_placement",
	"children.add_guardian", "children.edit_guardian", "children.end_guardian", "children.block_guardian", "children.unblock_guardian", "children.set_mentor",
	"children.assign", "children.unassign", "children.add_location", "children.edit_location", "children.close_location", "children.add_group", "children.edit_group", "children.close_group",
	"imports.apply", "imports.add_child", "imports.add_person", "imports.change_child", "imports.change_person", "invitations.resend", "invitations.invite_staff",
	"consents.answer", "consents.ask", "consents.revise", "consents.begin", "consents.end", "diary.publish", "diary.withdraw",
	"identity.add_person", "identity.edit_person", "identity.change_email", "identity.add_membership", "identity.end_membership", "children.set_locations", "identity.deactivate", "identity.activate", "identity.remove_factors",
	"house.restyle", "house.set_logo", "house.remove_logo", "house.return", "house.state", "house.return_statement", "house.set_security_contact", "house.arrange", "house.set_sign_in",
	"platform.suspend", "platform.resume", "platform.set_limits", "platform.start_visit", "platform.open_page", "platform.end_visit",
	"identity.sign_in", "identity.sign_out", "identity.end_session", "identity.set_password", "identity.make_reset_link", "identity.switch_role",
}

// logList is a page of the log with what was asked for.
type logList struct {
	query query
	lines []line
	next  string
}

func (h *Handlers) log(c *fiber.Ctx) error {
	q := queryOf(c, logPath, "q", "over", "actie", "van", "tot", "na")
	l := logList{query: q}
	tenant, _ := tenants.From(web.Ctx(c))
	f := audit.Filter{Action: q.get("actie"), After: paging.Parse(q.get("na")), Limit: logSize + 1}
	if from, ok := children.ParseDay(q.get("van")); ok {
		f.From = startOf(from, tenant)
	}
	if until, ok := children.ParseDay(q.get("tot")); ok {
		f.Until = startOf(until.Add(1), tenant)
	}
	err := h.db.Read(web.Ctx(c), func(ctx context.Context, tx tenants.Reader) (err error) {
		if who := q.get("q"); who != "" {
			if f.Actors, err = children.PeopleNamed(ctx, tx, who); err != nil {
				return err
			}
		}
		if about := q.get("over"); about != "" {
			if f.Subjects, err = children.SubjectsNamed(ctx, tx, about); err == nil {
				f.About = tx.NewRaw("? UNION ?", diary.EntriesAbout(tx, f.Subjects), messages.ThreadsAbout(tx, f.Subjects))
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	if l.lines, err = h.history(web.Ctx(c), f, true); err != nil {
		return err
	}
	if err := h.nameSubjects(web.Ctx(c), l.lines); err != nil {
		return err
	}
	if len(l.lines) > logSize {
		l.lines = l.lines[:logSize]
		last := l.lines[logSize-1]
		l.next = paging.Cursor{At: last.At, ID: last.ID}.String()
	}
	if frame := web.FrameOf(c); frame != "" && frame != "lijst" {
		return web.Render(c, fiber.StatusOK, moreLog(l, frame))
	}
	return web.Render(c, fiber.StatusOK, logPage(l))
}

// startOf is the moment at which a day begins for the organisation.
func startOf(d tenants.Date, t tenants.Tenant) time.Time {
	at, err := time.ParseInLocation(time.DateOnly, string(d), t.Location())
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}

// chain computes every hash of the log anew and tells whether it holds.
func (h *Handlers) chain(c *fiber.Ctx) error {
	var report audit.Report
	err := h.db.Read(web.Ctx(c), func(ctx context.Context, tx tenants.Reader) (err error) {
		report, err = audit.Verify(ctx, tx, audit.Noted{})
		return err
	})
	if err != nil {
		return err
	}
	if web.FrameOf(c) != "" {
		return web.Render(c, fiber.StatusOK, chainAnswer(report))
	}
	return web.Render(c, fiber.StatusOK, chainPage(report))
}
