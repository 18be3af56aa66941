package imports

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"

	"ouderportaal/internal/ids"
	"ouderportaal/internal/sheet"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// plan is what an import does, for people to read and for the database to keep.
type plan struct {
	Preview
	care children.Corrections
	folk identity.People
	refs []reference
	// What changes, for the log: of children what is in their files, of people their own data and work.
	kidsTouched, folkTouched map[ids.ID][]Field
}

// touch notes that a field of the file of a child changes.
func (p *plan) touch(child ids.ID, f Field) { p.kidsTouched = note(p.kidsTouched, child, f) }

// changing notes fields of a person that change.
func (p *plan) changing(person ids.ID) func(Field) {
	return func(f Field) { p.folkTouched = note(p.folkTouched, person, f) }
}

func note(of map[ids.ID][]Field, id ids.ID, f Field) map[ids.ID][]Field {
	if of == nil {
		of = map[ids.ID][]Field{}
	}
	if !slices.Contains(of[id], f) {
		of[id] = append(of[id], f)
	}
	return of
}

// reference is the number under which the administration of an organisation knows a child.
type reference struct {
	ChildID ids.ID
	Number  string
}

// makePlan compares a table with what the organisation knows. It writes nothing, and of the same table and the same rows
// it makes the same plan, apart from the ids of what is new.
func makePlan(ctx context.Context, tx tenants.Reader, t *sheet.Table, k Kind, m Mapping) (*plan, error) {
	header, rows := headers(t)
	p := &plan{}
	for i := range m {
		h := Heading{Text: shorten(tidy(header.At(i)))}
		for _, row := range rows {
			if h.Sample = shorten(tidy(row.At(i))); h.Sample != "" {
				break
			}
		}
		p.Columns = append(p.Columns, h)
	}
	if p.Missing = m.missing(k); len(p.Missing) > 0 {
		return p, nil
	}
	w, err := readWorld(ctx, tx)
	if err != nil {
		return nil, err
	}
	p.Lines = make([]Line, len(rows))
	for i, row := range rows {
		p.Lines[i].Row = row.Number
	}
	switch columns := m.columns(); k {
	case Planning:
		(&planner{plan: p, world: w, tenant: tx.Tenant().ID}).planFamilies(columns, rows)
	case Groups:
		(&groupPlanner{plan: p, world: w, tenant: tx.Tenant().ID}).planGroups(columns, rows)
	case Staff:
		(&staffPlanner{plan: p, world: w, tenant: tx.Tenant().ID}).planStaff(columns, rows)
	}
	for i := range p.Lines {
		p.Lines[i].conclude()
	}
	return p, nil
}

// rows is the number of rows that carrying out the plan writes.
func (p *plan) rows() int { return p.care.Rows() + p.folk.Rows() + len(p.refs) }

func (p *Preview) counts() (c Counts) {
	for i := range p.Lines {
		c.add(&p.Lines[i])
	}
	return c
}

// encode is the preview as it is kept, and its fingerprint: two previews with the same one do the same.
func (p *Preview) encode() (content, fingerprint []byte, err error) {
	content, err = json.Marshal(p)
	if err != nil {
		return nil, nil, fmt.Errorf("imports: encode preview: %w", err)
	}
	sum := sha256.Sum256(content)
	return content, sum[:], nil
}

func decodePreview(content []byte) (*Preview, error) {
	p := new(Preview)
	if err := json.Unmarshal(content, p); err != nil {
		return nil, fmt.Errorf("imports: decode preview: %w", err)
	}
	return p, nil
}
