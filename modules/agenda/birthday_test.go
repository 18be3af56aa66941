package agenda_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/consents"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/notifications/notificationstest"
	"ouderportaal/tenants"
)

// born gives a child another day of birth.
func (h *home) born(child ids.ID, on string) ids.ID {
	h.t.Helper()
	_, err := h.e.Owner(h.t).Exec(h.t.Context(), "UPDATE child SET birth_on = $2 WHERE id = $1", child, on)
	require.NoError(h.t, err)
	return child
}

// birthdays are those in a month, as "2026-10-05 Mila".
func (h *home) birthdays(who identitytest.Someone, in tenants.Date) []string {
	h.t.Helper()
	list := []string{}
	for _, item := range h.items(who, in) {
		if strings.Contains(item, " birthday ") {
			list = append(list, strings.Replace(item, " birthday ", " ", 1))
		}
	}
	return list
}

func TestBirthdaysOfOthersAreToldWithConsent(t *testing.T) {
	h := newHome(t)
	told, _ := notificationstest.New(t, h.e.DB, nil)
	answers := consents.New(h.e.DB, told)
	mila, noor, finn := h.AddChild("Mila", h.Group), h.AddChild("Noor", h.Group), h.AddChild("Finn", h.AddGroup("Egels"))
	for i, child := range []ids.ID{mila, noor, finn} {
		h.born(child, []string{"2023-10-10", "2023-10-12", "2023-10-14"}[i])
	}
	eva, leyla, piet := h.AddParent("Eva", mila), h.AddParent("Leyla", noor), h.AddParent("Piet", finn)
	foreign := childrentest.NewHouse(t, h.e, h.e.B)
	bram := foreign.AddChild("Bram", foreign.Group)
	own, both := []string{"2026-10-10 Mila"}, []string{"2026-10-10 Mila", "2026-10-12 Noor"}
	require.Equal(t, own, h.birthdays(eva, ""), "her own, always; nobody was asked about the others")

	ask := consents.Draft{FormKey: ids.New(), Title: "Verjaardagen", Body: "Mag de groep het weten?", Required: consents.One, StartsOn: "2026-09-01", Birthdays: true}
	purpose, err := answers.Ask(h.Admin.Ctx(), ask)
	require.NoError(t, err)
	require.Equal(t, consents.Birthdays, purpose)
	again, err := answers.Ask(h.Admin.Ctx(), ask)
	require.NoError(t, err)
	require.Equal(t, purpose, again, "sent twice")
	ask.FormKey = ids.New()
	_, err = answers.Ask(h.Admin.Ctx(), ask)
	f, _ := fault.As(err)
	require.Equal(t, []string{"birthdays", "consents.error.birthdays_asked"}, []string{f.Fields[0].Name, f.Fields[0].Key}, "there is one such question")

	say := func(who identitytest.Someone, child ids.ID, yes bool) {
		require.NoError(t, answers.Say(who.Ctx(), consents.Reply{ChildID: child, Purpose: purpose, Granted: yes}))
	}
	say(leyla, noor, true)
	say(piet, finn, true)
	require.Equal(t, both, h.birthdays(eva, ""), "beside her child, and not of another group")
	require.Equal(t, []string{"2026-10-12 Noor"}, h.birthdays(leyla, ""), "Eva has not said yes")
	page, err := h.s.Open(eva.Ctx(), "")
	require.NoError(t, err)
	require.Equal(t, []int{3, 0}, []int{page.Days[9].Items[0].Age, page.Days[11].Items[0].Age}, "how old another child gets is not told")
	secret, err := h.s.MakeFeed(eva.Ctx())
	require.NoError(t, err)
	feed := func() string {
		text, err := h.s.Feed(tenants.With(t.Context(), h.Tenant), secret)
		require.NoError(t, err)
		return text
	}
	require.Contains(t, feed(), "SUMMARY:Mila wordt 3")
	require.Contains(t, feed(), "SUMMARY:Noor is jarig")
	require.Contains(t, feed(), "birthday-"+noor.String()+"-2026-10-12")
	require.NotContains(t, feed(), "Finn")
	require.NotContains(t, feed(), bram.String())

	t.Run("until they take it back", func(t *testing.T) {
		say(leyla, noor, false)
		require.Equal(t, own, h.birthdays(eva, ""))
		require.NotContains(t, feed(), "Noor")
		say(leyla, noor, true)
		require.Equal(t, both, h.birthdays(eva, ""))
	})
	t.Run("while both are in the group", func(t *testing.T) {
		_, err := h.e.Owner(t).Exec(t.Context(), "UPDATE placement SET ends_on = '2026-10-11' WHERE child_id = $1", noor)
		require.NoError(t, err)
		require.Equal(t, own, h.birthdays(eva, ""))
		_, err = h.e.Owner(t).Exec(t.Context(), "UPDATE placement SET ends_on = '2026-10-12' WHERE child_id = $1", noor)
		require.NoError(t, err)
		require.Equal(t, both, h.birthdays(eva, ""))
	})
	t.Run("and while it is asked", func(t *testing.T) {
		d, err := answers.Question(h.Admin.Ctx(), purpose)
		require.NoError(t, err)
		require.NoError(t, answers.Revise(h.Admin.Ctx(), purpose, consents.Draft{Title: d.Title, Body: d.Body, Required: d.Required, StartsOn: d.StartsOn, EndsOn: "2026-09-30", Version: d.Version}))
		require.Equal(t, own, h.birthdays(eva, ""))
	})
}

func TestALeapDayIsKeptOnTheDayBefore(t *testing.T) {
	h := newHome(t)
	eva := h.AddParent("Eva", h.born(h.AddChild("Mila", h.Group), "2024-02-29"))
	require.Equal(t, []string{"2027-02-28 Mila"}, h.birthdays(eva, "2027-02-01"))
	require.Empty(t, h.birthdays(eva, "2027-03-01"))
	require.Empty(t, h.birthdays(h.AddParent("Jan"), "2027-02-01"))
	blocked := h.AddParent("Tom")
	tie := h.Tie(blocked, h.AddChild("Finn", h.Group), children.Authority, "2026-01-01", "")
	require.NoError(t, h.Service.Block(h.Admin.Ctx(), tie, "uitspraak rechter"))
	require.Empty(t, h.birthdays(blocked, "2027-02-01"))
}
