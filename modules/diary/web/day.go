package web

import (
	"context"
	"strings"
	"time"

	"ouderportaal/internal/clock"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ui"
	"ouderportaal/modules/diary"
)

var lineIcons = map[string]string{"arrive": "log-in", "leave": "log-out", "sleep": "moon", "food": "utensils", "bottle": "milk", "nappy": "droplets", "mood": "smile",
	"temperature": "thermometer", "note": "sticky-note"}

// onRibbon are the kinds that the ribbon has a mark for.
var onRibbon = map[string]string{"arrive": "arrive", "leave": "leave", "food": "food", "bottle": "bottle", "nappy": "care", "mood": "mood"}

var tones = map[string]string{"sleep": "plum", "food": "sun", "bottle": "sun", "nappy": "sky", "mood": "ok", "temperature": "coral"}

func toneOf(kind string) string {
	if tone, ok := tones[kind]; ok {
		return tone
	}
	return "plain"
}

func came(d *diary.Day) bool {
	if d == nil {
		return false
	}
	at, _ := d.Stays()
	return at != nil
}

// noted tells that there is more to the day than coming and leaving.
func noted(d *diary.Day) bool {
	for i := range d.Records {
		if d.Records[i].Kind != "stay" {
			return true
		}
	}
	return false
}

func anybodyCame(t *diary.Timeline, f diary.Filter) bool {
	for _, child := range inView(t, f) {
		if came(t.DayOf(child.ID)) {
			return true
		}
	}
	return false
}

// isHere tells that the one child in view is in its group.
func isHere(t *diary.Timeline, f diary.Filter) bool {
	about := inView(t, f)
	if len(about) != 1 {
		return false
	}
	d := t.DayOf(about[0].ID)
	return d != nil && d.Here() != nil
}

// whereIs is "Mila is er sinds 08:12", "Mila is opgehaald om 17:05", "Mila is vandaag afgemeld", or the name on a day without care.
func whereIs(ctx context.Context, t *diary.Timeline, child *diary.Own) string {
	if d := t.DayOf(child.ID); d != nil {
		if here := d.Here(); here != nil {
			return i18n.T(ctx, "care.where.here", "Name", child.GivenName, "Time", i18n.Time(ctx, *here))
		}
		if _, left := d.Stays(); left != nil {
			return i18n.T(ctx, "care.where.left", "Name", child.GivenName, "Time", i18n.Time(ctx, *left))
		}
	}
	if t.Away(child.ID) {
		return i18n.N(ctx, "absences.where", 1, "Names", child.GivenName)
	}
	return child.GivenName
}

// whoIsAway says of several children which of them were reported absent today; empty: none.
func whoIsAway(ctx context.Context, t *diary.Timeline, about []diary.Own) string {
	var names []string
	for _, child := range about {
		if t.Away(child.ID) {
			names = append(names, child.GivenName)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return i18n.N(ctx, "absences.where", len(names), "Names", i18n.List(ctx, names))
}

func lineTime(ctx context.Context, from time.Time, to *time.Time) string {
	if to == nil {
		return i18n.Time(ctx, from)
	}
	return i18n.Time(ctx, from) + "–" + i18n.Time(ctx, *to)
}

// The line of a day runs over the hours in which most care is; a longer day makes it longer.
const (
	lineOpens  = 7*60 + 30
	lineCloses = 18 * 60
)

func ribbonOf(ctx context.Context, name string, d *diary.Day) ui.RibbonProps {
	arrived, left := d.Stays()
	now := minuteOf(ctx, clock.Of(ctx))
	p := ui.RibbonProps{Arrive: max(minuteOf(ctx, *arrived), 1)}
	last := now
	if left != nil {
		p.Leave = max(minuteOf(ctx, *left), 1)
		last = p.Leave
	} else {
		p.Now = max(now, 1)
	}
	p.Open, p.Close = min(lineOpens, p.Arrive/30*30), max(lineCloses, (last+29)/30*30)
	words := []string{}
	for _, line := range d.Lines(ctx) {
		words = append(words, strings.ToLower(line.Words)+" "+lineTime(ctx, line.From, line.To))
		switch mark := onRibbon[line.Kind]; {
		case line.Kind == "sleep" && line.Lasts:
			p.Spans = append(p.Spans, ui.RibbonSpan{Kind: "sleep", From: minuteOf(ctx, line.From), To: last, Words: line.Words})
		case line.Kind == "sleep":
			p.Spans = append(p.Spans, ui.RibbonSpan{Kind: "sleep", From: minuteOf(ctx, line.From), To: minuteOf(ctx, *line.To), Words: line.Words})
		case mark != "":
			p.Marks = append(p.Marks, ui.RibbonMark{Kind: mark, At: minuteOf(ctx, line.From), Words: line.Words})
		}
	}
	p.Label = i18n.T(ctx, "care.day_of", "Name", name) + ": " + strings.Join(words, ", ")
	if p.Now > 0 {
		p.Label += ", " + i18n.T(ctx, "ui.ribbon.now") + " " + i18n.Clock(now)
	}
	return p
}

// minuteOf counts from midnight in the zone of the organisation.
func minuteOf(ctx context.Context, at time.Time) int {
	local := i18n.Local(ctx, at)
	return local.Hour()*60 + local.Minute()
}
