package devservices

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"syscall"
	"time"
)

// command is one child process to be.
type command struct {
	path  string
	args  []string
	env   []string
	dir   string
	stdin string
	log   string
	owner *owner
	// dying is what the kernel sends the child when this program is gone without a word (kill -9).
	dying syscall.Signal
}

// process is a running child.
type process struct {
	cmd  *exec.Cmd
	done chan struct{}
	log  string
}

// maxLog is how large a log may be before the next start empties it.
const maxLog = 4 << 20

// launch starts the child in a process group of its own: Ctrl-C in the terminal reaches only us, and we end the
// servers last, after the requests that still need them.
func launch(c command) (*process, error) {
	flags := os.O_CREATE | os.O_WRONLY | os.O_APPEND
	if info, err := os.Stat(c.log); err == nil && info.Size() > maxLog {
		flags |= os.O_TRUNC
	}
	log, err := os.OpenFile(c.log, flags, 0o600)
	if err != nil {
		return nil, fmt.Errorf("devservices: open log: %w", err)
	}
	defer log.Close()
	cmd := exec.Command(c.path, c.args...)
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = c.env, c.dir, log, log
	if c.stdin != "" {
		cmd.Stdin = strings.NewReader(c.stdin)
	}
	cmd.SysProcAttr = childAttributes(c.owner.credential(), c.dying)

	p := &process{cmd: cmd, done: make(chan struct{}), log: c.log}
	started := make(chan error, 1)
	go func() {
		// The death signal is tied to the thread that made the child, so that thread waits for it.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := cmd.Start(); err != nil {
			started <- err
			return
		}
		started <- nil
		_ = cmd.Wait()
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("devservices: run %s: %w", filepath.Base(c.path), err)
	}
	return p, nil
}

// stop sends the signals one after the other, ten seconds apart, and force at last.
func (p *process) stop(signals []syscall.Signal) error {
	for _, signal := range signals {
		select {
		case <-p.done:
			return nil
		default:
		}
		_ = p.cmd.Process.Signal(signal)
		select {
		case <-p.done:
			return nil
		case <-time.After(10 * time.Second):
		}
	}
	_ = p.cmd.Process.Kill()
	select {
	case <-p.done:
		return fmt.Errorf("devservices: %s did not stop by itself and was killed", filepath.Base(p.cmd.Path))
	case <-time.After(10 * time.Second):
		return fmt.Errorf("devservices: %s (process %d) cannot be stopped", filepath.Base(p.cmd.Path), p.cmd.Process.Pid)
	}
}

// tail is the end of the child's log.
func (p *process) tail() string {
	file, err := os.Open(p.log)
	if err != nil {
		return err.Error()
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.Size() > 2048 {
		_, _ = file.Seek(-2048, io.SeekEnd)
	}
	text, _ := io.ReadAll(file)
	return strings.TrimSpace(string(text))
}

// newest finds a program: the highest version in the places that distributions put it, else in PATH.
func newest(program string, patterns ...string) (string, bool) {
	var found []string
	for _, pattern := range patterns {
		matches, _ := filepath.Glob(filepath.Join(pattern, program))
		found = append(found, matches...)
	}
	sort.Slice(found, func(i, j int) bool { return versionOf(found[i]) < versionOf(found[j]) })
	if len(found) > 0 {
		return found[len(found)-1], true
	}
	path, err := exec.LookPath(program)
	return path, err == nil
}

// versionOf reads the number in a path such as /usr/lib/postgresql/15/bin/postgres; 0 when there is none.
func versionOf(path string) int {
	for part := range strings.SplitSeq(path, "/") {
		version := 0
		if _, err := fmt.Sscanf(part, "%d", &version); err == nil && version > 0 {
			return version
		}
	}
	return 0
}
