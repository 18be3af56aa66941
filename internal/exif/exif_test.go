package exif_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/bep/imagemeta"
	"github.com/stretchr/testify/require"

	"ouderportaal/internal/exif"
)

func picture(t *testing.T) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 40, 30))
	for x := range 40 {
		for y := range 30 {
			img.Set(x, y, color.RGBA{uint8(x * 6), uint8(y * 8), 99, 255})
		}
	}
	var out bytes.Buffer
	require.NoError(t, jpeg.Encode(&out, img, nil))
	return out.Bytes()
}

// jfif is the picture as libvips writes it: with APP0, and a colour profile behind it.
func jfif(t *testing.T, more ...string) []byte {
	t.Helper()
	p := picture(t)
	out := append(bytes.Clone(p[:2]), "\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"...)
	for _, segment := range more {
		out = append(out, segment...)
	}
	return append(out, p[2:]...)
}

func write(t *testing.T, content []byte, l exif.Label) []byte {
	t.Helper()
	r, err := exif.Write(iotest.OneByteReader(bytes.NewReader(content)), l)
	require.NoError(t, err)
	out, err := io.ReadAll(r)
	require.NoError(t, err)
	return out
}

// read tells what a library that has nothing to do with ours finds.
func read(t *testing.T, content []byte) map[string]string {
	t.Helper()
	found := map[string]string{}
	names := map[imagemeta.Source]string{imagemeta.EXIF: "EXIF ", imagemeta.IPTC: "IPTC ", imagemeta.XMP: "XMP "}
	_, err := imagemeta.Decode(imagemeta.Options{R: bytes.NewReader(content), ImageFormat: imagemeta.JPEG, Sources: imagemeta.EXIF | imagemeta.IPTC | imagemeta.XMP,
		HandleTag: func(tag imagemeta.TagInfo) error {
			found[names[tag.Source]+tag.Tag] = fmt.Sprint(tag.Value)
			return nil
		}})
	require.NoError(t, err)
	return found
}

// onOneLine is the caption of autumn as it is kept.
const onOneLine = "Herfst: <blad> & “modder” op ’t plein"

var autumn = exif.Label{At: time.Date(2026, 10, 24, 9, 5, 7, 0, time.FixedZone("", 2*3600)), Caption: "Herfst: <blad> & “modder”\nop ’t plein", Place: "Kikkers, Dorpsstraat", City: "Bathmen"}

func TestWhatIsWrittenIsRead(t *testing.T) {
	for name, content := range map[string][]byte{"plain": picture(t), "JFIF": jfif(t), "with a profile": jfif(t, "\xff\xe2\x00\x10ICC_PROFILE\x00xx", "\xff\xfe\x00\x06made")} {
		t.Run(name, func(t *testing.T) {
			out := write(t, content, autumn)
			found := read(t, out)
			require.Equal(t, map[string]string{
				"EXIF ImageDescription": onOneLine, "EXIF ExifVersion": found["EXIF ExifVersion"], "EXIF DateTimeOriginal": "2026:10:24 09:05:07",
				"EXIF CreateDate": found["EXIF CreateDate"], "EXIF OffsetTimeOriginal": "+02:00",
			}, only(found, "EXIF "))
			require.Equal(t, onOneLine, found["IPTC Caption-Abstract"])
			require.Equal(t, "Bathmen", found["IPTC City"])
			require.Equal(t, "Kikkers, Dorpsstraat", found["IPTC Sub-location"])
			require.Contains(t, found["IPTC DateCreated"], "2026")
			require.Equal(t, "Bathmen", found["XMP City"])
			require.Equal(t, "Kikkers, Dorpsstraat", found["XMP Location"])

			before, err := jpeg.Decode(bytes.NewReader(content))
			require.NoError(t, err)
			after, err := jpeg.Decode(bytes.NewReader(out))
			require.NoError(t, err)
			require.Equal(t, before, after)
			require.True(t, bytes.HasSuffix(out, content[len(content)-400:]))
			if name != "plain" {
				require.Equal(t, content[:20], out[:20], "JFIF stays first")
			}
			require.Equal(t, out, write(t, out, exif.Label{Caption: "Anders"}), "a label that is there stays as it is")
		})
	}
	t.Run("what is empty is left out", func(t *testing.T) {
		found := read(t, write(t, picture(t), exif.Label{}))
		for _, tag := range []string{"EXIF ImageDescription", "EXIF DateTimeOriginal", "IPTC Caption-Abstract", "IPTC City", "XMP City"} {
			require.NotContains(t, found, tag)
		}
	})
	t.Run("what is too long is cut between characters", func(t *testing.T) {
		found := read(t, write(t, picture(t), exif.Label{Caption: strings.Repeat("é", 9000)}))
		require.Equal(t, strings.Repeat("é", 4000), found["EXIF ImageDescription"])
		require.Equal(t, strings.Repeat("é", 1000), found["IPTC Caption-Abstract"])
	})
}

