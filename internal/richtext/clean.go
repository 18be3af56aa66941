// Package richtext keeps of formatted text that people write, or paste from anywhere, what may be shown: paragraphs, headings,
// lists, quotes, tables, links and pictures of our own. Nothing of it carries a class, an id, a style or a data- attribute, which
// our own scripts would take for theirs.
package richtext

import (
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Picture is a picture that may stand in a text. Width and Height keep its place while it is fetched.
type Picture struct {
	Src           string
	Width, Height int
}

// Pictures finds the picture that an address names; any other picture is left out.
type Pictures func(src string) (Picture, bool)

// NoPictures allows none.
func NoPictures(string) (Picture, bool) { return Picture{}, false }

// allowed takes out what may not be shown. What is left is built anew by the builder, which knows less still.
var allowed = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "div", "br", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "b", "em", "i", "del", "s", "strike", "ul", "ol", "li", "blockquote", "pre",
		"figure", "figcaption", "table", "thead", "tbody", "tfoot", "tr", "td", "th")
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("src", "alt").OnElements("img")
	p.AllowURLSchemes("http", "https", "mailto", "tel")
	p.AllowRelativeURLs(true)
	p.RequireParseableURLs(true)
	p.SkipElementsContent("button", "embed", "head", "iframe", "math", "noembed", "noframes", "noscript", "object", "option", "plaintext", "script", "select", "style",
		"svg", "template", "textarea", "title", "xml", "xmp")
	return p
})

var markup = regexp.MustCompile(`<[a-zA-Z/!]`)

// Clean gives the text as it may be shown. Cleaned again it stays the same. A text without any markup, as it is typed where there are no
// scripts, gets its paragraphs where lines are left empty.
func Clean(typed string, pictures Pictures) string {
	typed = strings.ToValidUTF8(strings.ReplaceAll(typed, "\x00", ""), "")
	if !markup.MatchString(typed) {
		typed = fromPlain(typed)
	}
	for range mostPasses {
		clean, ok := pass(typed, pictures)
		if ok && clean == typed {
			return clean
		}
		if typed = clean; !ok {
			break
		}
	}
	clean, _ := pass(fromPlain(bluemonday.StrictPolicy().Sanitize(typed)), pictures)
	return clean
}

// mostPasses is how often a text is gone over: what is broken in one way may, put right, turn out to be broken in another. What is
// still not at rest then, or is nested deeper than anybody writes, keeps its words alone.
const mostPasses = 6

func pass(typed string, pictures Pictures) (clean string, ok bool) {
	body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(allowed().Sanitize(typed)), body)
	if err != nil {
		return typed, false
	}
	b := builder{pictures: pictures}
	for _, n := range nodes {
		b.flow(n)
	}
	b.flush()
	return render(b.blocks), true
}

func render(nodes []*html.Node) string {
	var out strings.Builder
	for _, n := range nodes {
		_ = html.Render(&out, n) // into memory: it cannot fail
	}
	return out.String()
}

// fromPlain makes paragraphs of a text that was typed without markup.
func fromPlain(text string) string {
	var out strings.Builder
	for paragraph := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		out.WriteString("<p>" + strings.ReplaceAll(html.EscapeString(html.UnescapeString(strings.TrimSpace(paragraph))), "\n", "<br>") + "</p>")
	}
	return out.String()
}

// builder puts blocks together. What stands between blocks becomes a paragraph.
type builder struct {
	pictures  Pictures
	blocks    []*html.Node
	paragraph []*html.Node
}

func element(name string, inside ...*html.Node) *html.Node {
	n := &html.Node{Type: html.ElementNode, Data: name, DataAtom: atom.Lookup([]byte(name))}
	for _, child := range inside {
		n.AppendChild(child)
	}
	return n
}

func text(s string) *html.Node { return &html.Node{Type: html.TextNode, Data: s} }

// flush ends the paragraph that is being written.
func (b *builder) flush() {
	line := trim(b.paragraph)
	b.paragraph = nil
	if len(line) > 0 {
		b.blocks = append(b.blocks, element("p", line...))
	}
}

func (b *builder) block(name string, inside []*html.Node) {
	b.flush()
	if len(inside) > 0 {
		b.blocks = append(b.blocks, element(name, inside...))
	}
}

// flow takes a node that stands where blocks can stand.
func (b *builder) flow(n *html.Node) {
	if n.Type == html.TextNode {
		b.paragraph = append(b.paragraph, text(even(n.Data)))
		return
	}
	switch n.Data {
	case "h1", "h2":
		b.block("h2", trim(inline(n)))
	case "h3", "h4", "h5", "h6":
		b.block("h3", trim(inline(n)))
	case "ul", "ol":
		b.block(n.Data, items(n))
	case "pre":
		if words := strings.Trim(plain(n), "\n"); strings.TrimSpace(words) != "" {
			b.block("pre", []*html.Node{text(words)})
		}
	case "blockquote":
		inner := builder{pictures: b.pictures}
		inner.flowAll(n)
		b.block("blockquote", inner.blocks)
	case "table":
		b.block("table", rows(n))
	case "figure":
		b.figure(n)
	case "img":
		b.picture(n, "")
	case "br":
		if last := len(b.paragraph) - 1; last >= 0 && isBreak(b.paragraph[last]) { // an empty line, as editors write one
			b.flush()
			return
		}
		b.paragraph = append(b.paragraph, element("br"))
	case "p", "div", "li", "figcaption", "td", "th", "tr", "tbody", "thead", "tfoot":
		b.flush()
		b.flowAll(n)
	default:
		if find(n, "img") != nil { // a link around a picture, say
			for c := range n.ChildNodes() {
				b.flow(c)
			}
			return
		}
		b.paragraph = append(b.paragraph, inlineOf(n)...)
	}
}

