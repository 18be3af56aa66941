package appicon

import (
	"bytes"
	"image/color"
	"image/png"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestIcon(t *testing.T) {
	for _, size := range []int{180, 512} {
		var drawn bytes.Buffer
		require.NoError(t, Draw(&drawn, "#0b5a3e", size))
		require.Less(t, drawn.Len(), 20_000)
		icon, err := png.Decode(&drawn)
		require.NoError(t, err)
		require.Equal(t, size, icon.Bounds().Dx())
		at := func(x, y int) color.Color { return color.RGBAModel.Convert(icon.At(x*size/grid, y*size/grid)) }
		ground := color.RGBA{0x0b, 0x5a, 0x3e, 0xff}
		require.Equal(t, ground, at(0, 0), "no corner is cut off: the device does that")
		require.Equal(t, ground, at(24, 44))
		require.Equal(t, color.RGBA{0xff, 0xff, 0xff, 0xff}, at(15, 30))
		require.Equal(t, color.RGBA{0xf6, 0xb9, 0x3b, 0xff}, at(24, 26))
	}
	for _, wrong := range []string{"", "green", "#12345", "#gggggg"} {
		require.Error(t, Draw(&bytes.Buffer{}, wrong, 10))
	}
}
