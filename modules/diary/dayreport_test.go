package diary_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/care"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/notifications/notificationstest"
	"ouderportaal/tenants"
)

type reports struct {
	*childrentest.House
	t     *testing.T
	e     *dbtest.Env
	diary *diary.Service
	care  *care.Service
}

func newReports(t *testing.T) *reports {
	t.Helper()
	e := dbtest.New(t)
	e.Clock.Set(time.Date(2026, 11, 25, 15, 0, 0, 0, time.UTC)) // 16:00 in Bathmen
	r := &reports{House: childrentest.NewHouse(t, e, e.A), t: t, e: e, diary: diary.New(e.DB, nil)}
	r.care = care.New(e.DB, r.diary)
	return r
}

func (r *reports) note(kind care.Kind, d care.Draft, about ...ids.ID) care.Done {
	r.t.Helper()
	d.FormKey, d.GroupID, d.ChildIDs, d.Kind = ids.New(), r.Group, about, kind
	done, err := r.care.Note(r.Staff.Ctx(), d)
	require.NoError(r.t, err)
	return done
}

func (r *reports) draft(on tenants.Date, post bool, texts ...diary.DayText) diary.DaysDraft {
	d := diary.DaysDraft{FormKey: ids.New(), GroupID: r.Group, On: on, Texts: texts, Posting: post}
	for _, text := range texts {
		if post {
			d.Post = append(d.Post, text.ChildID)
		}
	}
	return d
}

func (r *reports) write(d diary.DaysDraft) int {
	r.t.Helper()
	n, err := r.diary.WriteDays(r.Staff.Ctx(), d)
	require.NoError(r.t, err)
	return n
}

// only is the one entry of a timeline.
func (r *reports) only(who identitytest.Someone) diary.Entry {
	r.t.Helper()
	list := read(r.t, r.diary, who).Entries
	require.Len(r.t, list, 1)
	return list[0]
}

func kinds(e diary.Entry) (list []care.Kind) {
	for _, f := range e.Facts {
		list = append(list, f.Kind)
	}
	return list
}

