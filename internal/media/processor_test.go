package media_test

import (
	"bytes"
	"fmt"
	"image"
	_ "image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	_ "golang.org/x/image/webp"

	"ouderportaal/internal/media"
	"ouderportaal/internal/media/mediatest"
)

func process(t *testing.T, p *media.Processor, raw []byte) (*media.Result, error) {
	t.Helper()
	return p.Process(t.Context(), bytes.NewReader(raw), int64(len(raw)))
}

func mustProcess(t *testing.T, p *media.Processor, raw []byte) *media.Result {
	t.Helper()
	result, err := process(t, p, raw)
	require.NoError(t, err)
	checkFiles(t, result)
	return result
}

// checkFiles: every file is there, decodes, has the size it says and carries nothing but the picture.
func checkFiles(t *testing.T, r *media.Result) {
	t.Helper()
	require.Len(t, r.Files, 1+len(media.LongEdges))
	long := max(r.Width, r.Height)
	want := map[string]int{media.Full: long}
	for _, edge := range media.LongEdges {
		want[media.WebPName(edge)] = min(edge, long)
	}
	for _, f := range r.Files {
		config, format, err := image.DecodeConfig(bytes.NewReader(f.Bytes))
		require.NoError(t, err, f.Name)
		require.Equal(t, "image/"+format, f.ContentType)
		require.Equal(t, [2]int{f.Width, f.Height}, [2]int{config.Width, config.Height}, f.Name)
		require.Equal(t, want[f.Name], max(f.Width, f.Height), f.Name)
		require.Equal(t, r.Width >= r.Height, f.Width >= f.Height, f.Name)
		requireBare(t, f)
		delete(want, f.Name)
	}
	require.Empty(t, want)
	require.NotEmpty(t, r.ThumbHash)
	require.Less(t, len(r.ThumbHash), 33)
	require.Positive(t, r.CPU)
}

// requireBare looks at the containers themselves: a JPEG has no application segment but JFIF and Adobe and no comment, a WebP has one
// chunk, and none of the words is left.
func requireBare(t *testing.T, f media.File) {
	t.Helper()
	for _, secret := range mediatest.Secrets {
		require.NotContains(t, string(f.Bytes), secret, f.Name)
	}
	if f.ContentType == string(media.WebP) {
		require.Equal(t, "VP8 ", string(f.Bytes[12:16]), f.Name)
		require.LessOrEqual(t, len(f.Bytes)-20-(int(f.Bytes[16])|int(f.Bytes[17])<<8|int(f.Bytes[18])<<16), 1, f.Name)
		return
	}
	at := 2
	for f.Bytes[at+1] != 0xda {
		marker := f.Bytes[at+1]
		require.False(t, marker == 0xfe || marker > 0xe0 && marker < 0xee || marker == 0xef, "%s has segment %x", f.Name, marker)
		at += 2 + int(f.Bytes[at+2])<<8 + int(f.Bytes[at+3])
	}
	require.Equal(t, "\xff\xd9", string(f.Bytes[len(f.Bytes)-2:]), "something follows the picture")
}

func decoded(t *testing.T, f media.File) image.Image {
	t.Helper()
	img, _, err := image.Decode(bytes.NewReader(f.Bytes))
	require.NoError(t, err)
	return img
}

func TestUpright(t *testing.T) {
	p := mediatest.Start(t, 1)
	upright := mediatest.Picture(400, 300, 2)
	for orientation := 1; orientation <= 8; orientation++ {
		t.Run(fmt.Sprint(orientation), func(t *testing.T) {
			raw := mediatest.Tell(mediatest.JPEG(mediatest.Turned(upright, orientation), 90), orientation)
			r := mustProcess(t, p, raw)
			require.Equal(t, [2]int{400, 300}, [2]int{r.Width, r.Height})
			for _, f := range r.Files {
				require.Equal(t, "red green blue light", mediatest.Corners(decoded(t, f)), f.Name)
			}
		})
	}
}

// TestTells asks a program that knows every kind of metadata, and first whether it finds what we hid.
func TestTells(t *testing.T) {
	program, err := exec.LookPath("exiftool")
	if err != nil {
		t.Skip("exiftool is not installed (Debian: libimage-exiftool-perl)")
	}
	read := func(t *testing.T, name string, raw []byte) string {
		path := filepath.Join(t.TempDir(), name)
		require.NoError(t, os.WriteFile(path, raw, 0o600))
		out, err := exec.Command(program, "-a", "-u", "-g1", "-ee", path).CombinedOutput()
		require.NoError(t, err, string(out))
		return string(out)
	}
	raw := mediatest.Tell(mediatest.Photo(800, 600, 3), 6)
	before := read(t, "before.jpg", raw)
	for _, group := range []string{"---- GPS", "---- IFD1", "---- XMP", "---- IPTC", "Comment", "GEHEIM-MODEL", "Rotate 90 CW"} {
		require.Contains(t, before, group)
	}
	for _, f := range mustProcess(t, mediatest.Start(t, 1), raw).Files {
		after := read(t, f.Name, f.Bytes)
		for line := range strings.Lines(after) {
			if group, ok := strings.CutPrefix(line, "---- "); ok {
				group = strings.Trim(group, "- \n")
				require.Contains(t, []string{"ExifTool", "System", "File", "JFIF", "Composite", "RIFF"}, group, "%s\n%s", f.Name, after)
			}
		}
	}
}

