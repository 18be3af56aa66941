// Package qrcode draws QR codes as paths, which need no style and no script.
package qrcode

import (
	"fmt"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// Square is a QR code as the path of a drawing of Size by Size units, with the margin that readers need.
type Square struct {
	Size int
	Path string
}

const quietZone = 4 // ISO/IEC 18004

// Draw makes the code of a text.
func Draw(text string) (Square, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return Square{}, fmt.Errorf("qrcode: draw: %w", err)
	}
	var path strings.Builder
	size := code.Bounds().Dx()
	for y := range size {
		for x := range size {
			if r, _, _, _ := code.At(x, y).RGBA(); r == 0 {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x+quietZone, y+quietZone)
			}
		}
	}
	return Square{Size: size + 2*quietZone, Path: path.String()}, nil
}

// Box is the viewBox of the drawing.
func (s Square) Box() string { return fmt.Sprintf("0 0 %d %d", s.Size, s.Size) }
