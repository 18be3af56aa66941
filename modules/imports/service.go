package imports

import (
	"context"
	"encoding/hex"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/formkey"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/internal/sheet"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// Service is what can be done with imports.
type Service struct{ db *tenants.DB }

// New works on db.
func New(db *tenants.DB) *Service { return &Service{db: db} }

// Upload is a file that somebody sent.
type Upload struct {
	FileName string
	Content  []byte
}

// Take keeps a file as a draft, with what it would do; nothing else is written. What is no table, or has no rows,
// is Invalid at the field file.
func (s *Service) Take(ctx context.Context, u Upload) (ids.ID, error) {
	table, err := sheet.Read(u.Content)
	if err != nil {
		return ids.Nil, u.atFile(err)
	}
	header, rows := headers(table)
	if len(rows) == 0 {
		return ids.Nil, u.atFile(fault.New(fault.Invalid, "imports.file.no_rows"))
	}
	i := &Import{ID: ids.New(), CreatedBy: actor.From(ctx).PersonID, FileName: plainName(u.FileName), State: Draft, Content: u.Content}
	i.Kind, i.Mapping = guess(header)
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		known, err := selectMeaning(ctx, tx, headersHash(i.Kind, header.Cells))
		if err != nil {
			return err
		}
		if m := fromHeaders(known, header.Cells); known != nil && m.check(i.Kind, len(header.Cells)) == nil {
			i.Mapping = m
		}
		return i.look(ctx, tx, table)
	})
	if err != nil {
		return ids.Nil, err
	}
	return i.ID, s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		i.TenantID, i.CreatedAt = tx.Tenant().ID, tx.Now()
		if err := insertImport(ctx, tx, i); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "imports.take", i.ID, map[string]any{"kind": i.Kind, "rows": i.Counts.Rows()})
	})
}

// atFile puts what is wrong with a file at the field where it was chosen. A picture that is called .csv gets no advice to
// choose a file that is called so.
func (u Upload) atFile(err error) error {
	e, ok := fault.As(err)
	if !ok {
		return err
	}
	var problems fault.Fields
	name := plainName(u.FileName)
	if e.Key == "sheet.error.not_a_table" && slices.Contains([]string{".csv", ".xlsx"}, strings.ToLower(path.Ext(name))) {
		problems.Add("file", "imports.file.no_table", map[string]any{"Name": name})
	} else {
		problems.Add("file", e.Key, e.Args)
	}
	return problems.Err()
}

// plainName keeps of a client's file name what is safe to show.
func plainName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == utf8.RuneError {
			return -1
		}
		return r
	}, name)
	if runes := []rune(name); len(runes) > 200 {
		name = string(runes[:200])
	}
	return name
}

// look makes the preview anew, from what the organisation knows at this moment.
func (i *Import) look(ctx context.Context, tx tenants.Reader, table *sheet.Table) error {
	p, err := makePlan(ctx, tx, table, i.Kind, i.Mapping)
	if err != nil {
		return err
	}
	i.Counts = p.counts()
	i.Preview, i.Fingerprint, err = p.encode()
	return err
}

// Recent lists the imports of the last time, newest first.
func (s *Service) Recent(ctx context.Context) ([]Import, error) {
	var list []Import
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		list, err = selectRecent(ctx, tx, 20)
		return err
	})
	return list, err
}

// Find gives an import with its preview, which is nil when the file is gone.
func (s *Service) Find(ctx context.Context, id ids.ID) (*Import, *Preview, error) {
	var i *Import
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		i, err = selectImport(ctx, tx, id)
		return err
	})
	if err != nil || i.Preview == nil {
		return i, nil, err
	}
	p, err := decodePreview(i.Preview)
	return i, p, err
}

// Map says what the columns of a draft mean, and looks again at what it would do; the organisation's next file with the
// same headers is understood so. A column too many is Invalid at its control.
func (s *Service) Map(ctx context.Context, id ids.ID, k Kind, m Mapping) error {
	return s.lookAgain(ctx, id, func(i *Import, header sheet.Row) error {
		if k != i.Kind {
			i.Kind, i.Mapping = k, propose(k, header.Cells) // what columns meant in another kind of file says nothing
			return nil
		}
		i.Mapping = m
		return m.check(k, len(header.Cells))
	})
}

// LookAgain makes the preview of a draft anew, also of one that was refused because something else had changed meanwhile.
func (s *Service) LookAgain(ctx context.Context, id ids.ID) error {
	return s.lookAgain(ctx, id, func(*Import, sheet.Row) error { return nil })
}

