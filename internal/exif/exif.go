// Package exif writes into a JPEG when its picture was made, what is on it and where, so that every program which keeps
// photos knows. Only segments are added before the picture: not a pixel is coded again.
//
// It writes the same three ways that photo programs read: Exif 2.32 (JEITA CP-3451E, APP1), IPTC-IIM 4.2 in an Image
// Resource Block of Photoshop (APP13), and XMP (ISO 16684-1, APP1, with the IPTC Core of the IPTC Photo Metadata Standard).
package exif

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// Label is what is written into a picture. What is empty is left out.
type Label struct {
	At      time.Time // as clocks showed it where the picture was made
	Caption string
	Place   string // within the city: a house, a group
	City    string
}

// Markers of a JPEG (ITU-T T.81, table B.1).
const (
	app0 = 0xe0 // JFIF
	app1 = 0xe1
	appD = 0xed
	appF = 0xef
	com  = 0xfe
)

// Heads of the segments that labels are in.
const (
	exifHead = "Exif\x00\x00"
	xmpHead  = "http://ns.adobe.com/xap/1.0/\x00"
	iptcHead = "Photoshop 3.0\x00"
)

// mostHead bounds what is read before the picture begins, in bytes: the longest that any standard puts there is a colour profile
// in 255 segments of 64 kB (ICC.1, annex B.4). Beside it there is room for all else.
const mostHead = 20 << 20

// mostCaption keeps every segment below its limit of 64 kB, in bytes.
const mostCaption = 8000

// Write gives the picture of r with the label. A label that the picture brings of its own stays as it is: it may say which
// way is up. What is no JPEG passes unchanged, and so does one with more than 20 MiB before its picture.
func Write(r io.Reader, l Label) (io.Reader, error) {
	var head bytes.Buffer // as it was read
	unchanged := func(err error) (io.Reader, error) {
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			err = nil
		}
		return io.MultiReader(&head, r), err
	}
	// next reads n more bytes.
	next := func(n int) ([]byte, error) {
		at := head.Len()
		_, err := io.CopyN(&head, r, int64(n))
		return head.Bytes()[at:], err
	}
	if mark, err := next(2); err != nil || string(mark) != "\xff\xd8" {
		return unchanged(err)
	}
	place := head.Len() // for the label: behind JFIF, which must be first
	var has [3]bool
	for {
		mark, err := next(2)
		if err != nil {
			return unchanged(err)
		}
		if mark[0] != 0xff {
			return unchanged(nil)
		}
		marker := mark[1]
		if marker != com && (marker < app0 || marker > appF) {
			break
		}
		length, err := next(2)
		if err != nil {
			return unchanged(err)
		}
		size := int(binary.BigEndian.Uint16(length))
		if size < 2 || head.Len()+size > mostHead {
			return unchanged(nil)
		}
		start := head.Len() - 4
		body, err := next(size - 2)
		if err != nil {
			return unchanged(err)
		}
		switch {
		case marker == app0 && place == start:
			place = head.Len()
		case marker == app1 && bytes.HasPrefix(body, []byte(exifHead)):
			has[0] = true
		case marker == app1 && bytes.HasPrefix(body, []byte(xmpHead)):
			has[1] = true
		case marker == appD && bytes.HasPrefix(body, []byte(iptcHead)):
			has[2] = true
		}
	}
	l.Caption, l.Place, l.City = plain(l.Caption, mostCaption), plain(l.Place, 200), plain(l.City, 200)
	var label []byte
	for i, segment := range [][]byte{segmentOf(app1, exifHead, l.tiff()), segmentOf(app1, xmpHead, l.xmp()), segmentOf(appD, iptcHead, l.iptc())} {
		if !has[i] {
			label = append(label, segment...)
		}
	}
	return io.MultiReader(bytes.NewReader(head.Next(place)), bytes.NewReader(label), &head, r), nil
}

func segmentOf(marker byte, head string, body []byte) []byte {
	segment := binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(2+len(head)+len(body)))
	return append(append(segment, head...), body...)
}

// plain is text on one line, as every program shows it, without what no field of text has; it is cut between characters.
func plain(text string, most int) string {
	text = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, ""), func(r rune) bool { return r <= ' ' || r == 0x7f }), " ")
	return cut(text, most)
}

func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}

// Tags and types of Exif 2.32, tables 3 to 8.
const (
	imageDescription   = 0x010e
	exifPointer        = 0x8769
	exifVersion        = 0x9000
	dateTimeOriginal   = 0x9003
	dateTimeDigitized  = 0x9004
	offsetTimeOriginal = 0x9011

	ascii     = 2
	long      = 4
	undefined = 7
)

