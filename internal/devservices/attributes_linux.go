package devservices

import "syscall"

func childAttributes(who *syscall.Credential, dying syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: who, Setpgid: true, Pdeathsig: dying}
}
