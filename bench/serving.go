package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"time"

	"github.com/jackc/pgx/v5"

	"ouderportaal/internal/blob"
	"ouderportaal/internal/ids"
)

const (
	photoBytes    = 160_000
	downloadBytes = 4 << 20
	slowReaders   = 64
)

// served is a photo with somebody who may see it.
type served struct {
	parent parent
	id     ids.ID
	key    string
}

// serving is line d: photos through the program, each time with the question whether this person may see it, beside signed
// GETs that go straight to the same store; and what readers on a slow network cost.
func serving(ctx context.Context, w *world) ([]result, error) {
	store, err := w.objects(ctx)
	if err != nil {
		return nil, err
	}
	all, err := w.storePhotos(ctx, store.URL)
	if err != nil {
		return nil, err
	}
	config, err := blob.ParseS3URL(store.URL + "/" + bucket)
	if err != nil {
		return nil, err
	}
	server, err := w.serve(ctx, store)
	if err != nil {
		return nil, err
	}
	defer server.Stop()
	through, direct := make([][]byte, len(all)), make([][]byte, len(all))
	for i, p := range all {
		through[i] = request(p.parent, "/fotos/"+p.id.String()+"/1280.webp")
		direct[i] = signedGet(config, blob.Variant(p.key, "1280.webp"), time.Now())
	}
	any := func(of [][]byte) func(*rand.Rand) []byte {
		return func(r *rand.Rand) []byte { return of[r.IntN(len(of))] }
	}
	var ours, theirs, ratio, oursCPU, theirsCPU, serverCPU []float64
	for round := -1; round < w.rounds; round++ {
		begin, serverBegin := w.processor(), cpuOf(server.PID(), false)
		a, err := drive(ctx, server.addr, w.round, any(through))
		if err != nil {
			return nil, fmt.Errorf("through the program: %w", err)
		}
		between, serverUsed := w.processor(), cpuOf(server.PID(), false)-serverBegin
		b, err := drive(ctx, config.Endpoint, w.round, any(direct))
		if err != nil {
			return nil, fmt.Errorf("straight from the store: %w", err)
		}
		end := w.processor()
		if a.bytes != int64(len(a.took))*photoBytes || b.bytes != int64(len(b.took))*photoBytes {
			return nil, errors.New("photos of another size")
		}
		if round < 0 {
			continue
		}
		say("  through %.0f/s  direct %.0f/s", a.perSecond, b.perSecond)
		ours, theirs, ratio = append(ours, a.perSecond), append(theirs, b.perSecond), append(ratio, a.perSecond/b.perSecond)
		oursCPU, theirsCPU = append(oursCPU, micros(between-begin, len(a.took))), append(theirsCPU, micros(end-between, len(b.took)))
		serverCPU = append(serverCPU, micros(serverUsed, len(a.took)))
	}
	extra, before, err := slowly(ctx, server, all)
	if err != nil {
		return nil, fmt.Errorf("slow readers: %w", err)
	}
	return []result{
		{line: "d", what: "Photo of 160 kB through the program", against: "signed GET from the same store", value: median(ratio), unit: "×", goal: atLeast(0.65),
			detail: fmt.Sprintf("%.0f photos/s beside %.0f/s; processor time of everything together %.0f µs (web process %.0f µs) beside %.0f µs: %.2f ×",
				median(ours), median(theirs), median(oursCPU), median(serverCPU), median(theirsCPU), median(theirsCPU)/median(oursCPU))},
		{line: "d", what: "64 slow readers of 4 MB, more memory", against: "budget", value: extra, unit: "MB", must: atMost(32), detail: fmt.Sprintf("%.0f MB before", before)},
	}, nil
}

// storePhotos puts the pictures of some children of the data into the store.
func (w *world) storePhotos(ctx context.Context, url string) ([]served, error) {
	config, err := blob.ParseS3URL(url + "/" + bucket)
	if err != nil {
		return nil, err
	}
	store, err := blob.OpenS3(config)
	if err != nil {
		return nil, err
	}
	conn, err := pgx.Connect(ctx, w.url.owner)
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	var all []served
	content := make([]byte, downloadBytes)
	rand.NewChaCha8([32]byte{1}).Read(content)
	for tenant := range min(w.tenants, 20) {
		rows, err := conn.Query(ctx, `SELECT p.id, p.storage_key FROM photo_child c JOIN photo p ON p.tenant_id = c.tenant_id AND p.id = c.photo_id
			WHERE c.tenant_id = $1 AND c.child_id = $2 ORDER BY p.id LIMIT 10`, idOf("10", tenant), idOf("22", tenant*500))
		if err != nil {
			return nil, err
		}
		found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (served, error) {
			p := served{parent: parentAt(tenant * parentsEach)}
			return p, row.Scan(&p.id, &p.key)
		})
		if err != nil {
			return nil, err
		}
		for i, p := range found {
			if err := store.Put(ctx, blob.Variant(p.key, "1280.webp"), bytes.NewReader(content[:photoBytes]), photoBytes, "image/webp"); err != nil {
				return nil, err
			}
			if i == 0 {
				if err := store.Put(ctx, blob.Variant(p.key, "full.jpg"), bytes.NewReader(content), downloadBytes, "image/jpeg"); err != nil {
					return nil, err
				}
			}
		}
		all = append(all, found...)
	}
	return all, nil
}

// slowly lets readers take 32 kB a second each, and gives how much more memory the web process has at its worst, in MB.
func slowly(ctx context.Context, server *web, all []served) (extra, before float64, err error) {
	time.Sleep(2 * time.Second) // what the rounds left is given back
	if before, err = rss(server.PID()); err != nil {
		return 0, 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, 6*time.Second)
	defer cancel()
	failed := make(chan error, slowReaders)
	for i := range slowReaders {
		request := request(all[i%(len(all)/10)*10].parent, "/fotos/"+all[i%(len(all)/10)*10].id.String()+"/download")
		go func() { failed <- slow(ctx, server.addr, request) }()
	}
	most := before
	for ctx.Err() == nil {
		now, err := rss(server.PID())
		if err != nil {
			return 0, 0, err
		}
		most = max(most, now)
		time.Sleep(50 * time.Millisecond)
	}
	for range slowReaders {
		err = errors.Join(err, <-failed)
	}
	return most - before, before, err
}

func slow(ctx context.Context, addr string, request []byte) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.(*net.TCPConn).SetReadBuffer(4096); err != nil {
		return err
	}
	if _, err := conn.Write(request); err != nil {
		return err
	}
	in := bufio.NewReaderSize(conn, 4096)
	head, err := readHead(in)
	if err != nil {
		return err
	}
	if head.status != 200 || head.length != downloadBytes {
		return fmt.Errorf("answer %d of %d bytes", head.status, head.length)
	}
	tick := time.NewTicker(125 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if _, err := in.Discard(4096); err != nil {
				return err
			}
		}
	}
}
