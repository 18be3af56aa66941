package main

import (
	"context"
	"io/fs"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/admin/org"
	"ouderportaal/admin/platform"
	platformweb "ouderportaal/admin/platform/web"
	"ouderportaal/cmd/ouderportaal/demo"
	"ouderportaal/configs"
	"ouderportaal/internal/actor"
	"ouderportaal/internal/attach"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/clock"
	"ouderportaal/internal/formkey"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/media"
	"ouderportaal/internal/outbox"
	"ouderportaal/internal/sheet"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/jobs"
	"ouderportaal/modules/absences"
	absencesweb "ouderportaal/modules/absences/web"
	"ouderportaal/modules/accesses"
	accessesweb "ouderportaal/modules/accesses/web"
	"ouderportaal/modules/agenda"
	agendaweb "ouderportaal/modules/agenda/web"
	"ouderportaal/modules/care"
	careweb "ouderportaal/modules/care/web"
	"ouderportaal/modules/children"
	"ouderportaal/modules/consents"
	consentsweb "ouderportaal/modules/consents/web"
	"ouderportaal/modules/declarations"
	declarationsweb "ouderportaal/modules/declarations/web"
	"ouderportaal/modules/diary"
	diaryweb "ouderportaal/modules/diary/web"
	"ouderportaal/modules/house"
	houseweb "ouderportaal/modules/house/web"
	"ouderportaal/modules/identity"
	identityweb "ouderportaal/modules/identity/web"
	"ouderportaal/modules/imports"
	importsweb "ouderportaal/modules/imports/web"
	"ouderportaal/modules/invitations"
	"ouderportaal/modules/keepsake"
	keepsakeweb "ouderportaal/modules/keepsake/web"
	"ouderportaal/modules/locations"
	locationsweb "ouderportaal/modules/locations/web"
	"ouderportaal/modules/messages"
	messagesweb "ouderportaal/modules/messages/web"
	"ouderportaal/modules/news"
	newsweb "ouderportaal/modules/news/web"
	"ouderportaal/modules/notifications"
	notificationsweb "ouderportaal/modules/notifications/web"
	"ouderportaal/modules/particulars"
	particularsweb "ouderportaal/modules/particulars/web"
	"ouderportaal/modules/photos"
	photosweb "ouderportaal/modules/photos/web"
	"ouderportaal/modules/retention"
	retentionweb "ouderportaal/modules/retention/web"
	"ouderportaal/tenants"
)

// modules is what the modules add to the program.
type modules struct {
	identity      *identity.Service
	house         *house.Service
	children      *children.Service
	accesses      *accesses.Service
	consents      *consents.Service
	imports       *imports.Service
	invitations   *invitations.Service
	notifications *notifications.Service
	declarations  *declarations.Service
	particulars   *particulars.Service
	absences      *absences.Service
	agenda        *agenda.Service
	care          *care.Service
	diary         *diary.Service
	photos        *photos.Service
	keepsake      *keepsake.Service
	messages      *messages.Service
	visits        *platform.Visits
	locations     *locations.Service
	news          *news.Service
	retention     *retention.Service

	session       fiber.Handler
	chrome        func(context.Context, ui.Chrome) ui.Chrome
	routes        []func(*web.Routes)
	subscriptions []outbox.Subscription
	channels      []outbox.Channel
}

