package mediatest

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"math/rand/v2"
)

const pngMagic = "\x89PNG\r\n\x1a\n"

func header(width, height uint32, depth, colourType, interlace byte) []byte {
	body := binary.BigEndian.AppendUint32(nil, width)
	body = binary.BigEndian.AppendUint32(body, height)
	return pngChunk("IHDR", append(body, depth, colourType, 0, 0, interlace))
}

// BombPNG claims a size and holds nothing.
func BombPNG(width, height uint32) []byte {
	return bytes.Join([][]byte{[]byte(pngMagic), header(width, height, 8, 2, 0), pngChunk("IDAT", deflated(1000)), pngChunk("IEND", nil)}, nil)
}

// DeflateBombPNG is a real PNG of 16 bits a channel with transparency, black all over: a few hundred kB that unpack to 8 bytes a pixel.
func DeflateBombPNG(width, height uint32) []byte { return blackPNG(width, height, 16, 0) }

// InterlacedPNG is a real PNG with transparency, nothing to see all over, that comes in seven passes: a decoder must hold all of it.
func InterlacedPNG(width, height uint32, depth byte) []byte { return blackPNG(width, height, depth, 1) }

func blackPNG(width, height uint32, depth, interlace byte) []byte {
	rows := func(w, h int64) int64 {
		if w == 0 {
			return 0
		}
		return h * (1 + w*4*int64(depth/8))
	}
	w, h := int64(width), int64(height)
	zeros := rows(w, h)
	if interlace == 1 {
		zeros = rows((w+7)/8, (h+7)/8) + rows((w+3)/8, (h+7)/8) + rows((w+3)/4, (h+3)/8) + rows((w+1)/4, (h+3)/4) +
			rows((w+1)/2, (h+1)/4) + rows(w/2, (h+1)/2) + rows(w, h/2)
	}
	return bytes.Join([][]byte{
		[]byte(pngMagic), header(width, height, depth, 6, interlace), pngChunk("IDAT", deflated(zeros)), pngChunk("IEND", nil),
	}, nil)
}

// ProfileBombPNG is a small PNG with a colour profile and a text that unpack to 256 MiB each.
func ProfileBombPNG() []byte {
	plain := PNG(Picture(40, 30, 1))
	bomb := deflated(256 << 20)
	at := len(pngMagic) + 25
	return bytes.Join([][]byte{
		plain[:at], pngChunk("iCCP", append([]byte("x\x00\x00"), bomb...)), pngChunk("zTXt", append([]byte("x\x00\x00"), bomb...)), plain[at:],
	}, nil)
}

// deflated is a zlib stream of so many zeros. A MiB of them is compressed, and that piece repeated.
func deflated(zeros int64) []byte {
	var b bytes.Buffer
	b.WriteString("\x78\x9c")
	w, _ := flate.NewWriter(&b, flate.DefaultCompression) // fails only for a level that does not exist
	piece := make([]byte, 1<<20)
	left := zeros
	if pieces := zeros / int64(len(piece)); pieces > 1 {
		_, _ = w.Write(piece)
		_ = w.Flush()
		start := b.Len()
		_, _ = w.Write(piece)
		_ = w.Flush()
		again := bytes.Clone(b.Bytes()[start:])
		for range pieces - 2 {
			b.Write(again)
		}
		left -= pieces * int64(len(piece))
	}
	_, _ = w.Write(make([]byte, left))
	_ = w.Close()
	return binary.BigEndian.AppendUint32(b.Bytes(), uint32(zeros%65521)<<16|1) // Adler-32 of zeros
}

// PNG encodes an image.
func PNG(img image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err) // only images too large for PNG
	}
	return b.Bytes()
}

// Transparent is a picture of which the left half shows nothing and the right half is half there.
func Transparent(width, height int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := width / 2; x < width; x++ {
			img.Set(x, y, color.NRGBA{R: 0, G: 0, B: 255, A: 128})
		}
	}
	return img
}

