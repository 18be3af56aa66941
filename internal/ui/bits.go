package ui

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
)

// sprite is the address that the name of an icon comes after.
var sprite = sync.OnceValue(func() string { return Asset("icons.svg") + "#" })

func iconAddress(name string) string { return sprite() + name }

func badgeText(count int) string {
	if count > 99 {
		return "99+"
	}
	return strconv.Itoa(count)
}

func names(people []Person) string {
	all := make([]string, len(people))
	for i, p := range people {
		all[i] = p.Name
	}
	return strings.Join(all, ", ")
}

//go:embed icons.txt
var iconList string

var icons = sync.OnceValue(func() map[string]bool {
	known := map[string]bool{}
	for _, name := range strings.Fields(iconList) {
		known[name] = true
	}
	return known
})

// HasIcon tells whether Icon can draw name: for names that come from data.
func HasIcon(name string) bool { return icons()[name] }

// GroupSymbols are the icons that a group can choose from as its mark.
var GroupSymbols = []string{"sprout", "bird", "bug", "cat", "fish", "flower-2", "leaf", "rabbit", "snail", "squirrel", "star", "sun", "turtle", "tree-deciduous", "apple", "bus", "music", "puzzle"}
