package messages

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/formkey"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/live"
	"ouderportaal/internal/outbox"
	"ouderportaal/internal/plaintext"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// Reach is how far a message from who works here goes.
type Reach string

// To the families of one child, of a group, or of all groups of a location that the author works with.
const (
	ToChild    Reach = "child"
	ToGroup    Reach = "group"
	ToLocation Reach = "location"
)

// Mailing is one message to many families, each of which has its own conversation.
type Mailing struct {
	bun.BaseModel `bun:"table:message_mailing"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	Reach         Reach
	ReachID       ids.ID `bun:"type:uuid"`
	GroupID       ids.ID `bun:"type:uuid"`
	Families      int
	AuthorID      ids.ID `bun:"type:uuid"`
	CreatedAt     time.Time
}

// MailingDraft is what who works here wants to write to families.
type MailingDraft struct {
	FormKey  ids.ID
	GroupID  ids.ID // in which it is written
	Reach    Reach
	ReachID  ids.ID
	Subject  string
	Body     string
	Families int // that the author was told of: sent to another number, it is asked again
	// Attachments are uploads of the author that go along, to all.
	Attachments []ids.ID
}

// Check tidies the draft, and says everything that is wrong with it by itself.
func (d *MailingDraft) Check() error {
	d.Subject, d.Body = oneLine(d.Subject), plaintext.Of(d.Body)
	var problems fault.Fields
	if d.ReachID == ids.Nil || !slices.Contains([]Reach{ToChild, ToGroup, ToLocation}, d.Reach) {
		problems.Add("to", "messages.error.to_required")
	}
	checkSubject(&problems, d.Subject)
	checkBody(&problems, d.Body)
	checkAttachments(&problems, d.Attachments)
	return problems.Err()
}

// family are guardians of one household, with the child that their conversation is about: of several the first by name.
type family struct {
	child     ids.ID
	group     ids.ID
	household int
	people    []ids.ID
}

// Addressees is whom the actor can write to from a group.
type Addressees struct {
	Group    children.Group
	Children []children.Placed
	// Location is offered to who works with several of its groups; Groups is how many.
	Location     ids.ID
	LocationName string
	Groups       int
}

// Addressees gives whom the actor can write to from a group that they work with; any other is NotFound.
func (s *Service) Addressees(ctx context.Context, group ids.ID) (*Addressees, error) {
	a := &Addressees{}
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		g, err := children.MustWorkIn(ctx, tx, group)
		if err != nil {
			return err
		}
		a.Group = *g
		if a.Children, err = children.InGroup(ctx, tx, group); err != nil {
			return err
		}
		groups, err := selectOwnGroups(ctx, tx, actor.From(ctx), g.LocationID)
		if err != nil || len(groups) < 2 {
			return err
		}
		names, err := children.NamesOf(ctx, tx, []ids.ID{g.LocationID})
		a.Location, a.LocationName, a.Groups = g.LocationID, names[g.LocationID], len(groups)
		return err
	})
	return a, err
}

// Reaches tells how many families a draft goes to, before it is sent. What is wrong with the draft is Invalid.
func (s *Service) Reaches(ctx context.Context, draft MailingDraft) (n int, err error) {
	if err := draft.Check(); err != nil {
		return 0, err
	}
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		families, err := familiesOf(ctx, tx, draft)
		n = len(families)
		return err
	})
	return n, err
}

// familiesOf gives the families that a draft goes to: never none.
func familiesOf(ctx context.Context, tx tenants.Reader, draft MailingDraft) ([]family, error) {
	g, err := children.MustWorkIn(ctx, tx, draft.GroupID)
	if err != nil {
		return nil, err
	}
	groups := []ids.ID{g.ID}
	switch draft.Reach {
	case ToGroup:
		if draft.ReachID != g.ID {
			return nil, fault.NotFound()
		}
	case ToLocation:
		if draft.ReachID != g.LocationID {
			return nil, fault.NotFound()
		}
		if groups, err = selectOwnGroups(ctx, tx, actor.From(ctx), g.LocationID); err != nil {
			return nil, err
		}
	}
	var list []family
	known := map[string]bool{} // a family with two children gets one conversation
	for _, group := range groups {
		placed, err := children.InGroup(ctx, tx, group)
		if err != nil {
			return nil, err
		}
		found, err := householdsOf(ctx, tx, draft, group, placed)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			if key := f.key(); !known[key] {
				known[key] = true
				list = append(list, f)
			}
		}
	}
	if len(list) == 0 {
		var problems fault.Fields
		problems.Add("to", "messages.error.no_families")
		return nil, problems.Err()
	}
	return list, nil
}

func householdsOf(ctx context.Context, tx tenants.Reader, draft MailingDraft, group ids.ID, placed []children.Placed) ([]family, error) {
	var about []ids.ID
	for _, child := range placed {
		if draft.Reach != ToChild || child.ID == draft.ReachID {
			about = append(about, child.ID)
		}
	}
	if draft.Reach == ToChild && len(about) == 0 {
		return nil, fault.NotFound()
	}
	ties, err := children.HouseholdTies(ctx, tx, about)
	if err != nil {
		return nil, err
	}
	people := make([]ids.ID, len(ties))
	for i, tie := range ties {
		people[i] = tie.PersonID
	}
	apart, err := children.Apart(ctx, tx, people)
	if err != nil {
		return nil, err
	}
	var list []family
	for _, child := range about {
		for household := 1; household <= children.Households; household++ {
			f := family{child: child, group: group, household: household}
			for _, tie := range ties {
				if tie.ChildID == child && tie.Household == household {
					f.people = append(f.people, tie.PersonID)
				}
			}
			list = append(list, f.split(apart)...)
		}
	}
	return list, nil
}

// split gives whoever must not find another of the family a conversation of their own: who lives apart for any child.
func (f family) split(apart map[ids.ID][]ids.ID) []family {
	var list []family
	together := f
	together.people = nil
	for _, person := range f.people {
		if slices.ContainsFunc(f.people, func(other ids.ID) bool { return slices.Contains(apart[person], other) }) {
			alone := f
			alone.people = []ids.ID{person}
			list = append(list, alone)
		} else {
			together.people = append(together.people, person)
		}
	}
	if len(together.people) > 0 {
		list = append(list, together)
	}
	return list
}

// key is the same for the same people.
func (f family) key() string {
	people := make([]string, len(f.people))
	for i, id := range f.people {
		people[i] = id.String()
	}
	slices.Sort(people)
	return strings.Join(people, " ")
}

// Address begins a conversation of the group with every family that the draft reaches, and gives one of its messages. Another number
// of families than the author was told of is a Conflict.
func (s *Service) Address(ctx context.Context, draft MailingDraft) (message ids.ID, err error) {
	if err := draft.Check(); err != nil {
		return ids.Nil, err
	}
	hash := formkey.Hash(draft.GroupID.String(), string(draft.Reach), draft.ReachID.String(), draft.Subject, draft.Body, strconv.Itoa(draft.Families), strings.Join(ids.Texts(draft.Attachments), " "))
	err = s.once(ctx, draft.FormKey, hash, &message, func(ctx context.Context, tx tenants.Writer) error {
		families, err := familiesOf(ctx, tx, draft)
		if err != nil {
			return err
		}
		if len(families) != draft.Families {
			return fault.New(fault.Conflict, "messages.error.families_changed")
		}
		author, err := identity.PersonByID(ctx, tx, actor.From(ctx).PersonID)
		if err != nil {
			return err
		}
		now, tenant := tx.Now(), tx.Tenant().ID
		m := &Mailing{TenantID: tenant, ID: ids.New(), Reach: draft.Reach, ReachID: draft.ReachID, GroupID: draft.GroupID, Families: len(families), AuthorID: author.ID, CreatedAt: now}
		var threads []Thread
		var members []Member
		var list []Message
		for i, f := range families {
			t := Thread{TenantID: tenant, ID: ids.New(), ChildID: f.child, GroupID: f.group, Subject: draft.Subject, StartedBy: author.ID, CreatedAt: now, MovedAt: now}
			one := Message{TenantID: tenant, ID: ids.New(), ThreadID: t.ID, AuthorID: author.ID, AuthorName: author.GivenName, AuthorFace: author.Face, Side: Staff,
				Body: draft.Body, WrittenAt: now, DueAt: now.Add(UndoWithin), MailingID: m.ID}
			if i == 0 {
				one.ID = message
			}
			for _, person := range f.people {
				member := Member{TenantID: tenant, PersonID: person, ThreadID: t.ID}
				if len(f.people) > 1 {
					member.Household = f.household
				}
				members = append(members, member)
			}
			threads, list = append(threads, t), append(list, one)
		}
		if err := insertMailing(ctx, tx, m, threads, members, list); err != nil {
			return err
		}
		if err := attachTo(ctx, tx, ids.Nil, m.ID, draft.Attachments); err != nil {
			return err
		}
		for _, one := range list {
			if err := outbox.RecordDue(ctx, tx, Written{MessageID: one.ID}, one.DueAt); err != nil {
				return err
			}
		}
		if err := audit.Record(ctx, tx, "messages.address", draft.ReachID, map[string]any{"families": len(families), "mailing": m.ID}); err != nil {
			return err
		}
		return live.Signal(ctx, tx, live.Person(author.ID))
	})
	return message, err
}
