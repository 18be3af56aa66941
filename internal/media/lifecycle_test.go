package media_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/media"
	"ouderportaal/internal/media/mediatest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T, cfg media.Config) *media.Processor {
	t.Helper()
	cfg.Program, cfg.Log = mediatest.Program(t), slog.New(slog.DiscardHandler)
	p, err := media.Start(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// bomb is small and keeps a program busy for seconds.
var bomb = sync.OnceValue(func() []byte { return mediatest.DeflateBombPNG(6300, 6300) })

// busy starts a photo that takes seconds, and waits until the program works on it.
func busy(t *testing.T, ctx context.Context, p *media.Processor) (answer chan error) {
	t.Helper()
	slow := bomb()
	answer = make(chan error, 1)
	go func() {
		_, err := p.Process(ctx, bytes.NewReader(slow), int64(len(slow)))
		answer <- err
	}()
	begin := highWater(t, children(t)[0])
	require.Eventually(t, func() bool { return highWater(t, children(t)[0]) > begin+8<<20 }, 10*time.Second, 10*time.Millisecond)
	return answer
}

func TestProgramThatDies(t *testing.T) {
	photo := mediatest.Photo(400, 300, 1)
	for _, c := range []struct {
		signal syscall.Signal
		code   fault.Code
		key    string
	}{
		{syscall.SIGSEGV, fault.Invalid, "media.error.too_heavy"}, // a crash comes again with the same photo
		{syscall.SIGABRT, fault.Invalid, "media.error.too_heavy"},
		{syscall.SIGKILL, fault.Unavailable, "media.error.unavailable"}, // the machine ran out of memory
	} {
		t.Run(c.signal.String(), func(t *testing.T) {
			p := start(t, media.Config{})
			before := children(t)
			answer := busy(t, t.Context(), p)
			require.NoError(t, syscall.Kill(before[0], c.signal))
			err := <-answer
			f, ok := fault.As(err)
			require.True(t, ok, "%v", err)
			require.Equal(t, c.key, f.Key, "%v", err)
			require.Equal(t, c.code, f.Code)
			mustProcess(t, p, photo)
			require.NotEqual(t, before, children(t))
		})
	}
	t.Run("between two photos", func(t *testing.T) {
		p := start(t, media.Config{})
		require.NoError(t, syscall.Kill(children(t)[0], syscall.SIGKILL))
		require.Eventually(t, func() bool { return len(children(t)) == 0 }, 5*time.Second, 10*time.Millisecond)
		mustProcess(t, p, photo)
	})
}

func TestPhotoThatTakesTooLong(t *testing.T) {
	p := start(t, media.Config{Timeout: 300 * time.Millisecond})
	begin := time.Now()
	_, err := process(t, p, bomb())
	requireRefused(t, err, "too_heavy")
	require.Less(t, time.Since(begin), 5*time.Second)
	mustProcess(t, p, mediatest.Photo(100, 80, 1))
}

func TestCallerWhoGivesUp(t *testing.T) {
	p := start(t, media.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	answer := busy(t, ctx, p)
	waiting, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	_, err := p.Process(waiting, bytes.NewReader(mediatest.Photo(50, 50, 1)), 10)
	require.ErrorIs(t, err, context.DeadlineExceeded, "one program, and it is busy")
	cancel()
	require.ErrorIs(t, <-answer, context.Canceled)
	mustProcess(t, p, mediatest.Photo(100, 80, 1))
}

func TestSourceThatFails(t *testing.T) {
	p := start(t, media.Config{})
	photo := mediatest.Photo(1600, 1200, 1)
	away := errors.New("the storage is away")
	for _, at := range []int{10, len(photo) / 2} {
		_, err := p.Process(t.Context(), io.MultiReader(bytes.NewReader(photo[:at]), failing{away}), int64(len(photo)))
		require.ErrorIs(t, err, away)
		_, err = p.Process(t.Context(), bytes.NewReader(photo[:at]), int64(len(photo)))
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	}
	mustProcess(t, p, photo)
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestManyAtOnce(t *testing.T) {
	p := start(t, media.Config{Workers: 2})
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			photo := mediatest.Photo(300+i, 200, uint64(i))
			r, err := p.Process(t.Context(), bytes.NewReader(photo), int64(len(photo)))
			if err != nil || r.Width != 300+i {
				t.Errorf("photo %d: %v", i, err)
			}
		})
	}
	group.Wait()
	require.Len(t, children(t), 2)
	require.NoError(t, p.Ping(t.Context()))
}

func TestClose(t *testing.T) {
	p, err := media.Start(media.Config{Program: mediatest.Program(t)})
	require.NoError(t, err)
	require.NotEmpty(t, children(t))
	require.NoError(t, p.Close())
	require.Empty(t, children(t))
	_, err = p.Process(t.Context(), bytes.NewReader(mediatest.Photo(50, 50, 1)), 10)
	require.Error(t, err)
}

func TestStart(t *testing.T) {
	folder := t.TempDir()
	silent, wrong := filepath.Join(folder, "silent"), filepath.Join(folder, "wrong")
	require.NoError(t, os.WriteFile(silent, []byte("#!/bin/sh\nexit 0\n"), 0o755))
	require.NoError(t, os.WriteFile(wrong, []byte("#!/bin/sh\nprintf '\\0\\0\\0\\015{\"version\":9}'; cat >/dev/null\n"), 0o755))
	for program, says := range map[string]string{
		filepath.Join(folder, "missing"): "find image program",
		silent:                           "image program ended",
		wrong:                            "install them together",
	} {
		_, err := media.Start(media.Config{Program: program})
		require.ErrorContains(t, err, says)
	}
}

// TestChildKnowsNothing: whoever takes the program over finds no secret of ours in its environment, and no open file.
func TestChildKnowsNothing(t *testing.T) {
	t.Setenv("DATABASE_URL", "postgres://geheim")
	start(t, media.Config{})
	pid := children(t)[0]
	environment, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	if err != nil {
		t.Skipf("only root may look: %v", err)
	}
	require.NotContains(t, string(environment), "geheim")
	open, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	require.NoError(t, err)
	for _, name := range open {
		target, err := os.Readlink(name)
		require.NoError(t, err)
		require.Regexp(t, `^(pipe:|anon_inode:|/proc/\d+/status$|/sys/fs/cgroup/|/proc/.*/cgroup|/dev/null)`, target)
	}
}
