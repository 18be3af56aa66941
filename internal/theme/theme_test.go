package theme

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

type pair struct {
	text, on Name
	least    float64
}

const (
	text  = 4.5 // WCAG 2.2 1.4.3
	shape = 3.0 // WCAG 2.2 1.4.11
)

var always = []pair{
	{"on-brand", "brand-800", text}, {"on-brand", "brand-900", text}, {"on-brand", "brand-950", text},
	{"on-brand-2", "brand-800", text}, {"on-brand-2", "brand-900", text}, {"on-brand-2", "brand-950", text},
	{"primary", "card", text}, {"primary", "paper", text}, {"primary", "tint", text}, {"on-primary", "primary", text}, {"on-primary", "primary-hover", text},
	{"on-primary-soft", "primary-soft", text}, {"primary", "primary-soft", shape},
	{"ink", "sunk", text}, {"ink", "card", text}, {"ink", "paper", text}, {"ink", "tint", text}, {"ink-2", "sunk", text}, {"ink-2", "card", text}, {"ink-2", "tint", text},
	{"ink-3", "card", text}, {"ink-3", "paper", text}, {"ink-3", "sunk", text}, {"ink-3", "tint", text},
	{"line-strong", "card", shape}, {"line-strong", "paper", shape},
	{"on-sun", "sun-soft", text}, {"on-coral", "coral-soft", text}, {"on-sky", "sky-soft", text}, {"on-plum", "plum-soft", text}, {"on-ok", "ok-soft", text},
	{"on-coral", "card", text}, {"on-danger", "danger", text}, {"sun", "brand-900", shape}, {"live", "brand-900", shape}, {"live", "brand-950", shape},
}

var onlyLight = []pair{{"on-brand", "brand-700", text}, {"primary", "sunk", text}, {"brand-950", "brand-300", text}}

// Every colour that an organisation can choose: 180 hues by 6 chromas, both schemes.
func TestEveryTenantColourIsReadable(t *testing.T) {
	check := func(scheme string, of func(Theme, Name) Color, pairs []pair) {
		for _, p := range pairs {
			worst, at := math.Inf(1), ""
			for hue := 0.0; hue < 360; hue += 2 {
				for _, chroma := range []float64{.02, .05, .085, .12, .15, .18} {
					choice := New(hue, chroma)
					if c := Contrast(of(choice, p.text), of(choice, p.on)); c < worst {
						worst, at = c, fmt.Sprintf("hue %v chroma %v", hue, chroma)
					}
				}
			}
			if worst < p.least {
				t.Errorf("%s: %s on %s has contrast %.2f at %s, needs %.1f", scheme, p.text, p.on, worst, at, p.least)
			}
		}
	}
	check("light", Theme.Light, append(always, onlyLight...))
	check("dark", Theme.Dark, always)
}

// The style sheet and this package must hold the same numbers, or the sweep proves nothing.
func TestTokensMatchStyleSheet(t *testing.T) {
	for file, tokens := range map[string]map[Name]token{"tokens.css": light, "dark.css": dark} {
		source, err := os.ReadFile("../ui/css/" + file)
		require.NoError(t, err)
		seen := map[Name]bool{}
		for _, m := range declaration.FindAllStringSubmatch(string(source), -1) {
			name := Name(m[1])
			want, ok := tokens[name]
			require.True(t, ok, "%s has --%s, package theme does not", file, name)
			require.Equal(t, want, parse(t, m), "--%s in %s", name, file)
			seen[name] = true
		}
		for name := range tokens {
			require.True(t, seen[name], "package theme has %s, %s does not", name, file)
		}
	}
	source, err := os.ReadFile("../ui/css/tokens.css")
	require.NoError(t, err)
	for role, to := range roles {
		require.Contains(t, string(source), "--"+string(role)+": var(--"+string(to)+")")
	}
}

// oklch(L C H) without alpha; C may be var(--brand-c) or calc(var(--brand-c) * factor), H may be var(--brand-h).
var declaration = regexp.MustCompile(`--([a-z0-9-]+): oklch\(([\d.]+) (calc\(var\(--brand-c\) \* ([\d.]+)\)|var\(--brand-c\)|[\d.]+) (var\(--brand-h\)|[\d.]+)\)`)

