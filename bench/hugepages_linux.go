package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

const (
	hugePages   = "/proc/sys/vm/nr_hugepages"
	hugePageMB  = 2
	serverExtra = 256 // MB that PostgreSQL shares between its processes beside its buffers
)

// reserveHugePages sets memory aside in pages of 2 MB for a PostgreSQL with so many MB of buffers, as its manual advises for
// buffers of this size, and gives back what undoes it. With pages of 4 kB every new connection has a million of them to be
// told of, one fault at a time; where the machine is a virtual one that costs twenty times the query that is measured.
func reserveHugePages(buffers int) (undo func(), err error) {
	undo = func() {}
	before, err := os.ReadFile(hugePages)
	if err != nil {
		return undo, fmt.Errorf("huge pages: %w", err)
	}
	free, err := field("/proc/meminfo", "HugePages_Free:")
	if err != nil {
		return undo, fmt.Errorf("huge pages: %w", err)
	}
	total, err := field("/proc/meminfo", "HugePages_Total:")
	if err != nil {
		return undo, fmt.Errorf("huge pages: %w", err)
	}
	promised, err := field("/proc/meminfo", "HugePages_Rsvd:") // to others, who have not touched them yet
	if err != nil {
		return undo, fmt.Errorf("huge pages: %w", err)
	}
	wanted := int64(buffers+serverExtra)/hugePageMB + total - free + promised
	if wanted <= total {
		return undo, nil
	}
	undo = func() { _ = os.WriteFile(hugePages, before, 0) }
	// Free memory lies in pieces, between pages of files that can be read again: a compact one without them gives more of it.
	var got int64
	for _, ask := range []string{"compact_memory", "drop_caches", "compact_memory"} {
		_ = os.WriteFile(filepath.Join(filepath.Dir(hugePages), ask), []byte("1"), 0)
		if err := os.WriteFile(hugePages, []byte(strconv.FormatInt(wanted, 10)), 0); err != nil {
			return undo, fmt.Errorf("huge pages: %w", err)
		}
		if got, err = field("/proc/meminfo", "HugePages_Total:"); err == nil && got >= wanted {
			return undo, nil
		}
	}
	return undo, fmt.Errorf("huge pages: the machine gives %d of %d", got, wanted)
}
