package messages

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/keepsake"
	"ouderportaal/tenants"
)

func (o *office) withdraw(who identitytest.Someone, message ids.ID, reason string) error {
	_, err := o.s.Withdraw(who.Ctx(), message, reason)
	return err
}

func TestAWithdrawnMessageSaysNothingToWhoeverHadIt(t *testing.T) {
	o := newOffice(t)
	mila := o.AddChild("Mila", o.Group)
	eva, karin := o.AddParent("Eva", mila), o.AddManager("Karin")
	foreign := childrentest.NewHouse(t, o.e, o.e.B)
	thread := o.begin(eva, mila, "Luiers", "Ze zijn op")
	o.wait()
	pdf := o.upload(o.Staff, "uitslag van Noor.pdf", aPDF)
	require.NoError(t, o.s.Answer(o.Staff.Ctx(), thread, Answer{FormKey: ids.New(), Body: "De uitslag van Noor is geheimzinnig.", Attachments: []ids.ID{pdf}}))
	message := o.newest(o.Staff, thread).ID
	require.Equal(t, fault.Missing, fault.CodeOf(o.withdraw(o.Admin, message, "verkeerd gezin")), "it can still be taken back")
	o.wait()
	require.Equal(t, []int{1, 1}, []int{o.unread(eva), o.mailed(o.s.composeForGuardians, message, eva)})

	for why, who := range map[string]identitytest.Someone{"who wrote it": o.Staff, "a manager": karin, "the guardian": eva, "an admin of elsewhere": foreign.Admin, "the admin in another role": as(o.Admin, actor.Manager)} {
		require.Equal(t, fault.Missing, fault.CodeOf(o.withdraw(who, message, "verkeerd gezin")), why)
		_, err := o.s.Withdrawing(who.Ctx(), message)
		require.Equal(t, fault.Missing, fault.CodeOf(err), why)
	}
	for _, reason := range []string{"", " \n", strings.Repeat("a", MaxReason+1)} {
		require.Equal(t, fault.Invalid, fault.CodeOf(o.withdraw(o.Admin, message, reason)))
	}
	asked, err := o.s.Withdrawing(o.Admin.Ctx(), message)
	require.NoError(t, err)
	require.Equal(t, 1, asked.Families)
	for range 2 { // clicked twice
		require.NoError(t, o.withdraw(o.Admin, message, "Ging over een ander kind."))
	}

	for _, who := range []identitytest.Someone{eva, o.Staff, karin, o.Admin} {
		require.Equal(t, []string{"Ze zijn op", ""}, o.bodies(who, thread), who.GivenName)
		require.NotNil(t, o.newest(who, thread).WithdrawnAt, "that it was withdrawn they all see")
		line := o.lines(who, Filter{})[0]
		require.Equal(t, []any{"", true, "Luiers"}, []any{line.First, line.Withdrawn, line.Subject}, who.GivenName)
		require.Empty(t, o.subjects(who, Filter{Search: "geheimzinnig"}), "no search finds it")
		require.Equal(t, []string{"Luiers"}, o.subjects(who, Filter{Search: "luiers op"}), "what is left is found")
	}
	for why, who := range map[string]identitytest.Someone{"who got it": eva, "who sent it": o.Staff, "a manager": karin} {
		require.False(t, o.have(who, pdf), why)
		require.Empty(t, o.with(who, thread), why)
		require.Empty(t, o.open1(who, thread).Withdrawn, why)
	}
	require.True(t, o.have(o.Admin, pdf))
	kept := o.open1(o.Admin, thread).Withdrawn[message]
	require.Equal(t, []any{"De uitslag van Noor is geheimzinnig.", "", "Ging over een ander kind.", o.Admin.ID, o.Admin.Name()}, []any{kept.Body, kept.Subject, kept.Reason, kept.WithdrawnBy, kept.WithdrawnByName})
	require.False(t, kept.WithdrawnAt.IsZero())
	require.Equal(t, []int{0, 0}, []int{o.unread(eva), o.mailed(o.s.composeForGuardians, message, eva)}, "nothing to read, and no mail or push that still had to go")
	require.NoError(t, o.e.DB.Read(eva.Ctx(), func(ctx context.Context, tx tenants.Reader) error {
		said, err := describe(ctx, tx, eva.Actor(), []ids.ID{message})
		require.Empty(t, said, "no line in the list of notifications")
		return err
	}))
	require.Equal(t, 1, o.count("SELECT count(*) FROM audit_entry WHERE tenant_id = $1 AND action = 'messages.withdraw' AND subject_id = $2 AND detail->>'reason' = 'Ging over een ander kind.'", o.Tenant.ID, thread))

	t.Run("and a file that was taken home before may not be had any more", func(t *testing.T) {
		require.NoError(t, o.e.DB.Read(o.system(), func(ctx context.Context, tx tenants.Reader) error {
			list, err := o.s.ConversationsOf(ctx, tx, eva.ID, mila, o.e.Clock.Now())
			require.NoError(t, err)
			require.Equal(t, []keepsake.Message{list[0].Messages[0]}, list[0].Messages, "a new one has the rest")
			require.Equal(t, "Ze zijn op", list[0].Messages[0].Body)
			rest, err := o.s.StillSeen(ctx, tx, eva.ID, mila, []ids.ID{list[0].Messages[0].ID})
			require.NoError(t, err)
			whole, err := o.s.StillSeen(ctx, tx, eva.ID, mila, []ids.ID{list[0].Messages[0].ID, message})
			require.Equal(t, []int{1, 1}, []int{rest, whole}, "of two messages one")
			return err
		}))
	})
	t.Run("the conversation goes on", func(t *testing.T) {
		o.answer(eva, thread, "Wat was dat?")
		o.wait()
		require.Len(t, o.bodies(o.Staff, thread), 3)
	})
}

