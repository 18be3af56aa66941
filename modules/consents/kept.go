package consents

import (
	"context"
	"slices"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// Unanswered is the condition that a question about the child c waits for somebody's answer, for children.List.
const Unanswered children.Mark = `(EXISTS (SELECT FROM consent_definition d WHERE d.tenant_id = c.tenant_id AND d.running AND NOT EXISTS (
		SELECT FROM consent_state k WHERE k.tenant_id = c.tenant_id AND k.child_id = c.id AND k.purpose = d.purpose AND k.text_version >= d.asked_version))
	OR NOT EXISTS (SELECT FROM consent_definition d WHERE d.tenant_id = c.tenant_id AND d.purpose = 'photos')
		AND NOT EXISTS (SELECT FROM consent_state k WHERE k.tenant_id = c.tenant_id AND k.child_id = c.id AND k.purpose = 'photos'))`

// UnansweredTo is the condition that nothing holds about the child c by the question, for children.List.
func UnansweredTo(d *Definition) children.Mark {
	// The table holds no purpose that needs to be quoted.
	return children.Mark(`NOT EXISTS (SELECT FROM consent_state k WHERE k.tenant_id = c.tenant_id AND k.child_id = c.id AND k.purpose = '` + string(d.Purpose) + `' AND (k.granted OR k.text_version > 0))`)
}

// Said is an answer with the names of who wrote it, and whose it is.
type Said struct {
	Answer
	By  string
	For string // "" when By answered, or it is one on paper for everybody
	To  *Text  // the words that it was given to, where those are not asked any more
}

// Standing is one question about one child.
type Standing struct {
	Definition
	Granted bool   // what holds
	Open    bool   // somebody still has to answer
	Answers []Said // newest first
	Mine    *Said  // what the actor said last, or was said on paper for them
	Waiting []string
}

// Never tells whether nobody has answered at all.
func (s *Standing) Never() bool { return len(s.Answers) == 0 }

// OfChild is everything that is asked now about a child.
type OfChild struct {
	Child     children.Named
	MayAnswer bool
	Guardians []Guardian // who have to answer
	Questions []Standing
	Ended     []Standing // what is not asked now, and the actor, a guardian, has an answer to
}

// Guardian is somebody with parental authority.
type Guardian struct {
	ID   ids.ID
	Name string
}

// Open tells whether a question waits for an answer.
func (o *OfChild) Open() bool {
	for _, q := range o.Questions {
		if q.Open {
			return true
		}
	}
	return false
}

// Own gives what the actor, a guardian, is asked about their children, and what was answered.
func (s *Service) Own(ctx context.Context) (list []OfChild, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		if actor.From(ctx).Role != actor.Parent {
			return fault.NotFound()
		}
		var own []ids.ID
		if err := children.VisibleTo(tx, actor.From(ctx)).Scan(ctx, &own); err != nil {
			return err
		}
		named, err := children.MustSee(ctx, tx, ids.Once(own))
		if err == nil {
			list, err = standings(ctx, tx, named)
		}
		return err
	})
	return list, err
}

// Of gives what is asked about a child whose file the actor keeps.
func (s *Service) Of(ctx context.Context, childID ids.ID) (of *OfChild, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		named, err := children.MustKeep(ctx, tx, []ids.ID{childID})
		if err != nil {
			return err
		}
		list, err := standings(ctx, tx, named)
		if err == nil {
			of = &list[0]
		}
		return err
	})
	return of, err
}

// Told is an answer with the words that it was given to; these are empty where photos were asked in the product's own.
type Told struct {
	Answer
	Text
}

// History gives every answer about a child of whom the actor may know, newest first.
func History(ctx context.Context, tx tenants.Reader, childID ids.ID) ([]Told, error) {
	if _, err := children.MustSee(ctx, tx, []ids.ID{childID}); err != nil {
		return nil, err
	}
	answers, err := selectAnswers(ctx, tx, []ids.ID{childID}, "")
	if err != nil {
		return nil, err
	}
	list, asked := make([]Told, len(answers)), map[Purpose][]text{}
	for i, a := range answers {
		texts, known := asked[a.Purpose]
		if !known {
			if texts, err = selectTexts(ctx, tx, a.Purpose); err != nil {
				return nil, err
			}
			asked[a.Purpose] = texts
		}
		list[i].Answer = a
		for _, t := range texts {
			if t.TextVersion == a.TextVersion {
				list[i].Text = t.Text
			}
		}
	}
	return list, nil
}

// standings puts together what is asked about the children now. The caller has asked whether the actor may know of them.
func standings(ctx context.Context, tx tenants.Reader, about []children.Named) ([]OfChild, error) {
	childIDs := make([]ids.ID, len(about))
	for i, child := range about {
		childIDs[i] = child.ID
	}
	definitions, err := definitionsOf(ctx, tx)
	if err != nil {
		return nil, err
	}
	ties, err := children.WithAuthority(ctx, tx, childIDs)
	if err != nil {
		return nil, err
	}
	answers, err := selectAnswers(ctx, tx, childIDs, "")
	if err != nil {
		return nil, err
	}
	states, err := selectStates(ctx, tx, "", childIDs, false)
	if err != nil {
		return nil, err
	}
	before, err := wordsBefore(ctx, tx, definitions, answers)
	if err != nil {
		return nil, err
	}
	names, err := identity.Names(ctx, tx, peopleIn(ties, answers))
	if err != nil {
		return nil, err
	}
	me := actor.From(ctx)
	if me.Role == actor.Parent {
		if err := shorten(ctx, tx, names, ties, answers); err != nil {
			return nil, err
		}
	}
	list := make([]OfChild, len(about))
	for i, child := range about {
		of := OfChild{Child: child}
		for _, t := range ties {
			if t.ChildID == child.ID {
				of.Guardians = append(of.Guardians, Guardian{t.PersonID, names[t.PersonID]})
				of.MayAnswer = of.MayAnswer || me.Role == actor.Parent && t.PersonID == me.PersonID
			}
		}
		for _, d := range definitions {
			q := asAsked(d, of, states, answers, before[d.Purpose], names, me.PersonID)
			switch {
			case d.Running:
				of.Questions = append(of.Questions, q)
			case me.Role == actor.Parent && q.Mine != nil:
				of.Ended = append(of.Ended, q)
			}
		}
		list[i] = of
	}
	return list, nil
}

