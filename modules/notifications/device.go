package notifications

import (
	"context"
	"encoding/base64"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/internal/plaintext"
	"ouderportaal/internal/webpush"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// Device is a browser in which somebody wants to be told by push. It lives as long as the session in which that was asked: signing
// out, in whatever way, takes it away in the database itself.
type Device struct {
	bun.BaseModel `bun:"table:notification_device"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	PersonID      ids.ID `bun:"type:uuid"`
	SessionID     ids.ID `bun:"type:uuid"`
	Name          string
	Endpoint      string
	P256dh        []byte `bun:"p256dh"`
	Auth          []byte
	ServerKey     []byte
	CreatedAt     time.Time
	UsedAt        *time.Time // when a message was last taken for it
	FailedAt      *time.Time
	Failure       string // why the last message was not; empty once one was
}

func (d Device) subscription() webpush.Subscription {
	return webpush.Subscription{Endpoint: d.Endpoint, P256dh: d.P256dh, Auth: d.Auth, ServerKey: d.ServerKey}
}

// Current tells whether it is the one that the actor is signed in with.
func (d Device) Current(who actor.Actor) bool { return d.SessionID == who.SessionID }

const (
	mostDevices    = 20
	mostDeviceName = 60
)

// Subscription is what a browser gives of itself, in base64url where it is bytes.
type Subscription struct{ Endpoint, P256dh, Auth string }

// read checks that a browser can have given it.
func (s Subscription) read(sender *webpush.Sender) (webpush.Subscription, error) {
	to := webpush.Subscription{Endpoint: s.Endpoint, ServerKey: sender.Public()}
	var wrongKey, wrongAuth error
	to.P256dh, wrongKey = base64.RawURLEncoding.DecodeString(strings.TrimRight(s.P256dh, "="))
	to.Auth, wrongAuth = base64.RawURLEncoding.DecodeString(strings.TrimRight(s.Auth, "="))
	if wrongKey != nil || wrongAuth != nil || sender.Check(to) != nil {
		return to, fault.New(fault.Invalid, "notifications.devices.refused")
	}
	return to, nil
}

// PushKey is what browsers are told of who sends, in base64url; empty where nobody is told anything by push.
func (s *Service) PushKey() string {
	if s.config.Push == nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(s.config.Push.Public())
}

// Devices lists where the reader wants to be told, the newest first.
func (s *Service) Devices(ctx context.Context) ([]Device, error) {
	if s.config.Push == nil {
		return nil, nil
	}
	var list []Device
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		list, err = devicesOf(ctx, tx, actor.From(ctx).PersonID)
		return err
	})
	return list, err
}

// Subscribe has the actor told by push in the browser of this session. Twenty devices are the most.
func (s *Service) Subscribe(ctx context.Context, from Subscription) error {
	if s.config.Push == nil {
		return fault.NotFound()
	}
	to, err := from.read(s.config.Push)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		who := actor.From(ctx)
		name, err := identity.HoldSession(ctx, tx)
		if err != nil {
			return err
		}
		if name = strings.TrimSpace(name); name == "" {
			name = i18n.T(ctx, "notifications.devices.unnamed")
		}
		if err := lockDevices(ctx, tx, who.PersonID); err != nil {
			return err
		}
		if err := removeElsewhere(ctx, tx, who, to.Endpoint); err != nil {
			return err
		}
		d := &Device{TenantID: tx.Tenant().ID, ID: ids.New(), PersonID: who.PersonID, SessionID: who.SessionID, Name: shorten(name), CreatedAt: tx.Now(),
			Endpoint: to.Endpoint, P256dh: to.P256dh, Auth: to.Auth, ServerKey: to.ServerKey}
		if err := upsertDevice(ctx, tx, d); err != nil {
			return err
		}
		if n, err := countDevices(ctx, tx, who.PersonID); err != nil || n <= mostDevices {
			return err
		}
		return fault.New(fault.Invalid, "notifications.devices.too_many").With(map[string]any{"Most": mostDevices})
	})
}

func shorten(name string) string {
	if utf8.RuneCountInString(name) > mostDeviceName {
		return string([]rune(name)[:mostDeviceName])
	}
	return name
}

// Renew takes over what a browser gives of itself when its push service moved it, for a device of the actor that was at another address.
func (s *Service) Renew(ctx context.Context, was string, from Subscription) error {
	if s.config.Push == nil {
		return fault.NotFound()
	}
	to, err := from.read(s.config.Push)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		who := actor.From(ctx)
		if _, err := identity.HoldSession(ctx, tx); err != nil {
			return err
		}
		if err := lockDevices(ctx, tx, who.PersonID); err != nil {
			return err
		}
		if err := removeElsewhere(ctx, tx, who, to.Endpoint); err != nil {
			return err
		}
		return moveDevice(ctx, tx, who, was, to)
	})
}

// Rename gives a device of the actor another name.
func (s *Service) Rename(ctx context.Context, id ids.ID, name string) error {
	name = strings.Join(strings.Fields(plaintext.Of(name)), " ")
	var problems fault.Fields
	switch {
	case name == "":
		problems.Add("name", "notifications.devices.name.missing")
	case utf8.RuneCountInString(name) > mostDeviceName:
		problems.Add("name", "notifications.devices.name.long", map[string]any{"Most": mostDeviceName})
	}
	if err := problems.Err(); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		return renameDevice(ctx, tx, actor.From(ctx).PersonID, id, name)
	})
}

// Remove ends push on a device of the actor.
func (s *Service) Remove(ctx context.Context, id ids.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		return removeDevice(ctx, tx, actor.From(ctx).PersonID, id)
	})
}

// tryItem is what a message is about that somebody sends to a device of theirs, to see whether it comes.
const tryItem = "push_test"

// DeviceTried says that somebody wants to see whether messages come.
type DeviceTried struct {
	DeviceID ids.ID `json:"device_id"`
}

// EventName makes it an outbox.Event.
func (DeviceTried) EventName() string { return "notifications.device_tried" }

// Try sends a message to a device of the actor, also in quiet hours. While one is on its way there is no second.
func (s *Service) Try(ctx context.Context, id ids.ID) error {
	if s.config.Push == nil {
		return fault.NotFound()
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		who := actor.From(ctx)
		if err := lockDevices(ctx, tx, who.PersonID); err != nil {
			return err
		}
		if err := mustOwnDevice(ctx, tx, who.PersonID, id); err != nil {
			return err
		}
		if waits, err := triesWaiting(ctx, tx, who.PersonID, id); err != nil || waits {
			return err
		}
		event := ids.New()
		if err := outbox.RecordAs(ctx, tx, event, DeviceTried{DeviceID: id}); err != nil {
			return err
		}
		return insertTry(ctx, tx, event, who.PersonID, id)
	})
}
