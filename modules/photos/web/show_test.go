package web_test

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/stretchr/testify/require"

	"ouderportaal/internal/authz"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/media"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/internal/webtest"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/consents"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/identity/identitytest"
	identityweb "ouderportaal/modules/identity/web"
	"ouderportaal/modules/notifications/notificationstest"
	"ouderportaal/modules/photos"
	photosweb "ouderportaal/modules/photos/web"
	"ouderportaal/tenants"
)

// counted is a store that counts how often it is asked.
type counted struct {
	blob.Store
	asked atomic.Int64
}

func (s *counted) Get(ctx context.Context, key string, offset, length int64) (io.ReadCloser, blob.Info, error) {
	s.asked.Add(1)
	return s.Store.Get(ctx, key, offset, length)
}

func (s *counted) Stat(ctx context.Context, key string) (blob.Info, error) {
	s.asked.Add(1)
	return s.Store.Stat(ctx, key)
}

const (
	fullContent  = "0123456789abcdefghij"
	smallContent = "klmnopqrst"
)

// shared gives the address of a photo in an entry, the store that it is in, and the browser of a parent who may see it.
func shared(t *testing.T) (string, *counted, *webtest.Browser) {
	t.Helper()
	e := dbtest.New(t)
	h := childrentest.NewHouse(t, e, e.A)
	mila := h.AddChild("Mila", h.Group)
	dir, err := blob.OpenDir(t.TempDir())
	require.NoError(t, err)
	store := &counted{Store: dir}
	album := photos.New(e.DB, store, nil)
	told, _ := notificationstest.New(t, e.DB, nil)
	require.NoError(t, consents.New(e.DB, told, album).Say(h.Admin.Ctx(), consents.Reply{ChildID: mila, Purpose: consents.Photos, Granted: true}))
	entry, err := diary.New(e.DB, album).Publish(h.Staff.Ctx(), diary.Draft{FormKey: ids.New(), GroupID: h.Group, ChildIDs: []ids.ID{mila}, Body: "Kijk!"})
	require.NoError(t, err)
	past := photos.Past{ID: ids.New(), UploadedBy: h.Staff.ID, EntryID: entry, FileName: "a.jpg", At: e.Clock.Now(), Bytes: 1, OnIt: []ids.ID{mila},
		Picture: &media.Result{Width: 4, Height: 3, Files: []media.File{
			{Name: media.Full, ContentType: "image/jpeg", Bytes: []byte(fullContent)},
			{Name: "640.webp", ContentType: "image/webp", Bytes: []byte(smallContent)}}}}
	row, err := past.Store(context.Background(), store, e.A.ID)
	require.NoError(t, err)
	require.NoError(t, e.DB.Write(h.Admin.Ctx(), func(ctx context.Context, tx tenants.Writer) error {
		return photos.Recall(ctx, tx, []photos.Photo{row}, map[ids.ID][]ids.ID{past.ID: past.OnIt})
	}))

	hosts, err := tenants.NewHosts("ouderportaal.test", "http", 0)
	require.NoError(t, err)
	words, err := i18n.Load(ui.Locales, web.Locales, photos.Locales)
	require.NoError(t, err)
	policy, err := authz.New(photos.Policy)
	require.NoError(t, err)
	server := web.New(web.Config{Scheme: "http", Log: slog.New(slog.DiscardHandler), Clock: e.Clock, Bundle: words, Permissions: policy,
		Resolve: tenants.Resolve(hosts, e.Directory, func(tenants.Tenant) error { return fiber.ErrNotFound }),
		Session: identityweb.Session(identity.New(e.DB, identity.Config{Hosts: hosts, Words: words}))})
	photosweb.New(album).Routes(server.Routes())
	b := webtest.Start(t, server).Browser(hosts.Host(e.A.Slug))
	cookie := identitytest.SignedIn(t, e, h.AddParent("Eva", mila))
	b.SetCookie(cookie.Name, cookie.Value)
	return "/fotos/" + past.ID.String(), store, b
}

func TestPartsOfAPhoto(t *testing.T) {
	photo, store, b := shared(t)
	etag := b.Get(photo+"/download").Is(200).HasHeader("Accept-Ranges", "bytes").Header.Get("Etag")
	for _, c := range []struct {
		path, asked string
		status      int
		part, body  string
		trips       int64 // to storage
	}{
		{"/download", "bytes=0-3", 206, "bytes 0-3/20", "0123", 1},
		{"/download", "bytes=16-", 206, "bytes 16-19/20", "ghij", 1},
		{"/download", "bytes=16-99", 206, "bytes 16-19/20", "ghij", 1},
		{"/download", "bytes=0-9223372036854775807", 206, "bytes 0-19/20", fullContent, 1},
		{"/download", "bytes=0-99999999999999999999", 206, "bytes 0-19/20", fullContent, 1},
		{"/download", "bytes=-4", 206, "bytes 16-19/20", "ghij", 1},
		{"/download", "bytes=-20", 206, "bytes 0-19/20", fullContent, 1},
		{"/download", "bytes=-500", 206, "bytes 0-19/20", fullContent, 1},
		{"/download", "bytes=-99999999999999999999", 206, "bytes 0-19/20", fullContent, 1},
		{"/640.webp", "bytes=-4", 206, "bytes 6-9/10", "qrst", 2}, // no row knows how large it is
		{"/640.webp", "bytes=-500", 206, "bytes 0-9/10", smallContent, 2},
		{"/download", "bytes=-0", 416, "bytes */20", "", 0},
		{"/640.webp", "bytes=-0", 416, "bytes */10", "", 1},
		{"/download", "bytes=20-", 416, "bytes */20", "", 1},
		{"/download", "bytes=99999999999999999999-", 416, "bytes */20", "", 1},
		// What is not understood is as if it had not been asked.
		{"/download", "bytes=-", 200, "", fullContent, 1},
		{"/download", "bytes=--4", 200, "", fullContent, 1},
		{"/download", "bytes=+1-4", 200, "", fullContent, 1},
		{"/download", "bytes=4-1", 200, "", fullContent, 1},
		{"/download", "bytes=0-1,-1", 200, "", fullContent, 1},
		{"/download", "pages=-4", 200, "", fullContent, 1},
	} {
		t.Run(c.path+" "+c.asked, func(t *testing.T) {
			before := store.asked.Load()
			answer := b.Do("GET", photo+c.path, nil, "", map[string]string{"Range": c.asked})
			require.Equal(t, c.status, answer.Status)
			require.Equal(t, c.part, answer.Header.Get("Content-Range"))
			require.Equal(t, c.trips, store.asked.Load()-before)
			if c.status == 416 {
				require.Empty(t, answer.Header.Get("Content-Disposition"), "nothing to save")
				return
			}
			require.Equal(t, c.body, answer.Body)
			require.Equal(t, c.path == "/download", strings.HasPrefix(answer.Header.Get("Content-Disposition"), "attachment"))
		})
	}
	t.Run("of another photo than the browser has", func(t *testing.T) {
		b.Do("GET", photo+"/download", nil, "", map[string]string{"Range": "bytes=-4", "If-Range": etag}).Is(206).Has("ghij")
		b.Do("GET", photo+"/download", nil, "", map[string]string{"Range": "bytes=-4", "If-Range": `"other"`}).Is(200).Has(fullContent)
	})
}
