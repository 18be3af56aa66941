package demo

import (
	"context"
	"time"

	"ouderportaal/modules/retention"
	"ouderportaal/tenants"
)

// leftLongAgo is how many days ago the last day of care was of the child whose file goes soon.
const leftLongAgo = 690

// keepTerms keeps how long files are kept: one organisation chose what is usual and tells parents in time, one keeps less and tells
// nobody, one never chose.
func keepTerms(ctx context.Context, tx tenants.Writer, b *book) error {
	switch b.org.slug {
	case "kinderopvangbathmen":
		terms := retention.Terms{FileMonths: 24, OfficeYears: 7, NoticeDays: 60, Offers: true}
		return retention.Recall(ctx, tx, retention.Past{Terms: terms, Notices: b.noticed(terms)})
	case "devuurtoren":
		return retention.Recall(ctx, tx, retention.Past{Terms: retention.Terms{FileMonths: 18, OfficeYears: 7, NoticeDays: 30}})
	}
	return nil
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
