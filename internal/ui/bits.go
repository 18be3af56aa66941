package ui

import (
	"strconv"
	"strings"
)

func iconAddress(name string) string { return Asset("icons.svg") + "#" + name }

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
