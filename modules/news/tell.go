package news

import (
	"context"
	"fmt"
	"slices"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

// The kinds of news that people can switch on and off. A news item is only nice to know; a newsletter comes at its moment.
const (
	newsItem       = "news"
	newsletterItem = "newsletter"
	staffItem      = "staff_news"
)

func (s *Service) offer() {
	s.notifications.Offer(
		notifications.Item{Name: newsItem, For: notifications.Guardians, Feature: tenants.News, Calm: true, Label: "news.item.news", Line: "news.line.news", Path: News.Path, Compose: composeFor(actor.Parent), Describe: describe},
		notifications.Item{Name: newsletterItem, For: notifications.Guardians, Feature: tenants.News, Calm: true, Prompt: true, Label: "news.item.newsletter", Line: "news.line.newsletter", Path: Newsletter.Path, Compose: composeFor(actor.Parent), Describe: describe},
		notifications.Item{Name: staffItem, For: notifications.Staff, Feature: tenants.News, Calm: true, Label: "news.item.staff", Line: "news.line.news", Path: News.Path, Compose: composeFor(actor.Staff, actor.Manager, actor.Admin), Describe: describe},
	)
}

// Path is where an article of the kind is read.
func (k Kind) Path(id ids.ID) string { return k.ListPath() + "/" + id.String() }

// ListPath is where all of the kind are.
func (k Kind) ListPath() string {
	switch k {
	case Newsletter:
		return "/nieuwsbrieven"
	case Page:
		return "/informatie"
	}
	return "/nieuws"
}

// Subscriptions are the events that news hears of.
func (s *Service) Subscriptions() []outbox.Subscription {
	return []outbox.Subscription{
		outbox.On("news.publish_due", outbox.Urgent, s.publishDue),
		outbox.On("news.tell", outbox.Bulk, s.tell),
		outbox.On("news.develop", outbox.Media, s.develop),
		outbox.On("news.delete_objects", outbox.Bulk, s.deleteObjects),
	}
}

// publishDue publishes what is scheduled for now; what was called off, or is out already, it leaves. Asked too early, by a clock that
// runs ahead, it fails and is asked again.
func (s *Service) publishDue(ctx context.Context, _ ids.ID, e Due) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		a, err := lockArticle(ctx, tx, e.ArticleID)
		if fault.CodeOf(err) == fault.Missing {
			return nil // called off and thrown away
		}
		if err != nil || a.State != Scheduled || a.Revision != e.Revision {
			return err
		}
		if early := a.DueAt.Sub(tx.Now()); early > 0 {
			return fmt.Errorf("news: publish: asked %s early", early)
		}
		a.Revision++
		return publish(ctx, tx, a)
	})
}

// tell tells everybody whom an article is for, each once: who is a guardian here and works here too hears of it as a guardian. The author
// knows, and so does who was mailed before it was withdrawn and published again.
func (s *Service) tell(ctx context.Context, event ids.ID, e Told) error {
	var a *Article
	var guardians, staff, mailed []ids.ID
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		if a, err = selectArticle(ctx, tx, e.ArticleID); err != nil || a.State != Published || !a.PublishedAt.Equal(e.At) {
			return err
		}
		audience, err := audienceOf(ctx, tx, a)
		if err != nil {
			return err
		}
		if guardians, staff, err = reached(ctx, tx, audience); err != nil || a.Version == 1 {
			return err
		}
		mailed, err = notifications.Mailed(ctx, tx, a.ID)
		return err
	})
	if err != nil {
		return err
	}
	item := newsItem
	if a.Kind == Newsletter {
		item = newsletterItem
	}
	staff = slices.DeleteFunc(staff, func(person ids.ID) bool {
		_, also := slices.BinarySearchFunc(guardians, person, func(a, b ids.ID) int { return slices.Compare(a[:], b[:]) })
		return also || person == a.PublishedBy
	})
	knows := make(map[ids.ID]bool, len(mailed))
	for _, person := range mailed {
		knows[person] = true
	}
	guardians = slices.DeleteFunc(guardians, func(person ids.ID) bool { return knows[person] })
	staff = slices.DeleteFunc(staff, func(person ids.ID) bool { return knows[person] })
	for _, news := range []notifications.News{{Item: item, Recipients: guardians}, {Item: staffItem, Recipients: staff}} {
		news.EventID, news.SubjectID, news.Queue = event, a.ID, outbox.Bulk
		if err := s.notifications.NotifyAll(ctx, news); err != nil {
			return err
		}
	}
	return nil
}

// describe says in the list of notifications what an article is called, to whoever may still read it.
func describe(ctx context.Context, tx tenants.Reader, who actor.Actor, subjects []ids.ID) (map[ids.ID]string, error) {
	articles, err := selectReadable(ctx, tx, who, subjects)
	if err != nil {
		return nil, err
	}
	said := make(map[ids.ID]string, len(articles))
	for i := range articles {
		said[articles[i].ID] = i18n.T(ctx, "news.told."+string(articles[i].Kind), "Title", articles[i].Title) // i18n:keys news.told.news news.told.newsletter
	}
	return said, nil
}

// composeFor writes to those who may read the article at this moment, in one of the roles; the others get nothing.
func composeFor(roles ...actor.Role) func(context.Context, tenants.Reader, []notifications.Telling) (map[ids.ID]notifications.Letter, error) {
	return func(ctx context.Context, tx tenants.Reader, to []notifications.Telling) (map[ids.ID]notifications.Letter, error) {
		list := make([]reader, len(to))
		for i, t := range to {
			list[i] = reader{t.Person.PersonID, t.SubjectID}
		}
		articles, err := selectArticles(ctx, tx, list)
		if err != nil {
			return nil, err
		}
		letters := make(map[ids.ID]notifications.Letter, len(to))
		for _, role := range roles {
			may, err := whoRead(ctx, tx, role, list)
			if err != nil {
				return nil, err
			}
			for _, t := range to {
				if a := articles[t.SubjectID]; a != nil && may[reader{t.Person.PersonID, t.SubjectID}] {
					letters[t.DeliveryID] = a.letter(t.Words)
				}
			}
		}
		return letters, nil
	}
}

// letter is the mail about an article: of a newsletter all of it, of a news item how it begins. What goes along with the article is
// only told of: it is read in the portal.
func (a *Article) letter(say *i18n.Localizer) notifications.Letter {
	l := notifications.Letter{Subject: a.Title, Preheader: a.Teaser, Title: a.Title, Path: a.Kind.Path(a.ID), ButtonText: say.T("news.mail.button.news")}
	if a.Kind == Newsletter {
		l.Rich, l.PictureText, l.ButtonText = a.Body, say.T("news.mail.picture"), say.T("news.mail.button.newsletter")
	} else {
		l.Paragraphs = []string{a.Teaser}
	}
	if len(a.Attached) > 0 {
		l.Paragraphs = append(l.Paragraphs, say.N("news.mail.attached", len(a.Attached), "Names", say.List(a.Attached)))
	}
	return l
}
