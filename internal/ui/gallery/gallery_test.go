package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/stretchr/testify/require"

	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ui"
)

func words(t *testing.T) *i18n.Bundle {
	t.Helper()
	b, err := i18n.Load(ui.Locales)
	require.NoError(t, err)
	b.OnMissing(func(lang, key string) {
		if strings.HasPrefix(key, "ui.") {
			t.Errorf("no words for %s in %s", key, lang)
		}
	})
	return b
}

var (
	tag       = regexp.MustCompile(`<([a-z-]+)((?:\s+[a-zA-Z-]+(?:="[^"]*")?)*)\s*/?>`)
	idPattern = regexp.MustCompile(` id="([^"]+)"`)
)

// What the security policy and the accessibility of every page rest on, checked on every component.
func TestComponentsKeepTheRules(t *testing.T) {
	bundle := words(t)
	for name, page := range pages {
		for _, lang := range []string{"nl", "en"} {
			t.Run(name+" "+lang, func(t *testing.T) {
				var out bytes.Buffer
				require.NoError(t, page().Render(sampleContext(bundle, httptest.NewRequest(http.MethodGet, "/"+name+"?toast&lang="+lang, nil)), &out))
				html := out.String()
				require.NotRegexp(t, `<style|<script>|\sstyle="|\son[a-z]+="|javascript:`, html)
				require.Equal(t, 1, strings.Count(html, "<h1"), "one h1")
				require.Equal(t, 1, strings.Count(html, "<main"), "one main")
				require.Contains(t, html, `<html lang="`+lang+`"`)
				seen := map[string]bool{}
				for _, m := range idPattern.FindAllStringSubmatch(html, -1) {
					require.False(t, seen[m[1]], "id %s is there twice", m[1])
					seen[m[1]] = true
				}
				for _, m := range tag.FindAllStringSubmatch(html, -1) {
					switch m[1] {
					case "button":
						require.Contains(t, m[2], ` type="`, m[0])
					case "img":
						for _, attribute := range []string{` width="`, ` height="`, ` alt="`} {
							require.Contains(t, m[2], attribute, m[0])
						}
					}
				}
				for _, m := range regexp.MustCompile(`aria-describedby="([^"]+)"`).FindAllStringSubmatch(html, -1) {
					for _, id := range strings.Fields(m[1]) {
						require.True(t, seen[id], "aria-describedby names %s, which is not there", id)
					}
				}
			})
		}
	}
}

// Twenty posts of five photos each must reach a phone in 20 kB.
func TestTwentyPostsStaySmall(t *testing.T) {
	var out bytes.Buffer
	ctx := sampleContext(words(t), httptest.NewRequest(http.MethodGet, "/", nil))
	require.NoError(t, manyPosts(20).Render(ctx, &out))
	var packed bytes.Buffer
	w := brotli.NewWriterLevel(&packed, 5)
	_, err := w.Write(out.Bytes())
	require.NoError(t, err)
	require.NoError(t, w.Close())
	t.Logf("%d bytes, %d with brotli", out.Len(), packed.Len())
	require.LessOrEqual(t, packed.Len(), 20*1024)
}

func TestLocalesHaveTheSameKeys(t *testing.T) {
	keys := map[string]map[string]any{}
	for _, lang := range []string{"nl", "en"} {
		source, err := os.ReadFile("../locales/" + lang + ".json")
		require.NoError(t, err)
		words := map[string]any{}
		require.NoError(t, json.Unmarshal(source, &words))
		keys[lang] = words
	}
	for key := range keys["nl"] {
		require.Contains(t, keys["en"], key)
		require.True(t, strings.HasPrefix(key, "ui."), key)
	}
	require.Len(t, keys["en"], len(keys["nl"]))
}

func TestPageWithoutChromeStillRenders(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, child().Render(context.Background(), &out))
	require.Contains(t, out.String(), "ui.menu", "without words the keys show")
}

func BenchmarkTwentyPosts(b *testing.B) {
	bundle, err := i18n.Load(ui.Locales)
	require.NoError(b, err)
	ctx := sampleContext(bundle, httptest.NewRequest(http.MethodGet, "/", nil))
	b.ReportAllocs()
	for b.Loop() {
		var out bytes.Buffer
		_ = manyPosts(20).Render(ctx, &out)
	}
}
