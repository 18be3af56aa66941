package photos

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/accesses"
	"ouderportaal/modules/children"
	"ouderportaal/modules/consents"
	"ouderportaal/tenants"
)

// View is a version of a photo that the actor may have now.
type View struct {
	object      string
	bytes       int64 // 0 where the row does not know
	ContentType string
	// FileName is for saving: the child and the day.
	FileName string
}

// showable finds a photo that may be shown to person ($3) in a role today ($4): their own upload that is in no entry yet,
// or one of an entry that stands, with a child they may know of on it, and consent for everybody on it.
var showable = func() map[actor.Role]string {
	queries := map[actor.Role]string{}
	for _, role := range actor.Roles {
		// The child is looked for by the photo, and once: looked for by the person it would read all photos of their children.
		queries[role] = `SELECT p.storage_key, p.full_bytes, coalesce(e.published_at, p.created_at), coalesce(known.given_name, '')
			FROM photo p LEFT JOIN diary_entry e ON e.tenant_id = p.tenant_id AND e.id = p.entry_id AND e.withdrawn_at IS NULL
			LEFT JOIN LATERAL (SELECT k.given_name FROM photo_child c JOIN child k ON k.tenant_id = c.tenant_id AND k.id = c.child_id
				WHERE c.tenant_id = $1 AND c.photo_id = $2 AND c.child_id IN (` + children.VisibleSQL(role, 1, 3, 4) + `) ORDER BY k.given_name LIMIT 1) known ON true
			WHERE p.tenant_id = $1 AND p.id = $2 AND p.state = 'ready' AND CASE WHEN p.entry_id IS NULL THEN p.uploaded_by = $3
				ELSE e.id IS NOT NULL AND known.given_name IS NOT NULL AND ` + consents.Shareable("p") + ` END`
	}
	return queries
}()

// Version gives a version of a photo for a page: version is one of "320.webp", "640.webp", "1280.webp", "2048.webp". The last
// is for the whole screen, and noted for the guardians of who is on it.
// A photo that does not exist and one that the actor may not see are the same NotFound.
func (s *Service) Version(ctx context.Context, id ids.ID, version string) (*View, error) {
	file, ok := versionFile(version)
	if !ok {
		return nil, fault.NotFound()
	}
	v, err := s.view(ctx, id, file, "image/webp")
	if err != nil || file != largestFile {
		return v, err
	}
	return v, s.note(ctx, id, accesses.Photo)
}

// Full gives the full-size JPEG for download, under the same rule.
func (s *Service) Full(ctx context.Context, id ids.ID) (*View, error) {
	v, err := s.view(ctx, id, fullFile, "image/jpeg")
	if err != nil {
		return nil, err
	}
	return v, s.note(ctx, id, accesses.Download)
}

// note tells the guardians of the children on a photo that the actor has it in full size; of one that is in no entry there are none.
func (s *Service) note(ctx context.Context, id ids.ID, what accesses.What) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		on, err := selectOnPhoto(ctx, tx, id)
		if err != nil {
			return err
		}
		return accesses.Record(ctx, tx, on, what, id)
	})
}

func (s *Service) view(ctx context.Context, id ids.ID, file, contentType string) (*View, error) {
	who := actor.From(ctx)
	tenant, _ := tenants.From(ctx)
	query, ok := showable[who.Role]
	if !ok || who.TenantID != tenant.ID {
		return nil, fault.NotFound()
	}
	var v *View
	today := string(tenant.DateOf(s.db.Clock().Now()))
	err := s.db.Query(ctx, query, []any{tenant.ID, id, who.PersonID, today}, func(rows pgx.Rows) error {
		if !rows.Next() {
			return nil
		}
		var key, child string
		var full int64
		var at time.Time
		if err := rows.Scan(&key, &full, &at, &child); err != nil {
			return err
		}
		v = &View{object: blob.Variant(key, file), ContentType: contentType, FileName: fileName(child, tenant.DateOf(at), id)}
		if file == fullFile {
			v.bytes = full
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("photos: find: %w", err)
	}
	if v == nil {
		return nil, fault.NotFound()
	}
	return v, nil
}

// fileName is the child, the day, and enough of the id to keep the photos of one day apart.
func fileName(child string, on tenants.Date, id ids.ID) string {
	if child == "" {
		child = "foto"
	}
	tail := id.String()
	return strings.ReplaceAll(child, " ", "-") + "-" + string(on) + "-" + tail[len(tail)-4:] + ".jpg"
}

// Size is that of v in bytes. Storage is asked only where the row does not know it.
func (s *Service) Size(ctx context.Context, v *View) (int64, error) {
	if v.bytes > 0 {
		return v.bytes, nil
	}
	info, err := s.store.Stat(ctx, v.object)
	return info.Size, err
}

// Open streams length bytes of v from offset (blob.All: to the end). The caller closes it.
func (s *Service) Open(ctx context.Context, v *View, offset, length int64) (io.ReadCloser, blob.Info, error) {
	return s.store.Get(ctx, v.object, offset, length)
}

// OpenFull streams the full-size JPEG of a photo that the actor may have now; others are NotFound. Who packs photos notes
// that once. It helps Service to be a diary.Album.
func (s *Service) OpenFull(ctx context.Context, id ids.ID) (io.ReadCloser, error) {
	v, err := s.view(ctx, id, fullFile, "image/jpeg")
	if err != nil {
		return nil, err
	}
	// Asked for by its length it is no hot object (blob.Hot): thousands that are packed once would drive out what pages show, and
	// leave the memory of the process full of what nobody needs again.
	length := blob.All
	if v.bytes > 0 {
		length = v.bytes
	}
	body, _, err := s.Open(ctx, v, 0, length)
	return body, err
}

// ShowableOf gives those of the photos with the child on them that may be shown to who now: the rule for one photo, for many at once.
func ShowableOf(ctx context.Context, tx tenants.Reader, who actor.Actor, child ids.ID, photoIDs []ids.ID) (map[ids.ID]bool, error) {
	shown := make(map[ids.ID]bool, len(photoIDs))
	for part := range slices.Chunk(photoIDs, 1000) {
		var list []ids.ID
		err := tx.NewRaw(`SELECT p.id FROM photo p JOIN diary_entry e ON e.tenant_id = p.tenant_id AND e.id = p.entry_id AND e.withdrawn_at IS NULL
			JOIN photo_child c ON c.tenant_id = p.tenant_id AND c.photo_id = p.id AND c.child_id = ?2
			WHERE p.tenant_id = ?0 AND p.id IN (?1) AND p.state = 'ready' AND ?2 IN (?3) AND `+consents.Shareable("p"),
			tx.Tenant().ID, bun.List(part), child, children.VisibleTo(tx, who)).Scan(ctx, &list)
		if err != nil {
			return nil, fmt.Errorf("photos: select showable: %w", err)
		}
		for _, id := range list {
			shown[id] = true
		}
	}
	return shown, nil
}

// With selects the ids of the photos that a child is on.
func With(tx tenants.Reader, child ids.ID) *bun.RawQuery {
	return tx.NewRaw("SELECT photo_id FROM photo_child WHERE tenant_id = ?0 AND child_id = ?1", tx.Tenant().ID, child)
}
