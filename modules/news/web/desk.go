package web

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/ui"
	"ouderportaal/internal/web"
	"ouderportaal/modules/news"
)

const deskPath = "/beheer/nieuws"

func keptPath(id ids.ID) string { return deskPath + "/" + id.String() }

// maxSearch is the longest search, in bytes.
const maxSearch = 300

func deskFilter(c *fiber.Ctx) news.DeskFilter {
	f := news.DeskFilter{Kind: news.Kind(c.Query("soort")), State: news.State(c.Query("staat")), Sort: news.Sort(c.Query("sorteer"))}
	if q := c.Query("q"); len(q) <= maxSearch && utf8.ValidString(q) && !strings.ContainsRune(q, 0) {
		f.Search = strings.TrimSpace(q)
	}
	f.After, _ = ids.Parse(c.Query("na"))
	if !slices.Contains(news.Kinds, f.Kind) {
		f.Kind = ""
	}
	if !slices.Contains(news.States, f.State) {
		f.State = ""
	}
	if !slices.Contains([]news.Sort{news.ByChanged, news.ByTitle, news.ByPublished}, f.Sort) {
		f.Sort = ""
	}
	return f
}

// deskHref is the address of a list in the console.
func deskHref(f news.DeskFilter) string {
	query := url.Values{}
	for name, value := range map[string]string{"q": f.Search, "soort": string(f.Kind), "staat": string(f.State), "sorteer": string(f.Sort)} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if f.After != ids.Nil {
		query.Set("na", f.After.String())
	}
	if len(query) == 0 {
		return deskPath
	}
	return deskPath + "?" + query.Encode()
}

func (h *Handlers) desk(c *fiber.Ctx) error {
	f := deskFilter(c)
	d, err := h.news.Desk(web.Ctx(c), f)
	if err != nil {
		return err
	}
	if strings.HasPrefix(web.FrameOf(c), moreFrame) {
		return web.Render(c, fiber.StatusOK, deskMore(d, f))
	}
	return web.Render(c, fiber.StatusOK, deskPage(h.console(web.Ctx(c)), d, f))
}

func (h *Handlers) create(c *fiber.Ctx) error {
	id, err := h.news.Create(web.Ctx(c), news.Kind(c.FormValue("kind")))
	if err != nil {
		return err
	}
	return web.Go(c, keptPath(id))
}

// editing is an article on the screen, as it was typed.
type editing struct {
	*news.Kept
	Draft   news.Draft
	Day     string // of the moment at which it is to be published
	Time    string
	Plain   string
	Editor  string
	Places  []news.Place
	File    error  // what is wrong with a file that was sent
	Said    string // what was done with a file
	Problem error
	// Overtaken is a draft that somebody else was ahead of: sent once more it takes the place of theirs.
	Overtaken bool
}

func (h *Handlers) edit(c *fiber.Ctx) error { return h.showEditor(c, fiber.StatusOK, nil, nil) }

// showEditor shows an article to go on with: as it is kept, or as it was typed when that was refused.
func (h *Handlers) showEditor(c *fiber.Ctx, status int, typed *news.Draft, problem error) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	kept, err := h.news.Edit(web.Ctx(c), id)
	if err != nil {
		return err
	}
	e := editing{Kept: kept, Draft: news.Draft{Title: kept.DraftTitle, Body: kept.DraftBody, Audience: kept.Audience, Revision: kept.Revision}, Problem: problem}
	if typed != nil {
		e.Draft, e.Day, e.Time = *typed, c.FormValue("day"), c.FormValue("time")
	}
	if f, ok := fault.As(problem); ok && f.Key == news.Stale {
		e.Overtaken, e.Draft.Revision, e.Problem = true, kept.Revision, fault.New(fault.Conflict, "news.error.overtaken")
		if kept.State == news.Scheduled {
			e.Problem = fault.New(fault.Conflict, "news.error.scheduled_meanwhile")
		}
	}
	e.Plain, e.Editor = kept.Typed(e.Draft.Body)
	if key, done := filesDone[c.Query("bijlage")]; done {
		e.Said = i18n.T(web.Ctx(c), key)
	}
	if f, ok := fault.As(problem); ok && typed == nil && f.Code == fault.Invalid {
		e.File, e.Problem = problem, nil
	}
	if e.Places, err = h.news.Places(web.Ctx(c)); err != nil {
		return err
	}
	return web.Render(c, status, editPage(h.console(web.Ctx(c)), e))
}

// draftOf reads the form.
func draftOf(c *fiber.Ctx) (news.Draft, error) {
	d := news.Draft{Title: c.FormValue("title"), Body: c.FormValue("body")}
	d.Revision, _ = strconv.Atoi(c.FormValue("revision"))
	var err error
	d.Audience, err = audienceOf(c, web.Values)
	return d, err
}

