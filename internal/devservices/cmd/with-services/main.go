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
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"ouderportaal/internal/blob/blobserver"
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
	stops, env, err := startAll(ctx, stores, programs, dir)
	defer func() {
		for _, stop := range stops {
			err = errors.Join(err, stop())
		}
	}()
	if err != nil {
		return 1, err
	}
	fmt.Fprintf(os.Stderr, "with-services: %d servers ready in %d ms\n", len(stops), time.Since(began).Milliseconds())
	cancel() // from here on a signal is for the command; the servers stop after it
	return command(args, env)
}

// startAll starts the servers side by side. What did start can be stopped also when another did not.
func startAll(ctx context.Context, stores, programs, dir string) (stops []func() error, env []string, err error) {
	var mu sync.Mutex
	var starting sync.WaitGroup
	var endpoints []string
	start := func(open func() (stop func() error, keep func(), err error)) {
		starting.Go(func() {
			stop, keep, openErr := open()
			mu.Lock()
			defer mu.Unlock()
			if openErr != nil {
				err = errors.Join(err, openErr)
				return
			}
			stops = append(stops, stop)
			keep()
		})
	}
	variable := func(name string, open func(context.Context, string, devservices.Options) (*devservices.Server, error), folder string) {
		start(func() (func() error, func(), error) {
			server, err := open(ctx, filepath.Join(dir, folder), devservices.Options{Disposable: true})
			if err != nil {
				return nil, nil, err
			}
			return server.Stop, func() { env = append(env, name+"="+server.URL) }, nil
		})
	}
	variable("TEST_DATABASE_URL", devservices.Postgres, "postgres")
	variable("TEST_REDIS_URL", devservices.Redis, "redis")
	for kind := range strings.SplitSeq(stores, ",") {
		if kind == "" {
			continue
		}
		start(func() (func() error, func(), error) {
			server, err := blobserver.Start(ctx, blobserver.Kind(kind), programs, filepath.Join(dir, kind))
			if err != nil {
				return nil, nil, err
			}
			stop := func() error { server.Stop(); return nil }
			return stop, func() { endpoints = append(endpoints, kind+"="+server.URL+"/ouderportaal-test") }, nil
		})
	}
	starting.Wait()
	if len(endpoints) > 0 {
		slices.Sort(endpoints)
		env = append(env, "TEST_S3_ENDPOINTS="+strings.Join(endpoints, ","))
	}
	return stops, env, err
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
