package keepsake

import (
	"context"
	"strings"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/live"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/care"
	"ouderportaal/modules/children"
	"ouderportaal/modules/declarations"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/notifications"
	"ouderportaal/modules/photos"
	"ouderportaal/tenants"
)

// Service is what can be done with keepsakes.
type Service struct {
	db            *tenants.DB
	store         blob.Store
	photos        *photos.Service
	notifications *notifications.Service
	words         *i18n.Bundle // of the book
	post          Post
	declared      *declarations.Service
	partSize      int // bytes from which on a part is full
}

// partSize is what a worker holds in memory at most, beside one photo, and what it loses when it is killed.
const partSize = 8 << 20

// New keeps rows in db and parts in store, and offers its news to n. words speak in the book, post has the conversations, and d
// the files of what was filled in.
func New(db *tenants.DB, store blob.Store, p *photos.Service, n *notifications.Service, words *i18n.Bundle, post Post, d *declarations.Service) *Service {
	s := &Service{db: db, store: store, photos: p, notifications: n, words: words, post: post, declared: d, partSize: partSize}
	n.Offer(s.items()...)
	return s
}

// Subscriptions are the events that keepsakes hear of.
func (s *Service) Subscriptions() []outbox.Subscription {
	return []outbox.Subscription{
		outbox.On(buildHandler, outbox.Bulk, s.build),
		outbox.On("keepsake.notify", outbox.Normal, s.becameReady),
		outbox.On("keepsake.delete_objects", outbox.Bulk, s.deleteObjects),
		outbox.On("keepsake.notify_offer", outbox.Normal, s.offered),
		outbox.On("keepsake.follow_family", outbox.Urgent, func(ctx context.Context, _ ids.ID, e children.FamilyChanged) error {
			return s.followTies(ctx, e.ChildIDs)
		}),
	}
}

// View is a child with the keepsake that the actor asked for last; Keepsake is nil when there was none.
type View struct {
	Child    children.Named
	Keepsake *Keepsake
}

// List gives each child of the actor.
func (s *Service) List(ctx context.Context) ([]View, error) {
	var list []View
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		own, err := children.Own(ctx, tx)
		if err != nil {
			return err
		}
		list, err = views(ctx, tx, own)
		return err
	})
	return list, err
}

// Of gives one child of the actor.
func (s *Service) Of(ctx context.Context, child ids.ID) (View, error) {
	var v View
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		own, err := mustBeGuardian(ctx, tx, child)
		if err != nil {
			return err
		}
		list, err := views(ctx, tx, []children.Named{own})
		if err == nil {
			v = list[0]
		}
		return err
	})
	return v, err
}

func views(ctx context.Context, tx tenants.Reader, own []children.Named) ([]View, error) {
	childIDs := make([]ids.ID, len(own))
	for i, child := range own {
		childIDs[i] = child.ID
	}
	newest, err := selectNewest(ctx, tx, actor.From(ctx).PersonID, childIDs)
	if err != nil {
		return nil, err
	}
	list := make([]View, len(own))
	for i, child := range own {
		list[i] = View{child, newest[child.ID]}
		if k := list[i].Keepsake; k != nil && k.State == Ready && !k.lies(tx.Now()) {
			k.State = Expired // the sweep has not come by yet
		}
	}
	return list, nil
}

// mustBeGuardian answers NotFound unless the actor is somebody who may know of the child as its guardian.
func mustBeGuardian(ctx context.Context, tx tenants.Reader, child ids.ID) (children.Named, error) {
	if actor.From(ctx).Role != actor.Parent {
		return children.Named{}, fault.NotFound()
	}
	list, err := children.MustSee(ctx, tx, []ids.ID{child})
	if err != nil {
		return children.Named{}, err
	}
	return list[0], nil
}

