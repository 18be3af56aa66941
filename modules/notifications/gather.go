package notifications

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"ouderportaal/internal/ids"
	"ouderportaal/internal/mail"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// What is only nice to know waits a while for more of its kind, or for the hour at which somebody wants it once a day.
// The first delivery stays where it is and carries those that come meanwhile; theirs are done with. When its time has come,
// the gathering is closed, takes no more, and is sent, again if need be, as one.

// gathering is a carrier and until when it waits.
type gathering struct {
	CarrierID ids.ID
	PersonID  ids.ID
	DeviceID  ids.ID // of a push
	DueAt     time.Time
	ClosedAt  *time.Time
}

// reader is for whom something is gathered: mail for a person, push for each of their devices.
type reader struct{ person, device ids.ID }

func readerOf(d outbox.Delivery) reader { return reader{d.PersonID, d.DeviceID} }

// plan is what becomes of a batch: who waits or is told in another mail, and what a carrier carries. What is in neither is
// sent by itself.
type plan struct {
	waits   map[ids.ID]outbox.Outcome
	carries map[ids.ID][]outbox.Delivery
}

// Why a delivery waits or came to its end without a mail. They stand in its row.
const (
	quietHours = "quiet hours"
	gathers    = "waits for more"
	toldWith   = "told with others"
)

// again is when to look anew at a delivery whose gathering another worker began at this moment.
const again = time.Second

// plan decides for every delivery, as things stand now, whether its time has come.
func (s *Service) plan(ctx context.Context, batch []outbox.Delivery) (plan, error) {
	p := plan{waits: map[ids.ID]outbox.Outcome{}, carries: map[ids.ID][]outbox.Delivery{}}
	if len(batch) == 0 {
		return p, nil
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		rhythms, err := rhythmsOf(ctx, tx, personsOf(batch))
		if err != nil {
			return err
		}
		now := tx.Now().In(tx.Tenant().Location())
		var calm []outbox.Delivery
		for _, d := range batch {
			if end, quiet := rhythms[d.PersonID].quietUntil(now); quiet {
				p.waits[d.ID] = outbox.Outcome{Fate: outbox.Held, Reason: quietHours, Until: end}
			} else if s.items[d.Item].gathered() {
				calm = append(calm, d)
			}
		}
		if len(calm) == 0 {
			return nil
		}
		slices.SortFunc(calm, func(a, b outbox.Delivery) int { // two workers take people in the same order, and none waits for the other
			return cmp.Or(bytes.Compare(a.PersonID[:], b.PersonID[:]), bytes.Compare(a.ID[:], b.ID[:]))
		})
		return p.gather(ctx, tx, calm, func(d outbox.Delivery) time.Time {
			if r := rhythms[d.PersonID]; r.Daily {
				return r.nextDaily(now)
			}
			return now.Add(s.config.Gather)
		})
	})
	return p, err
}

// gather puts calm deliveries into the gatherings of their people. due is when one that begins now is to be sent; now for who is
// told at once.
func (p plan) gather(ctx context.Context, tx tenants.Writer, calm []outbox.Delivery, due func(outbox.Delivery) time.Time) error {
	told, err := gatheredAmong(ctx, tx, calm)
	if err != nil {
		return err
	}
	found, err := lockGatherings(ctx, tx, calm)
	if err != nil {
		return err
	}
	carried, open := map[ids.ID]gathering{}, map[reader]gathering{}
	for _, g := range found {
		carried[g.CarrierID] = g
		if g.ClosedAt == nil {
			open[reader{g.PersonID, g.DeviceID}] = g
		}
	}
	var full, along, with []ids.ID // carriers whose time has come; who goes along with which carrier
	for _, d := range calm {
		own, carries := carried[d.ID]
		other, some := open[readerOf(d)]
		switch {
		case told[d.ID]:
			p.waits[d.ID] = outbox.Outcome{Fate: outbox.Dropped, Reason: toldWith}
		case carries && own.ClosedAt == nil && own.DueAt.After(tx.Now()):
			p.waits[d.ID] = outbox.Outcome{Fate: outbox.Held, Reason: gathers, Until: own.DueAt}
		case carries:
			full = append(full, d.ID)
		case some:
			along, with = append(along, d.ID), append(with, other.CarrierID)
			p.waits[d.ID] = outbox.Outcome{Fate: outbox.Dropped, Reason: toldWith}
		case due(d).After(tx.Now()):
			fresh := gathering{CarrierID: d.ID, PersonID: d.PersonID, DeviceID: d.DeviceID, DueAt: due(d)}
			first, err := insertGathering(ctx, tx, fresh)
			if err != nil {
				return err
			}
			p.waits[d.ID] = outbox.Outcome{Fate: outbox.Held, Reason: gathers, Until: tx.Now().Add(again)}
			if first {
				open[readerOf(d)] = fresh
				p.waits[d.ID] = outbox.Outcome{Fate: outbox.Held, Reason: gathers, Until: fresh.DueAt}
			}
		}
	}
	if err := insertGathered(ctx, tx, along, with); err != nil {
		return err
	}
	return p.close(ctx, tx, full)
}

