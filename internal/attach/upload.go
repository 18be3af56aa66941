package attach

import (
	"context"
	"errors"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/tenants"
)

// Upload is a file that the actor sends, by what a module does to keep it.
type Upload struct {
	Lock  string                                      // where Room counts what the actor has sent: the word of the lock under which it does
	Room  func(context.Context, tenants.Reader) error // refuses it, when there is no room
	Put   func(context.Context) error                 // stores the file
	Keep  func(context.Context, tenants.Writer) error // keeps the row of it
	Clear func(context.Context) error                 // deletes the file from storage
}

// Take keeps the file and its row. Whether there is room is asked before anything is stored, so that what is refused then was never there,
// and again with the row: others send files meanwhile.
func (u Upload) Take(ctx context.Context, db *tenants.DB) error {
	if err := db.Read(ctx, u.Room); err != nil {
		return err
	}
	// The object first, the row second: an object without a row is swept up, a row without an object is a lost file.
	if err := u.Put(ctx); err != nil {
		return err
	}
	err := db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if u.Lock != "" {
			if err := tx.Lock(ctx, u.Lock, actor.From(ctx).PersonID.String()); err != nil {
				return err
			}
		}
		if err := u.Room(ctx, tx); err != nil {
			return err
		}
		return u.Keep(ctx, tx)
	})
	// Refused after all there is no row. After any other failure there may be one, and the module's Reconcile finds out.
	if _, refused := fault.As(err); refused {
		return errors.Join(err, u.Clear(ctx))
	}
	return err
}
