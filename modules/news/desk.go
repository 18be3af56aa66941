package news

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/richtext"
	"ouderportaal/tenants"
)

// Sort is the order of a list in the console.
type Sort string

// The orders.
const (
	ByChanged   Sort = "gewijzigd" // the last one first
	ByTitle     Sort = "titel"
	ByPublished Sort = "gepubliceerd" // the last one first, what never was at the end
)

// DeskFilter is what is asked of the list in the console.
type DeskFilter struct {
	Search string
	Kind   Kind  // empty: every kind
	State  State // empty: every state
	Sort   Sort
	After  ids.ID // the last article of the page before
}

// DeskLine is an article in the list of the console.
type DeskLine struct {
	ID          ids.ID
	Kind        Kind
	State       State
	Title       string
	Everywhere  bool
	Places      string // names, when it is not for all of the organisation
	ChangedAt   time.Time
	DueAt       *time.Time
	PublishedAt *time.Time
	Changed     bool // something is written that is not read yet
	Read        int  // how many people have read it
}

// Desk is a page of that list, and how many there are of each kind.
type Desk struct {
	Lines  []DeskLine
	Next   ids.ID // Nil: there is no more
	Counts map[Kind]int
}

const deskSize = 50

// Desk lists the articles that the actor looks after.
func (s *Service) Desk(ctx context.Context, f DeskFilter) (*Desk, error) {
	d := &Desk{}
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		who := actor.From(ctx)
		if d.Counts, err = countKept(ctx, tx, who, f); err != nil {
			return err
		}
		if d.Lines, err = selectDesk(ctx, tx, who, f, deskSize+1); err != nil || len(d.Lines) <= deskSize {
			return err
		}
		d.Lines = d.Lines[:deskSize]
		d.Next = d.Lines[deskSize-1].ID
		return nil
	})
	return d, err
}

// Kept is an article as who looks after it sees it.
type Kept struct {
	Article
	Audience Audience
	Reach    Reach
	Read     int
	Files    []File // that go along
	Versions []Version

	all []File
}

// Version is what was published at one time.
type Version struct {
	bun.BaseModel `bun:"table:article_version"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ArticleID     ids.ID `bun:",pk,type:uuid"`
	Version       int    `bun:",pk"`
	Title         string
	Body          string
	PublishedBy   ids.ID `bun:"type:uuid"`
	PublishedAt   time.Time
	By            string `bun:",scanonly"` // name
}

// Edit gives an article that the actor looks after; any other is NotFound.
func (s *Service) Edit(ctx context.Context, id ids.ID) (*Kept, error) {
	k := &Kept{}
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		a, err := selectKept(ctx, tx, actor.From(ctx), id)
		if err != nil {
			return err
		}
		k.Article = *a
		if k.Audience, err = audienceOf(ctx, tx, a); err != nil {
			return err
		}
		guardians, staff, err := reached(ctx, tx, k.Audience)
		if err != nil {
			return err
		}
		k.Reach = Reach{len(guardians), len(staff)}
		if k.Read, err = countReadings(ctx, tx, id); err != nil {
			return err
		}
		if k.all, err = selectFiles(ctx, tx, id); err != nil {
			return err
		}
		k.Files = attachments(k.all)
		k.Attached = namesOf(k.Files)
		k.Versions, err = selectVersions(ctx, tx, id)
		return err
	})
	return k, err
}

// Reader is somebody whom an article is for, or was when they read it.
type Reader struct {
	ID     ids.ID
	Name   string
	ReadAt *time.Time // nil: not yet
}

// Readers are who has read an article, the last one first, and whom it is for that have not, by name. The actor looks after it.
func (s *Service) Readers(ctx context.Context, id ids.ID) (a *Article, have, not []Reader, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		if a, err = selectKept(ctx, tx, actor.From(ctx), id); err != nil {
			return err
		}
		if a.State != Published {
			return fault.NotFound()
		}
		audience, err := audienceOf(ctx, tx, a)
		if err != nil {
			return err
		}
		guardians, staff, err := reached(ctx, tx, audience)
		if err != nil {
			return err
		}
		all, err := selectReaders(ctx, tx, id, sorted(append(guardians, staff...)))
		for _, r := range all {
			if r.ReadAt != nil {
				have = append(have, r)
			} else {
				not = append(not, r)
			}
		}
		return err
	})
	return a, have, not, err
}

// Typed is a text of the article for a form: for a plain field, and as the editor takes it. It need not be clean.
func (k *Kept) Typed(body string) (plain, editor string) {
	clean := richtext.Clean(body, picturesOf(k.all))
	return richtext.Typed(clean), richtext.Editor(clean)
}

// Mail is a mail as a page shows it.
type Mail struct {
	Subject    string
	Paragraphs []string
	HTML       string // clean text with links in the place of pictures; empty for none
	ButtonText string
}

// MailOf is the mail that people would get of what is written now.
func (a *Article) MailOf(say *i18n.Localizer) Mail {
	written := *a
	written.Title, written.Body, written.Teaser = a.DraftTitle, a.DraftBody, richtext.Excerpt(a.DraftBody, maxTeaser)
	l := written.letter(say)
	return Mail{Subject: l.Subject, Paragraphs: l.Paragraphs, HTML: richtext.Mail(l.Rich, "", l.Path, l.PictureText, nil, nil), ButtonText: l.ButtonText}
}

// Sweep forgets, a day later, drafts in which nothing was ever written, and pictures that were taken out of their text. It is for the schedule.
func (s *Service) Sweep(ctx context.Context) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		before := tx.Now().Add(-keepBack)
		unused, err := deleteUnused(ctx, tx, before)
		if err != nil {
			return err
		}
		if err := recordRemoved(ctx, tx, unused); err != nil {
			return err
		}
		empty, err := selectEmpty(ctx, tx, before)
		if err != nil || len(empty) == 0 {
			return err
		}
		return remove(ctx, tx, empty)
	})
}

// keepBack is how long what nobody needs is kept all the same.
const keepBack = 24 * time.Hour

// AskPublished asks whether anything was ever published, together with whatever else a page asks.
func (s *Service) AskPublished(ctx context.Context, into *bool) tenants.Question {
	tenant, _ := tenants.From(ctx)
	return tenants.Whether("SELECT EXISTS (SELECT FROM article WHERE tenant_id = $1 AND published_at IS NOT NULL)", into, tenant.ID)
}
