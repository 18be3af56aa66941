package keepsake_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image/jpeg"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bep/imagemeta"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"ouderportaal/internal/ids"
	"ouderportaal/modules/absences"
	"ouderportaal/modules/accesses"
	"ouderportaal/modules/care"
	"ouderportaal/modules/children"
	"ouderportaal/modules/consents"
	"ouderportaal/modules/declarations"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/messages"
	"ouderportaal/modules/particulars"
	"ouderportaal/tenants"
)

func TestEverythingOfAChild(t *testing.T) {
	a := newAttic(t)
	mila, finn, noor := a.child("Mila"), a.child("Finn"), children.Named{ID: a.AddChild("Noor", a.Group), GivenName: "Noor"} // nobody asked Noor's
	eva := a.AddParent("Eva", mila.ID, finn.ID)
	zone := a.Tenant.Location()
	one, _ := a.share(time.Date(2026, 9, 3, 9, 30, 0, 0, zone), "Naar het bos", [][]byte{snapshot(1), snapshot(2)}, mila)
	both, together := a.share(time.Date(2026, 10, 24, 23, 59, 0, 0, zone), "Samen", [][]byte{snapshot(3)}, mila, finn)
	_, without := a.share(time.Date(2026, 10, 25, 9, 0, 0, 0, zone), "Met Noor", [][]byte{snapshot(4)}, mila, noor)
	_, his := a.share(time.Date(2026, 10, 26, 9, 0, 0, 0, zone), "Alleen de ander", [][]byte{snapshot(5)}, finn)
	home, err := a.diary.Write(eva.Ctx(), diary.Letter{FormKey: ids.New(), ChildID: mila.ID, Body: "Ze sliep slecht."})
	require.NoError(t, err)
	asleep, awake := time.Date(2026, 10, 24, 12, 30, 0, 0, zone), time.Date(2026, 10, 24, 14, 5, 0, 0, zone)
	require.NoError(t, a.e.DB.Write(a.Admin.Ctx(), func(ctx context.Context, tx tenants.Writer) error {
		return care.Recall(ctx, tx, []care.Record{
			{TenantID: a.Tenant.ID, ID: ids.New(), ChildID: mila.ID, GroupID: a.Group, CareOn: "2026-10-24", Kind: care.Sleep, BeganAt: asleep, EndedAt: &awake, Version: 1},
			{TenantID: a.Tenant.ID, ID: ids.New(), ChildID: finn.ID, GroupID: a.Group, CareOn: "2026-10-24", Kind: care.Note, BeganAt: asleep, Words: "Niet van Mila", Version: 1},
		}, []ids.ID{a.Staff.ID, a.Staff.ID})
	}))
	a.e.Clock.Advance(time.Hour)
	raw := a.fetched(eva, mila)
	names, content := unpack(t, raw)
	const folder = "Alles van Mila/"
	var shots []string
	for _, name := range names {
		require.True(t, strings.HasPrefix(name, folder), name)
		if strings.HasSuffix(name, ".jpg") {
			shots = append(shots, name)
		}
	}
	require.Len(t, shots, 3, "two of one, one of both; none without consent, and none of another child")
	require.Regexp(t, `^Alles van Mila/fotos/2026-09/2026-09-03_0930_Mila_01_[0-9a-f]{8}\.jpg$`, shots[0])
	require.Regexp(t, `^Alles van Mila/fotos/2026-10/2026-10-24_2359_Mila_01_[0-9a-f]{8}\.jpg$`, shots[2])

	t.Run("its photos say when, what and where, and are the same picture", func(t *testing.T) {
		labels := labelsOf(t, content[shots[2]])
		require.Equal(t, "2026:10:24 23:59:00", labels["EXIF DateTimeOriginal"])
		require.Equal(t, "+02:00", labels["EXIF OffsetTimeOriginal"])
		require.Equal(t, "Samen – Bladeren & modder", labels["EXIF ImageDescription"])
		require.Equal(t, "Samen – Bladeren & modder", labels["IPTC Caption-Abstract"])
		require.Equal(t, "Kikkers, Dorpsstraat", labels["IPTC Sub-location"])
		require.Equal(t, "Kikkers, Dorpsstraat", labels["XMP Location"])
		picture, err := jpeg.Decode(strings.NewReader(content[shots[2]]))
		require.NoError(t, err)
		before, err := jpeg.Decode(bytes.NewReader(snapshot(3)))
		require.NoError(t, err)
		require.Equal(t, before, picture)
		require.True(t, strings.HasSuffix(content[shots[2]], string(snapshot(3)[20:])), "not a byte of the picture was coded again")
	})
	t.Run("its pages lead to each other and to the photos", func(t *testing.T) {
		index := content[folder+"index.html"]
		for _, want := range []string{"3 foto’s", "4 dagboekstukjes", "1 dag", "maanden/2026-09.html", "maanden/2026-11.html", "oktober 2026", `lang="nl"`} {
			require.Contains(t, index, want)
		}
		october := content[folder+"maanden/2026-10.html"]
		for _, want := range []string{"zaterdag 24 oktober 2026", "Samen", "We waren &lt;buiten&gt;.", "Met Noor", "1 u 35 geslapen", "12:30", "2026-09.html", "2026-11.html", "Sanne, Kikkers"} {
			require.Contains(t, october, want)
		}
		require.Contains(t, content[folder+"maanden/2026-11.html"], "Ze sliep slecht.")
		require.Contains(t, content[folder+"maanden/2026-11.html"], "Eva, thuis")
		for page, up := range map[string]string{"index.html": "", "maanden/2026-09.html": "maanden/", "maanden/2026-10.html": "maanden/"} {
			for _, link := range regexp.MustCompile(`(?:href|src)="([^"]+)"`).FindAllStringSubmatch(content[folder+page], -1) {
				target := folder + up + link[1]
				if in, ok := strings.CutPrefix(link[1], "../"); ok {
					target = folder + in
				}
				require.Contains(t, names, target, "%s leads to %s", page, link[1])
			}
			require.NotContains(t, content[folder+page], "<script")
			require.NotContains(t, content[folder+page], "http")
		}
	})
	t.Run("its JSON says the same", func(t *testing.T) {
		var all struct {
			Child   map[string]any
			Entries []struct {
				ID     ids.ID
				Photos []struct{ File string }
			}
			Care []map[string]any
		}
		require.NoError(t, json.Unmarshal([]byte(content[folder+"alles.json"]), &all))
		require.Equal(t, "Mila", all.Child["given_name"])
		require.Len(t, all.Entries, 4)
		require.Equal(t, []ids.ID{one, both}, []ids.ID{all.Entries[0].ID, all.Entries[1].ID})
		require.Equal(t, home, all.Entries[3].ID)
		require.Equal(t, folder+all.Entries[0].Photos[0].File, shots[0])
		require.Empty(t, all.Entries[2].Photos)
		require.Len(t, all.Care, 1)
	})
	t.Run("and nothing in it is of another child", func(t *testing.T) {
		for name, text := range content {
			for _, foreign := range []string{finn.ID.String(), noor.ID.String(), "Finn", "Alleen de ander", "Niet van Mila", without[0].String(), his[0].String(), a.Staff.ID.String(), eva.ID.String()} {
				require.NotContains(t, text, foreign, name)
			}
		}
		require.Contains(t, content[folder+"alles.json"], together[0].String())
	})
	t.Run("and it was noted", func(t *testing.T) {
		for _, action := range []string{"keepsake.ask", "keepsake.ready", "keepsake.take"} {
			require.Equal(t, 1, a.count("SELECT count(*) FROM audit_entry WHERE tenant_id = $1 AND action = $2 AND subject_id = $3", a.Tenant.ID, action, mila.ID), action)
		}
		require.Equal(t, 1, a.count("SELECT count(*) FROM child_access WHERE tenant_id = $1 AND child_id = $2 AND person_id = $3 AND what = 'archive'", a.Tenant.ID, mila.ID, eva.ID))
		require.Equal(t, 1, a.count("SELECT count(*) FROM delivery WHERE tenant_id = $1 AND item = 'keepsake' AND person_id = $2", a.Tenant.ID, eva.ID), "one mail")
	})
}

