package notifications

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"time"

	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/internal/webpush"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// Why a push was not sent after all. They stand in the delivery's row.
const (
	deviceGone = "device gone" // its owner signed out there, or removed it
	pushGone   = "push: gone"  // its push service says so, and its owner may not know
	otherRole  = "device used in another role"
)

const (
	keepPush = 24 * time.Hour  // for a device that is off
	keepTry  = 5 * time.Minute // somebody is looking at it
	// noteEvery bounds how often being used is written down.
	noteEvery = 10 * time.Minute
)

// PushDelivery is the channel that sends to devices, where there is push. What somebody wants and may know, and whether they are still
// signed in there, is looked at when sending.
func (s *Service) PushDelivery() []outbox.Channel {
	if s.config.Push == nil {
		return nil
	}
	return []outbox.Channel{{Name: PushChannel, Send: s.sendPushes}}
}

func (s *Service) sendPushes(ctx context.Context, batch []outbox.Delivery, report func(outbox.Delivery, outbox.Outcome)) error {
	tenant, ok := tenants.From(ctx)
	if !ok {
		return tenants.ErrNoTenant
	}
	var tries, rest []outbox.Delivery
	for _, d := range batch {
		if d.Item == tryItem {
			tries = append(tries, d)
		} else {
			rest = append(rest, d)
		}
	}
	known, problems := s.known(rest)
	plan, err := s.plan(ctx, known)
	if err != nil {
		return errors.Join(problems, err)
	}
	now := known[:0:0]
	for _, d := range known {
		if wait, waits := plan.waits[d.ID]; waits {
			report(d, wait)
		} else {
			now = append(now, d)
		}
	}
	round, err := s.pushRound(ctx, tenant, append(tries, now...))
	if err != nil {
		return errors.Join(problems, err)
	}
	if round.told, err = s.composeAll(ctx, PushChannel, now, plan.carries); err != nil {
		return errors.Join(problems, err)
	}
	for _, d := range tries {
		report(d, round.send(ctx, d, []outbox.Delivery{d}))
	}
	for _, d := range now {
		report(d, round.send(ctx, d, round.told.once(append([]outbox.Delivery{d}, plan.carries[d.ID]...))))
	}
	return problems
}

// pushRound is what the messages of one batch share.
type pushRound struct {
	*Service
	frame    frame
	devices  map[ids.ID]Device
	sessions map[ids.ID]identity.SessionDevice
	people   map[ids.ID]identity.Contact
	told     told
	away     map[string]error // hosts that were not reached
	now      time.Time
}

func (s *Service) pushRound(ctx context.Context, tenant tenants.Tenant, batch []outbox.Delivery) (*pushRound, error) {
	r := &pushRound{Service: s, frame: s.frame(tenant), away: map[string]error{}}
	if len(batch) == 0 {
		return r, nil
	}
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		r.now = tx.Now()
		at := make([]ids.ID, len(batch))
		for i, d := range batch {
			at[i] = d.DeviceID
		}
		if r.devices, err = devicesNamed(ctx, tx, at); err != nil {
			return err
		}
		var sessions []ids.ID
		for _, d := range r.devices {
			sessions = append(sessions, d.SessionID)
		}
		if r.sessions, err = identity.SessionDevices(ctx, tx, sessions); err != nil {
			return err
		}
		r.people, err = identity.Contacts(ctx, tx, personsOf(batch))
		return err
	})
	return r, err
}

// send tells a device of things in one message. ctx ends when the claim does: nothing is sent then.
func (r *pushRound) send(ctx context.Context, d outbox.Delivery, tells []outbox.Delivery) outbox.Outcome {
	device, there := r.devices[d.DeviceID]
	session, in := r.sessions[device.SessionID]
	if !there || !in || device.PersonID != d.PersonID {
		return outbox.Outcome{Fate: outbox.Dropped, Reason: deviceGone}
	}
	audiences := AudiencesOf(session.Role)
	if len(audiences) == 0 {
		return outbox.Outcome{Fate: outbox.Dropped, Reason: otherRole}
	}
	if d.Item != tryItem {
		some := len(tells) > 0
		tells = slices.DeleteFunc(tells, func(d outbox.Delivery) bool { return !slices.Contains(audiences, r.items[d.Item].For) })
		if len(tells) == 0 {
			refused := cmp.Or(r.told.refusals[d.ID], notTold)
			if some {
				refused = otherRole
			}
			return outbox.Outcome{Fate: outbox.Dropped, Reason: refused}
		}
	}
	host := hostOf(device.Endpoint)
	if r.away[host] != nil { // the others would only wait for the same answer
		return outbox.Outcome{Fate: outbox.Later, Reason: r.away[host].Error()}
	}
	message, err := r.message(d, tells, audiences[0])
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return outbox.Outcome{Fate: outbox.Later, Reason: "push: not made"}
	}
	err = r.config.Push.Send(ctx, device.subscription(), message)
	return r.outcome(ctx, d, device, host, err)
}