func only(all map[string]string, prefix string) map[string]string {
	some := map[string]string{}
	for key, value := range all {
		if strings.HasPrefix(key, prefix) {
			some[key] = value
		}
	}
	return some
}

// turned is the label of a picture that says no more than which way is up.
const turned = "\xff\xe1\x00\x22Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"

// A picture may say which way is up.
func TestTheWayUpStays(t *testing.T) {
	content := jfif(t, turned)
	found := read(t, write(t, content, autumn))
	require.Equal(t, "6", found["EXIF Orientation"])
	require.NotContains(t, found, "EXIF DateTimeOriginal")
	require.Equal(t, onOneLine, found["IPTC Caption-Abstract"])
}

// A colour profile alone may stand in 255 segments, and some programs write their own things in many more.
func TestAPictureBehindManySegments(t *testing.T) {
	const profile = "\xff\xe2\x00\x10ICC_PROFILE\x00xx"
	for _, n := range []int{62, 63, 64, 65, 255, 5000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			content := jfif(t, strings.Repeat(profile, n))
			out := write(t, content, autumn)
			found := read(t, out)
			require.Equal(t, "2026:10:24 09:05:07", found["EXIF DateTimeOriginal"])
			require.Equal(t, onOneLine, found["IPTC Caption-Abstract"])
			require.Equal(t, "Bathmen", found["XMP City"])
			require.Equal(t, content[:20], out[:20], "JFIF stays first")
			require.True(t, bytes.HasSuffix(out, content[20:]), "nothing of the rest is changed")
			_, err := jpeg.Decode(bytes.NewReader(out))
			require.NoError(t, err)
			require.Equal(t, out, write(t, out, exif.Label{Caption: "Anders"}), "a label that is there stays as it is")
		})
	}
	t.Run("more than any picture has passes unchanged", func(t *testing.T) {
		content := jfif(t, strings.Repeat("\xff\xe2\xff\xff"+strings.Repeat("x", 0xfffd), 330))
		r, err := exif.Write(bytes.NewReader(content), autumn)
		require.NoError(t, err)
		out, err := io.ReadAll(r)
		require.NoError(t, err)
		require.True(t, bytes.Equal(content, out))
	})
	t.Run("a label behind them is found", func(t *testing.T) {
		found := read(t, write(t, jfif(t, strings.Repeat(profile, 100), turned), autumn))
		require.Equal(t, "6", found["EXIF Orientation"])
		require.NotContains(t, found, "EXIF DateTimeOriginal")
	})
}

func TestWhatIsNoJPEGPassesUnchanged(t *testing.T) {
	whole := jfif(t)
	for name, content := range map[string][]byte{"nothing": nil, "a byte": {0xff}, "text": []byte("no picture at all"), "cut in a segment": whole[:10], "only a head": whole[:20],
		"a segment without a length": []byte("\xff\xd8\xff\xe0\x00\x01x"), "no marker": []byte("\xff\xd8\x00\x00more")} {
		t.Run(name, func(t *testing.T) {
			out := write(t, content, autumn)
			require.True(t, bytes.Equal(content, out))
		})
	}
	_, err := exif.Write(iotest.ErrReader(io.ErrClosedPipe), autumn)
	require.ErrorIs(t, err, io.ErrClosedPipe)
}

func FuzzWrite(f *testing.F) {
	f.Add([]byte("\xff\xd8\xff\xe0\x00\x04ab\xff\xda"), "x")
	f.Fuzz(func(t *testing.T, content []byte, caption string) {
		r, err := exif.Write(bytes.NewReader(content), exif.Label{Caption: caption})
		require.NoError(t, err)
		out, err := io.ReadAll(r)
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(out), len(content))
	})
}
