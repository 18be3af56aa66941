package ui

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPicture(t *testing.T) {
	draw := func(p Photo, alt string, lazy, urgent bool) string {
		var b strings.Builder
		require.NoError(t, photoLink(p, alt, "92vw", lazy, urgent, 0).Render(t.Context(), &b))
		return b.String()
	}
	small := Photo{Path: "/fotos/1", Widths: []int{320, 640}, Width: 500, Height: 400}
	require.Equal(t, `<a href="/fotos/1/640.webp" data-w="500" data-nameless><img src="/fotos/1/640.webp" srcset="/fotos/1/320.webp 320w, /fotos/1/640.webp 500w" sizes="92vw" width="500" height="400" alt="Mila" loading="lazy" decoding="async"></a>`,
		draw(small, "Mila", true, false))
	small.ThumbHash = "++//"
	require.Equal(t, `<a href="/fotos/1/640.webp" data-w="500" data-nameless><img src="/fotos/1/640.webp" srcset="/fotos/1/320.webp 320w, /fotos/1/640.webp 500w" sizes="92vw" width="500" height="400" alt="&#34;&gt;&lt;script&gt;" data-thumbhash="++//" fetchpriority="high" decoding="async"></a>`,
		draw(small, `"><script>`, false, true))
	small.Download = true
	require.Contains(t, draw(small, "", false, false), ` data-download data-nameless><img`)
	var last strings.Builder
	require.NoError(t, photoLink(small, "", "92vw", false, false, beyond(9, 4)).Render(t.Context(), &last))
	require.Contains(t, last.String(), `decoding="async"><span class="mosaic__more num">+5</span></a>`)
	require.Zero(t, beyond(9, 3)+beyond(5, 4))
	wide := draw(Photo{Path: "/fotos/2", Widths: []int{320, 640, 1280, 2048}, Width: 4032, Height: 3024}, "", true, false)
	require.Contains(t, wide, `href="/fotos/2/2048.webp"`)
	require.Contains(t, wide, `/fotos/2/1280.webp 1280w" sizes`, "the largest is for the viewer")
	small.Path = `/x" onerror="alert(1)`
	require.NotContains(t, draw(small, "", false, false), `" onerror="`)
}

func TestAnIconIsNoMarkup(t *testing.T) {
	var b strings.Builder
	require.NoError(t, Icon(`"/></svg><meta http-equiv=refresh content=0>`).Render(t.Context(), &b))
	require.NotContains(t, b.String(), "<meta")
	require.Equal(t, 1, strings.Count(b.String(), "</svg>"))
}
