// Package particulars keeps what guardians tell of their child (doctor, health, whom to call, who may collect), and changes in that
// and in their own address and telephone, which they ask for and the organisation approves.
package particulars

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/plaintext"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

// Service keeps particulars and contacts, and takes and decides requests.
type Service struct {
	db            *tenants.DB
	notifications *notifications.Service
}

// New works on db, and tells guardians by n.
func New(db *tenants.DB, n *notifications.Service) *Service {
	s := &Service{db: db, notifications: n}
	s.offer()
	return s
}

// Particulars is what has to be known of a child.
type Particulars struct {
	bun.BaseModel `bun:"table:child_particulars"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ChildID       ids.ID `bun:",pk,type:uuid"`
	Doctor        string
	DoctorPhone   string
	Allergies     string
	Diet          string
	Medical       string
	ChangedAt     time.Time
}

// Field is something that guardians can ask to change.
type Field string

// The fields: of a person, and of a child.
const (
	Phone       Field = "phone"
	Street      Field = "street"
	Postcode    Field = "postcode"
	City        Field = "city"
	Doctor      Field = "doctor"
	DoctorPhone Field = "doctor_phone"
	Allergies   Field = "allergies"
	Diet        Field = "diet"
	Medical     Field = "medical"
)

// OfPerson and OfChild list the fields in the order in which they are shown.
var (
	OfPerson = []Field{Phone, Street, Postcode, City}
	OfChild  = []Field{Doctor, DoctorPhone, Allergies, Diet, Medical}
)

// Long tells whether the field takes more than a line.
func (f Field) Long() bool { return f == Allergies || f == Diet || f == Medical }

// Most is the longest text of a field, in characters.
func (f Field) Most() int {
	switch f {
	case Allergies, Diet, Medical:
		return 1000
	case Phone, DoctorPhone:
		return 40
	case Postcode:
		return 10
	case City:
		return 80
	}
	return 120
}

// Values is what stands in the fields.
type Values map[Field]string

func (p *Particulars) values() Values {
	return Values{Doctor: p.Doctor, DoctorPhone: p.DoctorPhone, Allergies: p.Allergies, Diet: p.Diet, Medical: p.Medical}
}

func (p *Particulars) set(f Field, value string) {
	switch f {
	case Doctor:
		p.Doctor = value
	case DoctorPhone:
		p.DoctorPhone = value
	case Allergies:
		p.Allergies = value
	case Diet:
		p.Diet = value
	case Medical:
		p.Medical = value
	}
}

func valuesOf(p *identity.Person) Values {
	return Values{Phone: p.Phone, Street: p.Street, Postcode: p.Postcode, City: p.City}
}

// check cleans what was typed into fields, and adds what is wrong to problems.
func (v Values) check(problems *fault.Fields, fields []Field) Values {
	clean := Values{}
	for _, f := range fields {
		value := oneLine(v[f])
		if f.Long() {
			value = plaintext.Of(v[f])
		}
		if utf8.RuneCountInString(value) > f.Most() {
			problems.Add(string(f), "particulars.error.too_long", map[string]any{"Max": f.Most()})
		}
		switch {
		case value == "":
		case f == Phone || f == DoctorPhone:
			if _, key := identity.ParsePhone(value); key != "" {
				problems.Add(string(f), key)
			}
		case f == Postcode:
			postcode, key := identity.ParsePostcode(value)
			if key != "" {
				problems.Add(string(f), key)
			} else {
				value = postcode
			}
		}
		clean[f] = value
	}
	return clean
}

func oneLine(s string) string { return strings.Join(strings.Fields(plaintext.Of(s)), " ") }

// MaxContacts is how many people a child can have who are called or may collect it.
const MaxContacts = 8

const maxName = 80

// Contact is somebody to call about a child, who may collect it, or both.
type Contact struct {
	bun.BaseModel `bun:"table:child_contact"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	ChildID       ids.ID `bun:"type:uuid"`
	Name          string
	Relation      string
	Phone         string
	Emergency     bool // is called when guardians cannot be reached
	Collects      bool
	Version       int
	AddedBy       ids.ID `bun:"type:uuid"`
	AddedAt       time.Time
	RemovedAt     *time.Time
	RemovedBy     ids.ID `bun:"type:uuid,nullzero"`
}

