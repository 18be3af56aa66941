package media_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/media"
	"ouderportaal/internal/media/mediatest"
)

const mostMemory = 400 << 20

// TestHostile sends what hurts decoders. All of it gets the right answer, in one program that neither dies nor grows.
func TestHostile(t *testing.T) {
	p := mediatest.Start(t, 1)
	pid := children(t)[0]
	photo := mediatest.Photo(800, 600, 5)
	still := mustProcess(t, p, photo).Files[1]
	require.Equal(t, "2048.webp", still.Name)
	png := mediatest.PNG(mediatest.Picture(800, 600, 5))

	refused := map[string]struct {
		raw    []byte
		reason string
	}{
		"50,000 × 50,000 PNG":             {mediatest.BombPNG(50_000, 50_000), "too_many_pixels"},
		"PNG of four milliard wide":       {mediatest.BombPNG(1<<32-1, 1), "too_many_pixels"},
		"PNG that claims and has nothing": {mediatest.BombPNG(6000, 6000), "truncated"},
		"PNG without size":                {mediatest.BombPNG(0, 0), "truncated"},
		"65,535 × 65,535 JPEG":            {mediatest.HugeJPEG(), "too_many_pixels"},
		"WebP of 268 million pixels":      {mediatest.HugeWebP(still.Bytes), "too_many_pixels"},
		"half a JPEG":                     {photo[:len(photo)/2], "truncated"},
		"JPEG without its last bytes":     {photo[:len(photo)-200], "truncated"},
		"half a PNG":                      {png[:len(png)/2], "truncated"},
		"half a WebP":                     {still.Bytes[:len(still.Bytes)/2], "truncated"},
		"only the start of a JPEG":        {photo[:20], "truncated"},
		"only the start of a PNG":         {png[:20], "truncated"},
		"start of a JPEG, then noise":     {append([]byte("\xff\xd8\xff\xe0"), mediatest.Noise(5000)...), "truncated"},
		"animated PNG":                    {mediatest.AnimatedPNG(), "animated"},
		"animated GIF":                    {mediatest.AnimatedGIF(), "unsupported"},
		"animated WebP":                   {mediatest.AnimatedWebP(still.Bytes, still.Width, still.Height, true), "animated"},
		"PNG of 320 MB in passes":         {mediatest.InterlacedPNG(7000, 5700, 16), "too_many_pixels"},
		"nothing":                         {nil, "empty"},
		"one byte":                        {[]byte{0xff}, "not_an_image"},
		"noise":                           {mediatest.Noise(100_000), "not_an_image"},
		"too many bytes":                  {append(bytes.Clone(photo), make([]byte, media.MaxBytes)...), "too_large"},
	}
	for name, file := range mediatest.Renamed() {
		refused["renamed "+name] = struct {
			raw    []byte
			reason string
		}{[]byte(file[0]), file[1]}
	}
	for name, c := range refused {
		t.Run(name, func(t *testing.T) {
			_, err := process(t, p, c.raw)
			requireRefused(t, err, c.reason)
		})
	}
	t.Run("animated WebP that hides it", func(t *testing.T) {
		_, err := process(t, p, mediatest.AnimatedWebP(still.Bytes, still.Width, still.Height, false))
		f, ok := fault.As(err)
		require.True(t, ok, "%v", err)
		require.Contains(t, []string{"media.error.animated", "media.error.truncated"}, f.Key)
	})
	t.Run("HEIC", func(t *testing.T) {
		heic := mediatest.Remade(t, photo, "out.heic[Q=60]", "copy")
		_, err := process(t, p, heic[:len(heic)/2])
		requireRefused(t, err, "truncated")
		_, err = process(t, p, heic[:60])
		requireRefused(t, err, "truncated")
		at := bytes.Index(heic, []byte("ispe")) + 8
		for _, size := range []string{"\x00\x00\xc3\x50\x00\x00\xc3\x50", "\xff\xff\xff\xff\xff\xff\xff\xff", "\x00\x00\x00\x00\x00\x00\x00\x00"} {
			lying := bytes.Clone(heic)
			copy(lying[at:], size)
			_, err = process(t, p, lying)
			f, ok := fault.As(err)
			require.True(t, ok, "%v", err)
			require.Contains(t, []string{"media.error.too_many_pixels", "media.error.truncated"}, f.Key)
		}
	})
	t.Run("every kind of damage", func(t *testing.T) {
		small := mediatest.Picture(200, 150, 6)
		jpeg := mediatest.JPEG(small, 80)
		damage(t, p, map[string][]byte{
			"jpeg": jpeg, "png": mediatest.PNG(small), "webp": mustProcess(t, p, jpeg).Files[1].Bytes, "heic": mediatest.Remade(t, jpeg, "out.heic[Q=60]", "copy"),
		})
	})
	t.Run("JPEG that is also HTML and ZIP", func(t *testing.T) { mustProcess(t, p, mediatest.Tell(photo, 1)) })
	t.Run("PNG with bombs beside the picture", func(t *testing.T) {
		_, err := process(t, p, mediatest.ProfileBombPNG())
		if err != nil {
			requireRefused(t, err, "truncated")
		}
	})
	t.Run("deflate bomb", func(t *testing.T) {
		raw := bomb()
		require.Less(t, len(raw), 1<<20)
		mustProcess(t, p, raw)
	})
	mustProcess(t, p, photo)
	require.Equal(t, pid, children(t)[0], "the program has not been replaced: nothing crashed it")
	most := highWater(t, pid)
	t.Logf("most memory: %d MiB", most>>20)
	require.Less(t, most, int64(mostMemory))
}

