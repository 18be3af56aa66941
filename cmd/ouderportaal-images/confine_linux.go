package main

import (
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// memoryBudget is what one image may need on top of what the program has after its start. A decoder that wants more is refused by
// the system, and the client says that the photo is too heavy.
const memoryBudget = 448 << 20

// confine gives up, for good, everything that converting images does not need: files, network, other processes, and more than a
// measured amount of memory. A decoder that an image has taken over finds itself with two pipes and nothing else.
func confine(own memory) ([]string, error) {
	data, err := own.data()
	if err != nil {
		return nil, err
	}
	for limit, value := range map[int]uint64{
		unix.RLIMIT_DATA:  data + memoryBudget, // counts what is used, not what is merely reserved, as RLIMIT_AS does
		unix.RLIMIT_CORE:  0,                   // a core file would hold somebody's photo
		unix.RLIMIT_FSIZE: 0,
	} {
		if err := unix.Setrlimit(limit, &unix.Rlimit{Cur: value, Max: value}); err != nil {
			return nil, fmt.Errorf("limit resource %d: %w", limit, err)
		}
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return nil, fmt.Errorf("forbid tracing: %w", err)
	}
	confined := []string{"memory"}
	if len(allowed) == 0 {
		return confined, nil
	}
	if err := filterSyscalls(); err != nil {
		return nil, err
	}
	return append(confined, "syscalls"), nil
}

// filterSyscalls lets all threads make the calls of the list only; any other fails with EPERM.
func filterSyscalls() error {
	program := []unix.SockFilter{
		load(4), // which machine the number is meant for
		jumpIfEqual(auditArch, 1, 0),
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_KILL_PROCESS},
		load(0), // the number
	}
	for _, number := range allowed {
		program = append(program, jumpIfEqual(uint32(number), 0, 1), unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW})
	}
	program = append(program, unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)})

	runtime.LockOSThread() // what follows is about this thread first, and TSYNC takes the others along
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("give up privileges: %w", err)
	}
	filter := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	failed, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&filter)))
	if errno != 0 || failed != 0 {
		return fmt.Errorf("filter system calls: %w", errno)
	}
	return nil
}

func load(offset uint32) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset}
}

func jumpIfEqual(value uint32, yes, no uint8) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: value, Jt: yes, Jf: no}
}
