package keepsake

import (
	"context"
	"maps"
	"slices"
	"time"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/children"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

// The kinds of news that keepsakes make.
const (
	readyNews = "keepsake"
	offerNews = "keepsake_offer"
)

func (s *Service) items() []notifications.Item {
	path := func(child ids.ID) string { return "/meenemen/" + child.String() }
	return []notifications.Item{
		{Name: readyNews, For: notifications.Guardians, Feature: tenants.Keepsake, Label: "keepsake.item.ready", Line: "keepsake.line.ready", Path: path, Compose: composeReady, Describe: describeReady},
		{Name: offerNews, For: notifications.Guardians, Feature: tenants.Keepsake, Label: "keepsake.item.offer", Line: "keepsake.line.offer", Path: path, Compose: composeOffer, Describe: describeOffer},
	}
}

// becameReady tells who asked for it. The rows are unique per event: a second run adds none.
func (s *Service) becameReady(ctx context.Context, event ids.ID, e BecameReady) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		k, err := selectKeepsake(ctx, tx, e.KeepsakeID)
		if fault.CodeOf(err) == fault.Missing && err != nil {
			return nil
		}
		if err != nil || k.State != Ready {
			return err
		}
		return s.notifications.Notify(ctx, tx, notifications.News{EventID: event, Item: readyNews, SubjectID: k.ChildID, Recipients: []ids.ID{k.PersonID}, Queue: outbox.Normal})
	})
}

// offered tells a guardian that they can take everything along.
func (s *Service) offered(ctx context.Context, event ids.ID, e Offered) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		o, err := selectOffer(ctx, tx, e.OfferID)
		if fault.CodeOf(err) == fault.Missing && err != nil { // it was told, in vain, and taken back
			return nil
		}
		if err != nil {
			return err
		}
		return s.notifications.Notify(ctx, tx, notifications.News{EventID: event, Item: offerNews, SubjectID: o.ChildID, Recipients: []ids.ID{o.PersonID}, Queue: outbox.Normal})
	})
}

// guardianOf gives those of the children of some letters whom their reader may still know of.
func guardianOf(ctx context.Context, tx tenants.Reader, t notifications.Telling) (children.Named, bool, error) {
	ctx = actor.With(ctx, actor.Actor{TenantID: tx.Tenant().ID, PersonID: t.Person.PersonID, Role: actor.Parent})
	list, err := children.MustSee(ctx, tx, []ids.ID{t.SubjectID})
	if fault.CodeOf(err) == fault.Missing && err != nil {
		return children.Named{}, false, nil
	}
	if err != nil {
		return children.Named{}, false, err
	}
	return list[0], true, nil
}

// composeReady writes while it lies ready and its reader may still have it. The file is behind the sign-in.
func composeReady(ctx context.Context, tx tenants.Reader, to []notifications.Telling) (map[ids.ID]notifications.Letter, error) {
	letters := make(map[ids.ID]notifications.Letter, len(to))
	for _, t := range to {
		child, may, err := guardianOf(ctx, tx, t)
		if err != nil {
			return nil, err
		}
		newest, err := selectNewest(ctx, tx, t.Person.PersonID, []ids.ID{t.SubjectID})
		if err != nil {
			return nil, err
		}
		k := newest[t.SubjectID]
		if !may || k == nil || !k.lies(tx.Now()) {
			continue
		}
		until := k.ExpiresAt.In(tx.Tenant().Location())
		say := func(part string) string {
			return t.Words.T("keepsake.mail.ready."+part, "Name", child.GivenName, "Greeted", t.Person.GivenName, "Date", t.Words.Date(until), "Time", t.Words.Time(until),
				"Size", t.Words.FileSize(k.Bytes))
		}
		letters[t.DeliveryID] = notifications.Letter{Subject: say("subject"), Preheader: say("until"), Title: say("subject"),
			Paragraphs: []string{say("greeting"), say("body"), say("until")}, ButtonText: say("button")}
	}
	return letters, nil
}

// composeOffer writes to whoever may still take everything along.
//
// i18n:keys keepsake.mail.care_ended.* keepsake.mail.retention.*
func composeOffer(ctx context.Context, tx tenants.Reader, to []notifications.Telling) (map[ids.ID]notifications.Letter, error) {
	people, kids := make([]ids.ID, len(to)), make([]ids.ID, len(to))
	for i, t := range to {
		people[i], kids[i] = t.Person.PersonID, t.SubjectID
	}
	offers, err := selectOffers(ctx, tx, people, kids)
	if err != nil {
		return nil, err
	}
	letters := make(map[ids.ID]notifications.Letter, len(to))
	for _, t := range to {
		child, may, err := guardianOf(ctx, tx, t)
		if err != nil {
			return nil, err
		}
		for _, o := range offers {
			if !may || o.PersonID != t.Person.PersonID || o.ChildID != t.SubjectID {
				continue
			}
			say := func(part string) string {
				return t.Words.T("keepsake.mail."+string(o.Reason)+"."+part, "Name", child.GivenName, "Greeted", t.Person.GivenName,
					"Date", t.Words.LongDate(i18n.Civil(string(o.AboutOn))), "Organisation", tx.Tenant().Name)
			}
			letters[t.DeliveryID] = notifications.Letter{Subject: say("subject"), Preheader: say("body"), Title: say("subject"),
				Paragraphs: []string{say("greeting"), say("body"), say("how")}, ButtonText: say("button")}
		}
	}
	return letters, nil
}

