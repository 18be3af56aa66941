package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// The test runs itself again, confined, and tries what an image that has taken over would try.
const breakOut = "OUDERPORTAAL_IMAGES_BREAK_OUT"

func TestMain(m *testing.M) {
	if os.Getenv(breakOut) != "" {
		tryToBreakOut()
	}
	os.Exit(m.Run())
}

func TestConfined(t *testing.T) {
	if len(allowed) == 0 {
		t.Skip("system calls are filtered on amd64 and arm64 only")
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), breakOut+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	for _, want := range []string{
		"protections [memory syscalls]", "read file: no", "write file: no", "look at folder: no", "connect: no", "listen: no",
		"run program: no", "signal: no", "trace: no", "200 MiB: yes", "700 MiB: no",
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("want %q in\n%s", want, out)
		}
	}
}

func tryToBreakOut() {
	own, err := openMemory()
	if err != nil {
		fail(exitStart, err)
	}
	confined, err := confine(own)
	if err != nil {
		fail(exitStart, err)
	}
	fmt.Println("protections", confined)
	try := func(what string, err error) {
		switch {
		case err == nil:
			fmt.Println(what + ": yes")
		case errors.Is(err, syscall.EPERM), errors.Is(err, syscall.ENOMEM):
			fmt.Println(what + ": no")
		default:
			fmt.Println(what+": other reason:", err)
		}
	}
	_, err = os.ReadFile("/etc/passwd")
	try("read file", err)
	try("write file", os.WriteFile("/tmp/out", []byte("x"), 0o600))
	_, err = os.Stat("/tmp")
	try("look at folder", err)
	_, err = net.Dial("tcp", "127.0.0.1:5432")
	try("connect", err)
	_, err = syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	try("listen", err)
	try("run program", syscall.Exec("/bin/true", []string{"true"}, nil))
	try("signal", syscall.Kill(os.Getppid(), 0))
	try("trace", syscall.PtraceAttach(os.Getppid()))
	try("200 MiB", reserve(200<<20))
	try("700 MiB", reserve(700<<20))
	os.Exit(0)
}

func reserve(n int) error {
	data, err := syscall.Mmap(-1, 0, n, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return err
	}
	return syscall.Munmap(data)
}
