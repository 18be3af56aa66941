package keepsake

import (
	"context"
	"fmt"
	"path"

	"ouderportaal/internal/attach"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/fault"
	"ouderportaal/modules/declarations"
	"ouderportaal/modules/diary"
)

const declaredFolder = "verklaringen"

// addEnclosed packs the next file of what was filled in, and tells whether there was one. One that may not be had any more is left out.
func (p *packer) addEnclosed(ctx context.Context) (bool, error) {
	if err := p.readAnswers(ctx); err != nil {
		return false, err
	}
	for i := range p.answers.declarations {
		for _, e := range p.answers.declarations[i].Files() {
			if _, packed := p.done[e.ID]; !packed {
				return true, p.packEnclosed(ctx, &p.answers.declarations[i], e)
			}
		}
	}
	return false, nil
}

func (p *packer) packEnclosed(ctx context.Context, a *declarations.Told, e *declarations.Enclosure) error {
	month := diary.MonthOf(p.tenant, a.AnsweredAt)
	left := func(err error) error {
		if fault.CodeOf(err) == fault.Missing {
			p.note(item{SubjectID: e.ID, Kind: leftItem, Month: month})
			return nil
		}
		return err
	}
	saved, err := p.s.declared.Save(ctx, e.ID)
	if err != nil {
		return left(err)
	}
	content, _, err := saved.Open(ctx, 0, blob.All)
	if err != nil {
		return left(err)
	}
	defer content.Close()
	at := a.AnsweredAt.In(p.tenant.Location())
	tail := e.ID.String()
	file := fmt.Sprintf("%s/%s_%s_%s", declaredFolder, at.Format("2006-01-02_1504"), tail[len(tail)-8:], e.FileName)
	if err := p.piece.add(path.Join(p.folder, file), at, e.Kind == attach.Photo, content); err != nil {
		return err
	}
	p.note(item{SubjectID: e.ID, Kind: attachedItem, Month: month, File: file})
	return nil
}

func (p *packer) eachDeclaration(_ context.Context, give func(any) error) error {
	for i := range p.answers.declarations {
		a := &p.answers.declarations[i]
		row := jsonDeclaration{a.ID, a.DeclarationID, a.TextVersion, a.Words.Title, a.Words.Body, []jsonFilled{}, a.AnsweredAt.In(p.tenant.Location()), "household", a.PaperOn, []jsonAttached{}}
		if a.AnsweredBy == p.k.PersonID {
			row.For = "own"
		}
		for _, f := range a.Words.Fields {
			values := a.Filled[f.Key]
			if e := a.File(f); e != nil {
				values = []string{e.FileName}
			}
			if len(values) > 0 {
				row.Filled = append(row.Filled, jsonFilled{f.Label, values})
			}
		}
		for _, e := range a.Files() {
			row.Files = append(row.Files, jsonAttached{e.ID, e.FileName, p.done[e.ID].File})
		}
		if err := give(row); err != nil {
			return err
		}
	}
	return nil
}
