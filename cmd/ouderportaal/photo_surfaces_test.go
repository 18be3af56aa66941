package main

import (
	"archive/zip"
	"bytes"
	"html"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/web"
	"ouderportaal/internal/webtest"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/notifications/notificationstest"
)

// versions are the files of a photo; the last is what is downloaded.
var versions = []string{"320.webp", "640.webp", "1280.webp", "2048.webp", "full.jpg"}

func fileOf(id ids.ID, version string) string {
	if version == "full.jpg" {
		version = "download"
	}
	return "/fotos/" + id.String() + "/" + version
}

// look is an onlooker at a browser on some day.
type look struct {
	t *testing.T
	g *gallery
	onlooker
	b *webtest.Browser
}

// found are the photos that somebody got at.
type found map[ids.ID]bool

// A surface is where photos can be got at. Only the roles that it is for get any there.
type surface struct {
	what string
	role func(actor.Role) bool
	get  func(*look) found
}

func parents(role actor.Role) bool { return role == actor.Parent }
func everybody(actor.Role) bool    { return true }
func nobody(actor.Role) bool       { return false }

func surfaces() []surface {
	list := []surface{
		{"the timeline", parents, func(l *look) found { return l.pages("/") }},
		{"the desk of the group, which has words only", nobody, func(l *look) found { return l.pages("/groep/" + l.g.h.Group.String()) }},
		{"the album", parents, func(l *look) found { return l.pages("/fotos") }},
		{"the album of a month", parents, func(l *look) found { return l.pages("/fotos?maand=" + l.month()) }},
		{"the choice of photos", parents, func(l *look) found { return l.pages("/fotos?kies=1") }},
		{"the page of the entry", everybody, func(l *look) found {
			return l.each(func(s shot) *webtest.Answer { return l.b.Get("/dagboek/" + s.entry.String()) })
		}},
		{"the form that reports a photo", parents, func(l *look) found {
			return l.each(func(s shot) *webtest.Answer { return l.b.Get("/fotos/" + s.id.String() + "/melden") })
		}},
		{"the ZIP of an entry", everybody, func(l *look) found {
			return l.each(func(s shot) *webtest.Answer { return l.b.Post("/fotos/zip", "stukje", s.entry.String()) })
		}},
		{"the ZIP of a month", parents, func(l *look) found { return l.in(l.b.Post("/fotos/zip", "maand", l.month())) }},
		{"the ZIP of chosen photos", everybody, func(l *look) found {
			var form []string
			for _, s := range l.g.shots {
				form = append(form, "foto", s.id.String())
			}
			return l.in(l.b.Post("/fotos/zip", form...))
		}},
		{"everything taken home", parents, (*look).takeHome},
	}
	for _, version := range versions {
		list = append(list, surface{"the file " + version, everybody, func(l *look) found {
			return l.each(func(s shot) *webtest.Answer { return l.file(s, version, nil) })
		}})
	}
	for _, version := range []string{"640.webp", "full.jpg"} { // after they were fetched
		list = append(list, surface{"the file " + version + ", asked whether it changed", everybody, func(l *look) found { return l.again(version) }})
	}
	return append(list, surface{"a piece of the file", everybody, func(l *look) found {
		return l.each(func(s shot) *webtest.Answer {
			return l.file(s, "full.jpg", map[string]string{"Range": "bytes=-60"}) // the name of the photo ends there
		})
	}})
}

// requireMatrix has everybody look everywhere, and compares what they got at with the rule.
func (g *gallery) requireMatrix(t *testing.T) {
	t.Helper()
	day := g.today()
	t.Run("", func(t *testing.T) { // ends when all that run beside each other have
		for _, o := range g.onlookers {
			t.Run(o.what, func(t *testing.T) {
				t.Parallel()
				l := g.look(t, o)
				may := found{}
				for _, s := range g.shots {
					may[s.id] = g.mayShow(s, o, day)
				}
				for _, place := range surfaces() {
					got := place.get(l)
					for _, s := range g.shots {
						want := may[s.id] && place.role(o.role)
						if got[s.id] != want {
							t.Errorf("a photo of somebody of whom %q, %s: %s gets at it by %s: %v, and should: %v", s.about[0].name, s.what, o.what, place.what, got[s.id], want)
						}
					}
				}
			})
		}
	})
}

func (g *gallery) look(t *testing.T, o onlooker) *look {
	b := g.p.site.BrowserFor(t, o.at.Slug+"."+testDomain)
	if o.role != "" {
		cookie := identitytest.SignedIn(t, g.p.e, o.who)
		b.SetCookie(cookie.Name, cookie.Value)
	}
	return &look{t, g, o, b}
}

