package demo

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"ouderportaal/admin/platform"
	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/media"
	"ouderportaal/modules/absences"
	"ouderportaal/modules/agenda"
	"ouderportaal/modules/care"
	"ouderportaal/modules/children"
	"ouderportaal/modules/consents"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/locations"
	"ouderportaal/modules/messages"
	articles "ouderportaal/modules/news"
	"ouderportaal/modules/particulars"
	"ouderportaal/modules/photos"
	"ouderportaal/tenants"
)

//go:embed scenes/*.jpg portraits/*.jpg
var pictures embed.FS

// Deps are what the data is kept with. Now is that of DB's clock; the data is dated relative to it.
type Deps struct {
	DB       *tenants.DB
	Platform *tenants.Platform
	Store    blob.Store
	// Keys are those of identity.Config, and AppSecret is what the authenticator app of somebody with a mail address knows.
	Keys      [][]byte
	AppSecret func(email string) []byte
	// Images is asked for only when there is something to seed.
	Images func() (photos.Images, error)
	// Progress is told what is done, a line at a time; may be nil.
	Progress func(line string)
}

// Seed fills the organisations of the demo that have no children yet, each in one transaction: an organisation is there
// whole or not at all, and one that is there is left alone. It tells nobody: rows of the past are kept by the Recall verbs
// of the modules, which record no events, and what must be pointed at (news that people have read) is an event that is
// marked as dealt with. So no worker finds anything to do, and no mail goes out but what the clock
// brings: whose child left lately is offered everything to take home.
func Seed(ctx context.Context, deps Deps) error {
	s := newSeeder(deps)
	known, err := deps.Platform.List(ctx)
	if err != nil {
		return fmt.Errorf("demo: list organisations: %w", err)
	}
	bySlug := map[string]tenants.Tenant{}
	for _, t := range known {
		bySlug[t.Slug] = t
	}
	for _, org := range organisations {
		tenant, exists := bySlug[org.slug]
		if !exists {
			tenant, err = deps.Platform.Create(ctx, tenants.NewTenant{Slug: org.slug, Name: org.name, BrandHue: org.hue, BrandChroma: org.chroma,
				Address: org.address, Phone: org.phone, Email: "info@" + org.mailDomain})
			if err != nil {
				return fmt.Errorf("demo: create %s: %w", org.slug, err)
			}
		}
		if err := s.fill(ctx, org, tenant); err != nil {
			return fmt.Errorf("demo: fill %s: %w", org.slug, err)
		}
	}
	return nil
}

func newSeeder(deps Deps) *seeder {
	s := &seeder{Deps: deps, processed: map[string]*media.Result{}, kept: func(context.Context, tenants.Writer) error { return nil }}
	if s.Progress == nil {
		s.Progress = func(string) {}
	}
	return s
}

type seeder struct {
	Deps
	example   bool // of an organisation that somebody runs: see Example
	kept      func(context.Context, tenants.Writer) error
	hash      string
	processed map[string]*media.Result
}

func (s *seeder) fill(ctx context.Context, org organisation, tenant tenants.Tenant) error {
	ctx = actor.With(tenants.With(ctx, tenant), actor.ForSystem(tenant.ID))
	if filled, err := s.filled(ctx); err != nil || filled {
		return err
	}
	began := time.Now()
	if err := s.prepare(ctx); err != nil {
		return err
	}
	b := newBook(org, tenant, s.DB.Clock().Now().UTC().Truncate(time.Microsecond), s.hash)
	for _, source := range sources() {
		h, err := s.store(ctx, b, source, s.processed[source])
		if err != nil {
			return err
		}
		b.hang(h)
		s.Progress(fmt.Sprintf("%s: %d of %d photos stored", org.name, len(b.photos), len(b.pictures)))
	}
	if err := s.keep(ctx, b); err != nil {
		return err
	}
	s.Progress(fmt.Sprintf("%s: %d children, %d people, %d entries, %d photos (%.1f s)", org.name, len(b.roster.Children), len(b.people), len(b.entries), len(b.photos), time.Since(began).Seconds()))
	return nil
}

func (s *seeder) filled(ctx context.Context) (yes bool, err error) {
	err = s.DB.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		yes, err = children.Any(ctx, tx)
		return err
	})
	return yes, err
}