// wordsBefore reads the words of questions that were answered in others than those of now, by version.
func wordsBefore(ctx context.Context, tx tenants.Reader, definitions []Definition, answers []Answer) (map[Purpose]map[int]Text, error) {
	now, before := map[Purpose]int{}, map[Purpose]map[int]Text{}
	for _, d := range definitions {
		now[d.Purpose] = d.TextVersion
	}
	for _, a := range answers {
		if _, read := before[a.Purpose]; read || a.TextVersion == now[a.Purpose] {
			continue
		}
		texts, err := selectTexts(ctx, tx, a.Purpose)
		if err != nil {
			return nil, err
		}
		before[a.Purpose] = map[int]Text{}
		for _, t := range texts {
			before[a.Purpose][t.TextVersion] = t.Text
		}
	}
	return before, nil
}

// shorten leaves guardians their given names: parents who live apart need not learn what the other is called by now.
func shorten(ctx context.Context, tx tenants.Reader, names map[ids.ID]string, ties []children.Tie, answers []Answer) error {
	var guardians []ids.ID
	for _, t := range ties {
		guardians = append(guardians, t.PersonID)
	}
	for _, a := range answers {
		if a.AnsweredFor != ids.Nil {
			guardians = append(guardians, a.AnsweredFor)
		}
	}
	given, err := identity.GivenNames(ctx, tx, ids.Once(guardians))
	for id, name := range given {
		names[id] = name
	}
	return err
}

func peopleIn(ties []children.Tie, answers []Answer) []ids.ID {
	var people []ids.ID
	for _, t := range ties {
		people = append(people, t.PersonID)
	}
	for _, a := range answers {
		people = append(people, a.AnsweredBy)
		if a.AnsweredFor != ids.Nil {
			people = append(people, a.AnsweredFor)
		}
	}
	return ids.Once(people)
}

func asAsked(d Definition, of OfChild, states []state, answers []Answer, before map[int]Text, names map[ids.ID]string, me ids.ID) Standing {
	s := Standing{Definition: d, Open: true}
	for _, st := range states {
		if st.ChildID == of.Child.ID && st.Purpose == d.Purpose {
			s.Granted, s.Open = st.Granted, st.TextVersion < d.AskedVersion
		}
	}
	var about []Answer
	for _, a := range answers {
		if a.ChildID != of.Child.ID || a.Purpose != d.Purpose {
			continue
		}
		about = append(about, a)
		said := Said{Answer: a, By: names[a.AnsweredBy]}
		if a.AnsweredFor != a.AnsweredBy {
			said.For = names[a.AnsweredFor]
		}
		if a.TextVersion != d.TextVersion {
			words := before[a.TextVersion] // without a row it was asked in the product's own
			said.To = &words
		}
		s.Answers = append(s.Answers, said)
		if s.Mine == nil && (a.AnsweredFor == me || a.AnsweredFor == ids.Nil) {
			s.Mine = &said
		}
	}
	if s.Open && d.Required == Every {
		for _, g := range of.Guardians {
			if !slices.ContainsFunc(about, func(a Answer) bool {
				return a.TextVersion >= d.AskedVersion && (a.AnsweredFor == g.ID || a.AnsweredFor == ids.Nil)
			}) {
				s.Waiting = append(s.Waiting, g.Name)
			}
		}
	}
	return s
}

// Tally is how many children in care have what answer.
type Tally struct {
	Granted, Refused int
	Children         int // all of them
}

// Asked is a question with how it was answered.
type Asked struct {
	Definition
	Tally
	Waiting    int // guardians with an account who still have to answer
	Remindable int // those of them who were not told of it today
}

// Asked gives everything that the organisation asks, or asked, with how it stands for the children in care whom the actor keeps.
func (s *Service) Asked(ctx context.Context) (list []Asked, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		if err := tenants.ForMany(ctx, tx); err != nil {
			return err
		}
		definitions, err := definitionsOf(ctx, tx)
		if err != nil {
			return err
		}
		among := children.InCare(tx, actor.From(ctx))
		counted, err := tallies(ctx, tx, among)
		if err != nil {
			return err
		}
		all, err := countChildren(ctx, tx, among)
		if err != nil {
			return err
		}
		for _, d := range definitions {
			t := counted[d.Purpose]
			t.Children = all
			a := Asked{Definition: d, Tally: t}
			if a.Waiting, a.Remindable, err = countMissing(ctx, tx, &d, among); err != nil {
				return err
			}
			list = append(list, a)
		}
		return nil
	})
	return list, err
}

// Wordings gives the words in which a question was asked, the newest first.
func (s *Service) Wordings(ctx context.Context, purpose Purpose) (list []Text, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		texts, err := selectTexts(ctx, tx, purpose)
		for _, t := range texts {
			list = append(list, t.Text)
		}
		return err
	})
	return list, err
}
