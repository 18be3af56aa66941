package demo

import (
	"math"
	"slices"
	"strings"
	"time"

	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/photos"
	"ouderportaal/tenants"
)

const (
	daysBack  = 30
	mostPhoto = 200 // photos in all organisations together; beyond it a post has one, so that the demo stays small
	newsDays  = 6   // days back that news is in people's lists; older ones are as good as forgotten
)

// day is the sentences that a report of a day is put together from.
type day struct{ arrive, play, outside, food, rest, close []string }

// closedOn are days without care in every year.
var closedOn = map[string]bool{"01-01": true, "04-27": true, "12-25": true, "12-26": true}

// writeDiary fills the last thirty days with what was written on care days, oldest first.
func (b *book) writeDiary() {
	for back := daysBack; back >= 0; back-- {
		noon := b.at(-back, 12, 0).In(b.tenant.Location())
		weekday := int(noon.Weekday())
		on := tenants.Date(noon.Format(time.DateOnly))
		if weekday == 0 || weekday == 6 || closedOn[noon.Format("01-02")] {
			continue
		}
		for i, r := range b.rooms {
			var here []*pupil
			for _, p := range r.pupils {
				if p.comes(r, on, weekday) {
					here = append(here, p)
				}
			}
			if len(here) < 2 {
				continue
			}
			if (back+i)%2 == 0 || r.favored(here) && back < 4 {
				b.writePost(r, here, back, noon.Month())
			}
			for _, p := range here {
				if p.favored || b.chance(reportChance[r.care]) {
					b.writeReport(r, p, here, back)
				}
			}
		}
	}
}

// reportChance is how often, in percent, a day is written down.
var reportChance = map[children.CareType]int{children.DayCare: 75, children.Playgroup: 40, children.AfterSchool: 25}

func (r *room) favored(here []*pupil) bool {
	return slices.ContainsFunc(here, func(p *pupil) bool { return p.favored })
}

// publish keeps an entry unless its moment is still to come.
func (b *book) publish(r *room, kind diary.Kind, about []*pupil, title, body string, at time.Time) *diary.Entry {
	if at.After(b.now) {
		return nil
	}
	author := r.staff[r.turn%len(r.staff)]
	r.turn++
	e := diary.Entry{TenantID: b.tenant.ID, ID: b.id(at), Kind: kind, GroupID: r.row.ID, GroupName: r.row.Name, AuthorID: author.ID, AuthorName: author.GivenName,
		AuthorFace: author.Face, Title: title, Body: body, PublishedAt: at, Media: []diary.Medium{}}
	for _, p := range about {
		e.Children = append(e.Children, children.Named{ID: p.child.ID, GivenName: p.child.GivenName, Face: p.child.Face})
	}
	b.entries = append(b.entries, e)
	b.remember(len(b.entries)-1, about)
	return &b.entries[len(b.entries)-1]
}

func (b *book) writeReport(r *room, p *pupil, here []*pupil, back int) {
	parts := b.partsFor(r, p)
	var body []string
	for _, part := range parts {
		body = append(body, b.phrase(r, p, here, part))
	}
	hour := 15 + b.rng.IntN(2)
	if r.care == children.Playgroup {
		hour = 12
	}
	if r.care == children.AfterSchool {
		hour = 17
	}
	b.publish(r, diary.Report, []*pupil{p}, "", strings.Join(body, " "), b.at(-back, hour, b.rng.IntN(55)))
}

// partsFor chooses what a report tells, by age and kind of care.
func (b *book) partsFor(r *room, p *pupil) [][]string {
	if r.care == children.AfterSchool {
		return b.some(schoolDay.arrive, schoolDay.play, b.either(schoolDay.outside, schoolDay.food), schoolDay.close)
	}
	if b.small(p) {
		return b.some(babyDay.arrive, babyDay.play, b.either(babyDay.outside, nil), babyDay.food, babyDay.rest, babyDay.close)
	}
	rest := toddlerDay.rest
	if r.care == children.Playgroup {
		rest = nil
	}
	return b.some(toddlerDay.arrive, toddlerDay.play, b.either(toddlerDay.outside, nil), toddlerDay.food, rest, toddlerDay.close)
}

func (b *book) either(one, other []string) []string {
	if b.chance(60) {
		return one
	}
	return other
}

// some leaves out what is empty, and now and then the first or the last part.
func (b *book) some(parts ...[]string) [][]string {
	var out [][]string
	for i, part := range parts {
		if len(part) == 0 || (i == 0 || i == len(parts)-1) && b.chance(25) {
			continue
		}
		out = append(out, part)
	}
	return out
}

// phrase takes the sentence that was written least about this child, and longest ago in this room.
func (b *book) phrase(r *room, p *pupil, here []*pupil, from []string) string {
	best, bestScore := 0, math.MaxInt
	others := b.peers(p, here)
	offset := b.rng.IntN(len(from))
	for i := range from {
		at := (i + offset) % len(from)
		if len(others) < 2 && strings.Contains(from[at], "{maatje}") || len(others) < 1 && strings.Contains(from[at], "{vriend}") {
			continue
		}
		if score := p.heard[from[at]]*1_000_000 + r.used[from[at]]; score < bestScore {
			best, bestScore = at, score
		}
	}
	p.heard[from[best]]++
	r.used[from[best]] = len(b.entries) + 1
	return b.fill(r, from[best], p, here)
}

