package declarations

import (
	"context"
	"slices"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/formkey"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// Said is an answer with the name of who gave it.
type Said struct {
	Answer
	By      string
	Enterer string   // of one on paper
	Hidden  bool     // of another household: that they answered is known, what they filled in is theirs
	To      *Wording // the words that it was given to
}

// Standing is one declaration about one child, as a guardian sees it.
type Standing struct {
	Declaration
	Child   children.Named
	Answers []Said                // newest first
	Waiting []string              // who still has to answer
	Open    bool                  // the actor still has to answer
	May     bool                  // the actor may answer
	Unsent  Filled                // what the actor filled in and could not send
	Files   map[string]*Enclosure // that the actor may put in their answer, by id
}

// Mine is what the actor, or somebody of their household, filled in last; nil for nothing.
func (s *Standing) Mine() *Said {
	for i := range s.Answers {
		if !s.Answers[i].Hidden {
			return &s.Answers[i]
		}
	}
	return nil
}

// FileGone tells that the actor is asked again because a photo of the answer that they read could not be opened.
func (s *Standing) FileGone() bool {
	mine := s.Mine()
	return s.Open && mine != nil && mine.Spoiled && mine.TextVersion >= s.AskedVersion
}

// Filled is what the form of the actor holds: what could not be sent, else what they filled in last, as far as it is still asked.
func (s *Standing) Filled() Filled {
	if s.Unsent != nil {
		return s.Unsent
	}
	filled := Filled{}
	if mine := s.Mine(); mine != nil {
		for _, f := range s.Fields {
			if f.Kind != Signature { // signing is done anew each time
				filled[f.Key] = mine.Filled[f.Key]
			}
		}
	}
	return filled
}

// OfChild is everything that is asked, or was answered, about a child.
type OfChild struct {
	Child children.Named
	Asked []Standing
	Ended []Standing // not asked any more, and there is an answer
}

// Open counts what waits for the actor.
func (o *OfChild) Open() (n int) {
	for i := range o.Asked {
		if o.Asked[i].Open {
			n++
		}
	}
	return n
}

// Own gives what the actor, a guardian, is asked about their children, and what was answered; about one child when it is named.
func (s *Service) Own(ctx context.Context, child ids.ID) (list []OfChild, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		if actor.From(ctx).Role != actor.Parent {
			return fault.NotFound()
		}
		own, err := children.Own(ctx, tx)
		if err != nil {
			return err
		}
		if child != ids.Nil {
			own = slices.DeleteFunc(own, func(c children.Named) bool { return c.ID != child })
			if len(own) == 0 {
				return fault.NotFound()
			}
		}
		list, err = standings(ctx, tx, own)
		return err
	})
	return list, err
}

// Form gives a declaration to fill in about a child. Whoever may not fill it in gets NotFound; whoever signs it proves first who
// they are.
func (s *Service) Form(ctx context.Context, declaration, child ids.ID) (standing *Standing, name string, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		if standing, err = form(ctx, tx, subject{declaration, child}); err != nil {
			return err
		}
		if standing.Signed() {
			if err := identity.MustBeFresh(ctx, tx); err != nil {
				return err
			}
		}
		name, err = nameOf(ctx, tx)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	return standing, name, nil
}

func nameOf(ctx context.Context, tx tenants.Reader) (string, error) {
	me := actor.From(ctx).PersonID
	names, err := identity.Names(ctx, tx, []ids.ID{me})
	return names[me], err
}

func form(ctx context.Context, tx tenants.Reader, about subject) (*Standing, error) {
	if actor.From(ctx).Role != actor.Parent {
		return nil, fault.NotFound()
	}
	named, err := children.MustSee(ctx, tx, []ids.ID{about.ChildID})
	if err != nil {
		return nil, err
	}
	list, err := standings(ctx, tx, named)
	if err != nil {
		return nil, err
	}
	for i := range list[0].Asked {
		if st := &list[0].Asked[i]; st.ID == about.DeclarationID && st.May {
			if st.Unsent, err = selectUnsent(ctx, tx, about, actor.From(ctx).PersonID); err != nil {
				return nil, err
			}
			return st, st.lookUpFiles(ctx, tx)
		}
	}
	return nil, fault.NotFound()
}

// lookUpFiles finds the files that the actor may put in their answer: those that they uploaded and no answer holds, and those of the
// answers that they read.
func (s *Standing) lookUpFiles(ctx context.Context, tx tenants.Reader) error {
	s.Files = map[string]*Enclosure{}
	if !s.takesFiles() {
		return nil
	}
	unsent, err := selectUnsentFiles(ctx, tx, subject{s.ID, s.Child.ID}, actor.From(ctx).PersonID)
	if err != nil {
		return err
	}
	for i := range unsent {
		s.Files[unsent[i].ID.String()] = &unsent[i]
	}
	for i := range s.Answers {
		if a := &s.Answers[i]; !a.Hidden && a.To != nil {
			for _, f := range a.To.Fields {
				if e := a.File(f); e != nil {
					s.Files[e.ID.String()] = e
				}
			}
		}
	}
	return nil
}

