package media_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/media/mediatest"
)

func TestTaken(t *testing.T) {
	p := mediatest.Start(t, 1)
	photo := mediatest.Photo(400, 300, 1)
	const at, there = "2026:10:24 09:05:07", "+02:00"
	for name, c := range map[string]struct{ at, offset, want string }{
		"with the offset of the clock":   {at, there, at + there},
		"without":                        {at, "", at},
		"with an offset that is no such": {at, strings.Repeat("+", 50000), at},
		"not said":                       {"", there, ""},
		"something else":                 {strings.Repeat("2026:10:24 ", 5000), there, ""},
		"text that is no moment":         {"GEHEIM\xff (1) (2) (3)", there, ""},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, mustProcess(t, p, mediatest.Taken(photo, c.at, c.offset)).Taken)
		})
	}
	for _, format := range []string{"heic", "webp", "png"} {
		t.Run(format, func(t *testing.T) {
			require.Equal(t, at+there, mustProcess(t, p, mediatest.Remade(t, mediatest.Taken(photo, at, there), "out."+format, "copy")).Taken)
		})
	}
}
