package web

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/clock"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/formkey"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/care"
	"ouderportaal/tenants"
)

// form is what staff fill in, as it stands on the screen. It has fields for every kind; those of the chosen one count.
type form struct {
	Key      ids.ID
	Chosen   map[ids.ID]bool
	On       tenants.Date // empty: today
	Kind     care.Kind
	From, To string
	Amounts  map[care.Kind]string
	Answers  map[care.Kind]string
	Words    string
	Problem  error
}

// newForm is an empty form of now. Every form has a key of its own, so that sending it twice notes one thing.
func newForm(now string) form {
	return form{Key: formkey.New(), Chosen: map[ids.ID]bool{}, Kind: care.Noted[0], From: now, Amounts: map[care.Kind]string{}, Answers: map[care.Kind]string{}}
}

func formOf(c *fiber.Ctx) (form, error) {
	f := newForm(c.FormValue("from"))
	key, ok := ids.Parse(c.FormValue(formkey.Field))
	if !ok {
		return f, fault.New(fault.BadRequest, "error.bad_request")
	}
	chosen, err := web.IDs(c, "children")
	if err != nil {
		return f, err
	}
	for _, id := range chosen {
		f.Chosen[id] = true
	}
	f.On = tenants.Date(c.FormValue("dag"))
	f.Key, f.Kind, f.To, f.Words = key, care.Kind(c.FormValue("soort")), c.FormValue("to"), c.FormValue("words")
	for _, kind := range []care.Kind{care.Bottle, care.Temperature} {
		f.Amounts[kind] = c.FormValue(string(kind))
	}
	for kind := range care.Choices {
		f.Answers[kind] = c.FormValue(string(kind))
	}
	return f, nil
}

func formOfRecord(ctx context.Context, r *care.Record) form {
	f := newForm(i18n.Time(ctx, r.BeganAt))
	f.Kind, f.Words = r.Kind, r.Words
	if r.EndedAt != nil {
		f.To = i18n.Time(ctx, *r.EndedAt)
	}
	f.Answers[r.Kind] = r.Choice
	f.Amounts[r.Kind] = strconv.Itoa(r.Amount)
	if r.Kind == care.Temperature {
		f.Amounts[r.Kind] = care.Degrees(ctx, r.Amount)
	}
	return f
}

func (f form) draft(group ids.ID) care.Draft {
	d := care.Draft{FormKey: f.Key, GroupID: group, On: f.On, Kind: f.Kind, From: f.From, To: f.To, Amount: f.Amounts[f.Kind], Choice: f.Answers[f.Kind], Words: f.Words}
	for id := range f.Chosen {
		d.ChildIDs = append(d.ChildIDs, id)
	}
	slices.SortFunc(d.ChildIDs, func(a, b ids.ID) int { return slices.Compare(a[:], b[:]) }) // the same form has the same fingerprint
	return d
}

// refused is the form with what is wrong, at the fields as this page names them.
func (f form) refused(problem error) form {
	f.Problem = problem
	e, ok := fault.As(problem)
	if !ok {
		return f
	}
	if e.Key == "form.error.key_used" {
		f.Key = formkey.New() // what is on the screen now is another form than the one that was sent
	}
	here := *e
	here.Fields = slices.Clone(e.Fields)
	for i := range here.Fields {
		switch here.Fields[i].Name {
		case "amount", "choice":
			here.Fields[i].Name = string(f.Kind)
		case "kind":
			here.Fields[i].Name = "soort"
		}
	}
	f.Problem = &here
	return f
}

var kindIcons = map[care.Kind]string{care.Stay: "log-in", care.Sleep: "moon", care.Food: "utensils", care.Bottle: "milk", care.Nappy: "droplets",
	care.Mood: "smile", care.Temperature: "thermometer", care.Note: "sticky-note"}

func answers(ctx context.Context, k care.Kind, f form) []ui.Option {
	list := make([]ui.Option, len(care.Choices[k]))
	for i, choice := range care.Choices[k] {
		list[i] = ui.Option{Value: choice, Label: care.ChoiceWords(ctx, k, choice), Selected: f.Answers[k] == choice}
	}
	return list
}

// when is "12:30", "12:30–14:05", or "sinds 12:30" of what lasts.
func when(ctx context.Context, r *care.Record) string {
	switch {
	case r.EndedAt != nil:
		return i18n.Time(ctx, r.BeganAt) + "–" + i18n.Time(ctx, *r.EndedAt)
	case r.Kind.Lasts():
		return i18n.T(ctx, "care.since", "Time", i18n.Time(ctx, r.BeganAt))
	}
	return i18n.Time(ctx, r.BeganAt)
}

func was(ctx context.Context, k care.Kind, p *care.Past) string {
	if p.Withdrawn {
		return i18n.T(ctx, "care.history.withdrawn")
	}
	r := &care.Record{Kind: k, BeganAt: p.BeganAt, EndedAt: p.EndedAt, Amount: p.Amount, Choice: p.Choice, Words: p.Words}
	return when(ctx, r) + " · " + r.Says(ctx)
}

func placed(p *care.Page, id ids.ID) ui.Person {
	for _, child := range p.Children {
		if child.ID == id {
			return ui.Person{Name: child.GivenName, Seed: child.Face}
		}
	}
	return ui.Person{}
}

// today is the organisation's day at the moment of the request.
func today(ctx context.Context) tenants.Date {
	tenant, _ := tenants.From(ctx)
	return tenant.DateOf(clock.Of(ctx))
}

// pageTitle says which day is written in, unless it is today.
func pageTitle(ctx context.Context, p *care.Page) string {
	if p.On == p.Today {
		return i18n.T(ctx, "care.note")
	}
	return i18n.T(ctx, "care.note_on", "Date", i18n.CivilDate(ctx, string(p.On)))
}

// notedTitle is the heading above what was noted of a day.
func notedTitle(ctx context.Context, on, today tenants.Date) string {
	if on == today {
		return i18n.T(ctx, "care.noted_today")
	}
	return i18n.T(ctx, "care.noted_on", "Date", i18n.CivilDate(ctx, string(on)))
}

// otherDays are the days beside the one on the page that can still be written in, newest first.
func otherDays(p *care.Page) []tenants.Date {
	var list []tenants.Date
	for back := 0; back <= care.DaysBack; back++ {
		if on := p.Today.Add(-back); on != p.On {
			list = append(list, on)
		}
	}
	return list
}

// changed is when a record got a form that it had: the time, and the day when that was a later one.
func changed(ctx context.Context, file *care.File, at time.Time) string {
	tenant, _ := tenants.From(ctx)
	if tenant.DateOf(at) == file.Record.CareOn {
		return i18n.Time(ctx, at)
	}
	return i18n.ShortDate(ctx, at) + " " + i18n.Time(ctx, at)
}

func toHint(ctx context.Context, on, today tenants.Date) string {
	if on == today {
		return i18n.T(ctx, "care.form.to.hint")
	}
	return i18n.T(ctx, "care.form.to.required")
}

// startWords tells of a child that is still to start in the group when that is.
func startWords(ctx context.Context, later bool, startsOn string) string {
	if !later {
		return ""
	}
	return i18n.T(ctx, "care.form.starts", "Date", i18n.ShortDate(ctx, i18n.Civil(startsOn)))
}

func title(ctx context.Context, text string, mistakes ui.Mistakes) string {
	if mistakes.Any() {
		return ui.ErrorTitle(ctx, text)
	}
	return text
}
