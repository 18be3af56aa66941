package main

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/media"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/children"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/consents"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/photos"
	"ouderportaal/tenants"
)

// The matrix of law and product: whatever was said, by whom and for what, on whichever day, whoever asks, by whatever way. What the
// program should do is written here a second time, in a few lines that know nothing of how it does it.

// A photo may be shown on a day to an onlooker who knows somebody on it that day, while everybody on it agrees that day.
func (g *gallery) mayShow(s shot, to onlooker, day int) bool {
	known := false
	for _, k := range s.on {
		if !g.agreed(k, day) {
			return false
		}
		known = known || to.knows(k, day)
	}
	return known
}

// It takes a yes for photos, on a day on which the question is asked: the newest of anybody who may answer, or of each of them.
func (g *gallery) agreed(k *kid, day int) bool {
	newest, eachOf := false, map[string]bool{}
	for _, s := range k.said {
		if s.elsewhere {
			continue
		}
		newest = s.yes
		if s.by == paper {
			eachOf[eva], eachOf[tom] = s.yes, s.yes
		} else {
			eachOf[s.by] = s.yes
		}
	}
	if !g.asked.holds(day) {
		return false
	}
	return newest && (g.required == consents.One || eachOf[eva] && eachOf[tom])
}

// Guardians know their child; who works with a group, or runs its location, knows who is there and who comes within two weeks; who
// runs the organisation knows everybody. All of it only in their time, and nobody whose tie is blocked or who is shut out.
func (o onlooker) knows(k *kid, day int) bool {
	if o.shut || !o.time.holds(day) {
		return false
	}
	switch o.role {
	case actor.Parent:
		return (o.tie == children.Authority || o.tie == children.Information) && (k.name == "Finn") == (o.of == "Finn") && o.of != ""
	case actor.Staff, actor.Manager:
		return o.works && k.there.from-14 <= day && day <= k.there.to
	case actor.Admin:
		return o.works
	}
	return false
}

// span is from one day to another, counted from the day on which the photos were shared.
type span struct{ from, to int }

var always = span{-100, 1000}

func (s span) holds(day int) bool { return s.from <= day && day <= s.to }

// Who says something: the guardians of two households, or somebody at work who has it on paper from both.
const eva, tom, paper = "Eva", "Tom", "paper"

type saying struct {
	by        string
	yes       bool
	elsewhere bool // about the website, and not about photos in the portal
}

// kid is a child with what was said about photos, and when it comes.
type kid struct {
	children.Named
	name  string
	said  []saying
	there span
}

func stories() []*kid {
	return []*kid{
		{name: "nobody answered", there: always},
		{name: "one said yes", said: []saying{{by: eva, yes: true}}, there: always},
		{name: "one said no", said: []saying{{by: eva}}, there: always},
		{name: "taken back", said: []saying{{by: eva, yes: true}, {by: eva}}, there: always},
		{name: "given again", said: []saying{{by: eva, yes: true}, {by: eva}, {by: eva, yes: true}, {by: tom, yes: true}}, there: always},
		{name: "yes and no", said: []saying{{by: eva, yes: true}, {by: tom}}, there: always},
		{name: "no and yes", said: []saying{{by: tom}, {by: eva, yes: true}}, there: always},
		{name: "on paper", said: []saying{{by: paper, yes: true}}, there: always},
		{name: "no on paper", said: []saying{{by: eva, yes: true}, {by: tom, yes: true}, {by: paper}}, there: always},
		{name: "only on the website", said: []saying{{by: eva, yes: true, elsewhere: true}, {by: tom, yes: true, elsewhere: true}}, there: always},
		{name: "leaves", said: []saying{{by: paper, yes: true}}, there: span{-100, 1}},
		{name: "comes later", said: []saying{{by: paper, yes: true}}, there: span{16, 1000}},
	}
}

// timely are the stories in which a day makes a difference.
func timely() []*kid {
	list := stories()
	return []*kid{list[0], list[3], list[7], list[10], list[11]}
}

// onlooker is somebody who asks for photos.
type onlooker struct {
	what  string
	who   identitytest.Someone
	role  actor.Role // empty: nobody has signed in
	tie   children.Kind
	of    string // "Finn", or "the others"; empty for neither
	works bool   // where the children are
	time  span   // of the tie, or the work
	shut  bool   // blocked, shut out, or somebody of another organisation
	at    tenants.Tenant
}

func (o onlooker) email() string {
	if o.who.Person == nil {
		return ""
	}
	return o.who.Email
}

// shot is a photo of an entry.
type shot struct {
	what      string
	entry, id ids.ID
	about     []*kid // of the entry
	on        []*kid // the photo
}

