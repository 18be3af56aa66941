package diary

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/accesses"
	"ouderportaal/tenants"
)

// MaxChosen is how many photos somebody can choose for one download. A month has no limit of its own.
const MaxChosen = 500

// mostEntries bounds the entries of a month: twenty a day.
const mostEntries = 620

// Choice says which photos somebody wants to take home: those of an entry, else of a month, else the chosen ones.
type Choice struct {
	EntryID  ids.ID
	Month    Month
	ChildID  ids.ID // with Month; Nil: every child
	PhotoIDs []ids.ID
}

// Check says what is wrong with the choice by itself.
func (c *Choice) Check() error {
	c.PhotoIDs = ids.Once(c.PhotoIDs)
	var problems fault.Fields
	switch {
	case c.EntryID != ids.Nil, c.Month != "":
	case len(c.PhotoIDs) == 0:
		problems.Add("foto", "diary.error.photos_none")
	case len(c.PhotoIDs) > MaxChosen:
		problems.Add("foto", "diary.error.photos_chosen_many", map[string]any{"Max": MaxChosen})
	}
	return problems.Err()
}

// Package is what goes into a ZIP, oldest photo first.
type Package struct {
	FileName string
	Shots    []Shot
	gone     int // chosen, and not the actor's to see by now
	at       time.Time
	album    Album
	tenant   tenants.Tenant
}

// Pack lists the photos of a choice that the actor may have, and notes that they are taken home. Each is asked for again
// when its turn comes. A choice of which nothing is left is NotFound.
func (s *Service) Pack(ctx context.Context, choice Choice) (*Package, error) {
	if err := choice.Check(); err != nil {
		return nil, err
	}
	tenant, _ := tenants.From(ctx)
	p := &Package{FileName: "fotos.zip", album: s.album, tenant: tenant}
	var err error
	if choice.EntryID == ids.Nil && choice.Month != "" {
		p.FileName = "fotos-" + string(choice.Month) + ".zip"
		p.Shots, err = s.ofMonth(ctx, choice)
	}
	if err != nil {
		return nil, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		p.at = tx.Now().In(tenant.Location())
		if choice.EntryID != ids.Nil || choice.Month == "" {
			if err := s.packChosen(ctx, tx, choice, p); err != nil {
				return err
			}
		}
		if len(p.Shots) == 0 {
			return fault.NotFound()
		}
		if err := accesses.Record(ctx, tx, p.children(), accesses.Photos, choice.object()); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "diary.take_photos", choice.EntryID, map[string]any{"photos": len(p.Shots), "month": string(choice.Month)})
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(p.Shots, func(a, b Shot) int { return a.At.Compare(b.At) })
	if choice.EntryID != ids.Nil {
		p.FileName = "fotos-" + string(tenant.DateOf(p.Shots[0].At)) + ".zip"
	}
	return p, nil
}

// children are everybody on the photos, also whom the actor does not know: their guardians see that the photos were taken along.
func (p *Package) children() []ids.ID {
	var list []ids.ID
	for _, shot := range p.Shots {
		list = append(list, shot.Children...)
	}
	return ids.Once(list)
}

// object is what the photos were chosen by: the entry, or the same id for the same choice.
func (c *Choice) object() ids.ID {
	if c.EntryID != ids.Nil {
		return c.EntryID
	}
	text, _ := json.Marshal(c) // plain data: it always marshals
	sum := sha256.Sum256(text)
	return ids.ID(sum[:16])
}

func (s *Service) ofMonth(ctx context.Context, choice Choice) ([]Shot, error) {
	who, base, err := s.asker(ctx)
	if err != nil {
		return nil, err
	}
	if who.Role != actor.Parent {
		return nil, fault.NotFound()
	}
	tenant, _ := tenants.From(ctx)
	var child any
	if choice.ChildID != ids.Nil {
		child = choice.ChildID
	}
	t := &Timeline{}
	err = s.db.Ask(ctx,
		tenants.Question{SQL: ownSQL[actor.Parent], Args: base, Scan: t.scanOwn},
		tenants.Question{SQL: bookSQL, Args: append(base[:3:3], child, choice.Month.end(tenant), ids.Nil, mostEntries, choice.Month.Start(tenant)), Filters: true, Scan: t.scanPictures})
	if err != nil {
		return nil, fmt.Errorf("diary: read photos of month: %w", err)
	}
	t.narrow(actor.Parent)
	var list []Shot
	for i := range t.Entries {
		list = t.Entries[i].shots(list, choice.ChildID)
	}
	return list, nil
}

// packChosen finds the entry that was named, or those that the photos are in.
func (s *Service) packChosen(ctx context.Context, tx tenants.Reader, choice Choice, p *Package) error {
	wanted := map[ids.ID]bool{}
	entryIDs := []ids.ID{choice.EntryID}
	if choice.EntryID == ids.Nil {
		in, err := s.album.EntriesOf(ctx, tx, choice.PhotoIDs)
		if err != nil {
			return err
		}
		entryIDs = entryIDs[:0]
		for _, photo := range choice.PhotoIDs {
			wanted[photo] = true
			if entry, found := in[photo]; found && !slices.Contains(entryIDs, entry) {
				entryIDs = append(entryIDs, entry)
			}
		}
	}
	byID, err := selectEntries(ctx, tx, entryIDs)
	if err != nil {
		return err
	}
	entries := make([]Entry, 0, len(byID))
	for _, id := range entryIDs {
		if e := byID[id]; e != nil && !e.Waits {
			entries = append(entries, *e)
		}
	}
	if err := narrowToActor(ctx, tx, entries); err != nil {
		return err
	}
	for i := range entries {
		for _, shot := range entries[i].shots(nil, ids.Nil) {
			if choice.EntryID != ids.Nil || wanted[shot.ID] {
				p.Shots = append(p.Shots, shot)
			}
		}
	}
	if choice.EntryID == ids.Nil {
		p.gone = len(choice.PhotoIDs) - len(p.Shots)
	}
	return nil
}

