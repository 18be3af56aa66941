package news

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

func insertArticle(ctx context.Context, tx tenants.Writer, a *Article) error {
	if _, err := tx.NewInsert().Model(a).Exec(ctx); err != nil {
		return fmt.Errorf("news: insert article: %w", err)
	}
	return nil
}

func updateArticle(ctx context.Context, tx tenants.Writer, a *Article) error {
	if _, err := tx.NewUpdate().Model(a).ExcludeColumn("kind", "position", "created_by", "created_at").WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("news: update article: %w", err)
	}
	return nil
}

func insertVersion(ctx context.Context, tx tenants.Writer, v *Version) error {
	if _, err := tx.NewInsert().Model(v).Exec(ctx); err != nil {
		return fmt.Errorf("news: insert version: %w", err)
	}
	return nil
}

func selectVersions(ctx context.Context, tx tenants.Reader, id ids.ID) ([]Version, error) {
	var list []Version
	err := tx.NewRaw(`SELECT v.*, trim(p.given_name || ' ' || p.family_name) AS by FROM article_version v JOIN person p ON p.tenant_id = v.tenant_id AND p.id = v.published_by
		WHERE v.tenant_id = ? AND v.article_id = ? ORDER BY v.version DESC LIMIT 100`, tx.Tenant().ID, id).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("news: select versions: %w", err)
	}
	return list, nil
}

// one turns what a query of one row ended with into a fault.
func one(err error, doing string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.NotFound()
	}
	if err != nil {
		return fmt.Errorf("news: %s: %w", doing, err)
	}
	return nil
}

func selectArticle(ctx context.Context, tx tenants.Reader, id ids.ID) (*Article, error) {
	a := new(Article)
	err := tx.NewSelect().Model(a).Where("a.tenant_id = ?", tx.Tenant().ID).Where("a.id = ?", id).Scan(ctx)
	return a, one(err, "find article")
}

// lockArticle gives an article that nobody else changes until the transaction ends.
func lockArticle(ctx context.Context, tx tenants.Writer, id ids.ID) (*Article, error) {
	a := new(Article)
	err := tx.NewSelect().Model(a).Where("a.tenant_id = ?", tx.Tenant().ID).Where("a.id = ?", id).For("UPDATE").Scan(ctx)
	return a, one(err, "lock article")
}

// ruleOf is the rule of the actor's role, or none that is ever true.
func ruleOf(rules map[actor.Role]string, tx tenants.Reader, who actor.Actor) string {
	rule, known := rules[who.Role]
	if !known || who.TenantID != tx.Tenant().ID {
		return "false"
	}
	return "(" + rule + ")"
}

// asks are the parameters of rules: tenant, person, today, and what else a query needs.
func asks(tx tenants.Reader, who actor.Actor, more ...any) []any {
	return append([]any{tx.Tenant().ID, who.PersonID, string(tx.Today())}, more...)
}

func selectKept(ctx context.Context, tx tenants.Reader, who actor.Actor, id ids.ID) (*Article, error) {
	a := new(Article)
	err := tx.NewSelect().Model(a).Where("a.id = ?", id).Where(numbered(ruleOf(keeps, tx, who)), asks(tx, who)...).Scan(ctx)
	return a, one(err, "find kept article")
}

func lockKept(ctx context.Context, tx tenants.Writer, who actor.Actor, id ids.ID) (*Article, error) {
	a := new(Article)
	err := tx.NewSelect().Model(a).Where("a.id = ?", id).Where(numbered(ruleOf(keeps, tx, who)), asks(tx, who)...).For("UPDATE OF a").Scan(ctx)
	return a, one(err, "lock kept article")
}

// selectReadable gives those among articles that who may read.
func selectReadable(ctx context.Context, tx tenants.Reader, who actor.Actor, list []ids.ID) ([]Article, error) {
	var found []Article
	if len(list) == 0 {
		return nil, nil
	}
	err := tx.NewSelect().Model(&found).Where("a.id IN (?)", bun.List(list)).Where(numbered(ruleOf(reads, tx, who)), asks(tx, who)...).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("news: select readable: %w", err)
	}
	return found, nil
}

