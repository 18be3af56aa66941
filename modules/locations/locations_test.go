package locations

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/media/mediatest"
	"ouderportaal/modules/agenda"
	"ouderportaal/modules/children"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/notifications/notificationstest"
	"ouderportaal/tenants"
)

// hall is a house with what is read of it.
type hall struct {
	*childrentest.House
	t    *testing.T
	e    *dbtest.Env
	s    *Service
	news *News
}

func newHall(t *testing.T) *hall {
	t.Helper()
	e := dbtest.New(t)
	store, err := blob.OpenDir(t.TempDir())
	require.NoError(t, err)
	n, _ := notificationstest.New(t, e.DB, nil)
	s := New(e.DB, store, nil)
	return &hall{House: childrentest.NewHouse(t, e, e.A), t: t, e: e, s: s, news: NewNews(s, n)}
}

func (h *hall) system() context.Context {
	return actor.With(tenants.With(h.t.Context(), h.Tenant), actor.ForSystem(h.Tenant.ID))
}

func (h *hall) today() tenants.Date { return h.Tenant.DateOf(h.e.Clock.Now()) }

// place is what somebody reads of their only location.
func (h *hall) place(who identitytest.Someone) *Place {
	h.t.Helper()
	p, err := h.s.Open(who.Ctx(), ids.Nil)
	require.NoError(h.t, err)
	require.NotNil(h.t, p.Place)
	return p.Place
}

// team are the names of the team that somebody reads of.
func (h *hall) team(who identitytest.Someone) []string {
	h.t.Helper()
	p, err := h.s.Open(who.Ctx(), ids.Nil)
	require.NoError(h.t, err)
	names := []string{}
	if p.Place != nil {
		for _, c := range p.Place.Team {
			names = append(names, c.GivenName)
		}
	}
	return names
}

// photograph uploads a photo of somebody and makes it ready, as its handler does: twice.
func (h *hall) photograph(who identitytest.Someone, of ids.ID) *Photo {
	h.t.Helper()
	require.NoError(h.t, h.s.Upload(who.Ctx(), of, mediatest.Photo(60, 40, 1)))
	card, err := h.s.Card(who.Ctx(), of)
	require.NoError(h.t, err)
	p := card.Photos[0]
	if h.s.images == nil {
		h.s.images = mediatest.Start(h.t, 1)
	}
	for range 2 {
		require.NoError(h.t, h.s.develop(h.system(), ids.New(), PhotoUploaded{PhotoID: p.ID, StorageKey: p.StorageKey}))
	}
	return &p
}

// sees tells whether somebody gets the picture; one that they may not see is like one that is not there.
func (h *hall) sees(who identitytest.Someone, photo ids.ID) bool {
	h.t.Helper()
	_, err := h.s.Picture(who.Ctx(), photo, "320.webp")
	if err != nil {
		_, unknown := h.s.Picture(who.Ctx(), ids.New(), "320.webp")
		require.Equal(h.t, unknown, err)
	}
	return err == nil
}

func missed(t *testing.T, err error) {
	t.Helper()
	require.Equal(t, fault.Missing, fault.CodeOf(err), "%v", err)
}

