package identity

import (
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// touchEvery bounds how often being used is written down: it is the one write that a GET may cause. A session may end for
// want of use this much too early, never too late; touchShare is how much of the time that it may lie unused that is at most.
const (
	touchEvery = 5 * time.Minute
	touchShare = 10
)

// session is a row; the token itself is only in the browser.
type session struct {
	bun.BaseModel   `bun:"table:session"`
	TenantID        ids.ID `bun:",pk,type:uuid"`
	ID              ids.ID `bun:",pk,type:uuid"`
	TokenHash       []byte
	FormerTokenHash []byte `bun:",nullzero"`
	PersonID        ids.ID `bun:"type:uuid"`
	MembershipID    ids.ID `bun:"type:uuid"`
	BrowserID       ids.ID `bun:"type:uuid,nullzero"` // of a browser with several accounts
	Follows         ids.ID `bun:"type:uuid,nullzero"` // that of the same person in the same browser before they signed in anew
	Device          string
	Strong          bool      // opened with a second factor or a passkey
	ProvedAt        time.Time // when its owner last proved who they are
	CreatedAt       time.Time
	UsedAt          time.Time
	IdleUntil       time.Time
	ExpiresAt       time.Time
	EndedAt         *time.Time
}

// limits are how long a session lives unused, and at most since its password was typed.
type limits struct{ idle, absolute time.Duration }

// limitsOf are those of a role that somebody has at an organisation, which may let sessions lie unused less long than we do.
func limitsOf(rules tenants.SignIn, role string) limits {
	const day = 24 * time.Hour
	l := limits{idle: time.Hour, absolute: 12 * time.Hour}
	own := time.Duration(rules.StaffIdleMinutes) * time.Minute
	if role == "parent" {
		l, own = limits{idle: 14 * day, absolute: 30 * day}, time.Duration(rules.ParentIdleDays)*day
	}
	if own > 0 {
		l.idle = min(l.idle, own)
	}
	return l
}

// noted is how often it is written down that a session with these limits is used.
func (l limits) noted() time.Duration { return min(touchEvery, l.idle/touchShare) }

// usedSince is since when sessions must have been used to be alive now, those of parents and all others.
func usedSince(rules tenants.SignIn, now time.Time) (parents, others time.Time) {
	return now.Add(-limitsOf(rules, "parent").idle), now.Add(-limitsOf(rules, "staff").idle)
}

// until is when a session in role, begun at begin and used at now, stops by itself.
func (l limits) until(begin, now time.Time) (idle, absolute time.Time) {
	absolute = begin.Add(l.absolute)
	if idle = now.Add(l.idle); idle.After(absolute) {
		idle = absolute
	}
	return idle, absolute
}

// SignedIn is a fresh session. Token goes into the cookie and nowhere else.
type SignedIn struct {
	// Wait is set when the password was right and a second factor is needed: it is what Prove goes on with. There is no
	// session then, and everything else is empty.
	Wait       string
	Token      string
	ExpiresAt  time.Time
	Actor      actor.Actor
	Appearance Appearance
}

// Visit is what a request needs to know of its session.
type Visit struct {
	Actor      actor.Actor
	Appearance Appearance
	Ahead      bool // the questions that travelled along are answered
}

// Device is a place where somebody is signed in.
type Device struct {
	SessionID ids.ID
	Name      string // browser and system, as far as they told
	Role      actor.Role
	UsedAt    time.Time
	Current   bool
}