// reader is somebody who may read an article.
type reader struct {
	PersonID  ids.ID
	ArticleID ids.ID
}

// whoRead gives those of list who may read their article in a role, whatever role they are in now.
func whoRead(ctx context.Context, tx tenants.Reader, role actor.Role, list []reader) (map[reader]bool, error) {
	people, articles := make([]ids.ID, len(list)), make([]ids.ID, len(list))
	for i, r := range list {
		people[i], articles[i] = r.PersonID, r.ArticleID
	}
	var rows []reader
	err := tx.NewRaw(`SELECT n.person_id, n.article_id FROM unnest(?1::uuid[], ?3::uuid[]) AS n (person_id, article_id) JOIN article a ON a.tenant_id = ?0 AND a.id = n.article_id
		WHERE `+ofPerson(reads[role], "n.person_id")+held(role), tx.Tenant().ID, array(people), string(tx.Today()), array(articles)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("news: look who reads: %w", err)
	}
	may := make(map[reader]bool, len(rows))
	for _, r := range rows {
		may[r] = true
	}
	return may, nil
}

// held adds for an admin, whose rule asks for nothing of the person, that they are one today. Those of the others ask for ties and places.
func held(role actor.Role) string {
	if role != actor.Admin {
		return ""
	}
	return ` AND EXISTS (SELECT FROM membership m WHERE m.tenant_id = ?0 AND m.person_id = n.person_id AND m.role = 'admin' AND m.valid_from <= ?2::date AND (m.valid_to IS NULL OR m.valid_to >= ?2::date))`
}

// selectArticles gives the published ones among those of list, with what goes along with them.
func selectArticles(ctx context.Context, tx tenants.Reader, list []reader) (map[ids.ID]*Article, error) {
	var subjects []ids.ID
	for _, r := range list {
		subjects = append(subjects, r.ArticleID)
	}
	var rows []Article
	err := tx.NewSelect().Model(&rows).Where("a.tenant_id = ?", tx.Tenant().ID).Where("a.id IN (?)", bun.List(ids.Once(subjects))).Where("a.state = ?", Published).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("news: select articles: %w", err)
	}
	found := make(map[ids.ID]*Article, len(rows))
	for i := range rows {
		found[rows[i].ID] = &rows[i]
	}
	return found, nameAttached(ctx, tx, found)
}

func locationsOf(ctx context.Context, tx tenants.Reader) ([]ids.ID, error) {
	var list []ids.ID
	if err := tx.NewRaw("SELECT id FROM location WHERE tenant_id = ? AND id IN (?)", tx.Tenant().ID, children.LocationsOf(tx, actor.From(ctx))).Scan(ctx, &list); err != nil {
		return nil, fmt.Errorf("news: select own locations: %w", err)
	}
	return list, nil
}

// replacePlaces writes the places of an article anew.
func replacePlaces(ctx context.Context, tx tenants.Writer, id ids.ID, a Audience) error {
	for table, places := range map[string]struct {
		column string
		list   []ids.ID
	}{"article_location": {"location_id", a.Locations}, "article_group": {"group_id", a.Groups}} {
		if _, err := tx.NewRaw("DELETE FROM "+table+" WHERE tenant_id = ? AND article_id = ?", tx.Tenant().ID, id).Exec(ctx); err != nil {
			return fmt.Errorf("news: delete places: %w", err)
		}
		_, err := tx.NewRaw("INSERT INTO "+table+" (tenant_id, article_id, "+places.column+") SELECT ?, ?, x FROM unnest(?::uuid[]) AS x ON CONFLICT DO NOTHING",
			tx.Tenant().ID, id, array(places.list)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("news: insert places: %w", err)
		}
	}
	return nil
}

