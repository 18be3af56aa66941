package declarations

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/formkey"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/plaintext"
	"ouderportaal/tenants"
)

// Filled is what stands in the fields, by their keys: one text each, or of Choices any number.
type Filled map[string][]string

// First is what stands in a field that takes one thing.
func (f Filled) First(key string) string {
	if len(f[key]) == 0 {
		return ""
	}
	return f[key][0]
}

// Answer is what a guardian filled in at a moment, to the words of then. Answers are never changed: the newest of each guardian
// counts, the rest is history.
type Answer struct {
	bun.BaseModel `bun:"table:declaration_answer"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	DeclarationID ids.ID `bun:"type:uuid"`
	ChildID       ids.ID `bun:"type:uuid"`
	TextVersion   int
	Filled        Filled `bun:"type:jsonb"`
	AnsweredBy    ids.ID `bun:"type:uuid"`
	AnsweredAt    time.Time
	PaperOn       tenants.Date `bun:"type:date,nullzero"` // the day on the paper, of one that came on paper
	EnteredBy     ids.ID       `bun:"type:uuid,nullzero"` // who typed it over
	ScanID        ids.ID       `bun:"type:uuid,nullzero"` // the paper itself, as a file
	Spoiled       bool         `bun:",scanonly"`          // a photo that had to go along turned out to be none

	files map[string]*Enclosure // that it holds, by id; only where what was filled in was read
}

// OnPaper tells that it came on paper, and was typed over.
func (a *Answer) OnPaper() bool { return a.PaperOn != "" }

// people are who gave it, and who typed it over.
func (a *Answer) people() []ids.ID {
	if a.EnteredBy == ids.Nil {
		return []ids.ID{a.AnsweredBy}
	}
	return []ids.ID{a.AnsweredBy, a.EnteredBy}
}

// File is what stands in a field that takes a file; nil for nothing.
func (a *Answer) File(f Field) *Enclosure {
	if f.Kind != File {
		return nil
	}
	return a.held(a.Filled.First(f.Key))
}

// Scan is the paper itself; nil for an answer that did not come on paper, or without one.
func (a *Answer) Scan() *Enclosure { return a.held(a.ScanID.String()) }

// held is a file of this answer: what stands in a field may be anything.
func (a *Answer) held(id string) *Enclosure {
	if e := a.files[id]; e != nil && e.DeclarationID == a.DeclarationID && e.ChildID == a.ChildID {
		return e
	}
	return nil
}

// fileIDs are the ids of files that may stand in it: those of the scan, and of everything filled in that looks like an id.
func (a *Answer) fileIDs() (list []ids.ID) {
	if a.ScanID != ids.Nil {
		list = append(list, a.ScanID)
	}
	for _, values := range a.Filled {
		if len(values) != 1 {
			continue
		}
		if id, ok := ids.Parse(values[0]); ok {
			list = append(list, id)
		}
	}
	return list
}

// holds tells whether a file stands in it: as the scan, or in a field for files of the words that were answered. What else looks like an id
// is what somebody typed.
func (a *Answer) holds(file ids.ID, words []Wording) bool {
	if a.held(file.String()) == nil {
		return false
	}
	at := slices.IndexFunc(words, func(w Wording) bool { return w.DeclarationID == a.DeclarationID && w.TextVersion == a.TextVersion })
	return a.ScanID == file || at >= 0 && slices.Contains(a.Filled.filesIn(words[at].Fields), file)
}

// The longest texts that guardians fill in, in characters.
const (
	MaxLine = 200
	MaxText = 4000
)

// ControlName names the control of a field in the form of a guardian.
func ControlName(key string) string { return "veld_" + key }

// UploadName names the control with which a file is chosen for a field.
func UploadName(key string) string { return "bestand_" + key }

// filler is who fills in.
type filler struct {
	name    string // what they sign with
	paper   bool   // on paper, where what was signed is signed; a file may have stayed there too
	has     map[string]*Enclosure
	refused map[string]*fault.Error // why what they sent for a field cannot be taken, by its key
}

// check cleans what was filled in, and tells what is wrong with it.
func (f Filled) check(problems *fault.Fields, fields []Field, by filler) Filled {
	clean := Filled{}
	for _, field := range fields {
		at := ControlName(field.Key)
		if field.Kind == File {
			at = UploadName(field.Key)
		}
		if refused := by.refused[field.Key]; refused != nil {
			problems.Add(at, refused.Key, refused.Args)
			continue
		}
		var values []string
		for _, typed := range f[field.Key] {
			value := oneLine(typed)
			if field.Kind == Text {
				value = strings.TrimSpace(plaintext.Of(typed))
			}
			if value != "" && !slices.Contains(values, value) {
				values = append(values, value)
			}
		}
		if len(values) > 1 && field.Kind != Choices {
			values = values[:1]
		}
		if len(values) == 0 {
			if field.Required && !(by.paper && field.Kind == File) {
				problems.Add(at, missing(field.Kind), map[string]any{"Label": field.Label})
			}
			continue
		}
		switch field.Kind {
		case Choice, Choices:
			for _, v := range values {
				if !slices.Contains(field.Options, v) {
					problems.Add(at, "declarations.error.choose", map[string]any{"Label": field.Label})
					break
				}
			}
		case Line:
			long(problems, at, values[0], MaxLine)
		case Text:
			long(problems, at, values[0], MaxText)
		case Date:
			if !tenants.Date(values[0]).Valid() {
				problems.Add(at, "declarations.error.date", map[string]any{"Label": field.Label})
			}
		case File:
			if e := by.has[values[0]]; e == nil || e.Refused() {
				problems.Add(at, "declarations.error.file_gone")
			}
		case Signature:
			switch {
			case by.paper:
				values = []string{by.name}
			case !strings.EqualFold(values[0], by.name):
				problems.Add(at, "declarations.error.signature", map[string]any{"Name": by.name})
			}
		}
		clean[field.Key] = values
	}
	return clean
}

// filesIn are the ids of the files in the fields that take one.
func (f Filled) filesIn(fields []Field) (list []ids.ID) {
	for _, field := range fields {
		if id, ok := ids.Parse(f.First(field.Key)); ok && field.Kind == File {
			list = append(list, id)
		}
	}
	return ids.Once(list)
}

// missing is the key of what is said at a field that must be filled in.
func missing(k Kind) string {
	switch {
	case k.Offers():
		return "declarations.error.choose"
	case k == File:
		return "declarations.error.file"
	}
	return "declarations.error.fill"
}

// bounded leaves of what was typed what can be kept until it is right: only known fields, and no more text than they take. Signing is
// done anew each time.
func (f Filled) bounded(fields []Field) Filled {
	kept := Filled{}
	for _, field := range fields {
		if field.Kind == Signature {
			continue
		}
		values := f[field.Key]
		values = values[:min(len(values), MaxOptions)]
		for _, v := range values {
			v = plaintext.Of(v)
			if r := []rune(v); len(r) > 2*MaxText {
				v = string(r[:2*MaxText])
			}
			kept[field.Key] = append(kept[field.Key], v)
		}
	}
	return kept
}

// sameAs tells whether the same stands in both.
func (f Filled) sameAs(g Filled) bool {
	if len(f) != len(g) {
		return false
	}
	for key, values := range f {
		if !slices.Equal(values, g[key]) {
			return false
		}
	}
	return true
}

// fingerprint is of everything that was sent: what was filled in, files, and whatever else the form is about. A file that was chosen stands
// for itself: stored, it gets another id each time.
func fingerprint(filled Filled, files map[string]Upload, parts ...string) []byte {
	for _, key := range slices.Sorted(maps.Keys(filled)) {
		if _, chosen := files[key]; !chosen {
			parts = append(append(parts, key), filled[key]...)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(files)) {
		parts = append(parts, UploadName(key), string(formkey.Hash(string(files[key].Content))))
	}
	return formkey.Hash(parts...)
}

// waiting gives those of the guardians who still have to answer, by answers about one child, newest first. Of a guardian the newest counts:
// one without the photo that had to go along is none.
func (d *Declaration) waiting(guardians []ids.ID, answers []Answer) []ids.ID {
	answered, seen := map[ids.ID]bool{}, map[ids.ID]bool{}
	for _, a := range answers {
		if !seen[a.AnsweredBy] && a.TextVersion >= d.AskedVersion && !a.Spoiled {
			answered[a.AnsweredBy] = true
		}
		seen[a.AnsweredBy] = true
	}
	if d.Answerers == One && len(answered) > 0 {
		return nil
	}
	var list []ids.ID
	for _, g := range guardians {
		if !answered[g] {
			list = append(list, g)
		}
	}
	return list
}
