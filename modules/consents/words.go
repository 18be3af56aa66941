package consents

import (
	"context"

	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
)

// TitleWords and BodyWords are a question in words: the organisation's, or for photos the product's own.
func (d *Definition) TitleWords(ctx context.Context) string {
	if d.Own() {
		return d.Title
	}
	return i18n.T(ctx, "consents.photos.title")
}

// BodyWords is what is said yes or no to.
func (d *Definition) BodyWords(ctx context.Context) string {
	if d.Own() {
		return d.Body
	}
	return i18n.T(ctx, "consents.photos.body")
}

// Words tell who said what and when; of an answer on paper whose it is, and who kept it.
func (a Said) Words(ctx context.Context) string {
	said := "no"
	if a.Granted {
		said = "yes"
	}
	day := i18n.LongDate(ctx, a.AnsweredAt)
	switch {
	case a.AnsweredFor == ids.Nil:
		return i18n.T(ctx, "consents.paper."+said, "Name", a.By, "Day", day)
	case a.For != "":
		return i18n.T(ctx, "consents.paper_of."+said, "Whose", a.For, "Name", a.By, "Day", day)
	}
	return i18n.T(ctx, "consents.said."+said, "Name", a.By, "Day", day)
}
