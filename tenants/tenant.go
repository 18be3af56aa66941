// Package tenants makes one installation serve many daycare organisations: it finds the organisation of a host
// and is the only door to that organisation's rows.
package tenants

import (
	"context"
	"fmt"
	"sync"
	"time"
	_ "time/tzdata" // the zone of a tenant must be known on every machine

	"ouderportaal/internal/ids"
)

// Status says whether an organisation is served.
type Status string

// The states of a tenant. A suspended tenant gets a notice on every page, and its jobs wait.
const (
	Active    Status = "active"
	Suspended Status = "suspended"
)

// Tenant is one daycare organisation.
type Tenant struct {
	ID           ids.ID
	Slug         string // the label before the base domain
	Name         string
	Status       Status
	StatusReason string
	TimeZone     string // IANA name
	Language     string // of pages before anybody has signed in: nl or en
	BrandHue     float64
	BrandChroma  float64
	Address      string
	Phone        string
	Email        string
	Logo         ids.ID // of the picture; Nil for our own mark
	Words        Words
	// SecurityContact is where weak spots are reported, as a URI; empty for that of the installation.
	SecurityContact string
	Off             []string // features that it does without; see Has
	Languages       []string // that visitors can choose; see Offers
	ChildLimit      int      // 0: none
	StorageLimit    int64    // bytes; 0: none
	Example         bool     // its data are made up
	SignIn
}

var zones sync.Map // name → *time.Location

// Location is the zone in which the tenant's days begin and end.
func (t Tenant) Location() *time.Location {
	if z, ok := zones.Load(t.TimeZone); ok {
		return z.(*time.Location)
	}
	z, err := time.LoadLocation(t.TimeZone)
	if err != nil {
		z = time.UTC
	}
	zones.Store(t.TimeZone, z)
	return z
}

// Date is a local calendar day of a tenant, as 2006-01-02.
type Date string

// Scan reads a date column; NULL is the empty Date.
func (d *Date) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d = ""
	case time.Time:
		*d = Date(v.Format(time.DateOnly))
	case string:
		*d = Date(v)
	case []byte:
		*d = Date(v)
	default:
		return fmt.Errorf("tenants: a date cannot be read from %T", src)
	}
	return nil
}

// Valid tells whether d is a day of the calendar that the program works with.
func (d Date) Valid() bool {
	t, err := time.Parse(time.DateOnly, string(d))
	return err == nil && t.Year() >= 1900 && t.Year() < 2200
}

// Add is the day that lies n days later.
func (d Date) Add(n int) Date {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return d
	}
	return Date(t.AddDate(0, 0, n).Format(time.DateOnly))
}

// Weekday is the ISO number of its weekday: 1 is Monday, 7 Sunday; 0 when d is no day.
func (d Date) Weekday() int {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return 0
	}
	return (int(t.Weekday())+6)%7 + 1
}

// DateOf is the day that t falls on in the tenant's zone.
func (t Tenant) DateOf(at time.Time) Date { return Date(at.In(t.Location()).Format(time.DateOnly)) }

type readOnlyKey struct{}

// ReadOnly returns a context in which DB.Write is refused, whoever asks.
func ReadOnly(ctx context.Context) context.Context {
	return context.WithValue(ctx, readOnlyKey{}, true)
}

// IsReadOnly tells whether ctx comes from ReadOnly.
func IsReadOnly(ctx context.Context) bool { return ctx.Value(readOnlyKey{}) != nil }

type contextKey struct{}

// With returns a context that works for t.
func With(ctx context.Context, t Tenant) context.Context {
	return context.WithValue(ctx, contextKey{}, t)
}

// From tells which tenant ctx works for.
func From(ctx context.Context) (Tenant, bool) {
	t, ok := ctx.Value(contextKey{}).(Tenant)
	return t, ok
}
