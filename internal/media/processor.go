package media

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/media/imagewire"
)

// ProgramName is the image program, which is installed beside the main one.
const ProgramName = "ouderportaal-images"

// Config says how photos are processed. The zero value is right for a worker with one or two cores.
type Config struct {
	Program string             // path of the image program; empty: beside this program, or else in PATH
	Workers int                // photos at the same time, each up to a few 100 MB; 0: one
	Timeout time.Duration      // for one photo; 0: 30 seconds
	Log     *slog.Logger       // nil: the default
	Outputs []imagewire.Output // empty: Outputs()
}

// A program is replaced now and then, so that nothing a photo left behind in it can pile up.
const imagesPerProgram = 500

// A program is there within a tenth of a second, on a machine that has nothing else to do.
const startTimeout = 15 * time.Second

var (
	errTimeout = errors.New("photo takes too long")
	errClosed  = errors.New("media: processor is closed")
)

// Processor hands photos to image programs. It is safe for concurrent use; who comes when all are busy waits.
type Processor struct {
	program string
	timeout time.Duration
	log     *slog.Logger
	outputs []imagewire.Output
	slots   chan *child   // as many as workers; nil stands for a program not started yet
	closing chan struct{} // closed by Close
}

// Start finds the image program and sees that one is there and speaks our language. The others start when they are needed.
func Start(cfg Config) (*Processor, error) {
	program, err := findProgram(cfg.Program)
	if err != nil {
		return nil, err
	}
	workers := max(1, cfg.Workers)
	p := &Processor{
		program: program,
		timeout: cmp.Or(cfg.Timeout, 30*time.Second),
		log:     cmp.Or(cfg.Log, slog.Default()),
		outputs: cfg.Outputs,
		slots:   make(chan *child, workers),
		closing: make(chan struct{}),
	}
	if len(p.outputs) == 0 {
		p.outputs = Outputs()
	}
	for range workers {
		p.slots <- nil
	}
	if err := p.Ping(context.Background()); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

func findProgram(path string) (string, error) {
	if path == "" {
		if self, err := os.Executable(); err == nil {
			path = filepath.Join(filepath.Dir(self), ProgramName)
		}
		if _, err := os.Stat(path); err != nil {
			path = ProgramName
		}
	}
	found, err := exec.LookPath(path)
	if err != nil {
		return "", fmt.Errorf("media: find image program: %w", err)
	}
	return filepath.Abs(found)
}

// Ping tells whether photos can be processed now. It waits for a free program and starts one if need be.
func (p *Processor) Ping(ctx context.Context) error {
	c, err := p.take(ctx)
	if err != nil {
		return err
	}
	defer func() { p.giveBack(c) }()
	if c, err = p.running(ctx, c); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	return c.greet(ctx)
}

// Process reads size bytes of a photo from r and makes all its versions. What is wrong with the photo is a fault of code
// Invalid, and the same every time; Unavailable means that trying again later makes sense. Any other error is that of r or of ctx.
func (p *Processor) Process(ctx context.Context, r io.Reader, size int64) (*Result, error) {
	return p.Retouch(ctx, r, size, nil)
}

// Retouch is Process for a photo of which something is to be cut off or hidden; it must be upright as it is stored, as the
// full-size picture of Process is. What was there before is in none of the versions.
func (p *Processor) Retouch(ctx context.Context, r io.Reader, size int64, how *imagewire.Retouch) (*Result, error) {
	// Most of what is no photo is seen here, and no program has to look at it.
	head := make([]byte, min(max(size, 0), SniffBytes))
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, fmt.Errorf("media: read image: %w", err)
	}
	if _, err := Sniff(head, size); err != nil {
		return nil, err
	}
	c, err := p.take(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { p.giveBack(c) }()
	// All of it is read before the clock starts: a slow storage must not make a good photo look heavy.
	raw := append(make([]byte, 0, size), head...)[:size]
	if _, err := io.ReadFull(r, raw[len(head):]); err != nil {
		return nil, fmt.Errorf("media: read image: %w", err)
	}

	if c, err = p.running(ctx, c); err != nil {
		return nil, err
	}
	c.served++
	limited, cancel := context.WithTimeoutCause(ctx, p.timeout, errTimeout)
	defer cancel()
	// The program ends itself a little later than we would end it, for the case that we are gone by then.
	request := imagewire.Request{Size: size, Deadline: (p.timeout + time.Second).Milliseconds(), Outputs: p.outputs, Retouch: how}
	reply, err := c.ask(limited, request, raw)
	if errors.Is(err, errUnasked) && limited.Err() == nil { // it ended since it was looked at, and the next is as good
		if c, err = p.running(ctx, c); err != nil {
			return nil, err
		}
		c.served++
		reply, err = c.ask(limited, request, raw)
	}
	if err != nil {
		return nil, p.explain(ctx, c, err)
	}
	if reply.Refused != "" {
		p.log.InfoContext(ctx, "photo refused", "reason", reply.Refused, "detail", reply.Detail)
		return nil, refusal(reply.Refused).Wrap(errors.New(reply.Detail))
	}
	files, err := c.receive(limited, reply)
	if err != nil {
		return nil, p.explain(ctx, c, err)
	}
	return &Result{
		Width: reply.Width, Height: reply.Height, ThumbHash: reply.ThumbHash, Taken: reply.Taken, Files: files,
		CPU: time.Duration(reply.CPUMicros) * time.Microsecond, PeakBytes: reply.PeakKB << 10,
	}, nil
}

// explain decides whether the photo or the machine is to blame for a program that ended.
func (p *Processor) explain(ctx context.Context, c *child, err error) error {
	switch {
	case errors.Is(err, errTimeout):
		p.log.WarnContext(ctx, "photo takes too long", "timeout", p.timeout)
		return refusal(imagewire.TooHeavy).Wrap(err)
	case !errors.Is(err, errDied):
		return err
	case c.endedByOthers():
		p.log.ErrorContext(ctx, "image program was ended", "error", err)
		return unavailable(err)
	}
	p.log.ErrorContext(ctx, "image program crashed", "error", err)
	return refusal(imagewire.TooHeavy).Wrap(err)
}

func unavailable(cause error) error {
	return fault.New(fault.Unavailable, "media.error.unavailable").After(30 * time.Second).Wrap(cause)
}

// take waits for a free place.
func (p *Processor) take(ctx context.Context) (*child, error) {
	select {
	case <-p.closing:
		return nil, errClosed
	default:
	}
	select {
	case c := <-p.slots:
		return c, nil
	case <-p.closing:
		return nil, errClosed
	case <-ctx.Done():
		return nil, fmt.Errorf("media: wait for image program: %w", ctx.Err())
	}
}

// running gives c when it can go on, or a fresh program in its place.
func (p *Processor) running(ctx context.Context, c *child) (*child, error) {
	if c != nil && c.alive() && c.served < imagesPerProgram {
		return c, nil
	}
	if c != nil {
		c.close()
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	fresh, err := startChild(p.program)
	if err != nil {
		return nil, unavailable(err)
	}
	if err := fresh.greet(ctx); err != nil {
		fresh.kill()
		fresh.close()
		return nil, unavailable(err)
	}
	return fresh, nil
}

func (p *Processor) giveBack(c *child) { p.slots <- c }

// Close waits for the photos in work and ends the programs. Processing after it fails.
func (p *Processor) Close() error {
	close(p.closing)
	for range cap(p.slots) {
		if c := <-p.slots; c != nil {
			c.close()
		}
	}
	return nil
}