func (b *builder) flowAll(n *html.Node) {
	for c := range n.ChildNodes() {
		b.flow(c)
	}
	b.flush()
}

// figure keeps a picture with what stands under it; without a picture the words are a paragraph.
func (b *builder) figure(n *html.Node) {
	words := ""
	if caption := find(n, "figcaption"); caption != nil {
		words = strings.TrimSpace(even(plain(caption)))
	}
	if img := find(n, "img"); img != nil && b.picture(img, words) {
		return
	}
	if words != "" {
		b.block("p", []*html.Node{text(words)})
	}
}

func (b *builder) picture(img *html.Node, caption string) bool {
	p, ok := b.pictures(attribute(img, "src"))
	if !ok {
		return false
	}
	if caption == "" {
		caption = strings.TrimSpace(even(attribute(img, "alt")))
	}
	shown := element("img")
	shown.Attr = []html.Attribute{{Key: "src", Val: p.Src}, {Key: "alt", Val: caption}, {Key: "width", Val: itoa(p.Width)}, {Key: "height", Val: itoa(p.Height)}, {Key: "loading", Val: "lazy"}}
	inside := []*html.Node{shown}
	if caption != "" {
		inside = append(inside, element("figcaption", text(caption)))
	}
	b.block("figure", inside)
	return true
}

// items are the points of a list, with the lists in them.
func items(list *html.Node) []*html.Node {
	var points []*html.Node
	for c := range list.ChildNodes() {
		if c.Type == html.TextNode && strings.TrimSpace(c.Data) == "" {
			continue
		}
		var p point
		p.take(c)
		if words := trim(p.words.nodes); len(words)+len(p.nested) > 0 {
			points = append(points, element("li", append(words, p.nested...)...))
		}
	}
	return points
}

// point is one of a list, as it is put together.
type point struct {
	words  line
	nested []*html.Node // lists
}

func (p *point) take(n *html.Node) {
	switch {
	case n.Type == html.ElementNode && (n.Data == "ul" || n.Data == "ol"):
		if inside := items(n); len(inside) > 0 {
			p.nested = append(p.nested, element(n.Data, inside...))
		}
	case n.Type == html.ElementNode && (isBlock(n.Data) || n.Data == "li"):
		p.words.end()
		for c := range n.ChildNodes() {
			p.take(c)
		}
	default:
		p.words.add(inlineOf(n)...)
	}
}

// rows are those of a table. A table in one of its cells is words of that cell. The parser has put every row in a part of its table.
func rows(table *html.Node) []*html.Node {
	var list []*html.Node
	for part := range table.ChildNodes() {
		for n := range part.ChildNodes() {
			row := element("tr")
			for cell := range n.ChildNodes() {
				if cell.Data == "td" || cell.Data == "th" {
					row.AppendChild(element(cell.Data, trim(inline(cell))...))
				}
			}
			if row.FirstChild != nil {
				list = append(list, row)
			}
		}
	}
	if len(list) == 0 {
		return nil
	}
	return []*html.Node{element("tbody", list...)}
}

// names of what stands in a line, and what it is called here.
var inLine = map[string]string{"strong": "strong", "b": "strong", "em": "em", "i": "em", "del": "del", "s": "del", "strike": "del"}

// inline is what stands in n, on a line.
func inline(n *html.Node) []*html.Node {
	var l line
	for c := range n.ChildNodes() {
		if c.Type == html.ElementNode && isBlock(c.Data) {
			l.end()
		}
		l.add(inlineOf(c)...)
	}
	return l.nodes
}

// line is what stands on a line, as it is put together. Whether it says something is known and not looked up: that would be done as often
// as there are blocks in it.
type line struct {
	nodes []*html.Node
	said  bool
}

func (l *line) add(nodes ...*html.Node) {
	l.nodes = append(l.nodes, nodes...)
	l.said = l.said || says(nodes)
}

// end breaks it off where a block begins, when there is something before that.
func (l *line) end() {
	if l.said {
		l.nodes = append(l.nodes, element("br"))
	}
}

func isBlock(name string) bool {
	switch name {
	case "p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "figure", "table", "tr":
		return true
	}
	return false
}

func inlineOf(n *html.Node) []*html.Node {
	if n.Type == html.TextNode {
		return []*html.Node{text(even(n.Data))}
	}
	if n.Type != html.ElementNode {
		return nil
	}
	if n.Data == "br" {
		return []*html.Node{element("br")}
	}
	inside := inline(n)
	if name, known := inLine[n.Data]; known && len(inside) > 0 {
		return []*html.Node{element(name, inside...)}
	}
	if href, ok := link(attribute(n, "href")); n.Data == "a" && ok && says(inside) {
		a := element("a", inside...)
		a.Attr = []html.Attribute{{Key: "href", Val: href}}
		if !strings.HasPrefix(href, "/") {
			a.Attr = append(a.Attr, html.Attribute{Key: "rel", Val: "noopener noreferrer"})
		}
		return []*html.Node{a}
	}
	return inside
}

// link gives an address that leads somewhere: on the web, to a mail program or telephone, or to a page here.
func link(typed string) (string, bool) {
	u, err := url.Parse(strings.TrimSpace(typed))
	if err != nil || typed == "" {
		return "", false
	}
	switch u.Scheme {
	case "http", "https":
		return u.String(), u.Host != ""
	case "mailto", "tel":
		return u.String(), u.Opaque != ""
	}
	return u.String(), u.Scheme == "" && u.Host == "" && strings.HasPrefix(u.Path, "/") && !strings.HasPrefix(u.Path, "//") && !strings.HasPrefix(u.Path, `/\`)
}