// peers are the names of the others who can do what the child can do.
func (b *book) peers(p *pupil, here []*pupil) []string {
	var names []string
	for _, o := range here {
		if o != p && b.small(o) == b.small(p) {
			names = append(names, o.name())
		}
	}
	return names
}

// fill puts names into a sentence.
func (b *book) fill(r *room, text string, p *pupil, here []*pupil) string {
	others := b.peers(p, here)
	b.rng.Shuffle(len(others), func(i, j int) { others[i], others[j] = others[j], others[i] })
	others = append(others, "een ander kind", "de rest")
	words := append(p.pronouns(), "{naam}", p.name(), "{vriend}", others[0], "{maatje}", others[1], "{groep}", r.name, "{juf}", r.staff[r.turn%len(r.staff)].GivenName)
	return strings.NewReplacer(words...).Replace(text)
}

// small tells that a child is too young for what toddlers do.
func (b *book) small(p *pupil) bool { return p.child.BirthOn > b.today.Add(-18*30) }

// talkers are the children that a story can be about; in a group where all are small, all of them.
func (b *book) talkers(r *room, on []*pupil) []*pupil {
	if r.to <= 24 {
		return on
	}
	able := slices.DeleteFunc(slices.Clone(on), b.small)
	if len(able) == 0 {
		return on
	}
	return able
}

// writePost shares one or more pictures of a moment.
func (b *book) writePost(r *room, here []*pupil, back int, month time.Month) {
	on := b.onPhotos(here, b.at(-back, 9, 0))
	if len(on) == 0 {
		return
	}
	s := b.nextScene(r, month)
	stories := s.told
	if r.to <= 24 {
		stories = s.small
	}
	told := stories[b.nextStory(r, s.file, len(stories))]
	hour, minute := 10+b.rng.IntN(2), b.rng.IntN(60)
	if r.care == children.AfterSchool {
		hour = 16
	}
	able := b.talkers(r, on)
	lead := able[b.rng.IntN(len(able))]
	e := b.publish(r, diary.Post, here, told.title, "", b.at(-back, hour, minute))
	if e == nil {
		return
	}
	e.Title, e.Body = strings.ReplaceAll(told.title, "{groep}", r.name), b.fill(r, told.body, lead, able)
	count := 1
	if r.favored(here) && back < 8 {
		count = 5 - back/2
	} else if b.chance(25) {
		count = 2
	}
	b.addPictures(e, s, on, count, month)
}

// onPhotos are the children whose guardians allowed photos at that moment.
func (b *book) onPhotos(here []*pupil, at time.Time) []*pupil {
	var list []*pupil
	for _, p := range here {
		if p.mayBeOnPhotos(at) {
			list = append(list, p)
		}
	}
	return list
}

// addPictures adds the scene of the story first and others after it.
func (b *book) addPictures(e *diary.Entry, first scene, on []*pupil, count int, month time.Month) {
	shown := []scene{first}
	for _, i := range b.rng.Perm(len(scenes)) {
		if s := scenes[i]; len(shown) < count && s.file != first.file && s.inSeason(month) {
			shown = append(shown, s)
		}
	}
	var onIt []ids.ID
	for _, p := range on {
		onIt = append(onIt, p.child.ID)
	}
	for i, s := range shown {
		if i > 0 && len(b.pictures) >= mostPhoto*b.share()/100 {
			return
		}
		b.pictures = append(b.pictures, picture{scene: s.file, past: photos.Past{ID: b.id(e.PublishedAt), UploadedBy: e.AuthorID, EntryID: e.ID, Position: i,
			FileName: strings.TrimSuffix(s.file, ".jpg") + ".jpg", Alt: s.alts[b.rng.IntN(len(s.alts))], At: e.PublishedAt, OnIt: onIt}})
	}
}

// share is how many percent of the photos this organisation gets.
func (b *book) share() int {
	rooms := 0
	for _, o := range organisations {
		for _, l := range o.locations {
			rooms += len(l.groups)
		}
	}
	return len(b.rooms) * 100 / rooms
}

// nextScene deals the scenes of the season one after the other, in another order each round.
func (b *book) nextScene(r *room, month time.Month) scene {
	for {
		if len(r.sceneDeck) == 0 {
			r.sceneDeck = b.rng.Perm(len(scenes))
		}
		s := scenes[r.sceneDeck[0]]
		r.sceneDeck = r.sceneDeck[1:]
		if s.inSeason(month) {
			return s
		}
	}
}

func (b *book) nextStory(r *room, file string, of int) int {
	if len(r.storyDecks[file]) == 0 {
		r.storyDecks[file] = b.rng.Perm(of)
	}
	n := r.storyDecks[file][0]
	r.storyDecks[file] = r.storyDecks[file][1:]
	return n
}