func TestTheSubjectGoesWithWhatBeganAConversation(t *testing.T) {
	o := newOffice(t)
	mila := o.AddChild("Mila", o.Group)
	eva := o.AddParent("Eva", mila)
	thread := o.begin(eva, mila, "Uitslag waterpokken", "Zie hieronder.")
	o.wait()
	first := o.newest(eva, thread).ID
	o.answer(o.Staff, thread, "Beterschap!")
	o.wait()
	require.NoError(t, o.withdraw(o.Admin, first, "op verzoek"))
	for _, who := range []identitytest.Someone{eva, o.Staff, o.Admin} {
		require.Equal(t, []string{""}, o.subjects(who, Filter{Search: "beterschap"}), who.GivenName)
		require.Empty(t, o.subjects(who, Filter{Search: "waterpokken"}), who.GivenName)
	}
	require.Equal(t, "Uitslag waterpokken", o.open1(o.Admin, thread).Withdrawn[first].Subject)
	o.answer(eva, thread, "Dank je.")
	o.wait()
	require.Empty(t, o.subjects(o.Staff, Filter{Search: "waterpokken"}), "nor by what comes after")
	require.Equal(t, []string{""}, o.subjects(o.Staff, Filter{Search: "dank"}))
}

func TestAMailingIsWithdrawnFromAllFamilies(t *testing.T) {
	o := newOffice(t)
	mila, noor := o.AddChild("Mila", o.Group), o.AddChild("Noor", o.Group)
	eva, leyla := o.AddParent("Eva", mila), o.AddParent("Leyla", noor)
	draft := o.mailing(ToGroup, o.Group)
	draft.Attachments = []ids.ID{o.upload(o.Staff, "lijst.pdf", aPDF)}
	message := o.address(o.Staff, draft)
	o.wait()
	asked, err := o.s.Withdrawing(o.Admin.Ctx(), message)
	require.NoError(t, err)
	require.Equal(t, 2, asked.Families)
	// One family's has not gone out yet, as when the worker is behind.
	_, err = o.e.Owner(t).Exec(t.Context(), "ALTER TABLE message DISABLE TRIGGER ALL")
	require.NoError(t, err)
	_, err = o.e.Owner(t).Exec(t.Context(), "UPDATE message SET released_at = NULL WHERE id = (SELECT id FROM message WHERE mailing_id IS NOT NULL AND id <> $1 ORDER BY id LIMIT 1)", message.String())
	require.NoError(t, err)
	_, err = o.e.Owner(t).Exec(t.Context(), "ALTER TABLE message ENABLE TRIGGER ALL")
	require.NoError(t, err)
	require.NoError(t, o.withdraw(o.Admin, message, "verkeerde bijlage"))
	mine, err := o.s.AllMine(o.Staff.Ctx(), draft.Attachments)
	require.NoError(t, err)
	require.Empty(t, mine, "its files stay with the families whom it reached: nobody sends or deletes them")
	require.True(t, o.have(o.Admin, draft.Attachments[0]))
	for _, who := range []identitytest.Someone{eva, leyla} {
		line := o.lines(who, Filter{})[0]
		require.Equal(t, []any{"", "", true, 0}, []any{line.Subject, line.First, line.Withdrawn, line.Unread}, who.GivenName)
		require.False(t, o.have(who, draft.Attachments[0]), who.GivenName)
		require.Zero(t, o.unread(who), who.GivenName)
	}
}

