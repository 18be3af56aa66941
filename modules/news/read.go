package news

import (
	"context"
	"time"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/paging"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

// Sizes of lists.
const (
	PageSize = 20
	Newest   = 3 // in a frame
	mostRead = 100
)

// Filter is what a reader asks of a list.
type Filter struct {
	Kind     Kind
	Location ids.ID        // only what is for this location, or for all of the organisation; Nil: anything
	After    paging.Cursor // zero: from the newest
	Most     int           // 0: PageSize
}

// Line is an article in a list.
type Line struct {
	ID          ids.ID
	Kind        Kind
	Title       string
	Teaser      string
	PublishedAt time.Time
	Files       int
	Unread      bool
	Where       string // the reader's locations that it is for; empty: all of the organisation
	Picture     string // address of its first picture; empty for none
}

// List is a page of articles.
type List struct {
	Lines []Line
	Next  paging.Cursor // zero: there is nothing older
}

// List gives a page of what the actor may read of a kind: the newest first, information pages in their order.
func (s *Service) List(ctx context.Context, f Filter) (*List, error) {
	list := &List{}
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		most := f.Most
		if most == 0 {
			most = PageSize
		}
		if f.Kind == Page {
			list.Lines, err = selectPages(ctx, tx, actor.From(ctx), f.Location)
			return err
		}
		if list.Lines, err = selectLines(ctx, tx, actor.From(ctx), f, most+1); err != nil || len(list.Lines) <= most {
			return err
		}
		list.Lines = list.Lines[:most]
		last := list.Lines[most-1]
		list.Next = paging.Cursor{At: last.PublishedAt.UTC(), ID: last.ID}
		return nil
	})
	return list, err
}

// Unread gives the newest news item that the actor has not read; nil when they have, or when it is older than a month.
func (s *Service) Unread(ctx context.Context) (*Line, error) {
	list, err := s.List(ctx, Filter{Kind: News, Most: 1})
	if err != nil || len(list.Lines) == 0 {
		return nil, err
	}
	if l := &list.Lines[0]; l.Unread && s.db.Clock().Now().Sub(l.PublishedAt) < 31*24*time.Hour {
		return l, nil
	}
	return nil, nil
}

// Reading is an article as it is read, with its files.
type Reading struct {
	Article
	Files []File
}

// Open gives an article of a kind that the actor may read; any other is NotFound.
func (s *Service) Open(ctx context.Context, kind Kind, id ids.ID) (*Reading, error) {
	r := &Reading{}
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		found, err := selectReadable(ctx, tx, actor.From(ctx), []ids.ID{id})
		if err != nil {
			return err
		}
		if len(found) == 0 || found[0].Kind != kind {
			return fault.NotFound()
		}
		r.Article = found[0]
		r.Files, err = attachmentsOf(ctx, tx, id)
		return err
	})
	return r, err
}

// Seen notes that the actor has an article before them, and marks what they were told of it as read.
func (s *Service) Seen(ctx context.Context, kind Kind, id ids.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		who := actor.From(ctx)
		found, err := selectReadable(ctx, tx, who, []ids.ID{id})
		if err != nil {
			return err
		}
		if len(found) == 0 || found[0].Kind != kind {
			return fault.NotFound()
		}
		if err := insertReading(ctx, tx, who.PersonID, id); err != nil {
			return err
		}
		return notifications.ReadAbout(ctx, tx, id)
	})
}
