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
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

// Purpose is what a consent is for.
type Purpose string

// Photos lets photos with the child on them be shown in the portal to guardians of the children on them, and is asked by every organisation.
// Birthdays lets guardians of the children in the same group read in the agenda when it is the child's; an organisation asks it or not.
// These the portal itself enforces.
const (
	Photos    Purpose = "photos"
	Birthdays Purpose = "birthdays"
)

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
	db            *tenants.DB
	notifications *notifications.Service
	followers     []Follower
}

// New works on db, offers n its news, and tells the followers of each answer.
func New(db *tenants.DB, n *notifications.Service, followers ...Follower) *Service {
	s := &Service{db: db, notifications: n, followers: followers}
	n.Offer(notifications.Item{Name: item, For: notifications.Guardians, Asks: true, Label: "consents.item", Line: "consents.line",
		Path: func(ids.ID) string { return "/toestemmingen" }, Compose: s.compose, Describe: s.describe})
	return s
}

// Reply is an answer as somebody gives it.
type Reply struct {
	ChildID  ids.ID
	Purpose  Purpose
	Granted  bool
	Guardian ids.ID // whose answer on paper it is; Nil for that of all who have to answer, and for a guardian's own
	Words    int    // the version of the words that were read; 0 is that of now
}

// Say records the answer of the actor, a guardian with parental authority, or one on paper that who keeps the child's file got.
// An answer to words that were changed meanwhile is a Conflict.
func (s *Service) Say(ctx context.Context, r Reply) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		// What is asked, and of whom, stays as it is until the answer is kept; and so does who may answer.
		if err := sharePurpose(ctx, tx, r.Purpose); err != nil {
			return err
		}
		if err := lockAnswers(ctx, tx, []ids.ID{r.ChildID}); err != nil {
			return err
		}
		of, err := answering(ctx, tx, r)
		if err != nil {
			return err
		}
		d, err := definitionOf(ctx, tx, r.Purpose)
		switch {
		case err != nil:
			return err
		case !d.Running:
			return fault.New(fault.Conflict, "consents.error.not_running")
		case r.Words != 0 && r.Words != d.TextVersion:
			return fault.New(fault.Conflict, "consents.error.words_changed")
		}
		before, err := selectAnswers(ctx, tx, []ids.ID{r.ChildID}, r.Purpose)
		if err != nil {
			return err
		}
		var news []Answer
		for _, guardian := range of {
			a := Answer{TenantID: tx.Tenant().ID, ID: ids.New(), ChildID: r.ChildID, Purpose: r.Purpose, TextVersion: d.TextVersion, Granted: r.Granted,
				AnsweredBy: actor.From(ctx).PersonID, AnsweredFor: guardian, AnsweredAt: tx.Now()}
			if !said(before, a) {
				news = append(news, a)
			}
		}
		if len(news) == 0 {
			return nil
		}
		if err := insertAnswers(ctx, tx, news); err != nil {
			return err
		}
		if _, err := s.settle(ctx, tx, d, r.ChildID); err != nil {
			return err
		}
		told, err := selectTold(ctx, tx, toldAbout(r.ChildID))
		if err != nil {
			return err
		}
		if err := forget(ctx, tx, []Definition{*d}, told); err != nil {
			return err
		}
		detail := map[string]any{"purpose": r.Purpose, "granted": r.Granted, "version": d.TextVersion, "for": of}
		if err := audit.Record(ctx, tx, "consents.answer", r.ChildID, detail); err != nil {
			return err
		}
		return outbox.Record(ctx, tx, Answered{AnswerID: news[0].ID})
	})
}

// said tells whether the newest answer of the same guardian says the same to the same words. before is newest first.
func said(before []Answer, a Answer) bool {
	for _, b := range before {
		if b.AnsweredFor == a.AnsweredFor {
			return b.Granted == a.Granted && b.TextVersion == a.TextVersion
		}
	}
	return false
}

// answering gives the guardians whose answer it is: the actor; on paper one with parental authority, or all of them, and Nil
// where there is none. Who may not give it gets NotFound, whether or not they may know of the child.
func answering(ctx context.Context, tx tenants.Writer, r Reply) ([]ids.ID, error) {
	who, on, must := actor.From(ctx), r.Guardian, children.MustChange
	if who.Role == actor.Parent {
		if on != ids.Nil && on != who.PersonID {
			return nil, fault.NotFound()
		}
		on, must = who.PersonID, children.MustSee
	}
	if _, err := must(ctx, tx, []ids.ID{r.ChildID}); err != nil {
		return nil, err
	}
	ties, err := children.HoldAuthority(ctx, tx, r.ChildID)
	if err != nil {
		return nil, err
	}
	var all []ids.ID
	for _, t := range ties {
		if t.PersonID == on {
			return []ids.ID{on}, nil
		}
		all = append(all, t.PersonID)
	}
	switch {
	case on != ids.Nil:
		return nil, fault.NotFound()
	case len(all) == 0:
		return []ids.ID{ids.Nil}, nil
	}
	return all, nil
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
