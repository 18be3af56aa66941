package diary

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/live"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

type entryChild struct {
	bun.BaseModel `bun:"table:diary_entry_child"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ChildID       ids.ID `bun:",pk,type:uuid"`
	PublishedAt   time.Time
	EntryID       ids.ID `bun:",pk,type:uuid"`
	FromHome      bool
}

type heart struct {
	bun.BaseModel `bun:"table:diary_heart"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	EntryID       ids.ID `bun:",pk,type:uuid"`
	PersonID      ids.ID `bun:",pk,type:uuid"`
	GivenAt       time.Time
}

type reading struct {
	bun.BaseModel `bun:"table:diary_reading"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	EntryID       ids.ID `bun:",pk,type:uuid"`
	PersonID      ids.ID `bun:",pk,type:uuid"`
	AtWork        bool   `bun:",pk"`
	ReadAt        time.Time
}

// newEntry is the draft as the actor signs it, at the moment of the transaction.
func newEntry(ctx context.Context, tx tenants.Reader, id ids.ID, group *children.Group, draft Draft, about []children.Named) (*Entry, error) {
	author, err := identity.PersonByID(ctx, tx, actor.From(ctx).PersonID)
	if err != nil {
		return nil, err
	}
	kind := Post
	if len(draft.Photos) == 0 {
		kind = Report
	}
	return &Entry{
		TenantID: tx.Tenant().ID, ID: id, Kind: kind,
		GroupID: group.ID, GroupName: group.Name,
		AuthorID: author.ID, AuthorName: author.GivenName, AuthorFace: author.Face,
		Title: draft.Title, Body: draft.Body,
		PublishedAt: tx.Now(), Waits: draft.Wordless(), Children: about, Media: []Medium{},
	}, nil
}

// fingerprint tells one draft from another that comes under the same form key.
func (d Draft) fingerprint() []byte {
	text, _ := json.Marshal(d) // plain data: it always marshals
	sum := sha256.Sum256(text)
	return sum[:]
}

func insertEntry(ctx context.Context, tx tenants.Writer, e *Entry) error {
	if _, err := tx.NewInsert().Model(e).Exec(ctx); err != nil {
		return fmt.Errorf("diary: insert entry: %w", err)
	}
	return nil
}

// insertChildren lets those who may know of its children read the entry.
func insertChildren(ctx context.Context, tx tenants.Writer, e *Entry) error {
	rows := make([]entryChild, len(e.Children))
	for i, child := range e.Children {
		rows[i] = entryChild{TenantID: e.TenantID, ChildID: child.ID, PublishedAt: e.PublishedAt, EntryID: e.ID, FromHome: e.FromHome}
	}
	if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
		return fmt.Errorf("diary: insert children of entry: %w", err)
	}
	return nil
}

func selectEntryForUpdate(ctx context.Context, tx tenants.Writer, id ids.ID) (*Entry, error) {
	e := new(Entry)
	err := tx.NewSelect().Model(e).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).Where("withdrawn_at IS NULL").For("UPDATE").Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.NotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("diary: select entry: %w", err)
	}
	return e, nil
}

func withdrawEntry(ctx context.Context, tx tenants.Writer, id ids.ID) error {
	_, err := tx.NewUpdate().Model((*Entry)(nil)).Set("withdrawn_at = ?", tx.Now()).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).Exec(ctx)
	if err != nil {
		return fmt.Errorf("diary: withdraw entry: %w", err)
	}
	// A withdrawn entry leaves every timeline through the index that timelines are read by.
	if _, err := tx.NewDelete().Model((*entryChild)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("entry_id = ?", id).Exec(ctx); err != nil {
		return fmt.Errorf("diary: delete children of entry: %w", err)
	}
	return nil
}

// RewriteMedia brings what the given entries show of their photos in line with the photos and consents of this moment.
// media selects the JSON array for the entry with the alias e. Entries that waited for it are shared. Open pages are told.
func RewriteMedia(ctx context.Context, tx tenants.Writer, entryIDs []ids.ID, media string) error {
	if len(entryIDs) == 0 {
		return nil
	}
	// Locked first, rewritten second: a statement that had waited for the lock would still see the photos of before.
	var entries []Entry
	err := tx.NewSelect().Model(&entries).Column("id", "group_id", "children", "waits", "from_home").Where("tenant_id = ?", tx.Tenant().ID).
		Where("id IN (?)", bun.List(entryIDs)).Order("id").For("UPDATE").Scan(ctx)
	if err != nil {
		return fmt.Errorf("diary: lock entries: %w", err)
	}
	_, err = tx.NewRaw("UPDATE diary_entry AS e SET media = coalesce(("+media+"), '[]') WHERE e.tenant_id = ? AND e.id IN (?)", tx.Tenant().ID, bun.List(entryIDs)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("diary: rewrite media: %w", err)
	}
	if slices.ContainsFunc(entries, func(e Entry) bool { return e.Waits }) {
		if err := shareReady(ctx, tx, entryIDs); err != nil {
			return err
		}
	}
	if err := markPhotos(ctx, tx, entryIDs); err != nil {
		return err
	}
	told := map[string]bool{}
	for i := range entries {
		shown, err := shownOn(ctx, tx, &entries[i])
		if err != nil {
			return err
		}
		for _, topic := range shown {
			told[topic] = true
		}
	}
	list := make([]string, 0, len(told))
	for topic := range told {
		list = append(list, topic)
	}
	return live.Signal(ctx, tx, list...)
}

// markPhotos notes beside each child of the entries which of their photos show it, for the album. A bigint has room for 62,
// three times what an entry may have.
func markPhotos(ctx context.Context, tx tenants.Writer, entryIDs []ids.ID) error {
	_, err := tx.NewRaw(`WITH shown AS (
			SELECT e.id AS entry_id, x.child_id::uuid, bit_or(1::bigint << (m.place - 1)::int) AS photos
			FROM diary_entry e, json_array_elements(e.media) WITH ORDINALITY AS m (photo, place),
				json_array_elements_text(CASE json_typeof(m.photo->'c') WHEN 'array' THEN m.photo->'c' ELSE '[]' END) AS x (child_id)
			WHERE e.tenant_id = ?0 AND e.id IN (?1) AND (m.photo->>'w')::int > 0 AND m.place <= 62
			GROUP BY 1, 2)
		UPDATE diary_entry_child c SET photos = coalesce(s.photos, 0)
		FROM diary_entry_child o LEFT JOIN shown s ON s.entry_id = o.entry_id AND s.child_id = o.child_id
		WHERE o.tenant_id = ?0 AND o.entry_id IN (?1) AND o.photos <> coalesce(s.photos, 0)
			AND c.tenant_id = o.tenant_id AND c.entry_id = o.entry_id AND c.child_id = o.child_id`, tx.Tenant().ID, bun.List(entryIDs)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("diary: mark photos of children: %w", err)
	}
	return nil
}

// Waiting gives up to most entries that were written before a moment and still wait for a photo, oldest first.
func Waiting(ctx context.Context, tx tenants.Reader, before time.Time, most int64) ([]ids.ID, error) {
	var list []ids.ID
	err := tx.NewSelect().Model((*Entry)(nil)).Column("id").Where("tenant_id = ?", tx.Tenant().ID).Where("waits").Where("withdrawn_at IS NULL").
		Where("published_at < ?", before).Order("published_at").Limit(most).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("diary: look for entries that wait: %w", err)
	}
	return list, nil
}

// shareReady shares, as of now, those of the entries that wait and have a photo to show by now.
func shareReady(ctx context.Context, tx tenants.Writer, entryIDs []ids.ID) error {
	var ready []Entry
	err := tx.NewUpdate().Model(&ready).Set("waits = false").Set("published_at = ?", tx.Now()).Where("tenant_id = ?", tx.Tenant().ID).Where("id IN (?)", bun.List(entryIDs)).
		Where("waits").Where("withdrawn_at IS NULL").Where("EXISTS (SELECT FROM json_array_elements(media) AS m WHERE (m->>'w')::int > 0)").
		Returning("tenant_id, id, published_at, children, from_home").Scan(ctx)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("diary: share entries that waited: %w", err)
	}
	for i := range ready {
		if err := share(ctx, tx, &ready[i]); err != nil {
			return err
		}
	}
	return nil
}

// setHeart tells whether it changed anything, and whether it is the first heart that the entry has ever had.
func setHeart(ctx context.Context, tx tenants.Writer, entryID, personID ids.ID, given bool) (changed, first bool, err error) {
	row := &heart{TenantID: tx.Tenant().ID, EntryID: entryID, PersonID: personID, GivenAt: tx.Now()}
	var done sql.Result
	if given {
		done, err = tx.NewInsert().Model(row).On("CONFLICT DO NOTHING").Exec(ctx)
	} else {
		done, err = tx.NewDelete().Model(row).WherePK().Exec(ctx)
	}
	if err != nil {
		return false, false, fmt.Errorf("diary: set heart: %w", err)
	}
	n, err := done.RowsAffected()
	if err != nil {
		return false, false, err
	}
	// Also when nothing changed: a program of before this column may have left it behind.
	loved := "array_remove(loved_by, ?0)"
	if given {
		loved = "array_append(array_remove(loved_by, ?0), ?0)"
	}
	_, err = tx.NewUpdate().Model((*Entry)(nil)).Set("loved_by = "+loved, personID).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", entryID).Exec(ctx)
	if err != nil {
		return false, false, fmt.Errorf("diary: note heart on entry: %w", err)
	}
	if n == 0 || !given {
		return n > 0, false, nil
	}
	done, err = tx.NewUpdate().Model((*Entry)(nil)).Set("loved_at = ?", tx.Now()).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", entryID).
		Where("loved_at IS NULL").Where("withdrawn_at IS NULL").Exec(ctx)
	if err != nil {
		return false, false, fmt.Errorf("diary: note first heart: %w", err)
	}
	n, err = done.RowsAffected()
	return true, n > 0, err
}

// insertReading tells whether it is the first time.
func insertReading(ctx context.Context, tx tenants.Writer, r *reading) (bool, error) {
	done, err := tx.NewInsert().Model(r).On("CONFLICT DO NOTHING").Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("diary: insert reading: %w", err)
	}
	n, err := done.RowsAffected()
	return n > 0, err
}

// noteVisit writes once a minute at most: a page that is looked at often is one visit.
func noteVisit(ctx context.Context, tx tenants.Writer, person ids.ID) error {
	_, err := tx.NewRaw(`INSERT INTO diary_visit AS v (tenant_id, person_id, since, last_at) VALUES (?0, ?1, ?2, ?2)
		ON CONFLICT (tenant_id, person_id) DO UPDATE SET since = CASE WHEN v.last_at < ?3 THEN v.last_at ELSE v.since END, last_at = ?2
		WHERE v.last_at < ?4`, tx.Tenant().ID, person, tx.Now(), tx.Now().Add(-VisitPause), tx.Now().Add(-time.Minute)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("diary: note visit: %w", err)
	}
	return nil
}

// EntriesAbout selects the entries about the children among subjects, also withdrawn ones and those that wait, for the log of everything.
func EntriesAbout(tx tenants.Reader, subjects []ids.ID) *bun.RawQuery {
	about := pgdialect.Array(ids.Texts(subjects))
	return tx.NewRaw(`SELECT c.entry_id FROM diary_entry_child c WHERE c.tenant_id = ?0 AND c.child_id = ANY (?1::uuid[])
		UNION SELECT e.id FROM diary_entry e, json_array_elements(e.children) AS k
			WHERE e.tenant_id = ?0 AND (e.withdrawn_at IS NOT NULL OR e.waits) AND k->>'id' = ANY (?1::text[])`, tx.Tenant().ID, about)
}

// SubjectNames are the given names of the children that each entry among subjects is about, for the log of everything.
func SubjectNames(ctx context.Context, tx tenants.Reader, subjects []ids.ID) (map[ids.ID][]string, error) {
	var entries []Entry
	if len(subjects) == 0 {
		return nil, nil
	}
	if err := tx.NewSelect().Model(&entries).Column("tenant_id", "id", "children").Where("tenant_id = ?", tx.Tenant().ID).Where("id IN (?)", bun.List(subjects)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("diary: select subjects: %w", err)
	}
	names := make(map[ids.ID][]string, len(entries))
	for _, e := range entries {
		for _, child := range e.Children {
			names[e.ID] = append(names[e.ID], child.GivenName)
		}
	}
	return names, nil
}
