package keepsake_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/keepsake"
)

// lines are what stands in the list of somebody, newest first.
func (a *attic) lines(who identitytest.Someone) []string {
	a.t.Helper()
	page, err := a.told.List(a.in(who), ids.Nil)
	require.NoError(a.t, err)
	var list []string
	for _, line := range page.Lines {
		list = append(list, line.Text)
	}
	return list
}

// The line that came when a file was ready stays for a year; it says what there is of that file now.
func TestTheBellSaysWhatThereIsNow(t *testing.T) {
	const ready, gone = "Je bestand met alles van Mila Jansen is klaar", "Je bestand met alles van Mila Jansen is er niet meer. Je kunt het opnieuw laten maken."
	const finns = "Je bestand met alles van Finn Jansen is klaar"
	a := newAttic(t)
	mila, finn := a.child("Mila"), a.child("Finn")
	eva := a.AddParent("Eva", finn.ID)
	tie := a.Tie(eva, mila.ID, children.Authority, "2026-01-01", "")
	a.fetched(eva, mila)
	require.Equal(t, []string{ready}, a.lines(eva))
	a.e.Clock.Advance(keepsake.Kept)
	a.fetched(eva, finn)
	require.Equal(t, []string{finns, gone}, a.lines(eva), "each child has its own, also before the sweep came by")

	require.NoError(t, a.keepsake.Ask(a.in(eva), mila.ID, false))
	require.Equal(t, []string{finns, "We maken een nieuw bestand met alles van Mila Jansen"}, a.lines(eva))
	require.NoError(t, a.keepsake.Cancel(a.in(eva), mila.ID))
	require.Equal(t, []string{finns, gone}, a.lines(eva))
	a.fetched(eva, mila)
	require.Equal(t, []string{ready, finns, ready}, a.lines(eva))
	jan := a.AddParent("Jan", mila.ID)
	a.fetched(jan, mila)
	require.Equal(t, []string{ready}, a.lines(jan), "what one guardian has is not what another has")

	require.NoError(t, a.keepsake.Ask(a.in(eva), mila.ID, true)) // and no worker ever comes
	a.e.Clock.Advance(27 * time.Hour)
	require.NoError(t, a.keepsake.Sweep(a.system()))
	const failed = "Het maken van je bestand met alles van Mila Jansen is niet gelukt. Vraag het opnieuw aan."
	require.Equal(t, failed, a.lines(eva)[0])
	require.Equal(t, []string{gone}, a.lines(jan))
	a.e.Clock.Advance(31 * 24 * time.Hour)
	require.NoError(t, a.keepsake.Sweep(a.system()))
	require.Equal(t, gone, a.lines(eva)[0], "also when its row is forgotten")

	require.NoError(t, a.Service.Block(a.Admin.Ctx(), tie, "uitspraak rechter"))
	require.Len(t, a.lines(eva), 1, "who may not know of the child any more reads nothing of it")
}
