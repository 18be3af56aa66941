package ui

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPicture(t *testing.T) {
	draw := func(p Photo, alt string, lazy, urgent bool) string {
		var b strings.Builder
		require.NoError(t, picture(p, alt, "92vw", lazy, urgent).Render(t.Context(), &b))
		return b.String()
	}
	small := Photo{Path: "/fotos/1", Widths: []int{320, 640}, Width: 500, Height: 400}
	require.Equal(t, `<img src="/fotos/1/640.webp" srcset="/fotos/1/320.webp 320w, /fotos/1/640.webp 500w" sizes="92vw" width="500" height="400" alt="Mila" loading="lazy" decoding="async">`,
		draw(small, "Mila", true, false))
	small.ThumbHash = "++//"
	require.Equal(t, `<img src="/fotos/1/640.webp" srcset="/fotos/1/320.webp 320w, /fotos/1/640.webp 500w" sizes="92vw" width="500" height="400" alt="&#34;&gt;&lt;script&gt;" data-thumbhash="++//" fetchpriority="high" decoding="async">`,
		draw(small, `"><script>`, false, true))
	small.Path = `/x" onerror="alert(1)`
	require.NotContains(t, draw(small, "", false, false), `" onerror="`)
}