// audienceOf reads whom an article is for, out of a form or an address. A place that is none is BadRequest: our own pages never send it.
func audienceOf(c *fiber.Ctx, values func(*fiber.Ctx, string) []string) (news.Audience, error) {
	first := func(name string) string { return strings.Join(values(c, name), "") }
	a := news.Audience{Guardians: first("guardians") != "", Staff: first("staff") != "", Everywhere: first("everywhere") != ""}
	for name, list := range map[string]*[]ids.ID{"location": &a.Locations, "group": &a.Groups} {
		for _, value := range values(c, name) {
			id, ok := ids.Parse(value)
			if !ok {
				return a, fault.New(fault.BadRequest, "error.bad_request")
			}
			*list = append(*list, id)
		}
	}
	if a.Everywhere {
		a.Locations, a.Groups = nil, nil
	}
	return a, nil
}

// saving is what the controller that saves by itself is told.
type saving struct {
	Revision int    `json:"revision"`
	Words    string `json:"words"`
}

func (h *Handlers) save(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	draft, err := draftOf(c)
	if err != nil {
		return err
	}
	revision, err := h.news.Save(web.Ctx(c), id, draft)
	if web.WantsJSON(c) {
		if f, ok := fault.As(err); ok && (f.Code == fault.Conflict || f.Code == fault.Invalid) {
			return web.JSON(c, int(f.Code), saving{draft.Revision, i18n.From(web.Ctx(c)).Fault(err)})
		}
		if err != nil {
			return err
		}
		return web.JSON(c, fiber.StatusOK, saving{revision, i18n.T(web.Ctx(c), "news.saved")})
	}
	return h.done(c, draft, err, "news.saved", keptPath(id))
}

// done goes on, or shows the form again with what is wrong and what was typed.
func (h *Handlers) done(c *fiber.Ctx, draft news.Draft, err error, said, path string) error {
	if err == nil {
		web.Flash(c, said)
		return web.Go(c, path)
	}
	if code := fault.CodeOf(err); code == fault.Invalid || code == fault.Conflict {
		return h.showEditor(c, int(code), &draft, err)
	}
	return err
}

func (h *Handlers) publish(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	draft, err := draftOf(c)
	if err != nil {
		return err
	}
	return h.done(c, draft, h.news.Publish(web.Ctx(c), id, draft), "news.published", keptPath(id))
}

func (h *Handlers) schedule(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	draft, err := draftOf(c)
	if err != nil {
		return err
	}
	// What is no moment is the zero time, which lies in the past.
	at, _ := time.ParseInLocation("2006-01-02 15:04", c.FormValue("day")+" "+c.FormValue("time"), i18n.Local(web.Ctx(c), time.Unix(0, 0)).Location())
	return h.done(c, draft, h.news.Schedule(web.Ctx(c), id, draft, at), "news.scheduled", keptPath(id))
}

// act does something to an article, and says so. When it is too late for that, it says what is.
func (h *Handlers) act(c *fiber.Ctx, do func(context.Context, ids.ID) error, said string, path func(ids.ID) string) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	err = do(web.Ctx(c), id)
	if f, ok := fault.As(err); ok && f.Code == fault.Conflict {
		web.FlashProblem(c, f.Key)
		return web.Go(c, keptPath(id))
	}
	if err != nil {
		return err
	}
	if said != "" {
		web.Flash(c, said)
	}
	return web.Go(c, path(id))
}

func (h *Handlers) callOff(c *fiber.Ctx) error {
	return h.act(c, h.news.CallOff, "news.called_off", keptPath)
}

func (h *Handlers) withdraw(c *fiber.Ctx) error {
	return h.act(c, h.news.Withdraw, "news.withdrawn", keptPath)
}

func (h *Handlers) remove(c *fiber.Ctx) error {
	return h.act(c, h.news.Remove, "news.removed", func(ids.ID) string { return deskPath })
}

func (h *Handlers) move(c *fiber.Ctx) error {
	up := c.FormValue("to") == "up"
	return h.act(c, func(ctx context.Context, id ids.ID) error { return h.news.Move(ctx, id, up) }, "",
		func(ids.ID) string { return deskHref(news.DeskFilter{Kind: news.Page}) })
}

