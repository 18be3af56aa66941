// Package consents keeps what organisations ask of guardians, what those answer, with its history, and decides whether a photo
// may be shared.
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

// Photos lets photos with the child on them be shown in the portal to guardians of the children on them. It is the one purpose
// that the portal itself enforces, and is asked by every organisation.
const Photos Purpose = "photos"

// Answer is what somebody said at a moment to the words of then. Answers are never changed: the newest of each guardian
// counts, the rest is history.
type Answer struct {
	bun.BaseModel `bun:"table:consent_answer"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	ChildID       ids.ID `bun:"type:uuid"`
	Purpose       Purpose
	TextVersion   int
	Granted       bool
	AnsweredBy    ids.ID `bun:"type:uuid"`
	// AnsweredFor is the guardian whose answer it is; Nil is an answer on paper for everybody.
	AnsweredFor ids.ID `bun:"type:uuid,nullzero"`
	AnsweredAt  time.Time
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

// Service asks, and records answers.
type Service struct {
	db        *tenants.DB
	followers []Follower
}

// New works on db and tells the followers of each answer.
func New(db *tenants.DB, followers ...Follower) *Service {
	return &Service{db: db, followers: followers}
}

// Give records the answer of the actor, a guardian of the child; of who runs the organisation it is one on paper, for
// everybody who has to answer.
func (s *Service) Give(ctx context.Context, childID ids.ID, purpose Purpose, granted bool) error {
	return s.give(ctx, childID, purpose, granted, ids.Nil)
}

// GiveFor records the answer on paper of a guardian with parental authority.
func (s *Service) GiveFor(ctx context.Context, childID ids.ID, purpose Purpose, granted bool, guardian ids.ID) error {
	if actor.From(ctx).Role == actor.Parent {
		return fault.NotFound()
	}
	return s.give(ctx, childID, purpose, granted, guardian)
}

func (s *Service) give(ctx context.Context, childID ids.ID, purpose Purpose, granted bool, on ids.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := mayAnswer(ctx, tx, childID, on); err != nil {
			return err
		}
		if actor.From(ctx).Role == actor.Parent {
			on = actor.From(ctx).PersonID
		}
		d, err := definitionOf(ctx, tx, purpose)
		if err != nil {
			return err
		}
		if !d.Running {
			return fault.New(fault.Conflict, "consents.error.not_running")
		}
		if err := lockAnswers(ctx, tx, []ids.ID{childID}); err != nil {
			return err
		}
		answer := &Answer{TenantID: tx.Tenant().ID, ID: ids.New(), ChildID: childID, Purpose: purpose, TextVersion: d.TextVersion, Granted: granted,
			AnsweredBy: actor.From(ctx).PersonID, AnsweredFor: on, AnsweredAt: tx.Now()}
		if err := insertAnswer(ctx, tx, answer); err != nil {
			return err
		}
		if err := s.settle(ctx, tx, d, []ids.ID{childID}); err != nil {
			return err
		}
		detail := map[string]any{"purpose": purpose, "granted": granted, "version": d.TextVersion}
		if err := audit.Record(ctx, tx, "consents.answer", childID, detail); err != nil {
			return err
		}
		return outbox.Record(ctx, tx, Answered{AnswerID: answer.ID})
	})
}

// mayAnswer lets guardians with parental authority answer, and those who may change the child's file, for an answer on paper of
// such a guardian, or of all. Others get NotFound, whether or not they may know of the child.
func mayAnswer(ctx context.Context, tx tenants.Writer, childID, on ids.ID) error {
	who, must := actor.From(ctx), children.MustChange
	if who.Role == actor.Parent {
		on, must = who.PersonID, children.MustSee
	}
	if _, err := must(ctx, tx, []ids.ID{childID}); err != nil || on == ids.Nil {
		return err
	}
	authority, err := children.HasAuthority(ctx, tx, on, childID)
	if err == nil && !authority {
		return fault.NotFound()
	}
	return err
}

// follow tells the followers of what holds now. Only photos have any.
func (s *Service) follow(ctx context.Context, tx tenants.Writer, purpose Purpose, childID ids.ID) error {
	if purpose != Photos {
		return nil
	}
	for _, f := range s.followers {
		if err := f.ConsentChanged(ctx, tx, childID); err != nil {
			return fmt.Errorf("consents: follow: %w", err)
		}
	}
	return nil
}
