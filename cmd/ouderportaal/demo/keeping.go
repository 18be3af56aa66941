package demo

import (
	"context"
	"time"

	"ouderportaal/modules/keepsake"
	"ouderportaal/modules/retention"
	"ouderportaal/tenants"
)

// leftLongAgo is how many days ago the last day of care was of the child whose file goes soon.
const leftLongAgo = 690

// keepTerms keeps how long files are kept, where the organisation chose that, and who was told where it tells.
func keepTerms(ctx context.Context, tx tenants.Writer, b *book) error {
	if b.org.terms == nil {
		return nil
	}
	past := retention.Past{Terms: *b.org.terms}
	if past.Terms.Offers {
		past.Notices = b.noticed(past.Terms)
	}
	for _, n := range past.Notices {
		if err := keepsake.RecallOffer(ctx, tx, n.ChildID, n.UntilOn, n.OfferedAt); err != nil {
			return err
		}
	}
	return retention.Recall(ctx, tx, past)
}

// noticed are the children whose guardians were told that a file goes.
func (b *book) noticed(terms retention.Terms) []retention.Notice {
	var list []retention.Notice
	for _, k := range b.pupils {
		last := k.stays[len(k.stays)-1].to
		if last != b.today.Add(-leftLongAgo) {
			continue
		}
		at := b.moment(last)
		list = append(list, retention.Notice{TenantID: b.tenant.ID, ChildID: k.child.ID, UntilOn: tenants.Date(at.AddDate(0, terms.FileMonths, 0).Format(time.DateOnly)), OfferedAt: b.at(-20, 7, 10)})
	}
	return list
}
