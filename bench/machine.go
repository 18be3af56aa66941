package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// field reads the number behind a name in a file of /proc.
func field(file, name string) (int64, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	for text := range strings.Lines(string(content)) {
		if rest, ok := strings.CutPrefix(text, name); ok {
			return strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
		}
	}
	return 0, fmt.Errorf("%s has no %s", file, name)
}

// rss is the memory that a process holds, in MB.
func rss(pid int) (float64, error) {
	kB, err := field("/proc/"+strconv.Itoa(pid)+"/status", "VmRSS:")
	return float64(kB) / 1024, err
}

// cpuOf is the processor time that a process has used; with its children, also what those used, living and gone.
func cpuOf(pid int, children bool) time.Duration {
	fields := statOf(strconv.Itoa(pid))
	total := ticks(fields, 11, 12)
	if !children || fields == nil {
		return total
	}
	total += ticks(fields, 13, 14)
	others, _ := filepath.Glob("/proc/[0-9]*")
	for _, other := range others {
		if child := statOf(filepath.Base(other)); len(child) > 1 && child[1] == strconv.Itoa(pid) {
			total += ticks(child, 11, 12)
		}
	}
	return total
}

// statOf gives the fields of a process behind its name: state, parent, …
func statOf(pid string) []string {
	content, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return nil
	}
	return strings.Fields(string(content[bytes.LastIndexByte(content, ')')+1:]))
}

func ticks(fields []string, which ...int) (total time.Duration) {
	for _, i := range which {
		if i < len(fields) {
			n, _ := strconv.ParseInt(fields[i], 10, 64)
			total += time.Duration(n) * 10 * time.Millisecond // the kernel counts in hundredths of a second
		}
	}
	return total
}

// machine says what kind of machine this is, and nothing about whose.
func machine() string {
	model := runtime.GOARCH
	if content, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for text := range strings.Lines(string(content)) {
			if name, value, ok := strings.Cut(text, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	memory, _ := field("/proc/meminfo", "MemTotal:")
	return fmt.Sprintf("%d cores (%s), %d GB, %s, %s", runtime.NumCPU(), model, (memory+1<<19)>>20, runtime.GOOS, runtime.Version())
}
