package keepsake_test

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/ids"
	"ouderportaal/modules/declarations"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/tenants"
)

func TestFilesOfWhatWasFilledInComeAlong(t *testing.T) {
	a := newAttic(t)
	mila := a.child("Mila")
	eva, jan := a.AddParent("Eva", mila.ID), a.AddParent("Jan", mila.ID)
	_, err := a.owner.Exec(t.Context(), "UPDATE guardianship SET household = 2 WHERE person_id = $1", jan.ID)
	require.NoError(t, err)
	require.NoError(t, a.e.DB.Write(a.Admin.Ctx(), func(ctx context.Context, tx tenants.Writer) error {
		at := tx.Now().Add(-time.Hour)
		asked := declarations.Past{Declaration: declarations.Declaration{ID: ids.New(), Answerers: declarations.Every, Audience: declarations.All, CreatedAt: at, CreatedBy: a.Admin.ID, PublishedAt: &at, Title: "Inentingen",
			Fields: []declarations.Field{{Key: "a", Kind: declarations.File, Label: "Het boekje"}}}}
		enclose := func(by identitytest.Someone, name string) ids.ID {
			e := declarations.Enclosure{TenantID: a.Tenant.ID, ID: ids.New(), DeclarationID: asked.ID, ChildID: mila.ID, UploadedBy: by.ID, FileName: name, CreatedAt: at, KeptAt: &at}
			require.NoError(t, declarations.KeepFile(ctx, a.store, &e, []byte("%PDF-1.7\n"+name+"\n%%EOF")))
			asked.Files = append(asked.Files, e)
			return e.ID
		}
		answer := func(by identitytest.Someone, file ids.ID) declarations.Answer {
			return declarations.Answer{TenantID: a.Tenant.ID, ID: ids.New(), DeclarationID: asked.ID, ChildID: mila.ID, TextVersion: 1, Filled: declarations.Filled{"a": {file.String()}}, AnsweredBy: by.ID, AnsweredAt: at}
		}
		paper := answer(eva, enclose(eva, "boekje.pdf"))
		paper.PaperOn, paper.EnteredBy, paper.ScanID = "2026-10-01", a.Admin.ID, enclose(a.Admin, "formulier.pdf")
		asked.Answers = []declarations.Answer{paper, answer(jan, enclose(jan, "van jan.pdf"))}
		return declarations.Recall(ctx, tx, []declarations.Past{asked})
	}))
	a.e.Clock.Advance(time.Minute)
	_, content := unpack(t, a.fetched(eva, mila))
	var found []string
	for _, name := range slices.Sorted(maps.Keys(content)) {
		if file, ours := strings.CutPrefix(name, "Alles van Mila/verklaringen/"); ours {
			found = append(found, file[strings.LastIndexByte(file, '_')+1:]+" "+content[name])
		}
	}
	require.ElementsMatch(t, []string{"boekje.pdf %PDF-1.7\nboekje.pdf\n%%EOF", "formulier.pdf %PDF-1.7\nformulier.pdf\n%%EOF"}, found, "and nothing of the other household")
	var all struct {
		Declarations []struct {
			PaperOn string `json:"paper_on"`
			Filled  []struct{ Answer []string }
			Files   []struct{ Name, File string }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(content["Alles van Mila/alles.json"]), &all))
	require.Len(t, all.Declarations, 1)
	d := all.Declarations[0]
	require.Equal(t, []any{"2026-10-01", []string{"boekje.pdf"}, "boekje.pdf", "formulier.pdf"}, []any{d.PaperOn, d.Filled[0].Answer, d.Files[0].Name, d.Files[1].Name})
	for _, f := range d.Files {
		require.Contains(t, content, "Alles van Mila/"+f.File)
	}
}
