package procmem

import (
	"syscall"
	"unsafe"
)

// chunk is what Go's heap begins with, in bytes, and the multiple at which it begins.
const chunk = 4 << 20

// Advice of madvise(2) that package syscall does not name; both are of Linux 5.14.
const (
	populateRead  = 22
	populateWrite = 23
)

var (
	inHeap  *[64]byte     // keeps the object of init on the heap
	program []extent      // where the file of the program is mapped to be read or run
	refused syscall.Errno // what the kernel said last, when it was not well
)

type extent struct{ start, length uintptr }

// This runs before most other packages begin: it imports nothing that they would have to wait for. An older kernel refuses,
// and of a heap that begins elsewhere only what is mapped is touched: then all is as it would have been.
func init() {
	inHeap = new([64]byte)
	advise(extent{uintptr(unsafe.Pointer(inHeap)) &^ (chunk - 1), chunk}, populateWrite)
	program = readOnly(maps())
	for _, e := range program {
		advise(e, populateRead)
	}
}

// Release lets go of the pages of the program's file. Those that are needed again come back at their next touch, from the
// memory in which the kernel keeps files; those that only the start needed do not.
func Release() {
	for _, e := range program {
		advise(e, syscall.MADV_DONTNEED)
	}
}

func advise(e extent, advice uintptr) {
	if _, _, problem := syscall.RawSyscall(syscall.SYS_MADVISE, e.start, e.length, advice); problem != 0 {
		refused = problem
	}
}

// maps reads the beginning of the list of what is mapped where, which is about the file of the program.
func maps() []byte {
	file, err := syscall.Open("/proc/self/maps", syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	defer syscall.Close(file)
	list := make([]byte, 2048)
	n, err := syscall.Read(file, list)
	if err != nil {
		return nil
	}
	return list[:n]
}

// readOnly gives the extents at the beginning of a list, as proc(5) has it, that are of the same file as the first and cannot
// be written: "00400000-01840000 r-xp 00000000 fe:00 10420653 /usr/bin/ouderportaal".
func readOnly(list []byte) []extent {
	var found []extent
	var file string
	for len(list) > 0 {
		var fields [5]string // range, permissions, offset, device, inode
		at := 0
		for ; at < len(list) && list[at] != '\n'; at++ {
		}
		if at == len(list) {
			break // the line is cut
		}
		line := string(list[:at])
		list = list[at+1:]
		for n := range fields {
			end := 0
			for ; end < len(line) && line[end] != ' '; end++ {
			}
			fields[n], line = line[:end], line[min(end+1, len(line)):]
		}
		if file == "" {
			file = fields[3] + fields[4]
		}
		if fields[3]+fields[4] != file || fields[4] == "0" {
			break
		}
		if start, end, ok := bounds(fields[0]); ok && len(fields[1]) == 4 && fields[1][1] == '-' {
			found = append(found, extent{start, end - start})
		}
	}
	return found
}

// bounds reads "00400000-01840000".
func bounds(text string) (start, end uintptr, ok bool) {
	for i := range len(text) {
		switch c := text[i]; {
		case c == '-':
			start, end = end, 0
			ok = true
		case c >= '0' && c <= '9':
			end = end<<4 | uintptr(c-'0')
		case c >= 'a' && c <= 'f':
			end = end<<4 | uintptr(c-'a'+10)
		default:
			return 0, 0, false
		}
	}
	return start, end, ok && end > start
}
