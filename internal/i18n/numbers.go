package i18n

import (
	"context"
	"math"
	"strconv"
	"strings"
	"time"
)

// Number is a whole number with the grouping of the language: "12.345" in Dutch.
func (l *Localizer) Number(n int) string {
	digits := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	if len(digits) <= 3 {
		return sign + digits
	}
	group := l.T("number.group")
	var b strings.Builder
	b.WriteString(sign)
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(group)
		}
		b.WriteRune(d)
	}
	return b.String()
}

// FileSize is "820 kB" or "2,4 MB": powers of a thousand, as the phone of the reader counts.
func (l *Localizer) FileSize(bytes int64) string {
	switch {
	case bytes < 1000:
		return strconv.FormatInt(bytes, 10) + " B"
	case bytes < 999_500:
		return strconv.FormatInt((bytes+500)/1000, 10) + " kB"
	case bytes < 999_950_000:
		return l.decimal(float64(bytes)/1e6) + " MB"
	}
	return l.decimal(float64(bytes)/1e9) + " GB"
}

func (l *Localizer) decimal(f float64) string {
	text := strconv.FormatFloat(math.Round(f*10)/10, 'f', 1, 64)
	text = strings.TrimSuffix(text, ".0")
	return strings.Replace(text, ".", l.T("number.decimal"), 1)
}

// Duration is "5 min", "2 uur" or "2 uur 5 min", rounded down to minutes; negative durations are zero.
func (l *Localizer) Duration(d time.Duration) string {
	minutes := max(0, int(d/time.Minute))
	hours, minutes := minutes/60, minutes%60
	switch {
	case hours == 0:
		return l.N("duration.minutes", minutes)
	case minutes == 0:
		return l.N("duration.hours", hours)
	}
	return l.N("duration.hours", hours) + " " + l.N("duration.minutes", minutes)
}

// List is "Mila, Noor en Bram".
func (l *Localizer) List(items []string) string {
	switch len(items) {
	case 0:
		return ""
	case 1:
		return items[0]
	}
	last := len(items) - 1
	return strings.Join(items[:last], ", ") + " " + l.T("list.and") + " " + items[last]
}

// Number is Localizer.Number for the reader of ctx.
func Number(ctx context.Context, n int) string {
	if l := From(ctx); l != nil {
		return l.Number(n)
	}
	return strconv.Itoa(n)
}

// FileSize is Localizer.FileSize for the reader of ctx.
func FileSize(ctx context.Context, bytes int64) string {
	if l := From(ctx); l != nil {
		return l.FileSize(bytes)
	}
	return strconv.FormatInt(bytes, 10)
}

// Duration is Localizer.Duration for the reader of ctx.
func Duration(ctx context.Context, d time.Duration) string {
	if l := From(ctx); l != nil {
		return l.Duration(d)
	}
	return d.String()
}

// List is Localizer.List for the reader of ctx.
func List(ctx context.Context, items []string) string {
	if l := From(ctx); l != nil {
		return l.List(items)
	}
	return strings.Join(items, ", ")
}

// Decimal writes a number with at most one decimal: "4,5".
func Decimal(ctx context.Context, f float64) string {
	if l := From(ctx); l != nil {
		return l.decimal(f)
	}
	return ""
}
