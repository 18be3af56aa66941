package keepsake

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/diary"
	"ouderportaal/tenants"
)

func insertKeepsake(ctx context.Context, tx tenants.Writer, k *Keepsake) error {
	if _, err := tx.NewInsert().Model(k).Exec(ctx); err != nil {
		return fmt.Errorf("keepsake: insert: %w", err)
	}
	return nil
}

func updateKeepsake(ctx context.Context, tx tenants.Writer, k *Keepsake) error {
	if _, err := tx.NewUpdate().Model(k).ExcludeColumn("child_id", "person_id", "language", "asked_at", "months").WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("keepsake: update: %w", err)
	}
	return nil
}

func one(ctx context.Context, q *bun.SelectQuery) (*Keepsake, error) {
	k := new(Keepsake)
	err := q.Limit(1).Scan(ctx, k)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.NotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("keepsake: select: %w", err)
	}
	return k, nil
}

func selectKeepsake(ctx context.Context, tx tenants.Reader, id ids.ID) (*Keepsake, error) {
	return one(ctx, tx.NewSelect().Model((*Keepsake)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id))
}

// lockKeepsake keeps others from changing it until the transaction ends.
func lockKeepsake(ctx context.Context, tx tenants.Writer, id ids.ID) (*Keepsake, error) {
	return one(ctx, tx.NewSelect().Model((*Keepsake)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).For("NO KEY UPDATE"))
}

// lockOpen gives the one of a person about a child that is built or lies ready.
func lockOpen(ctx context.Context, tx tenants.Writer, person, child ids.ID) (*Keepsake, error) {
	return one(ctx, tx.NewSelect().Model((*Keepsake)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("person_id = ?", person).Where("child_id = ?", child).
		Where("state IN ('building', 'ready')").For("NO KEY UPDATE"))
}

// selectNewest gives the one that a person asked for last about each of some children.
func selectNewest(ctx context.Context, tx tenants.Reader, person ids.ID, childIDs []ids.ID) (map[ids.ID]*Keepsake, error) {
	newest := map[ids.ID]*Keepsake{}
	if len(childIDs) == 0 {
		return newest, nil
	}
	var list []Keepsake
	err := tx.NewSelect().Model(&list).DistinctOn("child_id").Where("tenant_id = ?", tx.Tenant().ID).Where("person_id = ?", person).
		Where("child_id IN (?)", bun.List(childIDs)).Order("child_id", "asked_at DESC", "id DESC").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("keepsake: select newest: %w", err)
	}
	for i := range list {
		newest[list[i].ChildID] = &list[i]
	}
	return newest, nil
}

// holdAsking makes two requests of a person about a child wait for each other.
func holdAsking(ctx context.Context, tx tenants.Writer, person, child ids.ID) error {
	return tx.Lock(ctx, "keepsake", person.String()+child.String())
}

func countAsked(ctx context.Context, tx tenants.Reader, person, child ids.ID, since time.Time) (int, error) {
	n, err := tx.NewSelect().Model((*Keepsake)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("person_id = ?", person).Where("child_id = ?", child).
		Where("asked_at > ?", since).Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("keepsake: count: %w", err)
	}
	return int(n), nil
}

// selectOpen lists what is built or lies ready, of some children, or of all for nil.
func selectOpen(ctx context.Context, tx tenants.Reader, childIDs []ids.ID) ([]Keepsake, error) {
	var list []Keepsake
	q := tx.NewSelect().Model(&list).Where("tenant_id = ?", tx.Tenant().ID).Where("state IN ('building', 'ready')").Order("id")
	if childIDs != nil {
		q = q.Where("child_id IN (?)", bun.List(childIDs))
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("keepsake: select open: %w", err)
	}
	return list, nil
}

// selectReadyWith lists the ids of what lies ready and holds one of the subjects.
func selectReadyWith(ctx context.Context, tx tenants.Reader, subjects *bun.RawQuery) ([]ids.ID, error) {
	var list []ids.ID
	err := tx.NewSelect().Model((*Keepsake)(nil)).Column("id").Where("tenant_id = ?", tx.Tenant().ID).Where("state = 'ready'").
		Where("EXISTS (SELECT FROM keepsake_item i WHERE i.tenant_id = keepsake.tenant_id AND i.keepsake_id = keepsake.id AND i.subject_id IN (?))", subjects).Order("id").Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("keepsake: select ready: %w", err)
	}
	return list, nil
}

func selectParts(ctx context.Context, tx tenants.Reader, id ids.ID, columns ...string) ([]part, error) {
	var list []part
	err := tx.NewSelect().Model(&list).Column(columns...).Where("tenant_id = ?", tx.Tenant().ID).Where("keepsake_id = ?", id).Order("number").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("keepsake: select parts: %w", err)
	}
	return list, nil
}

