package identity

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"ouderportaal/internal/bounce"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/mail"
	"ouderportaal/internal/outbox"
	"ouderportaal/tenants"
)

// Subscriptions are the security mails. Nobody can switch them off, so they go straight to the mail server and not
// through preferences; they need Config.Mail, Words and Hosts.
//
// A handler that runs again, because a worker died between sending and writing that down, sends the same Message-ID. For a
// forgotten password it makes a second link beside the first: whichever of the two mails a mail server keeps, its link
// works; using one spends the other.
func (s *Service) Subscriptions() []outbox.Subscription {
	return []outbox.Subscription{
		outbox.On("identity.mail_reset", outbox.Urgent, s.mailReset),
		outbox.On("identity.mail_changed", outbox.Urgent, s.mailChanged),
		outbox.On("identity.mail_factor", outbox.Urgent, s.mailFactor),
		outbox.On("identity.mail_email_confirm", outbox.Urgent, s.mailEmailConfirm),
		outbox.On("identity.mail_email_changed", outbox.Urgent, s.mailEmailChanged),
		outbox.On("identity.mail_email_set", outbox.Urgent, s.mailEmailSet),
	}
}

func (s *Service) mailReset(ctx context.Context, event ids.ID, e PasswordResetRequested) error {
	if e.PersonID == ids.Nil {
		return nil // nobody has that address
	}
	token, p, err := s.makeLink(ctx, e.PersonID)
	if fault.CodeOf(err) == fault.Missing {
		return nil // deactivated or without a role since
	}
	if err != nil {
		return err
	}
	return s.send(ctx, event, p, "reset", "/wachtwoord/nieuw/"+token)
}

func (s *Service) mailChanged(ctx context.Context, event ids.ID, e PasswordChanged) error {
	var p *Person
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		p, err = getPerson(ctx, tx, e.PersonID)
		return err
	})
	if err != nil {
		return err
	}
	if p.Email == "" {
		return nil
	}
	return s.send(ctx, event, p, "changed", "/wachtwoord")
}

func (s *Service) mailFactor(ctx context.Context, event ids.ID, e FactorChanged) error {
	var p *Person
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		p, err = getPerson(ctx, tx, e.PersonID)
		return err
	})
	if err != nil || p.Email == "" {
		return err
	}
	return s.send(ctx, event, p, "factor", "/wachtwoord", "What", s.config.Words.For(p.Language).T("identity.factor."+e.What))
}

// send writes the mail called kind in the person's language, with a button to path at the organisation's own address. more
// are names and values for its words. To somebody who is made up it sends nothing, and nobody has to look at that.
func (s *Service) send(ctx context.Context, event ids.ID, to *Person, kind, path string, more ...any) error {
	tenant, ok := tenants.From(ctx)
	if !ok {
		return tenants.ErrNoTenant
	}
	words := s.config.Words.For(to.Language)
	say := func(part string) string {
		return words.T("identity.mail."+kind+"."+part, append([]any{"Name", to.GivenName, "Organisation", tenant.Name, "Email", to.Email}, more...)...)
	}
	err := s.SendLetter(ctx, event, to, Letter{Kind: kind, Path: path, Subject: say("subject"), Reason: words.T("identity.mail.reason", "Organisation", tenant.Name),
		Content: mail.Content{Preheader: say("preheader"), Title: say("title"), Paragraphs: []string{say("greeting"), say("body")}, ButtonText: say("button"), Footnote: say("footnote")}})
	if errors.Is(err, ErrMadeUp) {
		return nil
	}
	return err
}

// ErrMadeUp is why a letter was not sent: its reader came with the example data.
var ErrMadeUp = errors.New("identity: the address is made up")

// Letter is a mail about somebody's account, in words that are ready. The organisation, its colours and the address of
// the button are filled in.
type Letter struct {
	Kind    string // names the letter in its Message-ID, so that the same event may send several
	Subject string
	Path    string // where the button leads, at the organisation's own address
	Reason  string // why the reader gets it
	Content mail.Content
}

// SendLetter sends a letter now. The Message-ID is that of the event: what is sent again after a crash is the same mail.
// An address that no mail reaches is Invalid, with ErrMadeUp when it is known to be nobody's; other errors may pass.
func (s *Service) SendLetter(ctx context.Context, event ids.ID, to *Person, l Letter) error {
	tenant, ok := tenants.From(ctx)
	if !ok {
		return tenants.ErrNoTenant
	}
	if MadeUp(tenant, to.Email) {
		return fault.New(fault.Invalid, "identity.error.undeliverable").Wrap(ErrMadeUp)
	}
	home := s.config.Hosts.URL(tenant.Slug)
	content := l.Content
	content.Language, content.Organisation, content.Address = s.config.Words.For(to.Language).Language(), tenant.Name, tenant.Address
	content.Foot = tenant.Words.MailFoot[content.Language]
	content.ButtonURL, content.Reason, content.Colors = home+l.Path, l.Reason, mail.ColorsOf(tenant.BrandHue, tenant.BrandChroma)
	html, text, err := content.Render(ctx)
	if err != nil {
		return fmt.Errorf("identity: write mail: %w", err)
	}
	host := home[strings.Index(home, "://")+3:]
	host, _, _ = strings.Cut(host, ":")
	message := mail.Message{
		From: mail.Address{Name: tenant.Name}, To: mail.Address{Name: to.Name(), Addr: to.Email}, Subject: l.Subject,
		HTML: html, Text: text, MessageID: event.String() + "." + l.Kind + "@" + host,
		ReturnPath: s.config.Returns.Path(tenant.ID, bounce.Letter, to.ID, to.Email),
	}
	if err := s.config.Mail.Send(ctx, []mail.Message{message})[0]; err != nil {
		if mail.IsPermanent(err) {
			s.noteRefused(ctx, to, err)
			return fault.New(fault.Invalid, "identity.error.undeliverable").Wrap(err)
		}
		return fmt.Errorf("identity: send mail: %w", err)
	}
	return nil
}
