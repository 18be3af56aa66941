package demo

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"net/http"
	"slices"

	"ouderportaal/internal/clock"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// app is the secret of somebody's authenticator app in this installation: known to whoever can read its secrets, as the
// journeys do, and to nobody with another demo.
func (s secrets) app(email string) []byte {
	mac := hmac.New(sha256.New, []byte(s.LinkKey))
	mac.Write([]byte("authenticator app of " + email))
	return mac.Sum(nil)[:20]
}

// giveApps gives an app to everybody of the book whose role asks for one, but newcomers. It is for those whom the demo makes in
// this very transaction and nobody else: somebody added later, or a real person in a database that is not the demo's own, would
// have a second factor that others know.
func (s *seeder) giveApps(ctx context.Context, tx tenants.Writer, b *book) error {
	without, err := identity.WithoutFactor(ctx, tx)
	if err != nil {
		return err
	}
	ours := map[ids.ID]bool{}
	for _, p := range b.people {
		ours[p.ID] = true
	}
	var apps []identity.PastApp
	for _, p := range without {
		if ours[p.ID] && !slices.Contains(newcomers, p.Email) {
			apps = append(apps, identity.PastApp{PersonID: p.ID, Secret: s.AppSecret(p.Email)})
		}
	}
	return identity.RecallApps(ctx, tx, s.Keys, apps)
}

// codeRow is a line of the page with codes.
type codeRow struct {
	Login
	Code string
}

// codesPage plays the authenticator apps of everybody who needs one.
func (d *demo) codesPage() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		now := clock.System.Now()
		var rows []codeRow
		for _, l := range append(Logins(), operator) {
			if !l.App {
				continue
			}
			code, err := identity.CodeAt(d.secrets.app(l.Email), now)
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			rows = append(rows, codeRow{l, code[:3] + " " + code[3:]})
		}
		left := 30 - int(now.Unix()%30)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = codes(rows, left, d.services.inbox != "").Render(r.Context(), w)
	})
}
