package declarations

import (
	"cmp"
	"context"
	"slices"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/formkey"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// ScanKey is the key of the field in which the paper itself goes along as a file. No field that is asked has it.
const ScanKey = "scan-van-papier"

// Paper is an answer that came on paper, as it was typed over.
type Paper struct {
	DeclarationID, ChildID ids.ID
	Guardian               ids.ID       // who gave it
	On                     tenants.Date // the day on it
	Words                  int          // the version of the words that were read
	Filled                 Filled       // with the scan in the field ScanKey; a signature is there when anything stands in its field
	Files                  map[string]Upload
	FormKey                ids.ID // sent twice it is there once
}

// Sheet is a declaration about a child to type an answer on paper over to.
type Sheet struct {
	Declaration
	Child     children.Named
	Family    string // the family name
	Guardians []Guardian
	Today     tenants.Date
	Files     map[string]*Enclosure // that the actor uploaded for it

	newest map[ids.ID]tenants.Date // of the answers of each guardian: the day on the paper, or that of answering in the portal
	since  tenants.Date            // when the words were written that everybody had to answer again, or none
}

// WithScan are the fields, and that for the paper itself.
func (s *Sheet) WithScan() []Field {
	return append(slices.Clone(s.Fields), Field{Key: ScanKey, Kind: File})
}

// Sheet gives a declaration that is asked about a child whom the actor keeps, to type an answer on paper over to. Any other is NotFound, and
// so is one about a child without anybody who may answer.
func (s *Service) Sheet(ctx context.Context, declaration, child ids.ID) (sheet *Sheet, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		sheet, err = sheetOf(ctx, tx, subject{declaration, child})
		return err
	})
	return sheet, err
}

func sheetOf(ctx context.Context, tx tenants.Reader, about subject) (*Sheet, error) {
	if err := mayKeep(ctx); err != nil {
		return nil, err
	}
	d, err := selectOne(ctx, tx, about.DeclarationID, "")
	if err != nil {
		return nil, err
	}
	rows, err := respondents(ctx, tx, d, keptBy(ctx, tx, false).of(tx, about.ChildID))
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(rows, func(r Respondent) bool { return r.Child.ID == about.ChildID })
	if at < 0 || rows[at].Past || !d.Asked() || len(rows[at].Guardians) == 0 {
		return nil, fault.NotFound()
	}
	unsent, err := selectUnsentFiles(ctx, tx, about, actor.From(ctx).PersonID)
	if err != nil {
		return nil, err
	}
	given, err := selectAnswers(ctx, tx, about.DeclarationID, []ids.ID{about.ChildID}, false)
	if err != nil {
		return nil, err
	}
	r := rows[at]
	sheet := &Sheet{Declaration: *d, Child: r.Child, Family: r.Family, Guardians: r.Guardians, Today: tx.Today(), Files: map[string]*Enclosure{}, newest: map[ids.ID]tenants.Date{}}
	for _, a := range given {
		sheet.newest[a.AnsweredBy] = max(sheet.newest[a.AnsweredBy], cmp.Or(a.PaperOn, tx.Tenant().DateOf(a.AnsweredAt)))
	}
	if d.AskedVersion > 1 {
		wordings, err := selectWordings(ctx, tx, d.ID)
		if err != nil {
			return nil, err
		}
		asked := slices.IndexFunc(wordings, func(w Wording) bool { return w.TextVersion == d.AskedVersion })
		sheet.since = tx.Tenant().DateOf(wordings[asked].WrittenAt)
	}
	for i := range unsent {
		sheet.Files[unsent[i].ID.String()] = &unsent[i]
	}
	return sheet, nil
}

