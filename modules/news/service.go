package news

import (
	"context"
	"strings"
	"time"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/internal/richtext"
	"ouderportaal/modules/children"
	"ouderportaal/modules/notifications"
	"ouderportaal/modules/photos"
	"ouderportaal/tenants"
)

// Service is what can be done with news.
type Service struct {
	db            *tenants.DB
	children      *children.Service
	notifications *notifications.Service
	store         blob.Store
	images        photos.Images
}

// New works on db, offers its items to n, and keeps files in store. images may be nil in a process that works off no media jobs.
func New(db *tenants.DB, n *notifications.Service, store blob.Store, images photos.Images) *Service {
	s := &Service{db: db, children: children.New(db), notifications: n, store: store, images: images}
	s.offer()
	return s
}

// Place is a location with its groups.
type Place = children.Place

// Places lists where the actor can address articles to.
func (s *Service) Places(ctx context.Context) ([]Place, error) { return s.children.Places(ctx) }

// MayAddressAll tells whether somebody in the role writes for all of the organisation.
func MayAddressAll(role actor.Role) bool { return role == actor.Admin }

// Create begins an empty draft of the actor, for guardians: of all of the organisation, or of the locations that the actor manages.
func (s *Service) Create(ctx context.Context, kind Kind) (id ids.ID, err error) {
	if kind != News && kind != Newsletter && kind != Page {
		return ids.Nil, fault.New(fault.BadRequest, "error.bad_request")
	}
	id = ids.New()
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		who := actor.From(ctx)
		a := &Article{TenantID: tx.Tenant().ID, ID: id, Kind: kind, State: Drafted, ForGuardians: true, Everywhere: MayAddressAll(who.Role), Revision: 1,
			CreatedBy: who.PersonID, CreatedAt: tx.Now(), ChangedAt: tx.Now()}
		if kind == Page {
			var err error
			if a.Position, err = nextPosition(ctx, tx); err != nil {
				return err
			}
		}
		if err := insertArticle(ctx, tx, a); err != nil {
			return err
		}
		if !a.Everywhere {
			mine, err := locationsOf(ctx, tx)
			if err != nil {
				return err
			}
			if err := replacePlaces(ctx, tx, id, Audience{Locations: mine}); err != nil {
				return err
			}
		}
		return audit.Record(ctx, tx, "news.create", id, map[string]any{"kind": kind})
	})
	return id, err
}

// hold gives an article that the actor looks after and nobody else changes until the transaction ends; any other is NotFound.
func hold(ctx context.Context, tx tenants.Writer, id ids.ID) (*Article, error) {
	return lockKept(ctx, tx, actor.From(ctx), id)
}

// Save keeps what is written, and gives the new revision. What is read changes by Publish alone, and so does, once it is read, whom an
// article is for. One that is scheduled is not changed: Conflict.
func (s *Service) Save(ctx context.Context, id ids.ID, d Draft) (revision int, err error) {
	problems, err := s.tidy(ctx, id, &d)
	if err != nil {
		return 0, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		a, err := write(ctx, tx, id, &d, problems, false)
		if err != nil {
			return err
		}
		revision = a.Revision
		return updateArticle(ctx, tx, a)
	})
	return revision, err
}

// tidy makes a draft fit to be written into an article that the actor looks after, and says what is too much of it. A long text takes a
// while, so that is done before anything is locked.
func (s *Service) tidy(ctx context.Context, id ids.ID, d *Draft) (problems fault.Fields, err error) {
	var files []File
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		if _, err = selectKept(ctx, tx, actor.From(ctx), id); err == nil {
			files, err = selectFiles(ctx, tx, id)
		}
		return err
	})
	if err != nil {
		return problems, err
	}
	return d.tidy(picturesOf(files)), nil
}

// Stale is the key of the Conflict of who has written on what somebody else has changed since.
const Stale = "news.error.stale"

// write puts a tidy draft into its article, complete or not. Written on another revision than the article's, it is a Conflict. The caller
// updates its row.
func write(ctx context.Context, tx tenants.Writer, id ids.ID, d *Draft, problems fault.Fields, complete bool) (*Article, error) {
	a, err := hold(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	if a.Revision != d.Revision {
		return nil, fault.New(fault.Conflict, Stale)
	}
	if a.State == Scheduled {
		return nil, fault.New(fault.Conflict, "news.error.scheduled")
	}
	if complete {
		d.complete(&problems)
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	if complete || a.State != Published {
		if err := mayAddress(ctx, tx, d.Audience); err != nil {
			return nil, err
		}
		a.ForGuardians, a.ForStaff, a.Everywhere = d.Audience.Guardians, d.Audience.Staff, d.Audience.Everywhere
		if err := replacePlaces(ctx, tx, id, d.Audience); err != nil {
			return nil, err
		}
	}
	a.DraftTitle, a.DraftBody = d.Title, d.Body
	a.Revision++
	a.ChangedAt = tx.Now()
	return a, nil
}

// picturesOf finds the pictures of an article by the address that its text names them by.
func picturesOf(files []File) richtext.Pictures {
	return func(src string) (richtext.Picture, bool) {
		for i := range files {
			f := &files[i]
			if f.Inline && f.Ready() && strings.HasPrefix(src, f.Path()+"/") {
				w, h := fit(f.Width, f.Height)
				return richtext.Picture{Src: f.PicturePath(), Width: w, Height: h}, true
			}
		}
		return richtext.Picture{}, false
	}
}

// Publish makes what is written what is read. Who it is for hears of it, unless it was read already: a change is not told.
func (s *Service) Publish(ctx context.Context, id ids.ID, d Draft) error {
	problems, err := s.tidy(ctx, id, &d)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		a, err := write(ctx, tx, id, &d, problems, true)
		if err != nil {
			return err
		}
		a.PublishedBy = actor.From(ctx).PersonID
		return publish(ctx, tx, a)
	})
}

