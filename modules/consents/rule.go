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
// holds. Where every guardian is asked, each of them has to allow it; somebody who has not answered does not. When none is left
// to ask, it takes a yes of everybody who ever answered: nobody's no ends with their tie.
func weigh(required Required, guardians []ids.ID, answers []Answer) standing {
	if len(answers) == 0 {
		return standing{}
	}
	newest := answers[0]
	if required == One {
		return standing{newest.Granted, newest.TextVersion, newest.ID}
	}
	if len(guardians) == 0 {
		for _, a := range answers {
			guardians = append(guardians, a.AnsweredFor)
		}
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

// settle writes what holds for a child by its answers and guardians of now, and tells the followers when that changed; changed
// says so. The caller holds the lock of the child's answers, and has read d under it.
func (s *Service) settle(ctx context.Context, tx tenants.Writer, d *Definition, childID ids.ID) (changed bool, err error) {
	about := []ids.ID{childID}
	ties, err := children.WithAuthority(ctx, tx, about)
	if err != nil {
		return false, err
	}
	guardians := make([]ids.ID, len(ties))
	for i, t := range ties {
		guardians[i] = t.PersonID
	}
	answers, err := selectAnswers(ctx, tx, about, d.Purpose)
	if err != nil {
		return false, err
	}
	before, err := selectStates(ctx, tx, d.Purpose, about, false)
	if err != nil {
		return false, err
	}
	now := weigh(d.Required, guardians, answers)
	if now.newest == ids.Nil {
		return false, nil
	}
	st := &state{TenantID: tx.Tenant().ID, ChildID: childID, Purpose: d.Purpose, Granted: now.granted, TextVersion: now.textVersion, AnswerID: now.newest}
	if err := upsertState(ctx, tx, st); err != nil {
		return false, err
	}
	if now.granted == (len(before) > 0 && before[0].Granted) {
		return false, nil
	}
	return true, s.follow(ctx, tx, d.Purpose, childID)
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
