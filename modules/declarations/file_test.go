package declarations_test

import (
	"bytes"
	"context"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/attach"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/media/mediatest"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/declarations"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/tenants"
)

var aPDF = []byte("%PDF-1.7\nhet boekje\n%%EOF\n")

// vaccinated asks for a choice and a file.
func vaccinated() declarations.Draft {
	draft := medicine()
	draft.Fields = []declarations.Field{
		{Kind: declarations.Choice, Label: "Ingeënt?", Options: []string{"Ja", "Nee"}, Required: true},
		{Kind: declarations.File, Label: "Het boekje", Hint: "Eén bladzijde", Required: true},
	}
	return draft
}

// sending is a reply with a file in its second field.
func sending(d *declarations.Definition, child ids.ID, choice, name string, content []byte) declarations.Reply {
	r := reply(d, child, choice)
	r.Files = map[string]declarations.Upload{d.Fields[1].Key: {Name: name, Content: content}}
	return r
}

// objects are the names of the files in storage.
func (h *home) objects() (names []string) {
	h.t.Helper()
	require.NoError(h.t, h.store.List(h.t.Context(), blob.TenantPrefix(h.Tenant.ID), func(i blob.Info) error {
		names = append(names, i.Key[strings.LastIndexByte(i.Key, '/')+1:])
		return nil
	}))
	return names
}

// saved gives the file of the newest answer about a child, as the admin reads it.
func (h *home) saved(d *declarations.Definition) *declarations.Enclosure {
	h.t.Helper()
	a, err := h.s.Answers(h.Admin.Ctx(), d.ID)
	require.NoError(h.t, err)
	return a.Rows[0].Answers[0].File(d.Fields[1])
}

// managerElsewhere is somebody who manages another location.
func (h *home) managerElsewhere() identitytest.Someone {
	h.t.Helper()
	there := *h.House
	require.NoError(h.t, h.e.Owner(h.t).QueryRow(h.t.Context(), "SELECT location_id FROM care_group WHERE id = $1", h.AddLocation("Elders")).Scan(&there.Location))
	return there.AddManager("Ties")
}

func (h *home) has(who identitytest.Someone, file ids.ID) bool {
	h.t.Helper()
	_, err := h.s.Save(who.Ctx(), file)
	if err != nil {
		_, unknown := h.s.Save(who.Ctx(), ids.New())
		require.Equal(h.t, unknown, err, "no other answer than for a file that nobody has")
	}
	return err == nil
}

