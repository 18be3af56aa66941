package devservices

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// shelter holds data directories of a root user whose project the service user cannot reach, such as one under /root.
const shelter = "/var/lib/ouderportaal-dev"

// home is the directory of one server: data, password, port and log, locked by the program that runs the server.
type home struct {
	dir   string
	owner *owner
	lock  *os.File
}

// owner is the unprivileged user that a server of root runs as; nil when we are not root and run it as ourselves.
type owner struct {
	name     string
	uid, gid uint32
}

// serviceUser finds the user for a server: the first of names that exists. Servers never run as root.
func serviceUser(names ...string) (*owner, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range names {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errU := strconv.ParseUint(found.Uid, 10, 32)
		gid, errG := strconv.ParseUint(found.Gid, 10, 32)
		if errU == nil && errG == nil && uid != 0 {
			return &owner{name: name, uid: uint32(uid), gid: uint32(gid)}, nil
		}
	}
	return nil, fmt.Errorf("devservices: none of the users %s exists to run the server as, and root must not: install the Debian package of the server, which makes its user",
		strings.Join(names, ", "))
}

// openHome makes the directory, gives it to the owner and locks it.
func openHome(dir string, own *owner) (*home, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("devservices: resolve %s: %w", dir, err)
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return nil, fmt.Errorf("devservices: make data directory: %w", err)
	}
	h := &home{dir: dir, owner: own}
	if h.dir, err = h.place(dir); err != nil {
		return nil, err
	}
	if err := h.lockDir(); err != nil {
		return nil, err
	}
	return h, nil
}

// place makes dir, or makes it a link to the shelter when the owner cannot reach it.
func (h *home) place(dir string) (string, error) {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return "", fmt.Errorf("devservices: make data directory: %w", err)
	}
	real, err := filepath.EvalSymlinks(dir)
	if errors.Is(err, os.ErrNotExist) { // a link whose target was removed
		if real, err = os.Readlink(dir); err == nil {
			err = os.MkdirAll(real, 0o700)
		}
	}
	if err != nil {
		return "", fmt.Errorf("devservices: resolve data directory: %w", err)
	}
	if h.owner == nil {
		return real, nil
	}
	if err := h.give(real); err != nil {
		return "", err
	}
	if h.reaches(real) {
		return real, nil
	}
	if entries, err := os.ReadDir(real); err != nil || len(entries) > 0 {
		return "", fmt.Errorf("devservices: user %s cannot reach %s, which is not empty: make its parent directories passable (chmod o+x) or remove it", h.owner.name, real)
	}
	sum := sha256.Sum256([]byte(dir))
	elsewhere := filepath.Join(shelter, hex.EncodeToString(sum[:8]))
	if err := os.MkdirAll(elsewhere, 0o700); err != nil {
		return "", fmt.Errorf("devservices: make data directory: %w", err)
	}
	if err := os.Chmod(shelter, 0o711); err != nil {
		return "", fmt.Errorf("devservices: open %s: %w", shelter, err)
	}
	if err := errors.Join(h.give(elsewhere), os.Remove(real), os.Symlink(elsewhere, real)); err != nil {
		return "", fmt.Errorf("devservices: link data directory: %w", err)
	}
	return elsewhere, nil
}

// reaches tries as the owner, because modes alone do not tell (access lists, read-only mounts).
func (h *home) reaches(dir string) bool {
	cmd := exec.Command("/bin/sh", "-c", `cd -- "$1" && test -w .`, "sh", dir)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: h.owner.credential()}
	return cmd.Run() == nil
}

// give makes the owner the owner of one file or directory.
func (h *home) give(path string) error {
	if h.owner == nil {
		return nil
	}
	if err := os.Chown(path, int(h.owner.uid), int(h.owner.gid)); err != nil {
		return fmt.Errorf("devservices: give directory to %s: %w", h.owner.name, err)
	}
	return nil
}

// write replaces a small file that only the owner reads.
func (h *home) write(name, content string) error {
	path := filepath.Join(h.dir, name)
	if err := os.WriteFile(path, []byte(content+"\n"), 0o600); err != nil {
		return fmt.Errorf("devservices: write %s: %w", name, err)
	}
	return h.give(path)
}

// lockDir keeps a second program from using the same data. The kernel drops the lock with the process, so it is never stale.
func (h *home) lockDir() error {
	file, err := os.OpenFile(filepath.Join(h.dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("devservices: open lock: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		holder := make([]byte, 16)
		n, _ := file.Read(holder)
		_ = file.Close()
		return fmt.Errorf("devservices: %s is in use by another run (process %s): stop that one first", h.dir, strings.TrimSpace(string(holder[:n])))
	}
	_ = file.Truncate(0)
	_, _ = file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	h.lock = file
	return nil
}

func (h *home) unlock() { _ = h.lock.Close() }

func (o *owner) credential() *syscall.Credential {
	if o == nil {
		return nil
	}
	return &syscall.Credential{Uid: o.uid, Gid: o.gid, Groups: []uint32{o.gid}}
}

func portFree(port int) bool {
	listener, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return false
	}
	return listener.Close() == nil
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("devservices: find a free port: %w", err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	return port, listener.Close()
}
