package consents

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

type state struct {
	bun.BaseModel `bun:"table:consent_state,alias:s"`
	TenantID      ids.ID  `bun:",pk,type:uuid"`
	ChildID       ids.ID  `bun:",pk,type:uuid"`
	Purpose       Purpose `bun:",pk"`
	Granted       bool
	TextVersion   int
	AnswerID      ids.ID `bun:"type:uuid"`
	Running       bool   `bun:",scanonly"`
}

type text struct {
	bun.BaseModel `bun:"table:consent_text"`
	TenantID      ids.ID  `bun:",pk,type:uuid"`
	Purpose       Purpose `bun:",pk"`
	TextVersion   int     `bun:",pk"`
	Text
	PublishedBy ids.ID `bun:"type:uuid"`
}

// lockPurpose is for who changes what is asked: it waits for the answers of now. It comes before lockAnswers.
func lockPurpose(ctx context.Context, tx tenants.Writer, purpose Purpose) error {
	return tx.Lock(ctx, "consent", tx.Tenant().ID.String()+string(purpose))
}

// sharePurpose is lockPurpose for answers, which do not wait for each other.
func sharePurpose(ctx context.Context, tx tenants.Writer, purpose Purpose) error {
	return tx.LockShared(ctx, "consent", tx.Tenant().ID.String()+string(purpose))
}

// lockAnswers lets nobody else change what holds for the children until the transaction ends.
func lockAnswers(ctx context.Context, tx tenants.Writer, childIDs []ids.ID) error {
	return tx.Lock(ctx, "consents", ids.Texts(childIDs)...)
}

func insertAnswers(ctx context.Context, tx tenants.Writer, list []Answer) error {
	if _, err := tx.NewInsert().Model(&list).Exec(ctx); err != nil {
		return fmt.Errorf("consents: insert answers: %w", err)
	}
	return nil
}

func upsertState(ctx context.Context, tx tenants.Writer, s *state) error {
	_, err := tx.NewInsert().Model(s).On("CONFLICT (tenant_id, child_id, purpose) DO UPDATE").
		Set("granted = EXCLUDED.granted").Set("text_version = EXCLUDED.text_version").Set("answer_id = EXCLUDED.answer_id").Exec(ctx)
	if err != nil {
		return fmt.Errorf("consents: set state: %w", err)
	}
	return nil
}

// selectStates reads what holds for the children, for one purpose, or with "" for all; hold keeps it so until the transaction ends.
func selectStates(ctx context.Context, tx tenants.Reader, purpose Purpose, childIDs []ids.ID, hold bool) ([]state, error) {
	if len(childIDs) == 0 {
		return nil, nil
	}
	var rows []state
	// The rows are read, and held, one child after the other.
	q := tx.NewSelect().Model(&rows).Column("child_id", "purpose", "granted", "text_version").ColumnExpr("NOT "+notRunning("s", "s.purpose")+" AS running").
		Where("tenant_id = ?", tx.Tenant().ID).Where("child_id IN (?)", bun.List(childIDs)).Order("child_id", "purpose")
	if purpose != "" {
		q = q.Where("purpose = ?", purpose)
	}
	if hold {
		q = q.For("SHARE OF s")
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("consents: select state: %w", err)
	}
	return rows, nil
}

// selectAnswers reads the answers about the children, newest first; to one purpose, or with "" to all.
func selectAnswers(ctx context.Context, tx tenants.Reader, childIDs []ids.ID, purpose Purpose) ([]Answer, error) {
	if len(childIDs) == 0 {
		return nil, nil
	}
	var list []Answer
	q := tx.NewSelect().Model(&list).Where("tenant_id = ?", tx.Tenant().ID).Where("child_id IN (?)", bun.List(childIDs)).Order("answered_at DESC", "id DESC")
	if purpose != "" {
		q = q.Where("purpose = ?", purpose)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("consents: select answers: %w", err)
	}
	return list, nil
}

