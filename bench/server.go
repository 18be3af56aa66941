package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"ouderportaal/internal/blob"
	"ouderportaal/internal/blob/blobserver"
	"ouderportaal/internal/devservices"
)

const (
	baseDomain = "bench.localhost"
	bucket     = "bench"
)

// web is a running `ouderportaal serve`, or `work`, with the settings of production but for the address.
type web struct {
	*devservices.Program
	addr  string        // where pages are
	ops   string        // where health and profiles are
	ready time.Duration // from the start of the process until it said that it is ready
}

func (w *world) environment(addr, ops string, store *blobserver.Server) ([]string, error) {
	env := []string{
		"PATH=" + os.Getenv("PATH"), "BASE_DOMAIN=" + baseDomain, "PUBLIC_SCHEME=http", "LISTEN_ADDR=" + addr, "OPS_ADDR=" + ops,
		"OPS_PROFILE=" + strconv.FormatBool(w.profile != ""), "DATABASE_URL=" + w.url.app, "REDIS_URL=" + w.redis.URL, "LINK_KEYS=" + strings.Repeat("0f", 32),
	}
	if store == nil {
		return append(env, "MEDIA_DIR="+filepath.Join(w.dir, "media")), os.MkdirAll(filepath.Join(w.dir, "media"), 0o755)
	}
	c, err := blob.ParseS3URL(store.URL + "/" + bucket)
	return append(env, "S3_ENDPOINT=http://"+c.Endpoint, "S3_BUCKET="+c.Bucket, "S3_ACCESS_KEY="+c.AccessKey, "S3_SECRET_KEY="+c.SecretKey), err
}

// serve starts the web process and waits until it is ready. Its log goes to a file, as a service's does.
func (w *world) serve(ctx context.Context, store *blobserver.Server) (*web, error) {
	return w.start(ctx, "serve", store)
}

// work starts a worker that sends mails to the server at an address, at once, and waits until it is ready.
func (w *world) work(ctx context.Context, store *blobserver.Server, smtp string) (*web, error) {
	images, err := filepath.Abs(filepath.Join(w.programs, "ouderportaal-images"))
	if err != nil {
		return nil, err
	}
	return w.start(ctx, "work", store, "DATABASE_RELAY_URL="+w.url.relay, "SMTP_URL="+smtp, "MAIL_FROM=portaal@bench.example", "MAIL_GATHER=0s", "IMAGES_PROGRAM="+images)
}

func (w *world) start(ctx context.Context, command string, store *blobserver.Server, more ...string) (*web, error) {
	addr, err := freeAddress()
	if err != nil {
		return nil, err
	}
	ops, err := freeAddress()
	if err != nil {
		return nil, err
	}
	env, err := w.environment(addr, ops, store)
	if err != nil {
		return nil, err
	}
	program, err := filepath.Abs(filepath.Join(w.programs, "ouderportaal"))
	if err != nil {
		return nil, err
	}
	began := time.Now()
	child, err := devservices.Run(program, []string{command}, append(env, more...), filepath.Join(w.dir, command+".log"))
	if err != nil {
		return nil, err
	}
	running := &web{Program: child, addr: addr, ops: ops}
	for time.Since(began) < 20*time.Second && ctx.Err() == nil {
		select {
		case <-child.Done():
			return nil, fmt.Errorf("%s: %s: %s", command, child.Ended(), child.Tail())
		default:
		}
		if saysReady(ops) {
			running.ready = time.Since(began)
			return running, nil
		}
		time.Sleep(time.Millisecond)
	}
	_ = child.Stop()
	return nil, fmt.Errorf("%s: not ready: %s", command, child.Tail())
}

// saysReady asks over a bare connection: an HTTP client that tries every millisecond takes so much of two processors that
// the program starts 7 ms later.
func saysReady(ops string) bool {
	conn, err := net.DialTimeout("tcp", ops, time.Second)
	if err != nil {
		return false
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return false
	}
	if _, err := io.WriteString(conn, "GET /readyz HTTP/1.0\r\n\r\n"); err != nil {
		return false
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// profile writes what the process does in the next seconds, one at least, into a file of the folder; wait until it is there.
// Without a folder it does nothing.
func (s *web) profile(ctx context.Context, folder, name string, d time.Duration) (wait func() error) {
	if folder == "" {
		return func() error { return nil }
	}
	var group errgroup.Group
	group.Go(func() error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", s.ops, max(1, int(d.Seconds()))), nil)
		if err != nil {
			return err
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return errors.New("profile: " + answer.Status)
		}
		out, err := os.Create(filepath.Join(folder, name+".pprof"))
		if err != nil {
			return err
		}
		_, err = io.Copy(out, answer.Body)
		return errors.Join(err, out.Close())
	})
	return group.Wait
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return "127.0.0.1:" + strconv.Itoa(l.Addr().(*net.TCPAddr).Port), nil
}
