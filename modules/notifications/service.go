package notifications

import (
	"context"
	"embed"
	"fmt"
	"slices"
	"time"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/bounce"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/live"
	"ouderportaal/internal/mail"
	"ouderportaal/internal/outbox"
	"ouderportaal/internal/webpush"
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

// Config is what notifications need from the installation.
type Config struct {
	Hosts tenants.Hosts
	Words *i18n.Bundle
	Mail  mail.Sender     // only processes that deliver need it
	Push  *webpush.Sender // nil: nobody is told anything by push
	// Gather is how long mail that is only nice to know waits for more of its kind; at 0 each goes by itself, at once.
	Gather time.Duration
	// Keys sign the links that switch mail off: at least one of 32 bytes or more. The first signs; the others are older and
	// still open links in mails that people keep.
	Keys [][]byte
	// Returns is where mail comes back to that cannot be delivered.
	Returns bounce.Returns
}

// Service notifies people and keeps what they want to hear of.
type Service struct {
	db     *tenants.DB
	config Config
	items  map[string]Item
	order  []string
}

// New refuses to start without a key for the links in mails.
func New(db *tenants.DB, config Config) (*Service, error) {
	if len(config.Keys) == 0 {
		return nil, fmt.Errorf("notifications: no key to sign links with")
	}
	for _, key := range config.Keys {
		if len(key) < 32 {
			return nil, fmt.Errorf("notifications: a key is shorter than 32 bytes")
		}
	}
	return &Service{db: db, config: config, items: map[string]Item{}}, nil
}

// Offer adds kinds of news, in the order in which preferences list them. It is for the start of the program only and
// panics on an item that is incomplete or offered twice.
func (s *Service) Offer(items ...Item) {
	for _, item := range items {
		if item.Name == "" || len(item.Name) > 40 || item.For == "" || item.Line == "" || item.Path == nil || (item.Label == "") != (item.Compose == nil) {
			panic(fmt.Sprintf("notifications: item %q is incomplete", item.Name))
		}
		if _, twice := s.items[item.Name]; twice {
			panic(fmt.Sprintf("notifications: item %q is offered twice", item.Name))
		}
		s.items[item.Name] = item
		s.order = append(s.order, item.Name)
	}
}

// Notify writes the news for its recipients beside whatever else tx does: a line in the list of each, and, if the item has
// any, a mail and a message to each of their devices that are sent if, when their turn comes, they want it and may still be told. Pages that are open look again.
func (s *Service) Notify(ctx context.Context, tx tenants.Writer, n News) error {
	item, known := s.items[n.Item]
	if !known {
		return fmt.Errorf("notifications: no item is called %q", n.Item)
	}
	if len(n.Recipients) == 0 || !tx.Tenant().Has(item.Feature) {
		return nil
	}
	if n.Queue == "" {
		n.Queue = outbox.Normal
	}
	if err := insertNews(ctx, tx, item, n, s.config.Push != nil && tx.Tenant().Has(tenants.Push)); err != nil {
		return err
	}
	topics := make([]string, len(n.Recipients))
	for i, person := range n.Recipients {
		topics[i] = live.Person(person)
	}
	if err := live.Signal(ctx, tx, topics...); err != nil {
		return err
	}
	return outbox.RingRelay(ctx, tx)
}

// tellAtOnce is how many people NotifyAll tells in one transaction.
const tellAtOnce = 500

// NotifyAll is Notify for handlers of events that concern thousands: each part is kept as soon as it is written, so that the
// first mails go out while the last lines are being written. A handler that is broken off in between runs again, and
// nobody is told twice. It opens its own transactions.
func (s *Service) NotifyAll(ctx context.Context, n News) error {
	for part := range slices.Chunk(n.Recipients, tellAtOnce) {
		some := n
		some.Recipients = part
		if err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error { return s.Notify(ctx, tx, some) }); err != nil {
			return err
		}
	}
	return nil
}

// pageSize is how many lines a page of the list has.
const pageSize = 30

// List gives the reader's notifications before one of them, or the newest for Nil. On the first page what may ask for something
// and is not read, or asks for it until it is done, stands apart, and in no other list.
func (s *Service) List(ctx context.Context, before ids.ID) (List, error) {
	var page List
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		who := actor.From(ctx)
		if before == ids.Nil {
			waiting, err := waitingOf(ctx, tx, who, s.apart())
			if err != nil {
				return err
			}
			if page.Waiting, err = s.lines(ctx, tx, who, s.once(waiting)); err != nil {
				return err
			}
		}
		rows, err := newestOf(ctx, tx, who, s.apart(), before, pageSize+1)
		if err != nil {
			return err
		}
		if len(rows) > pageSize {
			rows = rows[:pageSize]
			page.Older = rows[pageSize-1].ID
		}
		if page.Unread, err = anyUnread(ctx, tx, who); err != nil {
			return err
		}
		page.Lines, err = s.lines(ctx, tx, who, rows)
		return err
	})
	return page, err
}

func (s *Service) apart() apart {
	a := apart{[]string{}, []string{}} // nil would be NULL in a query, and find nothing
	for _, name := range s.order {
		if s.items[name].Calm {
			a.calm = append(a.calm, name)
		}
		if s.items[name].Asks {
			a.asks = append(a.asks, name)
		}
	}
	return a
}

