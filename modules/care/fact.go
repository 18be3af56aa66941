package care

import (
	"context"
	"slices"
	"time"

	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Fact is a record as another module carries it in a text of its own: what is told of it, and nothing that it is found by.
// Its names are short because a page reads many.
type Fact struct {
	Kind   Kind       `json:"k"`
	From   time.Time  `json:"f"`
	To     *time.Time `json:"t,omitempty"`
	Amount int        `json:"a,omitempty"`
	Choice string     `json:"c,omitempty"`
	Words  string     `json:"w,omitempty"`
}

// FactOf is what a record tells.
func FactOf(r Record) Fact {
	return Fact{Kind: r.Kind, From: r.BeganAt.UTC(), To: r.EndedAt, Amount: r.Amount, Choice: r.Choice, Words: r.Words}
}

// Facts tell what holds of a day of the children, by child and time. The caller has seen to it that the actor may know of them.
func Facts(ctx context.Context, tx tenants.Reader, childIDs []ids.ID, on tenants.Date) (map[ids.ID][]Fact, error) {
	list, err := selectDay(ctx, tx, on, childIDs)
	if err != nil {
		return nil, err
	}
	facts := map[ids.ID][]Fact{}
	for _, r := range list {
		facts[r.ChildID] = append(facts[r.ChildID], FactOf(r))
	}
	return facts, nil
}

// DayOfFacts is the day that facts tell of, for Lines.
func DayOfFacts(facts []Fact) *Day {
	d := &Day{Records: make([]Record, len(facts))}
	for i, f := range facts {
		d.Records[i] = Record{Kind: f.Kind, BeganAt: f.From, EndedAt: f.To, Amount: f.Amount, Choice: f.Choice, Words: f.Words}
	}
	return d
}

// Gist is what a day came to of one kind.
type Gist struct {
	Kind  Kind
	Name  string // "Slapen"
	Words string // "1 u 35", "3×", "Alles op"
}

// Gists sum a day up, in the order in which kinds are offered. Notes are not summed up, and neither is coming and leaving.
func (d *Day) Gists(ctx context.Context) []Gist {
	var list []Gist
	for _, kind := range Noted {
		var of []Record
		for _, r := range d.Records {
			if r.Kind == kind {
				of = append(of, r)
			}
		}
		if len(of) > 0 && kind != Note {
			list = append(list, Gist{kind, KindWords(ctx, kind), gist(ctx, of)})
		}
	}
	return list
}

// gist sums up records of one kind, by time.
func gist(ctx context.Context, of []Record) string {
	last := of[len(of)-1]
	switch last.Kind {
	case Sleep:
		var slept time.Duration
		for _, r := range of {
			if r.EndedAt == nil {
				return i18n.T(ctx, "care.says.asleep")
			}
			slept += r.EndedAt.Sub(r.BeganAt)
		}
		return Lasted(ctx, slept)
	case Bottle:
		sum := 0
		for _, r := range of {
			sum += r.Amount
		}
		return i18n.T(ctx, "care.gist.bottle", "Ml", sum)
	case Nappy:
		return i18n.T(ctx, "care.gist.times", "Count", len(of))
	case Food:
		if slices.ContainsFunc(of, func(r Record) bool { return r.Choice != last.Choice }) {
			return i18n.T(ctx, "care.gist.varied")
		}
		return ChoiceWords(ctx, last.Kind, last.Choice)
	case Temperature:
		highest := slices.MaxFunc(of, func(a, b Record) int { return a.Amount - b.Amount })
		return i18n.T(ctx, "care.says.temperature", "Degrees", Degrees(ctx, highest.Amount))
	}
	return ChoiceWords(ctx, last.Kind, last.Choice)
}