// gallery is an organisation with a child for each story, and everybody who could get at a photo of it.
type gallery struct {
	p         *portal
	h         *childrentest.House
	required  consents.Required
	asked     span // when there is a question about photos
	kids      []*kid
	finn      *kid
	shots     []shot
	onlookers []onlooker
	first     tenants.Date // day 0
	tags      sync.Map     // of the photos that browsers have kept, by tag
}

func newGallery(t *testing.T, p *portal, required consents.Required, asked span, kids []*kid) *gallery {
	t.Helper()
	tenant := p.e.NewTenant(t, "Kinderopvang "+string(required))
	g := &gallery{p: p, h: childrentest.NewHouse(t, p.e, tenant), required: required, asked: asked, kids: kids, first: tenant.DateOf(p.e.Clock.Now())}
	g.finn = &kid{name: "Finn", said: []saying{{by: paper, yes: true}}, there: always}
	for _, k := range append(kids, g.finn) {
		given := k.name
		k.Named = children.Named{ID: g.h.AddNewcomer(given, g.h.Group, g.on(k.there.from), g.until(k.there)), GivenName: given}
	}
	g.addOnlookers(t)
	g.ask(t, always)
	early := g.now().Add(-time.Hour)
	for _, k := range kids {
		g.share(t, early, "shared before, alone", []*kid{k}, []*kid{k})
		g.share(t, early, "shared before, with Finn", []*kid{k, g.finn}, []*kid{k, g.finn})
	}
	g.say(t)
	for _, k := range kids {
		if k.name == "taken back" || k.name == "on paper" {
			g.share(t, g.now().Add(-time.Minute), "shared after, alone", []*kid{k}, []*kid{k})
			g.share(t, g.now().Add(-time.Minute), "shared after, Finn alone on it", []*kid{k, g.finn}, []*kid{g.finn})
		}
	}
	g.ask(t, asked)
	g.turn(t)
	return g
}

func (g *gallery) now() time.Time          { return g.p.e.Clock.Now() }
func (g *gallery) on(day int) tenants.Date { return g.first.Add(day) }

func (g *gallery) until(s span) tenants.Date {
	if s.to == always.to {
		return ""
	}
	return g.on(s.to)
}

// today is how many days it is since the photos were shared.
func (g *gallery) today() int {
	for day := 0; ; day++ {
		if g.on(day) == g.h.Tenant.DateOf(g.now()) {
			return day
		}
	}
}

// ask puts the question about photos, in its time. The first time it is asked at once, so that it can be answered.
func (g *gallery) ask(t *testing.T, in span) {
	t.Helper()
	service, ctx := g.p.app.modules.consents, g.h.Admin.Ctx()
	d, err := service.Question(ctx, consents.Photos)
	require.NoError(t, err)
	draft := consents.Draft{Title: "Foto’s", Body: "Mag dat?", Required: g.required, StartsOn: g.on(in.from), EndsOn: g.until(in), Version: d.Version}
	require.NoError(t, service.Revise(ctx, consents.Photos, draft))
}

// turn does what the calendar and the ledger do for consents.
func (g *gallery) turn(t *testing.T) {
	t.Helper()
	system := actor.With(tenants.With(context.Background(), g.h.Tenant), actor.ForSystem(g.h.Tenant.ID))
	require.NoError(t, g.p.app.modules.consents.Sweep(system))
	g.p.workAt(g.h.Tenant, "consents.settle_definition", "consents.settle_families")
}

func (g *gallery) say(t *testing.T) {
	t.Helper()
	service := g.p.app.modules.consents
	website, err := service.Ask(g.h.Admin.Ctx(), consents.Draft{FormKey: ids.New(), Title: "Website", Body: "Mag dat?", Required: consents.One, StartsOn: g.on(0)})
	require.NoError(t, err)
	for _, k := range append(g.kids, g.finn) {
		for _, s := range k.said {
			reply := consents.Reply{ChildID: k.ID, Purpose: consents.Photos, Granted: s.yes}
			if s.elsewhere {
				reply.Purpose = website
			}
			ctx := g.h.Admin.Ctx()
			if s.by != paper {
				ctx = g.named(s.by).Ctx()
			}
			require.NoError(t, service.Say(ctx, reply), "%s: %s", k.name, s.by)
			g.p.e.Clock.Advance(time.Second)
		}
	}
}

func (g *gallery) named(name string) identitytest.Someone {
	for _, o := range g.onlookers {
		if o.who.Person != nil && o.who.GivenName == name {
			return o.who
		}
	}
	return identitytest.Someone{}
}