// selectAnswered gives so many children about whom there is an answer to the purpose, in the order of their ids, after one.
func selectAnswered(ctx context.Context, tx tenants.Reader, purpose Purpose, after ids.ID, most int64) ([]ids.ID, error) {
	var list []ids.ID
	err := tx.NewSelect().Model((*state)(nil)).Column("child_id").Where("tenant_id = ?", tx.Tenant().ID).Where("purpose = ?", purpose).
		Where("child_id > ?", after).Order("child_id").Limit(most).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("consents: select answered: %w", err)
	}
	return list, nil
}

// selectDefinitions reads what the organisation asks, with the words of now, as it was added.
func selectDefinitions(ctx context.Context, tx tenants.Reader) ([]Definition, error) {
	var list []Definition
	err := tx.NewSelect().Model(&list).ColumnExpr("d.*").ColumnExpr("w.title, w.body, w.published_at").
		Join("JOIN consent_text AS w ON w.tenant_id = d.tenant_id AND w.purpose = d.purpose AND w.text_version = d.text_version").
		Where("d.tenant_id = ?", tx.Tenant().ID).OrderExpr("d.purpose <> 'photos', d.created_at, d.purpose").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("consents: select definitions: %w", err)
	}
	return list, nil
}

// lockDefinition reads a definition that nobody else changes until the transaction ends; nil when there is none.
func lockDefinition(ctx context.Context, tx tenants.Writer, purpose Purpose) (*Definition, error) {
	d := new(Definition)
	err := tx.NewSelect().Model(d).ColumnExpr("d.*").ColumnExpr("w.title, w.body, w.published_at").
		Join("JOIN consent_text AS w ON w.tenant_id = d.tenant_id AND w.purpose = d.purpose AND w.text_version = d.text_version").
		Where("d.tenant_id = ?", tx.Tenant().ID).Where("d.purpose = ?", purpose).For("UPDATE OF d").Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("consents: lock definition: %w", err)
	}
	return d, nil
}

func insertDefinition(ctx context.Context, tx tenants.Writer, d *Definition) error {
	if _, err := tx.NewInsert().Model(d).Exec(ctx); err != nil {
		return fmt.Errorf("consents: insert definition: %w", err)
	}
	return nil
}

func updateDefinition(ctx context.Context, tx tenants.Writer, d *Definition) error {
	if _, err := tx.NewUpdate().Model(d).WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("consents: update definition: %w", err)
	}
	return nil
}

func insertText(ctx context.Context, tx tenants.Writer, t *text) error {
	if _, err := tx.NewInsert().Model(t).Exec(ctx); err != nil {
		return fmt.Errorf("consents: insert text: %w", err)
	}
	return nil
}

func selectTexts(ctx context.Context, tx tenants.Reader, purpose Purpose) ([]text, error) {
	var list []text
	if err := tx.NewSelect().Model(&list).Where("tenant_id = ?", tx.Tenant().ID).Where("purpose = ?", purpose).Order("text_version DESC").Scan(ctx); err != nil {
		return nil, fmt.Errorf("consents: select texts: %w", err)
	}
	return list, nil
}

// tallies counts what holds for the children of the query, for each purpose.
func tallies(ctx context.Context, tx tenants.Reader, among *bun.RawQuery) (map[Purpose]Tally, error) {
	var rows []struct {
		Purpose          Purpose
		Granted, Refused int
	}
	err := tx.NewSelect().Model((*state)(nil)).Column("purpose").ColumnExpr("count(*) FILTER (WHERE granted) AS granted").
		ColumnExpr("count(*) FILTER (WHERE NOT granted AND text_version > 0) AS refused").
		Where("tenant_id = ?", tx.Tenant().ID).Where("child_id IN (?)", among).Group("purpose").Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("consents: count: %w", err)
	}
	found := make(map[Purpose]Tally, len(rows))
	for _, r := range rows {
		found[r.Purpose] = Tally{Granted: r.Granted, Refused: r.Refused}
	}
	return found, nil
}

func countChildren(ctx context.Context, tx tenants.Reader, among *bun.RawQuery) (n int, err error) {
	if err := tx.NewRaw("SELECT count(DISTINCT child_id) FROM (?) AS k (child_id)", among).Scan(ctx, &n); err != nil {
		return 0, fmt.Errorf("consents: count children: %w", err)
	}
	return n, nil
}