// damage breaks files in many small ways. What comes of it does not matter as long as there is an answer.
func damage(t *testing.T, p *media.Processor, files map[string][]byte) {
	for name, file := range files {
		for i := range 60 {
			raw := bytes.Clone(file)
			for n := range 1 + i%4 {
				at := (i*7919 + n*104_729 + 12) % min(len(raw), 200+i*i*20)
				raw[at] ^= byte(1 << (i % 8))
			}
			if _, err := process(t, p, raw); err != nil {
				f, ok := fault.As(err)
				require.True(t, ok, "%s %d: %v", name, i, err)
				require.Equal(t, fault.Invalid, f.Code, "%s %d: %v", name, i, err)
				require.NotEqual(t, "media.error.too_heavy", f.Key, "%s %d: %v", name, i, err)
			}
		}
	}
}

// TestLargest converts 40 million pixels in the ways that need most memory.
func TestLargest(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	const width, height = 7296, 5472 // what a phone calls 40 megapixels
	photo := mediatest.Remade(t, mediatest.Photo(width/8, height/8, 6), "out.jpg[Q=90]", "resize", "8")
	black := mediatest.InterlacedPNG(width, height, 8)
	for name, c := range map[string]struct {
		source  []byte
		remade  string
		command string
	}{
		"JPEG":                          {photo, "", ""},
		"progressive JPEG, all colours": {photo, "out.jpg[interlace,Q=90,subsample-mode=off]", "copy"},
		"WebP":                          {photo, "out.webp[effort=0,Q=60]", "copy"},
		"interlaced PNG":                {black, "", ""},
		"lossless WebP":                 {black, "out.webp[lossless,effort=0,Q=0]", "flatten"},
		"transparent lossless WebP":     {black, "out.webp[lossless,effort=0,Q=0]", "copy"},
		"HEIC":                          {black, "out.heic[Q=40,effort=0]", "flatten"},
		"transparent HEIC":              {black, "out.heic[Q=40,effort=0]", "copy"},
	} {
		t.Run(name, func(t *testing.T) {
			if strings.Contains(c.remade, "heic") && os.Getenv("TEST_SLOW") == "" {
				t.Skip("TEST_SLOW=1 makes a HEIC of 40 megapixels, which takes a minute")
			}
			raw := c.source
			if c.remade != "" {
				raw = mediatest.Remade(t, c.source, c.remade, c.command)
			}
			require.LessOrEqual(t, len(raw), media.MaxBytes)
			p := mediatest.Start(t, 1)
			r := mustProcess(t, p, raw)
			t.Logf("%d MiB in, %v CPU, %d MiB memory", len(raw)>>20, r.CPU, r.PeakBytes>>20)
			require.Less(t, r.PeakBytes, int64(mostMemory))
		})
	}
}

func requireRefused(t *testing.T, err error, reason string) {
	t.Helper()
	f, ok := fault.As(err)
	require.True(t, ok, "%v", err)
	require.Equal(t, "media.error."+reason, f.Key, "%v", err)
	require.Equal(t, fault.Invalid, f.Code)
}

// children are the image programs that this process runs. One that is being killed counts until it is waited for: its first
// thread is a zombie while others still hold its pipes.
func children(t *testing.T) []int {
	t.Helper()
	var pids []int
	names, err := filepath.Glob("/proc/[0-9]*/stat")
	require.NoError(t, err)
	for _, name := range names {
		stat, err := os.ReadFile(name)
		if err != nil {
			continue // ended meanwhile
		}
		start, after, _ := strings.Cut(string(stat), ") ")
		var state string
		var parent int
		_, _ = fmt.Sscan(after, &state, &parent)
		if parent == os.Getpid() && strings.Contains(start, "(ouderportaal-im") {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(name)))
			require.NoError(t, err)
			pids = append(pids, pid)
		}
	}
	return pids
}

var highWaterLine = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

func highWater(t *testing.T, pid int) int64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	require.NoError(t, err)
	kb, err := strconv.ParseInt(highWaterLine.FindStringSubmatch(string(status))[1], 10, 64)
	require.NoError(t, err)
	return kb << 10
}
