// Package consents keeps what guardians allow, with its history, and decides whether a photo may be shared.
package consents

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// Purpose is what a consent is for.
type Purpose string

// Photos lets photos with the child on them be shown in the portal to guardians of the children on them.
const Photos Purpose = "photos"

// Answer is what somebody said at a moment. Answers are never changed: the newest holds, the rest is history.
type Answer struct {
	bun.BaseModel `bun:"table:consent_answer"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	ChildID       ids.ID `bun:"type:uuid"`
	Purpose       Purpose
	Granted       bool
	AnsweredBy    ids.ID `bun:"type:uuid"`
	AnsweredAt    time.Time
}

type state struct {
	bun.BaseModel `bun:"table:consent_state"`
	TenantID      ids.ID  `bun:",pk,type:uuid"`
	ChildID       ids.ID  `bun:",pk,type:uuid"`
	Purpose       Purpose `bun:",pk"`
	Granted       bool
	AnswerID      ids.ID `bun:"type:uuid"`
}

// Answered happens when a consent is given or withdrawn.
type Answered struct {
	AnswerID ids.ID `json:"answer_id"`
}

// EventName names the event in the ledger.
func (Answered) EventName() string { return "consents.answered" }

// Follower brings what it keeps in line with a changed consent, in the transaction of the answer: a withdrawal works
// from the next request on.
type Follower interface {
	ConsentChanged(ctx context.Context, tx tenants.Writer, childID ids.ID) error
}

// Service records answers.
type Service struct {
	db        *tenants.DB
	followers []Follower
}

// New works on db and tells the followers of each answer.
func New(db *tenants.DB, followers ...Follower) *Service {
	return &Service{db: db, followers: followers}
}

// Give records the answer of the actor, a guardian of the child or somebody who answers on paper for one.
func (s *Service) Give(ctx context.Context, childID ids.ID, purpose Purpose, granted bool) error {
	if purpose != Photos {
		return fault.NotFound()
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := mayAnswer(ctx, tx, childID); err != nil {
			return err
		}
		answer := &Answer{TenantID: tx.Tenant().ID, ID: ids.New(), ChildID: childID, Purpose: purpose, Granted: granted,
			AnsweredBy: actor.From(ctx).PersonID, AnsweredAt: tx.Now()}
		if err := insertAnswer(ctx, tx, answer); err != nil {
			return err
		}
		for _, f := range s.followers {
			if err := f.ConsentChanged(ctx, tx, childID); err != nil {
				return fmt.Errorf("consents: follow: %w", err)
			}
		}
		if err := audit.Record(ctx, tx, "consents.answer", childID, map[string]any{"purpose": purpose, "granted": granted}); err != nil {
			return err
		}
		return outbox.Record(ctx, tx, Answered{AnswerID: answer.ID})
	})
}

// mayAnswer lets guardians with parental authority answer, and those who run the organisation, for an answer on paper.
// Others get NotFound, whether or not they may know of the child.
func mayAnswer(ctx context.Context, tx tenants.Writer, childID ids.ID) error {
	if _, err := children.MustSee(ctx, tx, []ids.ID{childID}); err != nil {
		return err
	}
	who := actor.From(ctx)
	switch who.Role {
	case actor.Admin, actor.Manager, actor.System:
		return nil
	case actor.Parent:
		authority, err := children.HasAuthority(ctx, tx, who.PersonID, childID)
		if err != nil || authority {
			return err
		}
	}
	return fault.NotFound()
}

func insertAnswer(ctx context.Context, tx tenants.Writer, a *Answer) error {
	if _, err := tx.NewInsert().Model(a).Exec(ctx); err != nil {
		return fmt.Errorf("consents: insert answer: %w", err)
	}
	s := &state{TenantID: a.TenantID, ChildID: a.ChildID, Purpose: a.Purpose, Granted: a.Granted, AnswerID: a.ID}
	_, err := tx.NewInsert().Model(s).On("CONFLICT (tenant_id, child_id, purpose) DO UPDATE").
		Set("granted = EXCLUDED.granted").Set("answer_id = EXCLUDED.answer_id").Exec(ctx)
	if err != nil {
		return fmt.Errorf("consents: set state: %w", err)
	}
	return nil
}

// Lacking gives those of the children without consent for purpose; never asked is lacking too. Their consents cannot
// change until the transaction ends, so that a withdrawal comes wholly before or wholly after what is written here.
func Lacking(ctx context.Context, tx tenants.Writer, purpose Purpose, childIDs []ids.ID) (map[ids.ID]bool, error) {
	granted, err := grantedAmong(ctx, tx, purpose, childIDs, true)
	if err != nil {
		return nil, err
	}
	lacking := map[ids.ID]bool{}
	for _, id := range childIDs {
		if !granted[id] {
			lacking[id] = true
		}
	}
	return lacking, nil
}

// Granted gives those of the children with consent for purpose now.
func Granted(ctx context.Context, tx tenants.Reader, purpose Purpose, childIDs []ids.ID) (map[ids.ID]bool, error) {
	return grantedAmong(ctx, tx, purpose, childIDs, false)
}

func grantedAmong(ctx context.Context, tx tenants.Reader, purpose Purpose, childIDs []ids.ID, hold bool) (map[ids.ID]bool, error) {
	granted := map[ids.ID]bool{}
	if len(childIDs) == 0 {
		return granted, nil
	}
	q := tx.NewSelect().Model((*state)(nil)).Column("child_id", "granted").Where("tenant_id = ?", tx.Tenant().ID).
		Where("purpose = ?", purpose).Where("child_id IN (?)", bun.List(childIDs)).Order("child_id")
	if hold {
		q = q.For("SHARE")
	}
	var rows []state
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("consents: select state: %w", err)
	}
	for _, r := range rows {
		if r.Granted {
			granted[r.ChildID] = true
		}
	}
	return granted, nil
}

// Shareable is the rule for one photo, as a condition on its id in SQL: everybody on it has consent now. photo is the
// alias of the photo row. It is written here and nowhere else.
func Shareable(photo string) string {
	return `NOT EXISTS (SELECT FROM photo_child lacking LEFT JOIN consent_state s
		ON s.tenant_id = lacking.tenant_id AND s.child_id = lacking.child_id AND s.purpose = 'photos'
		WHERE lacking.tenant_id = ` + photo + `.tenant_id AND lacking.photo_id = ` + photo + `.id AND s.granted IS NOT TRUE)`
}

// History gives the answers about a child, newest first.
func (s *Service) History(ctx context.Context, childID ids.ID) ([]Answer, error) {
	var list []Answer
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		if _, err := children.MustSee(ctx, tx, []ids.ID{childID}); err != nil {
			return err
		}
		err := tx.NewSelect().Model(&list).Where("tenant_id = ?", tx.Tenant().ID).Where("child_id = ?", childID).Order("answered_at DESC", "id DESC").Scan(ctx)
		if err != nil {
			return fmt.Errorf("consents: select history: %w", err)
		}
		return nil
	})
	return list, err
}
