package richtext

import (
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

// trim takes from a line the breaks and spaces at its ends, and single spaces after breaks; nothing is left of one that says nothing.
func trim(line []*html.Node) []*html.Node {
	line = joined(line)
	for len(line) > 0 && blankStart(line[0]) {
		line = line[1:]
	}
	for len(line) > 0 && blankEnd(line[len(line)-1]) {
		line = line[:len(line)-1]
	}
	for _, n := range line {
		if strings.TrimSpace(plain(n)) != "" {
			return line
		}
	}
	return nil
}

// joined puts texts that stand beside each other together, and leaves no two spaces where they meet or where a break is.
func joined(line []*html.Node) []*html.Node {
	var list []*html.Node
	for _, n := range line {
		if len(list) > 0 && n.Type == html.TextNode {
			last := list[len(list)-1]
			if last.Type == html.TextNode {
				last.Data = even(last.Data + n.Data)
				continue
			}
			if last.Data == "br" {
				n.Data = strings.TrimLeft(n.Data, " ")
			}
		}
		if n.Type == html.TextNode && n.Data == "" {
			continue
		}
		if len(list) > 0 && n.Data == "br" && n.Type == html.ElementNode && list[len(list)-1].Type == html.TextNode {
			last := list[len(list)-1]
			if last.Data = strings.TrimRight(last.Data, " "); last.Data == "" {
				list = list[:len(list)-1]
			}
		}
		list = append(list, n)
	}
	return list
}

func blankStart(n *html.Node) bool {
	if n.Type == html.TextNode {
		n.Data = strings.TrimLeft(n.Data, " ")
		return n.Data == ""
	}
	return n.Data == "br"
}

func blankEnd(n *html.Node) bool {
	if n.Type == html.TextNode {
		n.Data = strings.TrimRight(n.Data, " ")
		return n.Data == ""
	}
	return n.Data == "br"
}