// The database holds to it by itself: one way out, once, in nothing else, and only when what was said is kept.
func TestNothingElseIsChangedInWhatWentOut(t *testing.T) {
	o := newOffice(t)
	mila := o.AddChild("Mila", o.Group)
	eva := o.AddParent("Eva", mila)
	thread := o.begin(eva, mila, "Luiers", "Ze zijn op")
	o.wait()
	message := o.newest(eva, thread).ID
	o.answer(eva, thread, "Nog niet uit")
	waits := o.newest(eva, thread).ID
	exec := func(query string, args ...any) error {
		return o.e.DB.Write(o.system(), func(ctx context.Context, tx tenants.Writer) error {
			_, err := tx.NewRaw(query, args...).Exec(ctx)
			return err
		})
	}
	keep := `INSERT INTO message_withdrawal (tenant_id, message_id, subject, body, reason, withdrawn_by, withdrawn_by_name, withdrawn_at)
		SELECT tenant_id, id, ?1, body, 'x', author_id, 'x', '2026-01-01' FROM message WHERE id = ?0; `
	for why, query := range map[string]string{
		"without keeping it":      "UPDATE message SET withdrawn_at = '2026-01-01', body = '' WHERE id = ?0",
		"in other words":          keep + "UPDATE message SET withdrawn_at = '2026-01-01', body = 'Iets anders' WHERE id = ?0",
		"at another moment":       keep + "UPDATE message SET withdrawn_at = '2026-01-02', body = '' WHERE id = ?0",
		"with something beside":   keep + "UPDATE message SET withdrawn_at = '2026-01-01', body = '', released_at = NULL WHERE id = ?0",
		"reworded":                "UPDATE message SET body = 'Iets anders' WHERE id = ?0",
		"pulled back":             "UPDATE message SET released_at = NULL WHERE id = ?0",
		"its subject":             "UPDATE message_thread SET subject = '' WHERE tenant_id = (SELECT tenant_id FROM message WHERE id = ?0)",
		"another subject":         keep + "UPDATE message_thread SET subject = 'Anders' WHERE tenant_id = (SELECT tenant_id FROM message WHERE id = ?0)",
		"its words":               "DELETE FROM message_word WHERE message_id = ?0; SELECT 1 / (SELECT CASE WHEN EXISTS (SELECT FROM message_word WHERE message_id = ?0) THEN 0 ELSE 1 END)",
		"an original, afterwards": keep + "UPDATE message_withdrawal SET body = 'Iets anders' WHERE message_id = ?0",
	} {
		require.Error(t, exec(query, message, "Luiers"), why)
	}
	for why, query := range map[string]string{"reworded before it went out": "UPDATE message SET body = 'x' WHERE id = ?0", "withdrawn before it went out": keep + "UPDATE message SET withdrawn_at = '2026-01-01', body = '' WHERE id = ?0"} {
		require.Error(t, exec(query, waits, ""), why)
	}
	require.NoError(t, o.withdraw(o.Admin, message, "x"))
	require.Error(t, exec("UPDATE message SET withdrawn_at = now() WHERE id = ?0", message), "once")
	require.Error(t, exec("UPDATE message SET withdrawn_at = NULL, body = 'Terug' WHERE id = ?0", message), "and for good")
}
