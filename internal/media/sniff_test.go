package media_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/media"
	"ouderportaal/internal/media/mediatest"
)

func TestInspect(t *testing.T) {
	photo := mediatest.Photo(640, 480, 1)
	for name, c := range map[string]struct {
		raw  []byte
		want media.Header
	}{
		"JPEG":            {photo, media.Header{Type: media.JPEG, Width: 640, Height: 480}},
		"JPEG that tells": {mediatest.Tell(photo, 6), media.Header{Type: media.JPEG, Width: 640, Height: 480}},
		"cut JPEG":        {photo[:30], media.Header{Type: media.JPEG}},
		"PNG":             {mediatest.PNG(mediatest.Picture(30, 20, 1)), media.Header{Type: media.PNG, Width: 30, Height: 20}},
		"HEIC":            {[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), media.Header{Type: media.HEIF}},
		"HEIF":            {[]byte("\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic"), media.Header{Type: media.HEIF}},
		"live HEIC":       {[]byte("\x00\x00\x00\x1cftypmsf1\x00\x00\x00\x00msf1heichevc"), media.Header{Type: media.HEIF}},
		"VP8":             {webp("VP8 ", "\x00\x00\x00\x9d\x01\x2a\x40\x01\xf0\x00"), media.Header{Type: media.WebP, Width: 320, Height: 240}},
		"VP8L":            {webp("VP8L", "\x2f\x3f\xc1\x3b\x00\x00\x00\x00\x00\x00"), media.Header{Type: media.WebP, Width: 320, Height: 240}},
		"VP8X":            {webp("VP8X", "\x00\x00\x00\x00\x3f\x01\x00\xef\x00\x00"), media.Header{Type: media.WebP, Width: 320, Height: 240}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := media.Inspect(c.raw, int64(len(c.raw)))
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}
	_, err := media.Sniff(photo[:100], media.MaxBytes+1)
	requireRefused(t, err, "too_large")
	_, err = media.Sniff(nil, 0)
	requireRefused(t, err, "empty")
}

func webp(kind, body string) []byte {
	return []byte("RIFF\x20\x00\x00\x00WEBP" + kind + "\x0a\x00\x00\x00" + body)
}

// FuzzSniff: no start of a file makes it panic or read past the end.
func FuzzSniff(f *testing.F) {
	photo := mediatest.Photo(64, 48, 1)
	for _, seed := range [][]byte{photo, mediatest.Tell(photo, 6), mediatest.PNG(mediatest.Picture(30, 20, 1)), mediatest.AnimatedPNG(), mediatest.BombPNG(9, 9), webp("VP8X", "\x00\x00\x00\x00\x3f\x01\x00\xef\x00\x00")} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, head []byte) {
		kind, err := media.Sniff(head, int64(len(head)))
		if (err == nil) == (kind == "") {
			t.Fatalf("%q %v", kind, err)
		}
	})
}

// TestSentences: every reason has its words in both languages.
func TestSentences(t *testing.T) {
	for _, language := range []string{"nl", "en"} {
		raw, err := media.Locales.ReadFile("locales/" + language + ".json")
		require.NoError(t, err)
		var words map[string]string
		require.NoError(t, json.Unmarshal(raw, &words))
		for _, reason := range []string{"empty", "not_an_image", "unsupported", "animated", "too_large", "too_many_pixels", "truncated", "too_heavy", "unavailable"} {
			require.NotEmpty(t, words["media.error."+reason], "%s %s", language, reason)
		}
		require.Len(t, words, 9)
	}
}
