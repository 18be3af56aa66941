package children

import (
	"bytes"
	"context"
	"slices"

	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/tenants"
)

// FamilyChanged says that who is tied to these children, or where and when they are placed, is not what it was. Whoever
// plans by it looks at the rows again.
type FamilyChanged struct {
	ChildIDs []ids.ID `json:"child_ids"`
}

// EventName is the name in the ledger.
func (FamilyChanged) EventName() string { return "children.family_changed" }

// mostInEvent bounds the payload of one event.
const mostInEvent = 500

// TellChanged records FamilyChanged beside the change, for as many children as it concerns.
func TellChanged(ctx context.Context, tx tenants.Writer, childIDs ...ids.ID) error {
	childIDs = slices.Clone(childIDs)
	slices.SortFunc(childIDs, func(a, b ids.ID) int { return bytes.Compare(a[:], b[:]) })
	for part := range slices.Chunk(slices.Compact(childIDs), mostInEvent) {
		if err := outbox.Record(ctx, tx, FamilyChanged{ChildIDs: part}); err != nil {
			return err
		}
	}
	return nil
}
