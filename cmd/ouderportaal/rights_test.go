package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/web"
	"ouderportaal/internal/webtest"
)

// What a role may do is told in words, also what is added later.
func TestEveryRightHasWords(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	bundle, err := i18n.Load(locales()...)
	require.NoError(t, err)
	for _, route := range p.routes {
		if route.Permission != web.Public {
			require.True(t, bundle.For("nl").Has("org.right."+route.Permission) && bundle.For("en").Has("org.right."+route.Permission), "admin/org/locales has no words for %s", route.Permission)
		}
	}
}

func TestAnAdminSeesWhoMayDoWhat(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	karin, sara := p.a.AddManager("Karin"), p.a.AddStaff("Sara", p.a.Group)
	page := p.browser(p.a.Admin, p.e.A).Get("/beheer/rollen").Is(200).
		Has("Karin", "/beheer/medewerkers/"+karin.ID.String(), "Sara", "/beheer/medewerkers/"+sara.ID.String(), "/beheer/medewerkers/"+p.a.Admin.ID.String(), "Een kind afwezig melden", "Rollen geven en beëindigen")
	require.Regexp(t, `(?s)Een kind afwezig melden</th><td>.*?>ja</span></td><td><span class="vh">nee</span></td><td><span class="vh">nee</span></td><td><span class="vh">nee</span></td></tr>`, page.Body)
	require.Regexp(t, `(?s)Het logboek lezen</th><td><span class="vh">nee</span></td><td><span class="vh">nee</span></td><td><span class="vh">nee</span></td><td>.*?>ja</span></td></tr>`, page.Body)
	p.browser(p.b.Admin, p.e.B).Get("/beheer/rollen").Is(200).Lacks("Karin", "Sara")
	for _, b := range []*webtest.Browser{p.browser(karin, p.e.A), p.browser(sara, p.e.A)} {
		b.Get("/beheer/rollen").Is(403)
	}
}