// publish copies the draft to what is read, keeps it as a version, and records that people are to be told.
func publish(ctx context.Context, tx tenants.Writer, a *Article) error {
	fresh, now := a.State != Published, tx.Now()
	a.Title, a.Body, a.Teaser = a.DraftTitle, a.DraftBody, richtext.Excerpt(a.DraftBody, maxTeaser)
	a.State, a.DueAt, a.WithdrawnAt = Published, nil, nil
	a.Version++
	if fresh {
		a.PublishedAt = &now
	}
	if err := updateArticle(ctx, tx, a); err != nil {
		return err
	}
	if err := insertVersion(ctx, tx, &Version{TenantID: a.TenantID, ArticleID: a.ID, Version: a.Version, Title: a.Title, Body: a.Body, PublishedBy: a.PublishedBy, PublishedAt: now}); err != nil {
		return err
	}
	if err := audit.Record(ctx, tx, "news.publish", a.ID, map[string]any{"kind": a.Kind, "version": a.Version}); err != nil {
		return err
	}
	if !fresh || a.Kind == Page {
		return nil
	}
	return outbox.Record(ctx, tx, Told{ArticleID: a.ID, At: now})
}

// furthest is how far ahead something can be scheduled.
const furthest = 366 * 24 * time.Hour

// Schedule has what is written published at a moment to come. It is not changed until then, unless that is called off.
func (s *Service) Schedule(ctx context.Context, id ids.ID, d Draft, at time.Time) error {
	problems, err := s.tidy(ctx, id, &d)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		a, err := write(ctx, tx, id, &d, problems, true)
		if err != nil {
			return err
		}
		var problems fault.Fields
		if !at.After(tx.Now()) || at.After(tx.Now().Add(furthest)) {
			problems.Add("at", "news.error.moment")
			return problems.Err()
		}
		if a.State == Published {
			return fault.New(fault.Conflict, "news.error.published")
		}
		a.State, a.DueAt, a.WithdrawnAt, a.PublishedBy = Scheduled, &at, nil, actor.From(ctx).PersonID
		if err := updateArticle(ctx, tx, a); err != nil {
			return err
		}
		if err := outbox.RecordDue(ctx, tx, Due{ArticleID: id, Revision: a.Revision}, at); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "news.schedule", id, map[string]any{"kind": a.Kind, "at": at})
	})
}

// CallOff makes a draft again of what was scheduled.
func (s *Service) CallOff(ctx context.Context, id ids.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		a, err := hold(ctx, tx, id)
		if err != nil {
			return err
		}
		if a.State != Scheduled {
			return fault.New(fault.Conflict, "news.error.not_scheduled")
		}
		a.State, a.DueAt = Drafted, nil
		a.Revision++
		if err := updateArticle(ctx, tx, a); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "news.call_off", id, map[string]any{"kind": a.Kind})
	})
}

// Withdraw takes an article away from everybody at once, also from who was to be told of it and has not been yet. What was written stays, to
// publish it again.
func (s *Service) Withdraw(ctx context.Context, id ids.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		a, err := hold(ctx, tx, id)
		if err != nil {
			return err
		}
		if a.State != Published {
			return fault.New(fault.Conflict, "news.error.not_published")
		}
		now := tx.Now()
		a.State, a.WithdrawnAt = Withdrawn, &now
		a.Revision++
		if err := updateArticle(ctx, tx, a); err != nil {
			return err
		}
		if err := notifications.CallOff(ctx, tx, id); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "news.withdraw", id, map[string]any{"kind": a.Kind})
	})
}

// Remove throws away a draft that was never published, with its files; anything else is a Conflict.
func (s *Service) Remove(ctx context.Context, id ids.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		a, err := hold(ctx, tx, id)
		if err != nil {
			return err
		}
		if a.Version > 0 || a.State == Scheduled {
			return fault.New(fault.Conflict, "news.error.was_published")
		}
		if err := remove(ctx, tx, []ids.ID{id}); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "news.remove", id, map[string]any{"kind": a.Kind})
	})
}

func remove(ctx context.Context, tx tenants.Writer, list []ids.ID) error {
	keys, err := deleteDrafts(ctx, tx, list)
	if err != nil {
		return err
	}
	return recordRemoved(ctx, tx, keys)
}

// recordRemoved has the objects of files deleted whose rows are gone.
func recordRemoved(ctx context.Context, tx tenants.Writer, keys []string) error {
	for _, key := range keys {
		if err := outbox.Record(ctx, tx, Removed{StorageKey: key}); err != nil {
			return err
		}
	}
	return nil
}

// Move puts an information page before the one above it, or after the one below it, in the order in which they are read.
func (s *Service) Move(ctx context.Context, id ids.ID, up bool) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		a, err := hold(ctx, tx, id)
		if err != nil {
			return err
		}
		if a.Kind != Page {
			return fault.NotFound()
		}
		moved, err := swapPositions(ctx, tx, actor.From(ctx), a, up)
		if err != nil || !moved {
			return err
		}
		return audit.Record(ctx, tx, "news.move", id, map[string]any{"up": up})
	})
}