func (s *Service) lookAgain(ctx context.Context, id ids.ID, change func(*Import, sheet.Row) error) error {
	var i *Import
	var header sheet.Row
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		if i, err = selectImport(ctx, tx, id); err != nil {
			return err
		}
		if err := i.mustBeOpen(); err != nil {
			return err
		}
		table, err := sheet.Read(i.Content)
		if err != nil {
			return err
		}
		header, _ = headers(table)
		if err := change(i, header); err != nil {
			return err
		}
		return i.look(ctx, tx, table)
	})
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		now, err := lockImport(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := now.mustBeOpen(); err != nil {
			return err
		}
		if err := upsertMeaning(ctx, tx, headersHash(i.Kind, header.Cells), i.Mapping.byHeader(header.Cells)); err != nil {
			return err
		}
		i.State, i.Refusal, i.FinishedAt = Draft, "", nil
		return updateImport(ctx, tx, i, "state", "kind", "mapping", "preview", "fingerprint", "counts", "refusal", "finished_at")
	})
}

// mustBeOpen answers Gone when the file is not there any more, and Conflict when the import is on its way.
func (i *Import) mustBeOpen() error {
	switch {
	case i.Waiting():
		return fault.New(fault.Conflict, "imports.error.on_its_way")
	case i.State != Draft && i.State != Refused, i.Content == nil:
		return fault.New(fault.Gone, "imports.error.gone")
	}
	return nil
}

// Discard forgets a file that is not going to be applied.
func (s *Service) Discard(ctx context.Context, id ids.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		i, err := lockImport(ctx, tx, id)
		if err != nil {
			return err
		}
		if i.Waiting() || i.State == Done {
			return fault.New(fault.Conflict, "imports.error.on_its_way")
		}
		if err := deleteImport(ctx, tx, id); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "imports.discard", id, nil)
	})
}

// Order says that a draft is to be carried out as it was seen.
type Order struct {
	FormKey  ids.ID
	ImportID ids.ID
	Seen     string // Seal of the preview that was looked at
	Accepted bool   // rows with errors are left out, and warnings are all right
}

// Seal names a preview in a form.
func (i *Import) Seal() string { return hex.EncodeToString(i.Fingerprint) }

// Apply has a worker carry out a draft, for an actor who must be fresh: a file gives roles and addresses. The same order twice is carried out once. An order for another preview than the
// last is Invalid, and so is one with errors or warnings that were not accepted (at the field accepted).
func (s *Service) Apply(ctx context.Context, o Order) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		_, done, err := formkey.Once(ctx, tx, o.FormKey, formkey.Hash(o.ImportID.String(), o.Seen))
		if err != nil || done {
			return err
		}
		i, err := lockImport(ctx, tx, o.ImportID)
		if err != nil {
			return err
		}
		if err := o.check(i); err != nil {
			return err
		}
		if err := identity.MustBeFresh(ctx, tx); err != nil {
			return err
		}
		i.State, i.AppliedBy, i.Written, i.ToWrite = Queued, actor.From(ctx).PersonID, 0, 0
		if err := updateImport(ctx, tx, i, "state", "applied_by", "written", "to_write"); err != nil {
			return err
		}
		if err := outbox.Record(ctx, tx, ImportQueued{ImportID: i.ID}); err != nil {
			return err
		}
		return formkey.Finish(ctx, tx, o.FormKey, i.ID.String())
	})
}

func (o Order) check(i *Import) error {
	if err := i.mustBeOpen(); err != nil {
		return err
	}
	var problems fault.Fields
	switch {
	case i.State != Draft || o.Seen != i.Seal():
		problems.Add("accepted", "imports.error.seen_otherwise")
	case i.Counts.Changes() == 0:
		problems.Add("accepted", "imports.error.nothing_to_do")
	case !o.Accepted && i.Counts.Wrong+i.Counts.Warned > 0:
		problems.Add("accepted", "imports.error.accept")
	}
	return problems.Err()
}

// Expire forgets files that waited for a day; it is run on a schedule.
func (s *Service) Expire(ctx context.Context) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error { return expire(ctx, tx) })
}

// LeftOut gives the headers and the rows with errors of a draft, as they stand in the file, with what is wrong with each.
func (s *Service) LeftOut(ctx context.Context, id ids.ID) (header []string, rows [][]string, lines []Line, err error) {
	i, preview, err := s.Find(ctx, id)
	if err != nil {
		return nil, nil, nil, err
	}
	if err := i.mustBeOpen(); err != nil {
		return nil, nil, nil, err
	}
	table, err := sheet.Read(i.Content)
	if err != nil {
		return nil, nil, nil, err
	}
	first, all := headers(table)
	for n, line := range preview.Lines {
		if line.Outcome == IsWrong {
			cells := make([]string, len(first.Cells))
			for c := range cells {
				cells[c] = all[n].At(c)
			}
			rows, lines = append(rows, cells), append(lines, line)
		}
	}
	return first.Cells, rows, lines, nil
}
