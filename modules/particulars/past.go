package particulars

import (
	"context"

	"ouderportaal/internal/audit"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Past is what was kept elsewhere.
type Past struct {
	Particulars []Particulars
	Contacts    []Contact
	Requests    []Request
}

// Recall keeps within tx what was kept elsewhere. Nobody is told.
func Recall(ctx context.Context, tx tenants.Writer, p Past) error {
	if len(p.Particulars) > 0 {
		if err := upsertParticulars(ctx, tx, p.Particulars...); err != nil {
			return err
		}
	}
	if len(p.Contacts) > 0 {
		if err := insertContacts(ctx, tx, p.Contacts...); err != nil {
			return err
		}
	}
	if len(p.Requests) > 0 {
		if err := insertRequests(ctx, tx, p.Requests...); err != nil {
			return err
		}
	}
	return audit.Record(ctx, tx, "particulars.recall", ids.Nil, map[string]any{"children": len(p.Particulars), "contacts": len(p.Contacts), "requests": len(p.Requests)})
}
