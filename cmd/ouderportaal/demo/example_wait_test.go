package demo

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/admin/platform"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/devservices"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/media/mediatest"
	"ouderportaal/internal/outbox"
	"ouderportaal/jobs"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/notifications"
	"ouderportaal/modules/photos"
	"ouderportaal/tenants"
)

// photoSent stands for a photo of another organisation.
type photoSent struct{}

func (photoSent) EventName() string { return "test.photo_sent" }

// distant is a storage as far away as an S3 server.
type distant struct{ blob.Store }

func (d distant) Put(ctx context.Context, key string, r io.Reader, size int64, contentType string) error {
	time.Sleep(20 * time.Millisecond)
	return d.Store.Put(ctx, key, r, size, contentType)
}

// Filling an example shares the one image program with the photos of everybody else: they go in between its parts.
func TestPhotosOfOthersWaitForNoExample(t *testing.T) {
	e := dbtest.NewAlone(t)
	dir, err := os.MkdirTemp("", "example-redis-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	require.NoError(t, os.Chmod(dir, 0o711))
	server, err := devservices.Redis(t.Context(), filepath.Join(dir, "redis"), devservices.Options{Disposable: true})
	require.NoError(t, err)
	t.Cleanup(func() { server.Stop() })
	redis, err := jobs.ConnectRedis(server.URL)
	require.NoError(t, err)
	t.Cleanup(func() { _ = redis.Close() })
	ledger, err := jobs.OpenLedger(t.Context(), jobs.LedgerConfig{URL: e.URL.Relay, Clock: e.Clock})
	require.NoError(t, err)
	t.Cleanup(ledger.Close)
	store, err := blob.OpenDir(t.TempDir())
	require.NoError(t, err)
	images := mediatest.Start(t, 1)

	example := NewExample(Deps{DB: e.DB, Store: distant{store}, Images: func() (photos.Images, error) { return images, nil }})
	counters := platform.Counters{Children: children.CountCared, Storage: []func(context.Context, tenants.Reader) (int64, error){photos.StorageUsed}, Mails: notifications.MailsSince, Active: identity.LastActive}
	ready := make(chan error, 1)
	subscriptions := append(platform.FillExamples(e.DB, example, counters), outbox.On("test.photo", outbox.Media, func(ctx context.Context, _ ids.ID, _ photoSent) error {
		photo := mediatest.Photo(400, 300, 1)
		_, err := images.Retouch(ctx, bytes.NewReader(photo), int64(len(photo)), nil)
		ready <- err
		return err
	}))
	relay, err := jobs.NewRelay(jobs.RelayConfig{Ledger: ledger, Redis: redis, Subscriptions: subscriptions})
	require.NoError(t, err)
	workers, err := jobs.NewServer(jobs.ServerConfig{Ledger: ledger, Directory: e.Directory, Redis: redis, Subscriptions: subscriptions, Jobs: 4, Media: 1})
	require.NoError(t, err)
	require.NoError(t, workers.Start())
	ctx, stop := context.WithCancel(t.Context())
	var relaying sync.WaitGroup
	relaying.Go(func() { relay.Run(ctx) })
	t.Cleanup(func() { stop(); relaying.Wait(); workers.Stop() })

	console := platform.New(e.Platform, identity.NewHasher(), [][]byte{[]byte("0123456789abcdef0123456789abcdef")})
	made, err := console.Found(t.Context(), platform.NewAdmins(e.DB), platform.Founding{Tenant: tenants.NewTenant{Slug: "zonnebloem", Name: "De Zonnebloem", Example: true},
		Admin: identity.Draft{GivenName: "Els", FamilyName: "Bakker", Email: "els@kinderopvang.test"}})
	require.NoError(t, err)
	var waited []time.Duration
	for began := time.Now(); ; {
		f, err := console.Fill(t.Context(), made.ID)
		require.NoError(t, err)
		require.NotEqual(t, platform.Failed, f.State)
		if f.State == platform.Ready {
			t.Logf("filled in %v; meanwhile %d photos of another organisation waited %v at most", time.Since(began).Round(time.Millisecond), len(waited), slices.Max(waited).Round(time.Millisecond))
			filled, err := console.Organisation(t.Context(), made.ID)
			require.NoError(t, err)
			require.NotNil(t, filled.CountedAt)
			require.Positive(t, filled.Children)
			require.Positive(t, filled.StorageBytes)
			break
		}
		sent := time.Now()
		require.NoError(t, e.DB.Write(tenants.With(t.Context(), e.B), func(ctx context.Context, tx tenants.Writer) error {
			return outbox.Record(ctx, tx, photoSent{})
		}))
		select {
		case err := <-ready:
			require.NoError(t, err)
		case <-time.After(2 * time.Minute):
			t.Fatal("a photo of another organisation is not made")
		}
		waited = append(waited, time.Since(sent))
	}
	require.Greater(t, len(waited), example.Parts()/2, "one after the other, in between")
}
