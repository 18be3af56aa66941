package house

import (
	"bytes"
	"image"
	_ "image/jpeg" // what a logo may be
	"image/png"
	"sync"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // what a logo may be

	"ouderportaal/internal/fault"
)

// What a logo may be when it is sent, and is when it is kept.
const (
	MaxLogoBytes  = 2 << 20 // of the file
	maxLogoPixels = 4 << 20 // of the picture in it: decoding it takes 16 MB
	maxLogoSide   = 8 << 10 // pixels: making a thin strip smaller takes memory for each of them
	logoSide      = 512     // pixels of the longest side of what is kept
	keptBytes     = 512 << 10
)

// drawing is one logo at a time, whoever sends them: a picture takes a thousand times the memory of its file.
var drawing sync.Mutex

// redraw decodes a PNG, JPEG or WebP with Go's own decoders, which cannot write where they should not, and draws it anew as a PNG:
// nothing of the file itself is ever sent to anybody. An SVG is a document that may run things, and is refused like whatever
// else is no picture.
func redraw(file []byte) ([]byte, error) {
	var problems fault.Fields
	if len(file) == 0 {
		problems.Add("logo", "house.error.logo_missing")
		return nil, problems.Err()
	}
	if len(file) > MaxLogoBytes {
		problems.Add("logo", "house.error.logo_bytes", map[string]any{"Max": MaxLogoBytes >> 20})
		return nil, problems.Err()
	}
	size, _, err := image.DecodeConfig(bytes.NewReader(file))
	if err != nil || size.Width < 1 || size.Height < 1 {
		problems.Add("logo", "house.error.logo_kind")
		return nil, problems.Err()
	}
	if size.Width > maxLogoPixels/size.Height || max(size.Width, size.Height) > maxLogoSide {
		problems.Add("logo", "house.error.logo_pixels")
		return nil, problems.Err()
	}
	drawing.Lock()
	defer drawing.Unlock()
	picture, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		problems.Add("logo", "house.error.logo_kind")
		return nil, problems.Err()
	}
	for side := logoSide; ; side /= 2 {
		drawn, err := scaled(picture, side)
		if err != nil || len(drawn) <= keptBytes {
			return drawn, err
		}
	}
}

// scaled makes a picture smaller until it fits into a square; it is never made larger.
func scaled(picture image.Image, side int) ([]byte, error) {
	width, height := picture.Bounds().Dx(), picture.Bounds().Dy()
	if longest := max(width, height); longest > side {
		width, height = max(1, width*side/longest), max(1, height*side/longest)
	}
	small := image.NewNRGBA(image.Rect(0, 0, width, height))
	draw.CatmullRom.Scale(small, small.Bounds(), picture, picture.Bounds(), draw.Src, nil)
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&out, small); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