func TestADayReportTellsTheCareOfItsDay(t *testing.T) {
	r := newReports(t)
	mila, finn := r.AddChild("Mila", r.Group), r.AddChild("Finn", r.Group)
	eva, jan := r.AddParent("Eva", mila), r.AddParent("Jan", finn)
	r.note(care.Sleep, care.Draft{From: "12:30", To: "14:05"}, mila)
	r.note(care.Bottle, care.Draft{From: "10:00", Amount: "180"}, mila)
	r.note(care.Temperature, care.Draft{From: "11:00", Amount: "37,4"}, mila)
	r.note(care.Mood, care.Draft{From: "15:00", Choice: "happy"}, mila)
	r.note(care.Nappy, care.Draft{From: "11:30", Choice: "wet"}, mila)
	r.note(care.Note, care.Draft{From: "15:30", Words: "Zoekt haar knuffel."}, mila)
	food := r.note(care.Food, care.Draft{From: "11:45", Choice: "all", Words: "Brood"}, mila, finn)

	t.Run("a draft is not read by guardians", func(t *testing.T) {
		r.write(r.draft("", false, diary.DayText{ChildID: mila, Body: "Ze lachte\r\nveel. "}))
		require.Empty(t, read(t, r.diary, eva).Entries)
		desk, err := r.diary.OpenDays(r.Staff.Ctx(), r.Group, "")
		require.NoError(t, err)
		require.Equal(t, "Finn", desk.Children[0].GivenName)
		require.Equal(t, "Ze lachte\nveel.", desk.Children[1].Report.Body)
		require.Len(t, desk.Children[1].Facts, 7)
	})
	both := r.draft("", true, diary.DayText{ChildID: mila, Body: "Ze lachte veel.", Version: 1}, diary.DayText{ChildID: finn})
	require.Equal(t, 2, r.write(both))
	require.Equal(t, 2, r.write(both), "the same form sent twice")
	require.Zero(t, r.write(r.draft("", true, diary.DayText{ChildID: mila, Version: 2})), "there is one of a day")
	_, err := r.diary.WriteDays(r.Staff.Ctx(), r.draft("", true, diary.DayText{ChildID: mila, Body: "Nog eens", Version: 2}))
	require.Equal(t, fault.Invalid, fault.CodeOf(err), "what was typed beside a report that somebody posted is not lost without a word")

	entry := r.only(eva)
	require.Equal(t, diary.DayPost, entry.Kind)
	require.Equal(t, "Ze lachte veel.", entry.Body)
	require.Equal(t, []care.Kind{care.Bottle, care.Temperature, care.Nappy, care.Food, care.Sleep, care.Mood, care.Note}, kinds(entry), "by time")
	require.Equal(t, []care.Kind{care.Food}, kinds(r.only(jan)))
	require.Equal(t, []string{"Finn"}, names(r.only(jan)))

	t.Run("what is corrected later is told corrected", func(t *testing.T) {
		page, err := r.care.Open(r.Staff.Ctx(), r.Group, "")
		require.NoError(t, err)
		for _, record := range page.Records {
			if record.Kind == care.Bottle {
				require.NoError(t, r.care.Correct(r.Staff.Ctx(), record.ID, 1, care.Draft{From: "10:00", Amount: "120"}))
			}
			if record.Kind == care.Mood {
				require.NoError(t, r.care.Withdraw(r.Staff.Ctx(), record.ID))
			}
		}
		_, err = r.care.Undo(r.Staff.Ctx(), r.Group, food.ActionID)
		require.NoError(t, err)
		got := r.only(eva)
		require.Equal(t, []care.Kind{care.Bottle, care.Temperature, care.Nappy, care.Sleep, care.Note}, kinds(got))
		require.Equal(t, 120, got.Facts[0].Amount)
		require.Empty(t, r.only(jan).Facts)
		page2, err := r.diary.Open(eva.Ctx(), got.ID)
		require.NoError(t, err)
		require.Equal(t, got.Facts, page2.Facts)
	})
	t.Run("taken back, it is a draft again", func(t *testing.T) {
		require.NoError(t, r.diary.TakeBack(r.Staff.Ctx(), entry.ID))
		require.Empty(t, read(t, r.diary, eva).Entries)
		desk, err := r.diary.OpenDays(r.Staff.Ctx(), r.Group, "")
		require.NoError(t, err)
		report := desk.Children[1].Report
		require.False(t, report.Posted())
		require.Equal(t, "Ze lachte veel.", report.Body)
		require.Equal(t, 1, r.write(r.draft("", true, diary.DayText{ChildID: mila, Body: "Ze lachte heel veel.", Version: report.Version})))
		require.Equal(t, "Ze lachte heel veel.", r.only(eva).Body)
		require.NoError(t, r.diary.Withdraw(r.Admin.Ctx(), r.only(eva).ID, "verkeerd kind"))
		require.Empty(t, read(t, r.diary, eva).Entries)
	})
}

func TestADayReportStandsUnderItsDay(t *testing.T) {
	r := newReports(t)
	mila := r.AddChild("Mila", r.Group)
	eva := r.AddParent("Eva", mila)
	r.note(care.Sleep, care.Draft{From: "12:30", To: "14:00"}, mila)
	wednesday := r.e.A.DateOf(r.e.Clock.Now())
	r.e.Clock.Advance(48 * time.Hour)
	_, err := r.diary.Publish(r.Staff.Ctx(), draft(r.House, mila))
	require.NoError(t, err)
	require.Equal(t, 1, r.write(r.draft(wednesday, true, diary.DayText{ChildID: mila, Body: "Toen"})))
	list := read(t, r.diary, eva).Entries
	require.Len(t, list, 2)
	require.Equal(t, "Toen", list[1].Body)
	require.Equal(t, wednesday, r.e.A.DateOf(list[1].PublishedAt))
	require.Len(t, list[1].Facts, 1)

	t.Run("and follows what is put right of that day", func(t *testing.T) {
		r.note(care.Food, care.Draft{On: wednesday, From: "11:45", Choice: "some"}, mila)
		require.Equal(t, []care.Kind{care.Food, care.Sleep}, kinds(read(t, r.diary, eva).Entries[1]))
		r.note(care.Food, care.Draft{From: "11:45", Choice: "some"}, mila)
		require.Len(t, read(t, r.diary, eva).Entries[1].Facts, 2, "today is another day")
	})
	t.Run("for a week, and never before it has come", func(t *testing.T) {
		for _, on := range []tenants.Date{wednesday.Add(-6), wednesday.Add(3), "morgen"} {
			_, err := r.diary.WriteDays(r.Staff.Ctx(), r.draft(on, true, diary.DayText{ChildID: mila, Body: "Toen"}))
			require.Equal(t, fault.Missing, fault.CodeOf(err), on)
			_, err = r.diary.OpenDays(r.Staff.Ctx(), r.Group, on)
			require.Equal(t, fault.Missing, fault.CodeOf(err), on)
		}
	})
}

