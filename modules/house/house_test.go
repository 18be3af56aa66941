package house_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/house"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/tenants"
)

func setUp(t *testing.T) (*dbtest.Env, *house.Service, identitytest.Someone) {
	t.Helper()
	e := dbtest.New(t)
	return e, house.New(e.DB, e.Directory, []tenants.Feature{tenants.Messages, tenants.Album}), identitytest.NewPerson(t, e, e.A, identitytest.Role(actor.Admin), identitytest.Named("Ada", "Smit"))
}

func draft(colour string, version int) house.Draft {
	return house.Draft{Colour: colour, SignIn: map[string]string{"nl": " Welkom!\r\nFijn dat je er bent. "}, MailFoot: map[string]string{"en": "Call us."}, Version: version}
}

func actions(t *testing.T, e *dbtest.Env, in tenants.Tenant) (list []string) {
	t.Helper()
	require.NoError(t, e.DB.Read(tenants.With(context.Background(), in), func(ctx context.Context, tx tenants.Reader) error {
		entries, err := audit.List(ctx, tx, audit.Filter{Limit: 50})
		for _, entry := range entries {
			if strings.HasPrefix(entry.Action, "house.") {
				list = append(list, entry.Action)
			}
		}
		return err
	}))
	return list
}

func TestAStyleHasVersions(t *testing.T) {
	e, s, ada := setUp(t)
	list, err := s.Styles(ada.Ctx())
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Zero(t, list[0].Version)

	changed, err := s.Restyle(ada.Ctx(), draft("#c2185b", 0))
	require.NoError(t, err)
	require.True(t, changed)
	now, err := e.Directory.Find(ada.Ctx(), e.A.Slug)
	require.NoError(t, err)
	require.InDelta(t, 5.6, now.BrandHue, .1)
	require.Equal(t, tenants.Words{SignIn: map[string]string{"nl": "Welkom!\nFijn dat je er bent."}, MailFoot: map[string]string{"en": "Call us."}}, now.Words)

	t.Run("and the same again makes none", func(t *testing.T) {
		changed, err := s.Restyle(ada.Ctx(), draft("#c2185b", 2))
		require.NoError(t, err)
		require.False(t, changed)
	})
	t.Run("and one that somebody else has changed is not overwritten", func(t *testing.T) {
		for _, version := range []int{0, 1, 3} {
			_, err := s.Restyle(ada.Ctx(), draft("#123456", version))
			require.Equal(t, fault.Conflict, fault.CodeOf(err), version)
		}
	})
	t.Run("and each can be gone back to", func(t *testing.T) {
		require.NoError(t, s.Return(ada.Ctx(), 2, 1))
		back, err := e.Directory.Find(ada.Ctx(), e.A.Slug)
		require.NoError(t, err)
		require.Equal(t, e.A, back)
		require.Equal(t, fault.Missing, fault.CodeOf(s.Return(ada.Ctx(), 3, 99)))
		list, err := s.Styles(ada.Ctx())
		require.NoError(t, err)
		require.Len(t, list, 3)
		require.Equal(t, []string{"Ada Smit", "Ada Smit", ""}, []string{list[0].By, list[1].By, list[2].By})
	})
	require.Equal(t, []string{"house.return", "house.restyle"}, actions(t, e, e.A))
	require.Empty(t, actions(t, e, e.B))
	other, err := e.Directory.Find(ada.Ctx(), e.B.Slug)
	require.NoError(t, err)
	require.Equal(t, e.B, other)
}

func TestADraftThatIsNotRight(t *testing.T) {
	_, s, ada := setUp(t)
	d := draft("blauw", 0)
	d.MailFoot["nl"] = strings.Repeat("x", house.MaxWords+1)
	_, err := s.Restyle(ada.Ctx(), d)
	f, ok := fault.As(err)
	require.True(t, ok)
	require.Equal(t, fault.Invalid, f.Code)
	var fields []string
	for _, field := range f.Fields {
		fields = append(fields, field.Name)
	}
	require.ElementsMatch(t, []string{"colour", "mail_foot_nl"}, fields)
}