func TestAFileGoesAlongAndIsHadByWhoReadsTheAnswer(t *testing.T) {
	h := newHome(t)
	mila, noor := h.AddChild("Mila", h.Group), h.AddChild("Noor", h.Group)
	eva, sam, jan, piet := h.AddParent("Eva", mila), h.AddParent("Sam", mila), h.AddParent("Jan", mila), h.AddParent("Piet", noor)
	_, err := h.e.Owner(t).Exec(t.Context(), "UPDATE guardianship SET household = 2 WHERE person_id = $1", jan.ID)
	require.NoError(t, err)
	d := h.asks(vaccinated())
	foreign := childrentest.NewHouse(t, h.e, h.e.B)

	require.NoError(t, h.s.Answer(eva.Ctx(), sending(d, mila, "Ja", `c:\scan\..\Boe<kje>.exe`, aPDF)))
	e := h.saved(d)
	require.Equal(t, []any{"Boekje.pdf", attach.PDF, true, int64(len(aPDF))}, []any{e.FileName, e.Kind, e.Ready(), e.Bytes})
	for name, who := range map[string]identitytest.Someone{"she": eva, "of her household": sam, "an admin": h.Admin, "the manager": h.AddManager("Mo")} {
		require.True(t, h.has(who, e.ID), name)
	}
	for name, who := range map[string]identitytest.Someone{"the other household": jan, "another family": piet, "staff": h.Staff, "another organisation": foreign.Admin, "its parent": foreign.AddParent("Bo"),
		"a manager elsewhere": h.managerElsewhere()} {
		require.False(t, h.has(who, e.ID), name)
	}
	saved, err := h.s.Save(eva.Ctx(), e.ID)
	require.NoError(t, err)
	content, _, err := saved.Open(t.Context(), 0, blob.All)
	require.NoError(t, err)
	got, err := io.ReadAll(content)
	require.NoError(t, err)
	require.Equal(t, []any{"Boekje.pdf", "application/pdf", aPDF}, []any{saved.Name, saved.ContentType, got})

	t.Run("and stays in history when another takes its place", func(t *testing.T) {
		h.e.Clock.Advance(time.Hour)
		require.NoError(t, h.s.Answer(eva.Ctx(), sending(d, mila, "Ja", "nieuw.pdf", aPDF)))
		require.Equal(t, "nieuw.pdf", h.saved(d).FileName)
		st := h.own(eva, mila).Asked[0]
		require.Equal(t, []string{"nieuw.pdf", "Boekje.pdf"}, []string{st.Answers[0].File(d.Fields[1]).FileName, st.Answers[1].File(d.Fields[1]).FileName})
		h.e.Clock.Advance(72 * time.Hour)
		for range 2 {
			require.NoError(t, h.s.Sweep(h.ctx()))
			require.NoError(t, h.s.Reconcile(h.ctx()))
			h.deliver()
		}
		require.True(t, h.has(eva, e.ID))
		require.Len(t, h.objects(), 2)
		err := h.e.DB.Write(h.Admin.Ctx(), func(ctx context.Context, tx tenants.Writer) error {
			done, err := tx.NewRaw("DELETE FROM declaration_file WHERE tenant_id = ?", tx.Tenant().ID).Exec(ctx)
			require.NoError(t, err)
			n, err := done.RowsAffected()
			require.Zero(t, n, "the database keeps what answers hold")
			return err
		})
		require.NoError(t, err)
	})
	t.Run("and along with a change of something else", func(t *testing.T) {
		st, _, err := h.s.Form(sam.Ctx(), d.ID, mila)
		require.NoError(t, err)
		filled := st.Filled()
		filled[d.Fields[0].Key] = []string{"Nee"}
		require.NoError(t, h.s.Answer(sam.Ctx(), declarations.Reply{DeclarationID: d.ID, ChildID: mila, Words: 1, Filled: filled, FormKey: ids.New()}))
		require.Equal(t, "nieuw.pdf", h.own(sam, mila).Asked[0].Answers[0].File(d.Fields[1]).FileName)
		_, err = h.e.Owner(t).Exec(t.Context(), "UPDATE guardianship SET household = 3 WHERE person_id = $1", sam.ID)
		require.NoError(t, err)
		require.True(t, h.has(sam, st.Answers[0].File(d.Fields[1]).ID), "it is in his own answer")
		require.False(t, h.has(sam, e.ID), "that one never was")
	})
}

// Whoever knows the id of a file can write it where anything may be written.
func TestAFileIsNotHadByNamingIt(t *testing.T) {
	h := newHome(t)
	mila := h.AddChild("Mila", h.Group)
	eva, jan := h.AddParent("Eva", mila), h.AddParent("Jan", mila)
	_, err := h.e.Owner(t).Exec(t.Context(), "UPDATE guardianship SET household = 2 WHERE person_id = $1", jan.ID)
	require.NoError(t, err)
	draft := vaccinated()
	draft.Fields = append(draft.Fields, declarations.Field{Kind: declarations.Line, Label: "Opmerking"})
	d := h.asks(draft)
	require.NoError(t, h.s.Answer(eva.Ctx(), sending(d, mila, "Ja", "boekje.pdf", aPDF)))
	hers := h.saved(d).ID
	h.e.Clock.Advance(time.Minute)
	named := sending(d, mila, "Ja", "anders.pdf", aPDF)
	named.Filled[d.Fields[2].Key] = []string{hers.String()}
	require.NoError(t, h.s.Answer(jan.Ctx(), named))
	require.True(t, h.has(jan, h.saved(d).ID))
	require.False(t, h.has(jan, hers))
}

