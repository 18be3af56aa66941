package main

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/configs"
	"ouderportaal/internal/bounce"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

// mailed writes down that a mail about an entry went to somebody, and gives its id.
func mailed(t *testing.T, p *portal, to identitytest.Someone) (delivery ids.ID) {
	t.Helper()
	delivery = ids.New()
	require.NoError(t, p.e.DB.Write(tenants.With(context.Background(), p.e.A), func(ctx context.Context, tx tenants.Writer) error {
		event, err := outbox.RecordPast(ctx, tx, notifications.DeviceTried{}, tx.Now())
		if err != nil {
			return err
		}
		_, err = tx.NewRaw(`INSERT INTO delivery (tenant_id, id, event_id, person_id, channel, item, subject_id, queue, state, due_at, attempts, finished_at)
			VALUES (?0, ?1, ?2, ?3, 'mail', 'diary', ?1, 'normal', 'sent', ?4, 1, ?4)`, tx.Tenant().ID, delivery, event, to.ID, tx.Now()).Exec(ctx)
		return err
	}))
	return delivery
}

// A mail server gives back a mail; the organisation sees whose it was, the reader sees it too, and it is sent again once.
func TestAMailThatComesBackIsSeenAndSentAgain(t *testing.T) {
	p := newPortalWith(t, dbtest.New(t), func(c *configs.Config) { c.MailBounces = "bounces@" + testDomain })
	roos := p.a.AddParent("Roos", p.a.AddChild("Mila", p.a.Group))
	admin, manager, reader := p.browser(p.a.Admin, p.e.A), p.browser(p.a.AddManager("Mo"), p.e.A), p.browser(roos, p.e.A)
	admin.Get("/beheer/bezorging").Is(200).Has("Alles is aangekomen")
	reader.Get("/overig").Is(200).Lacks(`data-qa="address-fails"`)

	returns := returnsOf(p.app.Config)
	report, err := os.ReadFile("../../internal/bounce/testdata/postfix.eml")
	require.NoError(t, err)
	take := func(to string) {
		mail := strings.ReplaceAll(string(report), "bounces+TOKEN@ouderportaal.example", to)
		for range 2 {
			require.NoError(t, readBounce(context.Background(), strings.NewReader(mail), nil, returns, p.app.Directory, p.app.modules.notifications))
		}
	}
	delivery := mailed(t, p, roos)
	take("bounces+nonsense@" + testDomain)
	take(returns.Path(p.e.B.ID, bounce.Delivery, delivery, roos.Email))
	take(returns.Path(p.e.A.ID, bounce.Delivery, delivery, "iemand@anders.example"))
	admin.Get("/beheer/bezorging").Is(200).Has("Alles is aangekomen")
	take(returns.Path(p.e.A.ID, bounce.Delivery, delivery, roos.Email))

	for _, who := range []string{"Roos Jansen", "Dit e-mailadres bestaat niet.", "Adres werkt niet", delivery.String()} {
		admin.Get("/beheer/bezorging").Is(200).Has(who)
		manager.Get("/beheer/bezorging?q=roos").Is(200).Has(who)
	}
	admin.Get("/beheer/bezorging?kanaal=push").Is(200).Lacks("Roos Jansen")
	admin.Get("/beheer/ouders/"+roos.ID.String()).Is(200).Has("Mail naar "+roos.Email+" komt niet aan", "/beheer/bezorging?q=")
	reader.Get("/overig").Is(200).Has(`data-qa="address-fails"`, "Mail naar "+roos.Email+" komt niet aan")
	p.browser(p.a.Staff, p.e.A).Get("/beheer/bezorging").Is(403)
	reader.Get("/beheer/bezorging").Is(403)
	p.browser(p.b.Admin, p.e.B).Get("/beheer/bezorging").Is(200).Has("Alles is aangekomen")

	again := "/beheer/bezorging/opnieuw"
	admin.Post(again).GoesTo("/beheer/bezorging")
	admin.Get("/beheer/bezorging").Has("Kies eerst")
	p.browser(p.b.Admin, p.e.B).Post(again, "keuze", delivery.String()).GoesTo("/beheer/bezorging")
	admin.Get("/beheer/bezorging").Has("Roos Jansen")
	manager.Post(again, "keuze", delivery.String()).GoesTo("/beheer/bezorging")
	manager.Get("/beheer/bezorging").Has("worden opnieuw verstuurd", "Alles is aangekomen")
	admin.Post(again, "keuze", delivery.String()).GoesTo("/beheer/bezorging")
	admin.Get("/beheer/bezorging").Has("zijn al opnieuw verstuurd")
	reader.Get("/overig").Is(200).Lacks(`data-qa="address-fails"`)
	admin.Get("/beheer/logboek").Is(200).Has("Niet bezorgde berichten opnieuw verstuurd", "E-mailadres werkt niet")
}
