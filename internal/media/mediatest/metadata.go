package mediatest

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
)

// Secrets are words that a Tell puts in its metadata. None may be in anything that is shown.
var Secrets = []string{"GEHEIM-MODEL", "GEHEIM-XMP", "GEHEIM-IPTC", "GEHEIM-COMMENT", "GEHEIM-THUMB", "<script>alert(1)</script>", "PK\x03\x04"}

// Tell adds to a JPEG all that phones and programs write beside the picture: EXIF with the camera, the place (52.3° N, 6.2° E), the
// orientation and a thumbnail, XMP, IPTC, and a comment with HTML; and after its end a ZIP file.
func Tell(jpeg []byte, orientation int) []byte {
	var b bytes.Buffer
	b.Write(jpeg[:2])
	b.Write(segment(0xe1, exif(orientation)))
	b.Write(segment(0xe1, []byte("http://ns.adobe.com/xap/1.0/\x00"+xmp)))
	b.Write(segment(0xed, append([]byte("Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00\x00\x10\x1c\x02\x78\x00\x0b"), "GEHEIM-IPTC"...)))
	b.Write(segment(0xfe, []byte("GEHEIM-COMMENT <script>alert(1)</script>")))
	b.Write(jpeg[2:])
	b.WriteString("PK\x03\x04\x14\x00 and the rest of a ZIP file")
	return b.Bytes()
}

const xmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
	`<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" dc:source="GEHEIM-XMP"/></rdf:RDF></x:xmpmeta>`

func segment(marker byte, body []byte) []byte {
	head := []byte{0xff, marker, 0, 0}
	binary.BigEndian.PutUint16(head[2:], uint16(len(body)+2))
	return append(head, body...)
}

// exif is a TIFF file in memory: a directory with camera and orientation, one with the place, and one with a thumbnail.
func exif(orientation int) []byte {
	const ifd0, model, gps, place, ifd1 = 8, 62, 80, 134, 182
	thumb := JPEG(Picture(32, 24, 9), 50)
	thumb = append(append(thumb[:2:2], segment(0xfe, []byte("GEHEIM-THUMB"))...), thumb[2:]...)
	const thumbAt = ifd1 + 2 + 3*12 + 4
	t := make([]byte, thumbAt, thumbAt+len(thumb))
	copy(t, "MM\x00*\x00\x00\x00\x08")
	directory(t[ifd0:], ifd1,
		entry{0x0100, 3, 1, 0}, entry{0x0110, 2, 13, model}, entry{0x0112, 3, 1, uint32(orientation) << 16}, entry{0x8825, 4, 1, gps})
	copy(t[model:], "GEHEIM-MODEL\x00")
	directory(t[gps:], 0,
		entry{1, 2, 2, 'N' << 24}, entry{2, 5, 3, place}, entry{3, 2, 2, 'E' << 24}, entry{4, 5, 3, place + 24})
	for i, v := range []uint32{52, 1, 18, 1, 0, 1, 6, 1, 12, 1, 0, 1} {
		binary.BigEndian.PutUint32(t[place+4*i:], v)
	}
	directory(t[ifd1:], 0, entry{0x0103, 3, 1, 6 << 16}, entry{0x0201, 4, 1, thumbAt}, entry{0x0202, 4, 1, uint32(len(thumb))})
	return append([]byte("Exif\x00\x00"), append(t, thumb...)...)
}

type entry struct {
	tag, kind    uint16
	count, value uint32
}

func directory(at []byte, next uint32, entries ...entry) {
	binary.BigEndian.PutUint16(at, uint16(len(entries)))
	for i, e := range entries {
		p := at[2+12*i:]
		binary.BigEndian.PutUint16(p, e.tag)
		binary.BigEndian.PutUint16(p[2:], e.kind)
		binary.BigEndian.PutUint32(p[4:], e.count)
		binary.BigEndian.PutUint32(p[8:], e.value)
	}
	binary.BigEndian.PutUint32(at[2+12*len(entries):], next)
}

// Turned is the picture as a camera stores it that notes this EXIF orientation: turning it upright gives img again.
func Turned(img image.Image, orientation int) image.Image {
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	outW, outH := w, h
	if orientation >= 5 {
		outW, outH = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, outW, outH))
	for y := range h {
		for x := range w {
			tx, ty := stored(orientation, x, y, w, h)
			out.Set(tx, ty, img.At(x, y))
		}
	}
	return out
}

// stored is where a camera keeps the pixel at (x, y) of the upright picture.
func stored(orientation, x, y, w, h int) (int, int) {
	switch orientation {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return y, w - 1 - x
	case 7:
		return h - 1 - y, w - 1 - x
	case 8:
		return h - 1 - y, x
	}
	return x, y
}

// Corners names the colours of the four corners of a Picture, as "red green blue light" when it is upright.
func Corners(img image.Image) string {
	b := img.Bounds()
	dx, dy := b.Dx()/6, b.Dy()/6
	return colour(img.At(b.Min.X+dx, b.Min.Y+dy)) + " " + colour(img.At(b.Max.X-dx, b.Min.Y+dy)) + " " +
		colour(img.At(b.Min.X+dx, b.Max.Y-dy)) + " " + colour(img.At(b.Max.X-dx, b.Max.Y-dy))
}

func colour(c color.Color) string {
	r, g, b, _ := c.RGBA()
	most, least := max(r, g, b), min(r, g, b)
	switch {
	case most-least < 0x2000:
		return "light"
	case r == most:
		return "red"
	case g == most:
		return "green"
	}
	return "blue"
}

func pngChunk(kind string, body []byte) []byte {
	raw := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	raw = append(append(raw, kind...), body...)
	return binary.BigEndian.AppendUint32(raw, crc32.ChecksumIEEE(raw[4:]))
}

// Taken adds to a JPEG when it was taken, as Exif writes it ("2026:10:24 09:05:07"), and the offset of the camera's clock ("+02:00").
func Taken(jpeg []byte, at, offset string) []byte {
	const ifd0, made, values = 8, 26, 56
	t := make([]byte, values)
	copy(t, "MM\x00*\x00\x00\x00\x08")
	directory(t[ifd0:], 0, entry{0x8769, 4, 1, made})
	directory(t[made:], 0, entry{0x9003, 2, uint32(len(at) + 1), values}, entry{0x9011, 2, uint32(len(offset) + 1), uint32(values + len(at) + 1)})
	t = append(t, at+"\x00"+offset+"\x00"...)
	return append(append(jpeg[:2:2], segment(0xe1, append([]byte("Exif\x00\x00"), t...))...), jpeg[2:]...)
}
