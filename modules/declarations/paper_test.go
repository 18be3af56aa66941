package declarations_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/declarations"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/tenants"
)

// onPaper is an answer of a guardian on paper; values as in reply.
func onPaper(d *declarations.Definition, child ids.ID, by identitytest.Someone, on tenants.Date, values ...string) *declarations.Paper {
	r := reply(d, child, values...)
	return &declarations.Paper{DeclarationID: d.ID, ChildID: child, Guardian: by.ID, On: on, Words: d.TextVersion, Filled: r.Filled, Files: map[string]declarations.Upload{}, FormKey: ids.New()}
}

func TestAnAnswerOnPaperIsTypedOver(t *testing.T) {
	h := newHome(t)
	mila := h.AddChild("Mila", h.Group)
	eva, sam := h.AddParent("Eva", mila), h.AddParent("Sam", mila)
	draft := medicine()
	draft.Answerers = declarations.Every
	draft.Fields = append(draft.Fields, declarations.Field{Kind: declarations.Signature, Label: "Handtekening", Required: true}, declarations.Field{Kind: declarations.File, Label: "Recept", Required: true})
	d := h.asks(draft)
	require.Equal(t, []int{1, 1}, []int{h.waiting(eva), h.waiting(sam)})

	t.Run("what is wrong is said at the field", func(t *testing.T) {
		problems := func(p *declarations.Paper) map[string]string {
			f, ok := fault.As(h.s.AnswerOnPaper(h.Admin.Ctx(), p))
			require.True(t, ok)
			require.Equal(t, fault.Invalid, f.Code)
			found := map[string]string{}
			for _, each := range f.Fields {
				found[each.Name] = each.Key
			}
			return found
		}
		wrong := onPaper(d, mila, h.Staff, "2026-11-26")
		wrong.Files[declarations.ScanKey] = declarations.Upload{Name: "scan.pdf", Content: []byte("MZ")}
		require.Equal(t, map[string]string{"guardian": "declarations.error.guardian", "paper_on": "declarations.error.paper_future", declarations.UploadName(declarations.ScanKey): "attach.error.type",
			declarations.ControlName(d.Fields[0].Key): "declarations.error.choose", declarations.ControlName(d.Fields[2].Key): "declarations.error.fill"}, problems(wrong))
		require.Equal(t, map[string]string{"paper_on": "declarations.error.paper_on"}, problems(onPaper(d, mila, eva, "gisteren", "Ja", "", "ja")))
	})
	mo := h.AddManager("Mo")
	p := onPaper(d, mila, eva, "2026-11-20", "Ja", "Puffer", "ja")
	p.Files[declarations.ScanKey] = declarations.Upload{Name: "formulier.pdf", Content: aPDF}
	for range 2 {
		require.NoError(t, h.s.AnswerOnPaper(mo.Ctx(), p))
	}
	require.Equal(t, []int{0, 1}, []int{h.waiting(eva), h.waiting(sam)})
	st := h.own(eva, mila).Asked[0]
	require.Len(t, st.Answers, 1, "sent twice it is there once")
	said := st.Answers[0]
	require.Equal(t, []any{"Eva", "Mo", tenants.Date("2026-11-20"), true, []string{"Sam"}}, []any{said.By, said.Enterer, said.PaperOn, said.OnPaper(), st.Waiting})
	require.Equal(t, []string{"Eva Jansen"}, said.Filled[d.Fields[2].Key])
	require.Equal(t, "formulier.pdf", said.Scan().FileName)
	require.True(t, h.has(eva, said.ScanID))
	require.False(t, h.has(h.Staff, said.ScanID))
	a, err := h.s.Answers(h.Admin.Ctx(), d.ID)
	require.NoError(t, err)
	require.Equal(t, []any{"Eva Jansen", "Mo de Groot", "formulier.pdf"}, []any{a.Rows[0].Answers[0].By, a.Rows[0].Answers[0].Enterer, a.Rows[0].Answers[0].Scan().FileName})
	var n int
	require.NoError(t, h.e.Owner(t).QueryRow(t.Context(), "SELECT count(*) FROM audit_entry WHERE tenant_id = $1 AND action = 'declarations.answer_on_paper' AND subject_id = $2", h.Tenant.ID, mila).Scan(&n))
	require.Equal(t, 1, n)

	t.Run("nobody reminds who gave it", func(t *testing.T) {
		h.e.Clock.Advance(8 * 24 * time.Hour)
		require.NoError(t, h.s.Sweep(h.ctx()))
		h.deliver()
		require.Equal(t, []int{1, 2}, []int{h.told(eva), h.told(sam)})
	})
	t.Run("who gave it changes it in the portal, and that counts over an older paper", func(t *testing.T) {
		later := h.asks(medicine())
		require.NoError(t, h.s.AnswerOnPaper(h.Admin.Ctx(), onPaper(later, mila, sam, "2026-11-25", "Nee")))
		h.e.Clock.Advance(time.Hour)
		require.NoError(t, h.s.Answer(sam.Ctx(), reply(later, mila, "Nee")), "the same, and now in the portal")
		for _, of := range h.own(sam, mila).Asked {
			if of.ID == later.ID {
				require.Equal(t, []bool{false, true}, []bool{of.Answers[0].OnPaper(), of.Answers[1].OnPaper()})
			}
		}
		f, _ := fault.As(h.s.AnswerOnPaper(h.Admin.Ctx(), onPaper(later, mila, sam, "2026-12-01", "Ja")))
		require.Equal(t, "declarations.error.paper_older", f.Fields[0].Key)
		require.NoError(t, h.s.AnswerOnPaper(h.Admin.Ctx(), onPaper(later, mila, sam, "2026-12-03", "Ja")))
		for _, day := range []tenants.Date{"2026-11-25", "2026-12-02"} {
			f, _ := fault.As(h.s.AnswerOnPaper(h.Admin.Ctx(), onPaper(later, mila, sam, day, "Nee")))
			require.Equal(t, "declarations.error.paper_older", f.Fields[0].Key, "nor does one of before the newest paper count")
		}
	})
	t.Run("a paper of before new words that everybody has to answer is no answer to them", func(t *testing.T) {
		draft := medicine()
		d := h.asks(draft)
		revise := func(body string, again bool) {
			h.e.Clock.Advance(24 * time.Hour)
			draft.Body, draft.AskAgain, draft.Version, draft.Fields = body, again, d.Version, d.Fields
			require.NoError(t, h.s.Revise(h.Admin.Ctx(), d.ID, draft))
			d = h.defined(d.ID)
		}
		before := h.Tenant.DateOf(h.e.Clock.Now())
		revise("Met een komma erbij", false)
		require.NoError(t, h.s.AnswerOnPaper(h.Admin.Ctx(), onPaper(d, mila, sam, before, "Ja")), "nobody has to answer these again")
		revise("Heel anders", true)
		written := h.Tenant.DateOf(h.e.Clock.Now())
		revise("Heel anders, met een punt.", false)
		f, _ := fault.As(h.s.AnswerOnPaper(h.Admin.Ctx(), onPaper(d, mila, sam, written.Add(-1), "Ja")))
		require.NotNil(t, f)
		require.Equal(t, []string{"paper_on", "declarations.error.paper_words"}, []string{f.Fields[0].Name, f.Fields[0].Key})
		require.NoError(t, h.s.AnswerOnPaper(h.Admin.Ctx(), onPaper(d, mila, sam, written, "Ja")))
	})
	t.Run("a scan that was forgotten is not taken for the same form", func(t *testing.T) {
		later := h.asks(medicine())
		p := onPaper(later, mila, sam, "2026-12-01", "Ja")
		require.NoError(t, h.s.AnswerOnPaper(h.Admin.Ctx(), p))
		p.Files[declarations.ScanKey] = declarations.Upload{Name: "formulier.pdf", Content: aPDF}
		f, _ := fault.As(h.s.AnswerOnPaper(h.Admin.Ctx(), p))
		require.Equal(t, "form.error.key_used", f.Key)
		p.FormKey = ids.New()
		require.NoError(t, h.s.AnswerOnPaper(h.Admin.Ctx(), p))
	})
	t.Run("what somebody is filling in is newer than an old paper", func(t *testing.T) {
		draft := medicine()
		draft.Fields = append(draft.Fields, declarations.Field{Kind: declarations.Signature, Label: "Handtekening", Required: true})
		later := h.asks(draft)
		stale := actor.With(sam.Ctx(), func() actor.Actor { a := sam.Actor(); a.ProvedAt = h.e.Clock.Now().Add(-time.Hour); return a }())
		require.Equal(t, fault.Forbidden, fault.CodeOf(h.s.Answer(stale, reply(later, mila, "Ja", "Puffer", "Sam Jansen"))))
		unsent := func() bool {
			fresh := actor.With(sam.Ctx(), func() actor.Actor { a := sam.Actor(); a.ProvedAt = h.e.Clock.Now(); return a }())
			st, _, err := h.s.Form(fresh, later.ID, mila)
			require.NoError(t, err)
			return st.Unsent != nil
		}
		require.True(t, unsent())
		require.NoError(t, h.s.AnswerOnPaper(h.Admin.Ctx(), onPaper(later, mila, sam, "2026-12-01", "Ja", "", "ja")))
		require.True(t, unsent(), "it stays")
		require.NoError(t, h.s.AnswerOnPaper(h.Admin.Ctx(), onPaper(later, mila, sam, h.Tenant.DateOf(h.e.Clock.Now()), "Ja", "", "ja")))
		require.False(t, unsent())
	})
}

