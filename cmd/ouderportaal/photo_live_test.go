package main

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/consents"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/notifications/notificationstest"
)

// hears gives the lines of a live stream that was opened.
func hears(t *testing.T, l *look) <-chan string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	res := l.b.Stream(ctx, "/live")
	t.Cleanup(func() { _ = res.Body.Close() })
	require.Equal(t, http.StatusOK, res.StatusCode)
	lines, opened := make(chan string, 1000), make(chan bool)
	go func() {
		defer close(lines)
		for in := bufio.NewScanner(res.Body); in.Scan(); {
			if in.Text() == "event: open" {
				close(opened)
			}
			lines <- in.Text()
		}
	}()
	<-opened
	return lines
}

// What somebody takes back holds at once, with no worker at hand: for whoever has the page open, has kept the photo, has begun to
// take it home, or has a mail on its way.
func TestWhatIsTakenBackIsGoneAtOnce(t *testing.T) {
	for what, takeBack := range map[string]func(*testing.T, *gallery, shot){
		"the consent": func(t *testing.T, g *gallery, s shot) {
			form := []string{"answer", "nee", "words", "2"} // the first words of the organisation come after the product's own
			g.look(t, g.onlookers[0]).b.Post("/toestemmingen/"+s.on[0].ID.String()+"/photos", form...).Is(http.StatusSeeOther)
		},
		"the entry": func(t *testing.T, g *gallery, s shot) {
			ctx := g.h.Staff.Ctx()
			require.NoError(t, g.p.app.modules.diary.Withdraw(ctx, s.entry, "Vergissing"))
		},
	} {
		t.Run(what, func(t *testing.T) {
			p := newPortal(t, dbtest.New(t))
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go p.app.DB.Listen(ctx, p.app.Hub.Signals())
			g := newGallery(t, p, consents.One, always, []*kid{{name: "on paper", said: []saying{{by: paper, yes: true}}, there: always}})
			told, mails := notificationstest.NewWriting(t, p.e.DB, diary.Locales)
			diary.NewNews(p.e.DB, told)
			p.workAt(g.h.Tenant, "diary.notify")
			photo := g.shots[0]
			eva, stranger := g.look(t, g.onlookers[0]), g.look(t, g.onlookers[11])
			require.Equal(t, "a guardian of a child in the group", stranger.what)

			surfaces := surfaces()
			for _, place := range surfaces {
				require.Equal(t, place.role(eva.role), place.get(eva)[photo.id], place.what)
			}
			child := "/meenemen/" + photo.on[0].ID.String()
			archive := eva.b.Post(child + "/download").Is(http.StatusSeeOther).Header.Get("Location")
			eva.b.Get(archive).Is(http.StatusOK)
			heard, nothing := hears(t, eva), hears(t, stranger)
			require.Eventually(t, func() bool { // the hub hears of the database once it has connected
				publishIn(t, g, photo.on[0].ID)
				return said(heard, "event: refresh")
			}, 10*time.Second, 100*time.Millisecond)

			takeBack(t, g, photo)
			require.Eventually(t, func() bool { return said(heard, "event: refresh") }, 5*time.Second, 10*time.Millisecond, "an open page asks again")
			for len(nothing) > 0 {
				require.NotContains(t, <-nothing, "refresh", "nobody hears of children that they do not know")
			}
			require.NotContains(t, []int{http.StatusOK, http.StatusPartialContent}, eva.b.Get(archive).Status, "what lay ready")
			for _, place := range surfaces {
				require.False(t, place.get(eva)[photo.id], place.what)
			}
			notificationstest.Deliver(t, p.e, told, g.h.Tenant)
			for _, m := range mails.Sent {
				if strings.Contains(m.Text, photo.entry.String()) {
					require.NotContains(t, m.Subject+m.Text+m.HTML, "foto")
				}
			}
		})
	}
}

// said empties lines and tells whether one of them was a line. A stream says that something changed, and never what.
func said(lines <-chan string, line string) bool {
	found := false
	for len(lines) > 0 {
		l := <-lines
		found = found || l == line
	}
	return found
}

func publishIn(t *testing.T, g *gallery, child ids.ID) {
	t.Helper()
	_, err := g.p.app.modules.diary.Publish(g.h.Staff.Ctx(), diary.Draft{FormKey: ids.New(), GroupID: g.h.Group, ChildIDs: []ids.ID{child}, Body: "Buiten gespeeld."})
	require.NoError(t, err)
}
