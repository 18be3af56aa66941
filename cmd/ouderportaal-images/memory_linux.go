package main

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
)

var (
	dataLine = regexp.MustCompile(`VmData:\s+(\d+) kB`)
	peakLine = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)
)

// memory reads what the system says about our own memory. It stays open because confine lets nothing be opened after it. The
// simpler getrusage would count the memory of the program that started us as well.
type memory struct{ status *os.File }

func openMemory() (memory, error) {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return memory{}, fmt.Errorf("read memory use: %w", err)
	}
	return memory{f}, nil
}

// peakKB is the most memory that the program ever held.
func (m memory) peakKB() int64 {
	kb, err := m.read(peakLine)
	if err != nil {
		return 0
	}
	return int64(kb)
}

// data is how much writable memory the program has now, in bytes.
func (m memory) data() (uint64, error) {
	kb, err := m.read(dataLine)
	return kb << 10, err
}

func (m memory) read(line *regexp.Regexp) (uint64, error) {
	raw := make([]byte, 8<<10)
	n, _ := m.status.ReadAt(raw, 0)
	match := line.FindSubmatch(raw[:n])
	if match == nil {
		return 0, fmt.Errorf("read memory use: no %s", line)
	}
	return strconv.ParseUint(string(match[1]), 10, 64)
}
