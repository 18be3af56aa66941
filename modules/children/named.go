package children

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

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

// NamesOf gives the names of what the log can be about, as SubjectsNamed finds it, and of locations and groups. A tie is
// "Eva Jansen · Mila Jansen", a placement has the name of its child; what the organisation does not know is left out.
func NamesOf(ctx context.Context, tx tenants.Reader, subjects []ids.ID) (map[ids.ID]string, error) {
	names := make(map[ids.ID]string, len(subjects))
	if len(subjects) == 0 {
		return names, nil
	}
	var list []struct {
		ID   ids.ID
		Name string
	}
	err := tx.NewRaw(`SELECT p.id, trim(p.given_name || ' ' || p.family_name) AS name FROM person p WHERE p.tenant_id = ?0 AND p.id IN (?1)
		UNION ALL SELECT c.id, trim(c.given_name || ' ' || c.family_name) FROM child c WHERE c.tenant_id = ?0 AND c.id IN (?1)
		UNION ALL SELECT g.id, trim(p.given_name || ' ' || p.family_name) || ' · ' || trim(c.given_name || ' ' || c.family_name)
			FROM guardianship g JOIN child c ON c.tenant_id = g.tenant_id AND c.id = g.child_id JOIN person p ON p.tenant_id = g.tenant_id AND p.id = g.person_id
			WHERE g.tenant_id = ?0 AND g.id IN (?1)
		UNION ALL SELECT l.id, trim(c.given_name || ' ' || c.family_name) FROM placement l JOIN child c ON c.tenant_id = l.tenant_id AND c.id = l.child_id
			WHERE l.tenant_id = ?0 AND l.id IN (?1)
		UNION ALL SELECT l.id, l.name FROM location l WHERE l.tenant_id = ?0 AND l.id IN (?1)
		UNION ALL SELECT o.id, o.name FROM care_group o WHERE o.tenant_id = ?0 AND o.id IN (?1)`, tx.Tenant().ID, bun.List(subjects)).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("children: name subjects: %w", err)
	}
	for _, l := range list {
		names[l.ID] = l.Name
	}
	return names, nil
}

func idsNamed(ctx context.Context, tx tenants.Reader, typed, query string) ([]ids.ID, error) {
	list := []ids.ID{}
	words := strings.Fields(strings.ReplaceAll(strings.ToValidUTF8(typed, ""), "\x00", ""))
	const typedWords = "string_to_array(?1, ' ')"
	query = replaceAll(query, "{named:p}", namedSQL("p.name_key", typedWords), "{named:c}", namedSQL("c.name_key", typedWords))
	if err := tx.NewRaw(query+" LIMIT ?2", tx.Tenant().ID, strings.Join(words, " "), mostNamed).Scan(ctx, &list); err != nil {
		return nil, fmt.Errorf("children: find named: %w", err)
	}
	return list, nil
}
