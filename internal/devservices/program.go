package devservices

import (
	"fmt"
	"os"
	"syscall"
	"time"
)

// Program is a child process of ours beside the servers: the demo's own web and worker processes. Like the servers it is
// in a process group of its own, so that Ctrl-C in a terminal ends only us, and on Linux it ends when we are killed.
type Program struct {
	proc  *process
	began time.Time
}

// Run starts path with args and env. What it prints goes to the end of logFile, which is emptied when it is over 4 MiB.
func Run(path string, args, env []string, logFile string) (*Program, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, fmt.Errorf("devservices: run %s: %w", path, err)
	}
	proc, err := launch(command{path: path, args: args, env: env, dir: dir, log: logFile, dying: syscall.SIGTERM})
	if err != nil {
		return nil, err
	}
	return &Program{proc: proc, began: time.Now()}, nil
}

// Done is closed when the process is gone.
func (p *Program) Done() <-chan struct{} { return p.proc.done }

// PID is its process id.
func (p *Program) PID() int { return p.proc.cmd.Process.Pid }

// Age is how long ago it was started.
func (p *Program) Age() time.Duration { return time.Since(p.began) }

// Ended says how it ended, "exit status 1" or "signal: killed"; only after Done.
func (p *Program) Ended() string { return p.proc.cmd.ProcessState.String() }

// Tail is the end of its log.
func (p *Program) Tail() string { return p.proc.tail() }

// Stop asks it to end and waits; after 30 s it is ended by force.
func (p *Program) Stop() error {
	return p.proc.stop([]syscall.Signal{syscall.SIGTERM, syscall.SIGTERM, syscall.SIGTERM})
}
