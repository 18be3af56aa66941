package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
)

func TestAnAdminSaysWhenMessagesAreRead(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	eva := p.a.AddParent("Eva", p.a.AddChild("Mila", p.a.Group))
	path := "/beheer/berichten/leestijden/" + p.a.Location.String()
	admin, words := p.browser(p.a.Admin, p.e.A), "Wij lezen berichten op werkdagen."
	admin.Get("/beheer/berichten/instellingen").Is(200).Has("Ouders zien niets over leestijden", path)
	admin.Get(path).Is(200)
	admin.Post(path, "words", words).Is(422).Has(words, `href="#day_1"`)
	admin.Post(path, "words", words, "day_1", "1", "from_1", "17:00", "to_1", "08:00").Is(422).Has(words, "Vul twee tijden in", `value="17:00"`)
	p.browser(eva, p.e.A).Get("/berichten/nieuw").Is(200).Lacks(words)
	admin.Post(path, "words", words, "day_1", "1", "from_1", "08:00", "to_1", "17:00").Is(303)
	admin.Get("/beheer/berichten/instellingen").Is(200).Has(words)

	sunday, err := time.ParseInLocation("2006-01-02 15:04", "2026-12-06 12:00", p.e.A.Location())
	require.NoError(t, err)
	p.e.Clock.Set(sunday)
	p.browser(eva, p.e.A).Get("/berichten/nieuw").Is(200).Has(words, "Je bericht wordt op zijn vroegst morgen om 08:00 uur gelezen.")
	p.e.Clock.Set(sunday.Add(24 * time.Hour))
	p.browser(eva, p.e.A).Get("/berichten/nieuw").Is(200).Has(words).Lacks("op zijn vroegst")

	for _, who := range []struct {
		path   string
		status int
	}{{path, 404}, {"/beheer/berichten/leestijden/" + ids.New().String(), 404}} {
		p.browser(p.b.Admin, p.e.B).Get(who.path).Is(who.status)
		p.browser(p.b.Admin, p.e.B).Post(who.path, "words", words, "day_1", "1", "from_1", "08:00", "to_1", "17:00").Is(who.status)
	}
	manager := p.a.AddManager("Karin")
	p.browser(manager, p.e.A).Get(path).Is(403)
	p.browser(p.a.Staff, p.e.A).Post(path, "words", "x").Is(403)
	p.browser(eva, p.e.A).Get("/beheer/berichten/instellingen").Is(403)
}
