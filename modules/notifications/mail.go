package notifications

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"ouderportaal/internal/bounce"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/mail"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// Why something was not sent after all. They stand in the delivery's row.
const (
	noAddress = "no address"
	inactive  = "person inactive"
	notWanted = "switched off"
	notTold   = "may not be told"
	notThere  = "feature switched off"
)

// MailDelivery is the channel that sends the mails. What somebody wants and may know is looked at when sending, not when
// the news was written down.
func (s *Service) MailDelivery() outbox.Channel {
	return outbox.Channel{Name: MailChannel, Send: s.sendMails}
}

func (s *Service) sendMails(ctx context.Context, batch []outbox.Delivery, report func(outbox.Delivery, outbox.Outcome)) error {
	tenant, ok := tenants.From(ctx)
	if !ok {
		return tenants.ErrNoTenant
	}
	known, problems := s.known(batch)
	plan, err := s.plan(ctx, known)
	if err != nil {
		return errors.Join(problems, err)
	}
	var carriers []outbox.Delivery
	byItem := map[string][]outbox.Delivery{}
	for _, d := range known {
		if wait, waits := plan.waits[d.ID]; waits {
			report(d, wait)
		} else if len(plan.carries[d.ID]) > 0 {
			carriers = append(carriers, d)
		} else {
			byItem[d.Item] = append(byItem[d.Item], d)
		}
	}
	problems = errors.Join(problems, s.sendTogether(ctx, s.frame(tenant), carriers, plan.carries, report))
	for name, deliveries := range byItem {
		problems = errors.Join(problems, s.sendItem(ctx, s.frame(tenant), s.items[name], deliveries, report))
	}
	return problems
}

// known are the deliveries whose item is known; of the others err says so. Perhaps a newer program knows them.
func (s *Service) known(batch []outbox.Delivery) (list []outbox.Delivery, err error) {
	for _, d := range batch {
		if _, ok := s.items[d.Item]; !ok {
			err = errors.Join(err, fmt.Errorf("notifications: no item is called %q", d.Item))
			continue
		}
		list = append(list, d)
	}
	return list, err
}

// sendItem sends one mail after the other and reports each before the next: a crash leaves one in doubt.
func (s *Service) sendItem(ctx context.Context, frame frame, item Item, batch []outbox.Delivery, report func(outbox.Delivery, outbox.Outcome)) error {
	people, letters, refusals, err := s.compose(ctx, MailChannel, item, batch)
	if err != nil {
		return err
	}
	for i, d := range batch {
		if reason, refused := refusals[d.ID]; refused {
			report(d, outbox.Outcome{Fate: outbox.Dropped, Reason: reason})
			continue
		}
		message, err := frame.message(ctx, s, item, d, people[d.PersonID], letters[d.ID])
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		failed := s.config.Mail.Send(ctx, []mail.Message{message})[0]
		report(d, s.outcome(ctx, d, people[d.PersonID].Email, failed))
		if unreachable(failed) { // the others would only wait for the same answer
			for _, d := range batch[i+1:] {
				report(d, outbox.Outcome{Fate: outbox.Later, Reason: failed.Error()})
			}
			return nil
		}
	}
	return nil
}

func (s *Service) outcome(ctx context.Context, d outbox.Delivery, address string, err error) outbox.Outcome {
	if err == nil {
		return outbox.Outcome{Fate: outbox.Sent}
	}
	fate := outbox.Later
	if mail.IsPermanent(err) {
		fate = outbox.Dead
		s.noteRefused(ctx, d.PersonID, address, err)
	}
	slog.WarnContext(ctx, "notifications: mail not sent", "delivery", d.ID, "attempt", d.Attempt, "error", err)
	return outbox.Outcome{Fate: fate, Reason: err.Error()}
}

func unreachable(err error) bool {
	var failure *mail.Failure
	return errors.As(err, &failure) && !failure.Permanent && failure.Stage == "connect"
}

