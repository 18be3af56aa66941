package invitations

import (
	"context"
	"errors"

	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/mail"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// mail sends one guardian the invitation that an event stands for. It looks again whether there is still ground for it,
// makes the link, sends, and writes down what came of it. A worker that dies after the mail went sends it once more with the same
// Message-ID; both links work until one is used.
func (s *Service) mail(ctx context.Context, event ids.ID, e MailingDue) error {
	var about []Invitation
	var names []string
	var token string
	var to *identity.Person
	err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) (err error) {
		if err = planOne(ctx, tx, e.PersonID); err != nil {
			return err
		}
		if about, err = underWay(ctx, tx, event); err != nil || len(about) == 0 {
			return err
		}
		if names, err = namesOf(ctx, tx, about); err != nil {
			return err
		}
		token, to, err = identity.MakeActivation(ctx, tx, e.PersonID, LinkTime)
		if fault.CodeOf(err) == fault.Missing { // without a role yet: a tie that begins later
			about = nil
			return finish(ctx, tx, event, Invitation{State: Cancelled, Reason: tieEnded})
		}
		return err
	})
	if err != nil || len(about) == 0 {
		return err
	}
	sent := s.accounts.SendLetter(ctx, event, to, s.letter(ctx, to, about, names, token))
	if sent != nil && fault.CodeOf(sent) != fault.Invalid {
		return sent
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		now := tx.Now()
		until := now.Add(LinkTime)
		outcome := Invitation{State: Sent, Address: to.Email, SentAt: &now, ExpiresAt: &until}
		if sent != nil {
			outcome = Invitation{State: Failed, Reason: whyNot(sent), Address: to.Email}
		}
		if err := finish(ctx, tx, event, outcome); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "invitations."+string(outcome.State), e.PersonID, map[string]any{"invitations": len(about)})
	})
}

// whyNot is the reason of a letter that was refused for good.
func whyNot(sent error) string {
	if errors.Is(sent, identity.ErrMadeUp) {
		return madeUp
	}
	return undeliverable
}

// namesOf are the given names of the children, each once, in the order of their first days.
func namesOf(ctx context.Context, tx tenants.Reader, about []Invitation) ([]string, error) {
	var kids []ids.ID
	seen := map[ids.ID]bool{}
	for _, i := range about {
		if !seen[i.ChildID] {
			seen[i.ChildID] = true
			kids = append(kids, i.ChildID)
		}
	}
	list, err := children.MustSee(ctx, tx, kids)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(list))
	for n, child := range list {
		names[n] = child.GivenName
	}
	return names, nil
}

func (s *Service) letter(ctx context.Context, to *identity.Person, about []Invitation, names []string, token string) identity.Letter {
	tenant, _ := tenants.From(ctx)
	words := s.words.For(to.Language)
	args := []any{"Name", to.GivenName, "Organisation", tenant.Name, "Email", to.Email, "Children", words.List(names),
		"Date", words.LongDate(i18n.Civil(string(about[0].StartsOn)))}
	say := func(part string) string { return words.T("invitations.mail."+part, args...) }
	why := "begun"
	if about[0].StartsOn > tenant.DateOf(s.db.Clock().Now()) {
		why = "starts"
	}
	return identity.Letter{Kind: "invitation", Path: "/activeren/" + token, Subject: say("subject"), Reason: say("reason"),
		Content: mail.Content{Preheader: say("preheader"), Title: say("title"), Paragraphs: []string{say("greeting"), say(why), say("username")},
			ButtonText: say("button"), Footnote: say("footnote")}}
}