// labelsOf reads what a picture says of itself, with a library that has nothing to do with how it was written.
func labelsOf(t *testing.T, picture string) map[string]string {
	t.Helper()
	labels := map[string]string{}
	sources := map[imagemeta.Source]string{imagemeta.EXIF: "EXIF", imagemeta.IPTC: "IPTC", imagemeta.XMP: "XMP"}
	_, err := imagemeta.Decode(imagemeta.Options{R: strings.NewReader(picture), ImageFormat: imagemeta.JPEG, Sources: imagemeta.EXIF | imagemeta.IPTC | imagemeta.XMP,
		HandleTag: func(tag imagemeta.TagInfo) error {
			labels[sources[tag.Source]+" "+tag.Tag] = fmt.Sprint(tag.Value)
			return nil
		}})
	require.NoError(t, err)
	return labels
}

func TestAChildOfWhomThereIsNothing(t *testing.T) {
	a := newAttic(t)
	mila := children.Named{ID: a.AddChild("Mila/../x", a.Group), GivenName: "Mila/../x"} // nobody was asked anything
	eva := a.AddParent("Eva", mila.ID)
	names, content := unpack(t, a.fetched(eva, mila))
	require.Equal(t, []string{"Alles van Mila----x/stijl.css", "Alles van Mila----x/index.html", "Alles van Mila----x/alles.json"}, names)
	require.Contains(t, content[names[1]], "nog niets")
	require.True(t, json.Valid([]byte(content[names[2]])))
}

