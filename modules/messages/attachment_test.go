package messages

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/blob"
	"ouderportaal/internal/blob/blobtest"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/media/mediatest"
	"ouderportaal/internal/paging"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/tenants"
)

const aPDF = "%PDF-1.7\nhet ziekenhuis schrijft\n%%EOF\n"

// upload stores a file of somebody, and has a photo made fit to share, as its handler does: twice.
func (o *office) upload(who identitytest.Someone, name, content string) ids.ID {
	o.t.Helper()
	a, err := o.s.Upload(who.Ctx(), name, []byte(content))
	require.NoError(o.t, err)
	if a.Kind == Photo {
		if o.s.images == nil {
			o.s.images = mediatest.Start(o.t, 1)
		}
		for range 2 {
			require.NoError(o.t, o.s.develop(o.system(), ids.New(), Uploaded{AttachmentID: a.ID, StorageKey: a.StorageKey}))
		}
	}
	return a.ID
}

// objects are the files in storage, by name, and their content.
func (o *office) objects() map[string]string {
	o.t.Helper()
	found := map[string]string{}
	require.NoError(o.t, o.s.store.List(context.Background(), blob.TenantPrefix(o.Tenant.ID), func(i blob.Info) error {
		body, _, err := o.s.store.Get(context.Background(), i.Key, 0, blob.All)
		require.NoError(o.t, err)
		content, err := io.ReadAll(body)
		require.NoError(o.t, err)
		found[i.Key[strings.LastIndexByte(i.Key, '/')+1:]] = string(content)
		return body.Close()
	}))
	return found
}

// have are the files that somebody gets of an attachment.
func (o *office) have(who identitytest.Someone, id ids.ID) bool {
	o.t.Helper()
	_, err := o.s.Download(who.Ctx(), id)
	if err != nil {
		_, unknown := o.s.Download(who.Ctx(), ids.New())
		require.Equal(o.t, unknown, err)
	}
	return err == nil
}

func (o *office) with(who identitytest.Someone, thread ids.ID) []string {
	o.t.Helper()
	page, err := o.s.Open(who.Ctx(), thread, paging.Cursor{})
	require.NoError(o.t, err)
	names := []string{}
	for i := range page.Messages {
		for _, a := range slices.Concat(page.With(&page.Messages[i], Photo), page.With(&page.Messages[i], PDF)) {
			names = append(names, a.FileName)
		}
	}
	return names
}