// A double click, or a retry after a lost answer, sends the same form with the same file.
func TestAFormWithAFileIsKeptOnce(t *testing.T) {
	h := newHome(t)
	mila := h.AddChild("Mila", h.Group)
	eva := h.AddParent("Eva", mila)
	d := h.asks(vaccinated())
	form := sending(d, mila, "Ja", "boekje.pdf", aPDF)
	for range 3 {
		again := form
		again.Filled = maps.Clone(form.Filled)
		require.NoError(t, h.s.Answer(eva.Ctx(), again))
	}
	require.Len(t, h.own(eva, mila).Asked[0].Answers, 1)
	h.e.Clock.Advance(25 * time.Hour)
	require.NoError(t, h.s.Sweep(h.ctx()))
	h.deliver()
	require.Len(t, h.objects(), 1, "the copies go")
	require.True(t, h.has(eva, h.saved(d).ID))

	h.e.Clock.Advance(time.Hour)
	other := sending(d, mila, "Ja", "boekje.pdf", append(aPDF, '\n'))
	other.FormKey = form.FormKey
	require.Equal(t, fault.Invalid, fault.CodeOf(h.s.Answer(eva.Ctx(), other)), "another file is another form")
	st, _, err := h.s.Form(eva.Ctx(), d.ID, mila)
	require.NoError(t, err)
	require.NotNil(t, st.Unsent, "and is there to be sent again")
}

func TestAFileThatCannotBeTaken(t *testing.T) {
	h := newHome(t)
	mila, finn := h.AddChild("Mila", h.Group), h.AddChild("Finn", h.Group)
	eva := h.AddParent("Eva", mila, finn)
	d := h.asks(vaccinated())
	problem := func(err error) string {
		f, ok := fault.As(err)
		require.True(t, ok)
		require.Equal(t, fault.Invalid, f.Code)
		require.Equal(t, declarations.UploadName(d.Fields[1].Key), f.Fields[0].Name)
		return f.Fields[0].Key
	}
	for want, content := range map[string][]byte{"attach.error.type": []byte("MZ het programma"), "media.error.empty": {}, "attach.error.pdf_damaged": []byte("%PDF-1.7 half"),
		"attach.error.pdf_too_large": append([]byte("%PDF-1.7"), make([]byte, attach.MaxBytes)...)} {
		require.Equal(t, want, problem(h.s.Answer(eva.Ctx(), sending(d, mila, "Ja", "boekje.pdf", content))))
	}
	require.Equal(t, "declarations.error.file", problem(h.s.Answer(eva.Ctx(), reply(d, mila, "Ja"))), "it has to be there")
	require.Empty(t, h.objects())
	full := h.Tenant
	full.StorageLimit = 10
	require.Equal(t, "tenant.error.storage_full", problem(h.s.Answer(tenants.With(eva.Ctx(), full), sending(d, mila, "Ja", "boekje.pdf", aPDF))))
	require.Equal(t, fault.Missing, fault.CodeOf(h.s.Answer(h.Staff.Ctx(), sending(d, mila, "Ja", "boekje.pdf", aPDF))))

	t.Run("what was chosen is there again when something else is wrong", func(t *testing.T) {
		require.Equal(t, fault.Invalid, fault.CodeOf(h.s.Answer(eva.Ctx(), sending(d, mila, "Misschien", "boekje.pdf", aPDF))))
		h.e.Clock.Advance(48 * time.Hour)
		require.NoError(t, h.s.Sweep(h.ctx()))
		st, _, err := h.s.Form(eva.Ctx(), d.ID, mila)
		require.NoError(t, err)
		chosen := st.Files[st.Filled().First(d.Fields[1].Key)]
		require.Equal(t, "boekje.pdf", chosen.FileName, "however long ago")
		require.False(t, h.has(eva, chosen.ID), "it is in no answer yet")
		require.Equal(t, "declarations.error.file_gone", problem(h.s.Answer(eva.Ctx(), reply(d, finn, "Ja", chosen.ID.String()))), "nor goes with one about another child")
		require.NoError(t, h.s.Answer(eva.Ctx(), reply(d, mila, "Ja", chosen.ID.String())))
		require.True(t, h.has(eva, chosen.ID))
		require.NoError(t, h.s.Answer(eva.Ctx(), reply(d, mila, "Ja", chosen.ID.String())), "sent twice it is kept once")
		require.Len(t, h.own(eva, mila).Asked[0].Answers, 1)
	})
	t.Run("and what no answer came to hold goes after a day", func(t *testing.T) {
		require.NoError(t, h.s.Answer(eva.Ctx(), sending(d, finn, "Ja", "eerst.pdf", aPDF)))
		require.Equal(t, fault.Invalid, fault.CodeOf(h.s.Answer(eva.Ctx(), sending(d, finn, "Misschien", "toen.pdf", aPDF))))
		require.NoError(t, h.s.Answer(eva.Ctx(), sending(d, finn, "Ja", "later.pdf", aPDF)))
		before := len(h.objects())
		require.NoError(t, h.store.Put(t.Context(), blob.Variant(blob.NewKeyIn(h.Tenant.ID, "verklaringen"), "original"), bytes.NewReader([]byte("x")), 1, "image/jpeg"))
		h.e.Clock.Advance(25 * time.Hour)
		for range 2 {
			require.NoError(t, h.s.Sweep(h.ctx()))
			h.deliver()
		}
		require.Len(t, h.objects(), before, "one gone, and one that has no row")
	})
}

