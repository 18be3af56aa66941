package mail

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"
)

func photos() Content {
	return Content{
		Language: "nl", Organisation: "Kinderopvang Bathmen",
		Preheader: "Sanne deelde vandaag foto’s van groep Kikkers.",
		Title:     "Er staan 9 nieuwe foto’s van Mila klaar",
		Paragraphs: []string{"Sanne schreef bij groep Kikkers: “Herfsttafel en verfhandjes”. Om de foto’s te bekijken log je in.",
			"We sturen geen foto’s per e-mail, zo blijven ze veilig."},
		ButtonText: "Foto’s bekijken", ButtonURL: "https://bathmen.example/dagboek/1?van=mail&taal=nl",
		Footnote: "Liever geen e-mail bij nieuwe foto’s?", FootnoteLinkText: "Kies waarover je e-mail krijgt", FootnoteLinkURL: "https://bathmen.example/overig/notificaties",
		Address: "Dorpsstraat 1, Bathmen", Foot: "Bel ons op werkdagen.", Reason: "Je krijgt deze mail omdat je een account hebt.",
	}
}

func TestContentSaysTheSameInBothParts(t *testing.T) {
	c := photos()
	page, text, err := c.Render(t.Context())
	require.NoError(t, err)
	if path := os.Getenv("MAIL_SAMPLE"); path != "" {
		require.NoError(t, os.WriteFile(path, []byte(page), 0o600))
	}
	shown := visibleText(t, page)
	for _, words := range append([]string{c.Title, c.ButtonText, c.Footnote, c.FootnoteLinkText, c.Organisation, c.Address, c.Foot, c.Reason}, c.Paragraphs...) {
		require.Contains(t, shown, words)
		require.Contains(t, text, words)
	}
	for _, link := range []string{c.ButtonURL, c.FootnoteLinkURL} {
		require.Contains(t, page, `href="`+strings.ReplaceAll(link, "&", "&amp;")+`"`)
		require.Contains(t, text, "\n"+link+"\n")
	}
	require.NotContains(t, text, "<")
	require.NotContains(t, page, "zTemplUnsafe", "templ took a style for unsafe")
	for _, outside := range []string{"<img", "<link", "<script", "url(", "@import", "@font-face"} {
		require.NotContains(t, page, outside)
	}
}

func TestContentCannotBecomeMarkup(t *testing.T) {
	c := photos()
	c.Title, c.Organisation = `<script>alert(1)</script>`, `"><img src=x>`
	c.Paragraphs = []string{`<b onclick=x>hoi</b>`}
	c.ButtonURL = "javascript:alert(1)"
	c.Colors.Head, c.Colors.DarkPage = `red;background:url(//evil)`, `#000}</style><script>`
	page, _, err := c.Render(t.Context())
	require.NoError(t, err)
	for _, bad := range []string{"<script", "<img", "<b onclick", "javascript:", "evil"} {
		require.NotContains(t, page, bad)
	}
	require.Contains(t, page, DefaultColors.Head)
}

func visibleText(t *testing.T, page string) string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	require.NoError(t, err)
	var out strings.Builder
	for node := range doc.Descendants() {
		if node.Type == html.TextNode {
			out.WriteString(node.Data + " ")
		}
	}
	return out.String()
}