type field struct {
	tag, kind uint16
	value     []byte
}

// text is a string of Exif, which ends in NUL. The standard speaks of ASCII; every program reads and writes UTF-8 in it.
func text(tag uint16, s string) field { return field{tag, ascii, append([]byte(s), 0)} }

// tiff is the block of Exif: a directory of the picture, and one of how it was made.
func (l Label) tiff() []byte {
	const start = 8 // after the header
	made := []field{{exifVersion, undefined, []byte("0232")}}
	if !l.At.IsZero() {
		at := l.At.Format("2006:01:02 15:04:05")
		made = append(made, text(dateTimeOriginal, at), text(dateTimeDigitized, at), text(offsetTimeOriginal, l.At.Format("-07:00")))
	}
	picture := func(made int) []byte {
		var fields []field
		if l.Caption != "" {
			fields = append(fields, text(imageDescription, l.Caption))
		}
		return directory(start, append(fields, field{exifPointer, long, binary.BigEndian.AppendUint32(nil, uint32(made))}))
	}
	at := start + len(picture(0))
	block := append([]byte("MM\x00*"), 0, 0, 0, start)
	return append(append(block, picture(at)...), directory(at, made)...)
}

// directory writes fields, in the order of their tags, at a place in the block; values that do not fit in four bytes follow it.
func directory(at int, fields []field) []byte {
	out := binary.BigEndian.AppendUint16(nil, uint16(len(fields)))
	values := at + 2 + 12*len(fields) + 4
	var after []byte
	for _, f := range fields {
		count := len(f.value)
		if f.kind == long {
			count /= 4
		}
		out = binary.BigEndian.AppendUint16(out, f.tag)
		out = binary.BigEndian.AppendUint16(out, f.kind)
		out = binary.BigEndian.AppendUint32(out, uint32(count))
		if len(f.value) <= 4 {
			out = append(out, append(f.value[:len(f.value):len(f.value)], make([]byte, 4-len(f.value))...)...)
			continue
		}
		out = binary.BigEndian.AppendUint32(out, uint32(values+len(after)))
		if after = append(after, f.value...); len(after)%2 == 1 {
			after = append(after, 0)
		}
	}
	return append(append(out, 0, 0, 0, 0), after...)
}

// iptc is the image resource 0x0404 with the datasets of IPTC-IIM.
func (l Label) iptc() []byte {
	set := func(out []byte, record, number byte, value string, most int) []byte {
		if value = cut(value, most); value == "" {
			return out
		}
		out = binary.BigEndian.AppendUint16(append(out, 0x1c, record, number), uint16(len(value)))
		return append(out, value...)
	}
	data := set(nil, 1, 90, "\x1b%G", 32) // what follows is UTF-8
	data = set(data, 2, 0, "\x00\x04", 2)
	if !l.At.IsZero() {
		data = set(data, 2, 55, l.At.Format("20060102"), 8)
		data = set(data, 2, 60, l.At.Format("150405-0700"), 11)
	}
	data = set(data, 2, 90, l.City, 32)
	data = set(data, 2, 92, l.Place, 32)
	data = set(data, 2, 120, l.Caption, 2000)
	block := binary.BigEndian.AppendUint32([]byte("8BIM\x04\x04\x00\x00"), uint32(len(data)))
	if block = append(block, data...); len(data)%2 == 1 {
		block = append(block, 0)
	}
	return block
}

// xmp is the same as a packet of XMP.
func (l Label) xmp() []byte {
	var out bytes.Buffer
	out.WriteString("<?xpacket begin=\"\ufeff\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>" +
		`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""` +
		` xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/">`)
	element := func(open, value, end string) {
		if value != "" {
			out.WriteString(open)
			_ = xml.EscapeText(&out, []byte(value)) // a buffer takes everything
			out.WriteString(end)
		}
	}
	if !l.At.IsZero() {
		element("<photoshop:DateCreated>", l.At.Format("2006-01-02T15:04:05-07:00"), "</photoshop:DateCreated>")
	}
	element("<photoshop:City>", l.City, "</photoshop:City>")
	element("<Iptc4xmpCore:Location>", l.Place, "</Iptc4xmpCore:Location>")
	element(`<dc:description><rdf:Alt><rdf:li xml:lang="x-default">`, l.Caption, "</rdf:li></rdf:Alt></dc:description>")
	out.WriteString(`</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>`)
	return out.Bytes()
}