// exempt are columns of the rows in alles.json that are in none of its keys, with the reason (R79).
var exempt = map[string]string{
	"child.tenant_id": "the organisation is named once", "child.face": "a number of a drawing, made up", "child.name_key": "the name, for searching", "child.version": "counts changes",
	"diary_entry.tenant_id": "the organisation is named once", "diary_entry.author_id": "of a colleague; the first name says who it was", "diary_entry.author_face": "a number of a drawing",
	"diary_entry.withdrawn_at": "withdrawn entries are not in it", "diary_entry.waits": "those that wait are not in it", "diary_entry.shared_at": "when a report was posted; it tells of its day", "diary_entry.children": "would name other children",
	"diary_entry.media": "is made of the photos", "diary_entry.loved_at": "when others first gave a heart",
	"diary_entry.loved_by": "who gave a heart, who are others", "diary_entry.facts": "are the care of the day, which is told by itself",
	"photo.retouch": "what is hidden on it, which its file no longer shows", "photo.tenant_id": "the organisation is named once", "photo.uploaded_by": "of a colleague", "photo.entry_id": "the entry that it stands in", "photo.position": "the order in the list",
	"photo.state": "only ready ones are in it", "photo.refusal": "only ready ones are in it", "photo.storage_key": "a place in our storage", "photo.file_name": "the telephone's; the file is named anew",
	"photo.content_type": "all are JPEG", "photo.bytes": "of the original, which is not kept", "photo.full_bytes": "the file has it", "photo.thumbhash": "a likeness of the file",
	"photo.created_at": "published_at of the entry", "photo.ready_at": "a moment of our program",
	"placement.tenant_id": "the organisation is named once", "placement.child_id": "the child of the file", "placement.version": "counts changes",
	"placement_day.tenant_id": "the organisation is named once", "placement_day.placement_id": "stands in its placement",
	"consent_answer.tenant_id": "the organisation is named once", "consent_answer.child_id": "the child of the file",
	"consent_answer.answered_by": "who typed it in, who may be a colleague", "consent_answer.answered_for": "for says whether it was one's own, another's or everybody's",
	"declaration_answer.tenant_id": "the organisation is named once", "declaration_answer.child_id": "the child of the file", "declaration_answer.answered_by": "for says whether it was one's own",
	"declaration_answer.entered_by": "of a colleague", "declaration_answer.scan_id": "is one of the files",
	"child_particulars.tenant_id": "the organisation is named once", "child_particulars.child_id": "the child of the file",
	"child_contact.tenant_id": "the organisation is named once", "child_contact.child_id": "the child of the file", "child_contact.version": "counts changes", "child_contact.added_by": "which guardian it was, who may be another",
	"child_contact.removed_at": "removed ones are not in it", "child_contact.removed_by": "removed ones are not in it",
	"change_request.tenant_id": "the organisation is named once", "change_request.child_id": "the child of the file", "change_request.person_id": "those about a person are not about the child",
	"change_request.asked_by": "which guardian it was, who may be another", "change_request.decided_by": "of a colleague",
	"child_access.tenant_id": "the organisation is named once", "child_access.child_id": "the child of the file", "child_access.person_id": "the name says who, as far as it may be known",
	"child_access.slot": "counts quarters of an hour",
	"absence.tenant_id": "the organisation is named once", "absence.child_id": "the child of the file", "absence.reported_by": "which guardian it was, who may be another",
	"absence.withdrawn_at": "withdrawn ones are not in it", "absence.withdrawn_by": "withdrawn ones are not in it", "absence.replaced": "only those that stand are in it",
	"message_thread.tenant_id": "the organisation is named once", "message_thread.child_id": "the child of the file", "message_thread.location_id": "its name is there instead of a group, of a conversation with its management", "message_thread.started_by": "the author of the first message", "message_thread.moved_at": "when the last message was sent",
	"message.tenant_id": "the organisation is named once", "message.thread_id": "the conversation that it stands in", "message.author_id": "of a colleague, or another guardian; the name says who it was", "message.author_face": "a number of a drawing",
	"message.due_at": "sent_at is when it really went", "message.taken_back_at": "those that were taken back are not in it", "message.withdrawn_at": "nor are those that were withdrawn", "message.mailing_id": "which others it was sent to",
	"care_record.tenant_id": "the organisation is named once", "care_record.child_id": "the child of the file", "care_record.withdrawn_at": "withdrawn records are not in it",
}