// newModules puts the modules together, in their order: a later one may know an earlier one.
func newModules(app *App, images *media.Processor) (modules, error) {
	var m modules
	var err error
	m.identity = identity.New(app.DB, identity.Config{Hosts: app.Hosts, Directory: app.Directory, Mail: app.Mail, Words: app.Bundle, Keys: linkKeys(app.Config), Returns: returnsOf(app.Config)})
	m.house = house.New(app.DB, app.Directory, featureNames())
	m.children = children.New(app.DB)
	m.accesses = accesses.New(app.DB)
	m.imports = imports.New(app.DB)
	m.invitations = invitations.New(app.DB, m.identity, app.Bundle)
	m.notifications, err = notifications.New(app.DB, notifications.Config{Hosts: app.Hosts, Words: app.Bundle, Mail: app.Mail, Push: app.Push, Gather: app.Config.MailGather, Keys: linkKeys(app.Config), Returns: returnsOf(app.Config)})
	if err != nil {
		return m, err
	}
	var workshop photos.Images // a missing processor is a nil interface
	if images != nil {
		workshop = images
	}
	m.declarations = declarations.New(app.DB, m.notifications, app.Store, workshop)
	m.particulars = particulars.New(app.DB, m.notifications)
	m.absences = absences.New(app.DB, agenda.Open)
	m.agenda = agenda.New(app.DB, app.Bundle)
	m.photos = photos.New(app.DB, app.Store, workshop)
	m.diary = diary.New(app.DB, m.photos)
	m.care = care.New(app.DB, m.diary)
	told := diary.NewNews(app.DB, m.notifications)
	absent := absences.NewNews(app.DB, m.notifications)
	m.messages = messages.New(app.DB, m.notifications, app.Store, workshop)
	m.news = news.New(app.DB, m.notifications, app.Store, workshop)
	m.keepsake = keepsake.New(app.DB, app.Store, m.photos, m.notifications, app.Bundle, m.messages, m.declarations)
	m.locations = locations.New(app.DB, app.Store, workshop)
	proposed := locations.NewNews(m.locations, m.notifications)
	m.consents = consents.New(app.DB, m.notifications, m.photos, m.keepsake)
	m.retention = retention.New(app.DB, m.keepsake)

	identityPages := identityweb.New(m.identity, rail)
	m.visits = platform.NewVisits(app.DB)
	m.session = platformweb.VisitSession(m.visits, identityweb.Session(m.identity))
	m.chrome = func(ctx context.Context, c ui.Chrome) ui.Chrome { return app.fromPlatform(ctx, m.unread(ctx, c)) }
	m.routes = []func(*web.Routes){
		identityPages.Routes,
		notificationsweb.New(m.notifications, rail).Routes,
		consentsweb.New(m.consents).Routes,
		declarationsweb.New(m.declarations).Routes,
		particularsweb.New(m.particulars, rail).Routes,
		absencesweb.New(m.absences).Routes,
		agendaweb.New(m.agenda, app.Hosts).Routes,
		careweb.New(m.care, rail).Routes,
		diaryweb.New(m.diary, app.Hub, rail).Routes,
		photosweb.New(m.photos).Routes,
		keepsakeweb.New(m.keepsake).Routes,
		messagesweb.New(m.messages, rail, org.Rail).Routes,
		locationsweb.New(m.locations, rail, readsNews).Routes,
		newsweb.New(m.news, rail, org.Rail).Routes,
		retentionweb.New(m.retention).Routes,
		org.New(app.DB, m.identity, m.children, m.accesses, m.consents, m.invitations, m.locations).Routes,
		org.NewOverviewPages(m.children, m.invitations, m.care, m.messages, m.notifications, m.photos, m.keepsake, m.particulars, m.house, m.identity, m.news).Routes,
		org.NewSearchPages(m.children).Routes,
		org.NewInvitationPages(m.invitations).Routes,
		org.NewFailurePages(m.notifications).Routes,
		org.NewDeclarationPages(m.declarations, m.children).Routes,
		org.NewRequestPages(m.particulars).Routes,
		org.NewAbsencePages(m.absences).Routes,
		org.NewAgendaPages(m.agenda, m.children).Routes,
		org.NewMessagePages(m.messages).Routes,
		org.NewTeamPages(m.locations).Routes,
		org.NewRetentionPages(m.retention).Routes,
		importsweb.New(m.imports, org.Rail).Routes,
		accessesweb.New(m.accesses, org.Rail).Routes,
		houseweb.New(m.house, org.Rail).Routes,
		platformweb.NewVisitPages(m.visits).Routes,
	}
	for _, s := range [][]outbox.Subscription{
		m.identity.Subscriptions(), m.consents.Subscriptions(), m.imports.Subscriptions(), m.invitations.Subscriptions(), told.Subscriptions(), m.notifications.Subscriptions(), m.photos.Subscriptions(),
		m.keepsake.Subscriptions(), m.messages.Subscriptions(), m.news.Subscriptions(), absent.Subscriptions(), proposed.Subscriptions(),
		m.declarations.Subscriptions(), m.particulars.Subscriptions(),
	} {
		m.subscriptions = append(m.subscriptions, s...)
	}
	example := demo.NewExample(demo.Deps{DB: app.DB, Store: app.Store, Images: func() (photos.Images, error) { return workshop, nil }})
	m.subscriptions = append(m.subscriptions, platform.FillExamples(app.DB, example, counters)...)
	m.channels = append([]outbox.Channel{m.notifications.MailDelivery()}, m.notifications.PushDelivery()...)
	return m, nil
}

