// Package mediatest has what tests of photos need: the image program, photos as cameras make them, and files that hurt.
package mediatest

import (
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"ouderportaal/internal/media"
)

// Program builds the image program, once per test process, and returns its path.
func Program(tb testing.TB) string {
	tb.Helper()
	path, err := build()
	if err != nil {
		tb.Fatal(err)
	}
	return path
}

var build = sync.OnceValues(func() (string, error) {
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("mediatest: find module: %w", err)
	}
	folder := filepath.Join(strings.TrimSpace(string(root)), ".build", "test")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", fmt.Errorf("mediatest: make folder: %w", err)
	}
	// Several test processes may build at once: each to a name of its own, and the last one stays.
	path := filepath.Join(folder, media.ProgramName)
	mine := fmt.Sprintf("%s.%d", path, os.Getpid())
	out, err := exec.Command("go", "build", "-o", mine, "ouderportaal/cmd/"+media.ProgramName).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("mediatest: build image program (needs gcc, pkg-config and libvips-dev): %w\n%s", err, out)
	}
	if err := os.Rename(mine, path); err != nil {
		return "", fmt.Errorf("mediatest: put image program in place: %w", err)
	}
	return path, nil
})

// Start builds and starts the image program for the length of a test.
func Start(tb testing.TB, workers int) *media.Processor {
	tb.Helper()
	p, err := media.Start(media.Config{Program: Program(tb), Workers: workers, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = p.Close() })
	return p
}