// prepare does once what is slow: one hash for everybody, and the versions of each scene.
func (s *seeder) prepare(ctx context.Context) (err error) {
	if s.hash == "" {
		if s.hash, err = identity.NewHasher().Hash(ctx, Password); err != nil {
			return err
		}
	}
	if len(s.processed) > 0 {
		return nil
	}
	images, err := s.Images()
	if err != nil {
		return err
	}
	began := time.Now()
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(2)
	for _, source := range sources() {
		group.Go(func() error {
			made, err := process(ctx, images, source)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			s.processed[source] = made
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		s.processed = map[string]*media.Result{}
		return err
	}
	s.Progress(fmt.Sprintf("%d scenes made ready in every size (%.1f s)", len(scenes), time.Since(began).Seconds()))
	return nil
}

// keep writes the whole book in one transaction, in the order in which rows point at each other.
func (s *seeder) keep(ctx context.Context, b *book) error {
	if err := s.storeDocuments(ctx, b); err != nil {
		return err
	}
	onThem := map[ids.ID][]ids.ID{}
	for _, p := range b.pictures {
		onThem[p.past.ID] = p.past.OnIt
	}
	return s.DB.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		// Two demos at once on one database: the second waits for the first and then gives up.
		if err := tx.Lock(ctx, "demo", b.org.slug); err != nil {
			return fmt.Errorf("wait for another demo: %w", err)
		}
		if filled, err := children.Any(ctx, tx); err != nil || filled {
			return cmp.Or(err, s.errFilled())
		}
		if err := nobodyYet(ctx, tx); err != nil && !s.example {
			return err
		}
		steps := []func() error{
			func() error { return identity.Recall(ctx, tx, b.people, b.memberships) },
			func() error { return s.onlyInDemo(func() error { return s.giveApps(ctx, tx, b) }) },
			func() error { return children.Recall(ctx, tx, b.roster, b.managed) },
			func() error { return s.onlyInDemo(func() error { return keepStyle(ctx, tx, b) }) },
			func() error { return s.keepQuestions(ctx, tx, b) },
			func() error { return consents.Recall(ctx, tx, b.answers) },
			func() error { return consents.RecallTold(ctx, tx) },
			func() error { return s.keepDeclared(ctx, tx, b) },
			func() error { return particulars.Recall(ctx, tx, b.confided()) },
			func() error { return absences.Recall(ctx, tx, b.absent) },
			func() error { return agenda.Recall(ctx, tx, b.planned) },
			func() error { return locations.Recall(ctx, tx, b.shown) },
			func() error { return care.Recall(ctx, tx, b.cared, b.caredBy) },
			func() error { return diary.Recall(ctx, tx, b.entries) },
			func() error { return photos.Recall(ctx, tx, b.photos, onThem) },
			func() error { return s.keepNews(ctx, tx, b) },
			func() error { return s.onlyInDemo(func() error { return s.keepMissed(ctx, tx, b) }) },
			func() error { return diary.RecallAnswers(ctx, tx, b.responses) },
			func() error { return messages.Recall(ctx, tx, b.talks) },
			func() error {
				hours, templates := b.settleIn()
				return messages.RecallHabits(ctx, tx, hours, templates)
			},
			func() error { return articles.Recall(ctx, tx, b.articles) },
			func() error { return keepTerms(ctx, tx, b) },
			func() error {
				return audit.Record(ctx, tx, "demo.seed", b.tenant.ID, map[string]any{"children": len(b.roster.Children), "entries": len(b.entries)})
			},
		}
		for _, step := range steps {
			if err := step(); err != nil {
				return err
			}
		}
		return s.kept(ctx, tx)
	})
}

// nobodyYet refuses an organisation that has people and no children: they are not the demo's, and everybody knows its password.
func nobodyYet(ctx context.Context, tx tenants.Reader) error {
	people, err := identity.Everybody(ctx, tx)
	if err == nil && len(people) > 0 {
		return errors.New("the organisation has people who are not the demo's: give the demo a database of its own")
	}
	return err
}

// errFilled is why an organisation that has children is not filled.
func (s *seeder) errFilled() error {
	if s.example {
		return platform.ErrHasChildren
	}
	return errors.New("another program is filling this database: start again when it is done")
}

func (s *seeder) keepQuestions(ctx context.Context, tx tenants.Writer, b *book) error {
	for _, d := range b.questions() {
		if err := consents.RecallQuestion(ctx, tx, d, b.admin); err != nil {
			return err
		}
	}
	return nil
}

func (s *seeder) keepNews(ctx context.Context, tx tenants.Writer, b *book) error {
	for _, n := range b.news {
		if err := diary.RecallNews(ctx, tx, &b.entries[n.entry], n.readers); err != nil {
			return err
		}
	}
	return nil
}

// refuseStrangers keeps accounts with a password that everybody knows out of a database with real organisations in it. Where all of
// the demo's are there already the others were made in its own console.
func refuseStrangers(ctx context.Context, platform *tenants.Platform) error {
	list, err := platform.List(ctx)
	if err != nil {
		return fmt.Errorf("demo: list organisations: %w", err)
	}
	ours := map[string]bool{}
	for _, org := range organisations {
		ours[org.slug] = true
	}
	there := 0
	for _, t := range list {
		if ours[t.Slug] {
			there++
		}
	}
	if there == len(ours) {
		return nil
	}
	for _, t := range list {
		if !ours[t.Slug] {
			return fmt.Errorf("demo: the database holds an organisation that is not the demo's (%s); the demo makes accounts with a password that everybody knows, so give it a database of its own", t.Slug)
		}
	}
	return nil
}