// Reply is a declaration as it was filled in.
type Reply struct {
	DeclarationID, ChildID ids.ID
	Words                  int // the version of the words that were read
	Filled                 Filled
	Files                  map[string]Upload // that were chosen now, by the keys of their fields
	FormKey                ids.ID            // sent twice it is kept once
}

// Answer keeps what the actor, a guardian with parental authority, filled in. An answer to words that were changed meanwhile is a
// Conflict. What cannot be kept yet is there again in the next Form. A file of a form that is sent twice is stored twice; the one that no
// answer came to hold goes after a day.
func (s *Service) Answer(ctx context.Context, r Reply) error {
	sent := fingerprint(r.Filled, r.Files, r.DeclarationID.String(), r.ChildID.String())
	bad, err := s.encloseReply(ctx, r)
	if err != nil {
		return err
	}
	refused := s.answer(ctx, r, sent, bad)
	if code := fault.CodeOf(refused); refused == nil || code != fault.Invalid && code != fault.Conflict && !identity.NeedsProof(refused) {
		return refused
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		st, err := form(ctx, tx, subject{r.DeclarationID, r.ChildID})
		if err != nil {
			return err
		}
		return upsertUnsent(ctx, tx, &unsent{TenantID: tx.Tenant().ID, DeclarationID: r.DeclarationID, ChildID: r.ChildID, PersonID: actor.From(ctx).PersonID, Filled: r.Filled.bounded(st.Fields), SavedAt: tx.Now()})
	})
	if err != nil {
		return err
	}
	return refused
}

// encloseReply stores the files of a reply that the actor may give. They are there before it is known whether all of it is right: what was
// chosen need not be chosen again.
func (s *Service) encloseReply(ctx context.Context, r Reply) (map[string]*fault.Error, error) {
	if len(r.Files) == 0 {
		return nil, nil
	}
	about := subject{r.DeclarationID, r.ChildID}
	var fields []Field
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		st, err := form(ctx, tx, about)
		if err == nil {
			fields = st.Fields
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.enclose(ctx, about, fields, r.Files, r.Filled)
}

func (s *Service) answer(ctx context.Context, r Reply, sent []byte, bad map[string]*fault.Error) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := hold(ctx, tx, r.ChildID); err != nil {
			return err
		}
		if _, done, err := formkey.Once(ctx, tx, r.FormKey, sent); err != nil || done {
			return err
		}
		// What is asked, and who may answer, stays as it is until the answer is kept.
		if _, err := selectOne(ctx, tx, r.DeclarationID, "SHARE"); err != nil {
			return err
		}
		ties, err := children.HoldAuthority(ctx, tx, r.ChildID)
		if err != nil {
			return err
		}
		about := subject{r.DeclarationID, r.ChildID}
		st, err := form(ctx, tx, about)
		if err != nil {
			return err
		}
		if r.Words != st.TextVersion {
			return fault.New(fault.Conflict, "declarations.error.words_changed")
		}
		if st.Signed() {
			if err := identity.MustBeFresh(ctx, tx); err != nil {
				return err
			}
		}
		name, err := nameOf(ctx, tx)
		if err != nil {
			return err
		}
		var problems fault.Fields
		filled := r.Filled.check(&problems, st.Fields, filler{name: name, has: st.Files, refused: bad})
		if err := problems.Err(); err != nil {
			return err
		}
		me := actor.From(ctx).PersonID
		if err := deleteUnsent(ctx, tx, about, me); err != nil {
			return err
		}
		for _, before := range st.Answers {
			if before.AnsweredBy == me {
				if before.TextVersion == st.TextVersion && !before.OnPaper() && before.Filled.sameAs(filled) {
					return formkey.Finish(ctx, tx, r.FormKey, before.ID.String()) // said again it is kept once
				}
				break
			}
		}
		a := Answer{TenantID: tx.Tenant().ID, ID: ids.New(), DeclarationID: r.DeclarationID, ChildID: r.ChildID, TextVersion: st.TextVersion, Filled: filled, AnsweredBy: me, AnsweredAt: tx.Now()}
		if err := insertAnswer(ctx, tx, a); err != nil {
			return err
		}
		if err := keep(ctx, tx, filled.filesIn(st.Fields)); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, "declarations.answer", r.ChildID, map[string]any{"declaration": r.DeclarationID, "version": st.TextVersion}); err != nil {
			return err
		}
		// Who needs not answer any more has nothing waiting.
		var guardians []ids.ID
		for _, t := range ties {
			guardians = append(guardians, t.PersonID)
		}
		if err := s.notifications.Settle(ctx, tx, guardians); err != nil {
			return err
		}
		return formkey.Finish(ctx, tx, r.FormKey, a.ID.String())
	})
}

