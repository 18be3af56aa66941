package keepsake_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/messages"
	"ouderportaal/tenants"
)

// conversation is one that a guardian began at a moment, and that they and the group went on with, a minute apart.
func (a *attic) conversation(who identitytest.Someone, child ids.ID, at time.Time, subject string, bodies ...string) messages.Conversation {
	c := messages.Conversation{Guardian: who.ID, Thread: messages.Thread{TenantID: a.Tenant.ID, ID: ids.New(), ChildID: child, GroupID: a.Group, Subject: subject, StartedBy: who.ID, CreatedAt: at, MovedAt: at}}
	for i, body := range bodies {
		m := messages.Message{TenantID: a.Tenant.ID, ID: ids.New(), ThreadID: c.Thread.ID, AuthorID: who.ID, AuthorName: who.Name(), Side: messages.Guardian, Body: body, WrittenAt: at.Add(time.Duration(i) * time.Minute)}
		if i%2 == 1 {
			m.AuthorID, m.AuthorName, m.Side = a.Staff.ID, "Sanne", messages.Staff
		}
		sent := m.WrittenAt.Add(messages.UndoWithin)
		m.DueAt, m.ReleasedAt = sent, &sent
		c.Messages = append(c.Messages, m)
	}
	return c
}

func (a *attic) tell(list ...messages.Conversation) {
	a.t.Helper()
	require.NoError(a.t, a.e.DB.Write(a.Admin.Ctx(), func(ctx context.Context, tx tenants.Writer) error { return messages.Recall(ctx, tx, list) }))
}

// Of a child with two households each takes home what it wrote itself, and got as an answer.
func TestConversationsAreTakenHome(t *testing.T) {
	a := newAttic(t)
	mila, finn := a.child("Mila"), a.child("Finn")
	eva, tom := a.AddParent("Eva", mila.ID, finn.ID), a.AddParent("Tom")
	require.NoError(t, a.Service.Add(a.Admin.Ctx(), children.Roster{Guardianships: []children.Guardianship{
		{TenantID: a.Tenant.ID, ID: ids.New(), ChildID: mila.ID, PersonID: tom.ID, Kind: children.Authority, Household: 2, ValidFrom: "2026-01-01"}}}))
	at := time.Date(2026, 10, 24, 9, 30, 0, 0, a.Tenant.Location())
	hers := a.conversation(eva, mila.ID, at, "Luiers <groot>", "Ze zijn op.", "We hebben er nog.", "Fijn!")
	a.tell(hers, a.conversation(tom, mila.ID, at, "Vakantie van Tom", "We zijn er niet.", "Genoteerd."), a.conversation(eva, finn.ID, at, "Over Finn", "Hoe ging het?"))
	a.tell(a.conversation(eva, mila.ID, a.e.Clock.Now().Add(time.Hour), "Van later", "Na de vraag."))

	_, content := unpack(t, a.fetched(eva, mila))
	const folder = "Alles van Mila/"
	require.Contains(t, content[folder+"index.html"], `href="berichten.html"`)
	require.Contains(t, content[folder+"index.html"], "1 gesprek")
	page := content[folder+"berichten.html"]
	for _, want := range []string{"Luiers &lt;groot&gt;", "zaterdag 24 oktober", "09:30", "Eva Jansen", "Sanne, Kikkers", `href="index.html"`} {
		require.Contains(t, page, want)
	}
	require.Less(t, strings.Index(page, "Ze zijn op."), strings.Index(page, "We hebben er nog."))
	require.Less(t, strings.Index(page, "We hebben er nog."), strings.Index(page, "Fijn!"))
	var all struct {
		Conversations []struct {
			ID       ids.ID
			Subject  string
			Messages []struct{ Author, Side, Body string }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(content[folder+"alles.json"]), &all))
	require.Len(t, all.Conversations, 1)
	require.Equal(t, hers.Thread.ID, all.Conversations[0].ID)
	require.Len(t, all.Conversations[0].Messages, 3)
	require.Equal(t, struct{ Author, Side, Body string }{"Sanne", "staff", "We hebben er nog."}, all.Conversations[0].Messages[1])
	for name, text := range content {
		for _, foreign := range []string{"Vakantie van Tom", "Genoteerd.", "Tom Jansen", "Over Finn", "Van later", tom.ID.String()} {
			require.NotContains(t, text, foreign, name)
		}
	}
	_, his := unpack(t, a.fetched(tom, mila))
	require.Contains(t, his[folder+"berichten.html"], "Vakantie van Tom")
	require.NotContains(t, his[folder+"berichten.html"], "Luiers")

	t.Run("and what somebody sees no more is not handed out", func(t *testing.T) {
		_, err := a.owner.Exec(t.Context(), "UPDATE message_thread_member SET household = 2 WHERE thread_id = $1", hers.Thread.ID.String())
		require.NoError(t, err)
		_, err = a.keepsake.Fetch(a.in(eva), mila.ID)
		require.Equal(t, fault.Conflict, fault.CodeOf(err))
	})
}
