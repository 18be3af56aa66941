package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// order is the order of the modules: a later one may import an earlier one; the other way round is an event.
var order = []string{"identity", "house", "children", "accesses", "imports", "invitations", "notifications", "consents", "declarations", "particulars", "absences", "agenda", "care", "diary", "photos", "keepsake", "messages", "locations", "news", "retention"}

// owners are the only packages that may name a library, with what others do instead.
var owners = []struct {
	library, instead string
	allowed          []string
}{
	{"github.com/casbin/casbin", "ask authz.May", []string{"internal/authz", "configs"}},
	{"github.com/minio/minio-go", "take a blob.Store", []string{"internal/blob"}},
	{"github.com/hibiken/asynq", "record an event in the outbox and subscribe to it", []string{"jobs", "cmd", "bench"}},
	{"github.com/davidbyttow/govips", "ask media.Processor", []string{"cmd/ouderportaal-images"}},
	{"github.com/gofiber/fiber", "keep HTTP in the module's web package", []string{"*/web", "internal/web", "internal/webtest", "tenants", "admin", "cmd", "bench"}},
}

type pkg struct {
	ImportPath                string
	Imports                   []string
	TestImports, XTestImports []string
}

const root = "ouderportaal/"

func packages(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", root+"...").Output()
	require.NoError(t, err)
	var list []pkg
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else {
			require.NoError(t, err)
		}
		list = append(list, p)
	}
	require.Greater(t, len(list), 20)
	return list
}

func TestPackagesImportInOneDirection(t *testing.T) {
	for _, p := range packages(t) {
		from := strings.TrimPrefix(p.ImportPath, root)
		for _, imported := range p.Imports {
			if to, ours := strings.CutPrefix(imported, root); ours {
				if problem := wrongWay(from, to); problem != "" {
					t.Errorf("%s imports %s: %s", from, to, problem)
				}
			}
			for _, o := range owners {
				if strings.HasPrefix(imported, o.library) && !within(from, o.allowed) {
					t.Errorf("%s imports %s; %s", from, imported, o.instead)
				}
			}
		}
	}
}

func within(from string, allowed []string) bool {
	return slices.ContainsFunc(allowed, func(a string) bool {
		if suffix, any := strings.CutPrefix(a, "*"); any {
			return strings.HasSuffix(from, suffix)
		}
		return from == a || strings.HasPrefix(from, a+"/")
	})
}

// leaves import nothing of ours but each other.
var leaves = []string{"internal/fault", "internal/clock", "internal/ids", "internal/pgnotify"}

func wrongWay(from, to string) string {
	fromModule, fromRest := moduleOf(from)
	toModule, toRest := moduleOf(to)
	isTest := strings.HasSuffix(from, "test")
	switch {
	case slices.Contains(leaves, from) && !slices.Contains(leaves, to):
		return "a leaf imports nothing but leaves"
	case within(from, []string{"tenants"}) && !slices.Contains(leaves, to) && !within(to, []string{"tenants"}):
		return "tenants imports leaves only; what it needs from above is passed in"
	case within(from, []string{"internal"}) && within(to, []string{"modules", "admin", "jobs", "cmd"}):
		return "plumbing knows no module; let cmd pass in a function or an interface"
	case within(from, []string{"jobs"}) && within(to, []string{"modules", "admin", "cmd"}):
		return "jobs knows events by name only"
	case within(to, []string{"cmd"}) && !within(from, []string{"cmd", "bench"}):
		return "nothing imports a program"
	case fromModule != "" && within(to, []string{"jobs", "admin"}):
		return "modules record events; jobs finds them"
	case fromRest == "web" && toModule != "" && toModule != fromModule && toRest != "web":
		return "pages know their own module only; let it pass on what they show of another"
	case fromRest == "web" && toModule != "" && toModule != fromModule && toRest == "web":
		return "pages compose others by <turbo-frame src=… loading=\"lazy\">"
	case fromModule != "" && toModule != "" && fromModule != toModule && !isTest && place(fromModule) <= place(toModule):
		return "modules have one order (" + strings.Join(order, " < ") + "); the other way round is an event or an interface"
	case fromModule != "" && toRest == "web" && fromRest != "web" && !isTest:
		return "a module does not know its pages"
	}
	return ""
}

func moduleOf(path string) (module, rest string) {
	inside, ok := strings.CutPrefix(path, "modules/")
	if !ok {
		return "", ""
	}
	module, rest, _ = strings.Cut(inside, "/")
	return module, rest
}

func place(module string) int { return slices.Index(order, module) }

func TestWrongWaysAreSeen(t *testing.T) {
	for _, c := range [][2]string{
		{"internal/fault", "tenants"}, {"tenants", "internal/web"}, {"internal/web", "modules/diary"}, {"jobs", "modules/photos"},
		{"modules/children", "modules/diary"}, {"modules/diary/web", "modules/photos/web"}, {"modules/diary", "jobs"}, {"modules/diary", "modules/diary/web"},
	} {
		require.NotEmpty(t, wrongWay(c[0], c[1]), "%s → %s", c[0], c[1])
	}
	for _, c := range [][2]string{{"modules/photos", "modules/diary"}, {"modules/diary/web", "modules/diary"}, {"cmd/ouderportaal", "modules/diary/web"}, {"internal/web", "tenants"}} {
		require.Empty(t, wrongWay(c[0], c[1]), "%s → %s", c[0], c[1])
	}
}
