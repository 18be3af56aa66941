// Package imagewire is what the image program and its client say to each other over a pipe: a length, a header in JSON, then bytes.
package imagewire

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
)

// Version is part of every greeting: a program of another version is refused.
const Version = 3

// Limits of what is accepted. A photo of 40 million pixels is 7300 × 5475.
const (
	MaxBytes  = 20 << 20
	MaxPixels = 40_000_000
	MaxOutput = 96 << 20
	maxHeader = 64 << 10
)

// Request asks for one image, whose Size bytes follow. Size 0 asks for a greeting only.
type Request struct {
	Size     int64    `json:"size"`
	Deadline int64    `json:"deadline_ms"` // the program ends itself when it takes longer
	Outputs  []Output `json:"outputs,omitempty"`
	Retouch  *Retouch `json:"retouch,omitempty"`
}

// Retouch is what to change in an image that is upright as it is stored. What is hidden is hidden before anything is cut off.
type Retouch struct {
	Crop *Box  `json:"crop,omitempty"` // what stays; nil: all
	Hide []Box `json:"hide,omitempty"` // made unrecognisable
}

// MaxHidden is how many places may be hidden on one image.
const MaxHidden = 60

// Box is a part of an image: its corner at the left and top, and its size, each from 0 to 1 of the image's width or height.
type Box struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
	W float64 `json:"w"`
	H float64 `json:"h"`
}

// Valid tells whether the box lies within an image and has a size.
func (b Box) Valid() bool {
	return b.X >= 0 && b.Y >= 0 && b.W > 0 && b.H > 0 && b.X+b.W <= 1.000001 && b.Y+b.H <= 1.000001
}

// Output describes a file to be made. The long edge never exceeds LongEdge, 0 keeps the size; nothing is ever enlarged.
type Output struct {
	Name     string `json:"name"`
	Format   string `json:"format"` // jpeg or webp
	LongEdge int    `json:"long_edge"`
	Quality  int    `json:"quality"`
	Effort   int    `json:"effort,omitempty"` // webp, 0 to 6
}

// Reply is followed by the bytes of Files, in order.
type Reply struct {
	Version   int      `json:"version"`
	Library   string   `json:"library,omitempty"`
	Confined  []string `json:"confined,omitempty"` // which protections hold
	Refused   string   `json:"refused,omitempty"`  // one of the Refused constants
	Detail    string   `json:"detail,omitempty"`   // for the log
	Width     int      `json:"width,omitempty"`    // upright
	Height    int      `json:"height,omitempty"`
	ThumbHash []byte   `json:"thumb_hash,omitempty"`
	Taken     string   `json:"taken,omitempty"` // when, as Exif writes it: "2026:10:24 09:05:07", and "+02:00" behind it where the camera knew
	Files     []File   `json:"files,omitempty"`
	CPUMicros int64    `json:"cpu_us,omitempty"`  // what this image cost, on all threads
	PeakKB    int64    `json:"peak_kb,omitempty"` // most memory the program ever held
}

// File is one output.
type File struct {
	Name        string `json:"name"`
	ContentType string `json:"content_type"`
	Width       int    `json:"width"`
	Height      int    `json:"height"`
	Size        int64  `json:"size"`
}

// Why an image is refused; each is the end of a locale key media.error.….
const (
	Empty         = "empty"
	Unsupported   = "unsupported"
	NotAnImage    = "not_an_image"
	Animated      = "animated"
	TooLarge      = "too_large"
	TooManyPixels = "too_many_pixels"
	Truncated     = "truncated"
	TooHeavy      = "too_heavy"
)

// WriteHeader writes a Request or a Reply.
func WriteHeader(w io.Writer, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("imagewire: encode header: %w", err)
	}
	if len(raw) > maxHeader {
		return fmt.Errorf("imagewire: header of %d bytes", len(raw))
	}
	frame := binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(raw)), uint32(len(raw)))
	if _, err := w.Write(append(frame, raw...)); err != nil {
		return fmt.Errorf("imagewire: write header: %w", err)
	}
	return nil
}

// ReadHeader reads a Request or a Reply. It returns io.EOF when the other side has closed between two frames.
func ReadHeader(r io.Reader, v any) error {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		if err == io.EOF {
			return err
		}
		return fmt.Errorf("imagewire: read length: %w", err)
	}
	n := binary.BigEndian.Uint32(length[:])
	if n > maxHeader {
		return fmt.Errorf("imagewire: header of %d bytes", n)
	}
	raw := make([]byte, n)
	if _, err := io.ReadFull(r, raw); err != nil {
		return fmt.Errorf("imagewire: read header: %w", err)
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return fmt.Errorf("imagewire: decode header: %w", err)
	}
	return nil
}
