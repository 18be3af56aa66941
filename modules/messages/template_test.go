package messages

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children/childrentest"
)

func TestAnswersToBeginWith(t *testing.T) {
	o := newOffice(t)
	mila := o.AddChild("Mila", o.Group)
	eva := o.AddParent("Eva", mila)
	foreign := childrentest.NewHouse(t, o.e, o.e.B)
	draft := TemplateDraft{FormKey: ids.New(), Title: " Luiers ", Body: "Wil je luiers meegeven voor {kind}? {kind} heeft er nog twee."}
	for range 2 {
		require.NoError(t, o.s.AddTemplate(o.Admin.Ctx(), draft))
	}
	list, err := o.s.Templates(o.Staff.Ctx())
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Equal(t, "Luiers", list[0].Title)
	require.Equal(t, "Wil je luiers meegeven voor Mila? Mila heeft er nog twee.", list[0].For("Mila"))
	thread := o.begin(eva, mila, "Luiers", "Ze zijn op")
	o.wait()
	require.Len(t, o.open1(o.Staff, thread).Templates, 1)
	require.Empty(t, o.open1(eva, thread).Templates)
	_, err = o.s.Templates(eva.Ctx())
	require.Equal(t, fault.Missing, fault.CodeOf(err), "a guardian")

	id := list[0].ID
	require.NoError(t, o.s.ChangeTemplate(o.Admin.Ctx(), id, TemplateDraft{Title: "Luiers", Body: "Graag luiers.", Version: 1}))
	require.Equal(t, fault.Conflict, fault.CodeOf(o.s.ChangeTemplate(o.Admin.Ctx(), id, TemplateDraft{Title: "Luiers", Body: "Oud.", Version: 1})), "somebody was first")
	one, err := o.s.Template(o.Admin.Ctx(), id)
	require.NoError(t, err)
	require.Equal(t, "Graag luiers.", one.Body)

	require.Equal(t, fault.Missing, fault.CodeOf(o.s.ChangeTemplate(foreign.Admin.Ctx(), id, TemplateDraft{Title: "x", Body: "x", Version: 2})), "another organisation")
	require.Equal(t, fault.Missing, fault.CodeOf(o.s.RemoveTemplate(foreign.Admin.Ctx(), id)))
	theirs, err := o.s.Templates(foreign.Staff.Ctx())
	require.NoError(t, err)
	require.Empty(t, theirs)
	t.Run("as many as fit in a list", func(t *testing.T) {
		var added, full int
		for range MostTemplates + 3 { // one is there
			err := o.s.AddTemplate(o.Admin.Ctx(), TemplateDraft{FormKey: ids.New(), Title: "Nog een", Body: "Graag."})
			if f, ok := fault.As(err); ok {
				require.Equal(t, []string{"title", "messages.error.too_many_templates"}, []string{f.Fields[0].Name, f.Fields[0].Key})
				full++
			} else {
				require.NoError(t, err)
				added++
			}
		}
		require.Equal(t, []int{MostTemplates - 1, 4}, []int{added, full})
		require.NoError(t, o.s.ChangeTemplate(o.Admin.Ctx(), id, TemplateDraft{Title: "Luiers", Body: "Graag luiers.", Version: 2}), "what is there can be changed")
	})
	require.NoError(t, o.s.RemoveTemplate(o.Admin.Ctx(), id))
	require.Equal(t, fault.Missing, fault.CodeOf(o.s.RemoveTemplate(o.Admin.Ctx(), id)))
	e, _ := fault.As((&TemplateDraft{}).Check())
	require.Len(t, e.Fields, 2)
}
