package org

import (
	"context"
	"sort"
	"strings"

	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ui"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// i18n:keys org.status.*
func statusWords(ctx context.Context, s children.Status) string {
	return i18n.T(ctx, "org.status."+string(s))
}

// i18n:keys org.care.*
func careWords(ctx context.Context, c children.CareType) string {
	return i18n.T(ctx, "org.care."+string(c))
}

// i18n:keys org.kind.*
func kindWords(ctx context.Context, k children.Kind) string {
	return i18n.T(ctx, "org.kind."+string(k))
}

// day is "23 nov 2026" for a calendar date; a dash for none.
func day(ctx context.Context, d tenants.Date) string {
	l := i18n.From(ctx)
	if d == "" || l == nil {
		return orDash(string(d))
	}
	return l.ShortDate(i18n.Civil(string(d)))
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// symbol is the icon of a group; of one that is not drawn, the first there is.
func symbol(name string) string {
	if ui.HasIcon(name) {
		return name
	}
	return ui.GroupSymbols[0]
}

// ageWords is "2 jaar en 4 maanden".
func ageWords(ctx context.Context, months int) string {
	l := i18n.From(ctx)
	if l == nil {
		return ""
	}
	return children.Age(months).In(l)
}

func ageAndBirth(ctx context.Context, f *children.File) string {
	return ageWords(ctx, children.AgeMonths(f.BirthOn, f.Today)) + " · " + day(ctx, f.BirthOn)
}

func daysOf(days []children.CareDay) (on [8]bool) {
	for _, d := range days {
		on[d.Weekday] = true
	}
	return on
}

func daysOfPlaces(places []children.ListedPlace) (on [8]bool) {
	for _, p := range places {
		for _, d := range p.Days {
			on[d] = true
		}
	}
	return on
}

func guardianFaces(list []children.ListedGuardian) []ui.Person {
	people := make([]ui.Person, len(list))
	for i, g := range list {
		people[i] = ui.Person{Name: g.Name, Seed: g.Face, Adult: true}
	}
	return people
}

func activeAmong(list []children.ListedGuardian) int {
	n := 0
	for _, g := range list {
		if g.Active {
			n++
		}
	}
	return n
}

// placementWords is "Bathmen, vanaf 1 okt 2026, 07:30–18:00".
func placementWords(ctx context.Context, p children.FiledPlacement) string {
	words := p.Location + ", " + periodWords(ctx, p.StartsOn, p.EndsOn)
	if times := timesOf(p.Days); times != "" {
		words += ", " + times
	}
	return words
}

func periodWords(ctx context.Context, from, to tenants.Date) string {
	if to == "" {
		return i18n.T(ctx, "org.since", "Day", day(ctx, from))
	}
	return i18n.T(ctx, "org.period", "From", day(ctx, from), "To", day(ctx, to))
}

// timesOf lists the different times of the days: one when they are all alike.
func timesOf(days []children.CareDay) string {
	var list []string
	seen := map[string]bool{}
	for _, d := range days {
		if t := d.From + "–" + d.To; !seen[t] {
			seen[t] = true
			list = append(list, t)
		}
	}
	return strings.Join(list, " / ")
}

// tieWords is "gezag · huishouden 2 · tot en met 1 jan 2027".
func tieWords(ctx context.Context, f *children.File, g children.FiledGuardian) string {
	parts := []string{kindWords(ctx, g.Kind)}
	if households(f) > 1 {
		parts = append(parts, i18n.T(ctx, "org.household", "Number", g.Household))
	}
	switch {
	case g.ValidTo != "":
		parts = append(parts, i18n.T(ctx, "org.until", "Day", day(ctx, g.ValidTo)))
	case g.ValidFrom > f.Today:
		parts = append(parts, i18n.T(ctx, "org.since", "Day", day(ctx, g.ValidFrom)))
	}
	return strings.Join(parts, " · ")
}

func households(f *children.File) int {
	seen := map[int]bool{}
	for _, g := range f.Guardians {
		seen[g.Household] = true
	}
	return len(seen)
}

// actionWords is what was done, in words: "Kind gewijzigd". An action that has none yet is shown as it was recorded.
// i18n:keys org.action.*
func actionWords(ctx context.Context, action string) string {
	key := "org.action." + action
	if l := i18n.From(ctx); l == nil || !l.Has(key) {
		return action
	}
	return i18n.T(ctx, key)
}

// i18n:keys org.role.*
func roleWords(ctx context.Context, role string) string {
	return i18n.T(ctx, "org.role."+strings.TrimPrefix(role, "role:"))
}

func whoAndWhen(ctx context.Context, l line) string {
	who := l.Who
	if who == "" {
		who = roleWords(ctx, l.ActorRole)
	}
	return i18n.T(ctx, "org.history.who_when", "Name", who, "Day", i18n.ShortDate(ctx, l.At), "Time", i18n.Time(ctx, l.At))
}

// fieldWords names the fields that a change was about: "achternaam en geboortedatum".
// i18n:keys org.field.*
func fieldWords(ctx context.Context, detail map[string]any) string {
	names, ok := detail["fields"].([]any)
	if !ok {
		return ""
	}
	l := i18n.From(ctx)
	var words []string
	for _, name := range names {
		if key, ok := name.(string); ok && l != nil && l.Has("org.field."+key) {
			words = append(words, i18n.T(ctx, "org.field."+key))
		}
	}
	sort.Strings(words)
	return i18n.List(ctx, words)
}

func nextOf(q query, cursor string) string { return q.with("na", cursor) }

func addressLine(street, postcode, city string) string {
	line := street
	if place := strings.TrimSpace(postcode + " " + city); place != "" {
		if line != "" {
			line += ", "
		}
		line += place
	}
	return line
}

// agesWords is "0 tot 4 jaar" or "10 tot 36 maanden".
func agesWords(ctx context.Context, from, to int) string {
	if from%12 == 0 && to%12 == 0 {
		return i18n.T(ctx, "org.ages.years", "From", from/12, "To", to/12)
	}
	return i18n.T(ctx, "org.ages.months", "From", from, "To", to)
}

// i18n:keys org.symbol.*
func symbolWords(ctx context.Context, name string) string {
	return i18n.T(ctx, "org.symbol."+strings.ReplaceAll(name, "-", "_"))
}

// whoWords is the name of who did it, or that it was the program or a visitor.
func whoWords(ctx context.Context, l line) string {
	if l.Who != "" {
		return l.Who
	}
	return roleWords(ctx, l.ActorRole)
}

// detailWords is what the log keeps of an action beside its subject, as far as it says something to people.
func detailWords(ctx context.Context, l line) string {
	detail, parts := l.Detail, changeWords(ctx, l)
	if reason, ok := detail["reason"].(string); ok && reason != "" {
		parts = append(parts, i18n.T(ctx, "org.log.reason", "Reason", reason))
	}
	if operator, ok := detail["operator"].(string); ok {
		parts = append(parts, operator)
	}
	if path, ok := detail["path"].(string); ok {
		parts = append(parts, path)
	}
	for _, key := range []string{"starts_on", "from", "ends_on", "last"} {
		if len(l.Changes) > 0 {
			break // said already, with what it was
		}
		if value, ok := detail[key].(string); ok && value != "" {
			parts = append(parts, i18n.T(ctx, "org.log.day."+key, "Day", day(ctx, tenants.Date(value))))
		}
	}
	if kind, ok := detail["kind"].(string); ok && len(l.Changes) == 0 {
		parts = append(parts, whatKind(ctx, l.Action, kind))
	}
	if l.Action == "imports.apply" {
		parts = append(parts, i18n.T(ctx, "org.log.import", "New", numberWords(ctx, detail["new"]), "Changed", numberWords(ctx, detail["changed"]), "Wrong", numberWords(ctx, detail["left_out"])))
	}
	if role, ok := detail["role"].(string); ok {
		parts = append(parts, roleWords(ctx, role))
	}
	return strings.Join(parts, " · ")
}

// whatKind is the kind that an action was about: of a tie, of a file, or of what a day is written down of.
// i18n:keys imports.kind.* care.kind.*
func whatKind(ctx context.Context, action, kind string) string {
	module, _, _ := strings.Cut(action, ".")
	switch module {
	case "imports", "care":
		return i18n.T(ctx, module+".kind."+kind)
	}
	return kindWords(ctx, children.Kind(kind))
}

// numberWords is a number as the log keeps it; one that an old entry does not have is 0.
func numberWords(ctx context.Context, kept any) string {
	n, _ := kept.(float64)
	return i18n.Number(ctx, int(n))
}
