package main

import (
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/webtest"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/tenants"
)

func TestHowLongThingsAreKept(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	today := p.e.A.DateOf(p.e.Clock.Now())
	mila, pim := p.a.AddChild("Mila", p.a.Group), p.a.AddNewcomer("Pim", p.a.Group, today.Add(-1500), today.Add(-900))
	admin, eva, ilse := p.browser(p.a.Admin, p.e.A), p.browser(p.a.AddParent("Eva", mila), p.e.A), p.browser(p.a.AddParent("Ilse", pim), p.e.A)
	const path, privacy = "/beheer/bewaartermijnen", "/overig/privacy"

	admin.Get("/beheer").Is(200).Has(path)
	admin.Get("/beheer/instellingen").Is(200).Has(path)
	admin.Get(path).Is(200).Has("Bewaartermijnen", `value="24"`, "Van 1 dossier is de bewaartermijn voorbij.", path+"/dossiers")
	t.Run("a form that is not right comes back with what was typed", func(t *testing.T) {
		admin.Post(path, "version", "0", "file_months", "veel", "office_years", "7", "notice_days", "60").Is(422).Has("Vul een getal in van 1 tot en met 120.", `value="veel"`, "Fout:")
		admin.Post(path, "version", "0", "file_months", "2", "office_years", "7", "notice_days", "60").Is(422).Has("Minstens 3 maanden: ouders krijgen 60 dagen", `value="2"`)
		admin.Post(path, "version", "0", "file_months", "5", "office_years", "7", "notice_days", "180").Is(422).Has("Hoogstens 150 dagen", `value="180"`)
	})
	admin.Post(path, "version", "0", "file_months", "36", "office_years", "7", "notice_days", "60").Is(303)
	admin.Post(path, "version", "0", "file_months", "12", "office_years", "7", "notice_days", "60").Is(409).Has("Iemand anders heeft dit intussen veranderd", `value="12"`, `name="version" value="1"`)
	admin.Get(path).Is(200).Has(`value="36"`).Lacks(`data-qa="ending"`)

	t.Run("guardians read it under Overig", func(t *testing.T) {
		eva.Get("/overig").Is(200).Has(`href="` + privacy + `"`)
		eva.Get(privacy).Is(200).Has("Het dossier van je kind", "3 jaar na de laatste dag opvang", "7 jaar", `href="/inzage"`, `href="/meenemen"`, `href="/privacy"`, "Autoriteit Persoonsgegevens").Lacks("Pim", `data-qa="left"`, "https://")
		eva.Get(privacy).Is(200).Has("/static/retention-", "huisadres", "Wat je las", "ziet wie welk nieuws las en wanneer", "zien wie een bericht of een dagboekstuk las", "wat er bij een wijziging eerst stond", "ziet alleen wat niet aankwam").
			Lacks("Niet wat er in het dossier staat", "De groep ziet je naam en telefoonnummer")
		ilse.Get(privacy).Is(200).Has("De laatste dag opvang van Pim was", "bewaart het dossier tot en met", "/meenemen/"+pim.String()).Lacks("Mila")
		eva.Header = http.Header{"Accept-Language": {"en"}}
		eva.Post("/overig/taal", "language", "en").Is(303)
		eva.Get(privacy).Is(200).Has("Your child’s file", "3 years after the last day of care").Lacks("Waarvoor")
		eva.Header = nil
	})
	t.Run("an admin keeps a file longer", func(t *testing.T) {
		admin.Get(path+"/dossiers").Is(200).Has("Pim", "Wordt niet vanzelf aangeboden").Lacks("Mila")
		file := path + "/dossiers/" + pim.String()
		admin.Get(file).Is(200).Has("Langer bewaren")
		admin.Post(file, "until_on", "gisteren", "reason", "<b>klacht").Is(422).Has("Vul een datum in", "&lt;b&gt;klacht").Lacks("<b>klacht")
		admin.Post(file, "until_on", string(today.Add(30)), "reason", "Een klacht").Is(422).Has("Dit dossier blijft al tot en met", " 20", "Een klacht")
		admin.Post(file, "until_on", string(today.Add(800)), "reason", "Een klacht").Is(303)
		admin.Get(path + "/dossiers").Has("Langer bewaard")
		seen := regexp.MustCompile(`name="seen" value="([0-9a-f-]{36})"`).FindStringSubmatch(admin.Get(file).Is(200).Has("Een klacht", "heeft op").Body)[1]
		ilse.Get(privacy).Is(200).Has("langer dan normaal").Lacks("Een klacht")
		admin.Post(file, "until_on", string(today.Add(900)), "reason", "Nog een").Is(409).Has("Nog een")
		admin.Get(file).Is(200).Has(`formaction="` + file + `/einde"`)
		admin.Post(file+"/einde", "seen", ids.New().String(), "until_on", string(today.Add(901)), "reason", "Toch nog").Is(409).Has(`value="`+string(today.Add(901))+`"`, "Toch nog", `value="`+seen+`"`).Lacks("Een klacht")
		admin.Post(file+"/einde", "seen", seen, "until_on", string(today.Add(800)), "reason", "Een klacht").Is(303)
		admin.Get(file).Is(200).Lacks("Een klacht")
		admin.Get(path + "/dossiers/" + mila.String()).Is(404)
		p.browser(p.b.Admin, p.e.B).Get(file).Is(404)
	})
	t.Run("and sees of whom nobody could be told, and why", func(t *testing.T) {
		admin.Post(path, "version", "1", "file_months", "24", "office_years", "7", "notice_days", "60", "offers", "1").Is(303)
		admin.Get(path + "/dossiers").Is(200).Has("Nog niet aangeboden").Lacks("Geen ouder te bereiken")
		change := func(what string) {
			_, err := p.e.Owner(t).Exec(t.Context(), what, pim)
			require.NoError(t, err)
		}
		sweep := func() {
			require.NoError(t, p.app.modules.retention.OfferBeforeEnd(actor.With(tenants.With(t.Context(), p.e.A), actor.ForSystem(p.e.A.ID))))
			p.work("keepsake.notify_offer")
		}
		sweep()
		admin.Get(path + "/dossiers").Is(200).Has("Aangeboden op").Lacks("bij niemand aangekomen")
		change("UPDATE delivery SET state = 'dead' WHERE subject_id = $1")
		admin.Get(path + "/dossiers").Is(200).Has("maar bij niemand aangekomen")
		p.e.Clock.Advance(24 * time.Hour)
		sweep()
		admin = p.browser(p.a.Admin, p.e.A)
		admin.Get(path + "/dossiers").Is(200).Has("Aangeboden op").Lacks("bij niemand aangekomen")
		change("DELETE FROM retention_notice WHERE child_id = $1")
		change("UPDATE person SET email = NULL WHERE id IN (SELECT person_id FROM guardianship WHERE child_id = $1)")
		admin.Get(path+"/dossiers").Is(200).Has("Kon nog niet worden aangeboden", "Geen ouder te bereiken: er is geen account met een e-mailadres.")
		change("UPDATE guardianship SET valid_to = valid_from WHERE child_id = $1")
		admin.Get(path + "/dossiers").Is(200).Has("Geen ouder te bereiken: niemand heeft nu gezag of informatierecht.")
	})
	for _, b := range []*webtest.Browser{p.browser(p.a.Staff, p.e.A), p.browser(p.a.AddManager("Karin"), p.e.A), p.browser(p.a.AddParent("Noor"), p.e.A)} {
		b.Get(path).Is(403)
		b.Post(path, "version", "1", "file_months", "1").Is(403)
		b.Get(path + "/dossiers").Is(403)
	}
	admin.Get(privacy).Is(403)
}

