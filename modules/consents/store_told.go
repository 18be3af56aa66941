package consents

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// told is the last time that a guardian was told of a question about a child that they still have to answer.
type told struct {
	bun.BaseModel `bun:"table:consent_told,alias:t"`
	TenantID      ids.ID  `bun:",pk,type:uuid"`
	Purpose       Purpose `bun:",pk"`
	ChildID       ids.ID  `bun:",pk,type:uuid"`
	PersonID      ids.ID  `bun:",pk,type:uuid"`
	AskedVersion  int
	ToldOn        tenants.Date `bun:"type:date"`
	Batch         ids.ID       `bun:"type:uuid"`
}

// missing selects child_id and person_id of the answers about some children that a question waits for, each once: those of guardians with
// authority who have an account to answer with. Who has none gets an invitation, and hears of what they are asked after that.
func missing(tx tenants.Reader, d *Definition, among *bun.RawQuery) *bun.RawQuery {
	return tx.NewRaw(`SELECT DISTINCT g.child_id, g.person_id FROM (?5) g
		LEFT JOIN consent_state s ON s.tenant_id = ?0 AND s.child_id = g.child_id AND s.purpose = ?1
		WHERE ?2 AND coalesce(s.text_version, 0) < ?3 AND g.child_id IN (?4) AND g.person_id IN (?6) AND NOT EXISTS (
			SELECT FROM consent_answer a WHERE a.tenant_id = ?0 AND a.child_id = g.child_id AND a.purpose = ?1 AND a.text_version >= ?3
				AND (a.answered_for = g.person_id OR a.answered_for IS NULL))`,
		tx.Tenant().ID, d.Purpose, d.Running, d.AskedVersion, among, children.Authorities(tx), identity.WithAccount(tx))
}

func selectMissing(ctx context.Context, tx tenants.Reader, d *Definition, among *bun.RawQuery) (map[children.Tie]bool, error) {
	var list []children.Tie
	if err := missing(tx, d, among).Scan(ctx, &list); err != nil {
		return nil, fmt.Errorf("consents: select missing: %w", err)
	}
	found := make(map[children.Tie]bool, len(list))
	for _, m := range list {
		found[m] = true
	}
	return found, nil
}

// countMissing counts the guardians whose answer a question waits for, and those of them who were not told of it today.
func countMissing(ctx context.Context, tx tenants.Reader, d *Definition, among *bun.RawQuery) (all, untold int, err error) {
	err = tx.NewRaw(`SELECT count(DISTINCT person_id), count(DISTINCT person_id) FILTER (WHERE person_id NOT IN (?1)) FROM (?0) m`, missing(tx, d, among), toldToday(tx, d)).Scan(ctx, &all, &untold)
	if err != nil {
		return 0, 0, fmt.Errorf("consents: count missing: %w", err)
	}
	return all, untold, nil
}

// toldToday selects the person_id of whoever was told of a question today.
func toldToday(tx tenants.Reader, d *Definition) *bun.RawQuery {
	return tx.NewRaw("SELECT person_id FROM consent_told WHERE tenant_id = ? AND purpose = ? AND told_on = ?::date", tx.Tenant().ID, d.Purpose, string(tx.Today()))
}

// telling is how noteTold notes who is told.
type telling struct {
	batch  ids.ID
	on     tenants.Date
	remind bool // also of words that they were told of before
}

