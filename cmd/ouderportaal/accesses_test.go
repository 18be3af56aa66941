package main

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/modules/children"
)

// O6: a parent sees who opened the file of their child, and when.
func TestWhoOpenedAFileIsTheGuardiansToSee(t *testing.T) {
	e := dbtest.NewAlone(t)
	e.Clock.Set(time.Date(2026, 11, 25, 13, 3, 0, 0, time.UTC))
	p := newPortal(t, e)
	mila, finn := p.a.AddChild("Mila", p.a.Group), p.a.AddChild("Finn", p.a.Group)
	eva := p.a.AddParent("Eva")
	tie := p.a.Tie(eva, mila, children.Authority, "2026-01-01", "")
	parent, other := p.browser(eva, e.A), p.browser(p.a.AddParent("Jan", finn), e.A)
	admin, manager := p.browser(p.a.Admin, e.A), p.browser(p.a.AddManager("Mo"), e.A)
	file := "/beheer/kinderen/" + mila.String()

	parent.Get("/inzage").Is(200).Has("Nog niets om te laten zien", "Mila")
	parent.Get("/overig").Is(200).Has(`href="/inzage"`)
	parent.Get("/").Is(200).Has(`href="/inzage"`)
	admin.Get("/overig").Is(200).Lacks(`href="/inzage"`)
	for _, path := range []string{file, file, file + "/wijzigen", "/beheer/banden/" + tie.String()} {
		admin.Get(path).Is(200).Has(`name="turbo-prefetch" content="false"`)
	}
	parent.Get("/inzage").Is(200).Has("Dossier geopend", "Bea Beheer", "beheerder", "14:03", "Vandaag").Lacks("Nog niets")
	require.Equal(t, 1, strings.Count(parent.Get("/inzage").Body, `data-qa="access"`))
	other.Get("/inzage").Is(200).Lacks("Dossier geopend", "Mila")
	other.Get("/inzage?kind=" + mila.String()).Is(http.StatusNotFound)

	manager.Get(file).Is(200).Has(`href="` + file + `/inzage"`)
	manager.Get(file+"/inzage").Is(200).Has("Mo de Groot", "locatiemanager", "Bea Beheer")
	p.browser(p.b.Admin, e.B).Get(file + "/inzage").Is(http.StatusNotFound)
	p.browser(p.a.Staff, e.A).Get(file + "/inzage").Is(http.StatusForbidden)

	t.Run("in English as well", func(t *testing.T) {
		parent.Post("/overig/taal", "language", "en").Is(303)
		parent.Get("/inzage").Is(200).Has("Who looked", "Opened the file", "location manager")
		parent.Post("/overig/taal", "language", "nl").Is(303)
	})
	t.Run("and not by who is shut out", func(t *testing.T) {
		require.NoError(t, p.a.Service.Block(p.a.Admin.Ctx(), tie, "uitspraak rechter"))
		parent.Get("/inzage").Is(200).Lacks("Dossier geopend", "Bea")
	})
	t.Run("a file of which the opening cannot be noted is not shown", func(t *testing.T) {
		owner := e.Owner(t)
		_, err := owner.Exec(t.Context(), `ALTER TABLE child_access ADD CONSTRAINT full_disk CHECK (child_id <> '`+finn.String()+`')`)
		require.NoError(t, err)
		t.Cleanup(func() {
			_, _ = e.Owner(t).Exec(context.Background(), `ALTER TABLE child_access DROP CONSTRAINT full_disk`)
		})
		admin.Get("/beheer/kinderen/" + finn.String()).Is(http.StatusInternalServerError).Lacks("Finn")
	})
}
