// Package house is what an organisation decides of its portal as a whole: the house style. Every version is kept; the
// newest stands in the directory, so that every process shows it at the next request.
package house

import (
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/plaintext"
	"ouderportaal/internal/theme"
	"ouderportaal/tenants"
)

// Languages are those in which an organisation may say something itself.
var Languages = []string{"nl", "en"}

// MaxWords is how many letters each of the own texts may have.
const MaxWords = 300

// Style is one version of the house style.
type Style struct {
	bun.BaseModel `bun:"table:house_style"`
	TenantID      ids.ID        `bun:",pk,type:uuid"`
	Version       int           `bun:",pk"` // 0: what an organisation begins with, which is in no row yet
	Colour        string        // "#rrggbb" as it was chosen
	Hue, Chroma   float64       // what is used of it
	LogoID        ids.ID        `bun:"logo_id,type:uuid,nullzero"`
	Words         tenants.Words `bun:"words,type:jsonb"`
	ChangedAt     time.Time
	ChangedBy     ids.ID `bun:"changed_by,type:uuid,nullzero"`
	By            string `bun:"-"` // the name of who made it; empty for what an organisation began with
}

// Theme is what follows from its colour.
func (s *Style) Theme() theme.Theme { return theme.New(s.Hue, s.Chroma) }

func (s *Style) look() tenants.Look {
	return tenants.Look{Hue: s.Hue, Chroma: s.Chroma, Logo: s.LogoID, Words: s.Words}
}

// beginning is the style of an organisation that never chose one: that of its directory entry.
func beginning(tenant tenants.Tenant) *Style {
	t := theme.New(tenant.BrandHue, tenant.BrandChroma)
	return &Style{TenantID: tenant.ID, Colour: t.Light("primary").Hex(), Hue: t.Hue(), Chroma: t.Chroma(), LogoID: tenant.Logo, Words: tenant.Words}
}

// Draft is what somebody chose in the form. Version is that of the style which they saw.
type Draft struct {
	Colour           string
	SignIn, MailFoot map[string]string
	Version          int
}

// Check cleans the draft, and says what is wrong with it at the field: "colour", "sign_in_nl", "mail_foot_en".
func (d *Draft) Check() error {
	var problems fault.Fields
	if _, ok := theme.Parse(d.Colour); !ok {
		problems.Add("colour", "house.error.colour")
	}
	for field, texts := range map[string]map[string]string{"sign_in": d.SignIn, "mail_foot": d.MailFoot} {
		for _, language := range Languages {
			texts[language] = plaintext.Of(texts[language])
			if utf8.RuneCountInString(texts[language]) > MaxWords {
				problems.Add(field+"_"+language, "house.error.long", map[string]any{"Max": MaxWords})
			}
		}
	}
	return problems.Err()
}

// of makes the version that follows before.
func (d *Draft) of(before *Style) *Style {
	next := *before
	if d.Colour != before.Colour { // the same colour stays what it is, also where it was brought into our limits
		chosen, _ := theme.Parse(d.Colour)
		t := theme.Of(chosen)
		next.Colour, next.Hue, next.Chroma = d.Colour, t.Hue(), t.Chroma()
	}
	next.Words = tenants.Words{SignIn: said(d.SignIn), MailFoot: said(d.MailFoot)}
	return &next
}

// said leaves out the languages in which nothing is said.
func said(texts map[string]string) map[string]string {
	var list map[string]string
	for language, text := range texts {
		if text == "" {
			continue
		}
		if list == nil {
			list = map[string]string{}
		}
		list[language] = text
	}
	return list
}
