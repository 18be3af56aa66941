package identity

import (
	"context"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// BrowserCookie carries the token of a browser that holds sessions of several people at one organisation. Cookie is that of
// whoever uses it now; the others are reached by this one, and only while their sessions live.
const BrowserCookie = "__Host-browser"

// BrowserAccount is one of the people whose session a browser holds.
type BrowserAccount struct {
	SessionID ids.ID
	Name      string
	Face      int
	Role      actor.Role
	Current   bool
}

// StartAdding makes ready to add another account to the browser in which the actor is signed in. known is the token that the
// browser has already, empty when none; the answer is the one to keep.
func (s *Service) StartAdding(ctx context.Context, token, known string) (keep string, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		keep, _, err = ownBrowser(ctx, tx, token, known)
		return err
	})
	return keep, err
}

// ownBrowser gives the browser that the session of token is in, with its token, and makes one when there is none.
func ownBrowser(ctx context.Context, tx tenants.Writer, token, known string) (keep string, at ids.ID, err error) {
	row, err := lockOwnSession(ctx, tx, token, actor.From(ctx).PersonID)
	if err != nil {
		return "", ids.Nil, err
	}
	if at, err = findBrowser(ctx, tx, known); err != nil {
		return "", ids.Nil, err
	}
	// A browser that other people use is joined only by who is in it already: its token alone may have been left behind.
	if at == ids.Nil || row.BrowserID != at {
		fresh, hash := ids.NewToken()
		b := &browser{TenantID: tx.Tenant().ID, ID: ids.New(), TokenHash: hash, UsedAt: tx.Now()}
		if err := insertBrowser(ctx, tx, b); err != nil {
			return "", ids.Nil, err
		}
		known, at = fresh, b.ID
	}
	return known, at, joinBrowser(ctx, tx, row.ID, at)
}

// Accounts lists whose sessions live in the browser with this token, last used first. It is empty for anybody who is not one of them.
func (s *Service) Accounts(ctx context.Context, known string) ([]BrowserAccount, error) {
	var list []BrowserAccount
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		at, err := findBrowser(ctx, tx, known)
		if err != nil || at == ids.Nil {
			return err
		}
		list, err = accountsIn(ctx, tx, at)
		return err
	})
	who := actor.From(ctx)
	mine := false
	for i := range list {
		list[i].Current = list[i].SessionID == who.SessionID
		mine = mine || list[i].Current
	}
	if !mine {
		return nil, err
	}
	return list, err
}

// SwitchAccount goes on as another of the people in the browser that the session of token is in, with a new token of theirs. A
// session that is not in this browser, or does not live any more, is not found.
func (s *Service) SwitchAccount(ctx context.Context, token, known string, id ids.ID) (SignedIn, error) {
	var in SignedIn
	err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) (err error) {
		at, err := findBrowserOf(ctx, tx, ids.HashToken(token), known)
		if err != nil {
			return err
		}
		in, err = takeUp(ctx, tx, at, id)
		return err
	})
	return in, err
}

// takeUp gives a session of a browser a new token, and counts as its use.
func takeUp(ctx context.Context, tx tenants.Writer, at, id ids.ID) (SignedIn, error) {
	row, p, err := lockInBrowser(ctx, tx, at, id)
	if err != nil {
		return SignedIn{}, err
	}
	in, err := renewAs(ctx, tx, row, p)
	if err != nil {
		return SignedIn{}, err
	}
	return in, audit.Record(actor.With(ctx, in.Actor), tx, "identity.switch_account", p.ID, nil)
}

// Leave signs out as SignOut does, and goes on as another of the people in the browser; without one Token is empty. A session
// that had ended already takes the others in the browser with it: who signs out of it may be anybody who found the tab.
func (s *Service) Leave(ctx context.Context, token, known string) (SignedIn, error) {
	var in SignedIn
	err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		at, err := findBrowserOf(ctx, tx, ids.HashToken(token), known)
		if err != nil {
			return err
		}
		_, alive := lockSession(ctx, tx, ids.HashToken(token))
		if err := signOut(ctx, tx, token); err != nil || at == ids.Nil {
			return err
		}
		if alive != nil {
			return endInBrowser(ctx, tx, at, ids.Nil)
		}
		left, err := accountsIn(ctx, tx, at)
		if err != nil || len(left) == 0 {
			return err
		}
		in, err = takeUp(ctx, tx, at, left[0].SessionID)
		return err
	})
	return in, err
}

// LeaveAll signs everybody out whose session is in the browser, also at organisations that it is linked to.
func (s *Service) LeaveAll(ctx context.Context, token, known string) error {
	var elsewhere []accountLink
	err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		at, err := findBrowserOf(ctx, tx, ids.HashToken(token), known)
		if err != nil {
			return err
		}
		if err := signOut(ctx, tx, token); err != nil || at == ids.Nil {
			return err
		}
		if elsewhere, err = linksOf(ctx, tx, at); err != nil {
			return err
		}
		return endInBrowser(ctx, tx, at, ids.Nil)
	})
	if err != nil {
		return err
	}
	return s.leaveElsewhere(ctx, elsewhere)
}
