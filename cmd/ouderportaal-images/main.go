// Command ouderportaal-images turns what people upload into files that can be shown. It is the only program that loads libvips. It
// is started by the worker, speaks imagewire on its standard input and output, does one image at a time and has no
// other way to reach anything: see confine.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"ouderportaal/internal/media/imagewire"
)

// Exit codes that the client tells apart in its log.
const (
	exitStart    = 2
	exitProtocol = 3
	exitDeadline = 4
)

func main() {
	debug.SetGCPercent(50)
	runtime.GOMAXPROCS(1)
	if err := startLibrary(); err != nil {
		fail(exitStart, err)
	}
	warmUp()
	own, err := openMemory()
	if err != nil {
		fail(exitStart, err)
	}
	confined, err := confine(own)
	if err != nil {
		fail(exitStart, err)
	}
	s := server{in: os.Stdin, out: os.Stdout, own: own, confined: confined}
	if err := s.serve(); err != nil {
		fail(exitProtocol, err)
	}
}

func fail(code int, err error) {
	fmt.Fprintln(os.Stderr, "ouderportaal-images:", err)
	os.Exit(code)
}

// warmUp lets every loader fetch what it needs from disk while that is still possible.
func warmUp() {
	for kind := range formats {
		junk := []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00heicmif1 and nothing else")
		if p, _, err := openPicture(junk, kind); err == nil {
			p.close()
		}
	}
}

type server struct {
	in       io.Reader
	out      io.Writer
	own      memory
	confined []string
}

// serve answers requests until its input ends.
func (s *server) serve() error {
	for {
		var request imagewire.Request
		if err := imagewire.ReadHeader(s.in, &request); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		reply := imagewire.Reply{Version: imagewire.Version}
		if request.Size == 0 {
			reply.Library, reply.Confined = libraryVersion(), s.confined
			if err := imagewire.WriteHeader(s.out, reply); err != nil {
				return err
			}
			continue
		}
		if err := s.image(request, reply); err != nil {
			return err
		}
		tidy()
	}
}

func (s *server) image(request imagewire.Request, reply imagewire.Reply) error {
	if request.Size < 0 || request.Size > imagewire.MaxBytes {
		return fmt.Errorf("image of %d bytes", request.Size)
	}
	in := newInput(int(request.Size))
	if _, err := io.ReadFull(s.in, in.bytes()); err != nil {
		in.free()
		return fmt.Errorf("read image: %w", err)
	}
	// Code in C cannot be interrupted, only ended.
	watchdog := time.AfterFunc(time.Duration(request.Deadline)*time.Millisecond, func() {
		fail(exitDeadline, errors.New("deadline"))
	})
	before := cpu()
	c, err := convert(in, request.Outputs, request.Retouch)
	watchdog.Stop()

	reply.CPUMicros, reply.PeakKB = (cpu() - before).Microseconds(), s.own.peakKB()
	if err != nil {
		reply.Refused, reply.Detail = imagewire.TooHeavy, err.Error()
		var no refused
		if errors.As(err, &no) {
			reply.Refused, reply.Detail = no.reason, no.detail
		}
		if len(reply.Detail) > 500 {
			reply.Detail = reply.Detail[:500]
		}
		return imagewire.WriteHeader(s.out, reply)
	}
	defer c.free()
	reply.Width, reply.Height, reply.ThumbHash, reply.Taken, reply.Files = c.width, c.height, c.thumb, c.taken, c.files
	if err := imagewire.WriteHeader(s.out, reply); err != nil {
		return err
	}
	for _, o := range c.outputs {
		if _, err := s.out.Write(o.body); err != nil {
			return fmt.Errorf("write file: %w", err)
		}
		o.free()
	}
	return nil
}
