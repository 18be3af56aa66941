package locations

import (
	"context"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/internal/plaintext"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// Bounds of what people type, in characters.
const (
	MaxTitle        = 80
	MaxIntroduction = 2000
)

// Profile is what is read of somebody who works here. Who they are and where they work is the employer's to tell; their photo and
// what they say about themselves are theirs: nobody sees either before they have agreed.
type Profile struct {
	bun.BaseModel `bun:"table:staff_profile,alias:f"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	PersonID      ids.ID `bun:",pk,type:uuid"`
	Title         string // "Pedagogisch medewerker"
	Weekdays      []int  `bun:"weekdays,type:jsonb"` // on which they work; ISO
	DaysShown     bool
	Introduction  string
	Proposal      string     // an introduction that another wrote, and that waits for their word
	HiddenAt      *time.Time // since when guardians see nothing of them
	Version       int
}

// Draft is what somebody typed about a colleague or about themselves.
type Draft struct {
	Title        string
	Weekdays     []int
	DaysShown    bool // only their own word counts
	Introduction string
	Version      int // of the profile that was on the screen
}

// Check tidies the draft and says what is wrong with it.
func (d *Draft) Check() error {
	var problems fault.Fields
	d.Title, d.Introduction = plaintext.Of(d.Title), plaintext.Of(d.Introduction)
	if utf8.RuneCountInString(d.Title) > MaxTitle {
		problems.Add("title", "locations.error.too_long", map[string]any{"Max": MaxTitle})
	}
	if utf8.RuneCountInString(d.Introduction) > MaxIntroduction {
		problems.Add("introduction", "locations.error.too_long", map[string]any{"Max": MaxIntroduction})
	}
	slices.Sort(d.Weekdays)
	d.Weekdays = append([]int{}, slices.Compact(d.Weekdays)...)
	if slices.ContainsFunc(d.Weekdays, func(n int) bool { return n < 1 || n > 7 }) {
		problems.Add("weekdays", "locations.error.weekday")
	}
	return problems.Err()
}

// Colleague is somebody of *Ons team*.
type Colleague struct {
	PersonID     ids.ID
	GivenName    string
	FamilyName   string
	Face         int
	Title        string // empty: nobody said
	Weekdays     []int  `bun:"weekdays,type:jsonb"` // none when they are not shown
	Introduction string
	PhotoID      ids.ID `bun:"type:uuid"` // Nil: the drawn face
	Groups       string // "Egels, Kikkers"
	Hidden       bool   // for who runs the location
	Waits        bool   // for the colleague's word: a photo or an introduction
}

// Colleague gives somebody of the team of the actor's children; anybody else is NotFound.
func (s *Service) Colleague(ctx context.Context, id ids.ID) (*Colleague, error) {
	var c *Colleague
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		c, err = selectColleague(ctx, tx, children.Team(tx, actor.From(ctx)), id)
		return err
	})
	return c, err
}

// Card is the profile of somebody as they, and who runs their location, see it.
type Card struct {
	Profile
	GivenName, FamilyName string
	Face                  int
	Photos                []Photo // last agreed to, or uploaded, first
}

// Shown is the photo that guardians see; nil for none.
func (c *Card) Shown() *Photo {
	return c.photo(func(p *Photo) bool { return p.Shown() })
}

// Coming is a photo that they agreed to and that is not ready; nil for none.
func (c *Card) Coming() *Photo {
	return c.photo(func(p *Photo) bool { return p.ApprovedAt != nil && p.State == Uploaded })
}

// Offered is a photo that waits for their word; nil for none.
func (c *Card) Offered() *Photo {
	return c.photo(func(p *Photo) bool { return p.ApprovedAt == nil && p.State != Refused })
}

// Unusable is a photo that turned out not to be one; nil for none.
func (c *Card) Unusable() *Photo {
	return c.photo(func(p *Photo) bool { return p.State == Refused })
}

func (c *Card) photo(is func(*Photo) bool) *Photo {
	for i := range c.Photos {
		if is(&c.Photos[i]) {
			return &c.Photos[i]
		}
	}
	return nil
}

// Own gives the card of the actor, who works here.
func (s *Service) Own(ctx context.Context) (*Card, error) {
	return s.card(ctx, actor.From(ctx).PersonID)
}

// Card gives that of a colleague at a location that the actor runs; anybody else's is NotFound.
func (s *Service) Card(ctx context.Context, person ids.ID) (*Card, error) { return s.card(ctx, person) }

func (s *Service) card(ctx context.Context, person ids.ID) (c *Card, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		if err := mayIntroduce(ctx, tx, person); err != nil {
			return err
		}
		c, err = selectCard(ctx, tx, person)
		return err
	})
	return c, err
}

// mayIntroduce answers NotFound unless the person is the actor, at work, or somebody whom the actor runs the location of.
func mayIntroduce(ctx context.Context, tx tenants.Reader, person ids.ID) error {
	who := actor.From(ctx)
	if who.Role == actor.Parent || who.TenantID != tx.Tenant().ID {
		return fault.NotFound()
	}
	if person == who.PersonID {
		return nil
	}
	return mustManage(ctx, tx, person)
}

// mustManage answers NotFound unless the person works at a location that the actor runs.
func mustManage(ctx context.Context, tx tenants.Reader, person ids.ID) error {
	team, err := isOf(ctx, tx, children.Team(tx, actor.From(ctx)), person)
	if err == nil && !team {
		err = fault.NotFound()
	}
	return err
}

// Introduce keeps what the actor says about themselves, which guardians see from now on.
func (s *Service) Introduce(ctx context.Context, d Draft) error {
	return s.change(ctx, actor.From(ctx).PersonID, d.Version, func(ctx context.Context, tx tenants.Writer, p *Profile) (deed, error) {
		if err := d.Check(); err != nil {
			return deed{}, err
		}
		p.Title, p.Weekdays, p.DaysShown, p.Introduction = d.Title, d.Weekdays, d.DaysShown, d.Introduction
		return deed{"locations.introduce"}, nil
	})
}

// Propose keeps what the actor says about a colleague. Title and days are shown at once; another introduction waits until the colleague
// agrees, who is told. Without an introduction there is none any more.
func (s *Service) Propose(ctx context.Context, person ids.ID, d Draft) error {
	if person == actor.From(ctx).PersonID {
		return fault.NotFound() // for oneself there is Introduce
	}
	return s.change(ctx, person, d.Version, func(ctx context.Context, tx tenants.Writer, p *Profile) (deed, error) {
		if err := d.Check(); err != nil {
			return deed{}, err
		}
		p.Title, p.Weekdays = d.Title, d.Weekdays
		before := p.Proposal
		switch d.Introduction {
		case "":
			p.Introduction, p.Proposal = "", ""
		case p.Introduction:
			p.Proposal = ""
		default:
			p.Proposal = d.Introduction
		}
		if p.Proposal == "" || p.Proposal == before {
			return deed{"locations.edit_profile"}, nil
		}
		return deed{"locations.propose_introduction"}, outbox.Record(ctx, tx, Proposed{PersonID: person})
	})
}

// Answer takes over the introduction that was proposed to the actor, or drops it.
func (s *Service) Answer(ctx context.Context, agree bool, version int) error {
	return s.change(ctx, actor.From(ctx).PersonID, version, func(_ context.Context, _ tenants.Writer, p *Profile) (deed, error) {
		if p.Proposal == "" {
			return deed{}, nil
		}
		action := "locations.decline_introduction"
		if agree {
			action = "locations.agree_introduction"
			p.Introduction = p.Proposal
		}
		p.Proposal = ""
		return deed{action}, nil
	})
}

// Withdraw takes the introduction of the actor away.
func (s *Service) Withdraw(ctx context.Context, version int) error {
	return s.change(ctx, actor.From(ctx).PersonID, version, func(_ context.Context, _ tenants.Writer, p *Profile) (deed, error) {
		if p.Introduction == "" {
			return deed{}, nil
		}
		p.Introduction = ""
		return deed{"locations.withdraw_introduction"}, nil
	})
}

// Hide keeps a colleague from guardians, or shows them again.
func (s *Service) Hide(ctx context.Context, person ids.ID, hide bool, version int) error {
	return s.change(ctx, person, version, func(ctx context.Context, tx tenants.Writer, p *Profile) (deed, error) {
		if err := mustManage(ctx, tx, person); err != nil { // nobody hides themselves: that they work here is no secret of theirs
			return deed{}, err
		}
		action := "locations.show_profile"
		if p.HiddenAt = nil; hide {
			now := tx.Now()
			p.HiddenAt, action = &now, "locations.hide_profile"
		}
		return deed{action}, nil
	})
}

// deed is what was done to a profile, for the log; without an action it was nothing.
type deed struct{ action string }

// change runs do on the profile of a person whom the actor may introduce and keeps what it changed, and what it did; nothing
// when that is empty. A version other than the row's is a Conflict; 0 is that of somebody of whom nothing is kept.
func (s *Service) change(ctx context.Context, person ids.ID, version int, do func(ctx context.Context, tx tenants.Writer, p *Profile) (deed, error)) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := mayIntroduce(ctx, tx, person); err != nil {
			return err
		}
		p, err := lockProfile(ctx, tx, person)
		if err != nil {
			return err
		}
		if p.Version != version {
			return fault.New(fault.Conflict, "locations.error.stale")
		}
		done, err := do(ctx, tx, p)
		if err != nil || done.action == "" {
			return err
		}
		p.Version++
		if err := saveProfile(ctx, tx, p); err != nil {
			return err
		}
		return audit.Record(ctx, tx, done.action, person, nil)
	})
}
