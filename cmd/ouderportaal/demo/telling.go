package demo

import (
	"slices"
	"time"

	"ouderportaal/internal/ids"
	"ouderportaal/modules/diary"
)

// unreadMost is how many of the newest lines a person has not read yet.
const unreadMost = 3

// remember notes who must hear of an entry, when it is young enough to be in their list.
func (b *book) remember(entry int, about []*pupil) {
	e := &b.entries[entry]
	if b.now.Sub(e.PublishedAt) > newsDays*24*time.Hour {
		return
	}
	var people []ids.ID
	for _, p := range about {
		people = append(people, p.informed()...)
	}
	slices.SortFunc(people, func(x, y ids.ID) int { return slices.Compare(x[:], y[:]) })
	people = slices.Compact(people)
	if len(people) == 0 {
		return
	}
	n := news{entry: entry}
	for _, id := range people {
		n.readers = append(n.readers, diary.Reader{PersonID: id})
	}
	b.news = append(b.news, n)
}

// tellNews puts the news in order and marks all but each person's newest as read.
func (b *book) tellNews() {
	slices.SortFunc(b.news, func(x, y news) int { return b.entries[y.entry].PublishedAt.Compare(b.entries[x.entry].PublishedAt) })
	told := map[ids.ID]int{}
	for _, n := range b.news {
		for i := range n.readers {
			r := &n.readers[i]
			if told[r.PersonID]++; told[r.PersonID] > unreadMost {
				at := minTime(b.entries[n.entry].PublishedAt.Add(3*time.Hour), b.now)
				r.ReadAt = &at
			}
		}
	}
	slices.Reverse(b.news) // kept oldest first: ids of notifications are in the order in which they were made
}
