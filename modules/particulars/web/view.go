package web

import (
	"context"
	"strconv"
	"strings"

	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ui"
	"ouderportaal/modules/particulars"
)

func number(typed string) int {
	n, err := strconv.Atoi(typed)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// autocompleteOf is what a browser may fill in of somebody's own data.
var autocompleteOf = map[particulars.Field]string{particulars.Phone: "tel", particulars.Street: "street-address", particulars.Postcode: "postal-code", particulars.City: "address-level2"}

// typeOf is the keyboard that a field asks for.
func typeOf(f particulars.Field) string {
	if f == particulars.Phone || f == particulars.DoctorPhone {
		return "tel"
	}
	return "text"
}

// i18n:keys particulars.care.*

// placementWords are the kind of care and the period: "Dagopvang, vanaf 1 oktober 2026".
func placementWords(ctx context.Context, p particulars.Placement) string {
	words := i18n.T(ctx, "particulars.care."+string(p.CareType)) + ", "
	if p.EndsOn == "" {
		return words + i18n.T(ctx, "particulars.placement.since", "Day", i18n.CivilLongDate(ctx, string(p.StartsOn)))
	}
	return words + i18n.T(ctx, "particulars.placement.period", "From", i18n.CivilLongDate(ctx, string(p.StartsOn)), "To", i18n.CivilLongDate(ctx, string(p.EndsOn)))
}

// dayWords is "maandag 07:30–18:30".
func dayWords(ctx context.Context, d particulars.CareDay) string {
	return ui.WeekdayName(ctx, d.Weekday) + " " + d.From + "–" + d.To
}

// ended tells whether a placement is over.
func ended(c *particulars.Child, p particulars.Placement) bool {
	return p.EndsOn != "" && p.EndsOn < c.Today
}

func placementsOf(c *particulars.Child, over bool) (list []particulars.Placement) {
	for _, p := range c.Placements {
		if ended(c, p) == over {
			list = append(list, p)
		}
	}
	return list
}

// uses says what a contact is for: "Bellen bij nood, mag ophalen".
func uses(ctx context.Context, k particulars.Contact) string {
	var list []string
	if k.Emergency {
		list = append(list, i18n.T(ctx, "particulars.contact.emergency"))
	}
	if k.Collects {
		list = append(list, i18n.T(ctx, "particulars.contact.collects"))
	}
	return strings.Join(list, ", ")
}

// dial is the address that calls a number.
func dial(phone string) string {
	return "tel:" + strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, phone)
}

func stateTone(a *particulars.Asked) ui.Tone {
	switch a.State {
	case particulars.Pending, particulars.Approved:
		return ui.Sun
	case particulars.Applied:
		if a.Overtaken() {
			return ui.Sun
		}
		return ui.Ok
	case particulars.Refused:
		return ui.Coral
	}
	return ui.Neutral
}

func orNothing(ctx context.Context, s string) string {
	if s == "" {
		return i18n.T(ctx, "particulars.nothing")
	}
	return s
}

func title(ctx context.Context, words string, mistakes ui.Mistakes) string {
	if mistakes.Any() {
		return ui.ErrorTitle(ctx, words)
	}
	return words
}

// becomes says what a field is to become, or that something newer stayed.
func becomes(ctx context.Context, c particulars.Change) string {
	words := i18n.T(ctx, "particulars.becomes", "Was", orNothing(ctx, c.Was), "Becomes", orNothing(ctx, c.Becomes))
	if c.Skipped {
		words += " (" + i18n.T(ctx, "particulars.skipped") + ")"
	}
	return words
}
