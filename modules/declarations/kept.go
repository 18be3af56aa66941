package declarations

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/accesses"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// Tally is how a declaration stands among the children whom the actor keeps.
type Tally struct {
	Children int // about whom it is
	Done     int // nobody has to answer any more
}

// Counted is a declaration with how it stands.
type Counted struct {
	Declaration
	Tally
}

// mayKeep lets those who keep files read what was answered.
func mayKeep(ctx context.Context) error {
	switch actor.From(ctx).Role {
	case actor.Admin, actor.Manager, actor.System:
		return nil
	}
	return fault.NotFound()
}

// All gives every declaration, with how it stands for the children in care whom the actor keeps. Who defines none sees those that
// were published.
func (s *Service) All(ctx context.Context) (list []Counted, err error) {
	if err := mayKeep(ctx); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		all, err := selectAll(ctx, tx, false)
		if err != nil {
			return err
		}
		if mayDefine(ctx) != nil {
			all = slices.DeleteFunc(all, func(d Declaration) bool { return d.PublishedAt == nil })
		}
		for i := range all {
			rows, err := respondents(ctx, tx, &all[i], keptBy(ctx, tx, false))
			if err != nil {
				return err
			}
			list = append(list, Counted{all[i], tallyOf(rows)})
		}
		return nil
	})
	return list, err
}

func tallyOf(rows []Respondent) (t Tally) {
	for i := range rows {
		if rows[i].Past {
			continue
		}
		t.Children++
		if len(rows[i].Waiting) == 0 && len(rows[i].Answers) > 0 {
			t.Done++
		}
	}
	return t
}

// Guardian is somebody who has to answer.
type Guardian struct {
	ID   ids.ID
	Name string
}

// Respondent is a child about whom a declaration is, or about whom it was answered, with who answered and who did not.
type Respondent struct {
	Child   children.Named
	Family  string // the family name
	Answers []Said // that count: the newest of each guardian
	Waiting []Guardian
	// Guardians are those who may answer.
	Guardians []Guardian
	// Nobody tells that no guardian with parental authority is there to answer.
	Nobody bool
	// Past tells that it was answered, and is not asked about this child any more: it left, grew up or went elsewhere.
	Past bool
}

// Answers is a declaration with who has answered, and who has not.
type Answers struct {
	Declaration
	Tally
	Rows  []Respondent
	Named []Wording // the words of the answers
}

// Waiting counts the guardians who have not answered.
func (a *Answers) Waiting() int {
	var people []ids.ID
	for _, r := range a.Rows {
		for _, g := range r.Waiting {
			people = append(people, g.ID)
		}
	}
	return len(ids.Once(people))
}

// Answers gives who has answered a declaration about the children in care whom the actor keeps, and who has not.
func (s *Service) Answers(ctx context.Context, id ids.ID) (a *Answers, err error) {
	if err := mayKeep(ctx); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		a, err = answersOf(ctx, tx, id)
		return err
	})
	return a, err
}

func answersOf(ctx context.Context, tx tenants.Reader, id ids.ID) (*Answers, error) {
	d, err := selectOne(ctx, tx, id, "")
	if err != nil {
		return nil, err
	}
	if d.PublishedAt == nil && mayDefine(ctx) != nil {
		return nil, fault.NotFound()
	}
	a := &Answers{Declaration: *d}
	if a.Rows, err = respondents(ctx, tx, d, keptBy(ctx, tx, true)); err != nil {
		return nil, err
	}
	a.Tally = tallyOf(a.Rows)
	a.Named, err = selectWordings(ctx, tx, id)
	return a, err
}

