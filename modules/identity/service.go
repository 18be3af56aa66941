package identity

import (
	"context"
	"embed"
	"time"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/bounce"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/mail"
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

// Config is what the service needs besides the database. A process that only serves pages may leave Mail and Words empty:
// they are for the handlers of Subscriptions.
type Config struct {
	Hosts tenants.Hosts // addresses in mails come from here, never from a request
	Mail  mail.Sender
	// Directory finds the other organisation when accounts are linked. Without it they cannot be.
	Directory *tenants.Directory
	Words     *i18n.Bundle
	// Keys seal the secrets of authenticator apps and the like, each of 32 bytes or more: the first seals, all open. Without
	// one nobody can set up a second factor.
	Keys [][]byte
	// Returns is where letters come back to that cannot be delivered.
	Returns bounce.Returns
}

// Service is how other packages use this module. It is safe for concurrent use.
type Service struct {
	db     *tenants.DB
	config Config
	hasher *Hasher
	vault  vault
}

// New makes the service; a process needs one, because it bounds the memory that passwords take.
func New(db *tenants.DB, config Config) *Service {
	return &Service{db: db, config: config, hasher: NewHasher(), vault: vault{config.Keys}}
}

// Hasher is the one that this process has.
func (s *Service) Hasher() *Hasher { return s.hasher }

func (s *Service) now() time.Time { return s.db.Clock().Now().UTC().Truncate(time.Microsecond) }

// AddPerson adds somebody who cannot do anything yet: see AddMembership and SetPassword. A mail address that somebody
// has already is Invalid at the field email.
func (s *Service) AddPerson(ctx context.Context, draft Draft) (p *Person, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		p, err = Add(ctx, tx, draft)
		return err
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// Add is AddPerson within the transaction of a module that adds a family.
func Add(ctx context.Context, tx tenants.Writer, draft Draft) (*Person, error) {
	if err := draft.Check(); err != nil {
		return nil, err
	}
	if draft.Language == "" {
		draft.Language = tx.Tenant().Language
	}
	p := &Person{TenantID: tx.Tenant().ID, ID: ids.New(), GivenName: draft.GivenName, FamilyName: draft.FamilyName, Email: draft.Email,
		Phone: draft.Phone, Language: draft.Language, Appearance: System, Face: draft.Face, CreatedAt: tx.Now(),
		Street: draft.Street, Postcode: draft.Postcode, City: draft.City}
	if err := insertPerson(ctx, tx, p); err != nil {
		return nil, err
	}
	return p, audit.Record(ctx, tx, "identity.add_person", p.ID, nil)
}

// Enrol sees to it that the person has the role today and until further notice. Who has it already, from a day before, keeps
// it as it is. Whom somebody took it from does not get it by the way: that is undone where it was done.
func Enrol(ctx context.Context, tx tenants.Writer, person ids.ID, role actor.Role) error {
	name, ok := nameOf(role)
	if !ok {
		return fault.New(fault.Invalid, "identity.error.role")
	}
	m := &Membership{TenantID: tx.Tenant().ID, ID: ids.New(), PersonID: person, RoleName: name, ValidFrom: tx.Today(), CreatedAt: tx.Now()}
	refused, err := notToEnrol(ctx, tx, []ids.ID{person}, name)
	if err != nil || refused[person] {
		return err
	}
	added, err := insertMissingMembership(ctx, tx, m)
	if err != nil || !added {
		return err
	}
	if err := tellJoined(ctx, tx, person, role); err != nil {
		return err
	}
	return audit.Record(ctx, tx, "identity.add_membership", person, map[string]any{"role": name, "membership": m.ID})
}

// AddMembership lets a person act in role from a day on; an empty day is today, an empty to is until further notice.
// A role that the person has already without an end is a Conflict.
func (s *Service) AddMembership(ctx context.Context, person ids.ID, role actor.Role, from, to tenants.Date) (*Membership, error) {
	name, ok := nameOf(role)
	if !ok {
		return nil, fault.New(fault.Invalid, "identity.error.role")
	}
	var m *Membership
	err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if _, err := getPerson(ctx, tx, person); err != nil {
			return err
		}
		if from == "" {
			from = tx.Today()
		}
		if to != "" && to < from {
			return fault.New(fault.Invalid, "identity.error.period")
		}
		m = &Membership{TenantID: tx.Tenant().ID, ID: ids.New(), PersonID: person, RoleName: name, ValidFrom: from, ValidTo: to, CreatedAt: tx.Now()}
		if err := insertMembership(ctx, tx, m); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "identity.add_membership", person, map[string]any{"role": name, "membership": m.ID})
	})
	if err != nil {
		return nil, err
	}
	return m, nil
}

