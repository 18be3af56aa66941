// Package i18n turns keys into sentences in the language of the reader.
//
// go-i18n is the reference for what a message means, and says those with logic in them; what pages ask for by the hundred
// is compiled at start into plain strings and pieces, and a test holds the two equal.
package i18n

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"sort"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// Fallback is the language of a key that another language lacks, and of a reader whose wishes we cannot meet.
const Fallback = "nl"

//go:embed locales/*.json
var own embed.FS

// Bundle holds every sentence in every language. It does not change after Load.
type Bundle struct {
	files     map[string][]file              // by language
	reference func() (*goi18n.Bundle, error) // built when it is first asked: starting must be quick
	localizer map[string]*Localizer
	languages []string // Fallback first
	matcher   language.Matcher
	missing   *missing
}

// expected is about how many keys a language has: a map that grows leaves as much behind again, and starting must be quick.
const expected = 1800

// file is the words of one module in one language.
type file struct {
	fsys fs.FS
	name string
}

// Load reads locales/<language>.json from each file system. A file holds flat keys: a string, or an object with the
// plural forms of the language; placeholders are written {{.Name}}. A key that is given twice is an error.
func Load(fsys ...fs.FS) (*Bundle, error) {
	b := &Bundle{files: map[string][]file{}, localizer: map[string]*Localizer{}, missing: newMissing()}
	for _, source := range append([]fs.FS{own}, fsys...) {
		names, err := fs.Glob(source, "locales/*.json")
		if err != nil {
			return nil, fmt.Errorf("i18n: list locales: %w", err)
		}
		if len(names) == 0 {
			return nil, fmt.Errorf("i18n: a module without locales/*.json was given")
		}
		for _, name := range names {
			lang := strings.TrimSuffix(path.Base(name), path.Ext(name))
			b.files[lang] = append(b.files[lang], file{source, name})
		}
	}
	for lang, files := range b.files {
		tag, err := language.Parse(lang)
		if err != nil || tag.String() != lang {
			return nil, fmt.Errorf("i18n: %s is not named after a language", files[0].name)
		}
		l := &Localizer{lang: lang, tag: tag, messages: make(map[string]message, expected), missing: b.missing}
		b.localizer[lang] = l
		if err := l.read(files); err != nil {
			return nil, err
		}
	}
	return b, b.finish()
}

func (l *Localizer) read(files []file) error {
	for _, f := range files {
		err := f.each(func(key string, words sentence) error {
			if _, twice := l.messages[key]; twice {
				return errors.New("given twice, here or by another module")
			}
			m, err := compile(words)
			l.messages[key] = m
			return err
		})
		if err != nil {
			return err
		}
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
	b.reference = sync.OnceValues(b.refer)
	tags := make([]language.Tag, 0, len(b.languages))
	for _, lang := range b.languages {
		l := b.localizer[lang]
		tags = append(tags, l.tag)
		if lang != Fallback {
			l.fallback = b.localizer[Fallback]
		}
		l.reference = sync.OnceValues(func() (*goi18n.Localizer, error) {
			reference, err := b.reference()
			if err != nil {
				return nil, err
			}
			return goi18n.NewLocalizer(reference, lang), nil
		})
		l.learnCalendar()
	}
	b.matcher = language.NewMatcher(tags)
	return nil
}

// refer gives every message to go-i18n.
func (b *Bundle) refer() (*goi18n.Bundle, error) {
	reference := goi18n.NewBundle(language.MustParse(Fallback))
	for lang, files := range b.files {
		for _, f := range files {
			err := f.each(func(key string, s sentence) error {
				return reference.AddMessages(b.localizer[lang].tag, &goi18n.Message{ID: key, Zero: s.zero, One: s.one, Two: s.two, Few: s.few, Many: s.many, Other: s.other})
			})
			if err != nil {
				return nil, err
			}
		}
	}
	return reference, nil
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

// each gives take the keys of the file in their order.
func (f file) each(take func(key string, words sentence) error) error {
	content, err := f.fsys.Open(f.name)
	if err != nil {
		return fmt.Errorf("i18n: %w", err)
	}
	defer content.Close()
	if err := each(content, take); err != nil {
		return fmt.Errorf("i18n: %s: %w", f.name, err)
	}
	return nil
}

// each goes through the tokens itself: encoding/json would keep the last of a key that is given twice, and say nothing.
// jsontext would remember the keys of a file to refuse that; take remembers those of all files.
func each(content io.Reader, take func(key string, words sentence) error) error {
	d := jsontext.NewDecoder(content, jsontext.AllowDuplicateNames(true))
	if first, err := d.ReadToken(); err != nil || first.Kind() != '{' {
		return errors.New("not a JSON object")
	}
	for d.PeekKind() != '}' {
		key, err := text(d)
		if err != nil {
			return err
		}
		if strings.ToLower(key) != key || strings.ContainsAny(key, " \t{}") {
			return fmt.Errorf("key %q: lower case words and dots only", key)
		}
		var words sentence
		if d.PeekKind() == '{' {
			words, err = plurals(d)
		} else {
			words.other, err = text(d)
		}
		if err == nil {
			err = take(key, words)
		}
		if err != nil {
			return fmt.Errorf("key %q: %w", key, err)
		}
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	if _, err := d.ReadToken(); err != io.EOF {
		return errors.New("more than one JSON object")
	}
	return nil
}

// sentence is what belongs to a key: one text, or the plural forms that the language has.
type sentence struct{ zero, one, two, few, many, other string }

func plurals(d *jsontext.Decoder) (sentence, error) {
	var s sentence
	forms := map[string]*string{"zero": &s.zero, "one": &s.one, "two": &s.two, "few": &s.few, "many": &s.many, "other": &s.other}
	if _, err := d.ReadToken(); err != nil {
		return s, err
	}
	for d.PeekKind() != '}' {
		name, err := text(d)
		if err != nil {
			return s, err
		}
		form := forms[name]
		if form == nil {
			return s, fmt.Errorf("%q is not a plural form, or is given twice", name)
		}
		delete(forms, name)
		if *form, err = text(d); err != nil {
			return s, err
		}
	}
	_, err := d.ReadToken()
	return s, err
}

// text reads a token that must be a string.
func text(d *jsontext.Decoder) (string, error) {
	token, err := d.ReadToken()
	if err != nil {
		return "", err
	}
	if token.Kind() != '"' {
		return "", fmt.Errorf("%s is not text", token)
	}
	return token.String(), nil
}
