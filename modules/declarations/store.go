package declarations

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// withWords selects declarations with the words of now.
func withWords(q *bun.SelectQuery, tx tenants.Reader) *bun.SelectQuery {
	return q.ColumnExpr("d.*").ColumnExpr("w.title, w.body, w.fields, w.written_at").
		Join("JOIN declaration_text AS w ON w.tenant_id = d.tenant_id AND w.declaration_id = d.id AND w.text_version = d.text_version").
		Where("d.tenant_id = ?", tx.Tenant().ID)
}

// selectAll reads every declaration, the newest first; with asked only those that guardians are asked now.
func selectAll(ctx context.Context, tx tenants.Reader, asked bool) ([]Declaration, error) {
	var list []Declaration
	q := withWords(tx.NewSelect().Model(&list), tx).Order("d.created_at DESC", "d.id")
	if asked {
		q = q.Where("d.published_at IS NOT NULL AND d.ended_at IS NULL")
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("declarations: select: %w", err)
	}
	return list, nil
}

func selectOne(ctx context.Context, tx tenants.Reader, id ids.ID, how string) (*Declaration, error) {
	d := new(Declaration)
	q := withWords(tx.NewSelect().Model(d), tx).Where("d.id = ?", id)
	if how != "" {
		q = q.For(how + " OF d")
	}
	err := q.Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.NotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("declarations: select one: %w", err)
	}
	return d, nil
}

func save(ctx context.Context, tx tenants.Writer, d *Declaration, isNew bool) error {
	var err error
	if isNew {
		_, err = tx.NewInsert().Model(d).Exec(ctx)
	} else {
		_, err = tx.NewUpdate().Model(d).WherePK().Exec(ctx)
	}
	if err != nil {
		return fmt.Errorf("declarations: save: %w", err)
	}
	return nil
}

// saveWords keeps a wording; that of a version that is there already takes its place, which the database lets nobody do to one that
// was published.
func saveWords(ctx context.Context, tx tenants.Writer, w *Wording) error {
	_, err := tx.NewInsert().Model(w).On("CONFLICT (tenant_id, declaration_id, text_version) DO UPDATE").
		Set("title = EXCLUDED.title").Set("body = EXCLUDED.body").Set("fields = EXCLUDED.fields").Set("written_at = EXCLUDED.written_at").Set("written_by = EXCLUDED.written_by").Exec(ctx)
	if err != nil {
		return fmt.Errorf("declarations: save words: %w", err)
	}
	return nil
}

func selectWordings(ctx context.Context, tx tenants.Reader, declarationIDs ...ids.ID) ([]Wording, error) {
	var list []Wording
	if len(declarationIDs) == 0 {
		return nil, nil
	}
	err := tx.NewSelect().Model(&list).Where("tenant_id = ?", tx.Tenant().ID).Where("declaration_id IN (?)", bun.List(declarationIDs)).Order("text_version DESC").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("declarations: select wordings: %w", err)
	}
	return list, nil
}

// setPlaces keeps for which locations and groups a declaration is. A place that the organisation does not have is refused by the database.
func setPlaces(ctx context.Context, tx tenants.Writer, id ids.ID, locations, groups []ids.ID) error {
	for _, t := range []struct {
		table, column string
		list          []ids.ID
	}{{"declaration_location", "location_id", locations}, {"declaration_group", "group_id", groups}} {
		if _, err := tx.NewRaw("DELETE FROM ? WHERE tenant_id = ? AND declaration_id = ?", bun.Ident(t.table), tx.Tenant().ID, id).Exec(ctx); err != nil {
			return fmt.Errorf("declarations: forget places: %w", err)
		}
		for _, place := range t.list {
			_, err := tx.NewRaw("INSERT INTO ? (tenant_id, declaration_id, ?) VALUES (?, ?, ?)", bun.Ident(t.table), bun.Ident(t.column), tx.Tenant().ID, id, place).Exec(ctx)
			if err != nil {
				return fmt.Errorf("declarations: keep places: %w", err)
			}
		}
	}
	return nil
}

func selectPlaces(ctx context.Context, tx tenants.Reader, id ids.ID) (locations, groups []ids.ID, err error) {
	for _, t := range []struct {
		table, column string
		into          *[]ids.ID
	}{{"declaration_location", "location_id", &locations}, {"declaration_group", "group_id", &groups}} {
		err := tx.NewRaw("SELECT ? FROM ? WHERE tenant_id = ? AND declaration_id = ? ORDER BY 1", bun.Ident(t.column), bun.Ident(t.table), tx.Tenant().ID, id).Scan(ctx, t.into)
		if err != nil {
			return nil, nil, fmt.Errorf("declarations: select places: %w", err)
		}
	}
	return locations, groups, nil
}

// subject is a declaration about a child.
type subject struct{ DeclarationID, ChildID ids.ID }

