// Package web shows signing in and out, forgotten passwords, one's own account, and what every visitor may read.
package web

import (
	"context"

	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/identity"
)

// own is the permission of everybody who is signed in.
const own = "identity.own_account"

// setUp is what somebody may do whose role asks for a second factor that is not set up yet.
const setUp = "identity.set_up_factor"

// Handlers answer the routes of this module.
type Handlers struct {
	service *identity.Service
	rail    func(ctx context.Context) []ui.RailItem
}

// New makes the handlers. rail is the menu of the group app around the account page of staff.
func New(service *identity.Service, rail func(ctx context.Context) []ui.RailItem) *Handlers {
	return &Handlers{service: service, rail: rail}
}

// Routes lists what can be asked about oneself.
func (h *Handlers) Routes(r *web.Routes) {
	r.Get("/inloggen", web.Public, h.signInPage)
	r.Post("/inloggen", web.Public, h.signIn)
	r.Post("/uitloggen", web.Public, h.signOut)
	r.Post("/uitloggen/alle", web.Public, h.signOutAll)
	r.Post("/accounts", setUp, h.startAdding)
	r.Get("/accounts/koppelen", own, h.linkPage)
	r.Post("/accounts/koppelen", own, h.startLink)
	r.Post("/accounts/koppelen/verwijderen", own, h.unlink)
	r.Get("/accounts/koppelen/:slug/:token", own, h.agreePage)
	r.Post("/accounts/koppelen/:slug/:token", own, h.agreeToLink)
	r.Get("/accounts/koppelen/:slug/:token/afronden", own, h.settlePage)
	r.Post("/accounts/koppelen/:slug/:token/afronden", own, h.settleLink)
	r.Post("/accounts/:id", setUp, h.switchAccount)
	r.Get("/inloggen/code", web.Public, h.codePage)
	r.Post("/inloggen/code", web.Public, h.code)
	r.Post("/inloggen/passkey/vraag", web.Public, h.askToProve)
	r.Post("/inloggen/passkey", web.Public, h.passkeySignIn)
	r.Post("/rol", setUp, h.switchRole)
	r.Get("/bevestigen", setUp, h.confirmPage)
	r.Post("/bevestigen", setUp, h.confirm)

	r.Get("/wachtwoord", web.Public, h.forgottenPage)
	r.Post("/wachtwoord", web.Public, h.forgotten)
	r.Get("/wachtwoord/verzonden", web.Public, h.sentPage)
	r.Get("/wachtwoord/nieuw/:token", web.Public, h.resetPage)
	r.Post("/wachtwoord/nieuw/:token", web.Public, h.reset)

	r.Get("/activeren/:token", web.Public, h.activationPage)
	r.Post("/activeren/:token", web.Public, h.activate)
	r.Post("/activeren/:token/nieuw", web.Public, h.renewActivation)
	r.Get("/activeren", web.Public, h.renewedPage)

	r.Get("/overig", own, h.account)
	r.Post("/overig/taal", own, h.setLanguage)
	r.Post("/overig/weergave", own, h.setAppearance)
	r.Get("/overig/wachtwoord", own, h.changePage)
	r.Post("/overig/wachtwoord", own, h.change)
	r.Post("/overig/apparaten/uitloggen", own, h.endOthers)
	r.Post("/overig/apparaten/:id/uitloggen", own, h.endSession)

	r.Get("/overig/email", own, h.emailPage)
	r.Post("/overig/email", own, h.requestEmail)
	r.Get(confirmEmail+":token", web.Public, h.emailLinkPage(identity.ConfirmLink))
	r.Post(confirmEmail+":token", web.Public, h.useEmailLink(identity.ConfirmLink))
	r.Get(undoEmail+":token", web.Public, h.emailLinkPage(identity.UndoLink))
	r.Post(undoEmail+":token", web.Public, h.useEmailLink(identity.UndoLink))

	r.Get("/overig/beveiliging", own, h.security)
	r.Get(enrolPath, setUp, h.appPage)
	r.Post(enrolPath, setUp, h.confirmApp)
	r.Post("/overig/beveiliging/app/verwijderen", own, h.removeApp)
	r.Get("/overig/beveiliging/herstelcodes", own, h.codesPage)
	r.Post("/overig/beveiliging/herstelcodes", own, h.newCodes)
	r.Post("/overig/beveiliging/passkeys/vraag", setUp, h.askToAdd)
	r.Post("/overig/beveiliging/passkeys", setUp, h.addPasskey)
	r.Post("/overig/beveiliging/passkeys/:id/verwijderen", own, h.removePasskey)
}
