package tenants

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun/dialect/pgdialect"
)

// The key of a lock is the word, a space and a name, as text. Old and new processes run beside each other during an upgrade, so a key
// never changes; the audit log's is made in its trigger in the same way.
const lockEach = `SELECT count(%s(hashtextextended(? || ' ' || name, 0))) FROM unnest(?::text[]) AS name`

// Lock implements Writer.
func (t transaction) Lock(ctx context.Context, word string, names ...string) error {
	return t.lock(ctx, "pg_advisory_xact_lock", word, names)
}

// LockShared implements Writer.
func (t transaction) LockShared(ctx context.Context, word string, names ...string) error {
	return t.lock(ctx, "pg_advisory_xact_lock_shared", word, names)
}

func (t transaction) lock(ctx context.Context, how, word string, names []string) error {
	if len(names) == 0 {
		return nil
	}
	if _, err := t.NewRaw(fmt.Sprintf(lockEach, how), word, pgdialect.Array(slices.Sorted(slices.Values(names)))).Exec(ctx); err != nil {
		return fmt.Errorf("tenants: lock %s: %w", word, err)
	}
	return nil
}