func TestWhoIsOfTheTeamOfAGuardian(t *testing.T) {
	h := newHall(t)
	egels := h.AddGroup("Egels")
	youssef := h.AddStaff("Youssef", egels)
	mila := h.AddChild("Mila", h.Group)
	eva := h.AddParent("Eva", mila)
	require.Equal(t, []string{"Sanne"}, h.team(eva), "not of a group where her child does not come")
	missed(t, second(h.s.Colleague(eva.Ctx(), youssef.ID)))

	t.Run("who works in a group that a child starts in, on its first day", func(t *testing.T) {
		start := h.today().Add(40)
		h.Place(h.AddNewcomer("Finn", egels, start, ""), egels, start.Add(400), "")
		finn := h.AddNewcomer("Jip", egels, start, "")
		roos := h.AddParent("Roos", finn)
		late, gone, leaver := h.AddStaff("Laura", h.Group), h.AddStaff("Ton", h.Group), h.AddStaff("Wim", h.Group)
		h.assign(late, egels, start, "")
		h.assign(gone, egels, h.today().Add(-90), start.Add(-1))
		h.assign(leaver, egels, start.Add(1), "")
		require.Equal(t, []string{"Laura", "Youssef"}, h.team(roos))
		require.Equal(t, start, h.place(roos).StartsOn)
		require.Empty(t, h.place(eva).StartsOn)
	})
	t.Run("nobody of a placement that ended, and nobody for a tie that is blocked", func(t *testing.T) {
		sem := h.AddNewcomer("Sem", h.Group, h.today().Add(-100), h.today().Add(-1))
		require.Empty(t, h.team(h.AddParent("Inge", sem)))
		ralf := h.AddParent("Ralf")
		tie := h.Tie(ralf, mila, children.Authority, "2026-01-01", "")
		require.NotEmpty(t, h.team(ralf))
		require.NoError(t, h.Service.Block(h.Admin.Ctx(), tie, "uitspraak rechter"))
		require.Empty(t, h.team(ralf))
		missed(t, second(h.s.Open(ralf.Ctx(), h.Location)))
		missed(t, second(h.s.Colleague(ralf.Ctx(), h.Staff.ID)))
	})
	t.Run("nobody who was shut out", func(t *testing.T) {
		kim := h.AddStaff("Kim", h.Group)
		require.Contains(t, h.team(eva), "Kim")
		_, err := h.e.Owner(t).Exec(t.Context(), "UPDATE membership SET valid_to = $2 WHERE person_id = $1", kim.ID, string(h.today().Add(-1)))
		require.NoError(t, err)
		require.NotContains(t, h.team(eva), "Kim")
	})
	t.Run("nobody at another organisation, and no staff", func(t *testing.T) {
		foreign := childrentest.NewHouse(t, h.e, h.e.B)
		bo := foreign.AddParent("Bo", foreign.AddChild("Lot", foreign.Group))
		require.Equal(t, []string{"Sanne"}, h.team(bo), "her own Sanne")
		missed(t, second(h.s.Open(bo.Ctx(), h.Location)))
		missed(t, second(h.s.Colleague(bo.Ctx(), h.Staff.ID)))
		missed(t, second(h.s.Open(h.Staff.Ctx(), ids.Nil)))
		missed(t, second(h.s.Colleague(h.Staff.Ctx(), h.Staff.ID)))
	})
}

func second[T any](_ T, err error) error { return err }

func (h *hall) assign(who identitytest.Someone, group ids.ID, from, to tenants.Date) {
	h.t.Helper()
	require.NoError(h.t, h.Service.Add(h.Admin.Ctx(), children.Roster{Assignments: []children.Assignment{{TenantID: h.Tenant.ID, ID: ids.New(), PersonID: who.ID, GroupID: group, ValidFrom: from, ValidTo: to}}}))
}

func TestAFamilyWithTwoLocations(t *testing.T) {
	h := newHall(t)
	noord := h.AddLocation("Noord")
	h.AddStaff("Noor", noord)
	ada := h.AddChild("Ada", h.Group)
	h.Place(ada, noord, h.today().Add(-10), "")
	grace := h.AddParent("Grace", ada)
	first, err := h.s.Open(grace.Ctx(), ids.Nil)
	require.NoError(t, err)
	require.Len(t, first.Choices, 2)
	require.Equal(t, "Dorpsstraat", first.Place.Name)
	other, err := h.s.Open(grace.Ctx(), first.Choices[1].ID)
	require.NoError(t, err)
	require.Equal(t, "Noord", other.Place.Name)
	require.Equal(t, "987654321", other.Place.Cares[0].LRKNumber)
	require.Len(t, other.Place.Team, 1)
	require.Equal(t, "Noor", other.Place.Team[0].GivenName, "each with its own team")
	missed(t, second(h.s.Open(h.AddParent("Eva", h.AddChild("Mila", h.Group)).Ctx(), first.Choices[1].ID)))
}

