package main

import (
	"runtime"
	"syscall"
	"time"
)

// cpu is the time that all threads of the program have worked.
func cpu() time.Duration {
	u := usage()
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peakKB is the most memory the program ever held.
func peakKB() int64 {
	most := int64(usage().Maxrss)
	if runtime.GOOS == "darwin" {
		most >>= 10 // bytes there
	}
	return most
}

func usage() (u syscall.Rusage) {
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // fails only for a bad argument
	return u
}
