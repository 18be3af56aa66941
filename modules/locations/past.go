package locations

import (
	"context"
	"fmt"

	"ouderportaal/internal/blob"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/media"
	"ouderportaal/tenants"
)

// Past is what was kept of locations and colleagues before.
type Past struct {
	Openings   []Opening
	Exceptions []Exception
	Profiles   []Profile
	Photos     []Photo
}

// StorePast writes the versions of a past photo under a key of its own and makes its row ready, for Recall. The objects come first.
func StorePast(ctx context.Context, store blob.Store, p *Photo, result *media.Result) error {
	p.StorageKey = blob.NewKeyIn(p.TenantID, area)
	return storeVersions(ctx, store, p, result)
}

// Recall keeps it within tx. Nobody is told.
func Recall(ctx context.Context, tx tenants.Writer, past Past) error {
	for i := range past.Openings {
		if saved, err := saveOpening(ctx, tx, past.Openings[i]); err != nil || !saved {
			return recallError("opening", past.Openings[i].LocationID, err)
		}
	}
	for i := range past.Exceptions {
		if added, err := insertException(ctx, tx, &past.Exceptions[i]); err != nil || !added {
			return recallError("exception", past.Exceptions[i].ID, err)
		}
	}
	for i := range past.Profiles {
		if err := saveProfile(ctx, tx, &past.Profiles[i]); err != nil {
			return err
		}
	}
	if len(past.Photos) == 0 {
		return nil
	}
	if _, err := tx.NewInsert().Model(&past.Photos).Exec(ctx); err != nil {
		return fmt.Errorf("locations: insert past photos: %w", err)
	}
	return nil
}

func recallError(what string, id ids.ID, err error) error {
	if err == nil {
		err = fmt.Errorf("there is one already")
	}
	return fmt.Errorf("locations: recall %s of %s: %w", what, id, err)
}
