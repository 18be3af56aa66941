package main

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/web"
)

// asked are the names of everything that lists of the console can be asked for.
var asked = []string{"q", "status", "stand", "locatie", "groep", "account", "toestemming", "start", "sorteer", "na", "actie", "over", "van", "tot", "soort", "uitkomst", "regels", "pagina"}

// odd are values that no page of ours puts into an address. What is none of the choices is no choice, and no failure. All names
// with the longest value fit the request line that the server reads.
var odd = map[string]string{
	"no text":          "%ff",
	"half a character": "%c3",
	"nothing":          "%00",
	"nothing inside":   "a%00b",
	"very long":        strings.Repeat("x", 600),
	"long and wide":    strings.Repeat("%e2%82%ac", 70),
	"negative":         "-1",
	"a large number":   "99999999999999999999",
	"no choice":        "anders",
	"a day of no year": "0000-00-00",
	"a late day":       "2199-12-31",
	"quotes":           "%27%22%5c%25_",
	"a broken cursor":  "AAAA",
	"cursor of no key": base64.RawURLEncoding.EncodeToString([]byte(`{"k":"\u0000","i":"x"}`)),
	"cursor of no id":  base64.RawURLEncoding.EncodeToString([]byte(`{"k":"a"}`)),
	"cursor of bytes":  base64.RawURLEncoding.EncodeToString([]byte("{\"k\":\"\xff\xfe\",\"i\":\"0198c0de-0000-7000-8000-000000000000\"}")),
	"cursor of time":   base64.RawURLEncoding.EncodeToString([]byte(strings.Repeat("\xff", 24))),
}

func TestOddQuestionsToTheConsole(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	mila := p.a.AddChild("Mila", p.a.Group)
	p.a.AddParent("Eva", mila)
	manager := p.a.AddManager("Mo")
	lists, pages := console(p.routes)
	require.Greater(t, len(lists), 8)
	t.Run("odd", func(t *testing.T) {
		for name, value := range odd {
			admin, manager := p.browser(p.a.Admin, p.e.A), p.browser(manager, p.e.A)
			all := make([]string, len(asked))
			for i, question := range asked {
				all[i] = question + "=" + value
			}
			together := "?" + strings.Join(all, "&")
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				for _, path := range slices.Concat(lists, pages) {
					require.Less(t, admin.Get(path+together).Status, 500, path)
					require.Less(t, manager.Get(path+together).Status, 500, "%s for a manager", path)
				}
				for _, path := range lists {
					for _, question := range all {
						require.Less(t, admin.Get(path+"?"+question).Status, 500, "%s?%.80s", path, question)
					}
				}
			})
		}
	})
	admin := p.browser(p.a.Admin, p.e.A)
	require.Equal(t, []string{"Mila Jansen"}, namesIn(admin.Get("/beheer/kinderen?status=%ff").Is(200)), "what is no status asks for none")
	require.Equal(t, []string{"Mila Jansen"}, namesIn(admin.Get("/beheer/kinderen?status=anders").Is(200)))
}

// console gives the addresses of the console's pages: those of lists, and those of one thing that nobody knows.
func console(routes []web.Route) (lists, pages []string) {
	for _, route := range routes {
		switch {
		case route.Method != http.MethodGet || !strings.HasPrefix(route.Path, "/beheer"):
		case strings.Contains(route.Path, ":"):
			pages = append(pages, address(route, ids.New()))
		default:
			lists = append(lists, route.Path)
		}
	}
	return lists, pages
}

// What nobody types and the database cannot keep is a bad request, in whatever form it comes.
func TestAFormWithANULIsRefused(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	admin := p.browser(p.a.Admin, p.e.A)
	for _, path := range []string{"/beheer/locaties", "/beheer/toestemmingen", "/beheer/kinderen"} {
		admin.Post(path, "name", "a\x00b", "title", "a\x00b").Is(http.StatusBadRequest)
	}
}
