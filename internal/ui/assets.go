// Package ui is what people see: layouts, components, style sheets and browser controllers. It knows no module; pages hand
// it plain values and get accessible HTML back. README.md tells how to use it.
package ui

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
)

// StaticPrefix is the path under which the web package serves Static.
const StaticPrefix = "/static/"

// ErrNotBuilt says that the browser assets are missing from the program: `npm run build` was not run before `go build`.
var ErrNotBuilt = errors.New("ui: browser assets are not built; run `npm ci && npm run build` and build the program again")

//go:embed all:dist
var built embed.FS

// asset is a line of dist/manifest.json.
type asset struct {
	File    string   `json:"file"`
	Bytes   int      `json:"bytes"`
	Brotli  int      `json:"br"`
	Gzip    int      `json:"gz"`
	Imports []string `json:"imports"`
}

// transfer is the number of bytes that a browser with brotli receives.
func (a asset) transfer() int {
	if a.Brotli > 0 {
		return a.Brotli
	}
	return a.Bytes
}

type bundle struct {
	assets map[string]asset
	files  map[string]func() File // read when first asked for: together they are 4 MB, twice, of a process that needs 40
	err    error
}

var loaded = sync.OnceValue(func() bundle { return loadBundle(built) })

func loadBundle(fsys fs.FS) bundle {
	b := bundle{assets: map[string]asset{}, files: map[string]func() File{}}
	manifest, err := fs.ReadFile(fsys, "dist/manifest.json")
	if errors.Is(err, fs.ErrNotExist) {
		b.err = ErrNotBuilt
		return b
	}
	if err == nil {
		err = json.Unmarshal(manifest, &b.assets)
	}
	if err != nil {
		b.err = fmt.Errorf("ui: read asset manifest: %w", err)
		return b
	}
	for _, a := range b.assets {
		for _, variant := range []struct {
			suffix, encoding string
			bytes            int
		}{{"", "", a.Bytes}, {".br", "br", a.Brotli}, {".gz", "gzip", a.Gzip}} {
			if variant.bytes == 0 {
				continue
			}
			name := a.File + variant.suffix
			b.files[name] = sync.OnceValue(func() File {
				body, err := fs.ReadFile(fsys, "dist/"+name)
				if err != nil {
					panic("ui: " + name + " is in the manifest and not in the program") // both are written by one build
				}
				return File{Body: body, ContentType: contentTypes[path.Ext(a.File)], Encoding: variant.encoding, ETag: `"` + name + `"`}
			})
		}
	}
	return b
}

// Ready is nil when the browser assets are in the program; otherwise the error says what to do. Call it at start.
func Ready() error { return loaded().err }

// Asset is the address of a built file by the name it has in the source: "app.css", "app.js", "staff.js". A name that was
// not built gets an address that answers 404, so that a page without assets is plain but not broken.
func Asset(name string) string {
	if a, ok := loaded().assets[name]; ok {
		return StaticPrefix + a.File
	}
	return StaticPrefix + name
}

// preloads are the addresses of what the named script loads at once.
func preloads(name string) []string {
	imports := slices.Clone(loaded().assets[name].Imports)
	for i := range imports {
		imports[i] = StaticPrefix + imports[i]
	}
	return imports
}

// File is one encoding of a built file. It never changes under its name: serve it with
// "Cache-Control: public, max-age=31536000, immutable" and "Vary: Accept-Encoding".
type File struct {
	Body        []byte // shared: do not change
	ContentType string
	Encoding    string // Content-Encoding: "br", "gzip" or empty
	ETag        string
}

// Static finds the file that name, the part of the path after StaticPrefix, asks for, in the best encoding that the
// Accept-Encoding header allows.
func Static(name, acceptEncoding string) (File, bool) {
	files := loaded().files
	plain, ok := files[name]
	if !ok || strings.HasSuffix(name, ".br") || strings.HasSuffix(name, ".gz") {
		return File{}, false
	}
	for _, variant := range []struct{ token, suffix string }{{"br", ".br"}, {"gzip", ".gz"}} {
		if f, ok := files[name+variant.suffix]; ok && accepts(acceptEncoding, variant.token) {
			return f(), true
		}
	}
	return plain(), true
}

// ServiceWorker finds the script that shows what is pushed, as Static does.
func ServiceWorker(acceptEncoding string) (File, bool) {
	return Static(strings.TrimPrefix(Asset("service_worker.js"), StaticPrefix), acceptEncoding)
}

// accepts tells whether an Accept-Encoding header names token without refusing it (q=0).
func accepts(header, token string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), token) {
			continue
		}
		q := strings.ReplaceAll(params, " ", "")
		return q != "q=0" && !(strings.HasPrefix(q, "q=0.") && strings.Trim(q[4:], "0") == "")
	}
	return false
}

var contentTypes = map[string]string{
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".svg":   "image/svg+xml",
	".woff2": "font/woff2",
}