// selectSubjects reads which of the declarations are about which of the children that among selects.
func selectSubjects(ctx context.Context, tx tenants.Reader, declarationIDs []ids.ID, among *bun.RawQuery) ([]subject, error) {
	if len(declarationIDs) == 0 {
		return nil, nil
	}
	var list []subject
	err := tx.NewRaw(`SELECT DISTINCT d.id AS declaration_id, a.child_id FROM declaration d JOIN (?0) a ON
			a.age_months >= d.from_age_months AND (d.to_age_months IS NULL OR a.age_months < d.to_age_months) AND (d.audience = 'all'
				OR d.audience = 'locations' AND EXISTS (SELECT FROM declaration_location l WHERE l.tenant_id = d.tenant_id AND l.declaration_id = d.id AND l.location_id = a.location_id)
				OR d.audience = 'groups' AND EXISTS (SELECT FROM declaration_group g WHERE g.tenant_id = d.tenant_id AND g.declaration_id = d.id AND g.group_id = a.group_id))
		WHERE d.tenant_id = ?1 AND d.id IN (?2) AND a.child_id IN (?3)`,
		children.Audience(tx), tx.Tenant().ID, bun.List(declarationIDs), among).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("declarations: select subjects: %w", err)
	}
	return list, nil
}

// countAudience counts the children of an audience that was not kept yet.
func countAudience(ctx context.Context, tx tenants.Reader, d *Draft) (n int, err error) {
	none := []ids.ID{ids.Nil}
	err = tx.NewRaw(`SELECT count(DISTINCT a.child_id) FROM (?0) a WHERE a.age_months >= ?1 AND (?2 = 0 OR a.age_months < ?2) AND (?3 = 'all'
			OR ?3 = 'locations' AND a.location_id IN (?4) OR ?3 = 'groups' AND a.group_id IN (?5))`,
		children.Audience(tx), d.FromAgeMonths, d.ToAgeMonths, string(d.Audience), bun.List(append(none, d.LocationIDs...)), bun.List(append(none, d.GroupIDs...))).Scan(ctx, &n)
	if err != nil {
		return 0, fmt.Errorf("declarations: count audience: %w", err)
	}
	return n, nil
}

func insertAnswer(ctx context.Context, tx tenants.Writer, list ...Answer) error {
	if _, err := tx.NewInsert().Model(&list).Exec(ctx); err != nil {
		return fmt.Errorf("declarations: insert answer: %w", err)
	}
	return nil
}

// selectAnswered reads about which of the children that among selects a declaration was answered.
func selectAnswered(ctx context.Context, tx tenants.Reader, declaration ids.ID, among *bun.RawQuery) ([]ids.ID, error) {
	var list []ids.ID
	err := tx.NewSelect().Model((*Answer)(nil)).Distinct().Column("child_id").Where("tenant_id = ?", tx.Tenant().ID).Where("declaration_id = ?", declaration).
		Where("child_id IN (?)", among).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("declarations: select answered: %w", err)
	}
	return list, nil
}

// spoiled tells whether a file that had to go along with an answer was refused. Paper may do without it.
const spoiled = `answer.paper_on IS NULL AND EXISTS (SELECT FROM declaration_file f
		JOIN declaration_text w ON w.tenant_id = f.tenant_id AND w.declaration_id = f.declaration_id CROSS JOIN jsonb_array_elements(w.fields) AS field
	WHERE f.tenant_id = answer.tenant_id AND f.declaration_id = answer.declaration_id AND f.child_id = answer.child_id AND f.state = 'refused'
		AND w.text_version = answer.text_version AND field->>'kind' = 'file' AND (field->>'required')::boolean
		AND answer.filled->(field->>'key')->>0 = f.id::text) AS spoiled`

// selectAnswers reads the answers to a declaration about children, newest first; with Nil those to every one. What was filled in is the
// most of it, and left out for who only counts.
func selectAnswers(ctx context.Context, tx tenants.Reader, declaration ids.ID, childIDs []ids.ID, filled bool) ([]Answer, error) {
	if len(childIDs) == 0 {
		return nil, nil
	}
	var list []Answer
	q := tx.NewSelect().Model(&list).Where("tenant_id = ?", tx.Tenant().ID).Where("child_id IN (?)", bun.List(childIDs)).Order("answered_at DESC", "id DESC")
	q = q.ExcludeColumn().ColumnExpr(spoiled)
	if declaration != ids.Nil {
		q = q.Where("declaration_id = ?", declaration)
	}
	if !filled {
		q = q.ExcludeColumn("filled", "scan_id")
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("declarations: select answers: %w", err)
	}
	var held []ids.ID
	for i := range list {
		held = append(held, list[i].fileIDs()...)
	}
	files, err := selectEnclosures(ctx, tx, held)
	for i := range list {
		list[i].files = files
	}
	return list, err
}

// hold lets nobody else answer for the child, or tell of the declaration, until the transaction ends.
func hold(ctx context.Context, tx tenants.Writer, of ids.ID) error {
	if _, err := tx.NewRaw("SELECT pg_advisory_xact_lock(hashtextextended('declarations ' || ?, 0))", of.String()).Exec(ctx); err != nil {
		return fmt.Errorf("declarations: lock: %w", err)
	}
	return nil
}

