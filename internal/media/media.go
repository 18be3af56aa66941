// Package media makes photos fit to be shown: upright, in sRGB, in a few sizes, and without anything that the camera or the phone
// wrote beside the picture. The work is done by another program, ouderportaal-images, because decoding what strangers send is
// dangerous: it may crash, hang or eat memory, and none of that happens in this process.
package media

import (
	"embed"
	"strconv"
	"time"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/media/imagewire"
)

// Locales holds the sentences of the faults of this package.
//
//go:embed locales
var Locales embed.FS

// Limits of a photo, the same in the browser, at upload and in the image program.
const (
	MaxBytes  = imagewire.MaxBytes
	MaxPixels = imagewire.MaxPixels
)

// Retouch is what to cut off a photo and what to hide on it; a Box is a part of it. See imagewire.
type (
	Retouch = imagewire.Retouch
	Box     = imagewire.Box
)

// MaxHidden is how many places may be hidden on one photo.
const MaxHidden = imagewire.MaxHidden

// Full is the name of the file for download: the whole photo, upright and without metadata.
const Full = "full.jpg"

// LongEdges are the sizes of the WebP files, largest first, in pixels of the longer side. A smaller photo keeps its size, so every
// file is always there. The file of 640 is called "640.webp".
var LongEdges = []int{2048, 1280, 640, 320}

// WebPName is the name of the WebP file of a long edge in pixels.
func WebPName(edge int) string { return strconv.Itoa(edge) + ".webp" }

// Result is a processed photo. Width and Height are those of the full size, upright.
type Result struct {
	Width, Height int
	ThumbHash     []byte // about 25 bytes, see evanw.github.io/thumbhash
	// Taken is when the photo was taken, as its Exif writes it and unchecked: "2026:10:24 09:05:07", with the offset of the clock
	// ("+02:00") behind it where the camera knew. Empty when it does not say. No file has it.
	Taken     string
	Files     []File
	CPU       time.Duration // what it cost
	PeakBytes int64         // most memory that the image program has held since it started
}

// File is one version of a photo.
type File struct {
	Name          string // "320.webp", … or Full
	ContentType   string
	Width, Height int
	Bytes         []byte
}

// Outputs is what the image program is asked to make: the full size and the WebP sizes. Effort 2 costs a third less time than the default 4 for files that are
// hardly larger; quality 80 shows no difference on a phone.

func Outputs() []imagewire.Output {
	return append([]imagewire.Output{{Name: Full, Format: "jpeg", Quality: 88}}, WebPOutputs()...)
}

// WebPOutputs are the sizes for the screen only.
func WebPOutputs() []imagewire.Output {
	var all []imagewire.Output
	for _, edge := range LongEdges {
		all = append(all, imagewire.Output{Name: WebPName(edge), Format: "webp", LongEdge: edge, Quality: 80, Effort: 2})
	}
	return all
}

// sentences are the keys of what people read, by reason.
var sentences = map[string]string{
	imagewire.Empty:         "media.error.empty",
	imagewire.NotAnImage:    "media.error.not_an_image",
	imagewire.Unsupported:   "media.error.unsupported",
	imagewire.Animated:      "media.error.animated",
	imagewire.TooLarge:      "media.error.too_large",
	imagewire.TooManyPixels: "media.error.too_many_pixels",
	imagewire.Truncated:     "media.error.truncated",
	imagewire.TooHeavy:      "media.error.too_heavy",
}

// refusal is the sentence for somebody whose photo cannot be used. Trying again with the same file does not help.
func refusal(reason string) *fault.Error {
	key, ok := sentences[reason]
	if !ok {
		key = sentences[imagewire.TooHeavy]
	}
	return fault.New(fault.Invalid, key).With(ArgsOf(key))
}

// ArgsOf are the words that the sentence of a refusal needs.
func ArgsOf(key string) map[string]any {
	switch key {
	case sentences[imagewire.TooLarge]:
		return map[string]any{"Max": MaxBytes >> 20}
	case sentences[imagewire.TooManyPixels]:
		return map[string]any{"Max": MaxPixels / 1_000_000}
	}
	return nil
}

// ReasonOf is the opposite: one of the reasons of imagewire, or nothing.
func ReasonOf(err error) string {
	f, ok := fault.As(err)
	if !ok {
		return ""
	}
	for reason, key := range sentences {
		if key == f.Key {
			return reason
		}
	}
	return ""
}
