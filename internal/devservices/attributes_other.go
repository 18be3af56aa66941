//go:build !linux

package devservices

import "syscall"

// Only Linux can end a child with its parent; elsewhere a killed demo leaves its servers, and the next start ends them.
func childAttributes(who *syscall.Credential, _ syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: who, Setpgid: true}
}