func TestAFileForWhichThereIsNoRoomLeavesNothingBehind(t *testing.T) {
	h := newHome(t)
	mila := h.AddChild("Mila", h.Group)
	eva, jan := h.AddParent("Eva", mila), h.AddParent("Jan", mila)
	d := h.asks(vaccinated())
	refused := func(who context.Context, choice string) string {
		t.Helper()
		f, ok := fault.As(h.s.Answer(who, sending(d, mila, choice, "boekje.pdf", aPDF)))
		require.True(t, ok)
		i := slices.IndexFunc(f.Fields, func(p fault.Field) bool { return p.Name == declarations.UploadName(d.Fields[1].Key) })
		require.GreaterOrEqual(t, i, 0)
		return f.Fields[i].Key
	}
	limited := h.Tenant
	limited.StorageLimit = 1 << 10
	fills := func(bytes int) {
		_, err := h.e.Owner(t).Exec(t.Context(), `INSERT INTO tenant_usage (tenant_id, children, storage_bytes, mails, counted_at) VALUES ($1, 1, $2, 0, now())
			ON CONFLICT (tenant_id) DO UPDATE SET storage_bytes = $2`, h.Tenant.ID, bytes)
		require.NoError(t, err)
	}
	stored := 0
	h.store.Meanwhile = func() { stored++; fills(1 << 10) }
	require.Equal(t, "tenant.error.storage_full", refused(tenants.With(eva.Ctx(), limited), "Ja"), "it was full when the file was there")
	require.Equal(t, 1, stored)
	require.Empty(t, h.objects())
	require.Equal(t, "tenant.error.storage_full", refused(tenants.With(eva.Ctx(), limited), "Ja"))
	require.Equal(t, 1, stored, "not even for a moment")

	fills(0)
	h.store.Meanwhile = nil
	for range 2 * declarations.MaxFields {
		require.Equal(t, fault.Invalid, fault.CodeOf(h.s.Answer(eva.Ctx(), sending(d, mila, "Misschien", "boekje.pdf", aPDF))))
	}
	h.store.Meanwhile = func() { stored++ }
	require.Equal(t, "declarations.error.many_files", refused(eva.Ctx(), "Misschien"))
	require.Equal(t, 1, stored)
	require.Len(t, h.objects(), 2*declarations.MaxFields)
	require.NoError(t, h.s.Answer(jan.Ctx(), sending(d, mila, "Ja", "boekje.pdf", aPDF)), "of somebody else there is none")
}

func TestAPhotoIsMadeFitToKeep(t *testing.T) {
	h := newHomeWith(t, mediatest.Start(t, 1))
	mila := h.AddChild("Mila", h.Group)
	eva := h.AddParent("Eva", mila)
	d := h.asks(vaccinated())
	require.NoError(t, h.s.Answer(eva.Ctx(), sending(d, mila, "Ja", "IMG_1.HEIC", mediatest.Photo(160, 120, 1))))
	e := h.saved(d)
	require.Equal(t, []any{"IMG_1.jpg", false}, []any{e.FileName, e.Ready()})
	require.False(t, h.has(eva, e.ID), "not yet")
	h.deliver() // twice
	require.True(t, h.has(eva, e.ID))
	require.Equal(t, []string{"full.jpg"}, h.objects(), "without what the telephone wrote beside it")

	photo := mediatest.Photo(160, 120, 2)
	require.NoError(t, h.s.Answer(eva.Ctx(), sending(d, mila, "Nee", "half.jpg", photo[:len(photo)/4])))
	h.deliver()
	e = h.saved(d)
	require.True(t, e.Refused())
	require.Equal(t, []string{"full.jpg"}, h.objects(), "nothing is left of what cannot be shown, but the reason")
	require.NotEmpty(t, e.Refusal)
	require.True(t, h.own(eva, mila).Asked[0].FileGone())
	require.Equal(t, "declarations.error.file_gone", func() string {
		f, _ := fault.As(h.s.Answer(eva.Ctx(), reply(d, mila, "Ja", e.ID.String())))
		return f.Fields[0].Key
	}(), "it is to be chosen anew")
}

