package consents

import (
	"context"

	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
)

// TitleWords and BodyWords are a question in words: the organisation's, or for photos the product's own.
func (d *Definition) TitleWords(ctx context.Context) string {
	return Text{Title: d.Title}.TitleWords(ctx)
}

// BodyWords is what is said yes or no to.
func (d *Definition) BodyWords(ctx context.Context) string {
	return Text{Title: d.Title, Body: d.Body}.BodyWords(ctx)
}

// TitleWords and BodyWords are the question as it was asked then.
func (t Text) TitleWords(ctx context.Context) string {
	if t.Title == "" {
		return i18n.T(ctx, "consents.photos.title")
	}
	return t.Title
}

// BodyWords is what was said yes or no to.
func (t Text) BodyWords(ctx context.Context) string {
	if t.Title == "" {
		return i18n.T(ctx, "consents.photos.body")
	}
	return t.Body
}

// Words tell who said what and when; of an answer on paper whose it is, and who kept it.
func (a Said) Words(ctx context.Context) string {
	said := "no"
	if a.Granted {
		said = "yes"
	}
	day, at := i18n.LongDate(ctx, a.AnsweredAt), i18n.Time(ctx, a.AnsweredAt)
	switch {
	case a.AnsweredFor == ids.Nil:
		return i18n.T(ctx, "consents.paper."+said, "Name", a.By, "Day", day, "Time", at)
	case a.For != "":
		return i18n.T(ctx, "consents.paper_of."+said, "Whose", a.For, "Name", a.By, "Day", day, "Time", at)
	}
	return i18n.T(ctx, "consents.said."+said, "Name", a.By, "Day", day, "Time", at)
}