// ContactDraft is a contact as it was typed.
type ContactDraft struct {
	Name, Relation, Phone string
	Emergency, Collects   bool
	Version               int    // of the row that was on the screen
	FormKey               ids.ID // of a new one: sent twice it is there once
}

// Check cleans the draft, and tells everything that is wrong with it.
func (d *ContactDraft) Check() error {
	d.Name, d.Relation, d.Phone = oneLine(d.Name), oneLine(d.Relation), oneLine(d.Phone)
	var problems fault.Fields
	if d.Name == "" {
		problems.Add("name", "particulars.error.name")
	} else if utf8.RuneCountInString(d.Name) > maxName {
		problems.Add("name", "particulars.error.too_long", map[string]any{"Max": maxName})
	}
	if d.Relation == "" {
		problems.Add("relation", "particulars.error.relation")
	} else if utf8.RuneCountInString(d.Relation) > maxName {
		problems.Add("relation", "particulars.error.too_long", map[string]any{"Max": maxName})
	}
	if _, key := identity.ParsePhone(d.Phone); key != "" {
		problems.Add("phone", key)
	}
	if !d.Emergency && !d.Collects {
		problems.Add("emergency", "particulars.error.no_use")
	}
	return problems.Err()
}

// State is how far a request is.
type State string

// The states. One that was Approved waits for its day, and is Applied from then on.
const (
	Pending   State = "pending"
	Approved  State = "approved"
	Refused   State = "refused"
	Withdrawn State = "withdrawn"
	Applied   State = "applied"
)

// Change is a field that is to become something else.
type Change struct {
	Field   Field  `json:"field"`
	Was     string `json:"was"`
	Becomes string `json:"becomes"`
	Skipped bool   `json:"skipped,omitempty"` // on its day something newer stood there, which stayed
}

// Request is a change that a guardian asked for: of a child, or of themselves.
type Request struct {
	bun.BaseModel `bun:"table:change_request,alias:r"`
	TenantID      ids.ID       `bun:",pk,type:uuid"`
	ID            ids.ID       `bun:",pk,type:uuid"`
	ChildID       ids.ID       `bun:"type:uuid,nullzero"`
	PersonID      ids.ID       `bun:"type:uuid,nullzero"`
	Changes       []Change     `bun:"type:jsonb"`
	HoldsFrom     tenants.Date `bun:"type:date"`
	State         State
	AskedBy       ids.ID `bun:"type:uuid"`
	AskedAt       time.Time
	DecidedBy     ids.ID `bun:"type:uuid,nullzero"`
	DecidedAt     *time.Time
	Reason        string
	AppliedAt     *time.Time
}

// Stoppable tells whether the change does not hold yet: who asked may withdraw it, and who decides may refuse it.
func (r *Request) Stoppable() bool { return r.State == Pending || r.State == Approved }

// Overtaken tells whether something was skipped when the change was made.
func (r *Request) Overtaken() bool { return len(r.skipped()) > 0 }

// MaxReason is the longest reason for refusing, in characters, and MaxAhead how many days ahead a change can be asked for.
const (
	MaxReason = 500
	MaxAhead  = 366
)

// Requested happens when a guardian asked for a change.
type Requested struct {
	RequestID ids.ID `json:"request_id"`
}

// EventName names the event in the ledger.
func (Requested) EventName() string { return "particulars.requested" }

// Decided happens when a request was approved, refused or, later, applied.
type Decided struct {
	RequestID ids.ID `json:"request_id"`
}

// EventName names the event in the ledger.
func (Decided) EventName() string { return "particulars.decided" }