// EndMembership makes last the last day on which the role holds. A session in that role is out at its next request after
// that day; with yesterday as last, at once.
func (s *Service) EndMembership(ctx context.Context, membership ids.ID, last tenants.Date) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := endMembership(ctx, tx, membership, last); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "identity.end_membership", membership, map[string]any{"last": last})
	})
}

// SetPassword gives a person a password without asking for the old one, for whoever provisions an organisation. It ends
// every session of the person.
func (s *Service) SetPassword(ctx context.Context, person ids.ID, password string) error {
	tenant, ok := tenants.From(ctx)
	if !ok {
		return tenants.ErrNoTenant
	}
	var p *Person
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		p, err = getPerson(ctx, tx, person)
		return err
	})
	if err != nil {
		return err
	}
	chosen, err := s.choose(ctx, p, password, tenant, factors{})
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		return setPassword(ctx, tx, person, chosen, ids.Nil)
	})
}

// chosen is a new password that follows the rules.
type chosen struct {
	hash  string
	short bool // may only stand beside a second factor
}

// choose holds a new password against the rules for somebody with these factors, and against what others know of them.
func (s *Service) choose(ctx context.Context, p *Person, password string, at tenants.Tenant, f factors) (c chosen, err error) {
	if err := CheckPassword("password", password, f.leastPassword(), p.GivenName, p.FamilyName, p.Email, at.Name, at.Slug); err != nil {
		return c, err
	}
	c.short = isShort(password)
	c.hash, err = s.hasher.Hash(ctx, password)
	return c, err
}

// setPassword writes the hash, ends the other sessions and voids the open links, so that whoever had the old password has nothing.
// A short one is Invalid at the field password for who has no second factor now.
func setPassword(ctx context.Context, tx tenants.Writer, person ids.ID, c chosen, keep ids.ID) error {
	if c.short {
		f, err := factorsOf(ctx, tx, person)
		if err != nil {
			return err
		}
		if !f.any() {
			return tooShort("password", MinPassword)
		}
	}
	now := tx.Now()
	p := &Person{TenantID: tx.Tenant().ID, ID: person, PasswordHash: c.hash, PasswordShort: c.short, PasswordSetAt: &now}
	if err := updatePerson(ctx, tx, p, "password_hash", "password_short", "password_set_at"); err != nil {
		return err
	}
	if err := endAll(ctx, tx, person, keep); err != nil {
		return err
	}
	if err := voidLinks(ctx, tx, person); err != nil {
		return err
	}
	return audit.Record(ctx, tx, "identity.set_password", person, nil)
}

// Deactivate shuts a person out: every session ends, and no sign-in works until Activate. The actor must be fresh. The last
// admin is Invalid.
func (s *Service) Deactivate(ctx context.Context, person ids.ID) error {
	return s.setActive(ctx, person, false)
}

// Activate undoes Deactivate.
func (s *Service) Activate(ctx context.Context, person ids.ID) error {
	return s.setActive(ctx, person, true)
}

func (s *Service) setActive(ctx context.Context, person ids.ID, active bool) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := MustBeFresh(ctx, tx); err != nil {
			return err
		}
		p, err := lockPerson(ctx, tx, person)
		if err != nil {
			return err
		}
		action := "identity.activate"
		p.DeactivatedAt = nil
		if !active {
			admin, err := isAdmin(ctx, tx, person)
			if err != nil {
				return err
			}
			if admin {
				if err := anotherAdmin(ctx, tx, ids.Nil, person); err != nil {
					return err
				}
			}
			now := tx.Now()
			p.DeactivatedAt, action = &now, "identity.deactivate"
			if err := endAll(ctx, tx, person, ids.Nil); err != nil {
				return err
			}
		}
		if err := updatePerson(ctx, tx, p, "deactivated_at"); err != nil {
			return err
		}
		return audit.Record(ctx, tx, action, person, nil)
	})
}

// Sweep deletes counters, links and sessions of the organisation in ctx that have had their time, and tells how many rows. Run it daily.
func (s *Service) Sweep(ctx context.Context) (rows int64, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		rows, err = sweep(ctx, tx)
		return err
	})
	return rows, err
}
