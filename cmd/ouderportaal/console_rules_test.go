package main

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
)

// What a file may not bring in, a form may not either; the sentence stands at the field.
func TestTheFormsRefuseWhatTheImportRefuses(t *testing.T) {
	p := newPortal(t, dbtest.New(t))
	admin := p.browser(p.a.Admin, p.e.A)
	mila := p.a.AddChild("Mila", p.a.Group)
	eva := p.a.AddParent("Eva", mila)
	sign, phone, postcode := "Het teken 2 kan niet in een naam staan.", "Dit is geen telefoonnummer.", "Dit is geen postcode."
	person := []string{"given_name", "Jan2", "family_name", "Jansen", "email", "jan@a.example", "phone", "geen", "postcode", "7437 A"}
	admin.Post("/beheer/kinderen", "given_name", "Jan2", "birth_on", "1-5-2025").Is(422).Has(sign, `id="given_name-fout"`)
	admin.Post("/beheer/kinderen/"+mila.String(), "given_name", "Mila", "family_name", "=1+1", "birth_on", "1-5-2025", "version", "1").Is(422).Has("Het teken = kan niet")
	admin.Post("/beheer/kinderen/"+mila.String()+"/ouders", append(person, "kind", "gezag", "household", "1", "valid_from", "2026-11-01")...).Is(422).
		Has(sign, phone, postcode, `id="phone-fout"`, `id="postcode-fout"`, `value="geen"`, `value="7437 A"`)
	admin.Post("/beheer/ouders/"+eva.ID.String()+"/wijzigen", append(person, "version", "1")...).Is(422).Has(sign, phone, postcode)
	admin.Post("/beheer/medewerkers", append(person, "valid_from", "2026-11-23")...).Is(422).Has(sign, phone, postcode)
	admin.Post("/beheer/locaties", "name", "Noord 2", "phone", "bel maar", "postcode", "postbus", "lrk_kdv", "111222333").Is(422).Has(phone, postcode).Lacks(sign)
	_, err := p.e.Owner(t).Exec(context.Background(), "UPDATE person SET language = 'en' WHERE id = $1", p.a.Admin.ID)
	require.NoError(t, err)
	admin.Post("/beheer/medewerkers", append(person, "valid_from", "2026-11-23")...).Is(422).Has("The sign 2 cannot be in a name.", "This is not a telephone number.", "This is not a postcode.")
}
