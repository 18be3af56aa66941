package media

import "syscall"

// childAttributes put the program in a group of its own, so that Ctrl-C in a terminal lets us finish, and end it with us.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
