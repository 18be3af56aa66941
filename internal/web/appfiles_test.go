package web

import (
	"slices"
	"testing"
)

func TestAPortalOnAHomeScreen(t *testing.T) {
	b := newBench(t)
	browser := b.Browser(bathmen)
	var m manifest
	browser.Get("/app.webmanifest").Is(200).HasHeader("Content-Type", "application/manifest+json").JSON(&m)
	if want := []string{"Organisatie bathmen", "/", "standalone"}; !slices.Equal(want, []string{m.Name, m.StartURL, m.Display}) {
		t.Errorf("%+v", m)
	}
	if len(m.Icons) != 4 {
		t.Errorf("%+v", m.Icons)
	}
	for _, path := range []string{m.Icons[0].Source, m.Icons[2].Source, "/app-icoon/180.png"} {
		first, again := browser.Get(path).Is(200).HasHeader("Content-Type", "image/png"), browser.Get(path).Is(200)
		if first.Body != again.Body || first.Body[1:4] != "PNG" {
			t.Errorf("%s is no picture, or another the second time", path)
		}
	}
	for _, wrong := range []string{"/app-icoon/193.png", "/app-icoon/0192.png", "/app-icoon/192.svg", "/app-icoon/-1.png", "/app-icoon/999999.png", "/app-icoon/x"} {
		browser.Get(wrong).Is(404)
	}
	b.Browser("elders.test").Get("/app.webmanifest").Is(421)
}
