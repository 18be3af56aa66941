package demo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"ouderportaal/internal/ids"
	articles "ouderportaal/modules/news"
)

// article is news to be. In its body {organisatie} and {locatie} are names, and {foto} is its scene.
type article struct {
	kind   articles.Kind
	title  string
	body   string
	ago    int  // days
	here   bool // for the first location alone
	staff  bool
	draft  bool
	scene  string
	menu   bool // goes along with a document
	unread bool
}

var announcements = []article{
	{kind: articles.News, title: "Voorleesweek: neem je lievelingsboek mee", ago: 1, unread: true, scene: "boeken.jpg", staff: true, body: `<p>Volgende week lezen we elke dag voor. Geef je kind gerust het <strong>lievelingsboek</strong> van thuis mee, met de naam erin.</p>{foto}
		<h2>Zo doe je mee</h2><ul><li>Leg het boek ’s ochtends in de bak bij de deur.</li><li>Vrijdag gaat het weer mee naar huis.</li></ul>`},
	{kind: articles.News, title: "Nieuw menu voor de warme maaltijd", ago: 6, unread: true, menu: true, body: `<p>Vanaf deze maand koken we met meer groente uit het seizoen. Het menu van de hele maand zit als bijlage bij dit bericht.</p><p>Heeft je kind een allergie? Dan krijgt het vanzelf iets anders. Staat de allergie nog niet goed bij ons? Stuur dan een bericht aan de groep.</p>`},
	{kind: articles.News, title: "De buitenkraan is stuk", ago: 12, here: true, body: `<p>Bij {locatie} werkt de kraan in de tuin deze week niet. Waterspelen doen we daarom binnen. De loodgieter komt donderdag.</p>`},
	{kind: articles.Newsletter, title: "Nieuwsbrief van het najaar", ago: 9, unread: true, scene: "herfst.jpg", menu: true, body: `<p>Lieve ouders,</p><p>De blaadjes vallen, de laarzen staan weer in de gang. In deze brief lees je wat er bij {organisatie} speelt.</p>{foto}
		<h2>Nieuwe gezichten</h2><p>In elke groep is een collega bijgekomen. Loop gerust even binnen om kennis te maken.</p><h2>Naar buiten</h2><p>We gaan elke dag naar buiten, ook als het regent. Zorg voor een <strong>regenpak</strong> en laarzen met naam.</p>
		<h2>Handig om te weten</h2><ol><li>In de <a href="/agenda">agenda</a> staan de dagen waarop we dicht zijn.</li><li>Afwezig melden kan tot de avond ervoor.</li></ol><p>Hartelijke groet,<br>het team van {organisatie}</p>`},
	{kind: articles.Newsletter, title: "Nieuwsbrief van de zomer", ago: 95, body: `<p>De zomer zit er bijna op. Dank voor alle zonnebrand en petjes! In deze brief kijken we terug op het waterfeest en vooruit naar het nieuwe schooljaar.</p><p>Fijne laatste vakantieweken!</p>`},
	{kind: articles.Page, title: "Brengen en halen", ago: 200, body: `<p>Brengen kan vanaf het begin van de dag van je kind. Neem even de tijd om af te spreken en zwaai samen bij het raam.</p><h2>Haalt iemand anders je kind op?</h2><p>Laat het ons weten. Wij geven je kind alleen mee aan wie op de lijst staat.</p>`},
	{kind: articles.Page, title: "Als je kind ziek is", ago: 200, body: `<p>Een kind dat zich niet lekker voelt, is het liefst thuis. Bij koorts boven de 38,5 graden bellen we je.</p><ul><li>Meld je kind <a href="/afwezig">afwezig</a>.</li><li>Geef door wat er aan de hand is: dan letten wij op bij de andere kinderen.</li></ul>`},
	{kind: articles.News, title: "Sinterklaas op de groepen", draft: true, body: `<p>Op de ochtend van de vijfde komt er bezoek. Meer volgt.</p>`},
}

