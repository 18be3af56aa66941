package diary

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/formkey"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/plaintext"
	"ouderportaal/modules/care"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// DaysBack is for how many days after a day its reports can still be written.
const DaysBack = care.DaysBack

// Facts are what a day report tells of the care of its day.
type Facts []care.Fact

// Day is the day that they tell of.
func (f Facts) Day() *Day { return care.DayOfFacts(f) }

// DayReport is the report of one child and one day: a draft until it has an entry.
type DayReport struct {
	bun.BaseModel `bun:"table:diary_day"`
	TenantID      ids.ID       `bun:",pk,type:uuid"`
	ID            ids.ID       `bun:",pk,type:uuid"`
	ChildID       ids.ID       `bun:"type:uuid"`
	DayOn         tenants.Date `bun:"type:date"`
	Body          string
	Version       int
	WrittenBy     ids.ID `bun:"type:uuid"`
	WrittenAt     time.Time
	EntryID       ids.ID `bun:"type:uuid,nullzero"`
}

// Posted tells that guardians can read it.
func (r *DayReport) Posted() bool { return r.EntryID != ids.Nil }

// DayPupil is a child with what there is of its day: care that was noted, and a report.
type DayPupil struct {
	children.Named
	Report DayReport // Version 0 when nobody has written anything
	Facts  Facts
}

// DayDesk is where staff write the day reports of a group.
type DayDesk struct {
	Group    *Group
	On       tenants.Date
	Today    tenants.Date
	Children []DayPupil // by name
}

// DayText is what somebody typed about the day of one child.
type DayText struct {
	ChildID ids.ID
	Body    string
	Version int // of the report that was on the screen
}

// DaysDraft is what somebody wrote about a day of several children, and whose reports are to be posted.
type DaysDraft struct {
	FormKey ids.ID // of the form it was written in: sent twice, it is kept once
	GroupID ids.ID
	On      tenants.Date // empty: today
	Texts   []DayText
	Posting bool     // else the texts are only kept
	Post    []ids.ID // whose reports are posted
}

// BodyField is the name of the field of a child's text, in the form and in problems.
func BodyField(child ids.ID) string { return "tekst-" + child.String() }

// Check tidies the draft, and says everything that is wrong with it by itself. A report is posted with the text that came with it.
func (d *DaysDraft) Check() error {
	var problems fault.Fields
	d.Post = ids.Once(d.Post)
	texts := make([]DayText, 0, len(d.Texts))
	for _, text := range d.Texts {
		if slices.ContainsFunc(texts, func(t DayText) bool { return t.ChildID == text.ChildID }) {
			continue
		}
		text.Body = plaintext.Of(text.Body)
		if utf8.RuneCountInString(text.Body) > MaxBody {
			problems.Add(BodyField(text.ChildID), "diary.error.body_too_long", map[string]any{"Max": MaxBody})
		}
		texts = append(texts, text)
	}
	for _, child := range d.Post {
		if !slices.ContainsFunc(texts, func(t DayText) bool { return t.ChildID == child }) {
			texts = append(texts, DayText{ChildID: child})
		}
	}
	d.Texts = texts
	if d.Posting && len(d.Post) == 0 {
		problems.Add("children", "diary.error.days_none")
	}
	if len(texts) > MaxChildren {
		problems.Add("children", "diary.error.children_too_many", map[string]any{"Max": MaxChildren})
	}
	return problems.Err()
}

func (d *DaysDraft) childIDs() []ids.ID {
	list := make([]ids.ID, len(d.Texts))
	for i, text := range d.Texts {
		list[i] = text.ChildID
	}
	return list
}

func (d *DaysDraft) fingerprint() []byte {
	text, _ := json.Marshal(d) // plain data: it always marshals
	sum := sha256.Sum256(text)
	return sum[:]
}

// OpenDays opens the day reports of a group that the actor works with; empty is today. A day that is too long ago to write in
// is NotFound.
func (s *Service) OpenDays(ctx context.Context, groupID ids.ID, on tenants.Date) (*DayDesk, error) {
	desk := &DayDesk{}
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		desk.Today = tx.Today()
		if desk.On, err = care.DayOf(tx, on); err != nil {
			return err
		}
		if desk.Group, err = children.MustWorkIn(ctx, tx, groupID); err != nil {
			return err
		}
		placed, err := children.InGroup(ctx, tx, groupID)
		if err != nil {
			return err
		}
		about := make([]ids.ID, len(placed))
		for i, child := range placed {
			about[i] = child.ID
		}
		facts, err := care.Facts(ctx, tx, about, desk.On)
		if err != nil {
			return err
		}
		reports, err := selectDayReports(ctx, tx, about, desk.On)
		for _, child := range placed {
			desk.Children = append(desk.Children, DayPupil{Named: child.Named, Facts: facts[child.ID], Report: reports[child.ID]})
		}
		return err
	})
	return desk, err
}

