package demo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/media/mediatest"
)

// terminal keeps what the demo writes, for a test that waits for a line.
type terminal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *terminal) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *terminal) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func (s *terminal) await(t *testing.T, pattern string) []string {
	t.Helper()
	wanted := regexp.MustCompile(pattern)
	for range 600 {
		if found := wanted.FindStringSubmatch(s.String()); found != nil {
			return found
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("the demo never said %q; it said:\n%s", pattern, s)
	return nil
}

// program builds the real program; the build cache makes it quick after the first time.
func program(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "ouderportaal")
	out, err := exec.Command("go", "build", "-o", path, "ouderportaal/cmd/ouderportaal").CombinedOutput()
	require.NoError(t, err, string(out))
	return path
}

// running starts a demo in dir and gives its screen and how to stop it.
func running(t *testing.T, opts Options) (*terminal, func() error) {
	t.Helper()
	screen := &terminal{}
	opts.Out = screen
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, opts) }()
	var once sync.Once
	var err error
	stop := func() error {
		once.Do(func() { cancel(); err = <-ended })
		return err
	}
	t.Cleanup(func() { _ = stop() })
	return screen, stop
}

func TestRun(t *testing.T) {
	if os.Getenv("TEST_DATABASE_URL") == "" {
		t.Skip("starts servers of its own, but needs them installed: run it with make test")
	}
	dir, err := os.MkdirTemp("", "demo-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o711)) // the servers' users pass through
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	bin := program(t, dir)
	taken, err := listenFrom(18080)
	require.NoError(t, err)
	defer taken.Close()
	wanted := taken.Addr().(*net.TCPAddr).Port
	opts := Options{Dir: filepath.Join(dir, "data"), Port: wanted, InboxPort: 18025, Serve: []string{bin, "serve"}, Work: []string{bin, "work"},
		Environ: []string{"PATH=" + os.Getenv("PATH"), "IMAGES_PROGRAM=" + mediatest.Program(t), "OPS_ADDR=127.0.0.1:1"}}

	began := time.Now()
	screen, stop := running(t, opts)
	screen.await(t, `Ouderportaal runs`)
	t.Logf("first start: %v", time.Since(began).Round(10*time.Millisecond))
	port, err := strconv.Atoi(screen.await(t, `kinderopvangbathmen\.ouderportaal\.localhost:(\d+)`)[1])
	require.NoError(t, err)
	require.NotEqual(t, wanted, port, "the wanted port was taken")
	screen.await(t, fmt.Sprintf(`port %d is taken, so the pages are on %d`, wanted, port))
	require.Contains(t, screen.String(), Password)
	for _, l := range Logins() {
		require.Contains(t, screen.String(), l.Email)
	}

	status, page := get(t.Context(), fmt.Sprintf("http://127.0.0.1:%d/inloggen", port), fmt.Sprintf("klaproos.%s:%d", BaseDomain, port))
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, page, "Klaproos")
	status, _ = get(t.Context(), screen.await(t, `All mail +(http://127\.0\.0\.1:\d+)`)[1]+"/", "")
	require.Equal(t, http.StatusOK, status)

	t.Run("brings back a worker that was killed", func(t *testing.T) {
		pid, err := strconv.Atoi(screen.await(t, `kill -9 (\d+)`)[1])
		require.NoError(t, err)
		require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
		again := screen.await(t, `the worker ended \(signal: killed\) and was started again \(process (\d+)\)`)[1]
		require.NotEqual(t, strconv.Itoa(pid), again)
	})
	t.Run("keeps its secrets to itself", func(t *testing.T) {
		for _, name := range []string{"secrets.json", "serve.log", "work.log"} {
			info, err := os.Stat(filepath.Join(opts.Dir, name))
			require.NoError(t, err)
			require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), name)
		}
		kept, err := openSecrets(filepath.Join(opts.Dir, "secrets.json"))
		require.NoError(t, err)
		for _, secret := range []string{kept.App, kept.Relay, kept.Platform, kept.LinkKey} {
			require.NotContains(t, screen.String(), secret)
			for _, log := range []string{"serve.log", "work.log"} {
				text, err := os.ReadFile(filepath.Join(opts.Dir, log))
				require.NoError(t, err)
				require.NotContains(t, string(text), secret)
			}
		}
	})
	t.Run("stops all that it started", func(t *testing.T) {
		require.NoError(t, stop())
		order := regexp.MustCompile(`stopped (.+)`).FindAllStringSubmatch(screen.String(), -1)
		var stopped []string
		for _, line := range order {
			stopped = append(stopped, line[1])
		}
		require.Equal(t, []string{"the worker", "the web process", "the inbox", "the push service", "the mail catcher", "Redis", "PostgreSQL"}, stopped)
		for _, pid := range regexp.MustCompile(`process (\d+)\)`).FindAllStringSubmatch(screen.String(), -1) {
			n, _ := strconv.Atoi(pid[1])
			require.ErrorIs(t, syscall.Kill(n, 0), syscall.ESRCH, pid[1])
		}
	})
	t.Run("checks itself and is quick the second time", func(t *testing.T) {
		opts.Check = true
		began := time.Now()
		screen, stop := running(t, opts)
		screen.await(t, `Ouderportaal runs`)
		t.Logf("second start: %v", time.Since(began).Round(10*time.Millisecond))
		screen.await(t, `Checked: every organisation answers`)
		screen.await(t, `Everything has stopped`)
		require.NoError(t, stop())
		require.NotContains(t, screen.String(), "filling three organisations")
	})
}

func TestRunSaysWhatIsMissing(t *testing.T) {
	err := Run(t.Context(), Options{Dir: t.TempDir(), Out: io.Discard, Environ: []string{"IMAGES_PROGRAM=/nowhere/ouderportaal-images"}, Serve: []string{"/nowhere/x"}, Work: []string{"/nowhere/x"}})
	require.ErrorContains(t, err, "make demo builds it")
	err = Run(t.Context(), Options{Dir: t.TempDir(), Out: io.Discard, Serve: []string{"/nowhere/x"}, Work: []string{"/nowhere/x"},
		Environ: []string{"IMAGES_PROGRAM=/bin/true", "DATABASE_URL=not an address", "REDIS_URL=redis://127.0.0.1:1/0", "SMTP_URL=smtp://127.0.0.1:1"}})
	require.ErrorContains(t, err, "DATABASE_URL is not an address")
}

func TestEnvironReplacesWhatIsOurs(t *testing.T) {
	d := &demo{Options: Options{Environ: []string{"HOME=/home/x", "DATABASE_URL_FILE=/run/secrets/db", "DATABASE_OWNER_URL=postgres://o@h/d", "OPS_ADDR=0.0.0.0:9", "LOG_LEVEL=warn"}}}
	d.services.mediaDir, d.services.database.app = "/data/media", "postgres://app@h/d"
	got := strings.Join(d.environ(4242), "\n")
	require.Contains(t, got, "HOME=/home/x")
	require.Contains(t, got, "OPS_ADDR=127.0.0.1:4242")
	require.Contains(t, got, "DATABASE_URL=postgres://app@h/d")
	require.Contains(t, got, "LOG_LEVEL=warn")
	for _, never := range []string{"_FILE", "OWNER", "0.0.0.0"} {
		require.NotContains(t, got, never)
	}
}
