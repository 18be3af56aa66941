// Package org is the console in which a daycare organisation is run: its children, people, places, and what was done. It is
// put together from the services of modules.
package org

import (
	"context"
	"embed"

	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/accesses"
	"ouderportaal/modules/children"
	"ouderportaal/modules/consents"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/invitations"
	"ouderportaal/modules/locations"
	"ouderportaal/tenants"
)

// Policy holds the casbin lines of what belongs to no module.
//
//go:embed policy.csv
var Policy string

// Locales holds the words of this package.
//
//go:embed locales/*.json
var Locales embed.FS

// Handlers answer the routes of the console.
type Handlers struct {
	db       *tenants.DB // for what is no module's: the audit log
	children *children.Service
	accesses *accesses.Service
	consents *consents.Service
	identity *identity.Service
	invited  *invitations.Service
	rooms    *locations.Service
}

// New makes the handlers.
func New(db *tenants.DB, i *identity.Service, c *children.Service, a *accesses.Service, k *consents.Service, v *invitations.Service, l *locations.Service) *Handlers {
	return &Handlers{db: db, children: c, accesses: a, consents: k, identity: i, invited: v, rooms: l}
}

// Routes lists what can be asked of the console.
func (h *Handlers) Routes(r *web.Routes) {
	r.Get("/beheer/kinderen", "children.manage", h.childList)
	r.Get("/beheer/kinderen/nieuw", "children.manage", h.newChild)
	r.Post("/beheer/kinderen", "children.manage", h.addChild)
	r.Get("/beheer/kinderen/:id", "children.manage", h.child)
	r.Post("/beheer/kinderen/:id", "children.manage", h.changeChild)
	r.Get("/beheer/kinderen/:id/wijzigen", "children.manage", h.editChild)
	r.Post("/beheer/kinderen/:id/wijzigen/herstel", "children.manage", h.undoChild)
	r.Get("/beheer/kinderen/:id/mentor", "children.manage", h.mentor)
	r.Post("/beheer/kinderen/:id/mentor", "children.manage", h.setMentor)
	r.Get("/beheer/kinderen/:id/plaatsingen/nieuw", "children.manage", h.newPlacement)
	r.Post("/beheer/kinderen/:id/plaatsingen", "children.manage", h.addPlacement)
	r.Get("/beheer/plaatsingen/:id", "children.manage", h.placement)
	r.Post("/beheer/plaatsingen/:id", "children.manage", h.changePlacement)
	r.Post("/beheer/plaatsingen/:id/wijzigen/herstel", "children.manage", h.undoPlacement)
	r.Post("/beheer/plaatsingen/:id/einde", "children.manage", h.endPlacement)
	r.Post("/beheer/plaatsingen/:id/annulering", "children.manage", h.cancelPlacement)
	r.Post("/beheer/plaatsingen/:id/herstel", "children.manage", h.restorePlacement)
	r.Get("/beheer/kinderen/:id/ouders/nieuw", "children.manage", h.newGuardian)
	r.Post("/beheer/kinderen/:id/ouders", "children.manage", h.addGuardian)
	r.Get("/beheer/banden/:id", "children.manage", h.tie)
	r.Post("/beheer/banden/:id", "children.manage", h.changeTie)
	r.Post("/beheer/banden/:id/wijzigen/herstel", "children.manage", h.undoTie)
	r.Post("/beheer/banden/:id/einde", "children.manage", h.endTie)
	r.Post("/beheer/banden/:id/blokkade", "children.manage", h.block)
	r.Get("/beheer/banden/:id/deblokkade", "children.manage", h.askUnblock)
	r.Post("/beheer/banden/:id/deblokkade", "children.manage", h.unblock)

	r.Get(rightsPath, "identity.manage", h.rights)
	r.Get("/beheer/medewerkers/nieuw", "identity.manage", h.newStaff)
	r.Post("/beheer/medewerkers", "identity.manage", h.hire)
	for _, path := range []string{parentsPath, staffPath} {
		r.Get(path, "children.manage", h.people)
		r.Get(path+"/:id", "children.manage", h.person)
		r.Get(path+"/:id/wijzigen", "children.manage", h.editPerson)
		r.Post(path+"/:id/wijzigen", "children.manage", h.changePerson)
		r.Post(path+"/:id/wijzigen/herstel", "children.manage", h.undoPerson)
		r.Get(path+"/:id/rollen", "identity.manage", h.roles)
		r.Post(path+"/:id/rollen", "identity.manage", h.appoint)
		r.Post(path+"/:id/rollen/:membership/einde", "identity.manage", h.dismiss)
		r.Post(path+"/:id/toegang/einde", "identity.manage", h.deactivate)
		r.Post(path+"/:id/toegang/herstel", "identity.manage", h.activate)
		r.Get(path+"/:id/tweede-stap", "identity.manage", h.factor)
		r.Post(path+"/:id/tweede-stap", "identity.manage", h.removeFactor)
		r.Post(path+"/:id/uitnodiging", "identity.manage", h.inviteStaff)
	}
	r.Post("/beheer/medewerkers/:id/groepen", "children.manage", h.assign)
	r.Post("/beheer/inzet/:id/einde", "children.manage", h.unassign)

	r.Get("/beheer/locaties", "children.manage", h.places)
	r.Get("/beheer/locaties/nieuw", "children.open_location", h.newLocation)
	r.Post("/beheer/locaties", "children.open_location", h.addLocation)
	r.Get("/beheer/locaties/:id", "children.manage", h.location)
	r.Post("/beheer/locaties/:id", "children.manage", h.changeLocation)
	r.Post("/beheer/locaties/:id/einde", "children.manage", h.closeLocation)
	r.Post("/beheer/locaties/:id/openingstijden", "locations.manage", h.setOpening)
	r.Post("/beheer/locaties/:id/andere-tijden", "locations.manage", h.except)
	r.Post("/beheer/andere-tijden/:id/einde", "locations.manage", h.dropException)
	r.Get("/beheer/locaties/:id/groepen/nieuw", "children.manage", h.newGroup)
	r.Post("/beheer/locaties/:id/groepen", "children.manage", h.addGroup)
	r.Get("/beheer/groepen/:id", "children.manage", h.group)
	r.Post("/beheer/groepen/:id", "children.manage", h.changeGroup)
	r.Post("/beheer/groepen/:id/einde", "children.manage", h.closeGroup)

	r.Get(questionsPath, "consents.keep", h.questions)
	r.Get(questionsPath+"/nieuw", "consents.define", h.newQuestion)
	r.Post(questionsPath, "consents.define", h.addQuestion)
	r.Get(questionsPath+"/:purpose", "consents.define", h.question)
	r.Post(questionsPath+"/:purpose", "consents.define", h.changeQuestion)
	r.Post(questionsPath+"/:purpose/herinnering", "consents.keep", h.remindOfQuestion)
	r.Post("/beheer/kinderen/:id/toestemmingen/:purpose", "consents.keep", h.keepAnswer)

	r.Get("/beheer/logboek", "audit.read", h.log)
	r.Get("/beheer/logboek/keten", "audit.read", h.chain)
}

