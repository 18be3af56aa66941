package news

import (
	"context"
	"fmt"
	"strconv"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// at is the location $4, or any when that is NULL: what is for all of the organisation belongs to every location.
const at = `($4::uuid IS NULL OR a.everywhere OR EXISTS (SELECT FROM article_location x WHERE x.tenant_id = $1 AND x.article_id = a.id AND x.location_id = $4::uuid)
	OR EXISTS (SELECT FROM article_group x JOIN care_group g ON g.tenant_id = $1 AND g.id = x.group_id WHERE x.tenant_id = $1 AND x.article_id = a.id AND g.location_id = $4::uuid))`

func lineColumns(role actor.Role) string {
	return `a.id, a.kind, a.title, a.teaser, a.published_at,
	(SELECT count(*) FROM article_file f WHERE f.tenant_id = $1 AND f.article_id = a.id AND NOT f.inline AND f.state = 'ready') AS files,
	NOT EXISTS (SELECT FROM article_reading r WHERE r.tenant_id = $1 AND r.person_id = $2 AND r.article_id = a.id) AS unread,
	CASE WHEN a.everywhere THEN '' ELSE coalesce((SELECT string_agg(DISTINCT l.name, ', ' ORDER BY l.name) FROM care_group g JOIN location l ON l.tenant_id = $1 AND l.id = g.location_id
		WHERE g.tenant_id = $1 AND g.id IN (` + own[role] + `) AND ` + aimed + `), '') END AS "where",
	coalesce(substring(a.body FROM '<img src="([^"]+)/[0-9]+\.webp"'), '') AS picture`
}

// selectLines gives what who may read of a kind, the newest first.
func selectLines(ctx context.Context, tx tenants.Reader, who actor.Actor, f Filter, most int) ([]Line, error) {
	beyond, more := "true", []any{orNull(f.Location), f.Kind}
	if f.After.ID != ids.Nil {
		beyond = "(a.published_at, a.id) < ($6, $7)"
		more = append(more, f.After.At, f.After.ID)
	}
	return scanLines(ctx, tx, who, `a.kind = $5 AND `+beyond+` ORDER BY a.published_at DESC, a.id DESC LIMIT `+strconv.Itoa(most), more...)
}

// selectPages gives the information pages that who may read, in their order.
func selectPages(ctx context.Context, tx tenants.Reader, who actor.Actor, location ids.ID) ([]Line, error) {
	return scanLines(ctx, tx, who, `a.kind = 'page' ORDER BY a.position, a.id LIMIT `+strconv.Itoa(mostRead), orNull(location))
}

func scanLines(ctx context.Context, tx tenants.Reader, who actor.Actor, rest string, more ...any) ([]Line, error) {
	rule := ruleOf(reads, tx, who)
	if rule == "false" {
		return nil, nil
	}
	var list []Line
	err := tx.NewRaw(numbered(`SELECT `+lineColumns(who.Role)+` FROM article a WHERE `+rule+` AND `+at+` AND `+rest), asks(tx, who, more...)...).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("news: list: %w", err)
	}
	return list, nil
}

func orNull(id ids.ID) any {
	if id == ids.Nil {
		return nil
	}
	return id
}

// asked are the conditions of a list in the console: $4 the words of the title, $5 the state.
const asked = `(strpos(a.title_key, name_key($4::text)) > 0 OR $4::text = '') AND ($5::text = '' OR a.state = $5::text)`

func countKept(ctx context.Context, tx tenants.Reader, who actor.Actor, f DeskFilter) (map[Kind]int, error) {
	var rows []struct {
		Kind Kind
		N    int
	}
	err := tx.NewRaw(numbered(`SELECT a.kind, count(*) AS n FROM article a WHERE `+ruleOf(keeps, tx, who)+` AND `+asked+` GROUP BY a.kind`), asks(tx, who, f.Search, f.State)...).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("news: count: %w", err)
	}
	counts := map[Kind]int{}
	for _, r := range rows {
		counts[r.Kind] = r.N
	}
	return counts, nil
}

