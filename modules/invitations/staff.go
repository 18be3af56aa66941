package invitations

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/mail"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// StaffInvitation is the intent to mail somebody who works here, and what came of it. Planned waits for the first day of
// the role.
type StaffInvitation struct {
	bun.BaseModel `bun:"table:staff_invitation"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	PersonID      ids.ID `bun:"type:uuid"`
	State         State
	Reason        string
	Address       string // where the mail went
	EventID       ids.ID `bun:"type:uuid,nullzero"`
	SentAt        *time.Time
	ExpiresAt     *time.Time
	CreatedAt     time.Time
	ChangedAt     time.Time
}

// StaffMailingDue says that it is time to mail somebody who works here. The row carries this event's id.
type StaffMailingDue struct {
	PersonID ids.ID `json:"person_id"`
}

// EventName is the name in the ledger.
func (StaffMailingDue) EventName() string { return "invitations.staff_mailing_due" }

// Uninvited is no state in a row: somebody who works here, has no account and was never invited.
const Uninvited State = "uninvited"

// Sendable tells whether the mail can be sent now or once more.
func (i *StaffInvitation) Sendable() bool {
	return i.State != Due && i.State != Activated && i.State != Planned
}

// OfStaff tells how far the invitation of somebody who works here has come: a row's state, or Uninvited, Activated, Expired.
// Nil for who is not to be invited: no work here, or no address.
func (s *Service) OfStaff(ctx context.Context, person ids.ID) (i *StaffInvitation, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		i, _, err = ofStaff(ctx, tx, person)
		return err
	})
	return i, err
}

// ofStaff is OfStaff with the colleague as they can be invited: nil for who cannot.
func ofStaff(ctx context.Context, tx tenants.Reader, person ids.ID) (*StaffInvitation, *colleague, error) {
	i, err := selectOfStaff(ctx, tx, person)
	if err != nil {
		return nil, nil, err
	}
	open, err := toInvite(ctx, tx, []ids.ID{person})
	switch {
	case err != nil:
		return nil, nil, err
	case len(open) == 0 && i == nil:
		return nil, nil, nil
	case len(open) == 0:
		active, err := hasAccount(ctx, tx, person)
		if err != nil || !active {
			return nil, nil, err
		}
		i.State = Activated
		return i, nil, nil
	case i == nil:
		i = &StaffInvitation{PersonID: person, State: Uninvited}
	case i.State == Sent && i.ExpiresAt != nil && !i.ExpiresAt.After(tx.Now()):
		i.State = Expired
	}
	return i, &open[0], nil
}

// inviteStaff plans the mails of people who got a role or an address, unless one went to that address before, and starts
// those that need not wait.
func (s *Service) inviteStaff(ctx context.Context, _ ids.ID, e identity.StaffJoined) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := lock(ctx, tx); err != nil {
			return err
		}
		people, err := toInvite(ctx, tx, e.PersonIDs)
		if err != nil {
			return err
		}
		for _, p := range people {
			if err := planStaff(ctx, tx, p.ID, p.Email, false); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.releaseStaff(ctx)
}

// Seen names the mail that the invitation is about, for who looks at it and sends the next.
func (i *StaffInvitation) Seen() string { return i.EventID.String() }

// InviteStaff mails somebody who works here now, also when a mail went before or failed. seen is the StaffInvitation.Seen that
// was on the screen, or empty: the mail of who was just added goes by itself, perhaps while the screen is being looked at.
// Conflict when there is nothing to invite to, a mail is under way, or one went since.
func (s *Service) InviteStaff(ctx context.Context, person ids.ID, seen string) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := lock(ctx, tx); err != nil {
			return err
		}
		i, found, err := ofStaff(ctx, tx, person)
		if err != nil {
			return err
		}
		if i != nil && seen != "" && seen != i.Seen() {
			return meanwhile()
		}
		if i == nil || found == nil || !i.Sendable() {
			return fault.New(fault.Conflict, "invitations.error.nothing_to_send")
		}
		if err := planStaff(ctx, tx, person, found.Email, true); err != nil {
			return err
		}
		if found.Now {
			if err := beginStaff(ctx, tx, person); err != nil {
				return err
			}
		}
		return audit.Record(ctx, tx, "invitations.invite_staff", person, nil)
	})
}

// releaseStaff starts the mails of those whose role has begun, and gives up what was under way for too long.
func (s *Service) releaseStaff(ctx context.Context) error {
	for {
		var started int
		err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
			if err := lock(ctx, tx); err != nil {
				return err
			}
			if err := giveUpStaff(ctx, tx, tx.Now().Add(-patience)); err != nil {
				return err
			}
			people, err := staffToStart(ctx, tx, releaseAtOnce)
			if err != nil {
				return err
			}
			started = len(people)
			for _, person := range people {
				if err := beginStaff(ctx, tx, person); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || started < releaseAtOnce {
			return err
		}
	}
}

func beginStaff(ctx context.Context, tx tenants.Writer, person ids.ID) error {
	event := ids.New()
	if err := outbox.RecordAs(ctx, tx, event, StaffMailingDue{PersonID: person}); err != nil {
		return err
	}
	return startStaff(ctx, tx, person, event)
}

// mailStaff is mail for somebody who works here.
func (s *Service) mailStaff(ctx context.Context, event ids.ID, e StaffMailingDue) error {
	var token string
	var to *identity.Person
	err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		i, err := selectOfStaff(ctx, tx, e.PersonID)
		if err != nil || i == nil || i.State != Due || i.EventID != event {
			return err
		}
		token, to, err = identity.MakeActivation(ctx, tx, e.PersonID, LinkTime)
		if fault.CodeOf(err) == fault.Missing { // has an account by now, or no role or address any more
			to = nil
			return finishStaff(ctx, tx, event, StaffInvitation{State: Failed, Reason: noAddress})
		}
		return err
	})
	if err != nil || to == nil {
		return err
	}
	sent := s.accounts.SendLetter(ctx, event, to, s.staffLetter(ctx, to, token))
	if sent != nil && fault.CodeOf(sent) != fault.Invalid {
		return sent
	}
	elsewhere := false
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := lock(ctx, tx); err != nil {
			return err
		}
		now := tx.Now()
		until := now.Add(LinkTime)
		outcome := StaffInvitation{State: Sent, Address: to.Email, SentAt: &now, ExpiresAt: &until}
		if sent != nil {
			outcome = StaffInvitation{State: Failed, Reason: whyNot(sent), Address: to.Email}
		}
		people, err := toInvite(ctx, tx, []ids.ID{e.PersonID})
		if err != nil {
			return err
		}
		if elsewhere = len(people) > 0 && people[0].Email != to.Email; elsewhere { // corrected meanwhile: that link is void
			return finishStaff(ctx, tx, event, StaffInvitation{State: Planned})
		}
		if err := finishStaff(ctx, tx, event, outcome); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "invitations."+string(outcome.State), e.PersonID, map[string]any{"staff": true})
	})
	if err != nil || !elsewhere {
		return err
	}
	return s.releaseStaff(ctx)
}

func (s *Service) staffLetter(ctx context.Context, to *identity.Person, token string) identity.Letter {
	tenant, _ := tenants.From(ctx)
	words := s.words.For(to.Language)
	say := func(part string) string {
		return words.T("invitations.staff_mail."+part, "Name", to.GivenName, "Organisation", tenant.Name, "Email", to.Email)
	}
	return identity.Letter{Kind: "staff_invitation", Path: "/activeren/" + token, Subject: say("subject"), Reason: say("reason"),
		Content: mail.Content{Preheader: say("preheader"), Title: say("title"), Paragraphs: []string{say("greeting"), say("body"), say("username"), say("second")},
			ButtonText: say("button"), Footnote: say("footnote")}}
}
