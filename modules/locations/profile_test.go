package locations

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/blob"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/media/mediatest"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/identity/identitytest"
)

// told counts the news that somebody got.
func (h *hall) told(who identitytest.Someone) (n int) {
	h.t.Helper()
	require.NoError(h.t, h.e.Owner(h.t).QueryRow(h.t.Context(), "SELECT count(*) FROM notification WHERE person_id = $1 AND item = $2", who.ID, proposedItem).Scan(&n))
	return n
}

// introduction is what a guardian reads of a colleague.
func (h *hall) introduction(who identitytest.Someone, of ids.ID) *Colleague {
	h.t.Helper()
	c, err := h.s.Colleague(who.Ctx(), of)
	require.NoError(h.t, err)
	return c
}

func TestNothingOfAnothersHandIsShownBeforeTheyAgree(t *testing.T) {
	h := newHall(t)
	eva := h.AddParent("Eva", h.AddChild("Mila", h.Group))
	manager, sanne := h.AddManager("Karin"), h.Staff
	require.NoError(t, h.s.Introduce(sanne.Ctx(), Draft{Title: "Pedagogisch medewerker", Weekdays: []int{4, 1, 1}, DaysShown: true, Introduction: "Ik ben Sanne."}))
	c := h.introduction(eva, sanne.ID)
	require.Equal(t, []any{"Pedagogisch medewerker", []int{1, 4}, "Ik ben Sanne.", "Kikkers"}, []any{c.Title, c.Weekdays, c.Introduction, c.Groups})

	require.NoError(t, h.s.Propose(manager.Ctx(), sanne.ID, Draft{Title: "Teamleider", Weekdays: []int{2}, Introduction: "Zij is Sanne.", Version: 1}))
	c = h.introduction(eva, sanne.ID)
	require.Equal(t, []any{"Teamleider", []int{2}, "Ik ben Sanne."}, []any{c.Title, c.Weekdays, c.Introduction})
	event := ids.New()
	require.NoError(t, h.e.Owner(t).QueryRow(t.Context(), "SELECT id FROM event WHERE name = 'locations.proposed' AND tenant_id = $1", h.Tenant.ID).Scan(&event))
	for range 2 {
		require.NoError(t, h.news.tellProposed(h.system(), event, Proposed{PersonID: sanne.ID}))
	}
	require.Equal(t, 1, h.told(sanne))

	require.Equal(t, fault.Conflict, fault.CodeOf(h.s.Answer(sanne.Ctx(), true, 1)), "not to what was not on the screen")
	require.NoError(t, h.s.Answer(sanne.Ctx(), true, 2))
	require.Equal(t, "Zij is Sanne.", h.introduction(eva, sanne.ID).Introduction)
	require.NoError(t, h.s.Propose(manager.Ctx(), sanne.ID, Draft{Introduction: "Nog iets.", Version: 3}))
	require.NoError(t, h.s.Answer(sanne.Ctx(), false, 4))
	require.Equal(t, "Zij is Sanne.", h.introduction(eva, sanne.ID).Introduction)
	require.NoError(t, h.news.tellProposed(h.system(), ids.New(), Proposed{PersonID: sanne.ID}), "and nobody is told of what is gone")
	require.Equal(t, 1, h.told(sanne))

	require.NoError(t, h.s.Introduce(sanne.Ctx(), Draft{Weekdays: []int{1}, Introduction: "Zij is Sanne.", Version: 5}))
	require.Empty(t, h.introduction(eva, sanne.ID).Weekdays, "she does not show her days")
	require.NoError(t, h.s.Withdraw(sanne.Ctx(), 6))
	require.Empty(t, h.introduction(eva, sanne.ID).Introduction)

	foreign := childrentest.NewHouse(t, h.e, h.e.B)
	for _, who := range []identitytest.Someone{foreign.Admin, h.AddStaff("Youssef", h.Group), eva} {
		missed(t, h.s.Propose(who.Ctx(), sanne.ID, Draft{Introduction: "Kwaad.", Version: 7}))
		missed(t, h.s.Hide(who.Ctx(), sanne.ID, true, 7))
		missed(t, second(h.s.Card(who.Ctx(), sanne.ID)))
	}
	missed(t, h.s.Hide(sanne.Ctx(), sanne.ID, true, 7))
	missed(t, second(h.s.Own(eva.Ctx())))
}

