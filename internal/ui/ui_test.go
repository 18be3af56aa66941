package ui

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/a-h/templ"
	"github.com/andybalholm/brotli"
	"github.com/stretchr/testify/require"
)

// needAssets skips a test about built files in a tree where nobody built them; `make test` always does.
func needAssets(t *testing.T) bundle {
	t.Helper()
	b := loaded()
	if b.err != nil {
		t.Skip("browser assets are not built: run `npm ci && npm run build` first")
	}
	return b
}

// What a phone on a poor line has to fetch, in brotli bytes.
func TestAssetBudgets(t *testing.T) {
	b := needAssets(t)
	const kB = 1024
	script := func(names ...string) int {
		total, seen := 0, map[string]bool{}
		var add func(name string)
		add = func(name string) {
			if seen[name] {
				return
			}
			seen[name] = true
			a, ok := b.assets[name]
			require.True(t, ok, "%s is not in the manifest", name)
			total += a.transfer()
			for _, chunk := range a.Imports {
				add(chunk)
			}
		}
		for _, name := range names {
			add(name)
		}
		return total
	}
	app, both, console := script("app.js"), script("app.js", "staff.js"), script("app.js", "console.js")
	for _, budget := range []struct {
		what       string
		have, most int
	}{
		{"scripts of a parent's page", app, 45 * kB},
		{"scripts of a staff page", both, 60 * kB},
		{"scripts of a console page", console, 60 * kB},
		{"app.css", b.assets["app.css"].transfer(), 12 * kB},
		{"staff.css", b.assets["staff.css"].transfer(), 2 * kB},
		{"locations.css", b.assets["locations.css"].transfer(), kB},
		{"news.css", b.assets["news.css"].transfer(), kB},
		{"console.css", b.assets["console.css"].transfer(), 8 * kB},
		{"fonts of a first visit", b.assets["figtree-latin-wght-normal.woff2"].transfer() + b.assets["gabarito-latin-wght-normal.woff2"].transfer(), 55 * kB},
		{"the photo viewer", b.assets["viewer.js"].transfer() + b.assets["viewer.css"].transfer(), 18 * kB},
		{"icons.svg", b.assets["icons.svg"].transfer(), 8 * kB},
	} {
		require.NotZero(t, budget.have, budget.what)
		if budget.have > budget.most {
			t.Errorf("%s: %d bytes, budget %d: take something out, or load it later", budget.what, budget.have, budget.most)
		}
		t.Logf("%-28s %6d of %6d bytes", budget.what, budget.have, budget.most)
	}
}

func TestBuiltFilesKeepThePolicy(t *testing.T) {
	b := needAssets(t)
	for name, read := range b.files {
		file := read()
		if file.Encoding != "" || !strings.HasSuffix(name, ".js") {
			continue
		}
		require.NotContains(t, string(file.Body), ".installStylesheetElement()", "%s: Turbo would write an inline style", name)
		require.NotRegexp(t, `new Function\(|[^.\w]eval\(`, string(file.Body), name)
	}
	require.NotRegexp(t, `https?://`, string(b.files[b.assets["app.css"].File]().Body), "a style sheet asks another host")
}

func TestStatic(t *testing.T) {
	b := needAssets(t)
	name := b.assets["app.css"].File
	plain, ok := Static(name, "")
	require.True(t, ok)
	require.Equal(t, "text/css; charset=utf-8", plain.ContentType)
	require.Empty(t, plain.Encoding)

	for header, encoding := range map[string]string{
		"br": "br", "gzip, deflate, br": "br", "gzip": "gzip", "GZIP;q=0.5": "gzip", "br;q=0, gzip": "gzip", "br;q=0.0": "", "identity": "", "brx": "", "gzip; q=0": "",
	} {
		file, ok := Static(name, header)
		require.True(t, ok)
		require.Equal(t, encoding, file.Encoding, "Accept-Encoding: %s", header)
		require.Equal(t, plain.Body, decoded(t, file), "Accept-Encoding: %s", header)
	}
	font, ok := Static(b.assets["figtree-latin-wght-normal.woff2"].File, "br, gzip")
	require.True(t, ok)
	require.Empty(t, font.Encoding, "woff2 is compressed already")

	for _, wrong := range []string{"", "manifest.json", "app.css", "../assets.go", name + ".br", name + "/", "%2e%2e"} {
		_, ok := Static(wrong, "br")
		require.False(t, ok, "%q was served", wrong)
	}
}

