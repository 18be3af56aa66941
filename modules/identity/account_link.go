package identity

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// LinkTime is how long somebody has to get from one organisation to the other.
const LinkTime = 10 * time.Minute

// LinkedOrganisation is another organisation at which this browser is used by the same person.
type LinkedOrganisation struct{ Slug, Name, URL string }

// Onward is the way to the other organisation. Browser is the token to keep in BrowserCookie.
type Onward struct {
	URL, Name string
	Browser   string
}

// StartLink begins to link the actor's browser with an organisation where they have an account as well, named by the first part
// of its address. What is not an organisation is Invalid at the field organisation.
func (s *Service) StartLink(ctx context.Context, token, known, typed string) (Onward, error) {
	who := actor.From(ctx)
	if err := s.attempt(ctx, linkAsked.of(who.PersonID.String())); err != nil {
		return Onward{}, err
	}
	other, err := s.other(ctx, s.slugIn(typed))
	if err != nil {
		if fault.CodeOf(err) != fault.Missing {
			return Onward{}, err
		}
		var problems fault.Fields
		problems.Add("organisation", "identity.error.organisation")
		return Onward{}, problems.Err()
	}
	secret, hash := ids.NewToken()
	on := Onward{Name: other.Name}
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		keep, at, err := ownBrowser(ctx, tx, token, known)
		if err != nil {
			return err
		}
		on.Browser = keep
		on.URL = s.config.Hosts.URL(other.Slug) + "/accounts/koppelen/" + tx.Tenant().Slug + "/" + secret
		return insertLinkRequest(ctx, tx, &linkRequest{TenantID: tx.Tenant().ID, ID: ids.New(), TokenHash: hash, BrowserID: at, OtherSlug: other.Slug, ExpiresAt: tx.Now().Add(LinkTime)})
	})
	return on, err
}

// slugIn is the name of an organisation in what somebody typed: the name, or its whole address.
func (s *Service) slugIn(typed string) string {
	typed = strings.ToLower(strings.TrimSpace(typed))
	if _, rest, found := strings.Cut(typed, "://"); found {
		typed = rest
	}
	typed, _, _ = strings.Cut(typed, "/")
	if slug, ok := s.config.Hosts.Slug(typed); ok {
		return slug
	}
	return typed
}

// other finds another organisation that can be signed in to; NotFound for this one and for what is none.
func (s *Service) other(ctx context.Context, slug string) (tenants.Tenant, error) {
	here, ok := tenants.From(ctx)
	if !ok {
		return tenants.Tenant{}, tenants.ErrNoTenant
	}
	if s.config.Directory == nil || slug == here.Slug {
		return tenants.Tenant{}, fault.NotFound()
	}
	if _, ours := s.config.Hosts.Slug(s.config.Hosts.Host(slug)); !ours {
		return tenants.Tenant{}, fault.NotFound()
	}
	there, err := s.config.Directory.Find(ctx, slug)
	switch {
	case errors.Is(err, tenants.ErrUnknown):
		return tenants.Tenant{}, fault.NotFound()
	case err != nil:
		return tenants.Tenant{}, err
	case there.Status != tenants.Active:
		return tenants.Tenant{}, fault.NotFound()
	}
	return there, nil
}

// at is ctx at another organisation, where the program itself acts: nobody's rights go with them from one to the other.
func at(ctx context.Context, there tenants.Tenant) context.Context {
	return actor.With(tenants.With(ctx, there), actor.ForSystem(there.ID))
}

// LinkFrom gives the name of the organisation that a link comes from; NotFound when it is none.
func (s *Service) LinkFrom(ctx context.Context, from string) (string, error) {
	there, err := s.other(ctx, from)
	return there.Name, err
}

// AgreeToLink agrees, as the actor here, to be linked with the browser that began at the organisation from, and gives the way back
// to it: it is SettleLink there that links the two, so that nobody is linked with a browser of somebody else who sent them here.
// A link that was used, is too old or was made for another organisation is Gone; of many tries at once one succeeds.
func (s *Service) AgreeToLink(ctx context.Context, token, known, from, secret string) (Onward, error) {
	here, there, err := s.linkEnds(ctx, from)
	if err != nil {
		return Onward{}, err
	}
	on := Onward{Name: there.Name}
	var mine ids.ID
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		on.Browser, mine, err = ownBrowser(ctx, tx, token, known)
		return err
	})
	if err != nil {
		return Onward{}, err
	}
	back, hash := ids.NewToken()
	on.URL = s.config.Hosts.URL(there.Slug) + "/accounts/koppelen/" + here.Slug + "/" + back + "/afronden"
	err = s.db.Write(at(ctx, there), func(ctx context.Context, tx tenants.Writer) error {
		theirs, err := takeLinkRequest(ctx, tx, here.Slug, ids.HashToken(secret))
		if err != nil {
			return err
		}
		return insertLinkRequest(ctx, tx, &linkRequest{TenantID: tx.Tenant().ID, ID: ids.New(), TokenHash: hash, BrowserID: theirs, OtherSlug: here.Slug,
			OtherBrowserID: mine, ExpiresAt: tx.Now().Add(LinkTime)})
	})
	return on, err
}

