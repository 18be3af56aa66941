package keepsake_test

import (
	"archive/zip"
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/media"
	"ouderportaal/internal/outbox"
	"ouderportaal/internal/ui"
	"ouderportaal/modules/absences"
	"ouderportaal/modules/care"
	"ouderportaal/modules/children"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/consents"
	"ouderportaal/modules/declarations"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/keepsake"
	"ouderportaal/modules/messages"
	"ouderportaal/modules/notifications"
	"ouderportaal/modules/notifications/notificationstest"
	"ouderportaal/modules/photos"
	"ouderportaal/tenants"
)

// attic is a house with a past, from which families take things home.
type attic struct {
	*childrentest.House
	t        *testing.T
	e        *dbtest.Env
	store    blob.Store
	words    *i18n.Bundle
	photos   *photos.Service
	diary    *diary.Service
	consents *consents.Service
	told     *notifications.Service
	keepsake *keepsake.Service
	handled  map[ids.ID]bool
	owner    *pgx.Conn
}

func newAttic(t *testing.T) *attic {
	t.Helper()
	store, err := blob.OpenDir(t.TempDir())
	require.NoError(t, err)
	e := dbtest.New(t)
	a := &attic{House: childrentest.NewHouse(t, e, e.A), t: t, e: e, store: store, handled: map[ids.ID]bool{}, owner: e.Owner(t)}
	a.words, err = i18n.Load(ui.Locales, absences.Locales, care.Locales, consents.Locales, declarations.Locales, diary.Locales, keepsake.Locales, notifications.Locales)
	require.NoError(t, err)
	a.open(store)
	return a
}

// open begins anew with a store, as a process does that was started again.
func (a *attic) open(store blob.Store) {
	a.t.Helper()
	a.photos = photos.New(a.e.DB, store, nil)
	a.diary = diary.New(a.e.DB, a.photos)
	a.told, _ = notificationstest.New(a.t, a.e.DB, nil)
	a.keepsake = keepsake.New(a.e.DB, store, a.photos, a.told, a.words, messages.New(a.e.DB, a.told, store, nil), declarations.New(a.e.DB, a.told, store, nil))
	a.consents = consents.New(a.e.DB, a.told, a.photos, a.keepsake)
}

func (a *attic) allow(child ids.ID, granted bool) {
	a.t.Helper()
	require.NoError(a.t, a.consents.Say(a.Admin.Ctx(), consents.Reply{ChildID: child, Purpose: consents.Photos, Granted: granted}))
}

func (a *attic) child(name string) children.Named {
	a.t.Helper()
	id := a.AddChild(name, a.Group)
	a.allow(id, true)
	return children.Named{ID: id, GivenName: name}
}

// snapshot is a small picture of which every pixel counts.
func snapshot(n int) []byte {
	img := image.NewRGBA(image.Rect(0, 0, 24, 16))
	for x := range 24 {
		for y := range 16 {
			img.Set(x, y, color.RGBA{uint8(x * 10), uint8(y * 15), uint8(n * 20), 255})
		}
	}
	var out bytes.Buffer
	_ = jpeg.Encode(&out, img, nil)
	return out.Bytes()
}

// share keeps an entry of a moment with pictures, and gives their ids.
func (a *attic) share(at time.Time, title string, pictures [][]byte, about ...children.Named) (entry ids.ID, shots []ids.ID) {
	a.t.Helper()
	e := diary.Entry{TenantID: a.Tenant.ID, ID: ids.New(), Kind: diary.Post, GroupID: a.Group, GroupName: "Kikkers", AuthorID: a.Staff.ID, AuthorName: "Sanne",
		Title: title, Body: "We waren <buiten>.", PublishedAt: at, Children: about, Media: []diary.Medium{}}
	var rows []photos.Photo
	on := map[ids.ID][]ids.ID{}
	for i, picture := range pictures {
		past := photos.Past{ID: ids.New(), UploadedBy: a.Staff.ID, EntryID: e.ID, Position: i, FileName: "a.jpg", At: at, Bytes: 1, Alt: "Bladeren & modder",
			Picture: &media.Result{Width: 24, Height: 16, Files: []media.File{{Name: media.Full, ContentType: "image/jpeg", Bytes: picture}}}}
		row, err := past.Store(context.Background(), a.store, a.Tenant.ID)
		require.NoError(a.t, err)
		rows, shots = append(rows, row), append(shots, past.ID)
		for _, child := range about {
			on[past.ID] = append(on[past.ID], child.ID)
		}
	}
	require.NoError(a.t, a.e.DB.Write(a.Admin.Ctx(), func(ctx context.Context, tx tenants.Writer) error {
		if err := diary.Recall(ctx, tx, []diary.Entry{e}); err != nil {
			return err
		}
		return photos.Recall(ctx, tx, rows, on)
	}))
	return e.ID, shots
}