// renamed are columns whose key has another name.
var renamed = map[string]string{"child.birth_on": "born_on", "placement_day.from_time": "from", "placement_day.to_time": "to", "child_access.person_role": "role", "diary_entry.group_name": "group", "diary_entry.author_name": "author", "care_record.care_on": "day", "message.author_name": "author", "message.released_at": "sent_at"}

// elsewhere are tables with rows about a child that have no list in alles.json, with the reason (R79).
var elsewhere = map[string]string{
	"child_number":      "the child's number in the program that a planning came from",
	"consent_state":     "what follows from the answers, which are in it",
	"consent_told":      "when guardians were told that an answer was waited for",
	"declaration_draft": "what somebody has not sent yet",
	"declaration_file":  "stand in the answers that hold them",
	"declaration_told":  "when guardians were told that an answer was waited for",
	"diary_day":         "that a day was reported; the report is an entry",
	"diary_entry_child": "which children an entry is about; others are not named",
	"guardianship":      "who the guardians are, of whom all but one are others",
	"invitation":        "a letter to a guardian, about their account",
	"keepsake":          "the request for this very file",
	"keepsake_offer":    "that this file was offered",
	"mentorship":        "of a colleague, whose name is on the page of the child",
	"retention_hold":    "that the organisation keeps the file longer; until when is on the page about privacy",
	"retention_notice":  "that this file was offered before the period ends",
	"photo_child":       "which children are on a photo; others are not named",
}

