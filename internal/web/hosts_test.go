package web

import (
	"strings"
	"testing"
	"time"
)

// TestHostilesOnASocket sends hosts as no browser would. Whatever the library makes of them, no organisation answers that
// the Host header does not name to the letter.
func TestHostilesOnASocket(t *testing.T) {
	b := newBench(t)
	get := func(target string, lines ...string) string {
		return "GET " + target + " HTTP/1.1\r\n" + strings.Join(lines, "\r\n") + "\r\n\r\n"
	}
	hostile := map[string]string{}
	for _, host := range []string{
		"", " ", ".", "ouderportaal.test", ".ouderportaal.test", bathmen + ".", bathmen + ":80", bathmen + ":8080", bathmen + ":", bathmen + ":x",
		"Bathmen.ouderportaal.test", "BATHMEN.OUDERPORTAAL.TEST", "bathmen.Ouderportaal.test", "anna@" + bathmen, "anna:pw@" + bathmen,
		vuurtoren + "@" + bathmen, bathmen + "@evil.test", "@" + bathmen, bathmen + ".evil.test", "x." + bathmen, "bathmen..ouderportaal.test",
		"-bathmen.ouderportaal.test", "bathmen-.ouderportaal.test", "bath_men.ouderportaal.test", "b%61thmen.ouderportaal.test",
		"bathmen%2eouderportaal.test", "bathmen,vuurtoren.ouderportaal.test", bathmen + "," + vuurtoren, bathmen + ", " + vuurtoren, bathmen + " " + vuurtoren,
		"b\u00e4thmen.ouderportaal.test", "xn--bthmen-bua.ouderportaal.test", "b\u0430thmen.ouderportaal.test", "bathmen\uff0eouderportaal.test",
		"127.0.0.1", "[::1]", "localhost", b.Addr, "*.ouderportaal.test", "www.ouderportaal.test", "beheer.ouderportaal.test", "api.ouderportaal.test",
		"static.ouderportaal.test", "mail.ouderportaal.test", "bathmen/.ouderportaal.test", "bathmen\\.ouderportaal.test", bathmen + "/", bathmen + "?", bathmen + "#",
		"http://" + bathmen, "//" + bathmen, "bathmen\t.ouderportaal.test", "bathmen\x00.ouderportaal.test", "bathmen\x7f.ouderportaal.test",
	} {
		hostile["Host: "+host] = get("/", "Host: "+host)
	}
	for name, request := range map[string]string{
		"no Host":                      get("/", "X: y"),
		"no Host in HTTP/1.0":          strings.Replace(get("/", "X: y"), "1.1", "1.0", 1),
		"two hosts":                    get("/", "Host: "+bathmen, "Host: "+vuurtoren),
		"two hosts, the same":          get("/", "Host: "+bathmen, "Host: "+bathmen),
		"absolute form, other host":    get("http://"+vuurtoren+"/", "Host: "+bathmen),
		"absolute form, own host":      get("http://"+bathmen+"/", "Host: "+bathmen),
		"absolute form, no Host":       get("http://"+bathmen+"/", "X: y"),
		"absolute form, user":          get("http://x@"+bathmen+"/", "Host: "+bathmen),
		"absolute form, https":         get("https://"+vuurtoren+"/", "Host: "+bathmen),
		"absolute form, odd scheme":    get("x://"+vuurtoren+"/", "Host: "+bathmen),
		"authority form":               get(vuurtoren+":80", "Host: "+bathmen),
		"asterisk":                     get("*", "Host: "+bathmen),
		"no slash":                     get("dagboek", "Host: "+bathmen),
		"network path with a scheme":   get("//"+vuurtoren+"/://", "Host: "+bathmen),
		"space before the colon":       get("/", "Host : "+vuurtoren, "Host: "+bathmen),
		"second Host with a bare CR":   get("/", "Host: "+bathmen+"\rHost: "+vuurtoren),
		"second Host with a bare LF":   get("/", "Host: "+bathmen+"\nHost: "+vuurtoren),
		"Host behind a NUL":            get("/", "Host: "+bathmen+"\x00"+vuurtoren),
		"empty Host, then a real one":  get("/", "Host:", "Host: "+bathmen),
		"long label":                   get("/", "Host: "+strings.Repeat("a", 64)+".ouderportaal.test"),
		"long name":                    get("/", "Host: "+strings.Repeat("a.", 4000)+"ouderportaal.test"),
		"absolute form with a newline": get("http://"+bathmen+"%0d%0aHost:"+vuurtoren+"/", "Host: "+bathmen),
	} {
		hostile[name] = request
	}
	if len(hostile) < 40 {
		t.Fatalf("only %d", len(hostile))
	}
	for name, request := range hostile {
		before := b.executed.Load()
		asked := b.directory.asked.Load()
		for _, a := range b.Raw(60*time.Millisecond, request) {
			if a.Status != 421 && a.Status != 400 && a.Status != 431 && a.Status != 404 {
				t.Errorf("%.80q: status %d", name, a.Status)
			}
		}
		if b.executed.Load() != before {
			t.Errorf("%.80q: a handler ran", name)
		}
		if b.directory.asked.Load() != asked {
			t.Errorf("%.80q: the directory was asked", name)
		}
	}
	t.Logf("%d hostile requests", len(hostile))
	// What a proxy may add changes nothing, and the right host gets its own page.
	for _, extra := range []string{"X-Forwarded-Host: " + vuurtoren, "X-Host: " + vuurtoren, "Forwarded: host=" + vuurtoren, "X-Original-URL: http://" + vuurtoren + "/",
		"X-Forwarded-Server: " + vuurtoren, "X-HTTP-Host-Override: " + vuurtoren, "X-Rewrite-URL: /dagboek", "X-Forwarded-Proto: https", "X-Folded:\r\n Host: " + vuurtoren} {
		answers := b.Raw(60*time.Millisecond, get("/", "Host: "+bathmen, extra))
		if len(answers) != 1 || answers[0].Status != 200 || !strings.Contains(answers[0].Body, "bathmen") || strings.Contains(answers[0].Body, "vuurtoren") {
			t.Errorf("%s: %+v", extra, answers)
		}
	}
	// Two organisations on one connection do not mix.
	answers := b.Raw(300*time.Millisecond, strings.Repeat(get("/", "Host: "+bathmen)+get("/", "Host: "+vuurtoren), 20))
	if len(answers) != 40 {
		t.Fatalf("%d answers", len(answers))
	}
	for i, a := range answers {
		if want := []string{"bathmen", "vuurtoren"}[i%2]; a.Status != 200 || !strings.Contains(a.Body, want) {
			t.Errorf("answer %d: %d %q", i, a.Status, a.Body)
		}
	}
}
