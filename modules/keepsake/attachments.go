package keepsake

import (
	"context"
	"fmt"
	"net/url"
	"path"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/diary"
)

// Attached is a photo or a PDF that was sent along with a message.
type Attached struct {
	ID    ids.ID
	Name  string // safe to save it under
	Photo bool
	File  string // in the folder of the ZIP, once it is packed; empty when it could not come along
}

const attachedFolder = "bijlagen"

// inFolder is the address of a file for a page beside it: a name may hold what means something in an address.
func inFolder(file string) string { return (&url.URL{Path: file}).String() }

// addAttached packs the next of what was sent along, and tells whether there was one. One that may not be had any more is left out.
func (p *packer) addAttached(ctx context.Context) (bool, error) {
	if !p.told {
		if err := p.readConversations(ctx); err != nil {
			return false, err
		}
	}
	for _, c := range p.conversations {
		for _, m := range c.Messages {
			for _, a := range m.Attached {
				if _, packed := p.done[a.ID]; !packed {
					return true, p.packAttached(ctx, c, m, a)
				}
			}
		}
	}
	return false, nil
}

func (p *packer) packAttached(ctx context.Context, c Conversation, m Message, a Attached) error {
	month := diary.MonthOf(p.tenant, c.CreatedAt)
	content, err := p.s.post.OpenAttached(ctx, a.ID)
	if err != nil && fault.CodeOf(err) == fault.Missing {
		p.note(item{SubjectID: a.ID, Kind: leftItem, Month: month})
		return nil
	}
	if err != nil {
		return err
	}
	defer content.Close()
	at := m.SentAt.In(p.tenant.Location())
	tail := a.ID.String()
	file := fmt.Sprintf("%s/%s_%s_%s", attachedFolder, at.Format("2006-01-02_1504"), tail[len(tail)-8:], a.Name)
	if err := p.piece.add(path.Join(p.folder, file), at, a.Photo, content); err != nil {
		return err
	}
	p.noteMessage(c, m)
	p.note(item{SubjectID: a.ID, Kind: attachedItem, Month: month, File: file})
	return nil
}
