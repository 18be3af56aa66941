package news

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/paging"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/notifications"
	"ouderportaal/modules/notifications/notificationstest"
	"ouderportaal/tenants"
)

// press is a house in which news is written: two locations with a family each, and one that comes later.
type press struct {
	*childrentest.House
	t     *testing.T
	e     *dbtest.Env
	s     *Service
	n     *notifications.Service
	mails *notificationstest.Mails

	otherGroup                 ids.ID
	here, there, later, former identitytest.Someone
	both                       identitytest.Someone // with a child at each location
	manager                    identitytest.Someone
}

func newPress(t *testing.T) *press {
	t.Helper()
	e := dbtest.New(t)
	n, mails := notificationstest.NewWriting(t, e.DB, Locales)
	store, err := blob.OpenDir(t.TempDir())
	require.NoError(t, err)
	p := &press{House: childrentest.NewHouse(t, e, e.A), t: t, e: e, s: New(e.DB, n, store, nil), n: n, mails: mails}
	p.otherGroup = p.AddLocation("Kerkstraat")
	today := p.Tenant.DateOf(e.Clock.Now())
	p.here = p.AddParent("Sanne", p.AddChild("Mila", p.Group))
	p.there = p.AddParent("Ruben", p.AddChild("Noud", p.otherGroup))
	p.later = p.AddParent("Farah", p.AddNewcomer("Lina", p.Group, today.Add(40), ""))
	p.former = p.AddParent("Joost", p.AddNewcomer("Bram", p.Group, today.Add(-300), today.Add(-1)))
	p.both = p.AddParent("Els", p.AddChild("Fien", p.Group), p.AddChild("Saar", p.otherGroup))
	p.manager = p.AddManager("Petra")
	return p
}

func (p *press) system() context.Context {
	return actor.With(tenants.With(context.Background(), p.Tenant), actor.ForSystem(p.Tenant.ID))
}

// everyone is the whole organisation.
var everyone = Audience{Guardians: true, Everywhere: true}

func (p *press) draft(by identitytest.Someone, kind Kind) (ids.ID, int) {
	p.t.Helper()
	id, err := p.s.Create(by.Ctx(), kind)
	require.NoError(p.t, err)
	return id, 1
}

func (p *press) publish(by identitytest.Someone, kind Kind, title string, a Audience) ids.ID {
	p.t.Helper()
	id, revision := p.draft(by, kind)
	require.NoError(p.t, p.s.Publish(by.Ctx(), id, Draft{Title: title, Body: "<p>" + title + "</p>", Audience: a, Revision: revision}))
	return id
}

// work runs the handlers of an event that are due, each twice, as a worker may.
func (p *press) work() {
	p.t.Helper()
	rows, err := p.e.Owner(p.t).Query(p.t.Context(), `SELECT id, name, (payload->>'article_id')::uuid, coalesce((payload->>'revision')::int, 0), (payload->>'at')::timestamptz
		FROM event WHERE tenant_id = $1 AND name IN ('news.due', 'news.published') AND coalesce(due_at, recorded_at) <= $2 ORDER BY name, recorded_at`, p.Tenant.ID, p.e.Clock.Now())
	require.NoError(p.t, err)
	type row struct {
		event, article ids.ID
		name           string
		revision       int
		at             *time.Time
	}
	var list []row
	for rows.Next() {
		var r row
		require.NoError(p.t, rows.Scan(&r.event, &r.name, &r.article, &r.revision, &r.at))
		list = append(list, r)
	}
	require.NoError(p.t, rows.Err())
	for _, r := range list {
		for range 2 {
			if r.name == "news.due" {
				require.NoError(p.t, p.s.publishDue(p.system(), r.event, Due{r.article, r.revision}))
			} else {
				require.NoError(p.t, p.s.tell(p.system(), r.event, Told{r.article, r.at.UTC()}))
			}
		}
	}
}

func (p *press) titles(who identitytest.Someone, f Filter) []string {
	p.t.Helper()
	list, err := p.s.List(who.Ctx(), f)
	require.NoError(p.t, err)
	names := []string{}
	for _, l := range list.Lines {
		names = append(names, l.Title)
	}
	return names
}

func (p *press) told(who identitytest.Someone) int {
	p.t.Helper()
	n, err := p.n.UnreadCount(who.Ctx())
	require.NoError(p.t, err)
	return n.Bell
}

