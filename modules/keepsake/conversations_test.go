package keepsake_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/blob"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/media"
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

// What was sent along is in the file, and opens from the page without internet.
func TestAttachmentsAreTakenHome(t *testing.T) {
	a := newAttic(t)
	mila := a.child("Mila")
	eva, tom := a.AddParent("Eva", mila.ID), a.AddParent("Tom")
	require.NoError(t, a.Service.Add(a.Admin.Ctx(), children.Roster{Guardianships: []children.Guardianship{
		{TenantID: a.Tenant.ID, ID: ids.New(), ChildID: mila.ID, PersonID: tom.ID, Kind: children.Authority, Household: 2, ValidFrom: "2026-01-01"}}}))
	at := time.Date(2026, 10, 24, 9, 30, 0, 0, a.Tenant.Location())
	hers, his := a.conversation(eva, mila.ID, at, "Paspoort", "Zie de bijlage.", "Dank je."), a.conversation(tom, mila.ID, at, "Van Tom", "Zie ook.")
	a.tell(hers, his)
	attach := func(message messages.Message, kind, name, file, content string) ids.ID {
		id, key := ids.New(), blob.NewKeyIn(a.Tenant.ID, "berichten")
		require.NoError(t, a.store.Put(t.Context(), blob.Variant(key, file), strings.NewReader(content), int64(len(content)), "application/octet-stream"))
		_, err := a.owner.Exec(t.Context(), `INSERT INTO message_attachment (tenant_id, id, uploaded_by, message_id, position, kind, state, refusal, storage_key, file_name, bytes, width, height, created_at)
			VALUES ($1, $2, $3, $4, 0, $5, 'ready', '', $6, $7, $8, 0, 0, now())`, a.Tenant.ID.String(), id.String(), message.AuthorID.String(), message.ID.String(), kind, key, name, len(content))
		require.NoError(t, err)
		return id
	}
	form := attach(hers.Messages[0], "pdf", "Formulier #1 & co.pdf", "bestand.pdf", "%PDF-van-eva")
	photo := attach(hers.Messages[1], "photo", "foto.jpg", media.Full, "een foto")
	attach(his.Messages[0], "pdf", "tom.pdf", "bestand.pdf", "%PDF-van-tom")

	// Parts of one file each: what was packed in one is not packed again in the next.
	a.keepsake.SetPartSize(1)
	names, content := unpack(t, a.fetched(eva, mila))
	const folder = "Alles van Mila/"
	tail := func(id ids.ID) string { s := id.String(); return s[len(s)-8:] }
	pdf, picture := "bijlagen/2026-10-24_0930_"+tail(form)+"_Formulier #1 & co.pdf", "bijlagen/2026-10-24_0931_"+tail(photo)+"_foto.jpg"
	require.Equal(t, "%PDF-van-eva", content[folder+pdf])
	require.Equal(t, "een foto", content[folder+picture])
	once := 0
	for _, name := range names {
		if strings.HasPrefix(name, folder+"bijlagen/") {
			once++
		}
	}
	require.Equal(t, 2, once)
	page := content[folder+"berichten.html"]
	require.Contains(t, page, `href="bijlagen/2026-10-24_0930_`+tail(form)+`_Formulier%20%231%20&amp;%20co.pdf"`)
	require.Contains(t, page, `<img src="`+picture+`"`)
	require.Contains(t, content[folder+"alles.json"], `"file":"`+picture+`"`)
	for name, text := range content {
		require.NotContains(t, text, "%PDF-van-tom", name)
		require.NotContains(t, text, "tom.pdf", name)
	}
}
