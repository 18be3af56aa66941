package consents_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/modules/children"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/consents"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/notifications/notificationstest"
)

func TestWhoMayAnswer(t *testing.T) {
	e := dbtest.New(t)
	told, _ := notificationstest.New(t, e.DB, nil)
	s := consents.New(e.DB, told)
	h := childrentest.NewHouse(t, e, e.A)
	mila := h.AddChild("Mila", h.Group)
	eva := h.AddParent("Eva", mila)
	informed, grandmother := h.AddParent("Tom"), h.AddParent("Oma")
	h.Tie(informed, mila, children.Information, "2026-01-01", "")
	h.Tie(grandmother, mila, children.Relative, "2026-01-01", "")
	foreign := childrentest.NewHouse(t, e, e.B)
	for _, c := range []struct {
		who identitytest.Someone
		may bool
	}{{eva, true}, {h.Admin, true}, {informed, false}, {grandmother, false}, {h.Staff, false}, {h.AddParent("Jan"), false}, {foreign.Admin, false}} {
		err := s.Say(c.who.Ctx(), consents.Reply{ChildID: mila, Purpose: consents.Photos, Granted: c.who.Role == actor.Parent})
		if c.may {
			require.NoError(t, err)
		} else {
			require.Equal(t, fault.Missing, fault.CodeOf(err), c.who.GivenName)
		}
	}
	require.Equal(t, fault.Missing, fault.CodeOf(s.Say(eva.Ctx(), consents.Reply{ChildID: mila, Purpose: "website", Granted: true})), "a purpose that nobody was asked about")

	own, err := s.Own(eva.Ctx())
	require.NoError(t, err)
	require.Len(t, own[0].Questions[0].Answers, 2, "every answer is kept")
	_, err = s.Of(foreign.Admin.Ctx(), mila)
	require.Equal(t, fault.Missing, fault.CodeOf(err))
}

func TestAnswersAtTheSameMomentAgreeWithTheirHistory(t *testing.T) {
	e := dbtest.New(t)
	told, _ := notificationstest.New(t, e.DB, nil)
	s := consents.New(e.DB, told)
	h := childrentest.NewHouse(t, e, e.A)
	mila := h.AddChild("Mila", h.Group)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			if err := s.Say(h.Admin.Ctx(), consents.Reply{ChildID: mila, Purpose: consents.Photos, Granted: i%2 == 0}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var agree bool
	require.NoError(t, e.Owner(t).QueryRow(t.Context(), `SELECT s.granted = a.granted FROM consent_state s JOIN consent_answer a
		ON a.tenant_id = s.tenant_id AND a.id = s.answer_id WHERE s.tenant_id = $1 AND s.child_id = $2`, e.A.ID, mila).Scan(&agree))
	require.True(t, agree)
	of, err := s.Of(h.Admin.Ctx(), mila)
	require.NoError(t, err)
	require.NotEmpty(t, of.Questions[0].Answers)
}