// AnimatedPNG is a PNG that browsers play.
func AnimatedPNG() []byte {
	plain := PNG(Picture(40, 30, 1))
	at := len(pngMagic) + 25
	return bytes.Join([][]byte{plain[:at], pngChunk("acTL", []byte{0, 0, 0, 2, 0, 0, 0, 0}), plain[at:]}, nil)
}

// AnimatedGIF has two frames.
func AnimatedGIF() []byte {
	frame := func(c color.Color) *image.Paletted {
		return image.NewPaletted(image.Rect(0, 0, 30, 20), color.Palette{c, color.White})
	}
	var b bytes.Buffer
	_ = gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{frame(color.Black), frame(color.White)}, Delay: []int{10, 10}})
	return b.Bytes()
}

// AnimatedWebP plays two frames of the picture in a plain lossy WebP. Without its flag in the header it hides that.
func AnimatedWebP(still []byte, width, height int, flag bool) []byte {
	frame := make([]byte, 16)
	put24(frame[6:], width-1)
	put24(frame[9:], height-1)
	put24(frame[12:], 100)
	frame = append(frame, still[12:]...)
	extended := make([]byte, 10)
	if flag {
		extended[0] = 0x02
	}
	put24(extended[4:], width-1)
	put24(extended[7:], height-1)
	return riff(riffChunk("VP8X", extended), riffChunk("ANIM", make([]byte, 6)), riffChunk("ANMF", frame), riffChunk("ANMF", frame))
}

// HugeWebP claims a canvas of 268 million pixels.
func HugeWebP(still []byte) []byte {
	extended := make([]byte, 10)
	put24(extended[4:], 16383)
	put24(extended[7:], 16383)
	return riff(riffChunk("VP8X", extended), still[12:])
}

func riff(chunks ...[]byte) []byte {
	body := append([]byte("WEBP"), bytes.Join(chunks, nil)...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

func riffChunk(kind string, body []byte) []byte {
	raw := append(binary.LittleEndian.AppendUint32([]byte(kind), uint32(len(body))), body...)
	if len(body)%2 == 1 {
		raw = append(raw, 0)
	}
	return raw
}

func put24(at []byte, v int) { at[0], at[1], at[2] = byte(v), byte(v>>8), byte(v>>16) }

// HugeJPEG claims 65,535 × 65,535 pixels in its header.
func HugeJPEG() []byte {
	raw := Photo(64, 64, 1)
	at := bytes.Index(raw, []byte{0xff, 0xc0})
	copy(raw[at+5:], "\xff\xff\xff\xff")
	return raw
}

// Noise is random bytes.
func Noise(n int) []byte {
	r := rand.New(rand.NewPCG(7, 7))
	raw := make([]byte, n)
	for i := range raw {
		raw[i] = byte(r.Uint32())
	}
	return raw
}

// Renamed are files that are no photos, under the name of one. The second value is the reason that people deserve to hear.
func Renamed() map[string][2]string {
	return map[string][2]string{
		"svg":    {`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd"/></svg>`, "unsupported"},
		"tiff":   {"II*\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00", "unsupported"},
		"pdf":    {"%PDF-1.7\n1 0 obj<<>>endobj", "unsupported"},
		"bmp":    {"BM\x46\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00", "unsupported"},
		"avif":   {"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1miaf", "unsupported"},
		"html":   {"<!doctype html><title>hallo</title>", "not_an_image"},
		"mvg":    {"push graphic-context\nviewbox 0 0 640 480\nimage over 0,0 0,0 'https://example.org/x.png'", "not_an_image"},
		"zip":    {"PK\x03\x04\x14\x00\x00\x00", "not_an_image"},
		"film":   {"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00isommp42", "not_an_image"},
		"letter": {"Lieve juf, hierbij de foto.", "not_an_image"},
	}
}
