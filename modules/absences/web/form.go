package web

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/formkey"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/absences"
	"ouderportaal/tenants"
)

// form is what a guardian fills in, as it stands on the screen.
type form struct {
	Draft   absences.Draft
	Problem error
}

func draftOf(c *fiber.Ctx) (absences.Draft, error) {
	key, ok := ids.Parse(c.FormValue(formkey.Field))
	if !ok {
		return absences.Draft{}, fault.New(fault.BadRequest, "error.bad_request")
	}
	d := absences.Draft{FormKey: key, From: date(c, "from"), To: date(c, "to"), Reason: absences.Reason(c.FormValue("reason")), Note: c.FormValue("note"),
		Replace: c.FormValue("replace") == "ja", ToldLate: date(c, "te_laat")}
	for _, day := range web.Values(c, "days") {
		d.Days = append(d.Days, tenants.Date(day))
	}
	var err error
	d.ChildIDs, err = web.IDs(c, "children")
	return d, err
}

func date(c *fiber.Ctx, field string) tenants.Date {
	return tenants.Date(strings.TrimSpace(c.FormValue(field)))
}

// refused is the form with what is wrong.
func refused(d absences.Draft, problem error) form {
	if e, ok := fault.As(problem); ok && e.Key == "form.error.key_used" {
		d.FormKey = formkey.New() // what is on the screen now is another form than the one that was sent
	}
	return form{Draft: d, Problem: problem}
}

func pageTitle(ctx context.Context, mistakes ui.Mistakes) string {
	title := i18n.T(ctx, "absences.title")
	if mistakes.Any() {
		return ui.ErrorTitle(ctx, title)
	}
	return title
}

// weeks are the days by sevens, from Mondays on. Without care at weekends they are by fives.
func weeks(p *absences.Page) [][]absences.Day {
	long := 5
	for i := range p.Days {
		if p.Days[i].On.Weekday() > 5 && len(p.Days[i].Comes) > 0 {
			long = 7
		}
	}
	var list [][]absences.Day
	for week := range slices.Chunk(p.Days, 7) {
		list = append(list, week[:min(long, len(week))])
	}
	return list
}

// weekdays are the headings of the columns: "ma", with the whole word for who hears it.
func weekdays(ctx context.Context, week []absences.Day) []string {
	list := make([]string, len(week))
	for i, d := range week {
		list[i], _, _ = strings.Cut(i18n.CivilDate(ctx, string(d.On)), " ")
	}
	return list
}

func short(word string) string { return string([]rune(word)[:2]) }

// number is "30", and with its month at the first day of the page and of a month.
func number(ctx context.Context, p *absences.Page, d *absences.Day) string {
	at := i18n.Civil(string(d.On))
	if at.Day() > 1 && d.On != p.Days[0].On {
		return strconv.Itoa(at.Day())
	}
	return strings.TrimSuffix(i18n.ShortDate(ctx, at), " "+strconv.Itoa(at.Year()))
}

// spoken is what a day is, for who hears it: "maandag 30 november, Mila en Finn, Mila is afgemeld".
func spoken(ctx context.Context, p *absences.Page, d *absences.Day) string {
	words := []string{i18n.CivilDate(ctx, string(d.On))}
	if len(p.Children) > 1 {
		words = append(words, i18n.List(ctx, given(d.Comes)))
	}
	switch len(d.Absent) {
	case 0:
	case len(d.Comes):
		words = append(words, i18n.T(ctx, "absences.form.absent"))
	default:
		words = append(words, i18n.N(ctx, "absences.form.absent_of", len(d.Absent), "Names", i18n.List(ctx, given(d.Absent))))
	}
	if d.On <= p.Late {
		words = append(words, i18n.T(ctx, "absences.form.late"))
	}
	return strings.Join(words, ", ")
}

func given(list []absences.Named) []string {
	names := make([]string, len(list))
	for i, child := range list {
		names[i] = child.GivenName
	}
	return names
}

// deadline is the rule, and what it means for days of now.
func deadline(ctx context.Context, p *absences.Page) (rule, now string) {
	switch s := p.Settings; s.DaysBefore {
	case 0:
		rule = i18n.T(ctx, "absences.deadline.same_day", "Time", s.UntilTime)
	case 1:
		rule = i18n.T(ctx, "absences.deadline.day_before", "Time", s.UntilTime)
	default:
		rule = i18n.T(ctx, "absences.deadline.days_before", "Time", s.UntilTime, "Days", s.DaysBefore)
	}
	back := p.Settings.DaysBack > 0 // days of the past are among those to choose, and each of them is late
	late := slices.ContainsFunc(p.Days, func(d absences.Day) bool { return p.Choosable(&d) && d.On <= p.Late })
	switch {
	case !late && p.Late >= p.Today: // nobody comes on a day of which it is too late
		return rule, i18n.T(ctx, "absences.deadline.none_late")
	case p.Late < p.Today && back:
		return rule, i18n.T(ctx, "absences.deadline.past_late")
	case p.Late < p.Today:
		return rule, i18n.T(ctx, "absences.deadline.none_late")
	case p.Late == p.Today && !back:
		return rule, i18n.T(ctx, "absences.deadline.today_late")
	}
	return rule, i18n.T(ctx, "absences.deadline.late_until", "Day", i18n.CivilDate(ctx, string(p.Late)))
}

func reasons(ctx context.Context, chosen absences.Reason) []ui.Option {
	icons := map[absences.Reason]string{absences.Sick: "thermometer", absences.Holiday: "sun", absences.Other: "ellipsis"}
	list := make([]ui.Option, len(absences.Reasons))
	for i, r := range absences.Reasons {
		words := []rune(absences.ReasonWords(ctx, r))
		list[i] = ui.Option{Value: string(r), Label: strings.ToUpper(string(words[:1])) + string(words[1:]), Icon: icons[r], Selected: r == chosen}
	}
	return list
}

// by is "ziek · gemeld door Eva op 23 nov 2026"; what another guardian reported has no reason here.
func by(ctx context.Context, a *absences.Told) string {
	if a.Reason == "" {
		return i18n.T(ctx, "absences.list.by_other", "Name", a.Reporter, "Date", i18n.ShortDate(ctx, i18n.Local(ctx, a.ReportedAt)))
	}
	return i18n.T(ctx, "absences.list.by", "Reason", absences.ReasonWords(ctx, a.Reason), "Name", a.Reporter, "Date", i18n.ShortDate(ctx, i18n.Local(ctx, a.ReportedAt)))
}

// consequence is what withdrawing an absence comes to: all of it, or what is left of it.
func consequence(ctx context.Context, p *absences.Page, a *absences.Told) string {
	if p.Late < a.FirstDay {
		return i18n.T(ctx, "absences.withdraw.text", "Name", p.Name(a.ChildID), "When", a.When(ctx))
	}
	return i18n.T(ctx, "absences.withdraw.rest", "Name", p.Name(a.ChildID), "When", i18n.CivilDate(ctx, string(p.Late.Add(1))))
}