// What is said of an entry just after it came holds for the report of an earlier day from when it was posted.
func TestADayReportOfAnEarlierDayIsNewWhenItIsPosted(t *testing.T) {
	r := newReports(t)
	mila := r.AddChild("Mila", r.Group)
	eva := r.AddParent("Eva", mila)
	wednesday := r.e.A.DateOf(r.e.Clock.Now())
	r.e.Clock.Advance(24 * time.Hour)
	require.NoError(t, r.diary.Visit(eva.Ctx()))
	r.e.Clock.Advance(24 * time.Hour)
	post := func() *diary.Page {
		desk, err := r.diary.OpenDays(r.Staff.Ctx(), r.Group, wednesday)
		require.NoError(t, err)
		require.Equal(t, 1, r.write(r.draft(wednesday, true, diary.DayText{ChildID: mila, Body: "Toen", Version: desk.Children[0].Report.Version})))
		entry := r.only(eva)
		page, err := r.diary.Open(r.Staff.Ctx(), entry.ID)
		require.NoError(t, err)
		return page
	}
	page := post()
	require.Equal(t, wednesday, r.e.A.DateOf(page.PublishedAt))
	require.WithinDuration(t, r.e.Clock.Now(), page.Shared(), time.Microsecond)
	line := read(t, r.diary, eva)
	require.True(t, line.Entries[0].Shared().After(line.NewSince), "it came after the last visit, of which its day was before")

	r.e.Clock.Advance(diary.TakeBackWithin)
	require.True(t, page.MayTakeBack(actor.From(r.Staff.Ctx()), r.e.Clock.Now()))
	require.NoError(t, r.diary.TakeBack(r.Staff.Ctx(), page.ID))
	require.Empty(t, read(t, r.diary, eva).Entries)

	again := post()
	r.e.Clock.Advance(diary.TakeBackWithin + time.Second)
	require.False(t, again.MayTakeBack(actor.From(r.Staff.Ctx()), r.e.Clock.Now()))
	require.Equal(t, fault.Conflict, fault.CodeOf(r.diary.TakeBack(r.Staff.Ctx(), again.ID)))
}

