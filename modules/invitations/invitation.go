// Package invitations sees to it that every guardian has an account before the child comes: it plans one mail for each
// guardian and placement, six weeks before the first day, moves and calls it off with the placement, sends it once, and
// tells what came of it.
package invitations

import (
	"embed"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Policy holds the casbin lines of this module.
//
//go:embed policy.csv
var Policy string

// Locales holds the words of this module.
//
//go:embed locales/*.json
var Locales embed.FS

// State is how far an invitation has come.
type State string

// The states. Planned waits for its moment; Due is on its way to the mail server; Sent becomes Activated with the account,
// or Failed when no mail reaches the address. Superseded gave way to another row, because the placement moved or the
// address was corrected; Cancelled has lost its ground; Unneeded was overtaken by an account.
const (
	Planned    State = "planned"
	Due        State = "due"
	Sent       State = "sent"
	Activated  State = "activated"
	Failed     State = "failed"
	Superseded State = "superseded"
	Cancelled  State = "cancelled"
	Unneeded   State = "unneeded"
	// Expired is no state in the row: a Sent one whose link has had its time.
	Expired State = "expired"
)

// Why an invitation was called off or failed. They stand in its row and are said by "invitations.reason.…".
const (
	placementCancelled = "placement_cancelled"
	careEnded          = "care_ended"
	tieEnded           = "tie_ended"
	noAddress          = "no_address"
	moved              = "moved"
	addressCorrected   = "address_corrected"
	undeliverable      = "undeliverable"
	madeUp             = "made_up"
	notInTime          = "not_in_time"
)

// LinkTime is how long the link in the mail works.
const LinkTime = 14 * 24 * time.Hour

// Invitation is the intent to mail one guardian about one placement, and what came of it.
type Invitation struct {
	bun.BaseModel `bun:"table:invitation"`
	TenantID      ids.ID       `bun:",pk,type:uuid"`
	ID            ids.ID       `bun:",pk,type:uuid"`
	PersonID      ids.ID       `bun:"type:uuid"`
	ChildID       ids.ID       `bun:"type:uuid"`
	PlacementID   ids.ID       `bun:"type:uuid"`
	StartsOn      tenants.Date `bun:"type:date"`
	DueAt         time.Time
	State         State
	Reason        string
	Address       string // where the mail went
	EventID       ids.ID `bun:"type:uuid,nullzero"` // of the mail; rows that were due together share it
	SentAt        *time.Time
	ExpiresAt     *time.Time
	CreatedAt     time.Time
	ChangedAt     time.Time
}

// Settings are an organisation's wishes about invitations.
type Settings struct {
	bun.BaseModel `bun:"table:invitation_setting"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	LeadDays      int    // local days between the mail and the first day of care
	SentFrom      string // time of the local day from which a mail may go, 15:04
}

// The defaults of an organisation that never chose: six weeks, at nine in the morning.
const (
	defaultLead = 42
	defaultFrom = "09:00"
	longestLead = 365
)

// Check tells everything that is wrong with what was typed.
func (s *Settings) Check() error {
	var problems fault.Fields
	if s.LeadDays < 0 || s.LeadDays > longestLead {
		problems.Add("lead_days", "invitations.error.lead_days")
	}
	if at, err := time.Parse("15:04", s.SentFrom); err != nil {
		problems.Add("sent_from", "invitations.error.sent_from")
	} else {
		s.SentFrom = at.Format("15:04")
	}
	return problems.Err()
}

// MailingDue says that it is time to mail a guardian about the invitations that carry this event's id.
type MailingDue struct {
	PersonID ids.ID `json:"person_id"`
}

// EventName is the name in the ledger.
func (MailingDue) EventName() string { return "invitations.mailing_due" }
