package demo

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"net/http"
	"slices"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/clock"
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

// giveApps gives an app to everybody whose role asks for one and who has none, but newcomers: also in an organisation that was filled
// before roles asked.
func (s *seeder) giveApps(ctx context.Context, tenant tenants.Tenant) error {
	ctx = actor.With(tenants.With(ctx, tenant), actor.ForSystem(tenant.ID))
	return s.DB.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		without, err := identity.WithoutFactor(ctx, tx)
		if err != nil {
			return err
		}
		var apps []identity.PastApp
		for _, p := range without {
			if !slices.Contains(newcomers, p.Email) {
				apps = append(apps, identity.PastApp{PersonID: p.ID, Secret: s.AppSecret(p.Email)})
			}
		}
		return identity.RecallApps(ctx, tx, s.Keys, apps)
	})
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
		for _, l := range Logins() {
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