func linkKeys(config configs.Config) [][]byte {
	keys := make([][]byte, len(config.LinkKeys))
	for i, key := range config.LinkKeys {
		keys[i] = []byte(key.Reveal())
	}
	return keys
}

// unread puts the numbers of unread notifications and messages where they are shown.
func (m modules) unread(ctx context.Context, c ui.Chrome) ui.Chrome {
	if role := actor.From(ctx).Role; role == "" || role == actor.Enrolling {
		return c
	}
	c.Live = web.LivePath("/live", clock.Of(ctx))
	c.Tabs = []ui.Tab{ui.TabChild, ui.TabPlace, ui.TabOther}
	if web.May(ctx, "messages.read") {
		c.Tabs = []ui.Tab{ui.TabChild, ui.TabMessages, ui.TabPlace, ui.TabOther}
	}
	if c.Counted {
		return c
	}
	if count, err := m.notifications.UnreadCount(ctx); err == nil { // without the numbers the page is still a page
		c.Bell, c.Unread = count.Bell, count.Messages
	}
	return c
}

func readsNews(ctx context.Context) bool { return web.May(ctx, "news.read") }

// rail is the menu of the group app.
func rail(ctx context.Context) []ui.RailItem {
	items := []ui.RailItem{{Href: "/groep", Icon: "users-round", Text: i18n.T(ctx, "diary.rail.group")}}
	if web.May(ctx, "messages.read") {
		items = append(items, ui.RailItem{Href: "/berichten", Icon: "messages-square", Text: i18n.T(ctx, "ui.tab.messages"), Messages: true})
	}
	if readsNews(ctx) {
		items = append(items, ui.RailItem{Href: "/nieuws", Icon: "newspaper", Text: i18n.T(ctx, "news.rail")})
	}
	items = append(items, ui.RailItem{Href: "/meldingen", Icon: "bell", Text: i18n.T(ctx, "ui.bell"), Bell: true},
		ui.RailItem{Href: "/overig", Icon: "circle-user-round", Text: i18n.T(ctx, "ui.tab.other")})
	if web.May(ctx, "children.manage") {
		items = append(items, ui.RailItem{Href: "/beheer", Icon: "layout-dashboard", Text: i18n.T(ctx, "org.rail.console")})
	}
	return items
}

// policies are the casbin lines of every module.
func policies() []string {
	return []string{
		identity.Policy,
		house.Policy,
		children.Policy,
		consents.Policy,
		accesses.Policy,
		imports.Policy,
		invitations.Policy,
		notifications.Policy,
		declarations.Policy,
		particulars.Policy,
		absences.Policy,
		agenda.Policy,
		care.Policy,
		diary.Policy,
		photos.Policy,
		keepsake.Policy,
		messages.Policy,
		locations.Policy,
		news.Policy,
		retention.Policy,
		org.Policy,
	}
}

// locales are the words of every module and of the plumbing.
func locales() []fs.FS {
	return []fs.FS{web.Locales, ui.Locales, blob.Locales, media.Locales, attach.Locales, formkey.Locales, tenants.Locales,
		jobs.Locales,
		identity.Locales,
		house.Locales,
		children.Locales,
		consents.Locales,
		accesses.Locales,
		sheet.Locales,
		imports.Locales,
		invitations.Locales,
		notifications.Locales,
		declarations.Locales,
		particulars.Locales,
		absences.Locales,
		agenda.Locales,
		care.Locales,
		diary.Locales,
		photos.Locales,
		keepsake.Locales,
		messages.Locales,
		locations.Locales,
		news.Locales,
		retention.Locales,
		org.Locales,
		platform.Locales,
	}
}