// pixels are the content of a version of a photo, by which it is known again wherever it turns up.
func pixels(id ids.ID, version string) string { return "pixels of " + id.String() + " in " + version }

// share keeps an entry with a photo, and the news of it.
func (g *gallery) share(t *testing.T, at time.Time, what string, about, on []*kid) {
	t.Helper()
	tenant := g.h.Tenant.ID
	at = at.Add(-time.Duration(len(g.shots)) * time.Second)
	e := diary.Entry{TenantID: tenant, ID: ids.New(), Kind: diary.Post, GroupID: g.h.Group, GroupName: "Kikkers", AuthorID: g.h.Staff.ID, AuthorName: "Sanne",
		Title: what, PublishedAt: at, Media: []diary.Medium{}}
	for _, k := range about {
		e.Children = append(e.Children, k.Named)
	}
	past := photos.Past{ID: ids.New(), UploadedBy: g.h.Staff.ID, EntryID: e.ID, FileName: "a.jpg", At: at, Bytes: 1, Picture: &media.Result{Width: 1200, Height: 800}}
	for _, version := range versions {
		past.Picture.Files = append(past.Picture.Files, media.File{Name: version, ContentType: "image/jpeg", Bytes: []byte(pixels(past.ID, version))})
	}
	row, err := past.Store(context.Background(), g.p.app.Store, tenant)
	require.NoError(t, err)
	onIt := map[ids.ID][]ids.ID{}
	for _, k := range on {
		onIt[past.ID] = append(onIt[past.ID], k.ID)
	}
	require.NoError(t, g.p.e.DB.Write(g.h.Admin.Ctx(), func(ctx context.Context, tx tenants.Writer) error {
		if err := diary.Recall(ctx, tx, []diary.Entry{e}); err != nil {
			return err
		}
		if err := photos.Recall(ctx, tx, []photos.Photo{row}, onIt); err != nil {
			return err
		}
		return outbox.Record(ctx, tx, diary.EntryPublished{EntryID: e.ID})
	}))
	g.shots = append(g.shots, shot{what: what, entry: e.ID, id: past.ID, about: about, on: on})
}

// addOnlookers adds everybody whom a photo could reach, by any tie and in any role.
func (g *gallery) addOnlookers(t *testing.T) {
	t.Helper()
	other, foreign := g.h.AddGroup("Beren"), g.p.b
	add := func(o onlooker) {
		if o.at.Slug == "" {
			o.at = g.h.Tenant
		}
		g.onlookers = append(g.onlookers, o)
	}
	parent := func(what, name string, tie children.Kind, household int, time span, shut func(who identitytest.Someone, ties []ids.ID)) {
		who := identitytest.NewPerson(t, g.p.e, g.h.Tenant, identitytest.Named(name, "Jansen"), identitytest.Role(actor.Parent))
		ties := g.tie(t, who, tie, household, time)
		if shut != nil {
			shut(who, ties)
		}
		add(onlooker{what: what, who: who, role: actor.Parent, tie: tie, of: "the others", time: time, shut: shut != nil})
	}
	parent("a guardian", eva, children.Authority, 1, always, nil)
	parent("a guardian in another household", tom, children.Authority, 2, always, nil)
	parent("a guardian with a right to information", "Inge", children.Information, 1, always, nil)
	parent("who has a right to information until tomorrow", "Cas", children.Information, 1, span{-100, 1}, nil)
	parent("who has a right to information from the day after on", "Daan", children.Information, 1, span{2, 1000}, nil)
	parent("who was a guardian until yesterday", "Toen", children.Authority, 1, span{-100, -1}, nil)
	parent("who collects", "Oma", children.Collector, 1, always, nil)
	parent("family", "Tante", children.Relative, 1, always, nil)
	parent("a guardian whose tie is blocked", "Blok", children.Authority, 2, always, func(_ identitytest.Someone, ties []ids.ID) {
		for _, tie := range ties {
			require.NoError(t, g.h.Service.Block(g.h.Admin.Ctx(), tie, "straatverbod"))
		}
	})
	parent("a guardian who is shut out", "Uit", children.Information, 1, always, func(who identitytest.Someone, _ []ids.ID) {
		require.NoError(t, g.p.app.modules.identity.Deactivate(g.h.Admin.Ctx(), who.ID))
	})
	add(onlooker{what: "a guardian of another child on it", who: g.h.AddParent("Jan", g.finn.ID), role: actor.Parent, tie: children.Authority, of: "Finn", time: always})
	add(onlooker{what: "a guardian of a child in the group", who: g.h.AddParent("Piet", g.h.AddChild("Bo", g.h.Group)), role: actor.Parent, tie: children.Authority, time: always})

	staff := func(what, name string, group ids.ID, time span, tie children.Kind) {
		who := identitytest.NewPerson(t, g.p.e, g.h.Tenant, identitytest.Named(name, "de Groot"), identitytest.Role(actor.Parent), identitytest.Role(actor.Staff))
		require.NoError(t, g.h.Service.Add(g.h.Admin.Ctx(), children.Roster{Assignments: []children.Assignment{
			{TenantID: g.h.Tenant.ID, ID: ids.New(), PersonID: who.ID, GroupID: group, ValidFrom: g.on(time.from), ValidTo: g.until(time)}}}))
		o := onlooker{what: what, who: who, role: actor.Staff, works: group == g.h.Group, time: time}
		if tie != "" {
			g.tie(t, who, tie, 1, always)
			o.tie, o.of = tie, "the others"
		}
		add(o)
	}
	staff("who works in the group", "Sam", g.h.Group, always, "")
	staff("who works in the group until tomorrow", "Fenna", g.h.Group, span{-100, 1}, "")
	staff("who works in the group from the day after on", "Guus", g.h.Group, span{2, 1000}, "")
	staff("a guardian at work in another group", "Els", other, always, children.Information)
	add(onlooker{what: "who manages the location", who: g.h.AddManager("Lies"), role: actor.Manager, works: true, time: always})
	add(onlooker{what: "who manages another location", who: g.addManagerElsewhere(t), role: actor.Manager, time: always})
	add(onlooker{what: "who runs the organisation", who: g.h.Admin, role: actor.Admin, works: true, time: always})
	add(onlooker{what: "who runs another organisation, there", who: foreign.Admin, role: actor.Admin, time: always, at: foreign.Tenant})
	add(onlooker{what: "who runs another organisation, here", who: foreign.Admin, role: actor.Admin, time: always, shut: true})
	add(onlooker{what: "a guardian of another organisation", who: foreign.AddParent("Bram", foreign.AddChild("Kim", foreign.Group)), role: actor.Parent, tie: children.Authority, time: always, at: foreign.Tenant})
	add(onlooker{what: "nobody", time: always})
}