// Ask begins a keepsake of a child of the actor, who must be fresh. One that is being built stays the one; one that lies ready is
// replaced when anew is said, and stays otherwise.
func (s *Service) Ask(ctx context.Context, child ids.ID, anew bool) error {
	who := actor.From(ctx)
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		named, err := mustBeGuardian(ctx, tx, child)
		if err != nil {
			return err
		}
		if err := identity.MustBeFresh(ctx, tx); err != nil {
			return err
		}
		if err := holdAsking(ctx, tx, who.PersonID, child); err != nil {
			return err
		}
		before, err := lockOpen(ctx, tx, who.PersonID, child)
		if fault.CodeOf(err) != fault.Missing && err != nil {
			return err
		}
		if err == nil {
			if before.State == Building || before.lies(tx.Now()) && !anew {
				return nil
			}
			if err := end(ctx, tx, before, Replaced); err != nil {
				return err
			}
		}
		if asked, err := countAsked(ctx, tx, who.PersonID, child, tx.Now().Add(-Kept)); err != nil || asked >= mostAsked {
			if err == nil {
				err = fault.New(fault.TooMany, "keepsake.error.too_many")
			}
			return err
		}
		k := &Keepsake{TenantID: tx.Tenant().ID, ID: ids.New(), ChildID: child, PersonID: who.PersonID, State: Building, Language: i18n.Language(ctx),
			StorageKey: blob.NewKeyIn(tx.Tenant().ID, area), AskedAt: tx.Now(), Round: 1,
			Folder: diary.SafeName(i18n.T(ctx, "keepsake.folder", "Name", named.GivenName))}
		if err := k.plan(ctx, tx); err != nil {
			return err
		}
		if err := insertKeepsake(ctx, tx, k); err != nil {
			return err
		}
		if err := notifications.ReadAbout(ctx, tx, child); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, "keepsake.ask", child, map[string]any{"keepsake": k.ID}); err != nil {
			return err
		}
		return outbox.Record(ctx, tx, BuildDue{KeepsakeID: k.ID, Round: k.Round})
	})
}

// plan looks which months have anything, and how much there is to do.
func (k *Keepsake) plan(ctx context.Context, tx tenants.Reader) error {
	told, err := diary.MonthsOfChild(ctx, tx, k.ChildID, k.AskedAt)
	if err != nil {
		return err
	}
	days, err := care.MonthsOfChild(ctx, tx, k.ChildID, k.AskedAt)
	if err != nil {
		return err
	}
	months := make([]string, 0, len(told))
	k.PhotosAll = 0
	for _, m := range told {
		months = append(months, string(m.Month))
		k.PhotosAll += m.Photos
	}
	k.Months = strings.Join(merged(months, days), " ")
	return nil
}

// merged puts two lists in order together, each of the words once.
func merged(a, b []string) []string {
	var list []string
	for len(a) > 0 || len(b) > 0 {
		var next string
		if len(b) == 0 || len(a) > 0 && a[0] <= b[0] {
			next, a = a[0], a[1:]
		} else {
			next, b = b[0], b[1:]
		}
		if len(list) == 0 || list[len(list)-1] != next {
			list = append(list, next)
		}
	}
	return list
}

// Cancel ends what the actor asked for about a child. When there is nothing, it does nothing.
func (s *Service) Cancel(ctx context.Context, child ids.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if _, err := mustBeGuardian(ctx, tx, child); err != nil {
			return err
		}
		k, err := lockOpen(ctx, tx, actor.From(ctx).PersonID, child)
		if fault.CodeOf(err) == fault.Missing {
			return nil
		}
		if err != nil || k.State != Building { // it has become ready meanwhile
			return err
		}
		return end(ctx, tx, k, Cancelled)
	})
}

// endings are what the log calls the ways in which a keepsake ends.
var endings = map[State]string{Cancelled: "keepsake.cancel", Failed: "keepsake.fail", Replaced: "keepsake.replace", Revoked: "keepsake.revoke", Expired: "keepsake.expire"}

// end lets go of all that is in a keepsake. Its objects follow once the transaction is kept; from now on nobody gets any of them.
func end(ctx context.Context, tx tenants.Writer, k *Keepsake, state State) error {
	at := tx.Now()
	k.State, k.EndedAt, k.OpenedSession, k.OpenedAt, k.OpenedUntil = state, &at, ids.Nil, nil, nil
	if err := updateKeepsake(ctx, tx, k); err != nil {
		return err
	}
	if err := deleteContent(ctx, tx, k.ID); err != nil {
		return err
	}
	if err := live.Signal(ctx, tx, live.Person(k.PersonID)); err != nil {
		return err
	}
	if err := audit.Record(ctx, tx, endings[state], k.ChildID, map[string]any{"keepsake": k.ID, "person": k.PersonID}); err != nil {
		return err
	}
	return outbox.Record(ctx, tx, Dropped{StorageKey: k.StorageKey})
}