// describeReady says in the list of notifications what there is of a child now: the line stays when the file is gone.
//
// i18n:keys keepsake.told.*
func describeReady(ctx context.Context, tx tenants.Reader, who actor.Actor, kids []ids.ID) (map[ids.ID]string, error) {
	newest, err := selectNewest(ctx, tx, who.PersonID, kids)
	if err != nil {
		return nil, err
	}
	return describe(ctx, tx, who, kids, func(child ids.ID) string {
		switch k := newest[child]; {
		case k == nil: // forgotten
			return "gone"
		case k.lies(tx.Now()):
			return "ready"
		case k.State == Building || k.State == Failed:
			return string(k.State)
		}
		return "gone"
	})
}

// describeOffer says in the list of notifications whose things can be taken along.
func describeOffer(ctx context.Context, tx tenants.Reader, who actor.Actor, kids []ids.ID) (map[ids.ID]string, error) {
	return describe(ctx, tx, who, kids, func(ids.ID) string { return "offer" })
}

// describe says what is told of each of the children, to whoever may still know of it.
func describe(ctx context.Context, tx tenants.Reader, who actor.Actor, kids []ids.ID, told func(child ids.ID) string) (map[ids.ID]string, error) {
	seen, err := children.SeenBy(ctx, tx, who, kids)
	if err != nil {
		return nil, err
	}
	names, err := children.NamesOf(ctx, tx, kids)
	if err != nil {
		return nil, err
	}
	said := map[ids.ID]string{}
	for _, id := range kids {
		if seen[id] {
			said[id] = i18n.T(ctx, "keepsake.told."+told(id), "Name", names[id])
		}
	}
	return said, nil
}

// Offer tells guardians of a child, or for nil all of them, that they can take everything along, each once for a reason and a day. It is
// for whoever erases files: about is the day before which to take them.
func (s *Service) Offer(ctx context.Context, tx tenants.Writer, child ids.ID, to []ids.ID, reason Reason, about tenants.Date) error {
	ties, err := children.Guardians(ctx, tx, []ids.ID{child})
	if err != nil {
		return err
	}
	for _, tie := range ties {
		if to != nil && !slices.Contains(to, tie.PersonID) {
			continue
		}
		if err := offerTo(ctx, tx, tie.PersonID, child, reason, about); err != nil {
			return err
		}
	}
	return nil
}

// Missed gives, by child, the guardians of today whom nothing told since a moment that its file is about to be erased: they were none
// then, or the offer failed on its way, or it was taken back for that.
func (s *Service) Missed(ctx context.Context, tx tenants.Reader, since map[ids.ID]time.Time) (map[ids.ID][]ids.ID, error) {
	of := slices.Collect(maps.Keys(since))
	ties, err := children.Guardians(ctx, tx, of)
	if err != nil {
		return nil, err
	}
	offers, err := selectOffersFor(ctx, tx, Retention, of)
	if err != nil {
		return nil, err
	}
	told := make([]notifications.Told, 0, len(offers))
	for _, o := range offers {
		if !o.OfferedAt.Before(since[o.ChildID]) {
			told = append(told, notifications.Told{PersonID: o.PersonID, SubjectID: o.ChildID, Since: o.OfferedAt})
		}
	}
	failed, err := notifications.Missed(ctx, tx, offerNews, told)
	if err != nil {
		return nil, err
	}
	missed := map[ids.ID][]ids.ID{}
	for _, tie := range ties {
		is := func(t notifications.Told) bool { return t.PersonID == tie.PersonID && t.SubjectID == tie.ChildID }
		if (!slices.ContainsFunc(told, is) || slices.ContainsFunc(failed, is)) && !slices.Contains(missed[tie.ChildID], tie.PersonID) {
			missed[tie.ChildID] = append(missed[tie.ChildID], tie.PersonID)
		}
	}
	return missed, nil
}

// TakeBack makes offers that were Missed into none. The ledger forgets what could go nowhere; that nobody heard must be known until
// somebody does.
func (s *Service) TakeBack(ctx context.Context, tx tenants.Writer, missed map[ids.ID][]ids.ID) error {
	for child, people := range missed {
		if err := deleteOffers(ctx, tx, Retention, child, people); err != nil {
			return err
		}
	}
	return nil
}

// RecallOffer keeps within tx that the guardians of a child were told at a moment before that its file is erased after a day. Nobody is told now.
func RecallOffer(ctx context.Context, tx tenants.Writer, child ids.ID, about tenants.Date, at time.Time) error {
	ties, err := children.Guardians(ctx, tx, []ids.ID{child})
	if err != nil {
		return err
	}
	for _, tie := range ties {
		if _, err := insertOffer(ctx, tx, &offer{TenantID: tx.Tenant().ID, ID: ids.New(), ChildID: child, PersonID: tie.PersonID, Reason: Retention, AboutOn: about, OfferedAt: at}); err != nil {
			return err
		}
	}
	return nil
}

func offerTo(ctx context.Context, tx tenants.Writer, person, child ids.ID, reason Reason, about tenants.Date) error {
	o := &offer{TenantID: tx.Tenant().ID, ID: ids.New(), ChildID: child, PersonID: person, Reason: reason, AboutOn: about, OfferedAt: tx.Now()}
	first, err := insertOffer(ctx, tx, o)
	if err != nil || !first {
		return err
	}
	return outbox.Record(ctx, tx, Offered{OfferID: o.ID})
}

// offerFor is how many days after the last day of care it is still offered, when nobody did so before.
const offerFor = 30

// OfferLeavers offers it to the guardians of children who had their last day of care lately. It is run on a schedule.
func (s *Service) OfferLeavers(ctx context.Context) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		leavers, err := children.Leavers(ctx, tx, tx.Today().Add(-offerFor), tx.Today().Add(-1))
		if err != nil {
			return err
		}
		for _, l := range leavers {
			if err := offerTo(ctx, tx, l.PersonID, l.ChildID, CareEnded, l.LastOn); err != nil {
				return err
			}
		}
		return nil
	})
}