func TestWhoReadsAMessageHasWhatGoesWithIt(t *testing.T) {
	o := newOffice(t)
	mila, noor := o.AddChild("Mila", o.Group), o.AddChild("Noor", o.Group)
	eva, piet, jan := o.AddParent("Eva", mila), o.AddParent("Piet", noor), o.addHousehold("Jan", mila, 2)
	stranger, manager := o.AddStaff("Youssef", o.AddGroup("Egels")), o.AddManager("Karin")
	foreign := childrentest.NewHouse(t, o.e, o.e.B)
	photo := o.upload(eva, `C:\foto's\uitslag.heic`, string(mediatest.Photo(60, 40, 1)))
	pdf := o.upload(eva, "../brief\u202efdp.exe", aPDF)
	require.True(t, o.have(eva, pdf), "her own upload")
	require.False(t, o.have(o.Staff, pdf), "nobody else's yet")
	_, err := o.s.Version(eva.Ctx(), photo, "640.webp")
	require.NoError(t, err)
	require.Len(t, o.objects(), 6, "the PDF, and the versions without the original")

	thread, err := o.s.Write(eva.Ctx(), Draft{FormKey: ids.New(), ChildID: mila, Subject: "Uitslag", Body: "Zie de brief.", Attachments: []ids.ID{photo, pdf}})
	require.NoError(t, err)
	require.Equal(t, []string{"uitslag.jpg", "brieffdp.pdf"}, o.with(eva, thread))
	require.False(t, o.have(o.Staff, pdf), "the message can still be taken back")
	o.wait()
	for _, who := range []identitytest.Someone{eva, o.Staff, manager, o.Admin} {
		require.True(t, o.have(who, photo) && o.have(who, pdf), who.GivenName)
		require.Equal(t, []string{"uitslag.jpg", "brieffdp.pdf"}, o.with(who, thread), who.GivenName)
	}
	for why, who := range map[string]identitytest.Someone{"another family": piet, "the other household": jan, "who works elsewhere": stranger,
		"another organisation": foreign.Staff, "its admin": foreign.Admin} {
		require.False(t, o.have(who, photo) || o.have(who, pdf), why)
	}
	_, err = o.s.Version(eva.Ctx(), pdf, "640.webp")
	require.Equal(t, fault.Missing, fault.CodeOf(err), "a PDF is never shown")
	_, err = o.s.Version(eva.Ctx(), photo, "original")
	require.Equal(t, fault.Missing, fault.CodeOf(err))
	require.Zero(t, o.count("SELECT count(*) FROM photo"), "it is in no album")

	t.Run("and goes with no other message", func(t *testing.T) {
		for why, who := range map[string]identitytest.Someone{"its own sender": eva, "a reader": o.Staff} {
			err := o.s.Answer(who.Ctx(), thread, Answer{FormKey: ids.New(), Body: "Nog eens", Attachments: []ids.ID{pdf}})
			e, ok := fault.As(err)
			require.True(t, ok, why)
			require.Equal(t, "messages.error.attachment_gone", e.Fields[0].Key, why)
			require.Equal(t, fault.Missing, fault.CodeOf(o.s.Discard(who.Ctx(), pdf)), why)
		}
		require.Len(t, o.bodies(eva, thread), 1, "nothing was sent")
	})
	t.Run("until the tie is gone", func(t *testing.T) {
		_, err := o.e.Owner(t).Exec(t.Context(), "UPDATE guardianship SET valid_from = '2020-01-01', valid_to = '2020-01-02' WHERE person_id = $1", eva.ID)
		require.NoError(t, err)
		require.False(t, o.have(eva, pdf))
	})
	t.Run("and of a message to many it goes to all of them", func(t *testing.T) {
		draft := o.mailing(ToGroup, o.Group)
		draft.Attachments = []ids.ID{o.upload(o.Staff, "weekmenu.pdf", aPDF)}
		o.address(o.Staff, draft)
		require.False(t, o.have(piet, draft.Attachments[0]))
		o.wait()
		require.True(t, o.have(piet, draft.Attachments[0]))
		require.True(t, o.have(jan, draft.Attachments[0]))
		require.False(t, o.have(foreign.Admin, draft.Attachments[0]))
		require.Equal(t, []string{"weekmenu.pdf"}, o.with(piet, o.lines(piet, Filter{})[0].ID))
	})
}

func TestWhatGoesWithAMessageIsToldByItsContent(t *testing.T) {
	o := newOffice(t)
	mila := o.AddChild("Mila", o.Group)
	eva := o.AddParent("Eva", mila)
	for name, c := range map[string]struct{ content, refusal string }{
		"brief.pdf": {"melk, brood", "attach.error.type"}, "foto.jpg": {"<html><script>", "attach.error.type"}, "leeg.pdf": {"", "media.error.empty"},
		"half.pdf": {"%PDF-1.7\nhet ziekenhuis", "attach.error.pdf_damaged"}, "groot.pdf": {"%PDF-1.7" + strings.Repeat(" ", MaxUpload) + "%%EOF", "attach.error.pdf_too_large"},
		"dans.gif": {"GIF89a", "media.error.unsupported"},
	} {
		_, err := o.s.Upload(eva.Ctx(), name, []byte(c.content))
		e, ok := fault.As(err)
		require.True(t, ok, name)
		require.Equal(t, c.refusal, e.Key, name)
	}
	require.Empty(t, o.objects())
	a, err := o.s.Upload(eva.Ctx(), "vakantie.jpg", []byte(aPDF))
	require.NoError(t, err)
	require.Equal(t, []any{PDF, "vakantie.pdf"}, []any{a.Kind, a.FileName})

	whole := mediatest.Photo(60, 40, 1)
	broken := o.upload(eva, "half.jpg", string(whole[:len(whole)/2]))
	half, err := o.s.Mine(eva.Ctx(), broken)
	require.NoError(t, err)
	require.True(t, half.Refused())
	_, err = o.s.Write(eva.Ctx(), Draft{FormKey: ids.New(), ChildID: mila, Subject: "Uitslag", Body: "Zie", Attachments: []ids.ID{broken}})
	require.Equal(t, fault.Invalid, fault.CodeOf(err))
	err = (&Answer{Body: "Zie", Attachments: make([]ids.ID, MaxAttachments+1)}).Check()
	require.Equal(t, fault.Invalid, fault.CodeOf(err))
}

