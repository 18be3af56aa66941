package main

import (
	"bytes"
	"fmt"
	"maps"
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

// mostMemory is the most that a process has held since it began, in MB.
func mostMemory(pid int) (float64, error) {
	kB, err := field("/proc/"+strconv.Itoa(pid)+"/status", "VmHWM:")
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
	for _, child := range childrenOf(pid) {
		total += ticks(child, 11, 12)
	}
	return total
}

// childrenOf gives what statOf says of the living children of a process, by their ids.
func childrenOf(pid int) map[string][]string {
	children := map[string][]string{}
	others, _ := filepath.Glob("/proc/[0-9]*")
	for _, other := range others {
		id := filepath.Base(other)
		if child := statOf(id); len(child) > 1 && child[1] == strconv.Itoa(pid) {
			children[id] = child
		}
	}
	return children
}

// outlive waits, two seconds at most, until a process has no children but those that it had before: one that has just ended
// is neither among the living nor yet among what its parent counts of the gone.
func outlive(pid int, before map[string][]string) {
	for began := time.Now(); time.Since(began) < 2*time.Second; time.Sleep(10 * time.Millisecond) {
		after := childrenOf(pid)
		maps.DeleteFunc(after, func(id string, _ []string) bool { return before[id] != nil })
		if len(after) == 0 {
			return
		}
	}
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
