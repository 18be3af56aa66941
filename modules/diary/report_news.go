package diary

import (
	"context"
	"slices"

	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

// reported tells the author of an entry, and who manages the location, that a photo in it was reported, each once.
func (n *News) reported(ctx context.Context, event ids.ID, e PhotoReported) error {
	return n.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		answerable, err := answerableFor(ctx, tx, []ids.ID{e.EntryID})
		if err != nil {
			return err
		}
		return n.notifications.Notify(ctx, tx, notifications.News{EventID: event, Item: reportItem, SubjectID: e.EntryID, Recipients: answerable[e.EntryID]})
	})
}

// answerableFor gives, for each entry that stands, its author and who manages the location of its group.
func answerableFor(ctx context.Context, tx tenants.Reader, entryIDs []ids.ID) (map[ids.ID][]ids.ID, error) {
	entries, err := selectEntries(ctx, tx, entryIDs)
	if err != nil {
		return nil, err
	}
	var groups []ids.ID
	for _, e := range entries {
		groups = append(groups, e.GroupID)
	}
	managers, err := children.Managers(ctx, tx, ids.Once(groups))
	if err != nil {
		return nil, err
	}
	byEntry := make(map[ids.ID][]ids.ID, len(entries))
	for id, e := range entries {
		byEntry[id] = ids.Once(append([]ids.ID{e.AuthorID}, managers[e.GroupID]...))
	}
	return byEntry, nil
}

// composeReport writes to who is still answerable. Who reported, and why, stays behind the sign-in.
func composeReport(ctx context.Context, tx tenants.Reader, to []notifications.Telling) (map[ids.ID]notifications.Letter, error) {
	subjects := make([]ids.ID, len(to))
	for i, t := range to {
		subjects[i] = t.SubjectID
	}
	answerable, err := answerableFor(ctx, tx, subjects)
	if err != nil {
		return nil, err
	}
	letters := make(map[ids.ID]notifications.Letter, len(to))
	for _, t := range to {
		if !slices.Contains(answerable[t.SubjectID], t.Person.PersonID) {
			continue
		}
		title := t.Words.T("diary.line.report")
		letters[t.DeliveryID] = notifications.Letter{Subject: title, Preheader: t.Words.T("diary.mail.report"), Title: title,
			Paragraphs: []string{t.Words.T("diary.mail.report")}, ButtonText: t.Words.T("diary.mail.button.report")}
	}
	return letters, nil
}
