// Package attach keeps files that people send along with something: photos, which are made fit to share first, and documents, which are
// only ever saved. Whose they are and who may have them is for the module that has their rows.
package attach

import (
	"bytes"
	"embed"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/media"
	"ouderportaal/internal/media/imagewire"
	"ouderportaal/internal/plaintext"
)

// Locales holds the sentences of the faults of this package.
//
//go:embed locales
var Locales embed.FS

// MaxBytes is the largest file, in bytes.
const MaxBytes = media.MaxBytes

// Accepted are the types of photos and PDFs, for the dialog in which somebody chooses one. What a file is, its content says.
const Accepted = "image/jpeg,image/png,image/webp,image/heic,image/heif,.heic,.heif,application/pdf"

// Kind is what a file is.
type Kind string

// The kinds. A photo can be shown, a PDF is only ever saved.
const (
	Photo Kind = "photo"
	PDF   Kind = "pdf"
)

// State is how far a file is.
type State string

// The states. A photo begins as Uploaded, and is Ready or turns out to be no picture that can be shown; a PDF is Ready at once.
const (
	Uploaded State = "uploaded"
	Ready    State = "ready"
	Refused  State = "refused"
)

// pdfEnd is how far from its end a PDF says that it ends.
const pdfEnd = 2 << 10

// IsPDF tells by its content whether a file is a PDF, and whether it arrived whole.
func IsPDF(content []byte) (is, whole bool) {
	return bytes.HasPrefix(content, []byte("%PDF-")), bytes.Contains(content[max(0, len(content)-pdfEnd):], []byte("%%EOF"))
}

// KindOf tells by its content what a file is. Anything but a photo or a PDF is Invalid, and so is what is too large or damaged.
func KindOf(content []byte) (Kind, error) {
	if is, whole := IsPDF(content); is {
		switch {
		case len(content) > MaxBytes:
			return "", fault.New(fault.Invalid, "attach.error.pdf_too_large").With(map[string]any{"Max": MaxBytes >> 20})
		case !whole:
			return "", fault.New(fault.Invalid, "attach.error.pdf_damaged")
		}
		return PDF, nil
	}
	_, err := media.Sniff(content, int64(len(content)))
	if media.ReasonOf(err) == imagewire.NotAnImage {
		return "", fault.New(fault.Invalid, "attach.error.type")
	}
	return Photo, err
}

// FileName is the name under which a file is shown and saved.
func FileName(name string, kind Kind) string {
	if kind == Photo {
		return plaintext.FileName(name, ".jpg", "foto")
	}
	return plaintext.FileName(name, ".pdf", "bijlage")
}