// sees tells whether somebody may read an article; who may not gets the answer for one that nobody has.
func (p *press) sees(who identitytest.Someone, kind Kind, id ids.ID) bool {
	p.t.Helper()
	_, err := p.s.Open(who.Ctx(), kind, id)
	if err != nil {
		_, unknown := p.s.Open(who.Ctx(), kind, ids.New())
		require.Equal(p.t, unknown, err)
	}
	return err == nil
}

func TestWhoReadsWhat(t *testing.T) {
	p := newPress(t)
	foreign := childrentest.NewHouse(t, p.e, p.e.B)
	stranger := foreign.AddParent("Vreemd", foreign.AddChild("Tess", foreign.Group))
	readers := map[string]identitytest.Someone{"here": p.here, "there": p.there, "later": p.later, "former": p.former, "both": p.both, "staff": p.Staff, "manager": p.manager, "admin": p.Admin, "stranger": stranger}

	for name, c := range map[string]struct {
		audience Audience
		readers  []string
	}{
		"everybody's families": {everyone, []string{"both", "here", "later", "there"}},
		"a location":           {Audience{Guardians: true, Locations: []ids.ID{p.Location}}, []string{"both", "here", "later"}},
		"a group":              {Audience{Guardians: true, Groups: []ids.ID{p.otherGroup}}, []string{"both", "there"}},
		"who works there":      {Audience{Staff: true, Locations: []ids.ID{p.Location}}, []string{"admin", "manager", "staff"}},
		"both at one group":    {Audience{Guardians: true, Staff: true, Groups: []ids.ID{p.otherGroup}}, []string{"admin", "both", "there"}},
	} {
		id := p.publish(p.Admin, News, name, c.audience)
		seen := []string{}
		for who, someone := range readers {
			if p.sees(someone, News, id) {
				seen = append(seen, who)
			}
			require.False(t, p.sees(someone, Newsletter, id), "as another kind")
		}
		slices.Sort(seen)
		require.Equal(t, c.readers, seen, name)

		// Whom it reaches is who reads it: the two ways in which that is written say the same.
		var guardians, staff []ids.ID
		require.NoError(t, p.e.DB.Read(p.system(), func(ctx context.Context, tx tenants.Reader) (err error) {
			guardians, staff, err = reached(ctx, tx, c.audience)
			return err
		}))
		for who, someone := range readers {
			if who == "admin" || who == "manager" {
				continue // who manages a place where a manager is reads along, and is told where nobody else does
			}
			require.Equal(t, slices.Contains(c.readers, who), slices.Contains(append(slices.Clone(guardians), staff...), someone.ID), "%s: %s", name, who)
		}
	}
	require.ElementsMatch(t, []string{"everybody's families", "a location"}, p.titles(p.here, Filter{Kind: News}))
	require.ElementsMatch(t, []string{"everybody's families", "a group", "both at one group"}, p.titles(p.there, Filter{Kind: News}))
	require.Empty(t, p.titles(p.former, Filter{Kind: News}))
	require.Empty(t, p.titles(stranger, Filter{Kind: News}))
	require.ElementsMatch(t, []string{"everybody's families", "a location"}, p.titles(p.both, Filter{Kind: News, Location: p.Location}), "one location apart")
}

