package ui

import (
	"slices"
	"strconv"

	"ouderportaal/internal/i18n"
)

// RibbonProps are the day of one child on one line. Times are minutes since midnight in the organisation's time zone.
type RibbonProps struct {
	Label  string // the whole day in words, for screen readers
	Open   int    // left end of the line
	Close  int    // right end
	Arrive int    // 0: not there today
	Now    int    // 0: not today; then the line runs until Leave
	Leave  int    // 0: not left yet
	Spans  []RibbonSpan
	Marks  []RibbonMark
}

// RibbonSpan is something that lasts: Kind "outside" or "sleep".
type RibbonSpan struct {
	Kind     string
	From, To int
	Words    string // "1 u 35 geslapen"
}

// RibbonMark is a moment: Kind "arrive", "leave", "food", "bottle", "care" or "mood".
type RibbonMark struct {
	Kind  string
	At    int
	Words string // "Fruit"; used in the list on narrow screens
}

// x is the place of a minute on the line as a percentage: percentages stretch with the screen without a style attribute.
func (p RibbonProps) x(minute int) float64 {
	span := max(p.Close-p.Open, 1)
	return 100 * float64(min(max(minute, p.Open), p.Close)-p.Open) / float64(span)
}

func (p RibbonProps) at(minute int) string { return percent(p.x(minute)) }

func (p RibbonProps) width(from, to int) string { return percent(max(p.x(to)-p.x(from), 0)) }

func (p RibbonProps) middle(s RibbonSpan) string { return percent((p.x(s.From) + p.x(s.To)) / 2) }

// until is where the coloured part of the line ends.
func (p RibbonProps) until() int {
	if p.Leave > 0 {
		return p.Leave
	}
	return p.Now
}

// charWidth is about what a letter of a label takes of the line on the narrowest screen that shows the drawing.
const charWidth = 1.85

// labelled are the spans whose words fit below the line without touching each other or the ends.
func (p RibbonProps) labelled() []RibbonSpan {
	var fit []RibbonSpan
	edge := charWidth * 6.0 // the opening time stands there
	for _, s := range p.Spans {
		half := charWidth * float64(len([]rune(s.Words))) / 2
		middle := (p.x(s.From) + p.x(s.To)) / 2
		if s.Words == "" || middle-half < edge || middle+half > 100-charWidth*6 {
			continue
		}
		fit = append(fit, s)
		edge = middle + half + charWidth
	}
	return fit
}

// wide tells whether a span is wide enough for its icon.
func (p RibbonProps) wide(s RibbonSpan) bool { return p.x(s.To)-p.x(s.From) >= 6 }

// clear tells whether the time of arrival can stand above the line without touching "nu".
func (p RibbonProps) clear(minute int) bool {
	return p.Now == 0 || p.x(p.Now)-p.x(minute) > charWidth*5
}

func percent(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) + "%" }

var ribbonIcons = map[string]string{
	"arrive": "log-in", "leave": "log-out", "food": "utensils", "bottle": "milk", "care": "droplets", "mood": "smile", "fruit": "apple",
	"outside": "tree-deciduous", "sleep": "moon",
}

func ribbonIcon(kind string) string {
	if icon, ok := ribbonIcons[kind]; ok {
		return icon
	}
	return "clock"
}

// ribbonLine is one line of the day as a list.
type ribbonLine struct {
	At    int
	Times string
	Words string
}

// lines is the day in order of time.
func (p RibbonProps) lines() []ribbonLine {
	var all []ribbonLine
	for _, m := range p.Marks {
		all = append(all, ribbonLine{m.At, i18n.Clock(m.At), m.Words})
	}
	for _, s := range p.Spans {
		all = append(all, ribbonLine{s.From, i18n.Clock(s.From) + "–" + i18n.Clock(s.To), s.Words})
	}
	slices.SortStableFunc(all, func(a, b ribbonLine) int { return a.At - b.At })
	return all
}
