package prefault

import (
	"syscall"
	"unsafe"
)

// chunk is what Go's heap begins with, in bytes, and the multiple at which it begins.
const chunk = 4 << 20

// populateWrite is MADV_POPULATE_WRITE (madvise(2), Linux 5.14), which package syscall does not name.
const populateWrite = 23

var (
	inHeap  *[64]byte     // keeps the object of init on the heap
	refused syscall.Errno // what the kernel said; zero is well
)

// This runs before most other packages begin: it imports nothing that they would have to wait for. An older kernel refuses,
// and of a heap that begins elsewhere only what is mapped is touched: then all is as it would have been.
func init() {
	inHeap = new([64]byte)
	start := uintptr(unsafe.Pointer(inHeap)) &^ (chunk - 1)
	_, _, refused = syscall.RawSyscall(syscall.SYS_MADVISE, start, chunk, populateWrite)
}
