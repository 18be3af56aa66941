package photos_test

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/internal/paging"
	"ouderportaal/modules/children"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/consents"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/tenants"
)

// reader is somebody who may or may not know of the children on a photo.
type reader struct {
	what string
	who  identitytest.Someone
	sees bool
}

// consentStory is what guardians of Mila said, and whether photos with her may be shown after it.
type consentStory struct {
	what string
	tell func(a *archive, mila ids.ID, eva identitytest.Someone)
	may  bool
}

var consentStories = []consentStory{
	{"nobody was asked", func(*archive, ids.ID, identitytest.Someone) {}, false},
	{"given", func(a *archive, mila ids.ID, eva identitytest.Someone) { a.say(eva, mila, true) }, true},
	{"refused", func(a *archive, mila ids.ID, eva identitytest.Someone) { a.say(eva, mila, false) }, false},
	{"taken back", func(a *archive, mila ids.ID, eva identitytest.Someone) {
		a.say(eva, mila, true)
		a.say(eva, mila, false)
	}, false},
	{"given again", func(a *archive, mila ids.ID, eva identitytest.Someone) {
		a.say(eva, mila, true)
		a.say(eva, mila, false)
		a.say(eva, mila, true)
	}, true},
	{"given for another purpose only", func(a *archive, mila ids.ID, eva identitytest.Someone) {
		purpose, err := a.consents.Ask(a.Admin.Ctx(), consents.Draft{FormKey: ids.New(), Title: "Website", Body: "Mag dat?", Required: consents.One, StartsOn: a.Tenant.DateOf(a.e.Clock.Now())})
		require.NoError(a.t, err)
		require.NoError(a.t, a.consents.Say(eva.Ctx(), consents.Reply{ChildID: mila, Purpose: purpose, Granted: true}))
	}, false},
}

func (a *archive) say(who identitytest.Someone, child ids.ID, yes bool) {
	a.t.Helper()
	require.NoError(a.t, a.consents.Say(who.Ctx(), consents.Reply{ChildID: child, Purpose: consents.Photos, Granted: yes}))
}

func (a *archive) day(from int) tenants.Date { return a.Tenant.DateOf(a.e.Clock.Now()).Add(from) }

// readers are everybody whom a photo of Mila and Finn could reach, by any tie and in any role.
func (a *archive) readers(mila, finn ids.ID, eva identitytest.Someone, foreign *childrentest.House) []reader {
	tied := func(name string, kind children.Kind, from, to tenants.Date) identitytest.Someone {
		who := a.AddParent(name)
		a.Tie(who, mila, kind, from, to)
		return who
	}
	blocked := a.AddParent("Blok")
	require.NoError(a.t, a.House.Service.Block(a.Admin.Ctx(), a.Tie(blocked, mila, children.Authority, a.day(-100), ""), "straatverbod"))
	return []reader{
		{"a guardian", eva, true},
		{"a guardian with a right to information", tied("Inge", children.Information, a.day(-100), ""), true},
		{"a guardian of another child on it", a.AddParent("Jan", finn), true},
		{"who collects", tied("Oma", children.Collector, a.day(-100), ""), false},
		{"family", tied("Tante", children.Relative, a.day(-100), ""), false},
		{"who was a guardian until yesterday", tied("Toen", children.Authority, a.day(-100), a.day(-1)), false},
		{"who is a guardian from tomorrow on", tied("Straks", children.Authority, a.day(1), ""), false},
		{"a guardian whose tie is blocked", blocked, false},
		{"a parent of other children", a.AddParent("Piet", a.AddChild("Bo", a.Group)), false},
		{"who works in the group", a.Staff, true},
		{"who works in another group", a.AddStaff("Els", a.AddGroup("Beren "+mila.String())), false},
		{"who manages the location", a.AddManager("Lies"), true},
		{"who runs the organisation", a.Admin, true},
		{"who runs another organisation", foreign.Admin, false},
	}
}

// ways are all by which a reader could get a photo of an entry.
func (a *archive) ways(who identitytest.Someone, entry, photo ids.ID) map[string]bool {
	a.t.Helper()
	got := map[string]bool{}
	known := func(err error) bool {
		if err != nil {
			require.Equal(a.t, fault.Missing, fault.CodeOf(err), "%v", err)
		}
		return err == nil
	}
	for _, version := range []string{"320.webp", "640.webp", "1280.webp", "2048.webp"} {
		_, err := a.photos.Version(who.Ctx(), photo, version)
		got[version] = known(err)
	}
	_, err := a.photos.Full(who.Ctx(), photo)
	got["download"] = known(err)
	if body, err := a.photos.OpenFull(who.Ctx(), photo); known(err) {
		got["stream"] = true
		require.NoError(a.t, body.Close())
	}
	shows := func(list []diary.Entry) bool {
		return slices.ContainsFunc(list, func(e diary.Entry) bool {
			return slices.ContainsFunc(e.Media, func(m diary.Medium) bool { return m.ID == photo })
		})
	}
	page, err := a.diary.Open(who.Ctx(), entry)
	got["page"] = known(err) && shows([]diary.Entry{*page.Entry})
	if who.Role == actor.Parent {
		timeline, err := a.diary.Read(who.Ctx(), diary.Filter{})
		got["timeline"] = known(err) && shows(timeline.Entries)
		book, err := a.diary.Photos(who.Ctx(), diary.BookFilter{})
		got["album"] = known(err) && slices.Contains(shotIDs(book), photo)
	} else if who.TenantID == a.Tenant.ID {
		desk, err := a.diary.Desk(who.Ctx(), a.Group, paging.Cursor{})
		got["desk"] = known(err) && shows(desk.Entries)
	}
	for what, choice := range map[string]diary.Choice{"zip of entry": {EntryID: entry}, "zip of photos": {PhotoIDs: []ids.ID{photo}}} {
		p, err := a.diary.Pack(inDutch(a.t, who), choice)
		if !known(err) {
			continue
		}
		names, _ := unpack(a.t, p.Open(inDutch(a.t, who)))
		got[what] = len(names) > 0
	}
	return got
}