// once leaves out what was read and is asked for again by a newer line.
func (s *Service) once(rows []Notification) []Notification {
	seen := map[ids.ID]bool{}
	return slices.DeleteFunc(rows, func(n Notification) bool {
		again := s.items[n.Item].Asks && n.ReadAt != nil && seen[n.SubjectID]
		seen[n.SubjectID] = true
		return again
	})
}

func (s *Service) lines(ctx context.Context, tx tenants.Reader, who actor.Actor, rows []Notification) ([]Line, error) {
	subjects := map[string][]ids.ID{}
	for _, n := range rows {
		subjects[n.Item] = append(subjects[n.Item], n.SubjectID)
	}
	texts := map[string]map[ids.ID]string{}
	for name, about := range subjects {
		if describe := s.items[name].Describe; describe != nil {
			said, err := describe(ctx, tx, who, about)
			if err != nil {
				return nil, fmt.Errorf("notifications: describe %s: %w", name, err)
			}
			texts[name] = said
		}
	}
	var lines []Line
	for _, n := range rows {
		item, known := s.items[n.Item]
		if !known || !tx.Tenant().Has(item.Feature) {
			continue
		}
		text := i18n.T(ctx, item.Line)
		if said, described := texts[n.Item]; described {
			if text = said[n.SubjectID]; text == "" {
				continue
			}
		}
		lines = append(lines, Line{ID: n.ID, Text: text, At: n.CreatedAt, Unread: n.ReadAt == nil})
	}
	return lines, nil
}

// UnreadCount is what the reader has not read. It costs one round trip.
func (s *Service) UnreadCount(ctx context.Context) (Counts, error) {
	who := actor.From(ctx)
	if who.PersonID == ids.Nil {
		return Counts{}, nil
	}
	return unread(ctx, s.db, who)
}

// Read marks one notification of the reader as read and tells where it leads; NotFound when it is not theirs.
func (s *Service) Read(ctx context.Context, id ids.ID) (path string, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		who := actor.From(ctx)
		rows, err := ownNotification(ctx, tx, who, id)
		if err != nil {
			return err
		}
		if len(rows) == 0 || s.items[rows[0].Item].Path == nil {
			return fault.NotFound()
		}
		path = s.items[rows[0].Item].Path(rows[0].SubjectID)
		return markRead(ctx, tx, who, id)
	})
	return path, err
}

// ReadAbout marks what the reader, in the role of now, was told about subjects as read. Their open pages hear of it when there was something.
func ReadAbout(ctx context.Context, tx tenants.Writer, subjects ...ids.ID) error {
	who := actor.From(ctx)
	some, err := markReadAbout(ctx, tx, who, subjects...)
	if err != nil || !some {
		return err
	}
	return live.Signal(ctx, tx, live.Person(who.PersonID))
}

// ReadAll marks all notifications of the reader, in the role of now, as read, but for messages.
func (s *Service) ReadAll(ctx context.Context) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		who := actor.From(ctx)
		if err := markRead(ctx, tx, who, ids.Nil); err != nil {
			return err
		}
		return live.Signal(ctx, tx, live.Person(who.PersonID))
	})
}

// Preferences lists the reader's choices about what they are told in the role of now, on where nothing was chosen.
func (s *Service) Preferences(ctx context.Context) ([]Preference, error) {
	var chosen []Preference
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		person := actor.From(ctx).PersonID
		noMail, err := unwanted(ctx, tx, MailChannel, []ids.ID{person})
		if err != nil {
			return err
		}
		noPush, err := unwanted(ctx, tx, PushChannel, []ids.ID{person})
		if err != nil {
			return err
		}
		for _, name := range s.order {
			if item := s.items[name]; item.Compose == nil || !slices.Contains(AudiencesOf(actor.From(ctx).Role), item.For) || !tx.Tenant().Has(item.Feature) {
				continue
			}
			chosen = append(chosen, Preference{Item: name, Label: s.items[name].Label, Calm: s.items[name].Calm, Prompt: s.items[name].Prompt, Mail: !noMail[name][person], Push: !noPush[name][person]})
		}
		return nil
	})
	return chosen, err
}

// SetWanted switches on or off what the reader is told about some items over a channel.
func (s *Service) SetWanted(ctx context.Context, channel string, wanted map[string]bool) error {
	return s.setWanted(ctx, actor.From(ctx).PersonID, channel, wanted)
}

func (s *Service) setWanted(ctx context.Context, person ids.ID, channel string, wanted map[string]bool) error {
	for item := range wanted {
		if s.items[item].Compose == nil {
			return fault.NotFound()
		}
	}
	if person == ids.Nil {
		return fault.NotFound()
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		for item, on := range wanted {
			if err := setPreference(ctx, tx, preference{PersonID: person, Item: item, Channel: channel, Wanted: on}); err != nil {
				return err
			}
		}
		return nil
	})
}

// KeepDays is how long a notification stays in the list.
const KeepDays = 400

// Forget deletes notifications of the tenant in ctx that are older than 400 days. It is for the schedule.
func (s *Service) Forget(ctx context.Context) error {
	for {
		var gone int64
		err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) (err error) {
			gone, err = deleteOlder(ctx, tx, KeepDays, insertAtOnce)
			return err
		})
		if err != nil || gone < insertAtOnce {
			return err
		}
	}
}
