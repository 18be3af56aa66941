package identity

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/bounce"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/mail"
	"ouderportaal/internal/outbox"
	"ouderportaal/tenants"
)

// AddressProblem says that no mail arrives at the address that a person has now.
type AddressProblem struct {
	bun.BaseModel `bun:"table:address_problem"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	PersonID      ids.ID `bun:",pk,type:uuid"`
	Address       string
	Reason        bounce.Reason // one that is Broken
	NotedAt       time.Time
}

// AddressFailed says that no mail arrives at somebody's address. The address is in the row.
type AddressFailed struct {
	PersonID ids.ID `json:"person_id"`
}

// EventName is the name in the ledger.
func (AddressFailed) EventName() string { return "identity.address_failed" }

// NoteAddress notes that a mail to a person at an address came back. It changes nothing when the reason is not the address, when the
// person has another one by now, or when it was noted before.
func NoteAddress(ctx context.Context, tx tenants.Writer, person ids.ID, address string, reason bounce.Reason) error {
	if !reason.Broken() {
		return nil
	}
	p, err := lockPerson(ctx, tx, person)
	if err != nil || p.Email != address {
		return err
	}
	noted := &AddressProblem{TenantID: tx.Tenant().ID, PersonID: person, Address: address, Reason: reason, NotedAt: tx.Now()}
	done, err := tx.NewInsert().Model(noted).On("CONFLICT (tenant_id, person_id) DO UPDATE").Set("address = EXCLUDED.address").Set("reason = EXCLUDED.reason").
		Set("noted_at = EXCLUDED.noted_at").Where("address_problem.address <> EXCLUDED.address").Exec(ctx)
	if err != nil {
		return fmt.Errorf("identity: note address: %w", err)
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return err
	}
	if err := audit.Record(ctx, tx, "identity.address_failed", person, map[string]any{"reason": string(reason)}); err != nil {
		return err
	}
	return outbox.Record(ctx, tx, AddressFailed{PersonID: person})
}

// ForgiveAddresses forgets what was noted of people's addresses: somebody says that they work, or a mail arrived.
func ForgiveAddresses(ctx context.Context, tx tenants.Writer, people ...ids.ID) error {
	if len(people) == 0 {
		return nil
	}
	_, err := tx.NewDelete().Model((*AddressProblem)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("person_id IN (?)", bun.List(people)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("identity: forgive addresses: %w", err)
	}
	return nil
}

// AddressProblems tells at whose address no mail arrives.
func AddressProblems(ctx context.Context, tx tenants.Reader, people []ids.ID) (map[ids.ID]AddressProblem, error) {
	found := map[ids.ID]AddressProblem{}
	if len(people) == 0 {
		return found, nil
	}
	var rows []AddressProblem
	err := tx.NewSelect().Model(&rows).Join("JOIN person AS p ON p.tenant_id = address_problem.tenant_id AND p.id = address_problem.person_id AND p.email = address_problem.address").
		Where("address_problem.tenant_id = ?", tx.Tenant().ID).Where("address_problem.person_id IN (?)", bun.List(people)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("identity: look for addresses that fail: %w", err)
	}
	for _, r := range rows {
		found[r.PersonID] = r
	}
	return found, nil
}

// AddressProblemOf is AddressProblems for one person; nil when mail arrives, as far as is known.
func (s *Service) AddressProblemOf(ctx context.Context, person ids.ID) (problem *AddressProblem, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		found, err := AddressProblems(ctx, tx, []ids.ID{person})
		if p, failed := found[person]; failed {
			problem = &p
		}
		return err
	})
	return problem, err
}

// noteRefused is NoteAddress for a letter that was refused at the door. The letter has failed whether this is kept or not.
func (s *Service) noteRefused(ctx context.Context, to *Person, refused error) {
	var failure *mail.Failure
	if !errors.As(refused, &failure) || failure.Stage != "recipient" || to.ID == ids.Nil {
		return
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		return NoteAddress(ctx, tx, to.ID, to.Email, bounce.ReasonOf(failure.Code, failure.Enhanced))
	})
	if err != nil {
		slog.WarnContext(ctx, "identity: refused address not noted", "error", err)
	}
}

// ownProblem is what the actor is told about the own address.
func ownProblem(ctx context.Context, tx tenants.Reader) (bool, error) {
	who := actor.From(ctx).PersonID
	found, err := AddressProblems(ctx, tx, []ids.ID{who})
	_, failed := found[who]
	return failed, err
}
