// Package complete tells whether every word on the screen has been written in every language: it reads the locale files
// and the sources of a whole tree.
//
// A key that the source puts together is named in a comment: "i18n:keys" and a list, with * for what varies. A literal that
// ends with a dot, to which the source adds a word, stands for every key that begins so.
package complete

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
)

// Languages are those that every key must be written in.
var Languages = []string{"nl", "en"}

// Report is what Check found.
type Report struct {
	Problems []string // words that a reader would miss
	Unused   []string // keys that no source names
	Keys     int      // keys that exist
	Uses     int      // places in the sources where a sentence is asked for
}

type tree struct {
	report  Report
	keys    map[string]string            // key → folder that has it
	words   map[string]map[string]string // language → key → words, plural forms joined
	named   map[string]bool              // literals that look like a key
	pattern []string                     // of computed keys
	asked   map[string]string            // key → where it is asked for
}

var skipped = map[string]bool{"node_modules": true, "dist": true, "bin": true, "testdata": true, "vendor": true}

// Check reads everything under root.
func Check(root string) (Report, error) {
	t := &tree{keys: map[string]string{}, words: map[string]map[string]string{}, named: map[string]bool{}, asked: map[string]string{}}
	for _, lang := range Languages {
		t.words[lang] = map[string]string{}
	}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		switch {
		case d.IsDir() && file != root && (strings.HasPrefix(name, ".") || skipped[name]):
			return filepath.SkipDir
		case d.IsDir() && name == "locales":
			return t.locales(root, file)
		case !d.IsDir() && source(name):
			return t.source(root, file)
		}
		return nil
	})
	if err != nil {
		return Report{}, fmt.Errorf("complete: read %s: %w", root, err)
	}
	t.compare()
	return t.report, nil
}

func source(name string) bool {
	return strings.HasSuffix(name, ".templ") ||
		strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") && !strings.HasSuffix(name, "_templ.go")
}

func (t *tree) problem(format string, args ...any) {
	t.report.Problems = append(t.report.Problems, fmt.Sprintf(format, args...))
}

func (t *tree) locales(root, dir string) error {
	shown, _ := filepath.Rel(root, dir)
	for _, lang := range Languages {
		content, err := os.ReadFile(filepath.Join(dir, lang+".json"))
		if err != nil {
			t.problem("%s has no %s.json", shown, lang)
			continue
		}
		var entries map[string]json.RawMessage
		if err := json.Unmarshal(content, &entries); err != nil {
			t.problem("%s/%s.json: %v", shown, lang, err)
			continue
		}
		for key, value := range entries {
			if !shape.MatchString(key) {
				t.problem("%s/%s.json: key %q is not made of lower-case words and dots", shown, lang, key)
			}
			if other, taken := t.keys[key]; taken && other != shown {
				t.problem("key %q is in %s and in %s", key, other, shown)
			}
			t.keys[key] = shown
			text := words(value)
			if strings.TrimSpace(text) == "" {
				t.problem("%s/%s.json: key %q has no words", shown, lang, key)
			}
			t.words[lang][key] = text
		}
	}
	return nil
}

// words joins the plural forms of an entry, in a fixed order.
func words(value json.RawMessage) string {
	var plain string
	if json.Unmarshal(value, &plain) == nil {
		return plain
	}
	var forms map[string]string
	if json.Unmarshal(value, &forms) != nil || forms["other"] == "" {
		return ""
	}
	names := make([]string, 0, len(forms))
	for name := range forms {
		names = append(names, name)
	}
	sort.Strings(names)
	var all []string
	for _, name := range names {
		all = append(all, forms[name])
	}
	return strings.Join(all, "\n")
}

