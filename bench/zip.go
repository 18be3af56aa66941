package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/binary"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"ouderportaal/internal/blob"
	"ouderportaal/internal/blob/blobserver"
	"ouderportaal/internal/mailcatcher"
)

//go:embed zip.sql
var zipSQL string

const (
	zipPhotos   = 6000
	zipMemory   = 150              // MB that a process may hold
	zipSlowly   = 24 << 20         // bytes a second that the slower reader takes
	zipBuilding = 15 * time.Minute // for everything of a child
)

// zips is line j: what a process holds while a family takes thousands of photos home: those of a month, which the web process packs
// while they are read, and everything of a child, which a worker builds beforehand. It has a database of its own, whatever the scale,
// because a worker would see to everything in the data of the others.
func zips(ctx context.Context, w *world) ([]result, error) {
	store, err := w.objects(ctx)
	if err != nil {
		return nil, err
	}
	w, err = w.beside(ctx, "bench_zip")
	if err != nil {
		return nil, err
	}
	size, err := w.fillZip(ctx, store)
	if err != nil {
		return nil, err
	}
	server, err := w.serve(ctx, store)
	if err != nil {
		return nil, err
	}
	defer server.Stop()
	family := visitorOf(server.addr, parentAt(0))
	building, took, err := w.build(ctx, store, family)
	if err != nil {
		return nil, fmt.Errorf("everything of a child: %w", err)
	}
	month := url.Values{"maand": {time.Now().AddDate(0, 0, 1-time.Now().Day()).AddDate(0, -1, 0).Format("2006-01")}}
	var speeds []string
	for _, perSecond := range []int64{0, zipSlowly} {
		began := time.Now()
		got, err := family.takes(ctx, http.MethodPost, "/fotos/zip", month, perSecond)
		if err != nil {
			return nil, err
		}
		if got < zipPhotos*size {
			return nil, fmt.Errorf("a ZIP of %d bytes", got)
		}
		speeds = append(speeds, fmt.Sprintf("%.0f MB/s", float64(got)/time.Since(began).Seconds()/(1<<20)))
	}
	packing, err := mostMemory(server.PID())
	if err != nil {
		return nil, err
	}
	return []result{
		{line: "j", what: "ZIP of a month with 6,000 photos, most memory of the web process", against: "budget", value: packing, unit: "MB", must: atMost(zipMemory),
			detail: fmt.Sprintf("photos of %d kB, read as fast as they come (%s) and by a slower reader (%s)", size/1000, speeds[0], speeds[1])},
		{line: "j", what: "Everything of a child with 6,000 photos, most memory of the worker", against: "budget", value: building, unit: "MB", must: atMost(zipMemory),
			detail: fmt.Sprintf("built in %.0f s", took.Seconds())},
	}, nil
}

// fillZip makes the family of zip.sql and stores its photos. It gives the size of each in bytes.
func (w *world) fillZip(ctx context.Context, store *blobserver.Server) (int64, error) {
	conn, err := pgx.Connect(ctx, w.url.owner)
	if err != nil {
		return 0, err
	}
	defer conn.Close(ctx)
	functions, _ := statements(dataSQL)
	for _, s := range functions {
		if _, err := conn.Exec(ctx, s); err != nil {
			return 0, fmt.Errorf("data.sql: %w", err)
		}
	}
	content, err := picture(photoBytes)
	if err != nil {
		return 0, err
	}
	_, family := statements(zipSQL)
	if err := fillOne(ctx, conn, append(family, fmt.Sprintf("UPDATE photo SET full_bytes = %d", len(content)), "ANALYZE"), 0); err != nil {
		return 0, fmt.Errorf("zip.sql: %w", err)
	}
	rows, err := conn.Query(ctx, "SELECT storage_key FROM photo")
	if err != nil {
		return 0, err
	}
	keys, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return 0, err
	}
	if len(keys) != zipPhotos {
		return 0, fmt.Errorf("zip.sql made %d photos", len(keys))
	}
	config, err := blob.ParseS3URL(store.URL + "/" + bucket)
	if err != nil {
		return 0, err
	}
	objects, err := blob.OpenS3(config)
	if err != nil {
		return 0, err
	}
	say("  storing %d photos", len(keys))
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(connections)
	for _, key := range keys {
		group.Go(func() error {
			return objects.Put(inner, blob.Variant(key, "full.jpg"), bytes.NewReader(content), int64(len(content)), "image/jpeg")
		})
	}
	return int64(len(content)), group.Wait()
}