// reach answers the frame that says how many people an audience has, while it is chosen.
func (h *Handlers) reach(c *fiber.Ctx) error {
	a, err := audienceOf(c, func(c *fiber.Ctx, name string) (list []string) {
		for _, value := range c.Context().QueryArgs().PeekMulti(name) {
			list = append(list, string(value))
		}
		return list
	})
	if err != nil {
		return err
	}
	if a.Everywhere && !news.MayAddressAll(actor.From(web.Ctx(c)).Role) {
		return fault.NotFound()
	}
	r, err := h.news.Reach(web.Ctx(c), a)
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, reachFrame(a, r))
}

func (h *Handlers) preview(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	kept, err := h.news.Edit(web.Ctx(c), id)
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, previewPage(h.console(web.Ctx(c)), kept))
}

func (h *Handlers) readers(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	a, have, not, err := h.news.Readers(web.Ctx(c), id)
	if err != nil {
		return err
	}
	return web.Render(c, fiber.StatusOK, readersPage(h.console(web.Ctx(c)), a, have, not))
}

func (h *Handlers) version(c *fiber.Ctx) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	kept, err := h.news.Edit(web.Ctx(c), id)
	if err != nil {
		return err
	}
	for i := range kept.Versions {
		if v := &kept.Versions[i]; strconv.Itoa(v.Version) == c.Params("version") {
			return web.Render(c, fiber.StatusOK, versionPage(h.console(web.Ctx(c)), &kept.Article, v))
		}
	}
	return fault.NotFound()
}

// column is the head of a column that the list can be sorted by.
func column(f news.DeskFilter, text string, by news.Sort, order string) ui.Column {
	col := ui.Column{Text: text}
	if f.Sort == by || by == news.ByChanged && f.Sort == "" && f.Kind != news.Page {
		col.Sorted = order
	}
	f.Sort, f.After = by, ids.Nil
	col.Href = deskHref(f)
	return col
}

// tabs are the kinds, each with how many there are.
func tabs(ctx context.Context, d *news.Desk, f news.DeskFilter) []ui.ListTab {
	all := 0
	for _, n := range d.Counts {
		all += n
	}
	f.After, f.Sort = ids.Nil, ""
	every := f
	every.Kind = ""
	list := []ui.ListTab{{Href: deskHref(every), Text: i18n.T(ctx, "news.desk.all"), Count: all, Current: f.Kind == ""}}
	for _, kind := range news.Kinds {
		one := f
		one.Kind = kind
		list = append(list, ui.ListTab{Href: deskHref(one), Text: kindTitle(ctx, kind), Count: d.Counts[kind], Current: f.Kind == kind})
	}
	return list
}

// i18n:keys news.state.*
func stateWords(ctx context.Context, s news.State) string {
	return i18n.T(ctx, "news.state."+string(s))
}

func stateOptions(ctx context.Context, chosen news.State) []ui.Option {
	list := []ui.Option{{Label: i18n.T(ctx, "news.desk.every_state")}}
	for _, s := range news.States {
		list = append(list, ui.Option{Value: string(s), Label: stateWords(ctx, s), Selected: s == chosen})
	}
	return list
}

var stateTones = map[news.State]ui.Tone{news.Drafted: ui.Neutral, news.Scheduled: ui.Sky, news.Published: ui.Ok, news.Withdrawn: ui.Coral}

// i18n:keys news.one.*
func oneOf(ctx context.Context, kind news.Kind) string { return i18n.T(ctx, "news.one."+string(kind)) }

// named is the title of what is written, or that it has none yet.
func named(ctx context.Context, title string) string {
	if title == "" {
		return i18n.T(ctx, "news.untitled")
	}
	return title
}

// moment is a day and a time.
func moment(ctx context.Context, at time.Time) string {
	return i18n.LongDate(ctx, at) + ", " + i18n.Time(ctx, at)
}

// reachWords say how many people an audience has.
func reachWords(ctx context.Context, a news.Audience, r news.Reach) string {
	switch {
	case a.Guardians && a.Staff:
		return i18n.N(ctx, "news.reach.guardians", r.Guardians) + " · " + i18n.N(ctx, "news.reach.staff", r.Staff)
	case a.Staff:
		return i18n.N(ctx, "news.reach.staff_only", r.Staff)
	}
	return i18n.N(ctx, "news.reach.guardians", r.Guardians)
}

// editTitle names the page, and says first that something is wrong.
func editTitle(ctx context.Context, e editing) string {
	title := oneOf(ctx, e.Kind) + ": " + named(ctx, e.DraftTitle)
	if e.Problem != nil || e.File != nil {
		return ui.ErrorTitle(ctx, title)
	}
	return title
}

func itoa(n int) string { return strconv.Itoa(n) }

// fileMistake is what is wrong with a file that was sent, whatever field it is said at.
func fileMistake(m ui.Mistakes) string {
	for _, mistake := range m.All() {
		return mistake.Message
	}
	return ""
}
