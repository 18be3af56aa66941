// Package formkey carries out a form once, however often it is sent: a double click, a retry after a lost answer, two tabs.
//
// The page puts a fresh key (New) into a hidden field. The writer claims it in the transaction that does the work:
//
//	location, done, err := formkey.Once(ctx, tx, key, formkey.Hash(draft.Title, draft.Body))
//	if err != nil || done {
//		return location, err // done: it was carried out before; location is what came of it
//	}
//	… the work …
//	return location, formkey.Finish(ctx, tx, key, location)
//
// A second transaction with the same key waits for the first. When the first fails, the second does the work.
package formkey

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Field is the name of the hidden field.
const Field = "form_key"

// keep is how long a repeated form is recognised.
const keep = 7 * 24 * time.Hour

type submission struct {
	bun.BaseModel `bun:"table:submission"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	PersonID      ids.ID `bun:",pk,type:uuid"`
	FormKey       ids.ID `bun:",pk,type:uuid"`
	BodyHash      []byte
	Location      string
	CreatedAt     time.Time
}

// New is a key for a page that shows a form.
func New() ids.ID { return ids.New() }

// Hash is the hash of everything that somebody typed. Parts are kept apart: ("ab", "c") is not ("a", "bc").
func Hash(parts ...string) []byte {
	h := sha256.New()
	for _, part := range parts {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		h.Write(length[:])
		h.Write([]byte(part))
	}
	return h.Sum(nil)
}

// ErrUnfinished means that a writer claimed a key and forgot Finish.
var ErrUnfinished = errors.New("formkey: a key was claimed and never finished")

// Once claims key for the actor in ctx. done tells that the same form was carried out before, with what came of it. The
// same key with another body is Invalid; no key is BadRequest; a visitor who is not signed in is Unauthenticated.
func Once(ctx context.Context, tx tenants.Writer, key ids.ID, bodyHash []byte) (location string, done bool, err error) {
	who := actor.From(ctx)
	if who.PersonID == ids.Nil {
		return "", false, fault.New(fault.Unauthenticated, "error.unauthenticated")
	}
	if key == ids.Nil {
		return "", false, fault.New(fault.BadRequest, "error.bad_request")
	}
	row := &submission{TenantID: tx.Tenant().ID, PersonID: who.PersonID, FormKey: key, BodyHash: bodyHash, CreatedAt: tx.Now()}
	inserted, err := tx.NewInsert().Model(row).On("CONFLICT DO NOTHING").Exec(ctx)
	if err != nil {
		return "", false, fmt.Errorf("formkey: claim: %w", err)
	}
	if n, err := inserted.RowsAffected(); err != nil || n == 1 {
		return "", false, err
	}
	var before submission
	err = tx.NewSelect().Model(&before).Where("tenant_id = ?", row.TenantID).Where("person_id = ?", row.PersonID).Where("form_key = ?", key).Scan(ctx)
	switch {
	case err != nil:
		return "", false, fmt.Errorf("formkey: look up: %w", err)
	case !bytes.Equal(before.BodyHash, bodyHash):
		return "", false, fault.New(fault.Invalid, "form.error.key_used")
	case before.Location == "":
		return "", false, ErrUnfinished
	}
	return before.Location, true, nil
}

// Finish notes what came of the form: the path that the browser is sent to, now and when it asks again.
func Finish(ctx context.Context, tx tenants.Writer, key ids.ID, location string) error {
	if location == "" {
		return ErrUnfinished
	}
	done, err := tx.NewUpdate().Model((*submission)(nil)).Set("location = ?", location).Where("tenant_id = ?", tx.Tenant().ID).
		Where("person_id = ?", actor.From(ctx).PersonID).Where("form_key = ?", key).Where("location = ''").Exec(ctx)
	if err != nil {
		return fmt.Errorf("formkey: finish: %w", err)
	}
	if n, err := done.RowsAffected(); err != nil || n != 1 {
		return fmt.Errorf("formkey: finish: the key was not claimed in this transaction")
	}
	return nil
}

// Sweep forgets keys of a week ago, and tells how many. Run it daily.
func Sweep(ctx context.Context, tx tenants.Writer) (int64, error) {
	done, err := tx.NewDelete().Model((*submission)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("created_at < ?", tx.Now().Add(-keep)).Exec(ctx)
	if err != nil {
		return 0, fmt.Errorf("formkey: sweep: %w", err)
	}
	return done.RowsAffected()
}