// close ends gatherings whose time has come and reads what each carries.
func (p plan) close(ctx context.Context, tx tenants.Writer, carriers []ids.ID) error {
	if len(carriers) == 0 {
		return nil
	}
	if err := closeGatherings(ctx, tx, carriers); err != nil {
		return err
	}
	return carriedBy(ctx, tx, carriers, p.carries)
}

func personsOf(batch []outbox.Delivery) []ids.ID {
	people := make([]ids.ID, len(batch))
	for i, d := range batch {
		people[i] = d.PersonID
	}
	return people
}

// told is what may be told to people at this moment, by delivery, and why the others may not.
type told struct {
	people   map[ids.ID]identity.Contact
	letters  map[ids.ID]Letter
	refusals map[ids.ID]string
}

// composeAll is compose for deliveries with what they carry.
func (s *Service) composeAll(ctx context.Context, channel string, carriers []outbox.Delivery, carried map[ids.ID][]outbox.Delivery) (told, error) {
	byItem := map[string][]outbox.Delivery{}
	for _, carrier := range carriers {
		for _, d := range append([]outbox.Delivery{carrier}, carried[carrier.ID]...) {
			if _, known := s.items[d.Item]; known {
				byItem[d.Item] = append(byItem[d.Item], d)
			}
		}
	}
	all := told{map[ids.ID]identity.Contact{}, map[ids.ID]Letter{}, map[ids.ID]string{}}
	for name, some := range byItem {
		people, letters, refusals, err := s.compose(ctx, channel, s.items[name], some)
		if err != nil {
			return told{}, err
		}
		maps.Copy(all.people, people)
		maps.Copy(all.letters, letters)
		maps.Copy(all.refusals, refusals)
	}
	return all, nil
}

// sendTogether sends, for each of the carriers, what it and the deliveries that it carries have to tell, each thing once. Of each
// it is asked again whether it may be told.
func (s *Service) sendTogether(ctx context.Context, frame frame, carriers []outbox.Delivery, carried map[ids.ID][]outbox.Delivery, report func(outbox.Delivery, outbox.Outcome)) error {
	all, err := s.composeAll(ctx, MailChannel, carriers, carried)
	if err != nil {
		return err
	}
	for i, carrier := range carriers {
		tells := all.once(append([]outbox.Delivery{carrier}, carried[carrier.ID]...))
		if len(tells) == 0 {
			report(carrier, outbox.Outcome{Fate: outbox.Dropped, Reason: cmp.Or(all.refusals[carrier.ID], notTold)})
			continue
		}
		message, err := frame.together(ctx, s, carrier, all.people[carrier.PersonID], tells, all.letters)
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		failed := s.config.Mail.Send(ctx, []mail.Message{message})[0]
		report(carrier, s.outcome(ctx, carrier, all.people[carrier.PersonID].Email, failed))
		if unreachable(failed) { // the others would only wait for the same answer
			for _, d := range carriers[i+1:] {
				report(d, outbox.Outcome{Fate: outbox.Later, Reason: failed.Error()})
			}
			return nil
		}
	}
	return nil
}

// once gives those of deliveries that may be told, the first about each thing.
func (t told) once(deliveries []outbox.Delivery) []outbox.Delivery {
	type thing struct {
		item    string
		subject ids.ID
	}
	var tells []outbox.Delivery
	said := map[thing]bool{}
	for _, d := range deliveries {
		_, written := t.letters[d.ID]
		_, refused := t.refusals[d.ID]
		if about := (thing{d.Item, d.SubjectID}); written && !refused && !said[about] {
			said[about] = true
			tells = append(tells, d)
		}
	}
	return tells
}

// together is the mail that tells of several things; of one it is the mail that it would have had by itself.
func (f frame) together(ctx context.Context, s *Service, carrier outbox.Delivery, to identity.Contact, tells []outbox.Delivery, letters map[ids.ID]Letter) (mail.Message, error) {
	if len(tells) == 1 {
		only := tells[0]
		letter := letters[only.ID]
		only.ID = carrier.ID // the same Message-ID each time
		return f.message(ctx, s, s.items[only.Item], only, to, letter)
	}
	words := s.config.Words.For(to.Language)
	said := mail.Content{Title: words.N("notifications.together.title", len(tells)), Preheader: letters[tells[0].ID].Title,
		ButtonText: words.T("notifications.together.button"), ButtonURL: f.home + "/"}
	for _, d := range tells {
		letter := letters[d.ID]
		said.Entries = append(said.Entries, mail.Entry{Title: letter.Title, Text: letter.Preheader, URL: f.home + letter.path(s.items[d.Item], d.SubjectID)})
	}
	return f.write(ctx, s, calmItems, carrier, to, words.N("notifications.together.subject", len(tells), "Organisation", f.tenant.Name), said)
}