func (l *look) month() string { return string(diary.MonthOf(l.g.h.Tenant, l.g.now())) }

var (
	photoLink  = regexp.MustCompile(`/fotos/([0-9a-f-]{36})/|name="foto" value="([0-9a-f-]{36})"|pixels of ([0-9a-f-]{36})|of ([0-9a-f-]{36}) in `)
	bookLink   = regexp.MustCompile(`fotos/[^"]*_([0-9a-f]{8})\.jpg`)
	laterPages = regexp.MustCompile(`<turbo-frame id="[^"]+" src="([^"]+)"`)
)

// in gives the photos in an answer, by link or by content, also in a ZIP.
func (l *look) in(a *webtest.Answer) found {
	l.t.Helper()
	require.Less(l.t, a.Status, 500)
	got := found{}
	if a.Status >= 300 {
		require.NotContains(l.t, a.Body, "pixels of")
		return got
	}
	if a.Header.Get("Content-Type") != "application/zip" {
		got.note(a.Body)
		for _, values := range a.Header {
			got.note(strings.Join(values, "\n"))
		}
		return got
	}
	z, err := zip.NewReader(bytes.NewReader([]byte(a.Body)), int64(len(a.Body)))
	require.NoError(l.t, err)
	for _, f := range z.File {
		file, err := f.Open()
		require.NoError(l.t, err)
		content, err := io.ReadAll(file)
		require.NoError(l.t, err)
		got.note(f.Name + "\n" + string(content))
		for _, m := range bookLink.FindAllStringSubmatch(f.Name+"\n"+string(content), -1) {
			for _, s := range l.g.shots {
				if strings.HasSuffix(s.id.String(), m[1]) {
					got[s.id] = true
				}
			}
		}
	}
	return got
}

func (f found) note(text string) {
	for _, m := range photoLink.FindAllStringSubmatch(text, -1) {
		id, _ := ids.Parse(m[1] + m[2] + m[3] + m[4]) // one of them
		f[id] = true
	}
}

func (f found) add(others found) {
	for id := range others {
		f[id] = true
	}
}

// pages gives the photos on a page and on all that are fetched as somebody scrolls.
func (l *look) pages(path string) found {
	l.t.Helper()
	got := found{}
	for path != "" {
		a := l.b.Get(path)
		got.add(l.in(a))
		path = ""
		if m := laterPages.FindStringSubmatch(a.Body); m != nil {
			path = html.UnescapeString(m[1])
		}
	}
	return got
}

// each asks for every photo. What somebody may not have does not exist for them, and no answer has another photo than was asked for.
func (l *look) each(ask func(shot) *webtest.Answer) found {
	l.t.Helper()
	got := found{}
	for _, s := range l.g.shots {
		a := ask(s)
		in := l.in(a)
		got.add(in)
		delete(in, s.id)
		require.Empty(l.t, in, "another photo than was asked for")
	}
	return got
}

// file asks for a version of a photo. Nobody but the browser of who may have it keeps it, and that asks again each time.
func (l *look) file(s shot, version string, header map[string]string) *webtest.Answer {
	l.t.Helper()
	a := l.b.Do(http.MethodGet, fileOf(s.id, version), nil, "", header)
	switch a.Status {
	case http.StatusOK, http.StatusPartialContent, http.StatusNotModified:
		require.Equal(l.t, "private, no-cache", a.Header.Get("Cache-Control"))
		l.g.tags.Store(tag{l.email(), s.id, version}, a.Header.Get("Etag"))
	default:
		require.Contains(l.t, []int{http.StatusNotFound, http.StatusUnauthorized, http.StatusSeeOther}, a.Status)
		require.NotContains(l.t, a.Header.Get("Cache-Control"), "public")
	}
	return a
}

// tag is by what a browser knows a photo that it has kept, also from one day to the next.
type tag struct {
	who     string
	photo   ids.ID
	version string
}

// again asks whether the photos that the browser has kept are still good.
func (l *look) again(version string) found {
	l.t.Helper()
	got := found{}
	for _, s := range l.g.shots {
		if etag, kept := l.g.tags.Load(tag{l.email(), s.id, version}); kept {
			got[s.id] = l.file(s, version, map[string]string{"If-None-Match": etag.(string)}).Status == http.StatusNotModified
		}
	}
	return got
}