// announce writes what the organisation tells its families. It comes last, so that the rest of the book is the same with and without it.
func (b *book) announce() {
	location := b.roster.Locations[0]
	for i, a := range announcements {
		at := b.at(-a.ago, 9, 15)
		p := articles.Past{Readers: map[ids.ID]time.Time{}, Audience: articles.Audience{Guardians: true, Staff: a.staff, Everywhere: !a.here},
			Article: articles.Article{TenantID: b.tenant.ID, ID: b.id(at), Kind: a.kind, State: articles.Published, DraftTitle: a.title, CreatedBy: b.admin, CreatedAt: at, ChangedAt: at, PublishedBy: b.admin, PublishedAt: &at}}
		if a.here {
			p.Audience.Locations = []ids.ID{location.ID}
		}
		if a.draft {
			p.Article.State, p.Article.PublishedAt, p.Article.PublishedBy = articles.Drafted, nil, ids.Nil
		}
		if a.kind == articles.Page {
			p.Article.Position = i + 1
		}
		picture := ""
		if a.scene != "" {
			f := b.file(&p, articles.Photo, strings.TrimSuffix(a.scene, ".jpg")+".jpg", "image/jpeg")
			picture = `<img src="` + f.PicturePath() + `" alt="Foto uit de groep">`
		}
		if a.menu {
			b.file(&p, articles.PDF, "Menu van de maand.pdf", "application/pdf")
		}
		p.Article.DraftBody = strings.NewReplacer("{organisatie}", b.org.name, "{locatie}", location.Name, "{foto}", picture).Replace(a.body)
		if !a.unread && !a.draft && a.kind != articles.Page {
			b.haveRead(&p, at.Add(3*time.Hour))
		}
		b.articles = append(b.articles, p)
		b.scenes = append(b.scenes, a.scene)
	}
}

func (b *book) file(p *articles.Past, kind articles.FileKind, name, contentType string) *articles.File {
	p.Files = append(p.Files, articles.File{TenantID: b.tenant.ID, ID: b.id(p.Article.CreatedAt), ArticleID: p.Article.ID, Inline: kind == articles.Photo, Kind: kind,
		FileName: name, ContentType: contentType, UploadedBy: b.admin, CreatedAt: p.Article.CreatedAt})
	return &p.Files[len(p.Files)-1]
}

// haveRead lets two of three guardians have read an article.
func (b *book) haveRead(p *articles.Past, at time.Time) {
	var people []ids.ID
	for _, r := range b.rooms {
		if !p.Audience.Everywhere && r.row.LocationID != p.Audience.Locations[0] {
			continue
		}
		for _, child := range r.pupils {
			people = append(people, child.informed()...)
		}
	}
	slices.SortFunc(people, func(x, y ids.ID) int { return slices.Compare(x[:], y[:]) })
	for i, person := range slices.Compact(people) {
		if i%3 != 2 {
			p.Readers[person] = at.Add(time.Duration(i) * time.Minute)
		}
	}
}

// storeDocuments keeps what goes with articles and is no picture, before its rows.
func (s *seeder) storeDocuments(ctx context.Context, b *book) error {
	for i := range b.articles {
		for j := range b.articles[i].Files {
			if f := &b.articles[i].Files[j]; f.Kind != articles.Photo {
				if err := articles.KeepFile(ctx, s.Store, f, nil, onePage("Menu van de maand")); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// onePage is a PDF of one page that says one line.
func onePage(line string) []byte {
	stream := "BT /F1 24 Tf 72 720 Td (" + line + ") Tj ET"
	objects := []string{"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(stream), stream), "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"}
	out, places := "%PDF-1.4\n", ""
	for i, object := range objects {
		places += fmt.Sprintf("%010d 00000 n \n", len(out))
		out += fmt.Sprintf("%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	return fmt.Appendf(nil, "%sxref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", out, len(objects)+1, places, len(objects)+1, len(out))
}
