package keepsake

import (
	"context"
	"slices"
	"time"

	"ouderportaal/internal/attach"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/absences"
	"ouderportaal/modules/consents"
	"ouderportaal/modules/declarations"
	"ouderportaal/tenants"
)

// answers are what guardians said of the child outside diary and messages: when it was not to come, to what they consented, and what they
// declared. They are read once, for their pages in the book and for alles.json.
type answers struct {
	absences     []absences.Absence
	consents     []consents.Told
	declarations []declarations.Told
}

// bookAnswer is one of them as its page shows it.
type bookAnswer struct {
	Title, Detail, Body string
	Filled              []bookFilled
	Files               []Attached
}

type bookFilled struct{ Question, Answer string }

// readAnswers reads, once, what is older than the question, as far as who asked for the file may read it.
func (p *packer) readAnswers(ctx context.Context) error {
	if p.answers != nil {
		return nil
	}
	newer := func(at time.Time) bool { return at.After(p.k.AskedAt) }
	a := &answers{}
	return p.s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		if a.absences, err = absences.OfChild(ctx, tx, p.k.ChildID); err != nil {
			return err
		}
		if a.consents, err = consents.History(ctx, tx, p.k.ChildID); err != nil {
			return err
		}
		if a.declarations, err = declarations.History(ctx, tx, p.k.ChildID, p.k.PersonID); err != nil {
			return err
		}
		a.absences = slices.DeleteFunc(a.absences, func(a absences.Absence) bool { return newer(a.ReportedAt) })
		a.consents = slices.DeleteFunc(a.consents, func(t consents.Told) bool { return newer(t.AnsweredAt) })
		a.declarations = slices.DeleteFunc(a.declarations, func(t declarations.Told) bool { return newer(t.AnsweredAt) })
		for i := range a.absences {
			a.absences[i].Narrow(p.k.PersonID)
		}
		p.answers = a
		return nil
	})
}

// addAnswers writes a page of each kind of which there are any.
func (p *packer) addAnswers(ctx context.Context) error {
	for _, page := range []struct {
		file, title, count string
		list               []bookAnswer
	}{
		{"afwezig.html", i18n.T(ctx, "keepsake.book.absences"), "keepsake.book.absences.count", p.absentOf(ctx)},
		{"toestemmingen.html", i18n.T(ctx, "consents.title"), "keepsake.book.answers.count", p.consentsOf(ctx)},
		{"verklaringen.html", i18n.T(ctx, "declarations.title"), "keepsake.book.answers.count", p.declaredOf(ctx)},
	} {
		if len(page.list) == 0 {
			continue
		}
		if err := p.write(ctx, page.file, answersPage(page.title, p.child.GivenName, page.list)); err != nil {
			return err
		}
		p.beside = append(p.beside, bookLink{Href: page.file, Text: page.title, Detail: i18n.N(ctx, page.count, len(page.list))})
	}
	return nil
}

func (p *packer) absentOf(ctx context.Context) []bookAnswer {
	var list []bookAnswer
	for _, a := range p.answers.absences {
		said := bookAnswer{Title: i18n.CivilLongDate(ctx, string(a.FirstDay)), Body: a.Note}
		if a.LastDay != a.FirstDay {
			said.Title = i18n.T(ctx, "absences.period", "First", said.Title, "Last", i18n.CivilLongDate(ctx, string(a.LastDay)))
		}
		why, who := "", "other"
		if a.ReportedBy == p.k.PersonID {
			why, who = absences.ReasonWords(ctx, a.Reason), "own"
		}
		// i18n:keys keepsake.book.absent.*
		said.Detail = joined(" · ", why, i18n.T(ctx, "keepsake.book.absent."+who, "Day", i18n.LongDate(ctx, a.ReportedAt), "Time", i18n.Time(ctx, a.ReportedAt)))
		list = append(list, said)
	}
	return list
}

func (p *packer) consentsOf(ctx context.Context) []bookAnswer {
	var list []bookAnswer
	for _, a := range p.answers.consents {
		said := i18n.T(ctx, "keepsake.book.no")
		if a.Granted {
			said = i18n.T(ctx, "keepsake.book.yes")
		}
		// i18n:keys keepsake.book.consent.*
		list = append(list, bookAnswer{Title: a.TitleWords(ctx), Body: a.BodyWords(ctx), Detail: i18n.T(ctx, "keepsake.book.consent."+p.whose(a),
			"Answer", said, "Day", i18n.LongDate(ctx, a.AnsweredAt), "Time", i18n.Time(ctx, a.AnsweredAt))})
	}
	return list
}

// whose tells whose an answer is: "own" of who asked for the file, "other", or "everybody", on paper.
func (p *packer) whose(a consents.Told) string {
	switch a.AnsweredFor {
	case p.k.PersonID:
		return "own"
	case ids.Nil:
		return "everybody"
	}
	return "other"
}

func (p *packer) declaredOf(ctx context.Context) []bookAnswer {
	var list []bookAnswer
	for i := range p.answers.declarations {
		a := &p.answers.declarations[i]
		who := "other"
		if a.AnsweredBy == p.k.PersonID {
			who = "own"
		}
		// i18n:keys keepsake.book.declared.*
		said := bookAnswer{Title: a.Words.Title, Body: a.Words.Body, Detail: i18n.T(ctx, "keepsake.book.declared."+who, "Day", i18n.LongDate(ctx, a.AnsweredAt), "Time", i18n.Time(ctx, a.AnsweredAt))}
		for _, f := range a.Words.Fields {
			if words := a.FilledWords(ctx, f); words != "" {
				said.Filled = append(said.Filled, bookFilled{f.Label, words})
			}
		}
		for _, e := range a.Files() {
			said.Files = append(said.Files, Attached{Name: e.FileName, Photo: e.Kind == attach.Photo, File: p.done[e.ID].File})
		}
		list = append(list, said)
	}
	return list
}