func TestFormats(t *testing.T) {
	p := mediatest.Start(t, 1)
	photo := mediatest.Photo(800, 600, 4)
	upright := func(t *testing.T, raw []byte) *media.Result {
		t.Helper()
		r := mustProcess(t, p, raw)
		for _, f := range r.Files {
			require.Equal(t, "red green blue light", mediatest.Corners(decoded(t, f)), f.Name)
		}
		return r
	}
	t.Run("PNG", func(t *testing.T) { upright(t, mediatest.PNG(mediatest.Picture(800, 600, 4))) })
	t.Run("WebP", func(t *testing.T) { upright(t, mustProcess(t, p, photo).Files[1].Bytes) })
	for name, how := range map[string][]string{
		"HEIC":             {"out.heic[Q=70]", "copy"},
		"progressive JPEG": {"out.jpg[interlace]", "copy"},
		"interlaced PNG":   {"out.png[interlace]", "copy"},
		"16-bit PNG":       {"out.png", "colourspace", "rgb16"},
		"lossless WebP":    {"out.webp[lossless,effort=0]", "copy"},
		"CMYK JPEG":        {"out.jpg", "icc_transform", "cmyk"},
	} {
		t.Run(name, func(t *testing.T) {
			r := upright(t, mediatest.Remade(t, photo, how[0], how[1], how[2:]...))
			require.Equal(t, [2]int{800, 600}, [2]int{r.Width, r.Height})
		})
	}
	t.Run("HEIC of a phone held upright", func(t *testing.T) {
		// Both EXIF and the container tell the orientation, and it must be applied once.
		sideways := mediatest.Tell(mediatest.JPEG(mediatest.Turned(mediatest.Picture(800, 600, 4), 6), 90), 6)
		r := upright(t, mediatest.RotatedHEIC(mediatest.Remade(t, sideways, "out.heic[Q=70]", "copy"), 3))
		require.Equal(t, [2]int{800, 600}, [2]int{r.Width, r.Height})
	})
	t.Run("WebP on its side", func(t *testing.T) {
		sideways := mediatest.Tell(mediatest.JPEG(mediatest.Turned(mediatest.Picture(800, 600, 4), 8), 90), 8)
		raw := mediatest.Remade(t, sideways, "out.webp", "copy")
		require.Contains(t, string(raw), "GEHEIM-MODEL")
		upright(t, raw)
	})
	t.Run("grey JPEG", func(t *testing.T) {
		r := mustProcess(t, p, mediatest.Remade(t, photo, "out.jpg", "colourspace", "b-w"))
		require.Equal(t, "light light light light", mediatest.Corners(decoded(t, r.Files[0])))
	})
	t.Run("transparency becomes white", func(t *testing.T) {
		img := decoded(t, mustProcess(t, p, mediatest.PNG(mediatest.Transparent(200, 100))).Files[0])
		requireColour(t, img, 40, 50, 255, 255, 255)
		requireColour(t, img, 160, 50, 127, 127, 255)
	})
	t.Run("wide colours become sRGB", func(t *testing.T) {
		plain := decoded(t, mustProcess(t, p, photo).Files[0])
		wide := mediatest.Remade(t, photo, "out.jpg[Q=95]", "icc_transform", "p3", "--input-profile", "srgb")
		require.Contains(t, string(wide), "ICC_PROFILE")
		img := decoded(t, mustProcess(t, p, wide).Files[0])
		raw, _, err := image.Decode(bytes.NewReader(wide))
		require.NoError(t, err)
		require.Greater(t, distance(plain, raw), 6, "the numbers in the wide file differ")
		require.Less(t, distance(plain, img), 4, "and are put right")
	})
	t.Run("one pixel", func(t *testing.T) {
		r := mustProcess(t, p, mediatest.PNG(image.NewGray(image.Rect(0, 0, 1, 1))))
		require.Equal(t, [2]int{1, 1}, [2]int{r.Width, r.Height})
	})
	t.Run("a thread", func(t *testing.T) {
		r := mustProcess(t, p, mediatest.PNG(image.NewGray(image.Rect(0, 0, 9000, 2))))
		require.Equal(t, [2]int{9000, 2}, [2]int{r.Width, r.Height})
	})
}

func requireColour(t *testing.T, img image.Image, x, y int, want ...int) {
	t.Helper()
	r, g, b, _ := img.At(x, y).RGBA()
	for i, got := range []uint32{r, g, b} {
		require.InDelta(t, want[i], int(got>>8), 6)
	}
}

// distance is the mean difference of the red channel, where wide colours differ most.
func distance(a, b image.Image) int {
	sum, n := 0, 0
	for y := 0; y < a.Bounds().Dy(); y += 7 {
		for x := 0; x < a.Bounds().Dx()/2; x += 7 {
			ra, _, _, _ := a.At(x, y).RGBA()
			rb, _, _, _ := b.At(x, y).RGBA()
			d := int(ra>>8) - int(rb>>8)
			sum, n = sum+max(d, -d), n+1
		}
	}
	return sum / n
}