// tie ties somebody to the child of each story.
func (g *gallery) tie(t *testing.T, who identitytest.Someone, kind children.Kind, household int, time span) (made []ids.ID) {
	t.Helper()
	var roster children.Roster
	for _, k := range g.kids {
		tie := children.Guardianship{TenantID: g.h.Tenant.ID, ID: ids.New(), ChildID: k.ID, PersonID: who.ID, Kind: kind, Household: household, ValidFrom: g.on(time.from), ValidTo: g.until(time)}
		roster.Guardianships, made = append(roster.Guardianships, tie), append(made, tie.ID)
	}
	require.NoError(t, g.h.Service.Add(g.h.Admin.Ctx(), roster))
	return made
}

func (g *gallery) addManagerElsewhere(t *testing.T) identitytest.Someone {
	t.Helper()
	who := identitytest.NewPerson(t, g.p.e, g.h.Tenant, identitytest.Named("Max", "de Groot"), identitytest.Role(actor.Manager))
	elsewhere := children.Location{TenantID: g.h.Tenant.ID, ID: ids.New(), Name: "Elders"}
	require.NoError(t, g.h.Service.Add(g.h.Admin.Ctx(), children.Roster{Locations: []children.Location{elsewhere}}))
	require.NoError(t, g.p.e.DB.Write(g.h.Admin.Ctx(), func(ctx context.Context, tx tenants.Writer) error {
		return children.Recall(ctx, tx, children.Roster{}, []children.Managed{{TenantID: g.h.Tenant.ID, MembershipID: who.Membership, LocationID: elsewhere.ID}})
	}))
	return who
}

// Each organisation asks in its own way: one guardian, every guardian, and for two days only. There the days go by.
func TestNoPhotoReachesWhoMayNotHaveIt(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	for _, required := range []consents.Required{consents.One, consents.Every} {
		g := newGallery(t, p, required, always, stories())
		t.Run("asked of "+string(required), func(t *testing.T) {
			g.requireMails(t)
			g.requireMatrix(t)
			if required == consents.One {
				g.requireNowhereElse(t)
			}
		})
	}
	g := newGallery(t, p, consents.One, span{1, 2}, timely())
	for day := range 4 {
		t.Run([]string{"before the question", "its first day", "its last day", "after it"}[day], func(t *testing.T) {
			require.Equal(t, day, g.today())
			g.turn(t)
			if day == 0 {
				g.requireMails(t)
			}
			g.requireMatrix(t)
		})
		p.e.Clock.Advance(24 * time.Hour)
	}
}
