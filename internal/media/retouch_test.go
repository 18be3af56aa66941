package media_test

import (
	"bytes"
	"image"
	"image/color"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/media"
	"ouderportaal/internal/media/mediatest"
)

// stripes are a pixel wide each, black and white: nothing is left of them where a picture is hidden.
func stripes(width, height int) []byte {
	img := image.NewGray(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.SetGray(x, y, color.Gray{Y: uint8(255 * ((x / 4) % 2))})
		}
	}
	return mediatest.JPEG(img, 95)
}

// contrast is the mean difference of neighbours in a part of an image, of 255.
func contrast(img image.Image, in image.Rectangle) float64 {
	var sum float64
	var n int
	for y := in.Min.Y; y < in.Max.Y; y++ {
		for x := in.Min.X; x+4 < in.Max.X; x++ {
			a, _, _, _ := img.At(x, y).RGBA()
			b, _, _, _ := img.At(x+4, y).RGBA()
			sum += math.Abs(float64(a>>8) - float64(b>>8))
			n++
		}
	}
	return sum / float64(n)
}

func TestRetouch(t *testing.T) {
	p := mediatest.Start(t, 1)
	raw := stripes(800, 600)
	retouch := func(how media.Retouch) *media.Result {
		r, err := p.Retouch(t.Context(), bytes.NewReader(raw), int64(len(raw)), &how)
		require.NoError(t, err)
		checkFiles(t, r)
		return r
	}
	full := func(r *media.Result) image.Image {
		for _, f := range r.Files {
			if f.Name == media.Full {
				return decoded(t, f)
			}
		}
		return nil
	}
	hidden := image.Rect(205, 155, 595, 445)
	r := retouch(media.Retouch{Hide: []media.Box{{X: 0.25, Y: 0.25, W: 0.5, H: 0.5}}})
	require.Equal(t, [2]int{800, 600}, [2]int{r.Width, r.Height})
	require.Less(t, contrast(full(r), hidden), 6.0)
	require.Greater(t, contrast(full(r), image.Rect(0, 0, 190, 600)), 150.0, "the rest is as it was")

	r = retouch(media.Retouch{Crop: &media.Box{X: 0.5, Y: 0, W: 0.5, H: 0.5}, Hide: []media.Box{{X: 0, Y: 0, W: 1, H: 1}}})
	require.Equal(t, [2]int{400, 300}, [2]int{r.Width, r.Height})
	require.Less(t, contrast(full(r), image.Rect(0, 0, 400, 300)), 6.0, "hidden before it was cut")

	for name, box := range map[string]media.Box{"beyond": {X: 0.9, Y: 0, W: 0.5, H: 0.1}, "empty": {}, "no number": {X: math.Inf(-1), W: 1, H: 1}} {
		if name != "no number" { // which JSON cannot say
			_, err := p.Retouch(t.Context(), bytes.NewReader(raw), int64(len(raw)), &media.Retouch{Hide: []media.Box{box}})
			require.Error(t, err, name)
		}
		require.False(t, box.Valid(), name)
	}
	require.NoError(t, p.Ping(t.Context()), "the program goes on")
}
