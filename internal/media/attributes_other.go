//go:build !linux

package media

import "syscall"

// childAttributes put the program in a group of its own. It ends when its input is closed.
func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
