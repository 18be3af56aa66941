package children

import (
	"context"
	"fmt"
	"strings"

	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// mostNamed bounds what a search for a name may find.
const mostNamed = 500

// PeopleNamed gives the ids of the people whose name has all the words; never nil.
func PeopleNamed(ctx context.Context, tx tenants.Reader, typed string) ([]ids.ID, error) {
	return idsNamed(ctx, tx, typed, `SELECT p.id FROM person p WHERE p.tenant_id = ?0 AND {named:p}`)
}

// SubjectsNamed gives the ids of everything that the log can be about when it is about somebody of this name: children,
// people, and their ties, placements; never nil.
func SubjectsNamed(ctx context.Context, tx tenants.Reader, typed string) ([]ids.ID, error) {
	return idsNamed(ctx, tx, typed, `SELECT p.id FROM person p WHERE p.tenant_id = ?0 AND {named:p}
		UNION SELECT c.id FROM child c WHERE c.tenant_id = ?0 AND {named:c}
		UNION SELECT g.id FROM guardianship g JOIN child c ON c.tenant_id = g.tenant_id AND c.id = g.child_id JOIN person p ON p.tenant_id = g.tenant_id AND p.id = g.person_id
			WHERE g.tenant_id = ?0 AND ({named:c} OR {named:p})
		UNION SELECT l.id FROM placement l JOIN child c ON c.tenant_id = l.tenant_id AND c.id = l.child_id WHERE l.tenant_id = ?0 AND {named:c}`)
}

func idsNamed(ctx context.Context, tx tenants.Reader, typed, query string) ([]ids.ID, error) {
	list := []ids.ID{}
	words := strings.Fields(strings.ReplaceAll(strings.ToValidUTF8(typed, ""), "\x00", ""))
	const named = `NOT EXISTS (SELECT FROM unnest(string_to_array(?1, ' ')) w WHERE strpos(X.name_key, name_key(w)) = 0)`
	query = replaceAll(query, "{named:p}", strings.ReplaceAll(named, "X.", "p."), "{named:c}", strings.ReplaceAll(named, "X.", "c."))
	if err := tx.NewRaw(query+" LIMIT ?2", tx.Tenant().ID, strings.Join(words, " "), mostNamed).Scan(ctx, &list); err != nil {
		return nil, fmt.Errorf("children: find named: %w", err)
	}
	return list, nil
}