// linkEnds are the two organisations of a link that the actor is at.
func (s *Service) linkEnds(ctx context.Context, slug string) (here, there tenants.Tenant, err error) {
	if err := s.attempt(ctx, linkAsked.of(actor.From(ctx).PersonID.String())); err != nil {
		return here, there, err
	}
	here, ok := tenants.From(ctx)
	if !ok {
		return here, there, tenants.ErrNoTenant
	}
	there, err = s.other(ctx, slug)
	return here, there, err
}

// SettleLink links the actor's browser, in which the link was begun, with the one that agreed at the organisation called slug, each
// in a transaction of its own organisation. In any other browser, and for what AgreeToLink refuses, it is Gone.
func (s *Service) SettleLink(ctx context.Context, token, known, slug, secret string) error {
	here, there, err := s.linkEnds(ctx, slug)
	if err != nil {
		return err
	}
	var mine, theirs ids.ID
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if mine, err = findBrowserOf(ctx, tx, ids.HashToken(token), known); err != nil {
			return err
		}
		if theirs, err = takeAgreedRequest(ctx, tx, there.Slug, ids.HashToken(secret), mine); err != nil {
			return err
		}
		return keepLink(ctx, tx, mine, there.Slug, theirs)
	})
	if err != nil {
		return err
	}
	return s.db.Write(at(ctx, there), func(ctx context.Context, tx tenants.Writer) error { return keepLink(ctx, tx, theirs, here.Slug, mine) })
}

func keepLink(ctx context.Context, tx tenants.Writer, browser ids.ID, slug string, other ids.ID) error {
	l := &accountLink{TenantID: tx.Tenant().ID, ID: ids.New(), BrowserID: browser, OtherSlug: slug, OtherBrowserID: other, CreatedAt: tx.Now()}
	if err := upsertLink(ctx, tx, l); err != nil {
		return err
	}
	return audit.Record(ctx, tx, "identity.link_browser", browser, map[string]any{"with": slug})
}

// Links lists the organisations that the browser of the session is linked with. One that is gone or suspended is left out, and
// one that is linked with another browser here since.
func (s *Service) Links(ctx context.Context, token, known string) ([]LinkedOrganisation, error) {
	links, err := s.links(ctx, token, known)
	if err != nil {
		return nil, err
	}
	var list []LinkedOrganisation
	for _, l := range links {
		there, err := s.mutual(ctx, l)
		if fault.CodeOf(err) == fault.Missing {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, LinkedOrganisation{there.Slug, there.Name, s.config.Hosts.URL(there.Slug)})
	}
	return list, nil
}

func (s *Service) links(ctx context.Context, token, known string) (links []accountLink, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		browser, err := findBrowserOf(ctx, tx, ids.HashToken(token), known)
		if err != nil || browser == ids.Nil {
			return err
		}
		links, err = linksOf(ctx, tx, browser)
		return err
	})
	return links, err
}

// mutual gives the organisation of a link that stands on both sides; one that does not is not found.
func (s *Service) mutual(ctx context.Context, l accountLink) (tenants.Tenant, error) {
	here, ok := tenants.From(ctx)
	if !ok {
		return tenants.Tenant{}, tenants.ErrNoTenant
	}
	there, err := s.other(ctx, l.OtherSlug)
	if err != nil {
		return tenants.Tenant{}, err
	}
	var theirs []accountLink
	err = s.db.Read(at(ctx, there), func(ctx context.Context, tx tenants.Reader) (err error) {
		theirs, err = linksOf(ctx, tx, l.OtherBrowserID)
		return err
	})
	if err != nil {
		return tenants.Tenant{}, err
	}
	if !slices.ContainsFunc(theirs, func(t accountLink) bool { return t.OtherSlug == here.Slug && t.OtherBrowserID == l.BrowserID }) {
		return tenants.Tenant{}, fault.NotFound()
	}
	return there, nil
}

// Unlink takes the link with another organisation away, on both sides; what is not linked is not found.
func (s *Service) Unlink(ctx context.Context, token, known, slug string) error {
	here, ok := tenants.From(ctx)
	if !ok {
		return tenants.ErrNoTenant
	}
	links, err := s.links(ctx, token, known)
	if err != nil {
		return err
	}
	for _, l := range links {
		if l.OtherSlug != slug {
			continue
		}
		err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
			return removeLink(ctx, tx, l.BrowserID, slug, l.OtherBrowserID)
		})
		if err != nil {
			return err
		}
		there, err := s.other(ctx, slug)
		if fault.CodeOf(err) == fault.Missing {
			return nil
		}
		if err != nil {
			return err
		}
		return s.db.Write(at(ctx, there), func(ctx context.Context, tx tenants.Writer) error {
			return removeLink(ctx, tx, l.OtherBrowserID, here.Slug, l.BrowserID)
		})
	}
	return fault.NotFound()
}

// leaveElsewhere ends the sessions of linked browsers, each in a transaction of its organisation. One that is suspended lets
// nobody in anyhow.
func (s *Service) leaveElsewhere(ctx context.Context, links []accountLink) error {
	for _, l := range links {
		there, err := s.mutual(ctx, l)
		if fault.CodeOf(err) == fault.Missing {
			continue
		}
		if err != nil {
			return err
		}
		err = s.db.Write(at(ctx, there), func(ctx context.Context, tx tenants.Writer) error {
			if err := endInBrowser(ctx, tx, l.OtherBrowserID, ids.Nil); err != nil {
				return err
			}
			return audit.Record(ctx, tx, "identity.sign_out_linked", l.OtherBrowserID, nil)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
