package richtext

import (
	"encoding/json"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// All functions here take what Clean gave.

func parsed(clean string) []*html.Node {
	nodes, err := html.ParseFragment(strings.NewReader(clean), &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body})
	if err != nil { // Clean gave it, so it is not nested too deep
		return nil
	}
	return nodes
}

// Text gives the words, block by block, for a mail without formatting. The addresses of links stand behind their words; those that
// lead to a page here begin with home.
func Text(clean, home string) string {
	var blocks []string
	for _, n := range parsed(clean) {
		if words := strings.TrimSpace(blockText(n, home)); words != "" {
			blocks = append(blocks, words)
		}
	}
	return strings.Join(blocks, "\n\n")
}

func blockText(n *html.Node, home string) string {
	var out strings.Builder
	writeText(&out, n, home)
	return out.String()
}

func writeText(out *strings.Builder, n *html.Node, home string) {
	if n.Type == html.TextNode {
		out.WriteString(n.Data)
		return
	}
	switch n.Data {
	case "br":
		out.WriteByte('\n')
	case "li":
		out.WriteString("\n- ")
	case "td", "th":
		if n.PrevSibling != nil {
			out.WriteString(" | ")
		}
	case "tr", "ul", "ol":
		out.WriteByte('\n')
	case "p", "h2", "h3":
		if n.PrevSibling != nil {
			out.WriteString("\n\n")
		}
	}
	for c := range n.ChildNodes() {
		writeText(out, c, home)
	}
	if href := attribute(n, "href"); n.Data == "a" && href != "" && href != plain(n) {
		out.WriteString(" (" + absolute(href, home) + ")")
	}
}

func absolute(href, home string) string {
	if strings.HasPrefix(href, "/") {
		return home + href
	}
	return href
}

// Excerpt gives the beginning of the words on one line, of most characters, cut between words. Headings and what stands under pictures are
// left out: they say nothing by themselves.
func Excerpt(clean string, most int) string {
	var words []string
	for _, n := range parsed(clean) {
		if n.Data != "figure" && n.Data != "h2" && n.Data != "h3" {
			var out strings.Builder
			writeWords(&out, n)
			words = append(words, out.String())
		}
		if len(words) > 20 {
			break
		}
	}
	runes := []rune(strings.Join(strings.Fields(strings.Join(words, " ")), " "))
	if len(runes) <= most {
		return string(runes)
	}
	begin := string(runes[:most-1])
	if space := strings.LastIndexByte(begin, ' '); space > len(begin)/2 {
		begin = begin[:space]
	}
	return begin + "…"
}

func writeWords(out *strings.Builder, n *html.Node) {
	if n.Type == html.TextNode {
		out.WriteString(n.Data)
		return
	}
	for c := range n.ChildNodes() {
		if c.Type == html.ElementNode && (isBlock(c.Data) || c.Data == "br" || c.Data == "td" || c.Data == "th") {
			out.WriteByte(' ')
		}
		writeWords(out, c)
	}
}

// Typed gives the text for a field without an editor: as it was typed when it has no more than paragraphs, and with its markup
// otherwise.
func Typed(clean string) string {
	var paragraphs []string
	for _, n := range parsed(clean) {
		if n.Data != "p" {
			return clean
		}
		for d := range n.Descendants() {
			if d.Type == html.ElementNode && d.Data != "br" {
				return clean
			}
		}
		paragraphs = append(paragraphs, plain(n))
	}
	words := strings.Join(paragraphs, "\n\n")
	if markup.MatchString(words) { // it would be taken for markup when it comes back
		return clean
	}
	return words
}

// attachment is how Trix knows a picture in a text.
type attachment struct {
	ContentType string `json:"contentType"`
	URL         string `json:"url"`
	Width       string `json:"width"`
	Height      string `json:"height"`
}

// Editor gives the text for Trix, which finds what stands under a picture nowhere but in attributes of its own.
func Editor(clean string) string {
	nodes := parsed(clean)
	for _, n := range nodes {
		img := find(n, "img")
		if n.Data != "figure" || img == nil {
			continue
		}
		about, _ := json.Marshal(attachment{"image/webp", attribute(img, "src"), attribute(img, "width"), attribute(img, "height")}) // of strings: it cannot fail
		n.Attr = []html.Attribute{{Key: "data-trix-attachment", Val: string(about)}}
		if caption := attribute(img, "alt"); caption != "" {
			said, _ := json.Marshal(map[string]string{"caption": caption})
			n.Attr = append(n.Attr, html.Attribute{Key: "data-trix-attributes", Val: string(said)})
		}
		for n.FirstChild != nil {
			n.RemoveChild(n.FirstChild)
		}
	}
	return render(nodes)
}

// Mail gives the text for a mail. Styles are written at each element, by its name; links to pages here begin with home. A mail fetches nothing, so that
// opening it tells nobody: in the place of a picture stands a link to page, in the words of picture.
func Mail(clean, home, page, picture string, styles, classes map[string]string) string {
	nodes := parsed(clean)
	for i, n := range nodes {
		if img := find(n, "img"); n.Data == "figure" && img != nil {
			words := picture
			if caption := attribute(img, "alt"); caption != "" {
				words += ": " + caption
			}
			a := element("a", text(words))
			a.Attr = []html.Attribute{{Key: "href", Val: page}}
			nodes[i] = element("p", a)
		}
	}
	for _, n := range nodes {
		dress(n, home, styles, classes)
		for d := range n.Descendants() {
			dress(d, home, styles, classes)
		}
	}
	return render(nodes)
}

func dress(n *html.Node, home string, styles, classes map[string]string) {
	if n.Type != html.ElementNode {
		return
	}
	var attributes []html.Attribute
	if href := attribute(n, "href"); href != "" {
		attributes = append(attributes, html.Attribute{Key: "href", Val: absolute(href, home)})
	}
	if style := styles[n.Data]; style != "" {
		attributes = append(attributes, html.Attribute{Key: "style", Val: style})
	}
	if class := classes[n.Data]; class != "" {
		attributes = append(attributes, html.Attribute{Key: "class", Val: class})
	}
	n.Attr = attributes
}