// place is a page that the menu leads to, for whoever has its permission.
type place struct {
	section, href, icon, key, permission string
}

// finds tells that the place is where anything is found: Ctrl K opens it as a dialog.
func (p place) finds() bool { return p.href == searchPath }

// places is the whole menu, in its order. A page that is added to the console gets its line here.
// i18n:keys org.rail.*
var places = []place{
	{"org.rail.today", "/beheer", "layout-dashboard", "org.rail.overview", "children.manage"},
	{"org.rail.today", searchPath, "search", "org.search.title", "children.manage"},
	{"org.rail.today", messagesPath, "messages-square", "org.messages.title", "messages.lead"},
	{"org.rail.organisation", childrenPath, "baby", "org.children.title", "children.manage"},
	{"org.rail.organisation", parentsPath, "users-round", "org.parents.title", "children.manage"},
	{"org.rail.organisation", staffPath, "id-card", "org.staff.title", "children.manage"},
	{"org.rail.organisation", placesPath, "house", "org.places.title", "children.manage"},
	{"org.rail.share", "/beheer/nieuws", "newspaper", "news.desk.title", "news.keep"},
	{"org.rail.share", agendaPath, "calendar-days", "org.agenda.title", "agenda.keep"},
	{"org.rail.agree", invitationsPath, "mail", "org.invitations.title", "invitations.read"},
	{"org.rail.agree", questionsPath, "shield-check", "org.questions.title", "consents.keep"},
	{"org.rail.agree", declarationsPath, "list-checks", "org.declarations.title", "declarations.keep"},
	{"org.rail.agree", requestsPath, "pencil", "org.requests.title", "particulars.decide"},
	{"org.rail.manage", "/beheer/importeren", "upload", "org.rail.import", "imports.run"},
	{"org.rail.manage", "/beheer/instellingen", "settings", "house.settings", "house.arrange"},
	{"org.rail.manage", absencesPath, "calendar-x-2", "org.absences.title", "absences.choose"},
	{"org.rail.manage", "/beheer/huisstijl", "palette", "house.title", "house.style"},
	{"org.rail.manage", "/beheer/teksten", "file-text", "house.texts", "house.tell"},
	{"org.rail.manage", rightsPath, "user-cog", "org.rights.title", "identity.manage"},
	{"org.rail.oversee", failuresPath, "triangle-alert", "org.failures.title", "notifications.oversee"},
	{"org.rail.oversee", retentionPath, "clock", "org.retention.title", "retention.decide"},
	{"org.rail.oversee", logPath, "scroll-text", "org.log.title", "audit.read"},
}

// Rail is the menu of the console for who reads it; other packages that show pages in the console get it passed in.
func Rail(ctx context.Context) []ui.RailSection {
	var rail []ui.RailSection
	last := ""
	for _, p := range places {
		if !web.May(ctx, p.permission) {
			continue
		}
		if p.section != last {
			rail, last = append(rail, ui.RailSection{Title: i18n.T(ctx, p.section)}), p.section
		}
		section := &rail[len(rail)-1]
		section.Items = append(section.Items, ui.RailItem{Href: p.href, Icon: p.icon, Text: i18n.T(ctx, p.key), Messages: p.href == messagesPath, Find: p.finds()})
	}
	return rail
}