// in is the context of who acts, with a session and words.
func (a *attic) in(who identitytest.Someone) context.Context {
	someone := who.Actor()
	someone.SessionID = who.ID // any id does
	return i18n.With(actor.With(tenants.With(context.Background(), who.Tenant), someone), a.words.For("nl"))
}

func (a *attic) system() context.Context {
	return actor.With(tenants.With(context.Background(), a.Tenant), actor.ForSystem(a.Tenant.ID))
}

// next gives the events that nobody has handled yet, oldest first.
func (a *attic) next() []outbox.Recorded {
	a.t.Helper()
	rows, err := a.owner.Query(context.Background(), `SELECT id, name, payload FROM event WHERE tenant_id = $1
		AND (name LIKE 'keepsake.%' OR name = 'children.family_changed') ORDER BY recorded_at, id`, a.Tenant.ID)
	require.NoError(a.t, err)
	defer rows.Close()
	var list []outbox.Recorded
	for rows.Next() {
		r := outbox.Recorded{TenantID: a.Tenant.ID}
		require.NoError(a.t, rows.Scan(&r.ID, &r.Name, &r.Payload))
		if !a.handled[r.ID] {
			list = append(list, r)
		}
	}
	require.NoError(a.t, rows.Err())
	return list
}

func (a *attic) handle(r outbox.Recorded) error {
	for _, sub := range a.keepsake.Subscriptions() {
		if sub.Event == r.Name {
			if err := sub.Run(a.system(), r); err != nil {
				return err
			}
		}
	}
	return nil
}

// work does what the ledger does: it runs each handler, and twice, until there is nothing left to do.
func (a *attic) work() {
	a.t.Helper()
	for list := a.next(); len(list) > 0; list = a.next() {
		for _, r := range list {
			require.NoError(a.t, a.handle(r))
			require.NoError(a.t, a.handle(r))
			a.handled[r.ID] = true
		}
	}
}

func (a *attic) state(who identitytest.Someone, child children.Named) *keepsake.Keepsake {
	a.t.Helper()
	v, err := a.keepsake.Of(a.in(who), child.ID)
	require.NoError(a.t, err)
	return v.Keepsake
}

// fetched asks for everything of a child, has it built, and reads the file.
func (a *attic) fetched(who identitytest.Someone, child children.Named) []byte {
	a.t.Helper()
	require.NoError(a.t, a.keepsake.Ask(a.in(who), child.ID, false))
	a.work()
	return a.fetch(who, child)
}

func (a *attic) fetch(who identitytest.Someone, child children.Named) []byte {
	a.t.Helper()
	id, err := a.keepsake.Fetch(a.in(who), child.ID)
	require.NoError(a.t, err)
	f, _, err := a.keepsake.File(a.in(who), id, true)
	require.NoError(a.t, err)
	require.NotNil(a.t, f)
	body := f.Open(a.in(who), 0, f.Size)
	defer body.Close()
	raw, err := io.ReadAll(body)
	require.NoError(a.t, err)
	require.Len(a.t, raw, int(f.Size))
	return raw
}

// unpack gives the files of a ZIP, in order.
func unpack(t *testing.T, raw []byte) (names []string, content map[string]string) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	require.NoError(t, err)
	content = map[string]string{}
	for _, f := range z.File {
		in, err := f.Open()
		require.NoError(t, err)
		text, err := io.ReadAll(in) // checks the sum
		require.NoError(t, err)
		names, content[f.Name] = append(names, f.Name), string(text)
	}
	return names, content
}

// count counts rows past row-level security.
func (a *attic) count(query string, args ...any) (n int) {
	a.t.Helper()
	require.NoError(a.t, a.owner.QueryRow(context.Background(), query, args...).Scan(&n))
	return n
}

// objects counts what is in storage for keepsakes.
func (a *attic) objects() (n int) {
	a.t.Helper()
	require.NoError(a.t, a.store.List(context.Background(), blob.AreaPrefix(a.Tenant.ID, "keepsake"), func(blob.Info) error { n++; return nil }))
	return n
}