func picture(width, height int, noise bool) *image.NRGBA {
	p := image.NewNRGBA(image.Rect(0, 0, width, height))
	random := rand.New(rand.NewPCG(1, 2))
	for i := range p.Pix {
		p.Pix[i] = 0x80
		if noise {
			p.Pix[i] = uint8(random.IntN(256))
		}
	}
	return p
}

func encoded(t *testing.T, p image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, p))
	return b.Bytes()
}

func TestALogoIsDrawnAnew(t *testing.T) {
	e, s, ada := setUp(t)
	secret := append(encoded(t, picture(1200, 400, false)), []byte("<script>alert(1)</script>")...)
	require.NoError(t, s.SetLogo(ada.Ctx(), 0, secret))
	now, err := e.Directory.Find(ada.Ctx(), e.A.Slug)
	require.NoError(t, err)
	kept, err := s.Logo(ada.Ctx(), now.Logo)
	require.NoError(t, err)
	require.NotContains(t, string(kept), "script", "what follows the picture is not kept")
	drawn, err := png.Decode(bytes.NewReader(kept))
	require.NoError(t, err)
	require.Equal(t, image.Pt(512, 170), drawn.Bounds().Size())
	require.Equal(t, color.NRGBA{0x80, 0x80, 0x80, 0x80}, color.NRGBAModel.Convert(drawn.At(5, 5)), "see-through stays so")
	_, err = s.Logo(tenants.With(context.Background(), e.B), now.Logo)
	require.Equal(t, fault.Missing, fault.CodeOf(err), "of another organisation")

	var photo bytes.Buffer
	require.NoError(t, jpeg.Encode(&photo, picture(60, 40, false), nil))
	require.NoError(t, s.SetLogo(ada.Ctx(), 2, photo.Bytes()))
	require.NoError(t, s.SetLogo(ada.Ctx(), 3, encoded(t, picture(700, 700, true))))
	now, err = e.Directory.Find(ada.Ctx(), e.A.Slug)
	require.NoError(t, err)
	kept, err = s.Logo(ada.Ctx(), now.Logo)
	require.NoError(t, err)
	require.LessOrEqual(t, len(kept), 512<<10)
	require.NoError(t, s.RemoveLogo(ada.Ctx(), 4))
	now, err = e.Directory.Find(ada.Ctx(), e.A.Slug)
	require.NoError(t, err)
	require.Equal(t, ids.Nil, now.Logo)
	require.Equal(t, []string{"house.remove_logo", "house.set_logo", "house.set_logo", "house.set_logo"}, actions(t, e, e.A))

	t.Run("as long as it may be", func(t *testing.T) {
		strip := encoded(t, image.NewGray(image.Rect(0, 0, 512, 8192)))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		require.NoError(t, s.SetLogo(ada.Ctx(), 5, strip))
		runtime.ReadMemStats(&after)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(64<<20))
		require.NoError(t, s.RemoveLogo(ada.Ctx(), 6))
	})

	t.Run("and nothing else is one", func(t *testing.T) {
		bomb := encoded(t, image.NewGray(image.Rect(0, 0, 5000, 5000)))
		strip := encoded(t, image.NewGray(image.Rect(0, 0, 1, 8193)))
		for name, file := range map[string][]byte{"nothing": nil, "an SVG": []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), "text": []byte("logo"), "a GIF": []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"),
			"a torn PNG": secret[:60], "a bomb": bomb, "a strip": strip, "a large file": make([]byte, house.MaxLogoBytes+1)} {
			err := s.SetLogo(ada.Ctx(), 7, file)
			f, ok := fault.As(err)
			require.True(t, ok, name)
			require.Equal(t, "logo", f.Fields[0].Name, name)
		}
	})
}

