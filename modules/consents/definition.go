package consents

import (
	"context"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/formkey"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/internal/plaintext"
	"ouderportaal/tenants"
)

// Required says whose answers it takes.
type Required string

// One guardian with parental authority is enough, and the newest answer of any of them holds; or Every one of them has to allow it.
const (
	One   Required = "one"
	Every Required = "every"
)

// MaxTitle and MaxBody are the longest title and text of a question, in characters.
const (
	MaxTitle = 120
	MaxBody  = 4000
)

// Text is a question in words. Without a title it is asked in the product's own.
type Text struct {
	Title       string
	Body        string
	PublishedAt time.Time
}

// Definition is what an organisation asks for a purpose.
type Definition struct {
	bun.BaseModel `bun:"table:consent_definition,alias:d"`
	TenantID      ids.ID  `bun:",pk,type:uuid"`
	Purpose       Purpose `bun:",pk"`
	Required      Required
	StartsOn      tenants.Date
	EndsOn        tenants.Date `bun:",nullzero"`
	Running       bool         // whether it is asked, and its consents hold, today
	TextVersion   int          // of the words of now
	AskedVersion  int          // the oldest words to which an answer counts as answered
	Version       int          // of this row
	CreatedAt     time.Time

	Title       string    `bun:",scanonly"`
	Body        string    `bun:",scanonly"`
	PublishedAt time.Time `bun:",scanonly"`
}

// Enforced tells whether the portal itself keeps to the answers.
func (d *Definition) Enforced() bool { return d.Purpose == Photos || d.Purpose == Birthdays }

// Own tells whether the words are the organisation's; without any, photos are asked in the product's.
func (d *Definition) Own() bool { return d.Version > 0 }

// unwritten is what is asked about photos by who has not written a question of their own.
func unwritten() Definition {
	return Definition{Purpose: Photos, Required: One, Running: true, TextVersion: 1, AskedVersion: 1}
}

// DefinitionChanged happens when whose answers a question takes, or whether it runs, is not what it was. What holds is found anew, so
// many children at a time, and who has to answer then is told.
type DefinitionChanged struct {
	Purpose Purpose `json:"purpose"`
	Turned  bool    `json:"turned"` // it begins or ends, which no child's state tells
	After   ids.ID  `json:"after"`  // the last child that has been looked at
}

// EventName names the event in the ledger.
func (DefinitionChanged) EventName() string { return "consents.definition_changed" }

// QuestionAsked happens when somebody has a question asked: one that is new, that is not asked now, or the same in other words. Who has to answer
// because it begins by the calendar, or is asked of more people, is found with DefinitionChanged.
type QuestionAsked struct {
	Purpose Purpose `json:"purpose"`
}

// EventName names the event in the ledger.
func (QuestionAsked) EventName() string { return "consents.question_asked" }

// Draft is a question as it was typed.
type Draft struct {
	Title    string
	Body     string
	Required Required
	StartsOn tenants.Date
	EndsOn   tenants.Date // "" is no end
	AskAgain bool         // everybody has to answer the new words
	Version  int          // of the row that was on the screen; 0 when there was none
	FormKey  ids.ID       // of a new question: sent twice it is asked once
	// Birthdays has the agenda keep to the answers to a new question. There is one such question.
	Birthdays bool
}

// Check tells everything that is wrong with the draft by itself.
func (d *Draft) Check() error {
	d.Title, d.Body = strings.Join(strings.Fields(plaintext.Of(d.Title)), " "), plaintext.Of(d.Body)
	var problems fault.Fields
	long := func(field, value string, most int, missing string) {
		switch n := utf8.RuneCountInString(value); {
		case n == 0:
			problems.Add(field, missing)
		case n > most:
			problems.Add(field, "consents.error.too_long", map[string]any{"Max": most})
		}
	}
	long("title", d.Title, MaxTitle, "consents.error.title")
	long("body", d.Body, MaxBody, "consents.error.body")
	if d.Required != One && d.Required != Every {
		problems.Add("required", "consents.error.required")
	}
	if !d.StartsOn.Valid() {
		problems.Add("starts_on", "consents.error.day")
	}
	switch {
	case d.EndsOn == "":
	case !d.EndsOn.Valid():
		problems.Add("ends_on", "consents.error.day")
	case d.StartsOn.Valid() && d.EndsOn < d.StartsOn:
		problems.Add("ends_on", "consents.error.ends_before")
	}
	return problems.Err()
}

func runs(today, from, to tenants.Date) bool { return from <= today && (to == "" || today <= to) }

// Ask adds a question, and gives its purpose.
func (s *Service) Ask(ctx context.Context, draft Draft) (purpose Purpose, err error) {
	id := ids.New()
	purpose = Purpose("own_" + hex.EncodeToString(id[8:]))
	if draft.Birthdays {
		purpose = Birthdays
	}
	if err := mayDefine(ctx, &draft); err != nil {
		return "", err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		typed := formkey.Hash(draft.Title, draft.Body, string(draft.Required), string(draft.StartsOn), string(draft.EndsOn), strconv.FormatBool(draft.Birthdays))
		before, done, err := formkey.Once(ctx, tx, draft.FormKey, typed)
		if err != nil {
			return err
		}
		if done {
			purpose = Purpose(before)
			return nil
		}
		if draft.Birthdays {
			if err := mustBeFirst(ctx, tx, purpose); err != nil {
				return err
			}
		}
		if err := write(ctx, tx, purpose, draft); err != nil {
			return err
		}
		return formkey.Finish(ctx, tx, draft.FormKey, string(purpose))
	})
	return purpose, err
}