func TestNobodyPutsFilesReadyWithoutEnd(t *testing.T) {
	o := newOffice(t)
	mila := o.AddChild("Mila", o.Group)
	eva, jan := o.AddParent("Eva", mila), o.AddParent("Jan", mila)
	var first ids.ID
	for range mostUploads {
		first = o.upload(eva, "brief.pdf", aPDF)
	}
	_, err := o.s.Upload(eva.Ctx(), "brief.pdf", []byte(aPDF))
	f, ok := fault.As(err)
	require.True(t, ok)
	require.Equal(t, "messages.error.uploads_too_many", f.Key)
	o.upload(jan, "brief.pdf", aPDF)
	require.NoError(t, o.s.Discard(eva.Ctx(), first))
	o.upload(eva, "brief.pdf", aPDF)
}

func TestAFileForWhichThereIsNoRoomLeavesNothingBehind(t *testing.T) {
	o := newOffice(t)
	eva := o.AddParent("Eva", o.AddChild("Mila", o.Group))
	limited := o.Tenant
	limited.StorageLimit = 1 << 10
	full := func() {
		_, err := o.e.Owner(t).Exec(t.Context(), "INSERT INTO tenant_usage (tenant_id, children, storage_bytes, mails, counted_at) VALUES ($1, 1, $2, 0, now())", o.Tenant.ID, 1<<10)
		require.NoError(t, err)
	}
	stored := 0
	o.s.store = &blobtest.Watched{Store: o.s.store, Meanwhile: func() { stored++; full() }}
	for _, why := range []string{"it was full when the file was there", "and then not stored even for a moment"} {
		_, err := o.s.Upload(tenants.With(eva.Ctx(), limited), "brief.pdf", []byte(aPDF))
		f, ok := fault.As(err)
		require.True(t, ok, why)
		require.Equal(t, "tenant.error.storage_full", f.Key, why)
		require.Equal(t, 1, stored, why)
		require.Empty(t, o.objects(), why)
	}
}

func TestWhatIsTakenBackComesBackWithItsFiles(t *testing.T) {
	o := newOffice(t)
	mila := o.AddChild("Mila", o.Group)
	eva := o.AddParent("Eva", mila)
	pdf := o.upload(eva, "brief.pdf", aPDF)
	thread, err := o.s.Write(eva.Ctx(), Draft{FormKey: ids.New(), ChildID: mila, Subject: "Uitslag", Body: "Zie", Attachments: []ids.ID{pdf}})
	require.NoError(t, err)
	back, err := o.s.TakeBack(eva.Ctx(), o.newest(eva, thread).ID)
	require.NoError(t, err)
	require.Equal(t, []ids.ID{pdf}, back.Draft.Attachments)
	o.wait()
	require.False(t, o.have(o.Staff, pdf), "gone with the message")
	mine, err := o.s.AllMine(eva.Ctx(), back.Draft.Attachments)
	require.NoError(t, err)
	require.Len(t, mine, 1)

	again, err := o.s.Write(eva.Ctx(), Draft{FormKey: ids.New(), ChildID: mila, Subject: "Uitslag", Body: "Zie de brief", Attachments: []ids.ID{pdf}})
	require.NoError(t, err)
	o.wait()
	require.True(t, o.have(o.Staff, pdf))

	t.Run("and what is used for nothing is swept up", func(t *testing.T) {
		unused, taken := o.upload(eva, "los.pdf", aPDF), o.upload(eva, "terug.pdf", aPDF)
		require.NoError(t, o.s.Answer(eva.Ctx(), again, Answer{FormKey: ids.New(), Body: "Nog een", Attachments: []ids.ID{taken}}))
		_, err := o.s.TakeBack(eva.Ctx(), o.newest(eva, again).ID)
		require.NoError(t, err)
		require.NoError(t, o.s.Sweep(o.system()))
		require.True(t, o.have(eva, unused) && o.have(eva, taken))
		o.e.Clock.Advance(keepBack + time.Hour)
		for range 2 {
			require.NoError(t, o.s.Sweep(o.system()))
		}
		require.False(t, o.have(eva, unused) || o.have(eva, taken))
		require.True(t, o.have(eva, pdf))
		o.dropObjects()
		require.Equal(t, map[string]string{pdfFile: aPDF}, o.objects())
		require.NoError(t, o.s.store.Put(o.system(), blob.Variant(blob.NewKeyIn(o.Tenant.ID, area), "original"), strings.NewReader("x"), 1, "image/jpeg"))
		o.e.Clock.Set(time.Now().Add(keepBack + time.Hour)) // the folder dates what it keeps by the real time
		require.NoError(t, o.s.Reconcile(o.system()))
		require.Equal(t, map[string]string{pdfFile: aPDF}, o.objects(), "what no row knows of")
	})
}