// standings puts together what is asked about children of the actor, a guardian.
func standings(ctx context.Context, tx tenants.Reader, about []children.Named) ([]OfChild, error) {
	me, childIDs := actor.From(ctx).PersonID, children.IDsOf(about)
	all, err := selectAll(ctx, tx, false)
	if err != nil || len(childIDs) == 0 {
		return nil, err
	}
	asked, err := selectSubjects(ctx, tx, idsOf(all), children.VisibleTo(tx, actor.From(ctx)))
	if err != nil {
		return nil, err
	}
	answers, err := selectAnswers(ctx, tx, ids.Nil, childIDs, true)
	if err != nil {
		return nil, err
	}
	authority, err := children.WithAuthority(ctx, tx, childIDs)
	if err != nil {
		return nil, err
	}
	households, err := children.HouseholdTies(ctx, tx, childIDs)
	if err != nil {
		return nil, err
	}
	var people []ids.ID
	for _, t := range authority {
		people = append(people, t.PersonID)
	}
	for _, a := range answers {
		people = append(people, a.people()...)
	}
	// Guardians read each other's given names: parents who live apart need not learn what the other is called by now.
	names, err := identity.GivenNames(ctx, tx, ids.Once(people))
	if err != nil {
		return nil, err
	}
	words, err := selectWordings(ctx, tx, idsOf(all)...)
	if err != nil {
		return nil, err
	}
	list := make([]OfChild, len(about))
	for i, child := range about {
		of := OfChild{Child: child}
		var guardians []ids.ID
		for _, t := range authority {
			if t.ChildID == child.ID {
				guardians = append(guardians, t.PersonID)
			}
		}
		for _, d := range all {
			st := Standing{Declaration: d, Child: child, May: slices.Contains(guardians, me)}
			var given []Answer
			for _, a := range answers {
				if a.ChildID != child.ID || a.DeclarationID != d.ID {
					continue
				}
				given = append(given, a)
				said := Said{Answer: a, By: names[a.AnsweredBy], Enterer: names[a.EnteredBy], Hidden: !together(households, child.ID, me, a.AnsweredBy)}
				for w := range words {
					if words[w].DeclarationID == d.ID && words[w].TextVersion == a.TextVersion {
						said.To = &words[w]
					}
				}
				st.Answers = append(st.Answers, said)
			}
			waiting := d.waiting(guardians, given)
			for _, id := range waiting {
				st.Waiting = append(st.Waiting, names[id])
			}
			st.Open = st.May && slices.Contains(waiting, me)
			switch {
			case d.Asked() && slices.Contains(asked, subject{d.ID, child.ID}):
				of.Asked = append(of.Asked, st)
			case len(given) > 0:
				of.Ended = append(of.Ended, st)
			}
		}
		slices.SortStableFunc(of.Asked, func(a, b Standing) int { return first(a.Open) - first(b.Open) })
		list[i] = of
	}
	return list, nil
}

func first(open bool) int {
	if open {
		return 0
	}
	return 1
}

// together tells whether two are the same, or of one household of the child.
func together(ties []children.HouseholdTie, child, a, b ids.ID) bool {
	if a == b {
		return true
	}
	of := map[ids.ID]int{}
	for _, t := range ties {
		if t.ChildID == child {
			of[t.PersonID] = t.Household
		}
	}
	return of[a] != 0 && of[a] == of[b]
}

func idsOf(list []Declaration) []ids.ID {
	all := make([]ids.ID, len(list))
	for i := range list {
		all[i] = list[i].ID
	}
	return all
}

// Told is an answer with the words that it was given to.
type Told struct {
	Answer
	Words Wording
}

// Files are those that stand in the answer, and the paper itself.
func (t *Told) Files() (list []*Enclosure) {
	for _, f := range t.Words.Fields {
		if e := t.File(f); e != nil && e.Ready() {
			list = append(list, e)
		}
	}
	if scan := t.Scan(); scan != nil && scan.Ready() {
		list = append(list, scan)
	}
	return list
}

// History gives every answer about a child of whom the actor may know, newest first, as far as person may read what was filled in:
// their own, and those of their household.
func History(ctx context.Context, tx tenants.Reader, child, person ids.ID) ([]Told, error) {
	if _, err := children.MustSee(ctx, tx, []ids.ID{child}); err != nil {
		return nil, err
	}
	answers, err := selectAnswers(ctx, tx, ids.Nil, []ids.ID{child}, true)
	if err != nil {
		return nil, err
	}
	households, err := children.HouseholdTies(ctx, tx, []ids.ID{child})
	if err != nil {
		return nil, err
	}
	var about []ids.ID
	for _, a := range answers {
		about = append(about, a.DeclarationID)
	}
	words, err := selectWordings(ctx, tx, ids.Once(about)...)
	if err != nil {
		return nil, err
	}
	var list []Told
	for _, a := range answers {
		if !together(households, child, person, a.AnsweredBy) {
			continue
		}
		for _, w := range words {
			if w.DeclarationID == a.DeclarationID && w.TextVersion == a.TextVersion {
				list = append(list, Told{a, w})
			}
		}
	}
	return list, nil
}
