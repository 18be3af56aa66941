package keepsake

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/a-h/templ"

	"ouderportaal/internal/exif"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/care"
	"ouderportaal/modules/children"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/photos"
	"ouderportaal/tenants"
)

// packer fills one part. It goes through the months: of each first the photos, one by one, and then its page, which says what has
// come along. How far it is is in the counts of k and in the items.
type packer struct {
	s       *Service
	k       *Keepsake // a copy, with the counts as they are after this part
	tenant  tenants.Tenant
	piece   *piece
	items   []item
	done    map[ids.ID]item // items of this part and those before it, from the month that is packed on
	child   *children.Child
	folder  string
	chapter *chapter
	last    bool

	conversations []Conversation
	told          bool // conversations is read

	answers *answers   // once read
	beside  []bookLink // pages beside those of the months
}

// chapter is one month as it can be read at this moment.
type chapter struct {
	month   diary.Month
	entries []diary.Entry
	days    []day
	places  map[ids.ID]children.Whereabouts
	taken   map[ids.ID]time.Time // of photos of which it is known
}

// day is what is known of one day of the child.
type day struct {
	On      tenants.Date
	Records []care.Record
}

func (s *Service) newPacker(ctx context.Context, k *Keepsake) *packer {
	counts := *k
	tenant, _ := tenants.From(ctx)
	return &packer{s: s, k: &counts, tenant: tenant, piece: newPiece(k.Bytes)}
}

// pack fills the part, as who asked for it and in their language.
func (p *packer) pack(ctx context.Context) error {
	ctx = p.s.inTheirLanguage(p.k.owner(ctx), p.k)
	if err := p.open(ctx); err != nil {
		return err
	}
	for !p.last && p.piece.size() < p.s.partSize {
		if err := p.step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (p *packer) open(ctx context.Context) error {
	return p.s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		if p.child, err = children.Find(ctx, tx, p.k.ChildID); err != nil {
			return err
		}
		p.folder = p.k.Folder
		var from diary.Month
		if months := p.k.months(); p.k.MonthsDone < len(months) {
			from = months[p.k.MonthsDone]
		}
		return p.recall(ctx, tx, from)
	})
}

// recall looks up what parts before this one hold, from a month on.
func (p *packer) recall(ctx context.Context, tx tenants.Reader, from diary.Month) error {
	items, err := selectItems(ctx, tx, p.k.ID, from)
	p.done = make(map[ids.ID]item, len(items)+len(p.items))
	for _, i := range append(items, p.items...) {
		p.done[i.SubjectID] = i
	}
	return err
}

// step adds the next photo, the page of a month, what was sent along with a message or an answer, or what stands at the end.
func (p *packer) step(ctx context.Context) error {
	months := p.k.months()
	if p.k.MonthsDone == len(months) {
		if more, err := p.addAttached(ctx); err != nil || more {
			return err
		}
		if more, err := p.addEnclosed(ctx); err != nil || more {
			return err
		}
		p.last = true
		return p.addEnd(ctx)
	}
	if month := months[p.k.MonthsDone]; p.chapter == nil || p.chapter.month != month {
		var err error
		if p.chapter, err = p.read(ctx, month); err != nil {
			return err
		}
	}
	for e := range p.chapter.entries {
		entry := &p.chapter.entries[e]
		for n := range entry.Media {
			if m := &entry.Media[n]; m.Ready() {
				if _, packed := p.done[m.ID]; !packed {
					return p.addPhoto(ctx, entry, m, n)
				}
			}
		}
	}
	if err := p.addPage(ctx); err != nil {
		return err
	}
	p.k.MonthsDone++
	return nil
}

// read gives a month, as far as it is older than the question.
func (p *packer) read(ctx context.Context, month diary.Month) (*chapter, error) {
	c := &chapter{month: month}
	from, until := month.Start(p.tenant), month.End(p.tenant)
	if p.k.AskedAt.Before(until) {
		until = p.k.AskedAt
	}
	err := p.s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		if c.entries, err = diary.OfChild(ctx, tx, p.k.ChildID, from, until); err != nil {
			return err
		}
		c.entries = slices.DeleteFunc(c.entries, func(e diary.Entry) bool { return e.Shared().After(p.k.AskedAt) })
		records, err := care.OfChild(ctx, tx, p.k.ChildID, p.tenant.DateOf(from), p.tenant.DateOf(until.Add(-time.Nanosecond)))
		if err != nil {
			return err
		}
		for _, r := range records {
			if r.BeganAt.After(p.k.AskedAt) {
				continue
			}
			if n := len(c.days); n == 0 || c.days[n-1].On != r.CareOn {
				c.days = append(c.days, day{On: r.CareOn})
			}
			c.days[len(c.days)-1].Records = append(c.days[len(c.days)-1].Records, r)
		}
		var groups, shots []ids.ID
		for _, e := range c.entries {
			for _, m := range e.Media {
				shots = append(shots, m.ID)
			}
			if !slices.Contains(groups, e.GroupID) {
				groups = append(groups, e.GroupID)
			}
		}
		if c.taken, err = photos.TakenAt(ctx, tx, shots); err != nil {
			return err
		}
		c.places, err = children.WhereGroupsAre(ctx, tx, groups)
		return err
	})
	return c, err
}

// note remembers an item, for this part and for the next.
func (p *packer) note(i item) {
	i.TenantID, i.KeepsakeID = p.k.TenantID, p.k.ID
	p.done[i.SubjectID] = i
	p.items = append(p.items, i)
}