func TestADraftIsReadByNobodyAndAChangeWhenItIsPublished(t *testing.T) {
	p := newPress(t)
	id, revision := p.draft(p.Admin, News)
	revision, err := p.s.Save(p.Admin.Ctx(), id, Draft{Title: "Voorlees", Body: "eerst", Audience: everyone, Revision: revision})
	require.NoError(t, err)
	require.False(t, p.sees(p.here, News, id))
	require.Equal(t, fault.Conflict, fault.CodeOf(p.s.Publish(p.Admin.Ctx(), id, Draft{Title: "x", Body: "y", Audience: everyone, Revision: revision - 1})), "somebody else was first")

	for field, d := range map[string]Draft{
		"title":     {Body: "a", Audience: everyone},
		"body":      {Title: "a", Body: "<script>alert(1)</script>", Audience: everyone},
		"body ":     {Title: "a", Body: "a" + strings.Repeat("<i></i>", MaxBody/7+1), Audience: everyone},
		"guardians": {Title: "a", Body: "a", Audience: Audience{Everywhere: true}},
		"places":    {Title: "a", Body: "a", Audience: Audience{Guardians: true}},
	} {
		d.Revision = revision
		f, _ := fault.As(p.s.Publish(p.Admin.Ctx(), id, d))
		require.Equal(t, strings.TrimSpace(field), f.Fields[0].Name)
	}

	require.NoError(t, p.s.Publish(p.Admin.Ctx(), id, Draft{Title: "Voorleesweek", Body: "eerst", Audience: everyone, Revision: revision}))
	kept, err := p.s.Edit(p.Admin.Ctx(), id)
	require.NoError(t, err)
	_, err = p.s.Save(p.Admin.Ctx(), id, Draft{Title: "Voorleesweek!", Body: "toen", Audience: Audience{}, Revision: kept.Revision})
	require.NoError(t, err)
	a, err := p.s.Open(p.here.Ctx(), News, id)
	require.NoError(t, err)
	require.Equal(t, "<p>eerst</p>", a.Body, "what is written is not read yet, and is still for the same people")
	kept, err = p.s.Edit(p.Admin.Ctx(), id)
	require.NoError(t, err)
	require.True(t, kept.Changed())
	require.NoError(t, p.s.Publish(p.Admin.Ctx(), id, Draft{Title: "Voorleesweek!", Body: "toen", Audience: everyone, Revision: kept.Revision}))
	a, err = p.s.Open(p.here.Ctx(), News, id)
	require.NoError(t, err)
	require.Equal(t, "<p>toen</p>", a.Body)
	kept, err = p.s.Edit(p.Admin.Ctx(), id)
	require.NoError(t, err)
	require.Equal(t, []string{"Voorleesweek!", "Voorleesweek"}, []string{kept.Versions[0].Title, kept.Versions[1].Title})
	p.work()
	require.Equal(t, 1, p.told(p.here), "a change is not told")
}

func TestANewsletterComesOnceAtItsMomentInEverybodysLanguage(t *testing.T) {
	p := newPress(t)
	_, err := p.e.Owner(t).Exec(t.Context(), "UPDATE person SET language = 'en' WHERE id = $1", p.there.ID)
	require.NoError(t, err)
	id, revision := p.draft(p.Admin, Newsletter)
	at := p.e.Clock.Now().Add(48 * time.Hour)
	groups := Audience{Guardians: true, Groups: []ids.ID{p.Group, p.otherGroup}}
	for _, name := range []string{"menu.pdf", "rooster.pdf"} {
		_, err = p.s.Upload(p.Admin.Ctx(), id, false, name, []byte("%PDF-1.7\n%%EOF"))
		require.NoError(t, err)
	}
	require.Error(t, p.s.Schedule(p.Admin.Ctx(), id, Draft{Title: "Kerst", Body: "a", Audience: groups, Revision: revision}, p.e.Clock.Now()))
	require.NoError(t, p.s.Schedule(p.Admin.Ctx(), id, Draft{Title: "Kerst", Body: "<h1>Kerst</h1><p>Kom je <strong>ook</strong>? <a href='/agenda'>agenda</a></p>", Audience: groups, Revision: revision}, at))
	_, err = p.s.Save(p.Admin.Ctx(), id, Draft{Title: "Anders"})
	require.Equal(t, fault.Conflict, fault.CodeOf(err))

	var event ids.ID
	require.NoError(t, p.e.Owner(t).QueryRow(t.Context(), "SELECT id FROM event WHERE name = 'news.due'").Scan(&event))
	require.ErrorContains(t, p.s.publishDue(p.system(), event, Due{id, 2}), "early")
	p.e.Clock.Advance(47 * time.Hour)
	p.work()
	require.False(t, p.sees(p.here, Newsletter, id))
	p.e.Clock.Advance(time.Hour)
	p.work()
	p.work()
	require.True(t, p.sees(p.here, Newsletter, id))
	for range 2 {
		notificationstest.Deliver(t, p.e, p.n, p.Tenant)
		_, err = p.e.Owner(t).Exec(t.Context(), "UPDATE delivery SET state = 'sent' WHERE tenant_id = $1", p.Tenant.ID)
		require.NoError(t, err)
	}
	byAddress := map[string]string{}
	for _, m := range p.mails.Sent {
		require.Empty(t, byAddress[m.To.Addr], "%s got it twice", m.To.Addr)
		byAddress[m.To.Addr] = m.HTML
		require.Equal(t, "Kerst", m.Subject)
		require.Contains(t, m.ListUnsubscribe, "/afmelden/newsletter.")
		require.Contains(t, m.Text, "Kom je ook? agenda (https://")
		require.Contains(t, m.HTML, "/nieuwsbrieven/"+id.String())
	}
	require.Len(t, byAddress, 4, "here, there, later and both")
	require.Contains(t, byAddress[p.here.Email], "Bekijk de nieuwsbrief in het ouderportaal")
	require.Contains(t, byAddress[p.there.Email], "View the newsletter in the parent portal")
	require.NotContains(t, byAddress[p.here.Email], "<script")
	require.Contains(t, byAddress[p.here.Email], "Er horen 2 bijlagen bij: menu.pdf en rooster.pdf.")
	require.Contains(t, byAddress[p.there.Email], "There are 2 attachments with it: menu.pdf and rooster.pdf.")
}