func TestWhenALocationIsOpen(t *testing.T) {
	h := newHall(t)
	eva := h.AddParent("Eva", h.AddChild("Mila", h.Group))
	monday := children.CareDay{Weekday: 1, From: "07:30", To: "18:30"}
	set := func(version int, days ...children.CareDay) error {
		return h.s.SetOpening(h.Admin.Ctx(), Opening{LocationID: h.Location, Days: days, Version: version})
	}
	for name, days := range map[string][]children.CareDay{
		"overlap":    {monday, {Weekday: 1, From: "18:00", To: "19:00"}},
		"order":      {{Weekday: 1, From: "18:00", To: "08:00"}},
		"half":       {{Weekday: 1, From: "18:00"}},
		"no weekday": {{Weekday: 8, From: "08:00", To: "18:00"}},
		"too many":   {{Weekday: 1, From: "08:00", To: "09:00"}, {Weekday: 1, From: "10:00", To: "11:00"}, {Weekday: 1, From: "12:00", To: "13:00"}},
	} {
		f, _ := fault.As(set(0, days...))
		require.NotNil(t, f, name)
		require.Equal(t, "day_1", f.Fields[0].Name, name)
	}
	require.NoError(t, set(0, children.CareDay{Weekday: 1, From: "14:00", To: "18:00"}, children.CareDay{Weekday: 1, From: "07:30", To: "08:30"}))
	require.Equal(t, fault.Conflict, fault.CodeOf(set(0, monday)), "somebody was first")
	require.Equal(t, []children.CareDay{{Weekday: 1, From: "07:30", To: "08:30"}, {Weekday: 1, From: "14:00", To: "18:00"}}, h.place(eva).Opening.On(1))
	require.NoError(t, set(1, monday))
	require.Equal(t, []children.CareDay{monday}, h.place(eva).Opening.On(1))

	eve := h.today().Add(10)
	except := func(day tenants.Date, from, to string) error {
		return h.s.Except(h.Admin.Ctx(), Exception{LocationID: h.Location, OnDay: day, FromTime: from, ToTime: to, Reason: "Kerstavond"})
	}
	for field, err := range map[string]error{"on_day": except(h.today().Add(-1), "07:30", "16:00"), "to_time": except(eve, "16:00", "07:30"), "from_time": except(eve, "vroeg", "16:00")} {
		f, _ := fault.As(err)
		require.NotNil(t, f, field)
		require.Equal(t, field, f.Fields[0].Name)
	}
	require.NoError(t, except(eve, "07:30", "16:00"))
	require.Equal(t, fault.Invalid, fault.CodeOf(except(eve, "07:30", "15:00")), "a day has one exception")

	words := agenda.New(h.e.DB, nil)
	for _, d := range []agenda.Draft{{Kind: agenda.Closed, FirstDay: eve.Add(1), LastDay: eve.Add(2), Title: "Kerst"}, {Kind: agenda.Closed, LocationID: h.Location, FirstDay: h.today(), Title: "Studiedag"}} {
		d.FormKey = ids.New()
		_, err := words.Add(h.Admin.Ctx(), d)
		require.NoError(t, err)
	}
	p := h.place(eva)
	require.Equal(t, []Special{{First: h.today(), Last: h.today(), Reason: "Studiedag"}, {First: eve, Last: eve, From: "07:30", To: "16:00", Reason: "Kerstavond"}, {First: eve.Add(1), Last: eve.Add(2), Reason: "Kerst"}}, p.Special)
	require.Empty(t, p.Today(h.today()), "a study day")
	require.Equal(t, "16:00", p.Today(eve)[0].To)

	foreign := childrentest.NewHouse(t, h.e, h.e.B)
	kept, err := h.s.Kept(h.Admin.Ctx(), h.Location)
	require.NoError(t, err)
	for _, who := range []identitytest.Someone{foreign.Admin, h.AddManager("Karin"), h.Staff, eva} {
		other := h.Location
		if who.Role == actor.Manager {
			var groups children.Group
			require.NoError(t, h.e.DB.Read(h.Admin.Ctx(), func(ctx context.Context, tx tenants.Reader) error {
				return tx.NewSelect().Model(&groups).Where("id = ?", h.AddLocation("Noord")).Scan(ctx)
			}))
			other = groups.LocationID
			require.NoError(t, second(h.s.Kept(who.Ctx(), h.Location)), "her own")
		}
		missed(t, second(h.s.Kept(who.Ctx(), other)))
		missed(t, h.s.SetOpening(who.Ctx(), Opening{LocationID: other}))
		missed(t, h.s.Except(who.Ctx(), Exception{LocationID: other, OnDay: eve, FromTime: "08:00", ToTime: "09:00"}))
		if who.Role != actor.Manager {
			missed(t, second(h.s.DropException(who.Ctx(), kept.Exceptions[0].ID)))
		}
	}
	location, err := h.s.DropException(h.Admin.Ctx(), kept.Exceptions[0].ID)
	require.NoError(t, err)
	require.Equal(t, h.Location, location)
	require.Len(t, h.place(eva).Special, 2)
}
