package demo

import (
	"context"
	"strings"
	"time"

	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/modules/declarations"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// declared are the declarations of an organisation: one about medicine that nearly everybody has filled in, some of them on paper, one about
// the pick-up that is just out, one about vaccinations with a file, and one that nobody is asked yet.
func (b *book) declared() []declarations.Past {
	published, lately := b.at(-30, 9, 15), b.at(-4, 16, 30)
	medicine := declarations.Declaration{ID: b.id(published), Answerers: declarations.One, Required: true, Audience: declarations.All, RemindDays: 14, CreatedAt: published, CreatedBy: b.admin, PublishedAt: &published,
		Title: "Paracetamol en medicijnen", Body: "Soms wordt een kind ziek op de groep. Hier geef je aan wat wij dan mogen doen.\n\nWij bellen je altijd eerst.",
		Fields: []declarations.Field{
			{Key: "koorts", Kind: declarations.Choice, Label: "Mogen wij paracetamol geven bij koorts?", Options: []string{"Ja", "Ja, maar bel mij eerst", "Nee"}, Required: true},
			{Key: "gebruikt", Kind: declarations.Text, Label: "Gebruikt je kind medicijnen? Schrijf op welke, hoeveel en wanneer.", Required: false},
			{Key: "naam", Kind: declarations.Signature, Label: "Handtekening", Required: true},
		}}
	outing := declarations.Declaration{ID: b.id(lately), Answerers: declarations.Every, Required: true, Audience: declarations.All, RemindDays: 14, CreatedAt: lately, CreatedBy: b.admin, PublishedAt: &lately,
		Title: "Afspraken over ophalen", Body: "Wij geven je kind alleen mee aan wie bij ons bekend is. Lees de afspraken en laat weten wat voor jullie geldt.",
		Fields: []declarations.Field{
			{Key: "gelezen", Kind: declarations.Choice, Label: "Heb je de afspraken over ophalen gelezen?", Options: []string{"Ja", "Nee, ik wil erover praten"}, Required: true},
			{Key: "wie", Kind: declarations.Choices, Label: "Wie haalt meestal op?", Options: []string{"Ouder", "Opa of oma", "Oppas", "Iemand anders"}},
			{Key: "vanaf", Kind: declarations.Date, Label: "Vanaf wanneer geldt dit?"},
		}}
	earlier := b.at(-20, 10, 30)
	vaccinated := declarations.Declaration{ID: b.id(earlier), Answerers: declarations.One, Required: false, Audience: declarations.All, CreatedAt: earlier, CreatedBy: b.admin, PublishedAt: &earlier,
		Title: "Inentingen", Body: "Wij willen weten welke kinderen zijn ingeënt. Antwoorden hoeft niet. Alleen wie het dossier van je kind bijhoudt, ziet wat je invult.",
		Fields: []declarations.Field{
			{Key: "ingeent", Kind: declarations.Choice, Label: "Is je kind ingeënt?", Options: []string{"Ja, alles volgens het rijksprogramma", "Niet alles", "Nee"}, Required: true},
			{Key: "bewijs", Kind: declarations.File, Label: "Foto of scan van het vaccinatieboekje", Hint: "De bladzijde met de prikken is genoeg."},
		}}
	draft := declarations.Declaration{ID: b.id(b.at(-1, 11, 0)), Answerers: declarations.One, Required: false, Audience: declarations.All, FromAgeMonths: 36, CreatedAt: b.at(-1, 11, 0), CreatedBy: b.admin,
		Title: "Naar school: wat mogen wij vertellen?", Body: "Als je kind naar school gaat, dragen wij graag over hoe het hier ging.",
		Fields: []declarations.Field{
			{Key: "school", Kind: declarations.Line, Label: "Naar welke school gaat je kind?", Required: true},
			{Key: "mag", Kind: declarations.Choice, Label: "Mogen wij de school bellen?", Options: []string{"Ja", "Nee"}, Required: true},
		}}
	list := []declarations.Past{{Declaration: medicine}, {Declaration: outing}, {Declaration: vaccinated}, {Declaration: draft}}
	names := map[ids.ID]*identity.Person{}
	for i := range b.people {
		names[b.people[i].ID] = &b.people[i]
	}
	for n, k := range b.pupils {
		if last := k.stays[len(k.stays)-1]; last.to != "" && last.to < b.today {
			continue
		}
		for i, g := range k.guardians {
			if g.Kind != children.Authority || g.BlockedAt != nil || g.ValidFrom > b.tenant.DateOf(published) {
				continue
			}
			told := children.Tie{PersonID: g.PersonID, ChildID: k.child.ID}
			for asked := range 3 {
				list[asked].Told = append(list[asked].Told, told)
			}
			if i == 0 && n%6 != 2 {
				filled := declarations.Filled{"koorts": {[]string{"Ja", "Ja, maar bel mij eerst", "Ja", "Nee"}[n%4]}, "naam": {names[g.PersonID].Name()}}
				if n%11 == 3 {
					filled["gebruikt"] = []string{"Puffer (salbutamol), 1 puf als het ademen moeilijk gaat."}
				}
				list[0].Answers = append(list[0].Answers, b.filledIn(medicine.ID, k, g.PersonID, published.Add(time.Duration(3+n%70)*time.Hour), filled))
			}
			if i == 0 && n%18 == 2 {
				a := b.filledIn(medicine.ID, k, g.PersonID, published.Add(time.Duration(80+n%40)*time.Hour), declarations.Filled{"koorts": {"Ja"}, "naam": {names[g.PersonID].Name()}})
				a.PaperOn, a.EnteredBy, a.ScanID = b.tenant.DateOf(published).Add(2), b.admin, b.enclose(&list[0], k, b.admin, a.AnsweredAt, "Formulier medicijnen.pdf")
				list[0].Answers = append(list[0].Answers, a)
			}
			if i == 0 && n%10 == 4 {
				filled := declarations.Filled{"ingeent": {"Ja, alles volgens het rijksprogramma"}}
				at := earlier.Add(time.Duration(5+n%90) * time.Hour)
				if n%20 == 4 {
					filled["bewijs"] = []string{b.enclose(&list[2], k, g.PersonID, at, "Vaccinatieboekje.pdf").String()}
				}
				list[2].Answers = append(list[2].Answers, b.filledIn(vaccinated.ID, k, g.PersonID, at, filled))
			}
			if n%3 == 0 && i == 0 || n%7 == 0 {
				filled := declarations.Filled{"gelezen": {"Ja"}, "wie": {[]string{"Ouder", "Opa of oma", "Oppas"}[n%3]}}
				list[1].Answers = append(list[1].Answers, b.filledIn(outing.ID, k, g.PersonID, lately.Add(time.Duration(2+n%60)*time.Hour), filled))
			}
		}
	}
	return list
}

func (b *book) filledIn(declaration ids.ID, k *pupil, by ids.ID, at time.Time, filled declarations.Filled) declarations.Answer {
	return declarations.Answer{TenantID: b.tenant.ID, ID: b.id(at), DeclarationID: declaration, ChildID: k.child.ID, TextVersion: 1, Filled: filled, AnsweredBy: by, AnsweredAt: at}
}

// enclose adds a file to a declaration, for an answer that is about to hold it.
func (b *book) enclose(p *declarations.Past, k *pupil, by ids.ID, at time.Time, name string) ids.ID {
	id := b.id(at)
	p.Files = append(p.Files, declarations.Enclosure{TenantID: b.tenant.ID, ID: id, DeclarationID: p.ID, ChildID: k.child.ID, UploadedBy: by, FileName: name, CreatedAt: at, KeptAt: &at})
	return id
}

func (s *seeder) keepDeclared(ctx context.Context, tx tenants.Writer, b *book) error {
	list := b.declared()
	for i := range list {
		for j := range list[i].Files {
			f := &list[i].Files[j]
			if err := declarations.KeepFile(ctx, s.Store, f, onePage(strings.TrimSuffix(f.FileName, ".pdf"))); err != nil {
				return err
			}
		}
	}
	return declarations.Recall(ctx, tx, list)
}
