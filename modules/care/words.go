package care

import (
	"context"
	"strconv"
	"strings"
	"time"

	"ouderportaal/internal/i18n"
)

// i18n:keys care.kind.* care.choice.food.* care.choice.nappy.* care.choice.mood.*

// KindWords name a kind: "Slapen".
func KindWords(ctx context.Context, k Kind) string { return i18n.T(ctx, "care.kind."+string(k)) }

// ChoiceWords are an answer of a kind that has a few: "Alles op".
func ChoiceWords(ctx context.Context, k Kind, choice string) string {
	return i18n.T(ctx, "care.choice."+string(k)+"."+choice)
}

// Says is the record in a few words: "1 u 35 geslapen", "Fruit · alles op", "Fles van 180 ml".
func (r *Record) Says(ctx context.Context) string {
	var says string
	switch r.Kind {
	case Stay:
		says = i18n.T(ctx, "care.kind.stay")
	case Sleep:
		says = i18n.T(ctx, "care.says.asleep")
		if r.EndedAt != nil {
			says = i18n.T(ctx, "care.says.slept", "For", Lasted(ctx, r.EndedAt.Sub(r.BeganAt)))
		}
	case Bottle:
		says = i18n.T(ctx, "care.says.bottle", "Ml", r.Amount)
	case Temperature:
		says = i18n.T(ctx, "care.says.temperature", "Degrees", Degrees(ctx, r.Amount))
	case Note:
		return r.Words
	case Food:
		if says = ChoiceWords(ctx, r.Kind, r.Choice); r.Words != "" {
			return r.Words + ": " + lowered(says)
		}
		return says
	case Nappy:
		says = i18n.T(ctx, "care.says.nappy", "What", lowered(ChoiceWords(ctx, r.Kind, r.Choice)))
	default:
		says = ChoiceWords(ctx, r.Kind, r.Choice)
	}
	if r.Words != "" {
		return says + ". " + r.Words
	}
	return says
}

// Lasted is how long something took: "1 u 35", "40 min".
func Lasted(ctx context.Context, d time.Duration) string {
	whole := int(d.Minutes())
	if whole < 60 {
		return i18n.T(ctx, "care.minutes", "Minutes", whole)
	}
	rest := strconv.Itoa(whole % 60)
	return i18n.T(ctx, "care.hours", "Hours", whole/60, "Minutes", strings.Repeat("0", 2-len(rest))+rest)
}

// Degrees writes tenths of a degree as "37,8", with the sign that the language has.
func Degrees(ctx context.Context, tenths int) string {
	return strconv.Itoa(tenths/10) + i18n.T(ctx, "care.decimal") + strconv.Itoa(tenths%10)
}

func lowered(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToLower(text[:1]) + text[1:]
}
