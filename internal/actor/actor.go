// Package actor carries who is asking through a request or a job.
package actor

import (
	"context"
	"time"

	"ouderportaal/internal/ids"
)

// Role is what somebody is inside one organisation, or on the platform. Its value is the subject of the casbin lines.
type Role string

// The roles. Enrolling is somebody whose role asks for a second factor that they have not set up yet: they can do that and
// nothing else. System is the program itself, working off an event or the clock; no sign-in can give it. Operator runs the
// platform and belongs to no organisation.
const (
	Parent    Role = "role:parent"
	Staff     Role = "role:staff"
	Manager   Role = "role:manager"
	Admin     Role = "role:admin"
	Enrolling Role = "role:enrolling"
	System    Role = "role:system"
	Operator  Role = "role:operator"
)

// Roles lists every role that a person or a job can act in.
var Roles = []Role{Parent, Staff, Manager, Admin, Enrolling, System, Operator}

// Known tells whether r is one of Roles.
func (r Role) Known() bool {
	for _, known := range Roles {
		if r == known {
			return true
		}
	}
	return false
}

// Actor is one person in one role at one organisation, or the system there. The zero value is a visitor who has not signed in.
type Actor struct {
	TenantID  ids.ID
	PersonID  ids.ID
	Role      Role
	Language  string // what the person chose; empty when nothing was chosen
	SessionID ids.ID
	ProvedAt  time.Time // when they last typed a password or a code, or used a passkey
	Name      string    // for the screen only: never in a log
	Face      int       // of the drawn face, for the screen
}

// Anonymous tells that nobody is signed in.
func (a Actor) Anonymous() bool { return a.Role == "" }

// ForSystem is the actor of jobs of one organisation.
func ForSystem(tenantID ids.ID) Actor { return Actor{TenantID: tenantID, Role: System} }

type key struct{}

// With returns a context in which a acts.
func With(ctx context.Context, a Actor) context.Context { return context.WithValue(ctx, key{}, &a) }

// From tells who acts in ctx; the zero value when nobody does.
func From(ctx context.Context) Actor {
	if a, ok := ctx.Value(key{}).(*Actor); ok {
		return *a
	}
	return Actor{}
}