// dropObjects runs the handler of what was removed, as the worker does.
func (o *office) dropObjects() {
	o.t.Helper()
	rows, err := o.e.Owner(o.t).Query(o.t.Context(), "SELECT payload->>'storage_key' FROM event WHERE tenant_id = $1 AND name = 'messages.attachment_removed'", o.Tenant.ID)
	require.NoError(o.t, err)
	defer rows.Close()
	for rows.Next() {
		var key string
		require.NoError(o.t, rows.Scan(&key))
		for range 2 {
			require.NoError(o.t, o.s.deleteObjects(o.system(), ids.New(), Removed{StorageKey: key}))
		}
	}
}

func TestAPhotoThatIsGoneLeavesNothingBehind(t *testing.T) {
	o := newOffice(t)
	eva := o.AddParent("Eva", o.AddChild("Mila", o.Group))
	o.s.images = mediatest.Start(t, 1)
	a, err := o.s.Upload(eva.Ctx(), "a.jpg", mediatest.Photo(60, 40, 1))
	require.NoError(t, err)
	require.NoError(t, o.s.Discard(eva.Ctx(), a.ID))
	require.NoError(t, o.s.develop(o.system(), ids.New(), Uploaded{AttachmentID: a.ID, StorageKey: a.StorageKey}))
	require.Empty(t, o.objects())
}

func TestTheDatabaseKeepsWhatGoesWithAMessage(t *testing.T) {
	o := newOffice(t)
	mila := o.AddChild("Mila", o.Group)
	eva := o.AddParent("Eva", mila)
	pdf, other := o.upload(eva, "brief.pdf", aPDF), o.upload(eva, "anders.pdf", aPDF)
	thread, err := o.s.Write(eva.Ctx(), Draft{FormKey: ids.New(), ChildID: mila, Subject: "Uitslag", Body: "Zie", Attachments: []ids.ID{pdf}})
	require.NoError(t, err)
	message := o.newest(eva, thread).ID
	o.wait()
	try := func(query string, args ...any) error {
		return o.e.DB.Write(o.system(), func(ctx context.Context, tx tenants.Writer) error {
			_, err := tx.NewRaw(query, args...).Exec(ctx)
			return err
		})
	}
	for query, problem := range map[string]string{
		"UPDATE message_attachment SET message_id = NULL WHERE id = ?0": "goes with a message", "UPDATE message_attachment SET position = 3 WHERE id = ?0": "goes with a message",
		"UPDATE message_attachment SET message_id = ?2 WHERE id = ?1": "went out", "UPDATE message_attachment SET state = 'refused' WHERE id = ?0": "is finished",
		"UPDATE message_attachment SET storage_key = 'x'": "permission denied", "UPDATE message_attachment SET file_name = 'x'": "permission denied",
		"INSERT INTO message_attachment (tenant_id, id, uploaded_by, message_id, kind, state, storage_key, file_name, bytes, created_at) SELECT tenant_id, gen_random_uuid(), uploaded_by, message_id, kind, state, 'x', 'x', 1, created_at FROM message_attachment WHERE id = ?0": "row-level security",
	} {
		require.ErrorContains(t, try(query, pdf, other, message), problem, query)
	}
	require.NoError(t, try("DELETE FROM message_attachment"))
	require.Equal(t, 1, o.count("SELECT count(*) FROM message_attachment WHERE tenant_id = $1", o.Tenant.ID), "what goes with a message stays")
	require.True(t, o.have(o.Staff, pdf))
}