var (
	shape    = regexp.MustCompile(`^[a-z0-9_]+(\.[a-z0-9_]+)+$`)
	literal  = regexp.MustCompile("[\"`]([a-z0-9_]+(?:\\.[a-z0-9_]+)+\\.?)[\"`]")
	computed = regexp.MustCompile(`i18n:keys +(.+)`)
	// Calls whose argument becomes a sentence: T, N and Say with or without a context, faults, fields, flashes.
	calls = []*regexp.Regexp{
		regexp.MustCompile(`\b(?:T|N|Say)\(\s*(?:[\w.]+(?:\([^()]*\))?\s*,\s*)?"([^"]+)"`),
		regexp.MustCompile(`\bfault\.New\(\s*[\w.]+\s*,\s*"([^"]+)"`),
		regexp.MustCompile(`\bFlash(?:Problem)?\(\s*\w+\s*,\s*"([^"]+)"`),
		regexp.MustCompile(`\.Add\(\s*"[^"]*"\s*,\s*"([a-z0-9_]+(?:\.[a-z0-9_]+)+)"`),
		regexp.MustCompile(`\bfault\.(?:Error|Field)\{[^{}]*\bKey:\s*"([^"]+)"`),
	}
	placeholder = regexp.MustCompile(`\{\{\s*\.([A-Za-z][A-Za-z0-9]*)`)
)

func (t *tree) source(root, file string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	shown, _ := filepath.Rel(root, file)
	text := string(content)
	for _, m := range computed.FindAllStringSubmatch(text, -1) {
		for _, pattern := range strings.Fields(m[1]) {
			t.pattern = append(t.pattern, strings.Trim(pattern, `".,;`))
		}
	}
	for _, m := range literal.FindAllStringSubmatch(text, -1) {
		t.name(m[1])
	}
	for _, call := range calls {
		for _, m := range call.FindAllStringSubmatch(text, -1) {
			t.report.Uses++
			t.name(m[1])
			if _, ok := t.asked[m[1]]; !ok {
				t.asked[m[1]] = shown
			}
		}
	}
	return nil
}

func (t *tree) name(key string) {
	if strings.HasSuffix(key, ".") {
		t.pattern = append(t.pattern, key+"*")
		return
	}
	t.named[key] = true
}

func (t *tree) compare() {
	t.report.Keys = len(t.keys)
	used := map[string]bool{}
	for _, pattern := range t.pattern {
		for key := range t.keys {
			if ok, _ := path.Match(pattern, key); ok {
				used[key] = true
			}
		}
	}
	for key, dir := range t.keys {
		for _, lang := range Languages {
			if _, ok := t.words[lang][key]; !ok {
				t.problem("%s: key %q is not in %s.json", dir, key, lang)
			}
		}
		if a, b := holes(t.words["nl"][key]), holes(t.words["en"][key]); a != b && t.words["nl"][key] != "" && t.words["en"][key] != "" {
			t.problem("%s: key %q has the placeholders [%s] in nl and [%s] in en", dir, key, a, b)
		}
		if !t.named[key] && !used[key] {
			t.report.Unused = append(t.report.Unused, dir+": "+key)
		}
	}
	for key, where := range t.asked {
		if _, ok := t.keys[key]; ok {
			continue
		}
		if prefix, isPrefix := strings.CutSuffix(key, "."); isPrefix {
			if !slices.ContainsFunc(t.all(), func(k string) bool { return strings.HasPrefix(k, prefix+".") }) {
				t.problem("%s asks for %q and what follows it, and no key begins so", where, key)
			}
			continue
		}
		t.problem("%s asks for %q, which has no words", where, key)
	}
	sort.Strings(t.report.Problems)
	sort.Strings(t.report.Unused)
}

func (t *tree) all() []string {
	keys := make([]string, 0, len(t.keys))
	for key := range t.keys {
		keys = append(keys, key)
	}
	return keys
}

// holes lists the placeholders of a text once each. Count may be left out of a form ("één kind").
func holes(text string) string {
	var names []string
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		if m[1] != "Count" && !slices.Contains(names, m[1]) {
			names = append(names, m[1])
		}
	}
	sort.Strings(names)
	return strings.Join(names, " ")
}