func TestWhoMayNotTypeOverAnAnswerOnPaper(t *testing.T) {
	h := newHome(t)
	mila, alone := h.AddChild("Mila", h.Group), h.AddChild("Noor", h.Group)
	eva := h.AddParent("Eva", mila)
	reads := h.AddParent("Rik")
	h.Tie(reads, mila, children.Information, "2026-01-01", "")
	d := h.asks(medicine())
	other := childrentest.NewHouse(t, h.e, h.e.B)
	for name, who := range map[string]identitytest.Someone{"a parent": eva, "staff": h.Staff, "a manager elsewhere": h.managerElsewhere(), "another organisation": other.Admin} {
		_, err := h.s.Sheet(who.Ctx(), d.ID, mila)
		require.Equal(t, fault.Missing, fault.CodeOf(err), name)
		require.Equal(t, fault.Missing, fault.CodeOf(h.s.AnswerOnPaper(who.Ctx(), onPaper(d, mila, eva, "2026-11-20", "Ja"))), name)
	}
	require.Equal(t, fault.Invalid, fault.CodeOf(h.s.AnswerOnPaper(h.Admin.Ctx(), onPaper(d, mila, reads, "2026-11-20", "Ja"))), "without parental authority")
	_, err := h.s.Sheet(h.Admin.Ctx(), d.ID, alone)
	require.Equal(t, fault.Missing, fault.CodeOf(err), "nobody may answer")
	old := onPaper(d, mila, eva, "2026-11-20", "Ja")
	old.Words = 9
	require.Equal(t, fault.Conflict, fault.CodeOf(h.s.AnswerOnPaper(h.Admin.Ctx(), old)))
	require.NoError(t, h.s.End(h.Admin.Ctx(), d.ID))
	require.Equal(t, fault.Missing, fault.CodeOf(h.s.AnswerOnPaper(h.Admin.Ctx(), onPaper(d, mila, eva, "2026-11-20", "Ja"))), "it is not asked any more")
}