// orders are what the lists of the console can be ordered by, with what comes after the article c.
var orders = map[Sort]struct{ by, beyond string }{
	ByChanged: {`a.changed_at DESC, a.id DESC`, `(a.changed_at, a.id) < (c.changed_at, c.id)`},
	ByTitle:   {`a.title_key, a.id`, `(a.title_key, a.id) > (c.title_key, c.id)`},
	ByPublished: {`coalesce(a.published_at, '-infinity') DESC, a.id DESC`,
		`(coalesce(a.published_at, '-infinity'), a.id) < (coalesce(c.published_at, '-infinity'), c.id)`},
}

func selectDesk(ctx context.Context, tx tenants.Reader, who actor.Actor, f DeskFilter, most int) ([]DeskLine, error) {
	order, known := orders[f.Sort]
	if !known {
		order = orders[ByChanged]
	}
	by := order.by
	if f.Kind == Page && f.Sort == "" { // as they are read
		by, order.beyond = `a.position, a.id`, `(a.position, a.id) > (c.position, c.id)`
	}
	var list []DeskLine
	err := tx.NewRaw(numbered(`SELECT a.id, a.kind, a.state, a.draft_title AS title, a.everywhere, a.changed_at, a.due_at, a.published_at,
			a.state = 'published' AND (a.draft_title <> a.title OR a.draft_body <> a.body) AS changed,
			(SELECT count(*) FROM article_reading r WHERE r.tenant_id = $1 AND r.article_id = a.id) AS read,
			coalesce((SELECT string_agg(x.name, ', ' ORDER BY x.name) FROM (
				SELECT l.name FROM article_location y JOIN location l ON l.tenant_id = $1 AND l.id = y.location_id WHERE y.tenant_id = $1 AND y.article_id = a.id
				UNION ALL SELECT g.name FROM article_group y JOIN care_group g ON g.tenant_id = $1 AND g.id = y.group_id WHERE y.tenant_id = $1 AND y.article_id = a.id) x), '') AS places
		FROM article a WHERE `+ruleOf(keeps, tx, who)+` AND `+asked+` AND ($6::text = '' OR a.kind = $6::text)
			AND ($7::uuid IS NULL OR EXISTS (SELECT FROM article c WHERE c.tenant_id = $1 AND c.id = $7::uuid AND `+order.beyond+`))
		ORDER BY `+by+` LIMIT `+strconv.Itoa(most)), asks(tx, who, f.Search, f.State, f.Kind, orNull(f.After))...).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("news: list kept: %w", err)
	}
	return list, nil
}

func countReadings(ctx context.Context, tx tenants.Reader, id ids.ID) (n int, err error) {
	if err = tx.NewRaw("SELECT count(*) FROM article_reading WHERE tenant_id = ? AND article_id = ?", tx.Tenant().ID, id).Scan(ctx, &n); err != nil {
		err = fmt.Errorf("news: count readings: %w", err)
	}
	return n, err
}

// selectReaders gives the people, and who else has read an article: who has read it first.
func selectReaders(ctx context.Context, tx tenants.Reader, id ids.ID, people []ids.ID) ([]Reader, error) {
	var list []Reader
	err := tx.NewRaw(`SELECT p.id, trim(p.given_name || ' ' || p.family_name) AS name, r.read_at FROM person p
		LEFT JOIN article_reading r ON r.tenant_id = p.tenant_id AND r.person_id = p.id AND r.article_id = ?1
		WHERE p.tenant_id = ?0 AND (p.id = ANY (?2::uuid[]) OR r.read_at IS NOT NULL) ORDER BY r.read_at DESC NULLS LAST, p.name_key, p.id`, tx.Tenant().ID, id, array(people)).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("news: select readers: %w", err)
	}
	return list, nil
}