func TestPassages(t *testing.T) {
	require.Equal(t, []house.Passage{
		{house.Paragraph, []string{"Dag", "allemaal"}}, {house.Heading, []string{"<b>Kop</b>"}}, {house.Paragraph, []string{"tekst"}}, {house.List, []string{"een", "twee"}},
		{house.Paragraph, []string{"#geen kop", "-geen lijst"}}, {house.List, []string{"drie"}},
	}, house.Passages("Dag\n allemaal\n# <b>Kop</b>\ntekst\n- een\n- twee\n#geen kop\n-geen lijst\n\n- drie\n\n"))
	require.Empty(t, house.Passages(""))
}

func TestAStatementHasVersions(t *testing.T) {
	e, s, ada := setUp(t)
	is := func(version int, body string) {
		t.Helper()
		now, err := s.Statement(tenants.With(context.Background(), e.A), house.Privacy, "nl")
		require.NoError(t, err)
		require.Equal(t, version, now.Version)
		require.Equal(t, body, now.Body)
	}
	is(0, "")
	d := house.StatementDraft{Kind: house.Privacy, Language: "nl", Body: " Wij zijn zuinig.\x00 "}
	require.NoError(t, s.State(ada.Ctx(), d))
	is(1, "Wij zijn zuinig.")
	require.Equal(t, fault.Conflict, fault.CodeOf(s.State(ada.Ctx(), d)), "of a version that is no more")
	d.Version = 1
	require.NoError(t, s.State(ada.Ctx(), d), "the same again")
	is(1, "Wij zijn zuinig.")
	d.Body = ""
	require.NoError(t, s.State(ada.Ctx(), d))
	is(2, "")
	d.Version = 2
	require.NoError(t, s.ReturnStatement(ada.Ctx(), d, 1))
	is(3, "Wij zijn zuinig.")
	require.Equal(t, fault.Missing, fault.CodeOf(s.ReturnStatement(ada.Ctx(), house.StatementDraft{Kind: house.Privacy, Language: "nl", Version: 3}, 9)))
	for _, other := range []struct {
		at       tenants.Tenant
		kind     house.Kind
		language string
	}{{e.B, house.Privacy, "nl"}, {e.A, house.Privacy, "en"}, {e.A, house.Disclosure, "nl"}} {
		text, err := s.Statement(tenants.With(context.Background(), other.at), other.kind, other.language)
		require.NoError(t, err)
		require.Zero(t, text.Version)
	}
	require.Equal(t, fault.Invalid, fault.CodeOf(s.State(ada.Ctx(), house.StatementDraft{Kind: house.Privacy, Language: "nl", Body: strings.Repeat("x", house.MaxStatement+1), Version: 3})))
	require.Equal(t, fault.Missing, fault.CodeOf(s.State(ada.Ctx(), house.StatementDraft{Kind: "cookies", Language: "nl"})))
	require.Equal(t, []string{"house.return_statement", "house.state", "house.state"}, actions(t, e, e.A))
}

func TestTheContactForWeakSpots(t *testing.T) {
	e, s, ada := setUp(t)
	for typed, uri := range map[string]string{"lek@a.example": "mailto:lek@a.example", " https://a.example/lek ": "https://a.example/lek", "": ""} {
		require.NoError(t, s.SetSecurityContact(ada.Ctx(), typed))
		now, err := e.Directory.Find(ada.Ctx(), e.A.Slug)
		require.NoError(t, err)
		require.Equal(t, uri, now.SecurityContact)
	}
	for _, wrong := range []string{"lek", "http://a.example", "https://", "https://a.example/\nExpires: 1990", "javascript:alert(1)", "lek@a.example\r\nContact: x"} {
		require.Equal(t, fault.Invalid, fault.CodeOf(s.SetSecurityContact(ada.Ctx(), wrong)), wrong)
	}
}
