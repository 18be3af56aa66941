package consents

import (
	"context"

	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// standing is what the answers about a child come to.
type standing struct {
	granted     bool
	textVersion int    // the oldest words that one of those who have to answer has answered; 0 while somebody has not
	newest      ids.ID // answer; Nil when there is none
}

// weigh finds what holds by the answers about one child, newest first. Where one guardian is enough, the newest answer of any
// holds. Where every guardian is asked, each of them has to allow it; somebody who has not answered does not.
func weigh(required Required, guardians []ids.ID, answers []Answer) standing {
	if len(answers) == 0 {
		return standing{}
	}
	newest := answers[0]
	if required == One || len(guardians) == 0 {
		return standing{newest.Granted, newest.TextVersion, newest.ID}
	}
	s := standing{granted: true, textVersion: newest.TextVersion, newest: newest.ID}
	for _, guardian := range guardians {
		granted, version := false, 0
		for _, a := range answers {
			if a.AnsweredFor == guardian || a.AnsweredFor == ids.Nil {
				granted, version = a.Granted, a.TextVersion
				break
			}
		}
		s.granted = s.granted && granted
		s.textVersion = min(s.textVersion, version)
	}
	return s
}

// settle writes what holds for the children by their answers and guardians of now, and tells the followers where that
// changed. The caller holds the lock of their answers.
func (s *Service) settle(ctx context.Context, tx tenants.Writer, d *Definition, childIDs []ids.ID) error {
	ties, err := children.WithAuthority(ctx, tx, childIDs)
	if err != nil {
		return err
	}
	guardians := map[ids.ID][]ids.ID{}
	for _, t := range ties {
		guardians[t.ChildID] = append(guardians[t.ChildID], t.PersonID)
	}
	answers, err := selectAnswers(ctx, tx, childIDs, d.Purpose)
	if err != nil {
		return err
	}
	of := map[ids.ID][]Answer{}
	for _, a := range answers {
		of[a.ChildID] = append(of[a.ChildID], a)
	}
	before, err := selectStates(ctx, tx, d.Purpose, childIDs, false)
	if err != nil {
		return err
	}
	granted := map[ids.ID]bool{}
	for _, st := range before {
		granted[st.ChildID] = st.Granted
	}
	for _, id := range childIDs {
		now := weigh(d.Required, guardians[id], of[id])
		if now.newest == ids.Nil {
			continue
		}
		st := &state{TenantID: tx.Tenant().ID, ChildID: id, Purpose: d.Purpose, Granted: now.granted, TextVersion: now.textVersion, AnswerID: now.newest}
		if err := upsertState(ctx, tx, st); err != nil {
			return err
		}
		if now.granted != granted[id] {
			if err := s.follow(ctx, tx, d.Purpose, id); err != nil {
				return err
			}
		}
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
	rows, err := selectStates(ctx, tx, purpose, childIDs, hold)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if r.Granted && r.Running {
			granted[r.ChildID] = true
		}
	}
	return granted, nil
}

// notRunning is the condition that a purpose of the row is not asked now: a consent holds only while it is.
func notRunning(row, purpose string) string {
	return `EXISTS (SELECT FROM consent_definition d WHERE d.tenant_id = ` + row + `.tenant_id AND d.purpose = ` + purpose + ` AND NOT d.running)`
}

// Shareable is the rule for one photo, as a condition on its id in SQL: everybody on it has consent now. photo is the
// alias of the photo row. It is written here and nowhere else.
func Shareable(photo string) string {
	return `NOT EXISTS (SELECT FROM photo_child lacking LEFT JOIN consent_state s
		ON s.tenant_id = lacking.tenant_id AND s.child_id = lacking.child_id AND s.purpose = 'photos'
		WHERE lacking.tenant_id = ` + photo + `.tenant_id AND lacking.photo_id = ` + photo + `.id AND s.granted IS NOT TRUE)
		AND NOT ` + notRunning(photo, "'photos'")
}