// Export is Answers for a file that leaves the portal. The actor must be fresh, and the log and the guardians are told.
func (s *Service) Export(ctx context.Context, id ids.ID) (a *Answers, err error) {
	if err := mayKeep(ctx); err != nil {
		return nil, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if a, err = answersOf(ctx, tx, id); err != nil {
			return err
		}
		if err := identity.MustBeFresh(ctx, tx); err != nil {
			return err
		}
		about := make([]ids.ID, len(a.Rows))
		for i, r := range a.Rows {
			about[i] = r.Child.ID
		}
		if err := accesses.Record(ctx, tx, about, accesses.Export, id); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "declarations.export", id, map[string]any{"children": len(a.Rows)})
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// scope is what is looked at of a declaration.
type scope struct {
	among  *bun.RawQuery // the children, as far as it is about them
	past   *bun.RawQuery // the children whose answers are looked at also when it is about them no more; nil for none
	filled bool          // with what was filled in
}

// of is the scope as far as it is about one child.
func (s scope) of(tx tenants.Reader, child ids.ID) scope {
	narrow := func(children *bun.RawQuery) *bun.RawQuery {
		return tx.NewRaw("SELECT id FROM (?) AS all_of_them (id) WHERE id = ?", children, child)
	}
	s.among, s.past = narrow(s.among), narrow(s.past)
	return s
}

// keptBy is what the actor keeps.
func keptBy(ctx context.Context, tx tenants.Reader, filled bool) scope {
	who := actor.From(ctx)
	return scope{among: children.InCare(tx, who), past: children.KeptBy(tx, who), filled: filled}
}

// respondents puts together who answered a declaration, by child. Of one that was ended it is about the children with an answer.
func respondents(ctx context.Context, tx tenants.Reader, d *Declaration, of scope) ([]Respondent, error) {
	subjects, err := selectSubjects(ctx, tx, []ids.ID{d.ID}, of.among)
	if err != nil {
		return nil, err
	}
	var childIDs []ids.ID
	asked := map[ids.ID]bool{}
	for _, about := range subjects {
		childIDs = append(childIDs, about.ChildID)
		asked[about.ChildID] = true
	}
	if of.past != nil {
		answered, err := selectAnswered(ctx, tx, d.ID, of.past)
		if err != nil {
			return nil, err
		}
		childIDs = ids.Once(append(childIDs, answered...))
	}
	if len(childIDs) == 0 {
		return nil, nil
	}
	known, err := children.FiledNames(ctx, tx, childIDs)
	if err != nil {
		return nil, err
	}
	ties, err := children.WithAuthority(ctx, tx, childIDs)
	if err != nil {
		return nil, err
	}
	answers, err := selectAnswers(ctx, tx, d.ID, childIDs, of.filled)
	if err != nil {
		return nil, err
	}
	var people []ids.ID
	guardians, given := map[ids.ID][]ids.ID{}, map[ids.ID][]Answer{}
	for _, t := range ties {
		guardians[t.ChildID] = append(guardians[t.ChildID], t.PersonID)
		people = append(people, t.PersonID)
	}
	for _, a := range answers {
		given[a.ChildID] = append(given[a.ChildID], a)
		people = append(people, a.people()...)
	}
	names, err := identity.Names(ctx, tx, ids.Once(people))
	if err != nil {
		return nil, err
	}
	rows := make([]Respondent, 0, len(known))
	for _, child := range known {
		r := Respondent{Child: child.Named, Family: child.FamilyName, Nobody: asked[child.ID] && len(guardians[child.ID]) == 0, Past: d.Asked() && !asked[child.ID]}
		seen := map[ids.ID]bool{}
		for _, a := range given[child.ID] {
			if !seen[a.AnsweredBy] {
				seen[a.AnsweredBy] = true
				r.Answers = append(r.Answers, Said{Answer: a, By: names[a.AnsweredBy], Enterer: names[a.EnteredBy]})
			}
		}
		if d.EndedAt != nil && len(r.Answers) == 0 {
			continue
		}
		for _, id := range guardians[child.ID] {
			r.Guardians = append(r.Guardians, Guardian{id, names[id]})
		}
		if d.Asked() && !r.Past {
			for _, id := range d.waiting(guardians[child.ID], given[child.ID]) {
				r.Waiting = append(r.Waiting, Guardian{id, names[id]})
			}
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// Remind tells the guardians who have not answered about the children whom the actor keeps, and gives how many hear of it. Whoever was
// told today already does not hear of it again.
func (s *Service) Remind(ctx context.Context, id ids.ID) (n int, err error) {
	if err := mayKeep(ctx); err != nil {
		return 0, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		a, err := answersOf(ctx, tx, id)
		if err != nil {
			return err
		}
		if !a.Asked() {
			return fault.New(fault.Conflict, "declarations.error.not_asked")
		}
		if n, err = s.tell(ctx, tx, &a.Declaration, waitingIn(a.Rows)); err != nil || n == 0 {
			return err
		}
		return audit.Record(ctx, tx, "declarations.remind", id, map[string]any{"people": n})
	})
	return n, err
}

// open is what somebody still has to answer: about which children.
type open struct {
	person   ids.ID
	children []ids.ID
}

// waitingIn gives who still has to answer, each once.
func waitingIn(rows []Respondent) (list []open) {
	for _, r := range rows {
		for _, g := range r.Waiting {
			at := slices.IndexFunc(list, func(o open) bool { return o.person == g.ID })
			if at < 0 {
				at, list = len(list), append(list, open{person: g.ID})
			}
			list[at].children = append(list[at].children, r.Child.ID)
		}
	}
	return list
}

// tell notes who is told today, about which children, and has those told who were not yet. It gives how many those are.
func (s *Service) tell(ctx context.Context, tx tenants.Writer, d *Declaration, waiting []open) (n int, err error) {
	if err := hold(ctx, tx, d.ID); err != nil {
		return 0, err
	}
	before, err := selectHeard(ctx, tx, d.ID)
	if err != nil {
		return 0, err
	}
	batch := ids.New()
	var list []told
	for _, w := range waiting {
		if before[w.person].on == tx.Today() {
			continue
		}
		n++
		for _, child := range w.children {
			list = append(list, told{TenantID: tx.Tenant().ID, DeclarationID: d.ID, PersonID: w.person, ChildID: child, ToldOn: tx.Today(), AskedVersion: d.AskedVersion, Batch: batch})
		}
	}
	if err := insertTold(ctx, tx, list); err != nil || n == 0 {
		return 0, err
	}
	return n, outbox.Record(ctx, tx, Asked{DeclarationID: d.ID, Batch: batch})
}
