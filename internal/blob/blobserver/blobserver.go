// Package blobserver runs a real S3 server as a child process, for tests and benchmarks: versitygw or MinIO, on a free port of
// the loopback interface, with its data in a folder of the caller.
package blobserver

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Kind names a server, which is also the name of its program.
type Kind string

// The servers that can be started.
const (
	Versity Kind = "versitygw"
	MinIO   Kind = "minio"
)

// Server is a running server.
type Server struct {
	Kind Kind
	URL  string // for blob.ParseS3URL, without the bucket: http://key:secret@127.0.0.1:port
	cmd  *exec.Cmd
	done chan struct{}
	log  bytes.Buffer
}

const startTimeout = 30 * time.Second

// Start runs the program of that kind found in programs, or else in PATH, and waits until it answers. Data goes to folder.
func Start(ctx context.Context, kind Kind, programs, folder string) (*Server, error) {
	program, err := Find(kind, programs)
	if err != nil {
		return nil, err
	}
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	access, secret := rand.Text(), rand.Text()
	args, env, health, err := recipe(kind, address, folder)
	if err != nil {
		return nil, err
	}
	s := &Server{Kind: kind, URL: "http://" + access + ":" + secret + "@" + address, done: make(chan struct{})}
	s.cmd = exec.Command(program, args...)
	s.cmd.Env = append(os.Environ(), env[0]+"="+access, env[1]+"="+secret) // not in the arguments, which every user of the machine can read
	s.cmd.Stdout, s.cmd.Stderr = &s.log, &s.log
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("blobserver: start %s: %w", kind, err)
	}
	go func() {
		_ = s.cmd.Wait()
		close(s.done)
	}()
	if err := s.await(ctx, "http://"+address+health); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

// Find returns the path of the program of a kind: in the folder programs, or in PATH.
func Find(kind Kind, programs string) (string, error) {
	if programs != "" {
		path := filepath.Join(programs, string(kind))
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return filepath.Abs(path)
		}
	}
	path, err := exec.LookPath(string(kind))
	if err != nil {
		return "", fmt.Errorf("blobserver: find %s: %w", kind, err)
	}
	return path, nil
}

// recipe is what internal/blob/README.md says in words.
func recipe(kind Kind, address, folder string) (args []string, env [2]string, health string, err error) {
	data := filepath.Join(folder, "data")
	sidecar := filepath.Join(folder, "sidecar") // not every file system has extended attributes
	if err := errors.Join(os.MkdirAll(data, 0o700), os.MkdirAll(sidecar, 0o700)); err != nil {
		return nil, env, "", fmt.Errorf("blobserver: make folder: %w", err)
	}
	switch kind {
	case Versity:
		args = []string{"--port", address, "--keep-alive", "--quiet", "--health", "/health", "posix", "--sidecar", sidecar, data}
		return args, [2]string{"ROOT_ACCESS_KEY_ID", "ROOT_SECRET_ACCESS_KEY"}, "/health", nil
	case MinIO:
		args = []string{"server", "--quiet", "--address", address, "--console-address", "127.0.0.1:0", data}
		return args, [2]string{"MINIO_ROOT_USER", "MINIO_ROOT_PASSWORD"}, "/minio/health/ready", nil
	}
	return nil, env, "", fmt.Errorf("blobserver: unknown server %q", kind)
}

func (s *Server) await(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Second}
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		if answer, err := client.Do(request); err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("blobserver: wait for %s: %w", s.Kind, ctx.Err())
		case <-s.done:
			return fmt.Errorf("blobserver: %s ended at start: %s", s.Kind, s.log.String())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Stop ends the server and waits until it is gone. It may be called twice.
func (s *Server) Stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.done:
	case <-time.After(5 * time.Second):
		_ = s.cmd.Process.Kill()
		<-s.done
	}
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("blobserver: find a free port: %w", err)
	}
	address := l.Addr().String()
	return address, l.Close()
}
