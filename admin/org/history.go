package org

import (
	"context"
	"strings"

	"ouderportaal/internal/audit"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/ui"
	"ouderportaal/modules/children"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/messages"
	"ouderportaal/tenants"
)

// historyLength is how many changes the page of one child or person tells of.
const historyLength = 50

// line is an entry of the log with the name of who did it.
type line struct {
	audit.Entry
	Who     string
	Changes []audit.Change // of an edit, for who may see them
	About   string         // the child, person or place that it is about, in the log of everything; empty when that is nobody
}

// history reads the log and finds the names in it. values: the reader may see what edits changed, because they may see the
// rows as they are.
func (h *Handlers) history(ctx context.Context, f audit.Filter, values bool) (list []line, err error) {
	err = h.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		entries, err := audit.List(ctx, tx, f)
		if err != nil {
			return err
		}
		var people []ids.ID
		for _, e := range entries {
			if e.ActorID != ids.Nil {
				people = append(people, e.ActorID)
			}
		}
		names, err := identity.Names(ctx, tx, people)
		if err != nil {
			return err
		}
		for _, e := range entries {
			list = append(list, line{Entry: e, Who: names[e.ActorID]})
		}
		if !values {
			return nil
		}
		return readChanges(ctx, tx, list)
	})
	return list, err
}

// nameSubjects says of each line whom it is about.
func (h *Handlers) nameSubjects(ctx context.Context, lines []line) error {
	return h.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		subjects := make([]ids.ID, len(lines))
		for i := range lines {
			subjects[i] = lines[i].SubjectID
		}
		names, err := children.NamesOf(ctx, tx, subjects)
		if err != nil {
			return err
		}
		entries, err := diary.SubjectNames(ctx, tx, subjects)
		if err != nil {
			return err
		}
		threads, err := messages.SubjectNames(ctx, tx, subjects)
		if err != nil {
			return err
		}
		for i := range lines {
			if lines[i].About = names[lines[i].SubjectID]; lines[i].About == "" {
				lines[i].About = i18n.List(ctx, entries[lines[i].SubjectID])
			}
			if lines[i].About == "" {
				lines[i].About = threads[lines[i].SubjectID]
			}
		}
		return nil
	})
}

// readChanges gives the lines what their edits changed, groups by name.
func readChanges(ctx context.Context, tx tenants.Reader, list []line) error {
	entries := make([]ids.ID, len(list))
	for i, l := range list {
		entries[i] = l.ID
	}
	changes, err := audit.Changes(ctx, tx, entries)
	if err != nil {
		return err
	}
	var groups []ids.ID
	for _, all := range changes {
		for _, c := range all {
			if c.Field == "group_id" {
				groups = append(groups, idOf(c.Was), idOf(c.Is))
			}
		}
	}
	names, err := children.NamesOf(ctx, tx, groups)
	if err != nil {
		return err
	}
	for i := range list {
		list[i].Changes = changes[list[i].ID]
		for j, c := range list[i].Changes {
			if c.Field == "group_id" {
				list[i].Changes[j].Was, list[i].Changes[j].Is = names[idOf(c.Was)], names[idOf(c.Is)]
			}
		}
	}
	return nil
}

// changeWords are what an edit changed, a sentence for each field: "Achternaam: van Bakker naar Smit"; of an edit of which
// that is not kept or not for the reader, the names of the fields.
func changeWords(ctx context.Context, l line) []string {
	var words []string
	for _, c := range l.Changes {
		words = append(words, i18n.T(ctx, "org.history.change", "Field", fieldName(ctx, c.Field), "Was", valueWords(ctx, c.Field, c.Was), "Now", valueWords(ctx, c.Field, c.Is)))
	}
	if fields := fieldWords(ctx, l.Detail); len(words) == 0 && fields != "" {
		words = append(words, fields)
	}
	return words
}

// i18n:keys org.history.true org.history.false

// valueWords is what stands in a field, as people read it.
func valueWords(ctx context.Context, field, value string) string {
	switch {
	case value == "":
		return i18n.T(ctx, "org.history.empty")
	case value == "true", value == "false":
		return i18n.T(ctx, "org.history."+value)
	case field == "kind":
		return kindWords(ctx, children.Kind(value))
	case field == "language":
		return i18n.T(ctx, "identity.language."+value)
	case field == "symbol":
		return symbolWords(ctx, value)
	case field == "birth_on", strings.HasSuffix(field, "s_on"), strings.HasPrefix(field, "valid_"):
		return day(ctx, tenants.Date(value))
	case field == "days":
		if days, ok := children.ParseDaysText(value); ok {
			return daysWords(ctx, days)
		}
	}
	return value
}

// daysWords is "maandag 07:30–18:00, dinsdag 07:30–12:30".
func daysWords(ctx context.Context, days []children.CareDay) string {
	parts := make([]string, len(days))
	for i, d := range days {
		parts[i] = ui.WeekdayName(ctx, d.Weekday) + " " + d.From + "–" + d.To
	}
	return strings.Join(parts, ", ")
}
