package demo

import (
	"context"
	"slices"
	"time"

	"ouderportaal/internal/bounce"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

// mishaps are why the newest mails did not reach some families: the first address has a mistake in it.
var mishaps = []struct {
	why   string
	tries int
}{
	{"bounce: 550 5.1.1", 1}, {"bounce: 552 5.2.2", 1}, {"mail: permanent failure at content: 554 5.7.1", 1}, {"mail: transient failure at recipient: 451 4.4.1", 31}, {notifications.DeviceIsGone, 1},
}

// missed is a reader whom the news of an entry did not reach.
type missed struct {
	entry  int
	person ids.ID
	id     ids.ID
}

// missNews chooses whom the newest news did not reach: families that are not signed in with, one for each mishap.
func (b *book) missNews() {
	known := map[ids.ID]bool{}
	for _, p := range b.people[:b.named] {
		known[p.ID] = true
	}
	for _, n := range slices.Backward(b.news) {
		for _, r := range n.readers {
			if len(b.missed) == len(mishaps) {
				return
			}
			if !known[r.PersonID] {
				known[r.PersonID] = true
				b.missed = append(b.missed, missed{n.entry, r.PersonID, b.id(b.entries[n.entry].PublishedAt)})
				break
			}
		}
	}
}

func (s *seeder) keepMissed(ctx context.Context, tx tenants.Writer, b *book) error {
	for i, m := range b.missed {
		entry := b.entries[m.entry]
		event, err := outbox.RecordPast(ctx, tx, diary.EntryPublished{EntryID: entry.ID}, entry.PublishedAt)
		if err != nil {
			return err
		}
		at := minTime(entry.PublishedAt.Add(time.Minute), b.now)
		failure := notifications.PastFailure{ID: m.id, EventID: event, PersonID: m.person, SubjectID: entry.ID, Item: "diary", Why: mishaps[i].why, Tries: mishaps[i].tries, At: at}
		if err := notifications.RecallFailures(ctx, tx, []notifications.PastFailure{failure}); err != nil {
			return err
		}
		if reason := bounce.ReasonIn(mishaps[i].why); reason.Broken() {
			if err := identity.RecallAddressProblem(ctx, tx, m.person, reason, at); err != nil {
				return err
			}
		}
	}
	return nil
}
