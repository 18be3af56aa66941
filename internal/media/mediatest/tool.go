package mediatest

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// Remade runs the vips command on a file and returns what it made: for the formats that Go cannot write. The command is the
// name of an operation; target has the ending of the wanted format, with the options of its saver, such as "out.heic[Q=60]".
// Without the program, or when its library cannot write the format, the test is skipped.
func Remade(tb testing.TB, raw []byte, target, operation string, args ...string) []byte {
	tb.Helper()
	program, err := exec.LookPath("vips")
	if err != nil {
		tb.Skip("vips is not installed (Debian: libvips-tools)")
	}
	folder := tb.TempDir()
	source := filepath.Join(folder, "source")
	if err := os.WriteFile(source, raw, 0o600); err != nil {
		tb.Fatal(err)
	}
	out := filepath.Join(folder, target)
	command := slices.Concat([]string{operation, source, out}, args)
	if text, err := exec.Command(program, command...).CombinedOutput(); err != nil {
		tb.Skipf("vips cannot make %s: %v: %s", target, err, text)
	}
	names, err := filepath.Glob(filepath.Join(folder, "out*"))
	if err != nil || len(names) != 1 {
		tb.Fatalf("vips made %v: %v", names, err)
	}
	made, err := os.ReadFile(names[0])
	if err != nil {
		tb.Fatal(err)
	}
	return made
}