// AnswerOnPaper keeps what a guardian filled in on paper, as their answer. They can change it in the portal after that. A paper of before
// another answer of theirs, on paper or in the portal, is Invalid: that is newer. So is one of before words that everybody has to answer
// again; the first words may be in the portal later than on paper. The files that were sent are put into p.Filled, also when the rest is
// not right.
func (s *Service) AnswerOnPaper(ctx context.Context, p *Paper) error {
	about := subject{p.DeclarationID, p.ChildID}
	sent := fingerprint(p.Filled, p.Files, p.DeclarationID.String(), p.ChildID.String(), p.Guardian.String(), string(p.On))
	sheet, err := s.Sheet(ctx, p.DeclarationID, p.ChildID)
	if err != nil {
		return err
	}
	bad, err := s.enclose(ctx, about, sheet.WithScan(), p.Files, p.Filled)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := hold(ctx, tx, p.ChildID); err != nil {
			return err
		}
		if _, done, err := formkey.Once(ctx, tx, p.FormKey, sent); err != nil || done {
			return err
		}
		if _, err := selectOne(ctx, tx, p.DeclarationID, "SHARE"); err != nil {
			return err
		}
		ties, err := children.HoldAuthority(ctx, tx, p.ChildID)
		if err != nil {
			return err
		}
		sheet, err := sheetOf(ctx, tx, about)
		if err != nil {
			return err
		}
		if p.Words != sheet.TextVersion {
			return fault.New(fault.Conflict, "declarations.error.words_changed")
		}
		a, err := sheet.answer(p, bad)
		if err != nil {
			return err
		}
		a.TenantID, a.ID, a.EnteredBy, a.AnsweredAt = tx.Tenant().ID, ids.New(), actor.From(ctx).PersonID, tx.Now()
		held := a.Filled.filesIn(sheet.Fields)
		if a.ScanID != ids.Nil {
			held = ids.Once(append(held, a.ScanID))
		}
		if err := keep(ctx, tx, held); err != nil {
			return err
		}
		if err := insertAnswer(ctx, tx, *a); err != nil {
			return err
		}
		if err := deleteUnsentUntil(ctx, tx, about, a.AnsweredBy, a.PaperOn); err != nil {
			return err
		}
		detail := map[string]any{"declaration": p.DeclarationID, "version": a.TextVersion, "guardian": a.AnsweredBy, "paper_on": a.PaperOn}
		if err := audit.Record(ctx, tx, "declarations.answer_on_paper", p.ChildID, detail); err != nil {
			return err
		}
		// Who needs not answer any more has nothing waiting.
		var guardians []ids.ID
		for _, t := range ties {
			guardians = append(guardians, t.PersonID)
		}
		if err := s.notifications.Settle(ctx, tx, guardians); err != nil {
			return err
		}
		return formkey.Finish(ctx, tx, p.FormKey, a.ID.String())
	})
}

// answer is what was typed over, when all of it is right.
func (s *Sheet) answer(p *Paper, bad map[string]*fault.Error) (*Answer, error) {
	var problems fault.Fields
	at := slices.IndexFunc(s.Guardians, func(g Guardian) bool { return g.ID == p.Guardian })
	var by Guardian
	if at < 0 {
		problems.Add("guardian", "declarations.error.guardian")
	} else {
		by = s.Guardians[at]
	}
	switch {
	case !p.On.Valid():
		problems.Add("paper_on", "declarations.error.paper_on")
	case p.On > s.Today:
		problems.Add("paper_on", "declarations.error.paper_future")
	case p.On < s.since:
		problems.Add("paper_on", "declarations.error.paper_words")
	case p.On < s.newest[p.Guardian]:
		problems.Add("paper_on", "declarations.error.paper_older", map[string]any{"Name": by.Name})
	}
	filled := p.Filled.check(&problems, s.WithScan(), filler{name: by.Name, paper: true, has: s.Files, refused: bad})
	a := &Answer{DeclarationID: p.DeclarationID, ChildID: p.ChildID, TextVersion: s.TextVersion, Filled: filled, AnsweredBy: p.Guardian, PaperOn: p.On}
	a.ScanID, _ = ids.Parse(filled.First(ScanKey))
	delete(filled, ScanKey)
	return a, problems.Err()
}