func TestWhatIsWithdrawnIsGoneAndItsMailsAreNotSent(t *testing.T) {
	p := newPress(t)
	id := p.publish(p.Admin, Newsletter, "Vergissing", everyone)
	p.work()
	require.Equal(t, 1, p.told(p.here))
	require.NoError(t, p.s.Withdraw(p.Admin.Ctx(), id))
	require.False(t, p.sees(p.here, Newsletter, id))
	require.Zero(t, p.told(p.here))
	notificationstest.Deliver(t, p.e, p.n, p.Tenant)
	require.Empty(t, p.mails.Sent)

	kept, err := p.s.Edit(p.Admin.Ctx(), id)
	require.NoError(t, err)
	p.e.Clock.Advance(time.Hour)
	require.NoError(t, p.s.Publish(p.Admin.Ctx(), id, Draft{Title: "Nu goed", Body: "b", Audience: Audience{Guardians: true, Groups: []ids.ID{p.Group}}, Revision: kept.Revision}))
	p.work() // also what was recorded when it was published first
	require.Equal(t, 1, p.told(p.here))
	require.Equal(t, 0, p.told(p.there), "the first event speaks of a time that is over")
	require.True(t, p.sees(p.here, Newsletter, id))

	scheduled, revision := p.draft(p.Admin, News)
	require.NoError(t, p.s.Schedule(p.Admin.Ctx(), scheduled, Draft{Title: "Toch niet", Body: "a", Audience: everyone, Revision: revision}, p.e.Clock.Now().Add(time.Hour)))
	require.NoError(t, p.s.CallOff(p.Admin.Ctx(), scheduled))
	p.e.Clock.Advance(2 * time.Hour)
	p.work()
	require.False(t, p.sees(p.here, News, scheduled))
	require.NoError(t, p.s.Remove(p.Admin.Ctx(), scheduled))
	require.Equal(t, fault.Conflict, fault.CodeOf(p.s.Remove(p.Admin.Ctx(), id)), "it was published")
}

func TestWhatIsPublishedAgainIsMailedOnceToEverybody(t *testing.T) {
	p := newPress(t)
	owner := p.e.Owner(t)
	sent := func(where string, args ...any) {
		_, err := owner.Exec(t.Context(), "UPDATE delivery SET state = 'sent', lease_until = NULL, finished_at = now() WHERE state = 'waiting' AND "+where, args...)
		require.NoError(t, err)
	}
	again := func(id ids.ID) {
		t.Helper()
		require.NoError(t, p.s.Withdraw(p.Admin.Ctx(), id))
		p.e.Clock.Advance(time.Hour)
		kept, err := p.s.Edit(p.Admin.Ctx(), id)
		require.NoError(t, err)
		require.NoError(t, p.s.Publish(p.Admin.Ctx(), id, Draft{Title: "Kerst", Body: "b", Audience: everyone, Revision: kept.Revision}))
		p.work()
	}
	id := p.publish(p.Admin, Newsletter, "Kerst", everyone)
	p.work()
	sent("person_id = $1", p.here.ID)
	_, err := owner.Exec(t.Context(), "UPDATE delivery SET lease_until = $1 WHERE person_id = $2", p.e.Clock.Now().Add(2*time.Hour), p.there.ID)
	require.NoError(t, err)
	again(id)
	waits := map[string]int{}
	rows, err := owner.Query(t.Context(), "SELECT p.given_name, count(*) FROM delivery d JOIN person p ON p.id = d.person_id WHERE d.subject_id = $1 AND d.state = 'waiting' GROUP BY 1", id)
	require.NoError(t, err)
	for rows.Next() {
		var name string
		var n int
		require.NoError(t, rows.Scan(&name, &n))
		waits[name] = n
	}
	require.NoError(t, rows.Err())
	require.Equal(t, map[string]int{"Ruben": 1, "Farah": 1, "Els": 1}, waits, "Sanne has had it; that of Ruben was under way")
	notificationstest.Deliver(t, p.e, p.n, p.Tenant)
	sent("true")
	again(id)
	notificationstest.Deliver(t, p.e, p.n, p.Tenant)
	to := []string{}
	for _, m := range p.mails.Sent {
		to = append(to, m.To.Addr)
	}
	require.ElementsMatch(t, []string{p.there.Email, p.later.Email, p.both.Email}, to)
}