// mustBeFirst says so when a purpose of which there is one question is asked already.
func mustBeFirst(ctx context.Context, tx tenants.Writer, purpose Purpose) error {
	if err := lockPurpose(ctx, tx, purpose); err != nil {
		return err
	}
	d, err := lockDefinition(ctx, tx, purpose)
	if err != nil || d == nil {
		return err
	}
	var problems fault.Fields
	problems.Add("birthdays", "consents.error.birthdays_asked", map[string]any{"Title": d.Title})
	return problems.Err()
}

// Revise changes a question, or writes the words for photos for the first time. New words are a new version: who has answered
// is asked again when the draft says so, and until then what they said holds.
func (s *Service) Revise(ctx context.Context, purpose Purpose, draft Draft) error {
	if _, err := s.Question(ctx, purpose); err != nil {
		return err
	}
	if err := mayDefine(ctx, &draft); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error { return write(ctx, tx, purpose, draft) })
}

// mayDefine lets those who run the whole organisation decide what is asked.
func mayDefine(ctx context.Context, draft *Draft) error {
	if role := actor.From(ctx).Role; role != actor.Admin && role != actor.System {
		return fault.NotFound()
	}
	return draft.Check()
}

func write(ctx context.Context, tx tenants.Writer, purpose Purpose, draft Draft) error {
	if err := lockPurpose(ctx, tx, purpose); err != nil {
		return err
	}
	d, err := lockDefinition(ctx, tx, purpose)
	if err != nil {
		return err
	}
	is := &Definition{TenantID: tx.Tenant().ID, Purpose: purpose, Required: draft.Required, StartsOn: draft.StartsOn, EndsOn: draft.EndsOn,
		Running: runs(tx.Today(), draft.StartsOn, draft.EndsOn), TextVersion: 1, AskedVersion: 1, Version: 1, CreatedAt: tx.Now()}
	worded := d == nil || d.Title != draft.Title || d.Body != draft.Body
	if d == nil {
		if draft.Version != 0 {
			return fault.NotFound()
		}
		// Answers to the product's own words for photos are to version 1; those of the organisation come after them.
		if purpose == Photos {
			is.TextVersion = 2
		}
	} else {
		if d.Version != draft.Version {
			return fault.New(fault.Conflict, "consents.error.stale")
		}
		is.TextVersion, is.AskedVersion, is.Version, is.CreatedAt = d.TextVersion, d.AskedVersion, d.Version+1, d.CreatedAt
		if worded {
			is.TextVersion++
		}
	}
	if draft.AskAgain {
		is.AskedVersion = is.TextVersion
	}
	if err := save(ctx, tx, is, d == nil); err != nil {
		return err
	}
	if worded {
		words := &text{TenantID: tx.Tenant().ID, Purpose: purpose, TextVersion: is.TextVersion, PublishedBy: actor.From(ctx).PersonID,
			Text: Text{Title: draft.Title, Body: draft.Body, PublishedAt: tx.Now()}}
		if err := insertText(ctx, tx, words); err != nil {
			return err
		}
	}
	action := "consents.revise"
	if d == nil {
		action = "consents.ask"
	}
	detail := map[string]any{"purpose": purpose, "version": is.TextVersion, "required": is.Required, "starts_on": is.StartsOn, "ends_on": is.EndsOn, "ask_again": draft.AskAgain}
	if err := audit.Record(ctx, tx, action, ids.Nil, detail); err != nil {
		return err
	}
	before := unwritten()
	if d != nil {
		before = *d
	}
	if is.Running && (d == nil || !before.Running || before.AskedVersion < is.AskedVersion) {
		if err := outbox.Record(ctx, tx, QuestionAsked{purpose}); err != nil {
			return err
		}
	}
	if before.Required == is.Required && before.Running == is.Running {
		return nil
	}
	return outbox.Record(ctx, tx, DefinitionChanged{Purpose: purpose, Turned: before.Running != is.Running})
}

func save(ctx context.Context, tx tenants.Writer, d *Definition, isNew bool) error {
	if isNew {
		return insertDefinition(ctx, tx, d)
	}
	return updateDefinition(ctx, tx, d)
}

// definitionsOf gives everything that the organisation asks, or asked, photos first.
func definitionsOf(ctx context.Context, tx tenants.Reader) ([]Definition, error) {
	list, err := selectDefinitions(ctx, tx)
	if err == nil && (len(list) == 0 || list[0].Purpose != Photos) {
		list = append([]Definition{unwritten()}, list...)
	}
	return list, err
}

// holdDefinitions is definitionsOf, of which none changes until the transaction ends. It comes before forget.
func holdDefinitions(ctx context.Context, tx tenants.Writer) ([]Definition, error) {
	list, err := definitionsOf(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, d := range list {
		if err := sharePurpose(ctx, tx, d.Purpose); err != nil {
			return nil, err
		}
	}
	return definitionsOf(ctx, tx)
}

// definitionOf gives what is asked for a purpose; NotFound when nothing is.
func definitionOf(ctx context.Context, tx tenants.Reader, purpose Purpose) (*Definition, error) {
	list, err := definitionsOf(ctx, tx)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].Purpose == purpose {
			return &list[i], nil
		}
	}
	return nil, fault.NotFound()
}

// Question gives what is asked for a purpose.
func (s *Service) Question(ctx context.Context, purpose Purpose) (d *Definition, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		d, err = definitionOf(ctx, tx, purpose)
		return err
	})
	return d, err
}
