package i18n

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"

	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"ouderportaal/internal/fault"
)

// Localizer speaks one language. It is safe for concurrent use.
type Localizer struct {
	lang      string
	tag       language.Tag
	messages  map[string]message
	fallback  *Localizer
	reference func() (*goi18n.Localizer, error)
	missing   *missing
	calendar  calendar
}

// Language is the language spoken, for the lang attribute of a page.
func (l *Localizer) Language() string { return l.lang }

// T is the sentence of key; args are names and values for its placeholders. A key that nobody wrote comes back as it is.
func (l *Localizer) T(key string, args ...any) string {
	m, ok := l.messages[key]
	if ok && m.parts == nil {
		return m.plain
	}
	return l.say(key, pairs(args), nil)
}

// N is T for a number of things; {{.Count}} is that number in the way of the language.
func (l *Localizer) N(key string, count int, args ...any) string {
	return l.say(key, append(pairs{"Count", l.Number(count)}, args...), &count)
}

// Spoken is an argument of a fault that has words of its own in every language, such as an age.
type Spoken interface{ In(l *Localizer) string }

// Say is T with the arguments of a fault. An argument Count of type int chooses the plural form; one that is Spoken says itself.
func (l *Localizer) Say(key string, args map[string]any) string {
	list := make(pairs, 0, 2*len(args))
	for name, value := range args {
		if spoken, ok := value.(Spoken); ok {
			value = spoken.In(l)
		}
		list = append(list, name, value)
	}
	if count, ok := args["Count"].(int); ok {
		return l.N(key, count, list...)
	}
	return l.say(key, list, nil)
}

// Fault is the sentence of err when it is a fault.Error, and the sentence of an unexpected error otherwise: the text of
// a cause never reaches a reader.
func (l *Localizer) Fault(err error) string {
	e, ok := fault.As(err)
	if !ok || e.Key == "" {
		return l.T("error.internal")
	}
	return l.Say(e.Key, e.Args)
}

// Has tells whether key has a sentence in this language or in Fallback.
func (l *Localizer) Has(key string) bool {
	_, ok := l.messages[key]
	return ok || (l.fallback != nil && l.fallback.Has(key))
}

func (l *Localizer) say(key string, args pairs, count *int) string {
	m, ok := l.messages[key]
	if !ok {
		l.missing.note(l.lang, key)
		if l.fallback != nil && l.fallback.Has(key) {
			return l.fallback.say(key, args, count)
		}
		return key
	}
	switch {
	case m.parts == nil:
		return m.plain
	case m.parts.complex:
		return l.byReference(key, args, count)
	}
	which := plural.Other
	if count != nil {
		n := *count
		if n < 0 {
			n = -n
		}
		which = plural.Cardinal.MatchPlural(l.tag, n, 0, 0, 0, 0)
	}
	f := m.parts.forms[which]
	if f == nil {
		f = m.parts.forms[plural.Other]
	}
	return f.words(args.value, func(name string) { l.missing.note(l.lang, key+" {{."+name+"}}") })
}

// byReference leaves a message with logic in it to go-i18n.
func (l *Localizer) byReference(key string, args pairs, count *int) string {
	data := map[string]any{}
	for i := len(args) - 2; i >= 0; i -= 2 { // the first of a name counts, as in value
		if name, ok := args[i].(string); ok {
			data[name] = args[i+1]
		}
	}
	config := &goi18n.LocalizeConfig{MessageID: key, TemplateData: data}
	if count != nil && l.messages[key].parts.plural {
		config.PluralCount = *count
	}
	reference, err := l.reference()
	if err == nil {
		var text string
		if text, err = reference.Localize(config); err == nil {
			return text
		}
	}
	l.missing.note(l.lang, key)
	return key
}

// pairs are names and values in turn; the first of a name counts.
type pairs []any

func (p pairs) value(name string) (any, bool) {
	for i := 0; i+1 < len(p); i += 2 {
		if p[i] == name {
			return p[i+1], true
		}
	}
	return nil, false
}

// missing remembers what had no words, so that each gap is told once and not per page.
type missing struct {
	seen  sync.Map
	count atomic.Int64
	tell  atomic.Pointer[func(lang, key string)]
}

func newMissing() *missing { return &missing{} }

const mostGaps = 1000 // keys come from code, not from readers; the bound is for a mistake in code

func (m *missing) note(lang, key string) {
	if m.count.Add(1) > mostGaps {
		return
	}
	if tell := m.tell.Load(); tell != nil {
		(*tell)(lang, key)
		return
	}
	if _, known := m.seen.LoadOrStore(lang+" "+key, true); !known {
		slog.Warn("i18n: no words", "language", lang, "key", key)
	}
}

// Missing counts how often a key, a translation or a placeholder was wanting since start.
func (b *Bundle) Missing() int64 { return b.missing.count.Load() }

// OnMissing replaces the log line for a gap; tests let it fail them.
func (b *Bundle) OnMissing(tell func(lang, key string)) { b.missing.tell.Store(&tell) }

type contextKey struct{}

// With returns a context whose reader speaks l.
func With(ctx context.Context, l *Localizer) context.Context {
	return context.WithValue(ctx, contextKey{}, l)
}

// From is the localizer of the reader, or nil.
func From(ctx context.Context) *Localizer {
	l, _ := ctx.Value(contextKey{}).(*Localizer)
	return l
}

// T is Localizer.T for the reader of ctx. Without a localizer the key comes back.
func T(ctx context.Context, key string, args ...any) string {
	l := From(ctx)
	if l == nil {
		return key
	}
	return l.T(key, args...)
}

// N is Localizer.N for the reader of ctx.
func N(ctx context.Context, key string, count int, args ...any) string {
	l := From(ctx)
	if l == nil {
		return key
	}
	return l.N(key, count, args...)
}

// Say is Localizer.Say for the reader of ctx: the sentence of a fault.Field, for instance.
func Say(ctx context.Context, key string, args map[string]any) string {
	l := From(ctx)
	if l == nil {
		return key
	}
	return l.Say(key, args)
}

// Language is the language of the reader of ctx, for the lang attribute.
func Language(ctx context.Context) string {
	if l := From(ctx); l != nil {
		return l.lang
	}
	return Fallback
}
