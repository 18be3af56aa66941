package demo

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"time"

	"golang.org/x/image/vector"

	"ouderportaal/modules/house"
	"ouderportaal/tenants"
)

// styles are the own words of each organisation, by slug.
var styles = map[string]house.Draft{
	"kinderopvangbathmen": {
		SignIn:   map[string]string{"nl": "Fijn dat je er bent. Kijk snel hoe de dag van je kind was.", "en": "Good to see you. Have a look at how your child’s day was."},
		MailFoot: map[string]string{"nl": "Wij zijn bereikbaar op werkdagen van 7:30 tot 18:30 uur.", "en": "You can reach us on working days from 7:30 to 18:30."},
	},
	"devuurtoren": {
		SignIn:   map[string]string{"nl": "Welkom aan boord van De Vuurtoren.", "en": "Welcome aboard De Vuurtoren."},
		MailFoot: map[string]string{"nl": "Vragen? Loop gerust binnen of bel de groep.", "en": "Questions? Do drop in or call the group."},
	},
	"klaproos": {
		SignIn:   map[string]string{"nl": "Dag! Log in om de dag van je kind te bekijken."},
		MailFoot: map[string]string{"nl": "Kinderopvang Klaproos, klein en dichtbij."},
	},
}

// keepStyle gives the organisation its words, and De Vuurtoren its logo.
func keepStyle(ctx context.Context, tx tenants.Writer, b *book) error {
	var logo []byte
	if b.org.slug == "devuurtoren" {
		var err error
		if logo, err = lighthouse(); err != nil {
			return err
		}
	}
	return house.Recall(ctx, tx, styles[b.org.slug], logo, b.admin, b.now.Add(-90*24*time.Hour))
}

// lighthouse draws a logo as an organisation might send it: a see-through PNG.
func lighthouse() ([]byte, error) {
	const size = 400
	p := image.NewNRGBA(image.Rect(0, 0, size, size))
	blue, red, yellow := color.NRGBA{0x1b, 0x4f, 0x8a, 0xff}, color.NRGBA{0xd6, 0x3a, 0x3a, 0xff}, color.NRGBA{0xf6, 0xb9, 0x3b, 0xff}
	for _, form := range []struct {
		fill    color.NRGBA
		corners [][2]float32
	}{
		{yellow, [][2]float32{{190, 100}, {20, 50}, {20, 150}}}, {yellow, [][2]float32{{210, 100}, {380, 50}, {380, 150}}},
		{red, [][2]float32{{165, 130}, {235, 130}, {270, 350}, {130, 350}}}, {color.NRGBA{0xff, 0xff, 0xff, 0xff}, [][2]float32{{156, 190}, {244, 190}, {253, 250}, {147, 250}}},
		{blue, [][2]float32{{160, 75}, {240, 75}, {240, 130}, {160, 130}}}, {blue, [][2]float32{{200, 25}, {250, 78}, {150, 78}}},
		{blue, [][2]float32{{70, 345}, {330, 345}, {360, 385}, {40, 385}}},
	} {
		r := vector.NewRasterizer(size, size)
		for i, c := range form.corners {
			if i == 0 {
				r.MoveTo(c[0], c[1])
			} else {
				r.LineTo(c[0], c[1])
			}
		}
		r.ClosePath()
		r.Draw(p, p.Bounds(), image.NewUniform(form.fill), image.Point{})
	}
	var out bytes.Buffer
	err := png.Encode(&out, p)
	return out.Bytes(), err
}