func TestAManagerWritesForTheirOwnLocations(t *testing.T) {
	p := newPress(t)
	id, revision := p.draft(p.manager, News)
	kept, err := p.s.Edit(p.manager.Ctx(), id)
	require.NoError(t, err)
	require.Equal(t, Audience{Guardians: true, Locations: []ids.ID{p.Location}}, kept.Audience)
	for _, a := range []Audience{everyone, {Guardians: true, Groups: []ids.ID{p.otherGroup}}, {Guardians: true, Locations: []ids.ID{ids.New()}}} {
		require.Error(t, p.s.Publish(p.manager.Ctx(), id, Draft{Title: "a", Body: "b", Audience: a, Revision: revision}))
	}
	require.NoError(t, p.s.Publish(p.manager.Ctx(), id, Draft{Title: "Hier", Body: "b", Audience: kept.Audience, Revision: revision}))
	all := p.publish(p.Admin, News, "Overal", everyone)
	for who, do := range map[string]error{"elsewhere": p.s.Withdraw(p.manager.Ctx(), all), "staff": p.s.Withdraw(p.Staff.Ctx(), id), "parent": p.s.Withdraw(p.here.Ctx(), id)} {
		require.Equal(t, fault.Missing, fault.CodeOf(do), who)
	}
	desk, err := p.s.Desk(p.manager.Ctx(), DeskFilter{})
	require.NoError(t, err)
	require.Len(t, desk.Lines, 1)
	desk, err = p.s.Desk(p.Admin.Ctx(), DeskFilter{Search: "OVÉR", Kind: News, State: Published, Sort: ByTitle})
	require.NoError(t, err)
	require.Len(t, desk.Lines, 1)
	require.Equal(t, map[Kind]int{News: 1}, desk.Counts)
}

func TestReadingIsNotedAndTold(t *testing.T) {
	p := newPress(t)
	id := p.publish(p.Admin, News, "Lees mij", everyone)
	p.work()
	l, err := p.s.Unread(p.here.Ctx())
	require.NoError(t, err)
	require.Equal(t, id, l.ID)
	for range 2 {
		require.NoError(t, p.s.Seen(p.here.Ctx(), News, id))
	}
	require.Equal(t, fault.Missing, fault.CodeOf(p.s.Seen(p.former.Ctx(), News, id)))
	require.Zero(t, p.told(p.here))
	l, err = p.s.Unread(p.here.Ctx())
	require.NoError(t, err)
	require.Nil(t, l)
	_, have, not, err := p.s.Readers(p.Admin.Ctx(), id)
	require.NoError(t, err)
	require.Len(t, have, 1)
	require.Equal(t, p.here.ID, have[0].ID)
	require.Len(t, not, 3)
	r, err := p.s.Reach(p.Admin.Ctx(), everyone)
	require.NoError(t, err)
	require.Equal(t, 4, r.Guardians)
}

func TestListsGoOnWhereTheyEndedAndPagesStandInOrder(t *testing.T) {
	p := newPress(t)
	for range PageSize + 2 {
		p.publish(p.Admin, News, "bericht", everyone)
		p.e.Clock.Advance(time.Minute)
	}
	list, err := p.s.List(p.here.Ctx(), Filter{Kind: News})
	require.NoError(t, err)
	require.Len(t, list.Lines, PageSize)
	rest, err := p.s.List(p.here.Ctx(), Filter{Kind: News, After: paging.Parse(list.Next.String())})
	require.NoError(t, err)
	require.Len(t, rest.Lines, 2)
	require.Zero(t, rest.Next)

	p.publish(p.Admin, Page, "Eten", everyone)
	second := p.publish(p.Admin, Page, "Ziek", everyone)
	require.Equal(t, []string{"Eten", "Ziek"}, p.titles(p.here, Filter{Kind: Page}))
	require.NoError(t, p.s.Move(p.Admin.Ctx(), second, true))
	require.NoError(t, p.s.Move(p.Admin.Ctx(), second, true), "it is first already")
	require.Equal(t, []string{"Ziek", "Eten"}, p.titles(p.here, Filter{Kind: Page}))
	p.work()
	require.Equal(t, PageSize+2, p.told(p.here), "nobody is told of an information page")
}