// takeHome asks for everything of each child, has it built, and gives what is in the files. Who knows nobody asks too.
func (l *look) takeHome() found {
	l.t.Helper()
	got := found{}
	if l.role != actor.Parent {
		return got // the route is refused to every other role; TestRolesMayDoWhatTheyShouldAndNoMore
	}
	kids := append([]*kid{l.g.finn}, l.g.kids...)
	for _, k := range kids {
		l.b.Post("/meenemen/"+k.ID.String(), "opnieuw", "ja")
	}
	l.g.p.workOn(l.g.h.Tenant, "payload->>'keepsake_id' IN (SELECT id::text FROM keepsake WHERE person_id = '"+l.who.ID.String()+"')", "keepsake.build")
	for _, k := range kids {
		answer := l.b.Post("/meenemen/" + k.ID.String() + "/download")
		if answer.Status != http.StatusSeeOther || !strings.HasPrefix(answer.Header.Get("Location"), "/meenemen/bestanden/") {
			continue
		}
		in := l.in(l.b.Get(answer.Header.Get("Location")).Is(http.StatusOK))
		for _, s := range l.g.shots {
			if in[s.id] {
				require.Contains(l.t, s.on, k, "in what is of another child")
			}
		}
		got.add(in)
	}
	return got
}

// requireNowhereElse has everybody open every page that there is, of what makes a difference: whatever is on them, no photo is that
// its reader may not have.
func (g *gallery) requireNowhereElse(t *testing.T) {
	t.Helper()
	refused := g.shots[slices.IndexFunc(g.shots, func(s shot) bool { return s.about[0].name == "taken back" })]
	day := g.today()
	t.Run("on any other page", func(t *testing.T) {
		for _, o := range g.onlookers {
			t.Run(o.what, func(t *testing.T) {
				t.Parallel()
				l := g.look(t, o)
				for _, path := range pagesAbout(g.p.routes, g.h.Group, refused) {
					for photo := range l.in(l.b.Get(path)) {
						i := slices.IndexFunc(g.shots, func(s shot) bool { return s.id == photo })
						require.True(t, i >= 0 && g.mayShow(g.shots[i], o, day), "%s shows a photo to %s", path, o.what)
					}
				}
			})
		}
	})
}

// pagesAbout fills the addresses of all pages with a group, and with a child on a photo, the entry and the photo.
func pagesAbout(routes []web.Route, group ids.ID, s shot) []string {
	var list []string
	for _, route := range routes {
		switch {
		case route.Method != http.MethodGet || route.Kind == web.Stream:
		case strings.Contains(route.Path, ":group"):
			list = append(list, address(route, group))
		case strings.Contains(route.Path, ":"):
			for _, id := range []ids.ID{s.about[0].ID, s.entry, s.id} {
				list = append(list, address(route, id))
			}
		default:
			list = append(list, route.Path)
		}
	}
	return list
}

// requireMails has everybody told of all entries. A mail speaks of photos to who may see one; none has a photo in it, and who knows
// nobody gets none.
func (g *gallery) requireMails(t *testing.T) {
	t.Helper()
	told, mails := notificationstest.NewWriting(t, g.p.e.DB, diary.Locales)
	diary.NewNews(g.p.e.DB, told)
	g.p.workAt(g.h.Tenant, "diary.notify")
	notificationstest.Deliver(t, g.p.e, told, g.h.Tenant)
	type letter struct{ to, entry string }
	spoke, day := map[letter]bool{}, g.today()
	link := regexp.MustCompile(`/dagboek/([0-9a-f-]{36})`)
	for _, m := range mails.Sent {
		got := found{}
		got.note(m.Subject + m.Text + m.HTML)
		require.Empty(t, got, "a photo in a mail")
		entry := link.FindStringSubmatch(m.Text)
		require.NotNil(t, entry, m.Text)
		spoke[letter{m.To.Addr, entry[1]}] = strings.Contains(m.Subject, "foto")
	}
	require.NotEmpty(t, spoke)
	for _, o := range g.onlookers {
		if o.tie != "" {
			o.role = actor.Parent // mails are written to people, whichever role they are signed in with
		}
		for _, s := range g.shots {
			photos, mailed := spoke[letter{o.email(), s.entry.String()}]
			about := slices.ContainsFunc(s.about, func(k *kid) bool { return o.tie != "" && o.knows(k, day) })
			require.Equal(t, about, mailed, "%s is told of somebody of whom %q", o.what, s.about[0].name)
			require.Equal(t, about && g.mayShow(s, o, day), photos, "%s reads of a photo of somebody of whom %q, %s", o.what, s.about[0].name, s.what)
		}
	}
}