func TestWhoWritesADayReport(t *testing.T) {
	r := newReports(t)
	mila := r.AddChild("Mila", r.Group)
	egels := r.AddGroup("Egels")
	noor := r.AddChild("Noor", egels)
	foreign := childrentest.NewHouse(t, r.e, r.e.B)
	for name, who := range map[string]identitytest.Someone{"another group": r.AddStaff("Youssef", egels), "a parent": r.AddParent("Eva", mila), "foreign": foreign.Admin} {
		_, err := r.diary.WriteDays(who.Ctx(), r.draft("", true, diary.DayText{ChildID: mila, Body: "x"}))
		require.Equal(t, fault.Missing, fault.CodeOf(err), name)
		_, err = r.diary.OpenDays(who.Ctx(), r.Group, "")
		require.Equal(t, fault.Missing, fault.CodeOf(err), name)
	}
	_, err := r.diary.WriteDays(r.Staff.Ctx(), r.draft("", true, diary.DayText{ChildID: mila, Body: "x"}, diary.DayText{ChildID: noor, Body: "x"}))
	require.Equal(t, fault.Missing, fault.CodeOf(err), "a child of another group")

	problem := func(d diary.DaysDraft, field string) {
		t.Helper()
		_, err := r.diary.WriteDays(r.Staff.Ctx(), d)
		e, ok := fault.As(err)
		require.True(t, ok && e.Code == fault.Invalid, "%v", err)
		require.Equal(t, field, e.Fields[0].Name)
	}
	problem(r.draft("", true, diary.DayText{ChildID: mila}), diary.BodyField(mila))
	problem(r.draft("", true), "children")
	problem(r.draft("", false, diary.DayText{ChildID: mila, Body: strings.Repeat("é", diary.MaxBody+1)}), diary.BodyField(mila))
	r.write(r.draft("", false, diary.DayText{ChildID: mila, Body: "van Sanne"}))
	problem(r.draft("", false, diary.DayText{ChildID: mila, Body: "van een ander"}), diary.BodyField(mila))
	r.write(r.draft("", false, diary.DayText{ChildID: mila, Body: "van Sanne"})) // nothing new, so nothing to quarrel about
	problem(r.draft("", true, diary.DayText{ChildID: mila, Body: ""}), diary.BodyField(mila))
}

// Guardians hear of a day report by a kind of news of its own.
func TestGuardiansHearOfADayReport(t *testing.T) {
	r := newReports(t)
	mila := r.AddChild("Mila", r.Group)
	r.AddParent("Eva", mila)
	told, mails := notificationstest.NewWriting(t, r.e.DB, diary.Locales)
	news := diary.NewNews(r.e.DB, told)
	r.write(r.draft("", true, diary.DayText{ChildID: mila, Body: "Een fijne dag."}))
	var event ids.ID
	var payload json.RawMessage
	require.NoError(t, r.e.Owner(t).QueryRow(context.Background(), "SELECT id, payload FROM event WHERE tenant_id = $1 AND name = 'diary.entry_published'", r.e.A.ID).Scan(&event, &payload))
	ctx := actor.With(tenants.With(context.Background(), r.Tenant), actor.ForSystem(r.Tenant.ID))
	for range 2 {
		for _, sub := range news.Subscriptions() {
			if sub.Handler == "diary.notify" {
				require.NoError(t, sub.Run(ctx, outbox.Recorded{ID: event, TenantID: r.Tenant.ID, Name: sub.Event, Payload: payload}))
			}
		}
	}
	var lines int
	require.NoError(t, r.e.Owner(t).QueryRow(context.Background(), "SELECT count(*) FROM notification WHERE tenant_id = $1 AND item = 'day_report'", r.e.A.ID).Scan(&lines))
	require.Equal(t, 1, lines)
	notificationstest.Deliver(t, r.e, told, r.Tenant)
	require.Len(t, mails.Sent, 1)
	require.Equal(t, "Het dagverslag van Mila", mails.Sent[0].Subject)
	require.Contains(t, mails.Sent[0].Text, "Sanne schreef het dagverslag bij groep Kikkers.")
	require.NotContains(t, mails.Sent[0].Text, "Een fijne dag.")
}

// A report that is posted while its care is being written down has both or is rewritten.
func TestAReportAndItsCareDoNotMissEachOther(t *testing.T) {
	r := newReports(t)
	mila := r.AddChild("Mila", r.Group)
	eva := r.AddParent("Eva", mila)
	done := make(chan error, 2)
	go func() {
		_, err := r.care.Note(r.Staff.Ctx(), care.Draft{FormKey: ids.New(), GroupID: r.Group, ChildIDs: []ids.ID{mila}, Kind: care.Mood, From: "15:00", Choice: "happy"})
		done <- err
	}()
	go func() {
		_, err := r.diary.WriteDays(r.Staff.Ctx(), r.draft("", true, diary.DayText{ChildID: mila, Body: "Samen"}))
		done <- err
	}()
	require.NoError(t, <-done)
	require.NoError(t, <-done)
	require.Equal(t, []care.Kind{care.Mood}, kinds(r.only(eva)))
}
