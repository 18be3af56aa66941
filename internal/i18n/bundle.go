// Package i18n turns keys into sentences in the language of the reader.
//
// go-i18n is the reference for what a message means, and says those with logic in them; what pages ask for by the hundred
// is compiled at start into plain strings and pieces, and a test holds the two equal.
package i18n

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"path"
	"sort"
	"strings"
	"sync"

	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// Fallback is the language of a key that another language lacks, and of a reader whose wishes we cannot meet.
const Fallback = "nl"

//go:embed locales/*.json
var own embed.FS

// Bundle holds every sentence in every language. It does not change after Load.
type Bundle struct {
	messages  map[language.Tag][]*goi18n.Message
	reference func() *goi18n.Bundle // built when it is first asked: starting must be quick
	localizer map[string]*Localizer
	languages []string // Fallback first
	matcher   language.Matcher
	missing   *missing
}

// Load reads locales/<language>.json from each file system. A file holds flat keys: a string, or an object with the
// plural forms of the language; placeholders are written {{.Name}}. A key that is given twice is an error.
func Load(fsys ...fs.FS) (*Bundle, error) {
	b := &Bundle{
		messages:  map[language.Tag][]*goi18n.Message{},
		localizer: map[string]*Localizer{},
		missing:   newMissing(),
	}
	for _, source := range append([]fs.FS{own}, fsys...) {
		files, err := fs.Glob(source, "locales/*.json")
		if err != nil {
			return nil, fmt.Errorf("i18n: list locales: %w", err)
		}
		if len(files) == 0 {
			return nil, fmt.Errorf("i18n: a module without locales/*.json was given")
		}
		for _, file := range files {
			if err := b.add(source, file); err != nil {
				return nil, err
			}
		}
	}
	return b, b.finish()
}

func (b *Bundle) add(source fs.FS, file string) error {
	content, err := fs.ReadFile(source, file)
	if err != nil {
		return fmt.Errorf("i18n: read %s: %w", file, err)
	}
	lang := strings.TrimSuffix(path.Base(file), path.Ext(file))
	tag, err := language.Parse(lang)
	if err != nil || tag.String() != lang {
		return fmt.Errorf("i18n: %s is not named after a language", file)
	}
	messages, err := parse(content)
	if err != nil {
		return fmt.Errorf("i18n: %s: %w", file, err)
	}
	b.messages[tag] = append(b.messages[tag], messages...)
	l := b.localizer[lang]
	if l == nil {
		l = &Localizer{lang: lang, tag: tag, messages: map[string]message{}, missing: b.missing}
		b.localizer[lang] = l
	}
	for _, m := range messages {
		if _, twice := l.messages[m.ID]; twice {
			return fmt.Errorf("i18n: %s: key %q is given by another module too", file, m.ID)
		}
		compiled, err := compile(m)
		if err != nil {
			return fmt.Errorf("i18n: %s: %w", file, err)
		}
		l.messages[m.ID] = compiled
	}
	return nil
}

func (b *Bundle) finish() error {
	if b.localizer[Fallback] == nil {
		return fmt.Errorf("i18n: no messages in %q", Fallback)
	}
	for lang := range b.localizer {
		if lang != Fallback {
			b.languages = append(b.languages, lang)
		}
	}
	sort.Strings(b.languages)
	b.languages = append([]string{Fallback}, b.languages...)
	b.reference = sync.OnceValue(b.refer)
	tags := make([]language.Tag, 0, len(b.languages))
	for _, lang := range b.languages {
		l := b.localizer[lang]
		tags = append(tags, l.tag)
		if lang != Fallback {
			l.fallback = b.localizer[Fallback]
		}
		l.reference = sync.OnceValue(func() *goi18n.Localizer { return goi18n.NewLocalizer(b.reference(), lang) })
		l.learnCalendar()
	}
	b.matcher = language.NewMatcher(tags)
	return nil
}

// refer gives every message to go-i18n.
func (b *Bundle) refer() *goi18n.Bundle {
	reference := goi18n.NewBundle(language.MustParse(Fallback))
	for tag, messages := range b.messages {
		if err := reference.AddMessages(tag, messages...); err != nil {
			panic(fmt.Sprintf("i18n: go-i18n refuses what was compiled: %v", err)) // its templates parsed when they were compiled
		}
	}
	return reference
}

// Languages lists what the bundle speaks, Fallback first.
func (b *Bundle) Languages() []string { return append([]string(nil), b.languages...) }

// Speaks tells whether lang is one of Languages, spelled exactly so.
func (b *Bundle) Speaks(lang string) bool { return b.localizer[lang] != nil }

// For returns the localizer of lang, or of Fallback when the bundle does not speak it.
func (b *Bundle) For(lang string) *Localizer {
	if l := b.localizer[lang]; l != nil {
		return l
	}
	return b.localizer[Fallback]
}

// longestWish bounds what is parsed of an Accept-Language header; browsers send far less.
const longestWish = 256

// Match picks the language for an Accept-Language header, or otherwise when the header names none that we speak.
func (b *Bundle) Match(acceptLanguage, otherwise string) string {
	if acceptLanguage == "" || len(acceptLanguage) > longestWish {
		return b.For(otherwise).lang
	}
	wishes, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil || len(wishes) == 0 {
		return b.For(otherwise).lang
	}
	_, index, confidence := b.matcher.Match(wishes...)
	if confidence == language.No {
		return b.For(otherwise).lang
	}
	return b.languages[index]
}

// Has tells whether key has a sentence in some language.
func (b *Bundle) Has(key string) bool {
	for _, l := range b.localizer {
		if _, ok := l.messages[key]; ok {
			return true
		}
	}
	return false
}

// Keys lists the keys of one language, sorted.
func (b *Bundle) Keys(lang string) []string {
	l := b.localizer[lang]
	if l == nil {
		return nil
	}
	keys := make([]string, 0, len(l.messages))
	for key := range l.messages {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

// parse reads the keys of one file in their order. It goes through the tokens itself, because encoding/json would keep
// the last of a key that is given twice and say nothing.
func parse(content []byte) ([]*goi18n.Message, error) {
	d := json.NewDecoder(bytes.NewReader(content))
	if first, err := d.Token(); err != nil || first != json.Delim('{') {
		return nil, fmt.Errorf("not a JSON object")
	}
	var messages []*goi18n.Message
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		key, _ := token.(string)
		if seen[key] {
			return nil, fmt.Errorf("key %q is given twice", key)
		}
		if strings.ToLower(key) != key || strings.ContainsAny(key, " \t{}") {
			return nil, fmt.Errorf("key %q: lower case words and dots only", key)
		}
		seen[key] = true
		var words sentence
		if err := d.Decode(&words); err != nil {
			return nil, fmt.Errorf("key %q: %w", key, err)
		}
		messages = append(messages, &goi18n.Message{ID: key, Zero: words.Zero, One: words.One, Two: words.Two, Few: words.Few, Many: words.Many, Other: words.Other})
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("more than one JSON object")
	}
	return messages, nil
}

// sentence is what belongs to a key: one text, or the plural forms that the language has.
type sentence struct{ Zero, One, Two, Few, Many, Other string }

// UnmarshalJSON implements json.Unmarshaler.
func (s *sentence) UnmarshalJSON(content []byte) error {
	if content[0] == '"' {
		return json.Unmarshal(content, &s.Other)
	}
	type forms sentence
	d := json.NewDecoder(bytes.NewReader(content))
	d.DisallowUnknownFields()
	return d.Decode((*forms)(s))
}