func (a *archive) requireWays(what string, may bool, r reader, entry, photo ids.ID) {
	a.t.Helper()
	for way, open := range a.ways(r.who, entry, photo) {
		require.Equal(a.t, may && r.sees, open, "%s: %s by %s", what, r.what, way)
	}
}

// The matrix of issue and law: whatever was said, whoever asks, by whatever way, before and after the photo was shared, a photo
// reaches exactly those who may know of a child on it, while everybody on it has consent.
func TestAPhotoReachesNobodyAgainstAConsent(t *testing.T) {
	a := newArchive(t)
	foreign := childrentest.NewHouse(t, a.e, a.e.B)
	for _, story := range consentStories {
		for _, other := range []bool{true, false} { // what was said of Finn
			mila, finn := a.AddChild("Mila", a.Group), a.AddChild("Finn", a.Group)
			eva := a.AddParent("Eva", mila)
			readers := a.readers(mila, finn, eva, foreign)
			a.allow(finn, true)
			about := []children.Named{{ID: mila, GivenName: "Mila"}, {ID: finn, GivenName: "Finn"}}
			before, shown := a.share(a.e.Clock.Now().Add(-2*time.Hour), 1, 10, about...)
			story.tell(a, mila, eva)
			a.allow(finn, other)
			after, later := a.share(a.e.Clock.Now().Add(-time.Hour), 1, 10, about...)
			for _, r := range readers {
				a.requireWays(story.what+", shared before it", story.may && other, r, before, shown[0])
				a.requireWays(story.what+", shared after it", story.may && other, r, after, later[0])
			}
		}
	}
}

// A question that ends takes its consents along, for photos at once and on pages when its event is worked off.
func TestConsentEndsWithItsQuestion(t *testing.T) {
	a := newArchive(t)
	mila := a.child("Mila")
	eva := a.AddParent("Eva", mila.ID)
	entry, shots := a.share(a.e.Clock.Now().Add(-time.Hour), 1, 10, mila)
	draft := consents.Draft{Title: "Dit schooljaar", Body: "Mag dat?", Required: consents.One, StartsOn: a.day(0), EndsOn: a.day(0)}
	require.NoError(t, a.consents.Revise(a.Admin.Ctx(), consents.Photos, draft))
	me := reader{"a guardian", eva, true}
	a.requireWays("the last day", true, me, entry, shots[0])

	a.e.Clock.Advance(24 * time.Hour)
	system := actor.With(tenants.With(context.Background(), a.Tenant), actor.ForSystem(a.Tenant.ID))
	require.NoError(t, a.consents.Sweep(system))
	for _, way := range []string{"320.webp", "2048.webp", "download"} {
		require.False(t, a.ways(eva, entry, shots[0])[way], way)
	}
	for _, s := range a.consents.Subscriptions() {
		if s.Event == (consents.DefinitionChanged{}).EventName() {
			payload, err := json.Marshal(consents.DefinitionChanged{Purpose: consents.Photos, Turned: true})
			require.NoError(t, err)
			require.NoError(t, s.Run(system, outbox.Recorded{ID: ids.New(), TenantID: a.Tenant.ID, Name: s.Event, Payload: payload}))
		}
	}
	a.requireWays("the day after", false, me, entry, shots[0])
}

// A photo on its way when consent is taken back stops no later than with the next photo.
func TestConsentTakenBackDuringADownload(t *testing.T) {
	a := newArchive(t)
	mila := a.child("Mila")
	eva := a.AddParent("Eva", mila.ID)
	entry, _ := a.share(a.e.Clock.Now().Add(-time.Hour), 3, 1<<20, mila)
	_, body := pack(t, a, eva, diary.Choice{EntryID: entry})
	_, err := io.CopyN(io.Discard, body, 1<<20)
	require.NoError(t, err)
	a.say(eva, mila.ID, false)
	rest, err := io.ReadAll(body)
	require.NoError(t, err)
	require.Less(t, len(rest), 2<<20, "what was not begun does not come")
}
