package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
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

// cpuOf is the processor time that a process has used.
func cpuOf(pid int) time.Duration {
	content, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(content), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond // the kernel counts in hundredths of a second
}

// ownCPU is the processor time of this process.
func ownCPU() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
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