// noteTold notes for each answer that the questions wait for that its guardian is told of it, and gives whom that is news to. Of a question
// that somebody was told of on that day already nothing more is noted for them. Only rows that change are taken, in one order: questions,
// guardians, children.
//
// NOT IN is hashed whatever the planner believes of a table that was just filled; NOT EXISTS became one loop inside another there.
func noteTold(ctx context.Context, tx tenants.Writer, definitions []Definition, among *bun.RawQuery, t telling) ([]ids.ID, error) {
	var people []ids.ID
	for _, d := range inOrder(definitions) {
		var some []ids.ID
		err := tx.NewRaw(`INSERT INTO consent_told (tenant_id, purpose, child_id, person_id, asked_version, told_on, batch)
			SELECT ?0, ?1, m.child_id, m.person_id, ?2, ?3::date, ?4 FROM (?5) m
			WHERE m.person_id NOT IN (SELECT t.person_id FROM consent_told t WHERE t.tenant_id = ?0 AND t.purpose = ?1 AND t.told_on = ?3::date)
				AND (?6 OR (m.child_id, m.person_id) NOT IN (SELECT t.child_id, t.person_id FROM consent_told t WHERE t.tenant_id = ?0 AND t.purpose = ?1 AND t.asked_version >= ?2))
			ORDER BY m.person_id, m.child_id
			ON CONFLICT (tenant_id, purpose, child_id, person_id) DO UPDATE SET asked_version = EXCLUDED.asked_version, told_on = EXCLUDED.told_on, batch = EXCLUDED.batch
			WHERE consent_told.told_on <> EXCLUDED.told_on AND (?6 OR consent_told.asked_version < EXCLUDED.asked_version)
			RETURNING person_id`, tx.Tenant().ID, d.Purpose, d.AskedVersion, string(t.on), t.batch, missing(tx, &d, among), t.remind).Scan(ctx, &some)
		if err != nil {
			return nil, fmt.Errorf("consents: note who is told: %w", err)
		}
		people = append(people, some...)
	}
	return ids.Once(people), nil
}

// deleteTold forgets that people were told of what the question does not wait for from them. Rows are taken as noteTold takes them.
func deleteTold(ctx context.Context, tx tenants.Writer, d *Definition, people []ids.ID) error {
	about := tx.NewRaw("SELECT child_id FROM consent_told WHERE tenant_id = ? AND purpose = ? AND person_id IN (?)", tx.Tenant().ID, d.Purpose, bun.List(people))
	_, err := tx.NewRaw(`WITH settled AS (SELECT t.child_id, t.person_id FROM consent_told t WHERE t.tenant_id = ?0 AND t.purpose = ?1 AND t.person_id IN (?2)
			AND (t.child_id, t.person_id) NOT IN (?3) ORDER BY t.person_id, t.child_id FOR UPDATE)
		DELETE FROM consent_told t USING settled WHERE t.tenant_id = ?0 AND t.purpose = ?1 AND t.child_id = settled.child_id AND t.person_id = settled.person_id`,
		tx.Tenant().ID, d.Purpose, bun.List(people), missing(tx, d, about)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("consents: forget who was told: %w", err)
	}
	return nil
}

// batchesTold selects what somebody was told and still has to answer, as subject_id and person_id of a notification.
func batchesTold(tx tenants.Reader) *bun.RawQuery {
	return tx.NewRaw("SELECT batch AS subject_id, person_id FROM consent_told WHERE tenant_id = ?", tx.Tenant().ID)
}

// those are rows of consent_told.
type those struct {
	condition string
	value     any
}

func toldOf(purpose Purpose) those { return those{"purpose = ?", purpose} }

func toldAbout(childIDs ...ids.ID) those { return those{"child_id IN (?)", bun.List(childIDs)} }

func toldIn(batch ids.ID) those { return those{"batch = ?", batch} }

// selectTold gives who was told of them, each once.
func selectTold(ctx context.Context, tx tenants.Reader, of those) ([]ids.ID, error) {
	var list []ids.ID
	err := tx.NewSelect().Model((*told)(nil)).Distinct().Column("person_id").Where("tenant_id = ?", tx.Tenant().ID).Where(of.condition, of.value).Order("person_id").Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("consents: select who was told: %w", err)
	}
	return list, nil
}

// selectBatches gives what was told to people in batches.
func selectBatches(ctx context.Context, tx tenants.Reader, batches, people []ids.ID) ([]told, error) {
	if len(batches) == 0 || len(people) == 0 {
		return nil, nil
	}
	var list []told
	err := tx.NewSelect().Model(&list).Where("tenant_id = ?", tx.Tenant().ID).Where("batch IN (?)", bun.List(batches)).Where("person_id IN (?)", bun.List(people)).
		Order("batch", "person_id", "purpose", "child_id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("consents: select batches: %w", err)
	}
	return list, nil
}
