// Package devservices runs the servers that the demo and the tests need (PostgreSQL and Redis) as private
// child processes: a data directory of their own, a free port on the loopback address, a random password, never root.
// It is not for production, where these servers are somebody's work.
package devservices

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Options say how a server is started. The zero value is right for data that somebody wants to keep.
type Options struct {
	// Disposable trades durability for speed. Only for tests: after a crash the data may be broken.
	Disposable bool
	// Database is created when it does not exist yet, and named in the URL. PostgreSQL only; "" means "postgres".
	Database string
	// Settings are more settings of the server, "name=value", over ours. PostgreSQL only; the benchmarks give it memory.
	Settings []string
}

// Server is a running child process.
type Server struct {
	// URL has everything a client needs, the password included.
	URL string
	// Port is on 127.0.0.1.
	Port int
	// LogFile is where the server's own output goes.
	LogFile string

	proc    *process
	stopBy  []syscall.Signal
	release func()
	once    sync.Once
	stopErr error
}

// Stop ends the server in an orderly way and waits for it (at most 30 s before force is used). It may be called twice.
func (s *Server) Stop() error {
	s.once.Do(func() {
		s.stopErr = s.proc.stop(s.stopBy)
		s.release()
	})
	return s.stopErr
}

// Done is closed when the process is gone, asked for or not.
func (s *Server) Done() <-chan struct{} { return s.proc.done }

// PID is the process id of the server, for tests that kill it.
func (s *Server) PID() int { return s.proc.cmd.Process.Pid }

// startTries is how often another port is tried: between finding a free port and using it, somebody else may take it.
const startTries = 5

// server is what differs between the kinds of servers.
type server struct {
	name    string
	home    *home
	stopBy  []syscall.Signal
	command func(port int) command
	ready   func(ctx context.Context, port, pid int) (bool, error)
	url     func(port int) string
}

// start launches the server on the port it had last time, or on a free one, and waits until it serves.
func (k server) start(ctx context.Context) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute) // crash recovery of a large demo may take a while
	defer cancel()
	var last error
	for try := range startTries {
		port, err := k.home.port(try == 0)
		if err != nil {
			return nil, err
		}
		cmd := k.command(port)
		cmd.log = filepath.Join(k.home.dir, "server.log")
		proc, err := launch(cmd)
		if err != nil {
			return nil, fmt.Errorf("devservices: start %s: %w", k.name, err)
		}
		if last = k.await(ctx, proc, port); last == nil {
			if err := k.home.keepPort(port); err != nil {
				_ = proc.stop(k.stopBy)
				return nil, err
			}
			return &Server{URL: k.url(port), Port: port, LogFile: cmd.log, proc: proc, stopBy: k.stopBy, release: k.home.unlock}, nil
		}
		_ = proc.stop(k.stopBy)
		if ctx.Err() != nil || !strings.Contains(strings.ToLower(proc.tail()), "in use") {
			break
		}
	}
	return nil, last
}

func (k server) await(ctx context.Context, proc *process, port int) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-proc.done:
			return fmt.Errorf("devservices: %s ended while starting; the end of its log:\n%s", k.name, proc.tail())
		case <-ctx.Done():
			return fmt.Errorf("devservices: %s did not start in time: %w; the end of its log:\n%s", k.name, ctx.Err(), proc.tail())
		case <-tick.C:
			ok, err := k.ready(ctx, port, proc.cmd.Process.Pid)
			if err != nil {
				return fmt.Errorf("devservices: await %s: %w", k.name, err)
			}
			if ok {
				return nil
			}
		}
	}
}

// secret reads the password kept in the file, and makes one the first time.
func (h *home) secret() (string, error) {
	path := filepath.Join(h.dir, "password")
	kept, err := os.ReadFile(path)
	if err == nil && len(strings.TrimSpace(string(kept))) >= 32 {
		return strings.TrimSpace(string(kept)), nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("devservices: read password: %w", err)
	}
	raw := make([]byte, 24)
	rand.Read(raw) // never fails: crypto/rand ends the program instead
	password := hex.EncodeToString(raw)
	if err := h.write("password", password); err != nil {
		return "", err
	}
	return password, nil
}

// port is the one of the last run while it is free (so that a saved address keeps working), else any free one.
func (h *home) port(preferLast bool) (int, error) {
	if preferLast {
		if kept, err := os.ReadFile(filepath.Join(h.dir, "port")); err == nil {
			if port, err := strconv.Atoi(strings.TrimSpace(string(kept))); err == nil && portFree(port) {
				return port, nil
			}
		}
	}
	return freePort()
}

func (h *home) keepPort(port int) error { return h.write("port", strconv.Itoa(port)) }
