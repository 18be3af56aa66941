package richtext

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/html"
)

func itoa(n int) string { return strconv.Itoa(n) }

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func find(n *html.Node, name string) *html.Node {
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && d.Data == name {
			return d
		}
	}
	return nil
}

// plain is the text of a node, without marks.
func plain(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var out strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			out.WriteString(d.Data)
		} else if d.Data == "br" {
			out.WriteByte('\n')
		}
	}
	return out.String()
}

// even leaves one space where a browser shows one, and nothing of what is not seen or turns the reading round.
func even(s string) string {
	var out strings.Builder
	space := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			if !space {
				out.WriteByte(' ')
			}
			space = true
		case unicode.Is(unicode.Cf, r) && r != '\u200d' || unicode.Is(unicode.Co, r) || unicode.IsControl(r):
		default:
			out.WriteRune(r)
			space = false
		}
	}
	return out.String()
}

// says tells whether there are words in a line.
func says(line []*html.Node) bool {
	return slices.ContainsFunc(line, func(n *html.Node) bool { return strings.TrimSpace(plain(n)) != "" })
}

// trim gives a line without the breaks and spaces at its ends, and without spaces around breaks; nothing is left of one that says nothing.
func trim(line []*html.Node) []*html.Node {
	if !says(line) {
		return nil
	}
	line = joined(line)
	for len(line) > 0 && blank(line[0], strings.TrimLeft) {
		line = line[1:]
	}
	for len(line) > 0 && blank(line[len(line)-1], strings.TrimRight) {
		line = line[:len(line)-1]
	}
	return line
}

// joined puts texts that stand beside each other together, and leaves no two spaces where they meet or where a break is. Its texts are new
// ones: those of the line may be asked for again.
func joined(line []*html.Node) []*html.Node {
	var list []*html.Node
	for i := 0; i < len(line); {
		if line[i].Type != html.TextNode {
			list = append(list, line[i])
			i++
			continue
		}
		var run strings.Builder
		for ; i < len(line) && line[i].Type == html.TextNode; i++ {
			run.WriteString(line[i].Data)
		}
		words := even(run.String())
		if len(list) > 0 && isBreak(list[len(list)-1]) {
			words = strings.TrimLeft(words, " ")
		}
		if i < len(line) && isBreak(line[i]) {
			words = strings.TrimRight(words, " ")
		}
		if words != "" {
			list = append(list, text(words))
		}
	}
	return list
}

func isBreak(n *html.Node) bool { return n.Type == html.ElementNode && n.Data == "br" }

// blank trims a text that joined made, and tells whether nothing is left of it; a break is nothing.
func blank(n *html.Node, trim func(s, cutset string) string) bool {
	if n.Type == html.TextNode {
		n.Data = trim(n.Data, " ")
		return n.Data == ""
	}
	return isBreak(n)
}