// R79: every table with rows about a child is in the file, or is left out for a reason.
func TestEveryTableAboutAChildIsInTheFileOrElsewhere(t *testing.T) {
	a := newAttic(t)
	in := map[string]bool{"placement": true, "consent_answer": true, "declaration_answer": true, "child_particulars": true, "child_contact": true, "change_request": true, "child_access": true, "care_record": true, "absence": true, "message_thread": true}
	rows, err := a.e.Owner(t).Query(t.Context(), "SELECT DISTINCT table_name::text FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'child_id'")
	require.NoError(t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	for _, table := range tables {
		require.True(t, in[table] != (elsewhere[table] != ""), "%s is in the file, or elsewhere, and not both", table)
	}
	for table := range elsewhere {
		require.Contains(t, tables, table, "is no table about a child any more")
	}
}

// R79: every column of the rows in the file is in it, or is left out for a reason.
func TestEveryColumnIsInTheFileOrExempt(t *testing.T) {
	a := newAttic(t)
	mila := a.child("Mila")
	eva := a.AddParent("Eva", mila.ID)
	_, shots := a.share(a.e.Clock.Now().Add(-time.Hour), "Toen", [][]byte{snapshot(1)}, mila)
	_, err := a.e.Owner(t).Exec(t.Context(), "INSERT INTO placement_day SELECT tenant_id, id, 1, '08:00', '17:30' FROM placement WHERE child_id = $1", mila.ID)
	require.NoError(t, err)
	require.NoError(t, a.e.DB.Write(a.Admin.Ctx(), func(ctx context.Context, tx tenants.Writer) error {
		if err := accesses.Record(ctx, tx, []ids.ID{mila.ID}, accesses.Photo, shots[0]); err != nil {
			return err
		}
		away := absences.Absence{TenantID: a.Tenant.ID, ID: ids.New(), ReportID: ids.New(), ChildID: mila.ID, FirstDay: "2026-10-01", LastDay: "2026-10-02", Reason: absences.Sick, ReportedBy: eva.ID, ReportedAt: tx.Now().Add(-time.Hour)}
		if err := absences.Recall(ctx, tx, []absences.Absence{away}); err != nil {
			return err
		}
		if err := messages.Recall(ctx, tx, []messages.Conversation{a.conversation(eva, mila.ID, tx.Now().Add(-time.Hour), "Luiers", "Ze zijn op.")}); err != nil {
			return err
		}
		at := tx.Now().Add(-time.Hour)
		whole := particulars.Past{
			Particulars: []particulars.Particulars{{TenantID: a.Tenant.ID, ChildID: mila.ID, Doctor: "Dr. Vos", ChangedAt: at}},
			Contacts:    []particulars.Contact{{TenantID: a.Tenant.ID, ID: ids.New(), ChildID: mila.ID, Name: "Oma Riet", Relation: "oma", Phone: "0612345678", Emergency: true, Version: 1, AddedBy: eva.ID, AddedAt: at}},
			Requests: []particulars.Request{{TenantID: a.Tenant.ID, ID: ids.New(), ChildID: mila.ID, State: particulars.Pending, AskedBy: eva.ID, AskedAt: at, HoldsFrom: tx.Today(),
				Changes: []particulars.Change{{Field: particulars.Allergies, Becomes: "Noten"}}}},
		}
		if err := particulars.Recall(ctx, tx, whole); err != nil {
			return err
		}
		asked := declarations.Declaration{ID: ids.New(), Answerers: declarations.One, Audience: declarations.All, CreatedAt: at, CreatedBy: a.Admin.ID, PublishedAt: &at, Title: "Medicijnen", Fields: []declarations.Field{{Key: "a", Kind: declarations.Line, Label: "Welke?"}}}
		given := declarations.Answer{TenantID: a.Tenant.ID, ID: ids.New(), DeclarationID: asked.ID, ChildID: mila.ID, TextVersion: 1, Filled: declarations.Filled{"a": {"Puffer"}}, AnsweredBy: eva.ID, AnsweredAt: at}
		if err := declarations.Recall(ctx, tx, []declarations.Past{{Declaration: asked, Answers: []declarations.Answer{given}}}); err != nil {
			return err
		}
		return care.Recall(ctx, tx, []care.Record{{TenantID: a.Tenant.ID, ID: ids.New(), ChildID: mila.ID, GroupID: a.Group, CareOn: tx.Today(), Kind: care.Mood, Choice: "happy", BeganAt: tx.Now(), Version: 1}}, []ids.ID{a.Staff.ID})
	}))
	trips, err := a.consents.Ask(a.Admin.Ctx(), consents.Draft{FormKey: ids.New(), Title: "Uitstapjes", Body: "Mag Mila mee in de bus?", Required: consents.One, StartsOn: tenants.Date(a.e.Clock.Now().Format("2006-01-02"))})
	require.NoError(t, err)
	a.e.Clock.Advance(time.Minute)
	require.NoError(t, a.consents.Say(eva.Ctx(), consents.Reply{ChildID: mila.ID, Purpose: trips, Granted: true}))
	_, content := unpack(t, a.fetched(eva, mila))
	var all struct {
		Child                                                                                                                map[string]any
		Placements, Consents, Declarations, Particulars, Contacts, Changes, Accesses, Absences, Conversations, Entries, Care []map[string]any
	}
	require.NoError(t, json.Unmarshal([]byte(content["Alles van Mila/alles.json"]), &all))
	first := func(in map[string]any, list string) map[string]any { return in[list].([]any)[0].(map[string]any) }
	require.Equal(t, []any{"Uitstapjes", "Mag Mila mee in de bus?", "own"}, []any{all.Consents[0]["title"], all.Consents[0]["words"], all.Consents[0]["for"]})
	require.Equal(t, "everybody", all.Consents[1]["for"], "said on paper")
	require.Equal(t, []any{map[string]any{"question": "Welke?", "answer": []any{"Puffer"}}}, all.Declarations[0]["filled"])
	require.Equal(t, a.Admin.Name(), all.Accesses[len(all.Accesses)-1]["name"])
	for table, keys := range map[string]map[string]any{
		"message_thread": all.Conversations[0], "message": first(all.Conversations[0], "messages"),
		"child": all.Child, "diary_entry": all.Entries[0], "photo": first(all.Entries[0], "photos"), "care_record": all.Care[0], "absence": all.Absences[0],
		"placement": all.Placements[0], "placement_day": first(all.Placements[0], "days"), "consent_answer": all.Consents[0], "declaration_answer": all.Declarations[0], "child_particulars": all.Particulars[0], "child_contact": all.Contacts[0], "change_request": all.Changes[0], "child_access": all.Accesses[0],
	} {
		rows, err := a.e.Owner(t).Query(t.Context(), "SELECT column_name::text FROM information_schema.columns WHERE table_name = $1", table)
		require.NoError(t, err)
		columns, err := pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err)
		require.NotEmpty(t, columns)
		for _, column := range columns {
			key := column
			if other, ok := renamed[table+"."+column]; ok {
				key = other
			}
			_, there := keys[key]
			require.True(t, there != (exempt[table+"."+column] != ""), "%s.%s is in the file, or exempt, and not both", table, column)
		}
		for left := range exempt {
			if of, column, _ := strings.Cut(left, "."); of == table {
				require.True(t, slices.Contains(columns, column), "%s is no column any more", left)
			}
		}
	}
}
