package imports

import "slices"

// Template is an example of a kind of file in a language: the headers and one row.
func Template(k Kind, language string) [][]string {
	in := nl
	if language == "en" {
		in = en
	}
	var head, example []string
	for _, c := range columnsOf(k) {
		if c.field == fromTime || c.field == toTime || slices.Contains(dayFields[:], c.field) {
			continue // another way of saying the days
		}
		head, example = append(head, c.names[in]), append(example, c.example[in])
	}
	for i := range head {
		head[i] = upperFirst(head[i])
	}
	return [][]string{head, example}
}