func (r *pushRound) outcome(ctx context.Context, d outbox.Delivery, device Device, host string, err error) outbox.Outcome {
	var failed *webpush.Failure
	if err != nil && !errors.As(err, &failed) {
		return outbox.Outcome{Fate: outbox.Later, Reason: "push: unknown"}
	}
	if failed == nil && device.Failure == "" && device.UsedAt != nil && r.now.Sub(*device.UsedAt) < noteEvery {
		return outbox.Outcome{Fate: outbox.Sent}
	}
	if noted := r.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error { return noteSent(ctx, tx, device, failed) }); noted != nil {
		slog.WarnContext(ctx, "notifications: push not noted", "delivery", d.ID, "error", noted) // the next message to it tells the same
	}
	if failed == nil {
		return outbox.Outcome{Fate: outbox.Sent}
	}
	slog.WarnContext(ctx, "notifications: push not sent", "delivery", d.ID, "attempt", d.Attempt, "error", failed)
	switch {
	case failed.Gone:
		delete(r.devices, device.ID)
		return outbox.Outcome{Fate: outbox.Dropped, Reason: pushGone}
	case failed.Permanent:
		return outbox.Outcome{Fate: outbox.Dead, Reason: failed.Error()}
	}
	if failed.Connect {
		r.away[host] = failed
	}
	return outbox.Outcome{Fate: outbox.Later, Reason: failed.Error(), After: failed.After}
}

func hostOf(endpoint string) string {
	u, err := url.Parse(endpoint)
	if err != nil {
		return ""
	}
	return u.Host
}

// pushed is a message in the form that browsers show by themselves (declarative web push); our service worker reads it in the others.
type pushed struct {
	WebPush      int    `json:"web_push"` // 8030 says that it is one
	Notification notice `json:"notification"`
}

// notice says nothing of anybody: a lock screen is read by others.
type notice struct {
	Title    string `json:"title"`
	Body     string `json:"body"`
	Lang     string `json:"lang"`
	Navigate string `json:"navigate"`
	Tag      string `json:"tag"`
	Icon     string `json:"icon"`
}

func (r *pushRound) message(d outbox.Delivery, tells []outbox.Delivery, audience Audience) (webpush.Message, error) {
	words := r.config.Words.For(r.people[d.PersonID].Language)
	m := webpush.Message{TTL: keepPush, Urgency: webpush.Normal}
	shows := notice{Body: r.frame.tenant.Name, Lang: words.Language(), Navigate: r.frame.home + "/meldingen", Icon: r.frame.home + "/app-icoon/192.png"}
	only := tells[0]
	switch {
	case d.Item == tryItem:
		shows.Title, shows.Navigate, m.TTL = words.T("notifications.push.test"), r.frame.home+"/overig/notificaties", keepTry
	case len(tells) > 1:
		shows.Title, m.Urgency = words.N("notifications.push.together", len(tells)), webpush.Low
		only = outbox.Delivery{PersonID: d.PersonID, Item: calmItems}
	default:
		shows.Title, shows.Navigate = title(words, audience), r.frame.home+r.told.letters[only.ID].path(r.items[only.Item], only.SubjectID)
		if r.items[only.Item].Calm {
			m.Urgency = webpush.Low
		}
	}
	m.Topic = topic(only)
	shows.Tag = m.Topic
	var err error
	m.Payload, err = json.Marshal(pushed{WebPush: 8030, Notification: shows})
	if err != nil {
		return m, fmt.Errorf("notifications: write push: %w", err)
	}
	return m, nil
}

func title(words *i18n.Localizer, to Audience) string {
	if to == Staff {
		return words.T("notifications.push.title_staff")
	}
	return words.T("notifications.push.title")
}

// topic names what a message is about to push services and devices without telling it: a later message about the same thing takes the
// place of one that is not shown yet, or still is, so that what a crash sends twice is seen once.
func topic(about outbox.Delivery) string {
	hash := sha256.Sum256(slices.Concat(about.PersonID[:], about.SubjectID[:], []byte(about.Item)))
	return base64.RawURLEncoding.EncodeToString(hash[:24])
}
