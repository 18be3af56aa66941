// Package fault is the one error that crosses the border to people: a code for the protocol, a key for their language,
// and a cause that only the log sees.
package fault

import (
	"errors"
	"time"
)

// Code is the class of a fault; its value is the HTTP status it is answered with.
type Code int

// The classes. NotFound also stands for "not yours", so that an answer never tells whether a row exists.
const (
	BadRequest       Code = 400
	Unauthenticated  Code = 401
	Forbidden        Code = 403
	Missing          Code = 404
	MethodNotAllowed Code = 405
	Conflict         Code = 409
	Gone             Code = 410
	TooLarge         Code = 413
	Misdirected      Code = 421
	Invalid          Code = 422
	TooMany          Code = 429
	Internal         Code = 500
	Unavailable      Code = 503
)

// Field says what is wrong with one thing that somebody typed.
type Field struct {
	Name string
	Key  string
	Args map[string]any
}

// Error is a fault that may be shown: Key and Args become a sentence in the reader's language.
type Error struct {
	Code       Code
	Key        string
	Args       map[string]any
	Fields     []Field
	RetryAfter time.Duration
	cause      error
}

// New makes a fault with the locale key of its sentence.
func New(code Code, key string) *Error { return &Error{Code: code, Key: key} }

// NotFound is the answer for what does not exist and for what is not the asker's to see: the two must not differ.
func NotFound() *Error { return New(Missing, "error.not_found") }

// With returns a copy of the fault with the words that its sentence needs.
func (e *Error) With(args map[string]any) *Error {
	c := *e
	c.Args = args
	return &c
}

// Wrap returns a copy of the fault that keeps cause for the log.
func (e *Error) Wrap(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// After returns a copy that tells when trying again makes sense.
func (e *Error) After(d time.Duration) *Error {
	c := *e
	c.RetryAfter = d
	return &c
}

// Error is for the log; what people read is made from Key.
func (e *Error) Error() string {
	text := e.Key
	for _, f := range e.Fields {
		text += " " + f.Name + "=" + f.Key
	}
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

// Unwrap gives the hidden cause.
func (e *Error) Unwrap() error { return e.cause }

// Fields collects what is wrong with a form, so that everything is said at once.
type Fields struct{ list []Field }

// Add notes a problem with the named field; args are the words its sentence needs.
func (f *Fields) Add(name, key string, args ...map[string]any) {
	field := Field{Name: name, Key: key}
	if len(args) > 0 {
		field.Args = args[0]
	}
	f.list = append(f.list, field)
}

// Err is nil when nothing was added.
func (f *Fields) Err() error {
	if len(f.list) == 0 {
		return nil
	}
	return &Error{Code: Invalid, Key: "error.invalid", Fields: f.list}
}

// As finds the fault in err, if there is one.
func As(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

// CodeOf is the class of err; what is not a fault is Internal.
func CodeOf(err error) Code {
	if e, ok := As(err); ok {
		return e.Code
	}
	return Internal
}