// selectItems gives what is in a keepsake, from a month on; an empty month is before all.
func selectItems(ctx context.Context, tx tenants.Reader, id ids.ID, from diary.Month) ([]item, error) {
	var list []item
	err := tx.NewSelect().Model(&list).Where("tenant_id = ?", tx.Tenant().ID).Where("keepsake_id = ?", id).Where("month >= ?", string(from)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("keepsake: select items: %w", err)
	}
	return list, nil
}

func insertPart(ctx context.Context, tx tenants.Writer, p *part, items []item) error {
	if _, err := tx.NewInsert().Model(p).Exec(ctx); err != nil {
		return fmt.Errorf("keepsake: insert part: %w", err)
	}
	for some := range slices.Chunk(items, 500) {
		if _, err := tx.NewInsert().Model(&some).Exec(ctx); err != nil {
			return fmt.Errorf("keepsake: insert items: %w", err)
		}
	}
	return nil
}

// deleteContent forgets what is in a keepsake.
func deleteContent(ctx context.Context, tx tenants.Writer, id ids.ID) error {
	for _, model := range []any{(*part)(nil), (*item)(nil)} {
		if _, err := tx.NewDelete().Model(model).Where("tenant_id = ?", tx.Tenant().ID).Where("keepsake_id = ?", id).Exec(ctx); err != nil {
			return fmt.Errorf("keepsake: delete content: %w", err)
		}
	}
	return nil
}

// deleteEnded forgets those that ended before then.
func deleteEnded(ctx context.Context, tx tenants.Writer, before time.Time) error {
	_, err := tx.NewDelete().Model((*Keepsake)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("ended_at < ?", before).Exec(ctx)
	if err != nil {
		return fmt.Errorf("keepsake: forget: %w", err)
	}
	return nil
}

// keysInUse gives the storage keys of what is built or lies ready.
func keysInUse(ctx context.Context, tx tenants.Reader) (map[string]bool, error) {
	list, err := selectOpen(ctx, tx, nil)
	used := make(map[string]bool, len(list))
	for i := range list {
		used[list[i].StorageKey] = true
	}
	return used, err
}

// insertOffer tells whether it is the first of its kind.
func insertOffer(ctx context.Context, tx tenants.Writer, o *offer) (bool, error) {
	done, err := tx.NewInsert().Model(o).On("CONFLICT (tenant_id, person_id, child_id, reason, about_on) DO NOTHING").Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("keepsake: insert offer: %w", err)
	}
	n, err := done.RowsAffected()
	return n == 1, err
}

func selectOffer(ctx context.Context, tx tenants.Reader, id ids.ID) (*offer, error) {
	o := new(offer)
	err := tx.NewSelect().Model(o).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.NotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("keepsake: select offer: %w", err)
	}
	return o, nil
}

// selectOffers gives the newest offer to each of some people about each of some children.
func selectOffers(ctx context.Context, tx tenants.Reader, people, childIDs []ids.ID) ([]offer, error) {
	var list []offer
	if len(people) == 0 || len(childIDs) == 0 {
		return nil, nil
	}
	err := tx.NewSelect().Model(&list).DistinctOn("person_id, child_id").Where("tenant_id = ?", tx.Tenant().ID).Where("person_id IN (?)", bun.List(people)).
		Where("child_id IN (?)", bun.List(childIDs)).Order("person_id", "child_id", "offered_at DESC", "id DESC").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("keepsake: select offers: %w", err)
	}
	return list, nil
}

// selectOffersFor gives the newest offer for a reason to each person about each of some children.
func selectOffersFor(ctx context.Context, tx tenants.Reader, reason Reason, childIDs []ids.ID) ([]offer, error) {
	var list []offer
	if len(childIDs) == 0 {
		return nil, nil
	}
	err := tx.NewSelect().Model(&list).DistinctOn("person_id, child_id").Where("tenant_id = ?", tx.Tenant().ID).Where("reason = ?", reason).
		Where("child_id IN (?)", bun.List(childIDs)).Order("person_id", "child_id", "offered_at DESC", "id DESC").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("keepsake: select offers for a reason: %w", err)
	}
	return list, nil
}

func deleteOffers(ctx context.Context, tx tenants.Writer, reason Reason, child ids.ID, people []ids.ID) error {
	_, err := tx.NewDelete().Model((*offer)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("reason = ?", reason).Where("child_id = ?", child).
		Where("person_id IN (?)", bun.List(people)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("keepsake: delete offers: %w", err)
	}
	return nil
}
