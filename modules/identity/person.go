// Package identity knows who the people of an organisation are, what they are there, and how they prove it: persons,
// memberships, passwords, sessions, one-time links, and the limits on guessing.
package identity

import (
	"strings"
	"time"

	"github.com/uptrace/bun"
	"golang.org/x/text/unicode/norm"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/mail"
)

// Person is somebody known to one organisation. The same human being at another organisation is another person.
type Person struct {
	bun.BaseModel `bun:"table:person"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	GivenName     string
	FamilyName    string
	Email         string `bun:",nullzero"` // lower case; the user name; unique within the organisation
	Phone         string
	Language      string // of pages and mail: nl or en
	Appearance    Appearance
	Face          int
	PasswordHash  string `bun:",nullzero"` // PHC string; empty: cannot sign in with a password
	PasswordShort bool   // may only stand beside a second factor
	PasswordSetAt *time.Time
	DeactivatedAt *time.Time
	CreatedAt     time.Time
	Street        string // address and phone are kept from other households: see children.MayReach
	Postcode      string
	City          string
	Version       int `bun:",nullzero,default:1"` // counts changes: who changes a row says which they saw
}

// Name is the person's whole name, for the screen.
func (p *Person) Name() string { return fullName(p.GivenName, p.FamilyName) }

func fullName(given, family string) string { return strings.TrimSpace(given + " " + family) }

// Appearance is how somebody wants pages to look.
type Appearance string

// The appearances; System follows the device.
const (
	System Appearance = "system"
	Light  Appearance = "light"
	Dark   Appearance = "dark"
)

// Appearances lists the choices in the order in which they are offered.
var Appearances = []Appearance{System, Light, Dark}

// Languages lists the languages that pages and mail are written in.
var Languages = []string{"nl", "en"}

// Draft is what is known of a person who is added.
type Draft struct {
	GivenName  string
	FamilyName string
	Email      string // may be empty: such a person cannot sign in
	Phone      string
	Language   string // empty: the organisation's
	Face       int
	Street     string
	Postcode   string
	City       string
}

const (
	maxName     = 80
	maxPhone    = 40
	maxStreet   = 120
	maxPostcode = 10
)

// Check cleans the draft, and tells everything that is wrong with it.
func (d *Draft) Check() error {
	var problems fault.Fields
	d.GivenName, d.FamilyName = tidy(d.GivenName), tidy(d.FamilyName)
	d.Street, d.City = tidy(d.Street), tidy(d.City)
	CheckNames(&problems, d.GivenName, d.FamilyName)
	if d.Phone = tidy(d.Phone); d.Phone != "" {
		if _, key := ParsePhone(d.Phone); key != "" {
			problems.Add("phone", key)
		}
	}
	if d.Postcode = tidy(d.Postcode); d.Postcode != "" {
		if postcode, key := ParsePostcode(d.Postcode); key != "" {
			problems.Add("postcode", key)
		} else {
			d.Postcode = postcode
		}
	}
	if key, args := CheckLength(d.Street, maxStreet); key != "" {
		problems.Add("street", key, args)
	}
	if key, args := CheckLength(d.City, maxName); key != "" {
		problems.Add("city", key, args)
	}
	if d.Email != "" {
		email, ok := NormalizeEmail(d.Email)
		if !ok {
			problems.Add("email", "identity.error.email")
		}
		d.Email = email
	}
	if d.Language != "" && !speaks(d.Language) {
		problems.Add("language", "identity.error.language")
	}
	return problems.Err()
}

// CheckNames adds to problems what is wrong with the names of somebody: the given name is required.
func CheckNames(problems *fault.Fields, given, family string) {
	if given == "" {
		problems.Add("given_name", "identity.error.name")
	}
	if key, args := CheckName(given, maxName); key != "" {
		problems.Add("given_name", key, args)
	}
	if key, args := CheckName(family, maxName); key != "" {
		problems.Add("family_name", key, args)
	}
}

// NormalizeEmail is how an address is kept and looked up, and whether it is one that mail can be sent to.
func NormalizeEmail(typed string) (string, bool) {
	typed = norm.NFKC.String(strings.TrimSpace(typed))
	if len(typed) > maxEmail {
		return "", false
	}
	email, ok := mail.Normalize(typed)
	return strings.ToLower(email), ok
}

const maxEmail = 254

func tidy(s string) string {
	return strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ")
}

func speaks(language string) bool {
	for _, l := range Languages {
		if l == language {
			return true
		}
	}
	return false
}
