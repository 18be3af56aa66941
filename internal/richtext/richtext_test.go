package richtext

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// ours allows one picture.
func ours(src string) (Picture, bool) {
	return Picture{"/nieuws/bestanden/1/1280.webp", 1280, 853}, src == "/nieuws/bestanden/1/1280.webp"
}

func TestWhatIsPastedComesOutClean(t *testing.T) {
	const img = `<img src="/nieuws/bestanden/1/1280.webp" alt="" width="1280" height="853" loading="lazy"/>`
	for name, c := range map[string]struct{ in, out string }{
		"plain text":                {"Dag allemaal,\r\n\r\nTot morgen.\nDe juffen", "<p>Dag allemaal,</p><p>Tot morgen.<br/>De juffen</p>"},
		"signs in plain text":       {"3 < 4 & 5 > 4", "<p>3 &lt; 4 &amp; 5 &gt; 4</p>"},
		"an editor's lines":         {"<div>Een<br><br>Twee<br>drie</div>", "<p>Een</p><p>Twee<br/>drie</p>"},
		"headings":                  {"<h1>Kop</h1><h4>Kopje</h4>", "<h2>Kop</h2><h3>Kopje</h3>"},
		"marks":                     {"<b>vet</b> <i>schuin</i> <s>weg</s> <u>onder</u>", "<p><strong>vet</strong> <em>schuin</em> <del>weg</del> onder</p>"},
		"a list in a list":          {"<ul><li>een<ul><li>twee</li></ul></li></ul>", "<ul><li>een<ul><li>twee</li></ul></li></ul>"},
		"a quote":                   {"<blockquote>wijs</blockquote>", "<blockquote><p>wijs</p></blockquote>"},
		"Word":                      {`<!--[if gte mso 9]><xml><w:View>Normal</w:View></xml><![endif]--><style>p.MsoNormal{margin:0}</style><p class="MsoNormal" style="mso-fareast-language:NL"><o:p>Beste&nbsp;ouders</o:p></p><p class=MsoListParagraph style='text-indent:-18pt'>· melk</p>`, "<p>Beste ouders</p><p>· melk</p>"},
		"a script":                  {"<p>a<script>alert(1)</script>b</p>", "<p>ab</p>"},
		"a handler":                 {`<p onclick="alert(1)">a</p><img src=x onerror=alert(1)>`, "<p>a</p>"},
		"a gadget of Stimulus":      {`<div data-controller="seen" data-seen-url-value="/uitloggen" data-action="click->toast#close" class="modal" id="inhoud">a</div>`, "<p>a</p>"},
		"a gadget of Turbo":         {`<turbo-frame src="/beheer" loading="eager">a</turbo-frame><turbo-stream action="append" target="inhoud"><template>b</template></turbo-stream><a href="/x" data-turbo-method="delete" data-turbo-stream>c</a>`, `<p>a<a href="/x">c</a></p>`},
		"a link that runs":          {`<a href="javascript:alert(1)">a</a><a href="java&#9;script:alert(1)">b</a><a href="data:text/html,x">c</a><a href="vbscript:x">d</a>`, "<p>abcd</p>"},
		"another host in disguise":  {`<a href="//elders.nl">a</a><a href="/\elders.nl">b</a>`, "<p>ab</p>"},
		"links":                     {`<a href="https://ggd.nl/x?a=1" target="_blank">GGD</a> <a href="mailto:a@b.nl">mail</a> <a href="tel:0570">bel</a>`, `<p><a href="https://ggd.nl/x?a=1" rel="noopener noreferrer">GGD</a> <a href="mailto:a@b.nl" rel="noopener noreferrer">mail</a> <a href="tel:0570" rel="noopener noreferrer">bel</a></p>`},
		"a space in a link":         {`Klik <a href="https://x.nl">hier </a>klikken`, `<p>Klik <a href="https://x.nl" rel="noopener noreferrer">hier </a>klikken</p>`},
		"a block after a dead link": {`<ul><li>foo<a href="#x">bar</a><div>baz</div></li></ul>`, "<ul><li>foobar<br/>baz</li></ul>"},
		"a block in a cell":         {`<table><tr><td>foo <a href="#x">bar</a> <div> baz</div></td></tr></table>`, "<table><tbody><tr><td>foo bar<br/>baz</td></tr></tbody></table>"},
		"a table in a table":        {`<table><tr><td>a<table><tr><td>b</td></tr></table></td></tr></table>`, "<table><tbody><tr><td>a<br/>b</td></tr></tbody></table>"},
		"a style":                   {`<p style="position:fixed;inset:0">a</p><link rel=stylesheet href=//x><style>@import "//x"</style>`, "<p>a</p>"},
		"a form":                    {`<form action="/uitloggen" method="post"><input name="a"><button>weg</button></form>`, ""},
		"other documents":           {`<iframe src="//x"></iframe><object data="//x">o</object><svg><script>alert(1)</script></svg><math><mtext>m</mtext></math><base href="//x"><meta http-equiv=refresh content="0">`, ""},
		"a picture of elsewhere":    {`a<img src="https://elders.nl/pixel.gif">b<img src="data:image/png;base64,AAAA">`, "<p>ab</p>"},
		"a picture of ours":         {`voor<img src="/nieuws/bestanden/1/1280.webp" onload="x" style="x">na`, "<p>voor</p><figure>" + img + "</figure><p>na</p>"},
		"an editor's picture":       {`<div>a<figure data-trix-attachment="{}" class="attachment"><a href="/x"><img src="/nieuws/bestanden/1/1280.webp"></a><figcaption class="attachment__caption">De <b>tuin</b></figcaption></figure>b</div>`, `<p>a</p><figure><img src="/nieuws/bestanden/1/1280.webp" alt="De tuin" width="1280" height="853" loading="lazy"/><figcaption>De tuin</figcaption></figure><p>b</p>`},
		"a table":                   {`<table border=1><thead><tr><th>Dag</th></tr></thead><tr><td style="x"><p>ma</p><p>di</p></td><td></td></tr></table>`, "<table><tbody><tr><th>Dag</th></tr><tr><td>ma<br/>di</td><td></td></tr></tbody></table>"},
		"what is not seen":          {"<p>a\u202eb\u200bc</p>", "<p>abc</p>"},
		"nothing":                   {"<p> </p><div><br></div><p>&nbsp;</p>", ""},
		"what is not closed":        {`<p>a<img src="`, "<p>a</p>"},
		"a comment that ends early": {`<!--><img src=x onerror=alert(1)>-->a`, "<p>--&gt;a</p>"},
	} {
		t.Run(name, func(t *testing.T) {
			clean := Clean(c.in, ours)
			require.Equal(t, c.out, clean)
			require.Equal(t, clean, Clean(clean, ours), "cleaned twice")
		})
	}
}