// compose reads, at one moment, what is to be told of a batch over a channel, and who is told nothing.
func (s *Service) compose(ctx context.Context, channel string, item Item, batch []outbox.Delivery) (people map[ids.ID]identity.Contact, letters map[ids.ID]Letter, refusals map[ids.ID]string, err error) {
	refusals = map[ids.ID]string{}
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		persons := make([]ids.ID, len(batch))
		for i, d := range batch {
			persons[i] = d.PersonID
		}
		if people, err = identity.Contacts(ctx, tx, persons); err != nil {
			return err
		}
		off, err := unwanted(ctx, tx, channel, persons, item.Name)
		if err != nil {
			return err
		}
		var to []Telling
		for _, d := range batch {
			person, found := people[d.PersonID]
			switch {
			case !tx.Tenant().Has(item.Feature), channel == PushChannel && !tx.Tenant().Has(tenants.Push):
				refusals[d.ID] = notThere
			case !found || !person.Active:
				refusals[d.ID] = inactive
			case channel == MailChannel && (person.Email == "" || identity.MadeUp(tx.Tenant(), person.Email)):
				refusals[d.ID] = noAddress
			case off[item.Name][d.PersonID]:
				refusals[d.ID] = notWanted
			default:
				to = append(to, Telling{DeliveryID: d.ID, SubjectID: d.SubjectID, Person: person, Words: s.config.Words.For(person.Language)})
			}
		}
		if len(to) == 0 {
			return nil
		}
		if letters, err = item.Compose(ctx, tx, to); err != nil {
			return fmt.Errorf("notifications: compose %s: %w", item.Name, err)
		}
		for _, one := range to {
			if _, written := letters[one.DeliveryID]; !written {
				refusals[one.DeliveryID] = notTold
			}
		}
		return nil
	})
	return people, letters, refusals, err
}

// frame is what all mails of an organisation share.
type frame struct {
	tenant tenants.Tenant
	home   string
	domain string
	colors mail.Colors
	reply  mail.Address
}

func (s *Service) frame(tenant tenants.Tenant) frame {
	f := frame{tenant: tenant, home: s.config.Hosts.URL(tenant.Slug), colors: mail.ColorsOf(tenant.BrandHue, tenant.BrandChroma)}
	f.domain = strings.TrimPrefix(s.config.Hosts.Host("x"), "x.")
	f.domain, _, _ = strings.Cut(f.domain, ":")
	if address, ok := mail.Normalize(tenant.Email); ok {
		f.reply = mail.Address{Name: tenant.Name, Addr: address}
	}
	return f
}

func (f frame) message(ctx context.Context, s *Service, item Item, d outbox.Delivery, to identity.Contact, letter Letter) (mail.Message, error) {
	return f.write(ctx, s, item.Name, d, to, letter.Subject, mail.Content{
		Preheader: letter.Preheader, Title: letter.Title, Paragraphs: letter.Paragraphs, Rich: letter.Rich, Home: f.home, PictureText: letter.PictureText,
		ButtonText: letter.ButtonText, ButtonURL: f.home + letter.path(item, d.SubjectID),
	})
}

// write makes the mail of delivery d out of what it says; item is what its links switch off.
func (f frame) write(ctx context.Context, s *Service, item string, d outbox.Delivery, to identity.Contact, subject string, said mail.Content) (mail.Message, error) {
	words := s.config.Words.For(to.Language)
	said.Language, said.Organisation, said.Address, said.Colors = words.Language(), f.tenant.Name, f.tenant.Address, f.colors
	said.Footnote, said.FootnoteLinkText, said.FootnoteLinkURL = words.T("notifications.mail.footnote"), words.T("notifications.mail.preferences"), f.home+"/overig/notificaties"
	said.Foot = f.tenant.Words.MailFoot[said.Language]
	said.Reason = words.T("notifications.mail.reason", "Organisation", f.tenant.Name)
	html, text, err := said.Render(ctx)
	if err != nil {
		return mail.Message{}, fmt.Errorf("notifications: write mail: %w", err)
	}
	return mail.Message{
		From: mail.Address{Name: f.tenant.Name}, ReplyTo: f.reply, To: mail.Address{Name: to.Name, Addr: to.Email},
		Subject: subject, HTML: html, Text: text, MessageID: d.ID.String() + "@" + f.domain,
		ReturnPath:      s.config.Returns.Path(f.tenant.ID, bounce.Delivery, d.ID, to.Email),
		ListUnsubscribe: f.home + s.unsubscribePath(f.tenant.ID, to.PersonID, item),
	}, nil
}