// addPhoto asks once more for a photo, at the moment at which it is added, and labels it. One that may not be had any more, or
// that is gone, is counted and left out.
func (p *packer) addPhoto(ctx context.Context, e *diary.Entry, m *diary.Medium, n int) error {
	picture, err := p.s.photos.OpenFull(ctx, m.ID)
	if fault.CodeOf(err) == fault.Missing && err != nil {
		p.k.PhotosLeft++
		p.note(item{SubjectID: m.ID, Kind: leftItem, Month: p.chapter.month})
		return nil
	}
	if err != nil {
		return err
	}
	defer picture.Close()
	at := e.PublishedAt.In(p.tenant.Location())
	taken := at
	if known, ok := p.chapter.taken[m.ID]; ok {
		taken = known.In(p.tenant.Location())
	}
	where := p.chapter.places[e.GroupID]
	labelled, err := exif.Write(picture, exif.Label{At: taken, Caption: caption(e, m), Place: joined(", ", e.GroupName, where.Location), City: where.City})
	if err != nil {
		return err
	}
	file := p.photoFile(at, m.ID, n)
	if err := p.piece.add(path.Join(p.folder, file), at, true, labelled); err != nil {
		return err
	}
	p.k.Photos++
	p.note(item{SubjectID: m.ID, Kind: photoItem, Month: p.chapter.month, File: file})
	return nil
}

// photoFile is the name of a photo in the folder: it sorts by time and is the photo's alone.
func (p *packer) photoFile(at time.Time, id ids.ID, n int) string {
	tail := id.String()
	name := strings.ReplaceAll(diary.SafeName(p.child.GivenName), " ", "-")
	return fmt.Sprintf("%s/%s/%s_%s_%02d_%s.jpg", photoFolder, p.chapter.month, at.Format("2006-01-02_1504"), name, n+1, tail[len(tail)-8:])
}

const photoFolder, monthFolder = "fotos", "maanden"

// mostOfBody is how much of what was written is the caption of a photo that has no words of its own, in characters.
const mostOfBody = 300

// caption is what is said of a photo where there is no page around it.
func caption(e *diary.Entry, m *diary.Medium) string {
	if words := joined(" – ", e.Title, m.Alt); words != "" {
		return words
	}
	if utf8.RuneCountInString(e.Body) > mostOfBody {
		return string([]rune(e.Body)[:mostOfBody]) + "…"
	}
	return e.Body
}

// joined puts what is not empty together.
func joined(between string, all ...string) string {
	return strings.Join(slices.DeleteFunc(all, func(s string) bool { return s == "" }), between)
}

// addPage writes the page of the month. Its entries are in the file from now on.
func (p *packer) addPage(ctx context.Context) error {
	page := p.pageOf(ctx)
	if err := p.write(ctx, page.Path, monthPage(page)); err != nil {
		return err
	}
	for i := range p.chapter.entries {
		p.note(item{SubjectID: p.chapter.entries[i].ID, Kind: entryItem, Month: p.chapter.month})
	}
	for _, d := range p.chapter.days {
		for i := range d.Records {
			p.note(item{SubjectID: d.Records[i].ID, Kind: careItem, Month: p.chapter.month})
		}
	}
	p.k.Entries += len(p.chapter.entries)
	p.k.Days += len(p.chapter.days)
	return nil
}

func (p *packer) write(ctx context.Context, file string, page templ.Component) error {
	var out bytes.Buffer
	if err := page.Render(ctx, &out); err != nil {
		return fmt.Errorf("keepsake: write %s: %w", file, err)
	}
	return p.piece.add(path.Join(p.folder, file), p.k.AskedAt.In(p.tenant.Location()), false, &out)
}

// addEnd writes what speaks of the whole: its style, the conversations, the answers, the first page, and everything once more for programs.
func (p *packer) addEnd(ctx context.Context) error {
	err := p.s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error { return p.recall(ctx, tx, "") })
	if err != nil {
		return err
	}
	at := p.k.AskedAt.In(p.tenant.Location())
	if err := p.piece.add(path.Join(p.folder, "stijl.css"), at, false, strings.NewReader(bookStyle)); err != nil {
		return err
	}
	if err := p.addConversations(ctx); err != nil {
		return err
	}
	if err := p.readAnswers(ctx); err != nil {
		return err
	}
	if err := p.addAnswers(ctx); err != nil {
		return err
	}
	if err := p.write(ctx, "index.html", indexPage(p.index(ctx))); err != nil {
		return err
	}
	into, err := p.piece.create(path.Join(p.folder, "alles.json"), at, false)
	if err != nil {
		return err
	}
	return p.writeJSON(ctx, into)
}

// finish closes the part. The last one has the directory of all parts behind its files.
func (p *packer) finish(ctx context.Context) (*part, []byte, error) {
	files, directory, records, err := p.piece.close()
	if err != nil {
		return nil, nil, err
	}
	made := &part{TenantID: p.k.TenantID, KeepsakeID: p.k.ID, Number: p.k.Parts, Bytes: int64(len(files)), Directory: bytes.Clone(directory), Records: records}
	if !p.last {
		return made, files, nil
	}
	var before []part
	err = p.s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		before, err = selectParts(ctx, tx, p.k.ID, "number", "directory", "records")
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	whole := files[:len(files):len(files)]
	all := 0
	for _, b := range append(before, *made) {
		whole = append(whole, b.Directory...)
		all += b.Records
	}
	at, size := p.k.Bytes+made.Bytes, int64(len(whole))-made.Bytes
	whole = append(whole, endOf(all, size, at)...)
	made.Bytes = int64(len(whole))
	return made, whole, nil
}
