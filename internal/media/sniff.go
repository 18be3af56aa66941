package media

import (
	"bytes"
	"encoding/binary"
	"strings"

	"ouderportaal/internal/media/imagewire"
)

// ContentType is the type of a photo that can be used.
type ContentType string

// The types that cameras, phones and browsers make.
const (
	JPEG ContentType = "image/jpeg"
	PNG  ContentType = "image/png"
	WebP ContentType = "image/webp"
	HEIF ContentType = "image/heic"
)

// SniffBytes is how much of the start of a file Sniff likes to see: enough to find the size in pixels behind the metadata
// that phones put first. Less is fine; then the image program finds it later.
const SniffBytes = 64 << 10

// Header is what the first bytes of a photo tell. Width and Height are 0 when they do not tell.
type Header struct {
	Type          ContentType
	Width, Height int
	// Passes says that the picture comes coarse first (progressive JPEG, interlaced PNG), so that a decoder must hold all of it.
	Passes bool
}

// Sniff tells from the first bytes and the size whether an upload can be a photo, before it is stored. It decodes nothing and
// costs nothing; a file that passes may still be refused by the image program. Errors are faults that tell people what to do.
func Sniff(head []byte, size int64) (ContentType, error) {
	h, err := Inspect(head, size)
	return h.Type, err
}

// Inspect is Sniff with what else the first bytes tell.
func Inspect(head []byte, size int64) (Header, error) {
	if size > MaxBytes {
		return Header{}, refusal(imagewire.TooLarge)
	}
	h, reason := inspect(head)
	if size == 0 {
		reason = imagewire.Empty
	}
	if reason == "" && int64(h.Width)*int64(h.Height) > MaxPixels {
		reason = imagewire.TooManyPixels
	}
	if reason != "" {
		return Header{}, refusal(reason)
	}
	return h, nil
}

func inspect(head []byte) (Header, string) {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		return inspectJPEG(head), ""
	case bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1a\n")):
		return inspectPNG(head)
	case len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WEBP":
		return inspectWebP(head)
	case len(head) >= 12 && string(head[4:8]) == "ftyp":
		return inspectHEIF(head)
	case isOtherImage(head):
		return Header{}, imagewire.Unsupported
	}
	return Header{}, imagewire.NotAnImage
}

// inspectJPEG walks the segments up to the frame header.
func inspectJPEG(head []byte) Header {
	h := Header{Type: JPEG}
	for at := 2; at+9 <= len(head); {
		marker := head[at+1]
		switch {
		case head[at] != 0xff:
			return h
		case marker == 0xff: // filler
			at++
			continue
		case marker == 0x01 || marker >= 0xd0 && marker <= 0xd8:
			at += 2
			continue
		case marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc:
			h.Height = int(binary.BigEndian.Uint16(head[at+5:]))
			h.Width = int(binary.BigEndian.Uint16(head[at+7:]))
			h.Passes = marker&3 == 2
			return h
		}
		at += 2 + int(binary.BigEndian.Uint16(head[at+2:]))
	}
	return h
}

// inspectPNG reads the header chunk, and the others up to the pixels for the one that makes it move.
func inspectPNG(head []byte) (Header, string) {
	h := Header{Type: PNG}
	if len(head) < 33 || string(head[12:16]) != "IHDR" {
		return h, imagewire.Truncated
	}
	width, height := binary.BigEndian.Uint32(head[16:]), binary.BigEndian.Uint32(head[20:])
	h.Passes = head[28] != 0
	if width > 1<<20 || height > 1<<20 {
		return h, imagewire.TooManyPixels
	}
	h.Width, h.Height = int(width), int(height)
	for at := 33; at+8 <= len(head); {
		switch string(head[at+4 : at+8]) {
		case "acTL":
			return h, imagewire.Animated
		case "IDAT":
			return h, ""
		}
		at += 12 + int(binary.BigEndian.Uint32(head[at:]))
	}
	return h, ""
}

func inspectWebP(head []byte) (Header, string) {
	h := Header{Type: WebP}
	if len(head) < 30 {
		return h, imagewire.Truncated
	}
	switch string(head[12:16]) {
	case "VP8X":
		if head[20]&0x02 != 0 {
			return h, imagewire.Animated
		}
		h.Width = 1 + int(head[24]) + int(head[25])<<8 + int(head[26])<<16
		h.Height = 1 + int(head[27]) + int(head[28])<<8 + int(head[29])<<16
	case "VP8 ":
		h.Width = int(binary.LittleEndian.Uint16(head[26:]) & 0x3fff)
		h.Height = int(binary.LittleEndian.Uint16(head[28:]) & 0x3fff)
	case "VP8L":
		bits := binary.LittleEndian.Uint32(head[21:])
		h.Width, h.Height = 1+int(bits&0x3fff), 1+int(bits>>14&0x3fff)
	default:
		return h, imagewire.NotAnImage
	}
	return h, ""
}

// inspectHEIF reads the brands. Their size in pixels is deep inside, in one of several places; libheif finds it.
func inspectHEIF(head []byte) (Header, string) {
	end := int(binary.BigEndian.Uint32(head))
	if end < 16 || end > len(head) {
		return Header{}, imagewire.NotAnImage
	}
	brands := string(head[8:12]) + string(head[16:end])
	still, other := false, false
	for at := 0; at+4 <= len(brands); at += 4 {
		switch brands[at : at+4] {
		case "heic", "heix", "heim", "heis":
			still = true
		case "avif", "avis", "jxl ", "crx ", "hevc", "hevx", "msf1", "mif1":
			other = true
		}
	}
	switch {
	case still && !strings.Contains(brands, "avif"):
		return Header{Type: HEIF}, ""
	case other:
		return Header{}, imagewire.Unsupported
	}
	return Header{}, imagewire.NotAnImage // a film, most often
}

// isOtherImage knows pictures and documents that people send by mistake and that deserve a better answer than "not an image".
func isOtherImage(head []byte) bool {
	for _, magic := range []string{"GIF8", "II*\x00", "MM\x00*", "II+\x00", "BM", "%PDF-", "8BPS", "\xff\x0a", "\x00\x00\x00\x0cJXL ", "\x00\x00\x00\x0cjP  "} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return true
		}
	}
	text := head[:min(len(head), 1024)]
	return bytes.Contains(text, []byte("<svg"))
}
