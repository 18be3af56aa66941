package main

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/google/uuid"

	"ouderportaal/internal/ui"
)

const (
	thumb   = "3igKFYJ4d4iHh3h3iHiHiHdgdgdo"
	caption = "Herfsttafel en verfhandjes · 23 november"
)

// sizes of the samples that are not 1600 by 1200.
var sizes = map[string][2]int{"bellen": {1600, 1066}, "boeken": {1200, 1500}, "fruit": {1400, 1400}, "handjes": {1200, 1600}, "zandbak": {1600, 1066}}

func photo(name, alt string) ui.Photo {
	size, known := sizes[name]
	if !known {
		size = [2]int{1600, 1200}
	}
	return ui.Photo{
		Path: "/foto/" + name, Widths: []int{320, 640, 1280}, Width: size[0], Height: size[1], Alt: alt, ThumbHash: thumb, Download: true,
	}
}

func series(n int) []ui.Photo {
	all := []ui.Photo{
		photo("herfst", "Herfstbladeren en kastanjes op tafel"), photo("handjes", "Vel met verfhandjes in zes kleuren"), photo("fruit", "Bord met appel, banaan en druiven"),
		photo("laarsjes", "Rij regenlaarzen onder de kapstok"), photo("bellen", "Bellen boven het gras"), photo("blokken", ""), photo("boeken", ""), photo("zandbak", ""), photo("herfst", ""),
	}
	return all[:n]
}

func today() ui.RibbonProps {
	return ui.RibbonProps{
		Label: "Dag van Mila: gebracht 8:12, fruit 9:45, buiten 10:15 tot 11:20, lunch 11:48, geslapen 12:30 tot 14:05, nu 14:20",
		Open:  450, Close: 1080, Arrive: 492, Now: 860,
		Spans: []ui.RibbonSpan{{Kind: "outside", From: 615, To: 680, Words: "buiten"}, {Kind: "sleep", From: 750, To: 845, Words: "1 u 35 geslapen"}},
		Marks: []ui.RibbonMark{{Kind: "arrive", At: 492, Words: "Gebracht"}, {Kind: "fruit", At: 585, Words: "Fruit"}, {Kind: "food", At: 708, Words: "Lunch, alles op"}},
	}
}

func rail() []ui.RailItem {
	return []ui.RailItem{
		{Href: "/groep", Icon: "users-round", Text: "Groep"}, {Href: "/dagboek", Icon: "notebook-pen", Text: "Dagboek"}, {Href: "/fotos", Icon: "camera", Text: "Foto’s"},
		{Href: "/berichten", Icon: "messages-square", Text: "Berichten", Count: 3, CountWords: "3 nieuwe"}, {Href: "/meer", Icon: "ellipsis", Text: "Meer"},
	}
}

func tile(name, age string, seed int, checked bool) ui.TileProps {
	return ui.TileProps{Name: "kind", Value: name, Title: name, Detail: age, Avatar: ui.Person{Name: name, Seed: seed}, Checked: checked}
}

// distinct are five photos with ids and placeholders that no compression can guess, as in life.
func distinct(post int) []ui.Photo {
	photos := series(5)
	for i := range photos {
		sum := sha256.Sum256([]byte{byte(post), byte(i)})
		id := uuid.UUID(sum[:16]).String()
		photos[i].Path, photos[i].ThumbHash = "/fotos/"+id, base64.StdEncoding.EncodeToString(sum[:24])
	}
	return photos
}

// story is a text of about 300 letters in which little repeats.
func story(post int) string {
	all := strings.Fields("we bladeren gezocht bos handjes gestempeld koos oranje blauw treinbaan brug blokken omviel opnieuw begonnen zingend binnen kwam buiten zandbak water modder laarzen regen boek voorlezen kussen slapen wakker fruit banaan appel druiven brood kaas melk thee fietsen glijbaan schommel verstoppen tikkertje dansen muziek trommel")
	var b strings.Builder
	for i := range 48 {
		sum := sha256.Sum256([]byte{byte(post), byte(i), 1})
		b.WriteString(all[int(sum[0])%len(all)])
		b.WriteByte(' ')
	}
	return b.String()
}
