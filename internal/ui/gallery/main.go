// Command gallery serves every component with sample content, under the same security policy as the product:
//
//	go run ./internal/ui/gallery -photos <folder with jpg files>
//
// Look at it after a change to a style sheet, at 320, 390, 1194 and 1440 pixels, light (?theme=light) and dark
// (?theme=dark), in other colours (?hue=262&chroma=.15), other languages (?lang=en).
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"ouderportaal/internal/i18n"
	"ouderportaal/internal/theme"
	"ouderportaal/internal/ui"
)

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'; worker-src 'self'"

// pages are the samples by name.
var pages = map[string]func() templ.Component{
	"kind": child, "formulier": form, "leeg": empty, "inloggen": signIn, "fout": problem, "groep": group, "fotos": mosaics, "beheer": consoleList, "dossier": consoleFile,
}

func main() {
	address := flag.String("listen", "127.0.0.1:8099", "address to serve on")
	photos := flag.String("photos", "", "folder with the sample photos, <name>.jpg")
	flag.Parse()
	if err := ui.Ready(); err != nil {
		log.Fatal(err)
	}
	handler, err := gallery(*photos)
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Addr: *address, Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	fmt.Println("http://" + *address)
	log.Fatal(server.ListenAndServe())
}

func gallery(photos string) (http.Handler, error) {
	words, err := i18n.Load(ui.Locales)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /static/{name}", func(w http.ResponseWriter, r *http.Request) {
		file, ok := ui.Static(r.PathValue("name"), r.Header.Get("Accept-Encoding"))
		if !ok {
			http.NotFound(w, r)
			return
		}
		if file.Encoding != "" {
			w.Header().Set("Content-Encoding", file.Encoding)
		}
		w.Header().Set("Content-Type", file.ContentType)
		_, _ = w.Write(file.Body)
	})
	mux.HandleFunc("GET /gezicht/{name}", func(w http.ResponseWriter, r *http.Request) {
		face, ok := ui.FaceByName(r.PathValue("name"))
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "image/svg+xml")
		_, _ = w.Write(face)
	})
	mux.HandleFunc("GET /t/{hue}/{chroma}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/css")
		_, _ = w.Write(theme.CSS(float(r.PathValue("hue")), float(r.PathValue("chroma"))))
	})
	mux.HandleFunc("GET /foto/{name}/{size}", func(w http.ResponseWriter, r *http.Request) {
		body, err := os.ReadFile(filepath.Join(photos, filepath.Base(r.PathValue("name"))+".jpg"))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "image/jpeg")
		_, _ = w.Write(body)
	})
	mux.HandleFunc("POST /upload", upload)
	changes := &feed{}
	mux.HandleFunc("GET /live", changes.stream)
	mux.HandleFunc("POST /live", func(http.ResponseWriter, *http.Request) { changes.signal() })
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { index(w) })
	mux.HandleFunc("/{page}", func(w http.ResponseWriter, r *http.Request) {
		page, ok := pages[r.PathValue("page")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		var body bytes.Buffer
		if err := page().Render(sampleContext(words, r), &body); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusUnprocessableEntity)
		}
		_, _ = body.WriteTo(w)
	})
	return mux, nil
}

// upload takes a photo as the product would: it refuses a name with "kapot" and is slow enough to be watched.
func upload(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	r.Body = http.MaxBytesReader(w, r.Body, 20<<20)
	_, header, err := r.FormFile("photo")
	if err != nil || strings.Contains(header.Filename, "kapot") {
		w.WriteHeader(http.StatusUnprocessableEntity)
		fmt.Fprint(w, `{"error":"Dit bestand is geen foto die wij kunnen lezen."}`)
		return
	}
	fmt.Fprintf(w, `{"id":"%d","state":"ready"}`, time.Now().UnixNano())
}

func index(w http.ResponseWriter) {
	names := make([]string, 0, len(pages))
	for name := range pages {
		names = append(names, name)
	}
	sort.Strings(names)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	for _, name := range names {
		fmt.Fprintf(w, `<p><a href="/%[1]s">%[1]s</a></p>`, name)
	}
}

func sampleContext(words *i18n.Bundle, r *http.Request) context.Context {
	q := r.URL.Query()
	hue, chroma := 163.0, .085
	if q.Get("hue") != "" {
		hue = float(q.Get("hue"))
	}
	if q.Get("chroma") != "" {
		chroma = float(q.Get("chroma"))
	}
	lang := "nl"
	if q.Get("lang") != "" {
		lang = q.Get("lang")
	}
	chrome := ui.Chrome{
		Tenant: "De Waterlelie", Language: lang, Theme: q.Get("theme"), ThemeHref: fmt.Sprintf("/t/%v/%v", hue, chroma), ThemeColor: theme.Hex(hue, chroma, "brand-800"),
		Person: "Roos", PersonFace: 13, Unread: 2, Bell: 3,
	}
	if q.Has("live") {
		chrome.Live = "/live"
	}
	chrome.ThemeDark = theme.HexDark(hue, chroma, "brand-800")
	if q.Has("toast") {
		chrome.Flash = ui.Flash{Text: "Je verslag is verstuurd.", Undo: "/ongedaan"}
	}
	return ui.WithChrome(i18n.With(r.Context(), words.For(lang)), chrome)
}

func float(s string) float64 {
	v, _ := strconv.ParseFloat(s, 64) // a sample: nonsense is 0
	return v
}
