package keepsake

import (
	"context"
	"fmt"
	"path"
	"slices"
	"time"

	"ouderportaal/internal/blob"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/photos"
	"ouderportaal/tenants"
)

// ConsentChanged lets go of what lies ready and holds a photo that may not be had any more; it makes Service a consents.Follower.
// What is being built looks by itself at its end.
func (s *Service) ConsentChanged(ctx context.Context, tx tenants.Writer, child ids.ID) error {
	affected, err := selectReadyWith(ctx, tx, photos.With(tx, child))
	if err != nil {
		return err
	}
	for _, id := range affected {
		if err := s.letGoUnlessAllowed(ctx, tx, id); err != nil {
			return err
		}
	}
	return nil
}

// letGoUnlessAllowed ends a keepsake that its owner may not have any more, as a whole.
func (s *Service) letGoUnlessAllowed(ctx context.Context, tx tenants.Writer, id ids.ID) error {
	k, err := lockKeepsake(ctx, tx, id)
	if err != nil || !k.Open() {
		return err
	}
	may := false
	if k.State == Ready {
		may, err = s.mayHave(ctx, tx, k)
	} else if err = k.mustStillBe(ctx, tx); err == nil {
		may = true
	} else if fault.CodeOf(err) == fault.Missing {
		err = nil
	}
	if err != nil || may {
		return err
	}
	return end(ctx, tx, k, Revoked)
}

func (s *Service) revoke(ctx context.Context, id ids.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error { return s.letGoUnlessAllowed(ctx, tx, id) })
}

// followTies looks again at what is open of children whose ties changed, or of all for nil.
func (s *Service) followTies(ctx context.Context, childIDs []ids.ID) error {
	var open []Keepsake
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		open, err = selectOpen(ctx, tx, childIDs)
		return err
	})
	if err != nil {
		return err
	}
	for i := range open {
		if err := s.revoke(ctx, open[i].ID); err != nil {
			return err
		}
	}
	return nil
}

// Sweep ends what had its day, what may not be had any more, and what no worker could build; and forgets what ended a month ago. It
// is run on a schedule.
func (s *Service) Sweep(ctx context.Context) error {
	if err := s.followTies(ctx, nil); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		open, err := selectOpen(ctx, tx, nil)
		if err != nil {
			return err
		}
		// Of those that were given up on longer ago, buildWithin is over.
		lost, err := outbox.GivenUp[BuildDue](ctx, tx, buildHandler, tx.Now().Add(-buildWithin))
		if err != nil {
			return err
		}
		for i := range open {
			k, err := lockKeepsake(ctx, tx, open[i].ID)
			if err != nil {
				return err
			}
			switch {
			case k.State == Ready && !k.lies(tx.Now()):
				err = end(ctx, tx, k, Expired)
			case slices.ContainsFunc(lost, k.isFor), k.State == Building && k.AskedAt.Before(tx.Now().Add(-buildWithin)):
				err = end(ctx, tx, k, Failed)
			}
			if err != nil {
				return err
			}
		}
		return deleteEnded(ctx, tx, tx.Now().Add(-remembered))
	})
}

// deleteObjects removes everything under a key, also what a run that was broken off left there.
func (s *Service) deleteObjects(ctx context.Context, _ ids.ID, e Dropped) error {
	return s.store.List(ctx, e.StorageKey+"/", func(i blob.Info) error {
		if err := s.store.Delete(ctx, i.Key); err != nil {
			return fmt.Errorf("keepsake: delete object: %w", err)
		}
		return nil
	})
}

// orphanAge keeps Reconcile away from parts whose row is about to be written.
const orphanAge = time.Hour

// Reconcile removes objects of no keepsake, which a run that was broken off at the wrong moment left behind. It is run on a schedule.
func (s *Service) Reconcile(ctx context.Context) error {
	tenant, ok := tenants.From(ctx)
	if !ok {
		return tenants.ErrNoTenant
	}
	var used map[string]bool
	before := s.db.Clock().Now().Add(-orphanAge)
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		used, err = keysInUse(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	return s.store.List(ctx, blob.AreaPrefix(tenant.ID, area), func(i blob.Info) error {
		if used[path.Dir(i.Key)] || i.Modified.After(before) {
			return nil
		}
		if err := s.store.Delete(ctx, i.Key); err != nil {
			return fmt.Errorf("keepsake: remove orphan: %w", err)
		}
		return nil
	})
}
