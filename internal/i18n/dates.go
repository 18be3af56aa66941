package i18n

import (
	"context"
	"strconv"
	"time"

	"ouderportaal/tenants"
)

// calendar is the part of a language that dates are made of, looked up once.
type calendar struct {
	weekdays   [7]string
	months     [12]string
	shortMonth [12]string
}

var weekdayKeys = [7]string{"date.sunday", "date.monday", "date.tuesday", "date.wednesday", "date.thursday", "date.friday", "date.saturday"}

var monthKeys = [12]string{"date.january", "date.february", "date.march", "date.april", "date.may", "date.june",
	"date.july", "date.august", "date.september", "date.october", "date.november", "date.december"}

// i18n:keys date.*.short

func (l *Localizer) learnCalendar() {
	for i, key := range weekdayKeys {
		l.calendar.weekdays[i] = l.T(key)
	}
	for i, key := range monthKeys {
		l.calendar.months[i] = l.T(key)
		l.calendar.shortMonth[i] = l.T(key + ".short")
	}
}

// Date is "maandag 23 november".
func (l *Localizer) Date(t time.Time) string {
	return l.calendar.weekdays[t.Weekday()] + " " + strconv.Itoa(t.Day()) + " " + l.calendar.months[t.Month()-1]
}

// LongDate is Date with the year: "maandag 23 november 2026".
func (l *Localizer) LongDate(t time.Time) string { return l.Date(t) + " " + strconv.Itoa(t.Year()) }

// ShortDate is "23 nov 2026".
func (l *Localizer) ShortDate(t time.Time) string {
	return strconv.Itoa(t.Day()) + " " + l.calendar.shortMonth[t.Month()-1] + " " + strconv.Itoa(t.Year())
}

// Month is "november 2026", the heading of a page of the album.
func (l *Localizer) Month(t time.Time) string {
	return l.calendar.months[t.Month()-1] + " " + strconv.Itoa(t.Year())
}

// Time is "11:24".
func (l *Localizer) Time(t time.Time) string { return t.Format("15:04") }

// DayHeading is "Vandaag", "Gisteren", "Morgen", else the date, with its year when that is not the year of now.
// Both times must be in the zone of the reader.
func (l *Localizer) DayHeading(t, now time.Time) string {
	switch civilDays(t) - civilDays(now) {
	case 0:
		return l.T("date.today")
	case -1:
		return l.T("date.yesterday")
	case 1:
		return l.T("date.tomorrow")
	}
	if t.Year() != now.Year() {
		return l.LongDate(t)
	}
	return l.Date(t)
}

// civilDays counts calendar days, so that a day of 23 or 25 hours is one day too.
func civilDays(t time.Time) int64 {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400
}

// Local is t in the zone of the tenant of ctx; without a tenant it stays as it is.
func Local(ctx context.Context, t time.Time) time.Time {
	if tenant, ok := tenants.From(ctx); ok {
		return t.In(tenant.Location())
	}
	return t
}

// speaker is the localizer of ctx, or nil-safe words in no language at all: dates then show as numbers.
func speak(ctx context.Context, t time.Time, say func(*Localizer, time.Time) string) string {
	l := From(ctx)
	t = Local(ctx, t)
	if l == nil {
		return t.Format("2006-01-02 15:04")
	}
	return say(l, t)
}

// Date is "maandag 23 november" in the zone of the tenant.
func Date(ctx context.Context, t time.Time) string { return speak(ctx, t, (*Localizer).Date) }

// LongDate is "maandag 23 november 2026" in the zone of the tenant.
func LongDate(ctx context.Context, t time.Time) string { return speak(ctx, t, (*Localizer).LongDate) }

// ShortDate is "23 nov 2026" in the zone of the tenant.
func ShortDate(ctx context.Context, t time.Time) string { return speak(ctx, t, (*Localizer).ShortDate) }

// Month is "november 2026" in the zone of the tenant.
func Month(ctx context.Context, t time.Time) string { return speak(ctx, t, (*Localizer).Month) }

// Time is "11:24" in the zone of the tenant.
func Time(ctx context.Context, t time.Time) string { return speak(ctx, t, (*Localizer).Time) }

// Clock is "08:05" for minutes since midnight, written as Time writes a moment.
func Clock(minute int) string {
	h, m := minute/60, minute%60
	return string([]byte{'0' + byte(h/10), '0' + byte(h%10), ':', '0' + byte(m/10), '0' + byte(m%10)})
}

// DayHeading is "Vandaag", "Gisteren", "Morgen" or the date, seen from now, in the zone of the tenant.
func DayHeading(ctx context.Context, t, now time.Time) string {
	return speak(ctx, t, func(l *Localizer, local time.Time) string { return l.DayHeading(local, Local(ctx, now)) })
}

// Civil reads a calendar date without a zone ("2026-11-23") for Localizer.Date and its like. It gives the zero time for
// anything else.
func Civil(date string) time.Time {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return time.Time{}
	}
	return t
}

// CivilDate is "maandag 23 november" for a calendar date ("2026-11-23"), whatever the zone; "" when it is not one.
func CivilDate(ctx context.Context, date string) string {
	return civil(ctx, date, (*Localizer).Date)
}

// CivilLongDate is CivilDate with the year.
func CivilLongDate(ctx context.Context, date string) string {
	return civil(ctx, date, (*Localizer).LongDate)
}

// CivilDayHeading is DayHeading for calendar dates.
func CivilDayHeading(ctx context.Context, date, today string) string {
	now := Civil(today)
	return civil(ctx, date, func(l *Localizer, t time.Time) string { return l.DayHeading(t, now) })
}

func civil(ctx context.Context, date string, say func(*Localizer, time.Time) string) string {
	t := Civil(date)
	if t.IsZero() {
		return ""
	}
	l := From(ctx)
	if l == nil {
		return date
	}
	return say(l, t)
}