func audienceOf(ctx context.Context, tx tenants.Reader, a *Article) (Audience, error) {
	audience := Audience{Guardians: a.ForGuardians, Staff: a.ForStaff, Everywhere: a.Everywhere}
	err := tx.NewRaw("SELECT location_id FROM article_location WHERE tenant_id = ? AND article_id = ?", tx.Tenant().ID, a.ID).Scan(ctx, &audience.Locations)
	if err == nil {
		err = tx.NewRaw("SELECT group_id FROM article_group WHERE tenant_id = ? AND article_id = ?", tx.Tenant().ID, a.ID).Scan(ctx, &audience.Groups)
	}
	if err != nil {
		return audience, fmt.Errorf("news: select places: %w", err)
	}
	return audience, nil
}

func insertReading(ctx context.Context, tx tenants.Writer, person, article ids.ID) error {
	_, err := tx.NewRaw("INSERT INTO article_reading (tenant_id, person_id, article_id, read_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", tx.Tenant().ID, person, article, tx.Now()).Exec(ctx)
	if err != nil {
		return fmt.Errorf("news: note reading: %w", err)
	}
	return nil
}

func nextPosition(ctx context.Context, tx tenants.Reader) (n int, err error) {
	if err = tx.NewRaw("SELECT coalesce(max(position), 0) + 1 FROM article WHERE tenant_id = ? AND kind = 'page'", tx.Tenant().ID).Scan(ctx, &n); err != nil {
		err = fmt.Errorf("news: find last page: %w", err)
	}
	return n, err
}

// swapPositions puts a page in the place of the one above or below it among those that who looks after, and tells whether there was one.
func swapPositions(ctx context.Context, tx tenants.Writer, who actor.Actor, a *Article, up bool) (bool, error) {
	beyond, order := "(a.position, a.id) > (?3, ?4)", "ASC"
	if up {
		beyond, order = "(a.position, a.id) < (?3, ?4)", "DESC"
	}
	var other Article
	err := tx.NewRaw("SELECT a.id, a.position FROM article a WHERE a.kind = 'page' AND a.state <> 'withdrawn' AND "+numbered(ruleOf(keeps, tx, who))+" AND "+beyond+" ORDER BY a.position "+order+", a.id "+order+" LIMIT 1 FOR UPDATE OF a",
		asks(tx, who, a.Position, a.ID)...).Scan(ctx, &other.ID, &other.Position)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err == nil {
		_, err = tx.NewRaw("UPDATE article SET position = CASE WHEN id = ?1 THEN ?4::int ELSE ?2::int END WHERE tenant_id = ?0 AND id IN (?1, ?3)",
			tx.Tenant().ID, a.ID, a.Position, other.ID, other.Position).Exec(ctx)
	}
	if err != nil {
		return false, fmt.Errorf("news: move page: %w", err)
	}
	return true, nil
}

// selectEmpty gives the drafts of before a moment in which nothing was ever written.
func selectEmpty(ctx context.Context, tx tenants.Reader, before time.Time) ([]ids.ID, error) {
	var list []ids.ID
	err := tx.NewRaw(`SELECT a.id FROM article a WHERE a.tenant_id = ?0 AND a.state = 'draft' AND a.version = 0 AND a.draft_title = '' AND a.draft_body = '' AND a.changed_at < ?1
		AND NOT EXISTS (SELECT FROM article_file f WHERE f.tenant_id = ?0 AND f.article_id = a.id AND NOT f.inline) ORDER BY a.id LIMIT 200 FOR UPDATE`, tx.Tenant().ID, before).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("news: select empty drafts: %w", err)
	}
	return list, nil
}

// deleteDrafts deletes articles that were never published with their files, and gives the keys of those in storage.
func deleteDrafts(ctx context.Context, tx tenants.Writer, list []ids.ID) (keys []string, err error) {
	err = tx.NewRaw("DELETE FROM article_file WHERE tenant_id = ? AND article_id IN (?) RETURNING storage_key", tx.Tenant().ID, bun.List(list)).Scan(ctx, &keys)
	if err == nil {
		_, err = tx.NewDelete().Model((*Article)(nil)).Where("a.tenant_id = ?", tx.Tenant().ID).Where("a.id IN (?)", bun.List(list)).Exec(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("news: delete drafts: %w", err)
	}
	return keys, nil
}
