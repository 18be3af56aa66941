package org

import (
	"context"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/audit"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/web"
	"ouderportaal/modules/children"
)

// Two people who edit the same row at once change the same field seldom. So a form tells what stood in its fields when it was
// opened (seen), and of who comes second only the fields that both changed are asked about: what only the other changed is
// as the other left it, what only the second changed is as they typed it.

// seen is what stood in a field when its form was opened.
type seen struct{ Field, Value string }

const seenPrefix = "was_"

// meeting is a field of a form that somebody else may have changed in the meantime.
type meeting struct {
	field      string // of the row: "family_name"
	now, typed string
	keep       func()                    // puts what is there now into the form
	words      func(value string) string // what a value is called, when it is not what people read
}

// met is a field of text.
func met[T ~string](field string, now T, typed *T) meeting {
	return meeting{field: field, now: string(now), typed: string(*typed), keep: func() { *typed = now }}
}

// metNumber is a field with a number.
func metNumber(field string, now int, typed *int) meeting {
	return meeting{field: field, now: strconv.Itoa(now), typed: strconv.Itoa(*typed), keep: func() { *typed = now }}
}

func childFields(now children.ChildDraft, typed *children.ChildDraft) []meeting {
	return []meeting{met("given_name", now.GivenName, &typed.GivenName), met("family_name", now.FamilyName, &typed.FamilyName), met("birth_on", now.BirthOn, &typed.BirthOn)}
}

func tieFieldsOf(now children.TieDraft, typed *children.TieDraft) []meeting {
	return []meeting{met("kind", now.Kind, &typed.Kind), metNumber("household", now.Household, &typed.Household), met("valid_from", now.ValidFrom, &typed.ValidFrom),
		met("valid_to", now.ValidTo, &typed.ValidTo)}
}

func personFieldsOf(now personForm, typed *personForm) []meeting {
	n, t := &now.Person, &typed.Person
	return []meeting{met("given_name", n.GivenName, &t.GivenName), met("family_name", n.FamilyName, &t.FamilyName), met("email", n.Email, &t.Email), met("phone", n.Phone, &t.Phone),
		met("street", n.Street, &t.Street), met("postcode", n.Postcode, &t.Postcode), met("city", n.City, &t.City), met("language", n.Language, &t.Language)}
}

// placementFieldsOf are those of a placement; groups are the names to choose from.
func placementFieldsOf(now children.PlacementDraft, typed *children.PlacementDraft, groups map[string]string) []meeting {
	return []meeting{
		{field: "group_id", now: now.GroupID.String(), typed: typed.GroupID.String(), keep: func() { typed.GroupID = now.GroupID }, words: func(id string) string { return groups[id] }},
		met("starts_on", now.StartsOn, &typed.StartsOn), met("ends_on", now.EndsOn, &typed.EndsOn),
		{field: "days", now: children.DaysText(now.Days), typed: children.DaysText(typed.Days), keep: func() { typed.Days = now.Days }},
	}
}

func locationFieldsOf(now children.LocationDraft, typed *children.LocationDraft) []meeting {
	list := []meeting{met("name", now.Name, &typed.Name), met("street", now.Street, &typed.Street), met("postcode", now.Postcode, &typed.Postcode), met("city", now.City, &typed.City),
		met("phone", now.Phone, &typed.Phone), met("email", now.Email, &typed.Email)}
	for _, care := range children.CareTypes {
		list = append(list, meeting{field: "lrk_" + string(care), now: now.LRK[care], typed: typed.LRK[care], keep: func() {
			if typed.LRK[care] = now.LRK[care]; now.LRK[care] == "" {
				delete(typed.LRK, care)
			}
		}})
	}
	return list
}

func groupFieldsOf(now children.GroupDraft, typed *children.GroupDraft) []meeting {
	return []meeting{met("name", now.Name, &typed.Name), met("symbol", now.Symbol, &typed.Symbol), metNumber("from_age_months", now.FromAgeMonths, &typed.FromAgeMonths),
		metNumber("to_age_months", now.ToAgeMonths, &typed.ToAgeMonths)}
}

// seenNow is what a form that is opened has in its fields.
func seenNow(fields []meeting) []seen {
	list := make([]seen, len(fields))
	for i, f := range fields {
		list[i] = seen{f.field, f.now}
	}
	return list
}

// seenBy is what the form that was sent had in its fields when it was opened; a form that does not say so is missing here.
func seenBy(c *fiber.Ctx, fields []meeting) []seen {
	var list []seen
	for _, f := range fields {
		if sent := c.Context().PostArgs(); sent.Has(seenPrefix + f.field) {
			list = append(list, seen{f.field, string(sent.Peek(seenPrefix + f.field))})
		}
	}
	return list
}

// reopen readies a form that was refused to be shown again: with what it was opened with, or, when somebody was first, with
// what that does to it.
func (h *Handlers) reopen(c *fiber.Ctx, f *form, row ids.ID, version int, fields []meeting) (err error) {
	if f.Seen = seenBy(c, fields); !isStale(f.Problem) {
		return nil
	}
	f.Conflict, err = h.meet(web.Ctx(c), row, f.Seen, fields)
	f.Version, f.Seen = version, seenNow(fields)
	return err
}

// meet tells who changed the row last, and settles what that does to the form of who comes second.
func (h *Handlers) meet(ctx context.Context, row ids.ID, opened []seen, fields []meeting) (*conflict, error) {
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
	was := map[string]string{}
	for _, s := range opened {
		was[s.Field] = s.Value
	}
	for _, f := range fields {
		before, known := was[f.field]
		switch {
		case f.now == f.typed:
		case known && f.typed == before: // only the other changed it
			f.keep()
			found.Kept = append(found.Kept, f.field)
		case known && f.now == before: // only who comes second changed it
		default:
			found.Differs = append(found.Differs, difference{f.field, f.say(ctx, f.now), f.say(ctx, f.typed)})
		}
	}
	return found, nil
}

func (f meeting) say(ctx context.Context, value string) string {
	if f.words == nil {
		return valueWords(ctx, f.field, value)
	}
	return orDash(f.words(value))
}