// unsent is what somebody filled in and could not send yet.
type unsent struct {
	bun.BaseModel `bun:"table:declaration_draft"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	DeclarationID ids.ID `bun:",pk,type:uuid"`
	ChildID       ids.ID `bun:",pk,type:uuid"`
	PersonID      ids.ID `bun:",pk,type:uuid"`
	Filled        Filled `bun:"type:jsonb"`
	SavedAt       time.Time
}

func upsertUnsent(ctx context.Context, tx tenants.Writer, u *unsent) error {
	_, err := tx.NewInsert().Model(u).On("CONFLICT (tenant_id, declaration_id, child_id, person_id) DO UPDATE").Set("filled = EXCLUDED.filled").Set("saved_at = EXCLUDED.saved_at").Exec(ctx)
	if err != nil {
		return fmt.Errorf("declarations: keep unsent: %w", err)
	}
	return nil
}

func selectUnsent(ctx context.Context, tx tenants.Reader, about subject, person ids.ID) (Filled, error) {
	u := new(unsent)
	err := tx.NewSelect().Model(u).Where("tenant_id = ?", tx.Tenant().ID).Where("declaration_id = ?", about.DeclarationID).Where("child_id = ?", about.ChildID).Where("person_id = ?", person).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("declarations: select unsent: %w", err)
	}
	return u.Filled, nil
}

func deleteUnsent(ctx context.Context, tx tenants.Writer, about subject, person ids.ID) error {
	_, err := tx.NewDelete().Model((*unsent)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("declaration_id = ?", about.DeclarationID).
		Where("child_id = ?", about.ChildID).Where("person_id = ?", person).Exec(ctx)
	if err != nil {
		return fmt.Errorf("declarations: forget unsent: %w", err)
	}
	return nil
}

// deleteUnsentUntil forgets it as far as it is no newer than a day.
func deleteUnsentUntil(ctx context.Context, tx tenants.Writer, about subject, person ids.ID, day tenants.Date) error {
	var u unsent
	err := tx.NewSelect().Model(&u).Where("tenant_id = ?", tx.Tenant().ID).Where("declaration_id = ?", about.DeclarationID).Where("child_id = ?", about.ChildID).
		Where("person_id = ?", person).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) || err == nil && tx.Tenant().DateOf(u.SavedAt) > day {
		return nil
	}
	if err != nil {
		return fmt.Errorf("declarations: look for unsent: %w", err)
	}
	return deleteUnsent(ctx, tx, about, person)
}

// told is a day on which somebody was asked to answer about a child, in words of which version.
type told struct {
	bun.BaseModel `bun:"table:declaration_told"`
	TenantID      ids.ID       `bun:",pk,type:uuid"`
	DeclarationID ids.ID       `bun:",pk,type:uuid"`
	PersonID      ids.ID       `bun:",pk,type:uuid"`
	ChildID       ids.ID       `bun:",pk,type:uuid"`
	ToldOn        tenants.Date `bun:",pk,type:date"`
	AskedVersion  int
	Batch         ids.ID `bun:"type:uuid"`
}

func insertTold(ctx context.Context, tx tenants.Writer, list []told) error {
	if len(list) == 0 {
		return nil
	}
	if _, err := tx.NewInsert().Model(&list).Exec(ctx); err != nil {
		return fmt.Errorf("declarations: note who is told: %w", err)
	}
	return nil
}

// heard is what somebody heard of a declaration: the last time, and about each child the newest version of the words.
type heard struct {
	on    tenants.Date
	words map[ids.ID]int
}

// selectHeard gives what everybody heard of a declaration; who is not in it heard nothing.
func selectHeard(ctx context.Context, tx tenants.Reader, declaration ids.ID) (map[ids.ID]heard, error) {
	var list []told
	err := tx.NewSelect().Model(&list).Column("person_id", "child_id").ColumnExpr("max(told_on) AS told_on, max(asked_version) AS asked_version").Where("tenant_id = ?", tx.Tenant().ID).
		Where("declaration_id = ?", declaration).Group("person_id", "child_id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("declarations: select told: %w", err)
	}
	all := map[ids.ID]heard{}
	for _, t := range list {
		h := all[t.PersonID]
		if h.words == nil {
			h.words = map[ids.ID]int{}
		}
		h.on, h.words[t.ChildID] = max(h.on, t.ToldOn), t.AskedVersion
		all[t.PersonID] = h
	}
	return all, nil
}

func selectBatch(ctx context.Context, tx tenants.Reader, batch ids.ID) ([]ids.ID, error) {
	var list []ids.ID
	err := tx.NewSelect().Model((*told)(nil)).Distinct().Column("person_id").Where("tenant_id = ?", tx.Tenant().ID).Where("batch = ?", batch).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("declarations: select batch: %w", err)
	}
	return list, nil
}