// WriteDays keeps the texts of a day, and posts the reports that are to be: each is an entry of its child with the care of
// that day, of which the guardians hear. What is posted already stays as it is. It tells how many it has posted.
func (s *Service) WriteDays(ctx context.Context, draft DaysDraft) (posted int, err error) {
	if err := draft.Check(); err != nil {
		return 0, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		_, before, err := formkey.Once(ctx, tx, draft.FormKey, draft.fingerprint())
		if err != nil {
			return err
		}
		if before {
			posted = len(draft.Post)
			return nil
		}
		if draft.On, err = care.DayOf(tx, draft.On); err != nil {
			return err
		}
		group, err := children.MustWorkIn(ctx, tx, draft.GroupID)
		if err != nil {
			return err
		}
		about, err := children.MustSeeIn(ctx, tx, group.ID, draft.childIDs())
		if err != nil || len(about) == 0 {
			return err
		}
		// Care that is being noted comes wholly before or wholly after the report.
		if err := care.HoldDays(ctx, tx, draft.childIDs()); err != nil {
			return err
		}
		reports, err := s.keepTexts(ctx, tx, &draft)
		if err != nil {
			return err
		}
		if posted, err = s.postDays(ctx, tx, group, &draft, about, reports); err != nil {
			return err
		}
		return formkey.Finish(ctx, tx, draft.FormKey, "/groep/"+group.ID.String()+"/dagverslagen")
	})
	return posted, err
}

// keepTexts writes what is new. What somebody else has changed since it was on the screen is Invalid at its field.
func (s *Service) keepTexts(ctx context.Context, tx tenants.Writer, draft *DaysDraft) (map[ids.ID]DayReport, error) {
	reports, err := selectDayReports(ctx, tx, draft.childIDs(), draft.On)
	if err != nil {
		return nil, err
	}
	var problems fault.Fields
	for _, text := range draft.Texts {
		r, known := reports[text.ChildID]
		if r.Posted() && text.Body != "" && text.Body != r.Body { // somebody posted it meanwhile, and what was typed is not in it
			problems.Add(BodyField(text.ChildID), "diary.error.day_changed")
			continue
		}
		if r.Posted() || r.Body == text.Body && (known || !slices.Contains(draft.Post, text.ChildID)) {
			continue
		}
		if r.Version != text.Version {
			problems.Add(BodyField(text.ChildID), "diary.error.day_changed")
			continue
		}
		if !known {
			r = DayReport{TenantID: tx.Tenant().ID, ID: ids.New(), ChildID: text.ChildID, DayOn: draft.On}
		}
		r.Body, r.WrittenBy, r.WrittenAt = text.Body, actor.From(ctx).PersonID, tx.Now()
		r.Version++
		if err := keepDayReport(ctx, tx, &r); err != nil {
			return nil, err
		}
		reports[text.ChildID] = r
	}
	return reports, problems.Err()
}

func (s *Service) postDays(ctx context.Context, tx tenants.Writer, group *Group, draft *DaysDraft, about []children.Named, reports map[ids.ID]DayReport) (int, error) {
	if len(draft.Post) == 0 {
		return 0, nil
	}
	facts, err := care.Facts(ctx, tx, draft.Post, draft.On)
	if err != nil {
		return 0, err
	}
	author, err := identity.PersonByID(ctx, tx, actor.From(ctx).PersonID)
	if err != nil {
		return 0, err
	}
	var problems fault.Fields
	n, at := 0, tx.Now()
	for _, child := range about {
		r := reports[child.ID]
		if !slices.Contains(draft.Post, child.ID) || r.Posted() {
			continue
		}
		if r.Body == "" && len(facts[child.ID]) == 0 {
			problems.Add(BodyField(child.ID), "diary.error.day_empty", map[string]any{"Name": child.GivenName})
			continue
		}
		e := &Entry{TenantID: tx.Tenant().ID, ID: ids.New(), Kind: DayPost, GroupID: group.ID, GroupName: group.Name, AuthorID: author.ID, AuthorName: author.GivenName,
			AuthorFace: author.Face, Body: r.Body, PublishedAt: under(tx, draft.On), SharedAt: &at, Children: []children.Named{child}, Media: []Medium{}, Facts: facts[child.ID]}
		if err := s.postDay(ctx, tx, e, &r); err != nil {
			return 0, err
		}
		n++
	}
	return n, problems.Err()
}

func (s *Service) postDay(ctx context.Context, tx tenants.Writer, e *Entry, r *DayReport) error {
	if err := insertEntry(ctx, tx, e); err != nil {
		return err
	}
	if err := share(ctx, tx, e); err != nil {
		return err
	}
	r.EntryID = e.ID
	if err := keepDayReport(ctx, tx, r); err != nil {
		return err
	}
	if err := audit.Record(ctx, tx, "diary.post_day", e.ID, map[string]any{"child": r.ChildID, "day": r.DayOn}); err != nil {
		return err
	}
	return signal(ctx, tx, e)
}

// under is the moment by which an entry of now stands under a day: now, or the end of a day that is over.
func under(tx tenants.Reader, on tenants.Date) time.Time {
	if on == tx.Today() {
		return tx.Now()
	}
	at, _ := time.ParseInLocation(time.DateOnly, string(on.Add(1)), tx.Tenant().Location())
	return at.Add(-time.Second).UTC()
}

// CareChanged has the posted reports of a day tell its care as it is now; it makes Service a care.Follower, which signals
// the pages of the children itself.
func (s *Service) CareChanged(ctx context.Context, tx tenants.Writer, childIDs []ids.ID, on tenants.Date) error {
	reports, err := selectDayReports(ctx, tx, childIDs, on)
	if err != nil {
		return err
	}
	var posted []ids.ID
	for child, r := range reports {
		if r.Posted() {
			posted = append(posted, child)
		}
	}
	if len(posted) == 0 {
		return nil
	}
	facts, err := care.Facts(ctx, tx, posted, on)
	if err != nil {
		return err
	}
	for _, child := range posted {
		if err := rewriteFacts(ctx, tx, reports[child].EntryID, facts[child]); err != nil {
			return err
		}
	}
	return nil
}
