package consents

import (
	"context"
	"slices"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

// item is the kind of news that an answer is waited for. Its subject is a batch of consent_told.
const item = "consent"

// AnswersMissed happens when those of a batch are to hear that their answer is waited for.
type AnswersMissed struct {
	Batch ids.ID `json:"batch"`
}

// EventName names the event in the ledger.
func (AnswersMissed) EventName() string { return "consents.answers_missed" }

// ask tells everybody whose answer is waited for, after a question was asked. Run again it tells nobody.
func (s *Service) ask(ctx context.Context, _ ids.ID, e QuestionAsked) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		d, err := definitionOf(ctx, tx, e.Purpose)
		if err == nil {
			_, err = tell(ctx, tx, []Definition{*d}, false)
		}
		return err
	})
}

// notify tells those of a batch whose answer is still waited for. The rows of notifications are unique per event: a second run adds none.
// For who answers meanwhile there was no bell to settle: it is looked for them once more.
func (s *Service) notify(ctx context.Context, event ids.ID, e AnswersMissed) error {
	people, err := s.whoWasTold(ctx, toldIn(e.Batch))
	if err != nil {
		return err
	}
	if err := s.notifications.NotifyAll(ctx, notifications.News{EventID: event, Item: item, SubjectID: e.Batch, Recipients: people}); err != nil {
		return err
	}
	return s.forgetAll(ctx, people)
}

// waitingOn is what somebody was told of in a batch and has not answered yet.
type waitingOn struct {
	question Definition
	names    []string // of the children
}

// toldTo is one person of one batch.
type toldTo struct{ batch, person ids.ID }

// stillWaiting gives, of what people were told in batches, what is waited for now, in the order of the questions. It
// reads of nobody else's children. A child that left since can be answered for, until its file ends.
func stillWaiting(ctx context.Context, tx tenants.Reader, batches, people []ids.ID) (map[toldTo][]waitingOn, error) {
	rows, err := selectBatches(ctx, tx, ids.Once(batches), people)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	system := actor.With(ctx, actor.ForSystem(tx.Tenant().ID))
	var about []ids.ID
	asked := map[Purpose][]told{}
	for _, t := range rows {
		about = append(about, t.ChildID)
		asked[t.Purpose] = append(asked[t.Purpose], t)
	}
	about = ids.Once(about)
	known, err := children.FiledNames(system, tx, about)
	if err != nil {
		return nil, err
	}
	definitions, err := definitionsOf(ctx, tx)
	if err != nil {
		return nil, err
	}
	open := map[toldTo][]waitingOn{}
	for _, d := range definitions {
		if len(asked[d.Purpose]) == 0 {
			continue
		}
		missed, err := selectMissing(ctx, tx, &d, children.Those(tx, about))
		if err != nil {
			return nil, err
		}
		names := map[toldTo][]string{}
		for _, child := range known {
			for _, t := range asked[d.Purpose] {
				if t.ChildID == child.ID && missed[children.Tie{PersonID: t.PersonID, ChildID: t.ChildID}] {
					to := toldTo{t.Batch, t.PersonID}
					names[to] = append(names[to], child.GivenName)
				}
			}
		}
		for to, list := range names {
			open[to] = append(open[to], waitingOn{d, list})
		}
	}
	return open, nil
}

// describe says in the list of notifications what is waited for. What is answered by now is not shown any more.
func (s *Service) describe(ctx context.Context, tx tenants.Reader, who actor.Actor, subjects []ids.ID) (map[ids.ID]string, error) {
	open, err := stillWaiting(ctx, tx, subjects, []ids.ID{who.PersonID})
	if err != nil {
		return nil, err
	}
	words := map[ids.ID]string{}
	for to, list := range open {
		if len(list) == 1 {
			words[to.batch] = i18n.T(ctx, "consents.told", "Title", list[0].question.TitleWords(ctx), "Names", i18n.List(ctx, list[0].names))
		} else {
			words[to.batch] = i18n.N(ctx, "consents.told.several", len(list), "Names", i18n.List(ctx, everybodyIn(list)))
		}
	}
	return words, nil
}

// everybodyIn names the children that any of the questions is about.
func everybodyIn(list []waitingOn) []string {
	var names []string
	for _, w := range list {
		for _, name := range w.names {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// compose writes to guardians whose answer is still waited for at this moment.
func (s *Service) compose(ctx context.Context, tx tenants.Reader, to []notifications.Telling) (map[ids.ID]notifications.Letter, error) {
	batches, people := make([]ids.ID, len(to)), make([]ids.ID, len(to))
	for i, t := range to {
		batches[i], people[i] = t.SubjectID, t.Person.PersonID
	}
	open, err := stillWaiting(ctx, tx, batches, ids.Once(people))
	if err != nil {
		return nil, err
	}
	letters := map[ids.ID]notifications.Letter{}
	for _, t := range to {
		if list := open[toldTo{t.SubjectID, t.Person.PersonID}]; len(list) > 0 {
			letters[t.DeliveryID] = letter(i18n.With(ctx, t.Words), list)
		}
	}
	return letters, nil
}

// letter is in the language of ctx.
func letter(ctx context.Context, list []waitingOn) notifications.Letter {
	l := notifications.Letter{Title: i18n.T(ctx, "consents.mail.title", "Title", list[0].question.TitleWords(ctx)), ButtonText: i18n.T(ctx, "consents.mail.button")}
	if len(list) > 1 {
		l.Title = i18n.N(ctx, "consents.mail.title.several", len(list))
	}
	for _, w := range list {
		l.Paragraphs = append(l.Paragraphs, i18n.T(ctx, "consents.mail.question", "Title", w.question.TitleWords(ctx), "Names", i18n.List(ctx, w.names)))
	}
	l.Subject, l.Preheader = l.Title, l.Paragraphs[0]
	l.Paragraphs = append(l.Paragraphs, i18n.T(ctx, "consents.mail.text"))
	return l
}
