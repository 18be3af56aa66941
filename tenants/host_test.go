package tenants

import (
	"regexp"
	"strings"
	"testing"
)

func hostsFor(t testing.TB, base, scheme string, port int) Hosts {
	t.Helper()
	h, err := NewHosts(base, scheme, port)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// hostile lists hosts that must never become an organisation. %s stands for the base domain.
var hostile = []string{
	"", ".", "..", " ", "ouderportaal.nl", ".ouderportaal.nl", "..ouderportaal.nl",
	"bathmen.ouderportaal.nl.", "bathmen.ouderportaal.nl..", "bathmen.ouderportaal.nl:443", "bathmen.ouderportaal.nl:80",
	"bathmen.ouderportaal.nl:8080", "bathmen.ouderportaal.nl:", "bathmen.ouderportaal.nl:0", "bathmen.ouderportaal.nl:x",
	"Bathmen.ouderportaal.nl", "BATHMEN.OUDERPORTAAL.NL", "bathmen.Ouderportaal.nl",
	"anna@bathmen.ouderportaal.nl", "anna:pw@bathmen.ouderportaal.nl", "bathmen.ouderportaal.nl@evil.nl", "@bathmen.ouderportaal.nl",
	"bathmen.ouderportaal.nl.evil.nl", "evil.nl", "bathmen.evil.nl", "bathmenouderportaal.nl", "bathmen.xouderportaal.nl",
	"a.bathmen.ouderportaal.nl", "www.bathmen.ouderportaal.nl", "bathmen..ouderportaal.nl",
	"-bathmen.ouderportaal.nl", "bathmen-.ouderportaal.nl", "bath_men.ouderportaal.nl", "bath men.ouderportaal.nl",
	"bathmen\t.ouderportaal.nl", "bathmen\x00.ouderportaal.nl", "bathmen\n.ouderportaal.nl", "bathmen/.ouderportaal.nl",
	"bathmen\\.ouderportaal.nl", "bathmen%2e.ouderportaal.nl", "%62athmen.ouderportaal.nl", "bathmen,vuurtoren.ouderportaal.nl",
	"bathmen.ouderportaal.nl, vuurtoren.ouderportaal.nl", "b\u00e4thmen.ouderportaal.nl", "xn--bthmen-bua.ouderportaal.nl",
	"b\u0430thmen.ouderportaal.nl", "bathmen.ouderportaal\u3002nl", "bathmen\uff0eouderportaal.nl", "bathmen\u200b.ouderportaal.nl",
	"127.0.0.1", "[::1]", "[::1].ouderportaal.nl", "127.0.0.1.ouderportaal.nl", "localhost", "*.ouderportaal.nl",
	"www.ouderportaal.nl", "api.ouderportaal.nl", "beheer.ouderportaal.nl", "static.ouderportaal.nl", "mail.ouderportaal.nl",
	"admin.ouderportaal.nl", "a.ouderportaal.nl", "ab.ouderportaal.nl", strings.Repeat("a", 64) + ".ouderportaal.nl",
	"http://bathmen.ouderportaal.nl", "//bathmen.ouderportaal.nl", "bathmen.ouderportaal.nl/", "bathmen.ouderportaal.nl?", "bathmen.ouderportaal.nl#",
}

func TestHostileHostsHaveNoSlug(t *testing.T) {
	h := hostsFor(t, "ouderportaal.nl", "https", 0)
	if len(hostile) < 40 {
		t.Fatalf("only %d hosts", len(hostile))
	}
	for _, host := range hostile {
		if slug, ok := h.Slug(host); ok {
			t.Errorf("%q becomes %q", host, slug)
		}
	}
}

func TestHostsWithASlug(t *testing.T) {
	plain := hostsFor(t, "ouderportaal.nl", "https", 443)
	local := hostsFor(t, "ouderportaal.localhost", "http", 8080)
	for _, c := range []struct {
		hosts      Hosts
		host, slug string
	}{
		{plain, "kinderopvangbathmen.ouderportaal.nl", "kinderopvangbathmen"},
		{plain, "de-vuurtoren.ouderportaal.nl", "de-vuurtoren"},
		{plain, "abc.ouderportaal.nl", "abc"},
		{plain, "4kids.ouderportaal.nl", "4kids"},
		{plain, strings.Repeat("a", 63) + ".ouderportaal.nl", strings.Repeat("a", 63)},
		{local, "klaproos.ouderportaal.localhost:8080", "klaproos"},
	} {
		slug, ok := c.hosts.Slug(c.host)
		if !ok || slug != c.slug || c.hosts.Host(slug) != c.host {
			t.Errorf("%q becomes %q, %v and goes back to %q", c.host, slug, ok, c.hosts.Host(slug))
		}
	}
	for _, host := range []string{"klaproos.ouderportaal.localhost", "klaproos.ouderportaal.localhost:80", "klaproos.ouderportaal.localhost:8081", "klaproos.ouderportaal.localhost:08080"} {
		if slug, ok := local.Slug(host); ok {
			t.Errorf("with a port in the configuration %q becomes %q", host, slug)
		}
	}
	if got := local.URL("klaproos"); got != "http://klaproos.ouderportaal.localhost:8080" {
		t.Error(got)
	}
	if !plain.IsOperator("beheer.ouderportaal.nl") || plain.IsOperator("Beheer.ouderportaal.nl") || plain.IsOperator("bathmen.ouderportaal.nl") {
		t.Error("the operator's host is not told apart")
	}
}

func TestNewHostsRefuses(t *testing.T) {
	for _, base := range []string{"", ".nl", "Ouderportaal.nl", "ouderportaal.nl.", "ouder portaal.nl", "http://ouderportaal.nl"} {
		if _, err := NewHosts(base, "https", 0); err == nil {
			t.Errorf("base %q accepted", base)
		}
	}
	if _, err := NewHosts("ouderportaal.nl", "ftp", 0); err == nil {
		t.Error("ftp accepted")
	}
	if _, err := NewHosts("ouderportaal.nl", "https", 70000); err == nil {
		t.Error("port 70000 accepted")
	}
	if slug, ok := (Hosts{}).Slug("bathmen"); ok {
		t.Errorf("the zero value finds %q", slug)
	}
}

func FuzzSlug(f *testing.F) {
	for _, host := range hostile {
		f.Add(host)
	}
	f.Add("bathmen.ouderportaal.nl")
	h := hostsFor(f, "ouderportaal.nl", "https", 0)
	shape := regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]\.ouderportaal\.nl$`)
	f.Fuzz(func(t *testing.T, host string) {
		slug, ok := h.Slug(host)
		name := strings.TrimSuffix(host, ".ouderportaal.nl")
		want := shape.MatchString(host) && ValidSlug(name)
		if ok != want {
			t.Fatalf("%q: found %v, the pattern says %v", host, ok, want)
		}
		if ok && (h.Host(slug) != host || !ValidSlug(slug)) {
			t.Fatalf("%q becomes %q", host, slug)
		}
	})
}