func TestALongTableAndADeepNestAreTaken(t *testing.T) {
	table := Clean("<table>"+strings.Repeat("<tr><td>a<td>b", 300)+"</table>", NoPictures)
	require.Equal(t, 300, strings.Count(table, "<tr>"))
	require.Equal(t, table, Clean(table, NoPictures))
	deep := Clean(strings.Repeat("<div><b><ul><li>", 5000)+"diep", NoPictures)
	require.Contains(t, deep, "diep")
}

// What is pasted may be of any shape, and is cleaned while somebody waits: ten times as much takes some ten times as long.
func TestTheTimeThatCleaningTakesGrowsWithTheText(t *testing.T) {
	for name, c := range map[string]struct{ before, again string }{
		"blocks in a point":       {"<ul><li>", "<p>a"},
		"empty blocks in a point": {"<ul><li>", "<p> "},
		"blocks in a cell":        {"<table><tr><td>", "<p>a"},
		"texts side by side":      {"<p>", `a<a href="#x">b</a>`},
		"tables in tables":        {"", "<table><tr><td>a"},
		"lists in lists":          {"", "<ul><li>a"},
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			Clean(c.before+strings.Repeat(c.again, 400_000/len(c.again)), NoPictures)
			require.Less(t, time.Since(began), 10*time.Second)
		})
	}
}

func FuzzClean(f *testing.F) {
	f.Add("<b>a<p>b</b>c<table><td><ul><li>x")
	f.Add("a<br> <br>b <i> </i><blockquote><img src=/nieuws/bestanden/1/1280.webp>")
	bad := regexp.MustCompile(`<[^>]*\s(data-|class|id|style|on\w+)\s*=|<(script|style|iframe|turbo|form|input|svg)`)
	f.Fuzz(func(t *testing.T, in string) {
		once := Clean(in, ours)
		require.NotRegexp(t, bad, once)
		require.Equal(t, once, Clean(once, ours))
	})
}

func TestTheOtherShapesOfAText(t *testing.T) {
	clean := Clean(`<h1>Kerst</h1><div>Kom <a href="/agenda">kijken</a><br>of <a href="https://ggd.nl/">lees</a></div><ul><li>melk<li>koek</ul><figure><img src="/nieuws/bestanden/1/1280.webp"><figcaption>De tuin</figcaption></figure>`, ours)
	require.Equal(t, "Kerst\n\nKom kijken (https://x.nl/agenda)\nof lees (https://ggd.nl/)\n\n- melk\n- koek\n\nDe tuin", Text(clean, "https://x.nl"))
	require.Equal(t, "Kom kijken of lees melk koek", Excerpt(clean, 60))
	require.Equal(t, "Kom kijken…", Excerpt(clean, 13))
	mail := Mail(clean, "https://x.nl", "https://x.nl/nieuws/1", "Foto", map[string]string{"p": "margin:0"}, map[string]string{"a": "link"})
	require.Contains(t, mail, `<p style="margin:0">Kom <a href="https://x.nl/agenda" class="link">kijken</a>`)
	require.Contains(t, mail, `<a href="https://x.nl/nieuws/1" class="link">Foto: De tuin</a>`)
	require.NotContains(t, mail, "<img")
	editor := Editor(clean)
	require.Contains(t, editor, `data-trix-attributes="{&#34;caption&#34;:&#34;De tuin&#34;}"`)
	require.Equal(t, clean, Clean(Typed(clean), ours))
	require.Equal(t, "Dag\n\nTot\nmorgen", Typed(Clean("Dag\n\nTot\nmorgen", ours)))
	require.Equal(t, "<p>&lt;b&gt;</p>", Clean(Typed("<p>&lt;b&gt;</p>"), ours))
}