func TestAPhotoIsSeenByWhomItMayBeUntilItIsWithdrawn(t *testing.T) {
	h := newHall(t)
	eva, jan := h.AddParent("Eva", h.AddChild("Mila", h.Group)), h.AddParent("Jan", h.AddChild("Finn", h.AddGroup("Egels")))
	manager, sanne, youssef := h.AddManager("Karin"), h.Staff, h.AddStaff("Youssef", h.Group)
	foreign := childrentest.NewHouse(t, h.e, h.e.B)
	bo := foreign.AddParent("Bo", foreign.AddChild("Lot", foreign.Group))

	offered := h.photograph(manager, sanne.ID)
	require.Equal(t, []bool{true, true, false, false, false, false}, []bool{h.sees(manager, offered.ID), h.sees(sanne, offered.ID), h.sees(eva, offered.ID), h.sees(jan, offered.ID), h.sees(youssef, offered.ID), h.sees(bo, offered.ID)})
	require.Equal(t, ids.Nil, h.introduction(eva, sanne.ID).PhotoID)
	for _, who := range []identitytest.Someone{manager, youssef, eva, foreign.Admin} {
		missed(t, h.s.Agree(who.Ctx(), offered.ID))
	}
	require.NoError(t, h.s.Agree(sanne.Ctx(), offered.ID))
	require.NoError(t, h.s.Agree(sanne.Ctx(), offered.ID))
	require.Equal(t, []bool{true, false, false, false}, []bool{h.sees(eva, offered.ID), h.sees(jan, offered.ID), h.sees(youssef, offered.ID), h.sees(bo, offered.ID)})
	require.Equal(t, offered.ID, h.introduction(eva, sanne.ID).PhotoID)

	h.e.Clock.Advance(time.Minute)
	own := h.photograph(sanne, sanne.ID)
	require.Equal(t, own.ID, h.introduction(eva, sanne.ID).PhotoID, "in the place of the one before")
	require.False(t, h.sees(eva, offered.ID))

	require.NoError(t, h.s.Hide(manager.Ctx(), sanne.ID, true, 0))
	require.False(t, h.sees(eva, own.ID))
	require.Equal(t, []string{"Youssef"}, h.team(eva))
	missed(t, second(h.s.Colleague(eva.Ctx(), sanne.ID)))
	require.True(t, h.sees(sanne, own.ID))
	require.NoError(t, h.s.Hide(manager.Ctx(), sanne.ID, false, 1))
	require.True(t, h.sees(eva, own.ID))

	for _, who := range []identitytest.Someone{youssef, eva, foreign.Admin} {
		missed(t, second(h.s.Remove(who.Ctx(), own.ID)))
	}
	_, err := h.s.Remove(sanne.Ctx(), own.ID)
	require.NoError(t, err)
	for _, who := range []identitytest.Someone{eva, sanne, manager} {
		require.False(t, h.sees(who, own.ID), "from the next request on")
	}
	missed(t, second(h.s.Remove(sanne.Ctx(), own.ID)))

	for _, p := range []*Photo{offered, own} { // the events of their removal, twice
		for range 2 {
			require.NoError(t, h.s.deleteObjects(h.system(), ids.New(), PhotoRemoved{StorageKey: p.StorageKey}))
		}
		require.NoError(t, h.s.develop(h.system(), ids.New(), PhotoUploaded{PhotoID: p.ID, StorageKey: p.StorageKey}))
	}
	require.NoError(t, h.s.store.List(t.Context(), blob.TenantPrefix(h.Tenant.ID), func(i blob.Info) error {
		t.Errorf("%s is still there", i.Key)
		return nil
	}))
	f, _ := fault.As(h.s.Upload(sanne.Ctx(), sanne.ID, []byte("geen foto")))
	require.Equal(t, "photo", f.Fields[0].Name)
	missed(t, h.s.Upload(youssef.Ctx(), sanne.ID, mediatest.Photo(60, 40, 1)))
}

func TestAPhotoThatIsAgreedToTakesThePlaceOfOneUploadedMeanwhile(t *testing.T) {
	h := newHall(t)
	eva, manager, sanne := h.AddParent("Eva", h.AddChild("Mila", h.Group)), h.AddManager("Karin"), h.Staff
	offered := h.photograph(manager, sanne.ID)
	h.e.Clock.Advance(time.Minute)
	h.photograph(sanne, sanne.ID)
	h.e.Clock.Advance(time.Minute)
	require.NoError(t, h.s.Agree(sanne.Ctx(), offered.ID))
	require.Equal(t, offered.ID, h.introduction(eva, sanne.ID).PhotoID)
	card, err := h.s.Own(sanne.Ctx())
	require.NoError(t, err)
	require.Len(t, card.Photos, 1)
}

func TestPhotosOfWhoLeftGo(t *testing.T) {
	h := newHall(t)
	p := h.photograph(h.Staff, h.Staff.ID)
	require.NoError(t, h.s.Reconcile(h.system()))
	require.True(t, h.sees(h.Staff, p.ID))
	_, err := h.e.Owner(t).Exec(t.Context(), "UPDATE membership SET valid_to = $2 WHERE person_id = $1", h.Staff.ID, string(h.today().Add(-31)))
	require.NoError(t, err)
	require.NoError(t, h.s.Reconcile(h.system()))
	require.NoError(t, h.s.Reconcile(h.system()))
	require.False(t, h.sees(h.Staff, p.ID))
}
