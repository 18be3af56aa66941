package mediatest

import (
	"bytes"
	"image"
	"image/jpeg"
	"math/rand/v2"
)

// Picture draws something that compresses like a photo: soft shapes of many sizes, and grain. The top left quarter is reddish, the
// top right greenish, the bottom left bluish and the bottom right light, so that a test sees which way is up.
func Picture(width, height int, seed uint64) *image.RGBA {
	r := rand.New(rand.NewPCG(seed, 1))
	clouds := newClouds(r)
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		row := clouds[(y%cloudEdge)*cloudEdge:][:cloudEdge]
		for x := range width {
			base := corners[2*(2*y/height)+2*x/width]
			v := int(row[x%cloudEdge])
			grain := int(r.Uint32()&15) - 8
			at := img.PixOffset(x, y)
			for c := range 3 {
				img.Pix[at+c] = uint8(min(255, max(0, base[c]+v+grain)))
			}
			img.Pix[at+3] = 255
		}
	}
	return img
}

var corners = [4][3]int{{180, 60, 50}, {60, 160, 70}, {50, 70, 180}, {190, 190, 180}}

const cloudEdge = 1024

// newClouds gives a tile of smooth noise in sizes from half the tile to two pixels.
func newClouds(r *rand.Rand) []int16 {
	sum := make([]float32, cloudEdge*cloudEdge)
	weight := float32(60)
	for cell := cloudEdge / 2; cell >= 2; cell /= 2 {
		n := cloudEdge / cell
		grid := make([]float32, n*n)
		for i := range grid {
			grid[i] = (r.Float32()*2 - 1) * weight
		}
		for y := range cloudEdge {
			for x := range cloudEdge {
				sum[y*cloudEdge+x] += smooth(grid, n, float32(x)/float32(cell), float32(y)/float32(cell))
			}
		}
		weight *= 0.8
	}
	tile := make([]int16, len(sum))
	for i, v := range sum {
		tile[i] = int16(v / 2)
	}
	return tile
}

func smooth(grid []float32, n int, x, y float32) float32 {
	ix, iy := int(x), int(y)
	fx, fy := x-float32(ix), y-float32(iy)
	fx, fy = fx*fx*(3-2*fx), fy*fy*(3-2*fy)
	at := func(x, y int) float32 { return grid[y%n*n+x%n] }
	top := at(ix, iy)*(1-fx) + at(ix+1, iy)*fx
	bottom := at(ix, iy+1)*(1-fx) + at(ix+1, iy+1)*fx
	return top*(1-fy) + bottom*fy
}

// Photo is a Picture as JPEG of the quality that phones use.
func Photo(width, height int, seed uint64) []byte { return JPEG(Picture(width, height, seed), 90) }

// JPEG encodes an image.
func JPEG(img image.Image, quality int) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		panic(err) // only images too large for JPEG
	}
	return b.Bytes()
}
