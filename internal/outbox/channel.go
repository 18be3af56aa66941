package outbox

import (
	"context"
	"time"

	"ouderportaal/internal/ids"
)

// Delivery is one message to one person over one channel, as it stands in its row. Whoever holds one has the claim on it:
// nobody else sends it while the ctx that came with it lives.
type Delivery struct {
	ID, TenantID      ids.ID
	EventID, PersonID ids.ID
	SubjectID         ids.ID
	DeviceID          ids.ID // where it is shown, over a channel that knows devices; Nil otherwise
	Item              string // what kind of news
	Attempt           int    // 1 the first time
	Gen               int    // the claim
}

// Channel carries deliveries to the outside.
type Channel struct {
	Name string // as in delivery.kind
	// Send is called with deliveries of one organisation, its tenant and the system actor in ctx. It calls report once for
	// each, as soon as its fate is known and before it sends the next: what was sent and is not yet written down is what a
	// crash sends twice, so report waits when too much of that has gathered. What is not reported is tried again later; err
	// says why. After the end of ctx the claim is about to be lost: nothing may be sent any more.
	Send func(ctx context.Context, batch []Delivery, report func(Delivery, Outcome)) error
}

// Fate is how a try to deliver ended.
type Fate string

// The fates. Later is tried again, and Held when its time has come: to hold back was no try. The others are final. Dropped was
// not to be sent any more, which is no failure.
const (
	Sent    Fate = "sent"
	Dropped Fate = "dropped"
	Dead    Fate = "dead"
	Later   Fate = "later"
	Held    Fate = "held"
)

// Outcome is a fate with its reason. Reason is a key or a class such as "mail: transient failure at connect", never a
// text that names somebody.
type Outcome struct {
	Fate   Fate
	Reason string
	// After is the least time to wait before the next try, when it is Later; the usual schedule decides when it is shorter.
	After time.Duration
	// Until is when its time comes, when it is Held.
	Until time.Time
}