// names gives each photo its name in the ZIP: the day, the children and a number.
func (p *Package) names(ctx context.Context) []string {
	list, counts := make([]string, len(p.Shots)), map[string]int{}
	for i, shot := range p.Shots {
		of := string(p.tenant.DateOf(shot.At))
		if who := SafeName(i18n.List(ctx, shot.Names)); who != "" {
			of += " " + who
		}
		counts[of]++
		list[i] = fmt.Sprintf("%s %02d.jpg", of, counts[of])
	}
	return list
}

// SafeName keeps of names what every computer takes in the name of a file, and never a way out of the folder.
func SafeName(names string) string {
	names = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) || strings.ContainsRune(" -,'’", r) {
			return r
		}
		return '-'
	}, names)
	return strings.TrimSpace(firstRunes(names, 60))
}

func firstRunes(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most])
	}
	return text
}

// Open makes the ZIP while it is read. It holds one piece of one photo at a time, and no connection to the database. A photo
// that the actor may not have any more, or that is gone, is left out and named in a text at the end; when storage or database
// fail, reading does.
func (p *Package) Open(ctx context.Context) io.ReadCloser {
	packing := &packing{Package: p, ctx: ctx, names: p.names(ctx), piece: make([]byte, 32<<10)}
	packing.zip = zip.NewWriter(&packing.out)
	return packing
}

type packing struct {
	*Package
	ctx   context.Context // of the answer that it is read for
	names []string
	next  int // photo
	photo io.ReadCloser
	into  io.Writer
	left  []string // names of what was left out
	zip   *zip.Writer
	out   bytes.Buffer
	piece []byte
	whole bool
}

// Read packs as much as it takes to give something.
func (p *packing) Read(b []byte) (int, error) {
	for p.out.Len() == 0 {
		if p.whole {
			return 0, io.EOF
		}
		if err := p.pack(); err != nil {
			return 0, fmt.Errorf("diary: pack photos: %w", err)
		}
	}
	return p.out.Read(b)
}

// Close lets go of the photo that was being packed.
func (p *packing) Close() error {
	if p.photo == nil {
		return nil
	}
	err := p.photo.Close()
	p.photo = nil
	return err
}

// pack takes one step: a piece of the open photo, the next photo, or the end.
func (p *packing) pack() error {
	switch {
	case p.photo != nil:
		n, err := p.photo.Read(p.piece)
		if _, err := p.into.Write(p.piece[:n]); err != nil {
			return err
		}
		if errors.Is(err, io.EOF) {
			return p.Close()
		}
		return err
	case p.next < len(p.Shots):
		p.next++
		return p.begin(p.names[p.next-1], &p.Shots[p.next-1])
	}
	p.whole = true
	if err := p.tellLeft(); err != nil {
		return err
	}
	return p.zip.Close()
}

// begin asks for a photo at the moment at which it is added.
func (p *packing) begin(name string, shot *Shot) error {
	photo, err := p.album.OpenFull(p.ctx, shot.ID)
	if fault.CodeOf(err) == fault.Missing {
		p.left = append(p.left, name)
		return nil
	}
	if err != nil {
		return err
	}
	p.photo = photo
	p.into, err = p.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store, Modified: shot.At.In(p.tenant.Location()).Truncate(time.Second)})
	return err
}

func (p *packing) tellLeft() error {
	if len(p.left) == 0 && p.gone == 0 {
		return nil
	}
	into, err := p.zip.CreateHeader(&zip.FileHeader{Name: i18n.T(p.ctx, "diary.zip.left.file") + ".txt", Method: zip.Deflate, Modified: p.at.Truncate(time.Second)})
	if err != nil {
		return err
	}
	lines := append([]string{p.about(), "", i18n.T(p.ctx, "diary.zip.left"), ""}, p.left...)
	if p.gone > 0 {
		lines = append(lines, i18n.N(p.ctx, "diary.zip.gone", p.gone))
	}
	_, err = io.WriteString(into, strings.Join(lines, "\r\n")+"\r\n") // as every computer shows it
	return err
}

// about says of whom the photos are and when they were taken home: the text is kept beside others of its name.
func (p *packing) about() string {
	var names []string
	for _, shot := range p.Shots {
		for _, name := range shot.Names {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	day, at := i18n.LongDate(p.ctx, p.at), i18n.Time(p.ctx, p.at)
	if len(names) == 0 {
		return i18n.T(p.ctx, "diary.zip.left.when", "Day", day, "Time", at)
	}
	return i18n.T(p.ctx, "diary.zip.left.about", "Names", i18n.List(p.ctx, names), "Day", day, "Time", at)
}