func parse(t *testing.T, m []string) token {
	t.Helper()
	f := func(s string) float64 {
		v, err := strconv.ParseFloat(s, 64)
		require.NoError(t, err)
		return v
	}
	out := token{l: f(m[2])}
	switch {
	case m[4] != "":
		out.c, out.brand = f(m[4]), true
	case strings.HasPrefix(m[3], "var"):
		out.c, out.brand = 1, true
	default:
		out.c = f(m[3])
	}
	if !strings.HasPrefix(m[5], "var") {
		out.h, out.ownHue = f(m[5]), true
	}
	if out.l == 1 && out.c == 0 { // white: the hue means nothing
		out.h, out.ownHue = 0, m[1] == "on-danger"
	}
	return out
}

func TestColour(t *testing.T) {
	require.Equal(t, "#ffffff", Color{1, 0, 0}.Hex())
	require.Equal(t, "#000000", Color{0, 0, 0}.Hex())
	require.Equal(t, "#ff0000", Color{.62796, .25768, 29.234}.Hex(), "sRGB red in OKLCH")
	require.InDelta(t, 21, Contrast(Color{1, 0, 0}, Color{}), .001)
	require.True(t, Color{.84, .4, 150}.mapped().inGamut(), "a colour no screen can show is brought back")
}

func TestThemeStyleSheet(t *testing.T) {
	require.Equal(t, ":root{--brand-h:163;--brand-c:0.085}\n", string(CSS(163, .085)))
	require.Equal(t, string(CSS(3, MaxChroma)), string(CSS(363, 9)), "out of range comes back into it")
	require.Equal(t, string(CSS(163, .085)), string(CSS(math.NaN(), math.Inf(1))))
	require.Equal(t, Path(163, .085), Path(163, .085))
	require.NotEqual(t, Path(163, .085), Path(164, .085))
	require.Regexp(t, `^/t/[A-Za-z0-9_-]{12}\.css$`, Path(20, .1))
}

func TestAColourIsRead(t *testing.T) {
	for _, hex := range []string{"#000000", "#ffffff", "#ff0000", "#0c6344", "#123456", "#f6b93b"} {
		c, ok := Parse(hex)
		require.True(t, ok, hex)
		require.Equal(t, hex, c.Hex())
	}
	for _, wrong := range []string{"", "#fff", "green", "#12345g", "0c6344#", "#12345678", "#+12345"} {
		_, ok := Parse(wrong)
		require.False(t, ok, wrong)
	}
	red, _ := Parse("#ff0000")
	require.InDelta(t, 29.23, red.H, .01)
	require.Equal(t, MaxChroma, Of(red).Chroma(), "more than screens show at our lightness")
	grey, _ := Parse("#777777")
	require.Equal(t, MinChroma, Of(grey).Chroma())
}

// Whatever somebody types, what is shown of it can be read.
func TestEveryChosenColourIsShownReadable(t *testing.T) {
	for r := 0; r < 256; r += 51 {
		for g := 0; g < 256; g += 51 {
			for b := 0; b < 256; b += 51 {
				hex := fmt.Sprintf("#%02x%02x%02x", r, g, b)
				chosen, ok := Parse(hex)
				require.True(t, ok)
				for _, dark := range []bool{false, true} {
					for _, s := range Of(chosen).Shows(dark) {
						require.GreaterOrEqual(t, s.Contrast, Text, "%s %s dark=%v", hex, s.Name, dark)
					}
				}
			}
		}
	}
}

func TestASampleNamesEveryColour(t *testing.T) {
	css := string(New(163, .085).Sample(".a", ".b"))
	require.Contains(t, css, ".a{color-scheme:light;")
	require.Contains(t, css, ".b{color-scheme:dark;")
	require.Equal(t, 2*(len(light)+len(roles)), strings.Count(css, ";--"))
	require.Contains(t, css, ";--primary:"+New(163, .085).Dark("primary").Hex())
}

func BenchmarkHex(b *testing.B) {
	for b.Loop() {
		Hex(163, .085, "brand-800")
	}
}
