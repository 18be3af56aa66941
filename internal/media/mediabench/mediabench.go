// Package mediabench measures what a photo costs, against vipsthumbnail making the same files.
package mediabench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"ouderportaal/internal/media"
	"ouderportaal/internal/media/imagewire"
)

// Comparison holds medians over the rounds. The sizes for the screen are what both make; the full size is ours alone.
type Comparison struct {
	Rounds        int
	Ours          time.Duration // CPU: the WebP files
	Theirs        time.Duration // CPU: the same with one vipsthumbnail for each size
	Ratio         float64       // median of Ours/Theirs of each round
	OursAndFull   time.Duration // CPU: the WebP files and the full size JPEG
	TheirsAndFull time.Duration // CPU: one more vipsthumbnail for the full size
	RatioAndFull  float64
	PeakBytes     int64 // of our image program, full size included
}

// Compare converts photo in interleaved rounds. It needs vipsthumbnail in PATH (Debian: libvips-tools).
func Compare(ctx context.Context, program string, photo []byte, rounds int) (Comparison, error) {
	folder, err := os.MkdirTemp("", "mediabench")
	if err != nil {
		return Comparison{}, fmt.Errorf("mediabench: make folder: %w", err)
	}
	defer os.RemoveAll(folder)
	source := filepath.Join(folder, "photo.jpg")
	if err := os.WriteFile(source, photo, 0o600); err != nil {
		return Comparison{}, fmt.Errorf("mediabench: write photo: %w", err)
	}
	screen, err := newRunner(program, media.WebPOutputs())
	if err != nil {
		return Comparison{}, err
	}
	defer screen.Close()
	all, err := newRunner(program, media.Outputs())
	if err != nil {
		return Comparison{}, err
	}
	defer all.Close()

	c := Comparison{Rounds: rounds}
	var ours, theirs, oursFull, theirsFull, ratio, ratioFull []float64
	for range rounds {
		a, _, err := screen.cost(ctx, photo)
		if err != nil {
			return Comparison{}, err
		}
		b, err := thumbnails(ctx, source, folder, media.WebPOutputs())
		if err != nil {
			return Comparison{}, err
		}
		aFull, peak, err := all.cost(ctx, photo)
		if err != nil {
			return Comparison{}, err
		}
		bFull, err := thumbnails(ctx, source, folder, media.Outputs())
		if err != nil {
			return Comparison{}, err
		}
		c.PeakBytes = peak
		ours, theirs, ratio = append(ours, a.Seconds()), append(theirs, b.Seconds()), append(ratio, a.Seconds()/b.Seconds())
		oursFull, theirsFull = append(oursFull, aFull.Seconds()), append(theirsFull, bFull.Seconds())
		ratioFull = append(ratioFull, aFull.Seconds()/bFull.Seconds())
	}
	c.Ours, c.Theirs, c.Ratio = seconds(median(ours)), seconds(median(theirs)), median(ratio)
	c.OursAndFull, c.TheirsAndFull, c.RatioAndFull = seconds(median(oursFull)), seconds(median(theirsFull)), median(ratioFull)
	return c, nil
}

type runner struct{ *media.Processor }

func newRunner(program string, outputs []imagewire.Output) (runner, error) {
	p, err := media.Start(media.Config{Program: program, Outputs: outputs})
	return runner{p}, err
}

func (r runner) cost(ctx context.Context, photo []byte) (time.Duration, int64, error) {
	result, err := r.Process(ctx, bytes.NewReader(photo), int64(len(photo)))
	if err != nil {
		return 0, 0, err
	}
	return result.CPU, result.PeakBytes, nil
}

// thumbnails runs the peer on one core, as ours does, and counts its CPU time.
func thumbnails(ctx context.Context, source, folder string, outputs []imagewire.Output) (time.Duration, error) {
	var total time.Duration
	for _, o := range outputs {
		size, options := fmt.Sprintf("%dx%d>", o.LongEdge, o.LongEdge), fmt.Sprintf("[Q=%d,effort=%d,strip]", o.Quality, o.Effort)
		if o.Format == "jpeg" {
			size, options = "100000x100000>", fmt.Sprintf("[Q=%d,strip]", o.Quality)
		}
		cmd := exec.CommandContext(ctx, "vipsthumbnail", source, "--size", size, "-o", filepath.Join(folder, "out-"+o.Name)+options)
		cmd.Env = append(os.Environ(), "VIPS_CONCURRENCY=1")
		cmd.Stdout, cmd.Stderr = io.Discard, os.Stderr
		if err := cmd.Run(); err != nil {
			return 0, fmt.Errorf("mediabench: vipsthumbnail: %w", err)
		}
		total += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	return total, nil
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