// picture is a JPEG of about so many bytes: noise takes one for every pixel.
func picture(size int) ([]byte, error) {
	noise := image.NewGray(image.Rect(0, 0, 400, size/400))
	rand.NewChaCha8([32]byte{2}).Read(noise.Pix)
	var out bytes.Buffer
	err := jpeg.Encode(&out, noise, &jpeg.Options{Quality: 90})
	return out.Bytes(), err
}

// build asks for everything of the child and has a worker build it. It gives the most memory that the worker held, in MB.
func (w *world) build(ctx context.Context, store *blobserver.Server, family *visitor) (most float64, took time.Duration, err error) {
	mails, err := mailcatcher.Start(mailcatcher.Config{Keep: 1})
	if err != nil {
		return 0, 0, err
	}
	defer mails.Close()
	if _, err := family.takes(ctx, http.MethodPost, "/meenemen/"+idOf("22", 0).String(), nil, 0); err != nil {
		return 0, 0, err
	}
	worker, err := w.work(ctx, store, mails.URL())
	if err != nil {
		return 0, 0, err
	}
	defer worker.Stop()
	conn, err := pgx.Connect(ctx, w.url.owner)
	if err != nil {
		return 0, 0, err
	}
	defer conn.Close(ctx)
	began := time.Now()
	for {
		var state string
		var photos int
		if err := conn.QueryRow(ctx, "SELECT state, photos FROM keepsake").Scan(&state, &photos); err != nil {
			return 0, 0, err
		}
		switch {
		case state == "ready" && photos == zipPhotos:
			most, err = mostMemory(worker.PID())
			return most, time.Since(began), err
		case state != "building" || time.Since(began) > zipBuilding:
			return 0, 0, fmt.Errorf("it is %s with %d photos: %s", state, photos, worker.Tail())
		}
		select {
		case <-worker.Done():
			return 0, 0, fmt.Errorf("work: %s: %s", worker.Ended(), worker.Tail())
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// visitor is somebody who is signed in, at a browser that follows nothing by itself.
type visitor struct {
	parent
	addr   string
	client *http.Client
}

func visitorOf(addr string, p parent) *visitor {
	return &visitor{p, addr, &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// takes reads an answer to its end, not faster than so many bytes a second (0: as fast as it comes), and gives its size. A ZIP must
// have all photos in it.
func (v *visitor) takes(ctx context.Context, method, path string, form url.Values, perSecond int64) (int64, error) {
	host := slugOf(v.tenant) + "." + baseDomain
	ask, err := http.NewRequestWithContext(ctx, method, "http://"+v.addr+path, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, err
	}
	ask.Host = host
	ask.Header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {"http://" + host}, "Sec-Fetch-Site": {"same-origin"}, "Cookie": {"__Host-sessie=" + tokenOf(v.person)}}
	answer, err := v.client.Do(ask)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 400 {
		return 0, fmt.Errorf("%s: %s", path, answer.Status)
	}
	body := &paced{from: answer.Body, perSecond: perSecond, began: time.Now()}
	n, err := io.Copy(io.Discard, body)
	if err != nil || answer.Header.Get("Content-Type") != "application/zip" {
		return n, err
	}
	if files := filesOf(body.end); files != zipPhotos {
		return n, fmt.Errorf("%s: a ZIP of %d files", path, files)
	}
	return n, nil
}

// paced waits when it is read faster than it may, and remembers the end of what was read.
type paced struct {
	from      io.Reader
	perSecond int64
	began     time.Time
	read      int64
	end       []byte
}

func (p *paced) Read(b []byte) (int, error) {
	n, err := p.from.Read(b)
	p.read += int64(n)
	p.end = append(p.end, b[:n]...)
	p.end = append(p.end[:0], p.end[max(0, len(p.end)-zipEnd):]...)
	if p.perSecond > 0 {
		time.Sleep(time.Duration(float64(p.read)/float64(p.perSecond)*float64(time.Second)) - time.Since(p.began))
	}
	return n, err
}

// zipEnd is the length of the end of a ZIP without a comment, in bytes; see filesOf.
const zipEnd = 22

// filesOf reads how many files a ZIP has in its end (APPNOTE.TXT, 4.3.16).
func filesOf(end []byte) int {
	if len(end) != zipEnd || !bytes.HasPrefix(end, []byte("PK\x05\x06")) {
		return 0
	}
	return int(binary.LittleEndian.Uint16(end[10:]))
}
