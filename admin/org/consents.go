package org

import (
	"context"
	"strings"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/formkey"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/consents"
)

const questionsPath = "/beheer/toestemmingen"

// questionForm is the form for what guardians are asked.
type questionForm struct {
	form
	Purpose  consents.Purpose // "" for a new question
	Name     string
	Draft    consents.Draft
	Wordings []consents.Text
}

func (h *Handlers) questions(c *fiber.Ctx) error {
	list, err := h.consents.Asked(web.Ctx(c))
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, questionsPage(list, today(c)))
}

func questionDraftOf(c *fiber.Ctx) consents.Draft {
	return consents.Draft{Title: c.FormValue("title"), Body: strings.ReplaceAll(c.FormValue("body"), "\r\n", "\n"), Required: consents.Required(c.FormValue("required")),
		StartsOn: dayOf(c, "starts_on"), EndsOn: dayOf(c, "ends_on"), AskAgain: c.FormValue("ask_again") != "", Birthdays: c.FormValue("birthdays") != "", Version: versionOf(c)}
}

func (h *Handlers) newQuestion(c *fiber.Ctx) error {
	draft := consents.Draft{Required: consents.Every, StartsOn: today(c), FormKey: formkey.New()}
	return web.Render(c, fiber.StatusOK, questionPage(questionForm{form: form{Action: questionsPath, Back: questionsPath}, Draft: draft}))
}

func (h *Handlers) addQuestion(c *fiber.Ctx) error {
	draft := questionDraftOf(c)
	draft.FormKey, _ = ids.Parse(c.FormValue(formkey.Field))
	if _, err := h.consents.Ask(web.Ctx(c), draft); err != nil {
		return h.again(c, err, func(status int) error {
			return web.Render(c, status, questionPage(questionForm{form: form{Action: questionsPath, Back: questionsPath, Problem: err}, Draft: draft}))
		})
	}
	return saved(c, "org.question.added", questionsPath)
}

func (h *Handlers) openQuestion(c *fiber.Ctx) (questionForm, error) {
	d, err := h.consents.Question(web.Ctx(c), consents.Purpose(c.Params("purpose")))
	if err != nil {
		return questionForm{}, err
	}
	f := questionForm{form: form{Action: questionsPath + "/" + string(d.Purpose), Back: questionsPath, Version: d.Version}, Purpose: d.Purpose, Name: d.TitleWords(web.Ctx(c)),
		Draft: consents.Draft{Title: d.Title, Body: d.Body, Required: d.Required, StartsOn: d.StartsOn, EndsOn: d.EndsOn}}
	if !d.Own() {
		f.Draft.Title, f.Draft.Body, f.Draft.StartsOn = d.TitleWords(web.Ctx(c)), d.BodyWords(web.Ctx(c)), today(c)
	}
	f.Wordings, err = h.consents.Wordings(web.Ctx(c), d.Purpose)
	return f, err
}

func (h *Handlers) question(c *fiber.Ctx) error {
	f, err := h.openQuestion(c)
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, questionPage(f))
}

func (h *Handlers) changeQuestion(c *fiber.Ctx) error {
	f, err := h.openQuestion(c)
	if err != nil {
		return err
	}
	draft := questionDraftOf(c)
	if err := h.consents.Revise(web.Ctx(c), f.Purpose, draft); err != nil {
		return h.again(c, err, func(status int) error {
			now := f.Draft
			f.Draft, f.Problem = draft, err
			if isStale(err) { // the version of now is on the form: sent again, it is meant
				f.Conflict = &conflict{}
				for _, pair := range [][3]string{{"question", now.Title, draft.Title}, {"question_body", now.Body, draft.Body},
					{"required", requiredWords(web.Ctx(c), now.Required), requiredWords(web.Ctx(c), draft.Required)},
					{"starts_on", string(now.StartsOn), string(draft.StartsOn)}, {"ends_on", string(now.EndsOn), string(draft.EndsOn)}} {
					if pair[1] != pair[2] {
						f.Conflict.Differs = append(f.Conflict.Differs, difference{pair[0], pair[1], pair[2]})
					}
				}
			} else {
				f.Version = draft.Version
			}
			return web.Render(c, status, questionPage(f))
		})
	}
	return saved(c, "org.saved", questionsPath)
}

// remindOfQuestion tells who has not answered that it is waited for.
func (h *Handlers) remindOfQuestion(c *fiber.Ctx) error {
	people, err := h.consents.Remind(web.Ctx(c), consents.Purpose(c.Params("purpose")))
	f, refused := fault.As(err)
	switch {
	case refused && f.Code == fault.Conflict:
		web.FlashProblem(c, f.Key)
	case err != nil:
		return err
	case people == 0:
		return saved(c, "org.reminded.nobody", questionsPath)
	default:
		return saved(c, "org.reminded", questionsPath)
	}
	return web.Go(c, questionsPath)
}

// keepAnswer keeps what a guardian, or all of them, answered on paper.
func (h *Handlers) keepAnswer(c *fiber.Ctx) error {
	child, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	word, purpose := c.FormValue("answer"), consents.Purpose(c.Params("purpose"))
	if word != "ja" && word != "nee" {
		return fault.New(fault.BadRequest, "error.bad_request")
	}
	var guardian ids.ID
	if typed := c.FormValue("guardian"); typed != "" {
		var ok bool
		if guardian, ok = ids.Parse(typed); !ok {
			return fault.NotFound()
		}
	}
	file := childrenPath + "/" + child.String() + "#vraag-" + string(purpose)
	err = h.consents.Say(web.Ctx(c), consents.Reply{ChildID: child, Purpose: purpose, Granted: word == "ja", Guardian: guardian})
	if f, ok := fault.As(err); ok && f.Code == fault.Conflict { // somebody ended the question meanwhile: the file shows what is asked now
		web.FlashProblem(c, f.Key)
		return web.Go(c, file)
	}
	if err != nil {
		return err
	}
	return saved(c, "org.consent.kept", file)
}

// newestOfEach are the answers that count: the newest of each guardian.
func newestOfEach(q consents.Standing) []consents.Said {
	seen := map[ids.ID]bool{}
	var list []consents.Said
	for _, s := range q.Answers {
		if !seen[s.AnsweredFor] {
			seen[s.AnsweredFor] = true
			list = append(list, s)
		}
		if s.AnsweredFor == ids.Nil { // it was for everybody
			break
		}
	}
	return list
}

// i18n:keys org.required.*
func requiredWords(ctx context.Context, r consents.Required) string {
	return i18n.T(ctx, "org.required."+string(r))
}

func requiredOptions(ctx context.Context, chosen consents.Required) []ui.Option {
	var list []ui.Option
	for _, r := range []consents.Required{consents.One, consents.Every} {
		list = append(list, ui.Option{Value: string(r), Label: requiredWords(ctx, r), Selected: r == chosen})
	}
	return list
}

func guardianOptions(ctx context.Context, guardians []consents.Guardian) []ui.Option {
	list := []ui.Option{{Value: "", Label: i18n.T(ctx, "org.consent.everybody")}}
	for _, g := range guardians {
		list = append(list, ui.Option{Value: g.ID.String(), Label: g.Name})
	}
	return list
}