func decoded(t *testing.T, f File) []byte {
	t.Helper()
	var r io.Reader = bytes.NewReader(f.Body)
	switch f.Encoding {
	case "br":
		r = brotli.NewReader(r)
	case "gzip":
		z, err := gzip.NewReader(r)
		require.NoError(t, err)
		r = z
	}
	out, err := io.ReadAll(r)
	require.NoError(t, err)
	return out
}

func TestWithoutAssets(t *testing.T) {
	b := loadBundle(fstest.MapFS{"dist/.gitkeep": &fstest.MapFile{}})
	require.ErrorIs(t, b.err, ErrNotBuilt)
	require.ErrorContains(t, loadBundle(fstest.MapFS{"dist/manifest.json": &fstest.MapFile{Data: []byte("{")}}).err, "manifest")
}

// Icons are named in templates all over the project; a name that is not in icons.txt would be an empty square.
func TestEveryIconIsInTheSprite(t *testing.T) {
	list, err := os.ReadFile("icons.txt")
	require.NoError(t, err)
	known := map[string]bool{}
	for _, name := range strings.Fields(string(list)) {
		require.False(t, known[name], "icons.txt names %s twice", name)
		known[name] = true
	}
	for _, icon := range append(slices.Collect(maps.Values(ribbonIcons)), GroupSymbols...) {
		require.True(t, known[icon], icon)
		require.True(t, HasIcon(icon), icon)
	}
	require.False(t, HasIcon("nothing-like-it"))
	uses := regexp.MustCompile(`\b(?:Icon|IconButton)\("([a-z0-9-]+)"|\bIcon:\s*"([a-z0-9-]+)"|\bChip\([^,()]+, "([a-z0-9-]+)"|\b(?:Notice|Flag|Action)\([^,()]+, "([a-z0-9-]+)"|\bStaffTop\("([a-z0-9-]+)"`)
	found := 0
	for _, folder := range []string{"../../internal", "../../modules", "../../admin"} {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if os.IsNotExist(err) {
				return nil
			}
			if err != nil || d.IsDir() || strings.HasSuffix(path, "_templ.go") || (!strings.HasSuffix(path, ".templ") && !strings.HasSuffix(path, ".go")) {
				return err
			}
			source, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, m := range uses.FindAllStringSubmatch(string(source), -1) {
				found++
				if name := strings.Join(m[1:], ""); !known[name] {
					t.Errorf("%s draws the icon %q; add it to internal/ui/icons.txt", path, name)
				}
			}
			return nil
		})
		require.NoError(t, err)
	}
	require.Greater(t, found, 20)
}

func TestFaces(t *testing.T) {
	face, ok := FaceByName("21.svg")
	require.True(t, ok)
	require.Equal(t, FaceSVG(21, false), face)
	adult, ok := FaceByName(filepath.Base(FacePath(28, true)))
	require.True(t, ok)
	require.Equal(t, FaceSVG(28, true), adult)
	require.Less(t, len(adult), 2048)

	for _, wrong := range []string{"", ".svg", "021.svg", "+21.svg", "-1.svg", "10000.svg", "99999999999999999999.svg", "21", "21-v", "21-v-v.svg", "v.svg", "21.svg.svg"} {
		_, ok := FaceByName(wrong)
		require.False(t, ok, "%q drew a face", wrong)
	}

	different := map[string]bool{}
	for seed := range 200 {
		different[string(FaceSVG(seed, false))] = true
	}
	require.Greater(t, len(different), 180, "children would look alike")
}

func TestButtonTakesMoreClasses(t *testing.T) {
	var out bytes.Buffer
	attrs := templ.Attributes{"class": "js-only", "data-action": "choose#all"}
	require.NoError(t, Button(ButtonProps{Text: "Alles", Type: "button", Attrs: attrs}).Render(context.Background(), &out))
	require.Equal(t, `<button class="btn js-only" type="button" data-action="choose#all">Alles</button>`, out.String())
	require.Len(t, attrs, 2, "the caller's attributes are not changed")
}
