package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"ouderportaal/internal/media/imagewire"
)

// child is one running image program. It is used by one goroutine at a time.
type child struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    io.ReadCloser
	stderr tail
	served int
	killed atomic.Bool   // by us
	done   chan struct{} // closed when the program has ended; exit is set by then
	exit   error
}

// What became of a program: it ended in the middle of an image, or before it had heard of one.
var (
	errDied    = errors.New("image program ended")
	errUnasked = errors.New("image program was not there to be asked")
)

func startChild(program string) (*child, error) {
	c := &child{cmd: exec.Command(program), done: make(chan struct{})}
	// It gets no environment, and with that no secret: not the database, not the storage.
	c.cmd.Env = []string{"LC_ALL=C", "VIPS_WARNING=0", "GOTRACEBACK=none"}
	c.cmd.Dir = "/"
	c.cmd.SysProcAttr = childAttributes()
	c.cmd.Stderr = &c.stderr
	var err error
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("media: start image program: %w", err)
	}
	if c.out, err = c.cmd.StdoutPipe(); err != nil {
		return nil, fmt.Errorf("media: start image program: %w", err)
	}
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("media: start image program: %w", err)
	}
	go func() {
		c.exit = c.cmd.Wait() // closes the pipes too, and a dead program has nothing more to say
		close(c.done)
	}()
	return c, nil
}

// greet asks who is there. It is also how health is checked.
func (c *child) greet(ctx context.Context) error {
	reply, err := c.ask(ctx, imagewire.Request{}, nil)
	if err != nil {
		return err
	}
	if reply.Version != imagewire.Version {
		return fmt.Errorf("media: image program speaks version %d, this program %d: install them together", reply.Version, imagewire.Version)
	}
	return nil
}

// ask sends a request with its body and waits for the header of the reply. When ctx ends the program is killed, for nothing
// else stops a decoder.
func (c *child) ask(ctx context.Context, request imagewire.Request, body []byte) (imagewire.Reply, error) {
	stop := context.AfterFunc(ctx, c.kill)
	defer stop()
	var reply imagewire.Reply
	if err := imagewire.WriteHeader(c.in, request); err != nil {
		return reply, fmt.Errorf("%w: %w", errUnasked, c.died(ctx, err))
	}
	if _, err := c.in.Write(body); err != nil {
		return reply, c.died(ctx, err)
	}
	if err := imagewire.ReadHeader(c.out, &reply); err != nil {
		return reply, c.died(ctx, err)
	}
	return reply, nil
}

// receive reads the files of a reply.
func (c *child) receive(ctx context.Context, reply imagewire.Reply) ([]File, error) {
	stop := context.AfterFunc(ctx, c.kill)
	defer stop()
	var total int64
	for _, f := range reply.Files {
		if f.Size < 0 || f.Size > imagewire.MaxOutput || total+f.Size > imagewire.MaxOutput {
			c.kill()
			return nil, fmt.Errorf("media: image program announces %d bytes", f.Size)
		}
		total += f.Size
	}
	files := make([]File, 0, len(reply.Files))
	for _, f := range reply.Files {
		raw := make([]byte, f.Size)
		if _, err := io.ReadFull(c.out, raw); err != nil {
			return nil, c.died(ctx, err)
		}
		files = append(files, File{Name: f.Name, ContentType: f.ContentType, Width: f.Width, Height: f.Height, Bytes: raw})
	}
	return files, nil
}

// died explains a broken conversation: our own doing when ctx has ended, else that of the program.
func (c *child) died(ctx context.Context, cause error) error {
	select {
	case <-c.done:
	case <-time.After(time.Second): // it broke off but lives
		c.kill()
		<-c.done
	}
	if ctx.Err() != nil {
		return fmt.Errorf("media: image program: %w", context.Cause(ctx))
	}
	return fmt.Errorf("media: %w (%w; %w; %q)", errDied, cause, c.exit, c.stderr.String())
}

// endedByOthers tells that a signal from outside ended the program: the machine ran out of memory, or goes down. That
// says nothing about the image.
func (c *child) endedByOthers() bool {
	var exit *exec.ExitError
	if c.killed.Load() || !errors.As(c.exit, &exit) {
		return false
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && (status.Signal() == syscall.SIGKILL || status.Signal() == syscall.SIGTERM)
}

func (c *child) alive() bool {
	if c.killed.Load() {
		return false
	}
	select {
	case <-c.done:
		return false
	default:
		return true
	}
}

func (c *child) kill() {
	c.killed.Store(true)
	_ = c.cmd.Process.Kill()
}

// close lets the program end by itself, and kills it when it does not.
func (c *child) close() {
	_ = c.in.Close()
	select {
	case <-c.done:
	case <-time.After(2 * time.Second):
		c.kill()
		<-c.done
	}
}

// tail keeps the last words of a program for the log.
type tail struct {
	mu  sync.Mutex
	raw []byte
}

const tailBytes = 2 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.raw = append(t.raw, p...)
	if over := len(t.raw) - tailBytes; over > 0 {
		t.raw = append(t.raw[:0], t.raw[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.raw)
}
