// With-services runs a command, usually go test, with private servers around it:
//
//	go run ./internal/devservices/cmd/with-services [-s3 versitygw,minio] -- go test ./...
//
// The command finds TEST_DATABASE_URL (the superuser's), TEST_REDIS_URL and, with -s3, TEST_S3_ENDPOINTS
// ("versitygw=http://key:secret@127.0.0.1:port/bucket,minio=…") in its environment. The servers and their data are gone
// when it ends; its exit code is ours.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"ouderportaal/internal/devservices"
)

func main() {
	stores := flag.String("s3", "", "object stores to start, separated by commas: versitygw, minio")
	programs := flag.String("bin", ".build/bin", "directory with the programs of the object stores")
	dir := flag.String("dir", "", "directory for the data, kept afterwards; default a temporary one")
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "usage: with-services [-s3 versitygw,minio] [-bin dir] [-dir dir] -- command [arguments]")
		os.Exit(2)
	}
	code, err := run(*stores, *programs, *dir, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "with-services:", err)
		if code == 0 {
			code = 1
		}
	}
	os.Exit(code)
}

func run(stores, programs, dir string, args []string) (code int, err error) {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if dir == "" {
		if dir, err = os.MkdirTemp("", "ouderportaal-test-"); err != nil {
			return 1, fmt.Errorf("make temporary directory: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	if err := os.Chmod(dir, 0o711); err != nil { // the servers' users pass through, each to its own directory
		return 1, fmt.Errorf("open temporary directory: %w", err)
	}
	began := time.Now()
	servers, env, err := startAll(ctx, stores, programs, dir)
	defer func() {
		for _, server := range servers {
			err = errors.Join(err, server.Stop())
		}
	}()
	if err != nil {
		return 1, err
	}
	fmt.Fprintf(os.Stderr, "with-services: %d servers ready in %d ms\n", len(servers), time.Since(began).Milliseconds())
	cancel() // from here on a signal is for the command; the servers stop after it
	return command(args, env)
}

// startAll starts the servers side by side; those that did start are returned also when another did not.
func startAll(ctx context.Context, stores, programs, dir string) ([]*devservices.Server, []string, error) {
	var mu sync.Mutex
	var running sync.WaitGroup
	var servers []*devservices.Server
	var env, endpoints []string
	var failures []error
	start := func(keep func(url string), open func() (*devservices.Server, error)) {
		running.Go(func() {
			server, err := open()
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failures = append(failures, err)
				return
			}
			servers = append(servers, server)
			keep(server.URL)
		})
	}
	disposable := devservices.Options{Disposable: true}
	start(func(url string) { env = append(env, "TEST_DATABASE_URL="+url) },
		func() (*devservices.Server, error) {
			return devservices.Postgres(ctx, filepath.Join(dir, "postgres"), disposable)
		})
	start(func(url string) { env = append(env, "TEST_REDIS_URL="+url) },
		func() (*devservices.Server, error) {
			return devservices.Redis(ctx, filepath.Join(dir, "redis"), disposable)
		})
	for kind := range strings.SplitSeq(stores, ",") {
		if kind == "" {
			continue
		}
		start(func(url string) { endpoints = append(endpoints, kind+"="+url) },
			func() (*devservices.Server, error) {
				return devservices.S3(ctx, kind, filepath.Join(programs, kind), filepath.Join(dir, kind), "ouderportaal-test")
			})
	}
	running.Wait()
	if len(endpoints) > 0 {
		env = append(env, "TEST_S3_ENDPOINTS="+strings.Join(endpoints, ","))
	}
	return servers, env, errors.Join(failures...)
}

// command runs args and returns its exit code. Ctrl-C in a terminal reaches the command by itself; SIGTERM is handed on.
func command(args, env []string) (int, error) {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := cmd.Start(); err != nil {
		return 127, fmt.Errorf("start %s: %w", args[0], err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	for {
		select {
		case sig := <-signals:
			if sig != os.Interrupt {
				_ = cmd.Process.Signal(sig)
			}
		case err := <-done:
			var exit *exec.ExitError
			if err != nil && !errors.As(err, &exit) {
				return 1, fmt.Errorf("run %s: %w", args[0], err)
			}
			code := cmd.ProcessState.ExitCode()
			if code < 0 { // ended by a signal: what a shell says of that
				code = 128 + int(cmd.ProcessState.Sys().(syscall.WaitStatus).Signal())
			}
			return code, nil
		}
	}
}