// Whoever may have a file is offered it before it ends, also who can be told only later, and also when the ledger has forgotten by then
// that the first offer went nowhere.
func TestWhoCanBeToldLaterIsOfferedAFileToo(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	today := p.e.A.DateOf(p.e.Clock.Now())
	pim, teun := p.a.AddNewcomer("Pim", p.a.Group, today.Add(-1100), today.Add(-700)), p.a.AddNewcomer("Teun", p.a.Group, today.Add(-1100), today.Add(-700))
	ilse, jan, bo := p.a.AddParent("Ilse", pim), p.a.AddParent("Jan", pim), p.a.AddParent("Bo", teun)
	change := func(what string, args ...any) {
		_, err := p.e.Owner(t).Exec(t.Context(), what, args...)
		require.NoError(t, err)
	}
	p.browser(p.a.Admin, p.e.A).Post("/beheer/bewaartermijnen", "version", "0", "file_months", "24", "office_years", "7", "notice_days", "60", "offers", "1").Is(303)
	sweep := func(days int) {
		for range days {
			require.NoError(t, p.app.modules.retention.OfferBeforeEnd(actor.With(tenants.With(t.Context(), p.e.A), actor.ForSystem(p.e.A.ID))))
			p.work("keepsake.notify_offer")
			p.e.Clock.Advance(24 * time.Hour)
		}
	}
	offers := func(who identitytest.Someone) (n int) {
		require.NoError(t, p.e.Owner(t).QueryRow(t.Context(), "SELECT count(*) FROM notification WHERE person_id = $1 AND item = 'keepsake_offer'", who.ID).Scan(&n))
		return n
	}
	change("UPDATE person SET email = NULL WHERE id = $1", jan.ID)
	sweep(1)
	require.Equal(t, []int{1, 1, 1}, []int{offers(ilse), offers(jan), offers(bo)})
	change("UPDATE delivery SET state = 'sent' WHERE person_id = $1", ilse.ID)
	change("UPDATE delivery SET state = 'dropped', last_error = 'no address' WHERE person_id IN ($1, $2)", jan.ID, bo.ID)
	change("UPDATE person SET email = NULL WHERE id = $1", bo.ID)
	sweep(35)
	change("DELETE FROM delivery WHERE state IN ('sent', 'dropped')") // the ledger forgets
	sweep(1)
	p.browser(p.a.Admin, p.e.A).Get("/beheer/bewaartermijnen/dossiers").Is(200).Has("maar bij niemand aangekomen", "er is geen account met een e-mailadres")
	require.Equal(t, []int{1, 1, 1}, []int{offers(ilse), offers(jan), offers(bo)}, "nobody can be told")

	change("UPDATE person SET email = id || '@voorbeeld.example' WHERE id IN ($1, $2)", jan.ID, bo.ID)
	tessa := p.a.AddParent("Tessa", pim) // who becomes a guardian now
	sweep(3)
	require.Equal(t, []int{1, 2, 2, 1}, []int{offers(ilse), offers(jan), offers(bo), offers(tessa)})
	p.browser(p.a.Admin, p.e.A).Get("/beheer/bewaartermijnen/dossiers").Is(200).Has("Aangeboden op").Lacks("bij niemand aangekomen")
}
