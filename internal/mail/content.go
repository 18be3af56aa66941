package mail

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"ouderportaal/internal/richtext"
)

// Content is what a message says, in the reader's language. From it come the HTML and the plain text, so that the two
// never differ. All texts are plain; HTML in them is shown as typed.
type Content struct {
	// Language is the code for the html element: nl, en.
	Language string
	// Organisation stands in the coloured head and above the address.
	Organisation string
	// Preheader is the line that mail programs show beside the subject; "" leaves it to the first words.
	Preheader  string
	Title      string
	Paragraphs []string
	// Rich is formatted text that internal/richtext cleaned; links in it to pages here begin with Home. PictureText stands where a picture is,
	// and leads to the page.
	Rich, Home, PictureText string
	// Entries are what one mail tells instead of many.
	Entries []Entry
	// Button leads to the page. Without ButtonURL there is none.
	ButtonText, ButtonURL string
	// Footnote stands under a line, followed by its link: "Liever geen e-mail?" "Kies waarover je e-mail krijgt".
	Footnote, FootnoteLinkText, FootnoteLinkURL string
	// Address is the organisation's, Foot what it says under every mail, Reason why this person gets the mail.
	Address, Foot, Reason string
	Colors                Colors
}

// Entry is one of several things that a mail tells: a heading that leads to its page, and a sentence.
type Entry struct{ Title, Text, URL string }

// Colors are hex values (#rrggbb), for light and for dark; mail programs know no other notation. The zero value and
// anything that is not a hex value become those of DefaultColors.
type Colors struct {
	Head, HeadText                       string // brand 900 and what is readable on it
	Button, ButtonText                   string // brand 700
	Page, Card, Ink, Muted, Faint, Line  string
	DarkPage, DarkCard, DarkInk          string
	DarkMuted, DarkFaint, DarkLine       string
	DarkButton, DarkButtonText, DarkLink string // brand 300, 950, 300
}

// DefaultColors are those of an organisation that chose none.
var DefaultColors = Colors{
	Head: "#00492f", HeadText: "#f4fbf7", Button: "#0c6344", ButtonText: "#ffffff",
	Page: "#eef4f1", Card: "#ffffff", Ink: "#14231d", Muted: "#4c5c54", Faint: "#5d6d65", Line: "#dfe8e3",
	DarkPage: "#0d1512", DarkCard: "#18211d", DarkInk: "#eef4f1", DarkMuted: "#b4c2bb", DarkFaint: "#93a39b", DarkLine: "#33403a",
	DarkButton: "#82d5ae", DarkButtonText: "#06231a", DarkLink: "#82d5ae",
}

var hexColor = form(`^#[0-9a-fA-F]{6}$`)

// sane replaces what is missing or could be more than a colour.
func (c Colors) sane() Colors {
	mine, standard := c.fields(), DefaultColors
	for i, fallback := range standard.fields() {
		if !hexColor().MatchString(*mine[i]) {
			*mine[i] = *fallback
		}
	}
	return c
}

func (c *Colors) fields() []*string {
	return []*string{
		&c.Head, &c.HeadText, &c.Button, &c.ButtonText, &c.Page, &c.Card, &c.Ink, &c.Muted, &c.Faint, &c.Line,
		&c.DarkPage, &c.DarkCard, &c.DarkInk, &c.DarkMuted, &c.DarkFaint, &c.DarkLine, &c.DarkButton, &c.DarkButtonText, &c.DarkLink,
	}
}

// Render gives the two parts of the message.
func (c Content) Render(ctx context.Context) (html, text string, err error) {
	sane := c
	sane.Colors = sane.Colors.sane()
	// A link that is not a web address is left out of the HTML part instead of being rewritten by it.
	var page bytes.Buffer
	if err := layout(sane).Render(ctx, &page); err != nil {
		return "", "", fmt.Errorf("mail: render layout: %w", err)
	}
	return page.String(), c.text(), nil
}

// text is the plain part: the same words, addresses written out.
func (c Content) text() string {
	blocks := []string{c.Title}
	blocks = append(blocks, c.Paragraphs...)
	if c.Rich != "" {
		blocks = append(blocks, richtext.Text(c.Rich, c.Home))
	}
	for _, e := range c.Entries {
		blocks = append(blocks, strings.TrimSpace(e.Title+"\n"+e.Text)+"\n"+e.URL)
	}
	if c.ButtonURL != "" {
		blocks = append(blocks, c.ButtonText+":\n"+c.ButtonURL)
	}
	if c.Footnote != "" || c.FootnoteLinkURL != "" {
		note := c.Footnote
		if c.FootnoteLinkURL != "" {
			note = strings.TrimSpace(note + " " + c.FootnoteLinkText + ":\n" + c.FootnoteLinkURL)
		}
		blocks = append(blocks, note)
	}
	var sign []string
	for _, line := range []string{c.Organisation, c.Address, c.Foot, c.Reason} {
		if line != "" {
			sign = append(sign, line)
		}
	}
	// "-- " is how mail programs know a signature.
	return strings.Join(blocks, "\n\n") + "\n\n-- \n" + strings.Join(sign, "\n") + "\n"
}

// rich is the formatted text with the styles of a mail at each element.
func (c Content) rich() string {
	block := "margin:0 0 16px;font-size:16px;line-height:1.55;color:" + c.Colors.Muted
	head := "margin:20px 0 8px;line-height:1.25;font-weight:800;color:" + c.Colors.Ink
	cell := "padding:6px 10px 6px 0;text-align:left;vertical-align:top;border-bottom:1px solid " + c.Colors.Line
	return richtext.Mail(c.Rich, c.Home, c.ButtonURL, c.PictureText, map[string]string{
		"p": block, "ul": block + ";padding-left:22px", "ol": block + ";padding-left:22px", "pre": block + ";white-space:pre-wrap", "h2": head + ";font-size:20px", "h3": head + ";font-size:17px",
		"blockquote": "margin:0 0 16px;padding-left:14px;border-left:3px solid " + c.Colors.Line, "table": block + ";border-collapse:collapse", "td": cell, "th": cell + ";font-weight:700",
		"a": "font-weight:700;color:" + c.Colors.Button,
	}, map[string]string{"p": "muted", "ul": "muted", "ol": "muted", "pre": "muted", "h2": "ink", "h3": "ink", "blockquote": "rule", "table": "muted", "td": "rule", "th": "rule", "a": "link"})
}

// darkRules are the only style that cannot be written at its element. Every value in it is a checked hex colour.
func darkRules(c Colors) string {
	return "<style>:root{color-scheme:light dark;supported-color-schemes:light dark}" +
		"@media (prefers-color-scheme:dark){" +
		".page{background:" + c.DarkPage + "!important}.card{background:" + c.DarkCard + "!important}" +
		".ink{color:" + c.DarkInk + "!important}.muted{color:" + c.DarkMuted + "!important}" +
		".rule{border-color:" + c.DarkLine + "!important}.faint{color:" + c.DarkFaint + "!important}" +
		".link{color:" + c.DarkLink + "!important}" +
		".button{background:" + c.DarkButton + "!important}.button a{background:" + c.DarkButton + "!important;color:" + c.DarkButtonText + "!important}}" +
		"@media (max-width:480px){.pad{padding:22px 20px!important}.head{padding:18px 20px!important}.title{font-size:24px!important}}</style>"
}