// What a photo is worth is only known when the answer is long there.
func TestAnAnswerWhosePhotoIsNoneIsAskedAgain(t *testing.T) {
	h := newHomeWith(t, mediatest.Start(t, 1))
	mila := h.AddChild("Mila", h.Group)
	eva, sam := h.AddParent("Eva", mila), h.AddParent("Sam", mila)
	draft := vaccinated()
	draft.Answerers = declarations.Every
	draft.Fields = append(draft.Fields, declarations.Field{Kind: declarations.File, Label: "Nog iets"})
	d := h.asks(draft)
	photo := mediatest.Photo(160, 120, 1)
	half := photo[:len(photo)/4]
	waiting := func() (names []string) {
		a, err := h.s.Answers(h.Admin.Ctx(), d.ID)
		require.NoError(t, err)
		for _, g := range a.Rows[0].Waiting {
			names = append(names, g.Name)
		}
		require.Equal(t, h.own(eva, mila).Asked[0].Open, slices.Contains(names, "Eva Jansen"))
		return names
	}
	require.NoError(t, h.s.Answer(sam.Ctx(), sending(d, mila, "Ja", "boekje.pdf", aPDF)))
	require.NoError(t, h.s.Answer(eva.Ctx(), sending(d, mila, "Ja", "goed.jpg", photo)))
	h.deliver()
	require.Empty(t, waiting())
	h.e.Clock.Advance(time.Hour)
	require.NoError(t, h.s.Answer(eva.Ctx(), sending(d, mila, "Nee", "half.jpg", half)))
	require.Empty(t, waiting(), "nothing is known of it yet")
	require.Equal(t, 1, h.told(eva))
	h.deliver()
	require.Equal(t, []string{"Eva Jansen"}, waiting(), "the newest counts")
	st, _, err := h.s.Form(eva.Ctx(), d.ID, mila)
	require.NoError(t, err)
	require.True(t, st.FileGone())
	require.NotEmpty(t, st.Files[st.Filled().First(d.Fields[1].Key)].Refusal, "the reason")

	h.e.Clock.Advance(7 * 24 * time.Hour)
	require.NoError(t, h.s.Sweep(h.ctx()))
	h.deliver()
	require.Equal(t, []int{2, 1}, []int{h.told(eva), h.told(sam)}, "who is asked again is reminded")
	require.Equal(t, 1, h.waiting(eva))

	again := sending(d, mila, "Ja", "boekje.pdf", aPDF)
	again.Files[d.Fields[2].Key] = declarations.Upload{Name: "half.jpg", Content: half}
	require.NoError(t, h.s.Answer(eva.Ctx(), again))
	h.deliver()
	require.Empty(t, waiting(), "what need not go along is not asked for again")
	require.Zero(t, h.waiting(eva))
}

func TestAFileWaitsUntilWhoSignsHasProvedWhoTheyAre(t *testing.T) {
	h := newHome(t)
	mila := h.AddChild("Mila", h.Group)
	eva := h.AddParent("Eva", mila)
	draft := vaccinated()
	draft.Fields = append(draft.Fields, declarations.Field{Kind: declarations.Signature, Label: "Handtekening", Required: true})
	d := h.asks(draft)
	stale := actor.With(eva.Ctx(), func() actor.Actor { a := eva.Actor(); a.ProvedAt = h.e.Clock.Now().Add(-time.Hour); return a }())
	fresh := actor.With(eva.Ctx(), func() actor.Actor { a := eva.Actor(); a.ProvedAt = h.e.Clock.Now(); return a }())
	require.Equal(t, fault.Forbidden, fault.CodeOf(h.s.Answer(stale, sending(d, mila, "Ja", "boekje.pdf", aPDF))))
	st, _, err := h.s.Form(fresh, d.ID, mila)
	require.NoError(t, err)
	file := st.Filled().First(d.Fields[1].Key)
	require.Equal(t, "boekje.pdf", st.Files[file].FileName)
	require.NoError(t, h.s.Answer(fresh, reply(d, mila, "Ja", file, "Eva Jansen")))
}
