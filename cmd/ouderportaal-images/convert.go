package main

import (
	"cmp"
	"fmt"
	"image"
	"math"
	"slices"
	"strings"

	"go.n16f.net/thumbhash"

	"ouderportaal/internal/media"
	"ouderportaal/internal/media/imagewire"
)

// refused is why an image is not converted.
type refused struct{ reason, detail string }

func (r refused) Error() string { return r.reason + ": " + r.detail }

// converted is what came of an image; the caller frees it.
type converted struct {
	width, height int // upright
	thumb         []byte
	taken         string // when; see imagewire.Reply
	files         []imagewire.File
	outputs       []*output
}

func (c *converted) free() {
	for _, o := range c.outputs {
		o.free()
	}
}

// Above relayPixels a format whose decoder holds the whole picture is first saved to a JPEG of high quality and read again from
// there, so that the memory of the decoder and that of the pixels are never needed at the same time.
const relayPixels = 26_000_000

// convert takes the input and frees it as early as it can.
func convert(in *input, wanted []imagewire.Output, how *imagewire.Retouch) (*converted, error) {
	defer in.free()
	base, h, err := decode(in)
	if err != nil {
		return nil, err
	}
	defer func() { base.close() }()
	in.free()
	if how != nil {
		if err := retouch(&base, h.orientation, how); err != nil {
			return nil, err
		}
	}

	c := &converted{width: base.width, height: base.height, taken: h.taken}
	if h.orientation >= 5 {
		c.width, c.height = c.height, c.width
	}
	if err := c.write(base, h.orientation, wanted); err != nil {
		c.free()
		return nil, err
	}
	return c, nil
}

// decode checks what the header says before it touches a pixel, and gives all pixels in memory with what the header said.
func decode(in *input) (picture, header, error) {
	head, err := media.Inspect(in.bytes()[:min(in.size, media.SniffBytes)], int64(in.size))
	if err != nil {
		return picture{}, header{}, refused{media.ReasonOf(err), "first bytes"}
	}
	source, h, err := openPicture(in.bytes(), head.Type)
	if err != nil {
		return picture{}, header{}, broken(err)
	}
	defer func() { source.close() }()
	switch pixels := int64(h.width) * int64(h.height); {
	case pixels > imagewire.MaxPixels:
		return picture{}, header{}, refused{imagewire.TooManyPixels, fmt.Sprintf("%d x %d", h.width, h.height)}
	case h.pages > 1 && head.Type != media.HEIF:
		return picture{}, header{}, refused{imagewire.Animated, fmt.Sprintf("%d pages", h.pages)}
	case pixels*int64(h.bands*h.sampleBytes) > maxHeld && head.Passes:
		return picture{}, header{}, refused{imagewire.TooManyPixels, fmt.Sprintf("%d x %d in passes", h.width, h.height)}
	case pixels > relayPixels && (head.Passes || head.Type == media.HEIF):
		base, err := decodeByRelay(&source)
		return base, h, err
	case head.Type == media.WebP:
		whole, err := source.webpPixels(in.bytes())
		if err != nil {
			return picture{}, header{}, broken(err)
		}
		source.close()
		source = whole
	}
	base, err := source.decode()
	if err != nil {
		return picture{}, header{}, broken(err)
	}
	return base, h, nil
}

// broken is a file whose start was right and whose rest was not, or a picture that does not fit in the memory we may use.
func broken(err error) refused {
	if strings.Contains(err.Error(), "out of memory") {
		return refused{imagewire.TooHeavy, err.Error()}
	}
	return refused{imagewire.Truncated, err.Error()}
}

// maxHeld is how many bytes of picture a decoder may hold when it needs several passes over it.
const maxHeld = 200 << 20

// decodeByRelay puts the relay in the place of the source, and by that lets the decoder of the source go.
func decodeByRelay(source *picture) (picture, error) {
	relay, err := source.relay()
	if err != nil {
		return picture{}, broken(err)
	}
	defer relay.free()
	again, _, err := openPicture(relay.body, media.JPEG)
	if err != nil {
		return picture{}, err
	}
	source.close()
	*source = again
	tidy()
	return again.decode()
}

// write makes the files from large to small, each size from the one before it.
func (c *converted) write(base picture, orientation int, wanted []imagewire.Output) error {
	order := slices.Clone(wanted)
	slices.SortStableFunc(order, func(a, b imagewire.Output) int { return cmp.Compare(edgeOf(b), edgeOf(a)) })
	current := base
	defer func() { current.close() }()
	current.keep()
	for _, want := range order {
		if err := shrinkTo(&current, base, want.LongEdge); err != nil {
			return err
		}
		o, kind, err := encode(current, orientation, want)
		if err != nil {
			return err
		}
		width, height := current.width, current.height
		if orientation >= 5 {
			width, height = height, width
		}
		c.outputs = append(c.outputs, o)
		c.files = append(c.files, imagewire.File{Name: want.Name, ContentType: kind, Width: width, Height: height, Size: int64(len(o.body))})
	}
	if err := shrinkTo(&current, base, thumbEdge); err != nil {
		return err
	}
	return c.hash(current, orientation)
}

func edgeOf(o imagewire.Output) int {
	if o.LongEdge == 0 {
		return math.MaxInt
	}
	return o.LongEdge
}

func encode(p picture, orientation int, want imagewire.Output) (*output, string, error) {
	switch want.Format {
	case "jpeg":
		o, err := p.jpeg(orientation, want.Quality)
		return o, string(media.JPEG), err
	case "webp":
		o, err := p.webp(orientation, want.Quality, want.Effort)
		return o, string(media.WebP), err
	}
	return nil, "", fmt.Errorf("unknown format %q", want.Format)
}

// shrinkTo replaces current by a smaller one. The measures come from the full picture, so that rounding does not add up.
func shrinkTo(current *picture, full picture, longEdge int) error {
	long := max(full.width, full.height)
	if longEdge == 0 || long <= longEdge {
		return nil
	}
	scale := float64(longEdge) / float64(long)
	next, err := current.shrink(scaled(full.width, scale), scaled(full.height, scale))
	if err != nil {
		return err
	}
	current.close()
	*current = next
	return nil
}

func scaled(n int, scale float64) int { return max(1, int(math.Round(float64(n)*scale))) }

// thumbEdge is the size at which a thumbhash is computed; its inventor allows no more.
const thumbEdge = 100

func (c *converted) hash(p picture, orientation int) error {
	rgb, err := p.pixels(orientation)
	if err != nil {
		return err
	}
	defer rgb.free()
	width, height := p.width, p.height
	if orientation >= 5 {
		width, height = height, width
	}
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i, raw := 0, rgb.body; i < width*height; i++ {
		copy(img.Pix[4*i:], raw[3*i:3*i+3])
		img.Pix[4*i+3] = 0xff
	}
	c.thumb = thumbhash.EncodeImage(img)
	return nil
}
