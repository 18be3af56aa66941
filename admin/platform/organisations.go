package platform

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Organisation is a daycare organisation with how much there is of it, as it was last counted.
type Organisation struct {
	ID           ids.ID
	Slug         string
	Name         string
	Status       tenants.Status
	StatusReason string
	Language     string
	TimeZone     string
	ChildLimit   int   // 0: none
	StorageLimit int64 // bytes; 0: none
	Example      bool  // its data are made up
	CreatedAt    time.Time
	Children     int
	StorageBytes int64
	Mails        int        // in the last thirty days
	ActiveAt     *time.Time // nil: nobody was ever signed in
	CountedAt    *time.Time // nil: not counted yet
}

// TooManyChildren tells that there were more when they were counted than the limit allows.
func (o *Organisation) TooManyChildren() bool { return o.ChildLimit > 0 && o.Children > o.ChildLimit }

// TooMuchStorage tells that of the files.
func (o *Organisation) TooMuchStorage() bool {
	return o.StorageLimit > 0 && o.StorageBytes > o.StorageLimit
}

// Sort is what the list is in order of; with a minus before it, from most to least.
type Sort string

// The sorts; the zero value is ByName.
const (
	ByName     Sort = "naam"
	ByChildren Sort = "kinderen"
	ByStorage  Sort = "opslag"
	ByMails    Sort = "mail"
	ByActive   Sort = "actief"
)

// Turned is the same order from the other end.
func (s Sort) Turned() Sort {
	if rest, turned := strings.CutPrefix(string(s), "-"); turned {
		return Sort(rest)
	}
	return "-" + s
}

// keys are what is compared, never NULL, and its type: the place of a row in the list is that and its id.
var keys = map[Sort]struct{ expression, kind string }{
	ByName:     {"lower(t.name)", "text"},
	ByChildren: {"coalesce(u.children, 0)", "int"},
	ByStorage:  {"coalesce(u.storage_bytes, 0)", "bigint"},
	ByMails:    {"coalesce(u.mails, 0)", "int"},
	ByActive:   {"coalesce(u.active_at, '-infinity')", "timestamptz"},
}

// Filter says which organisations are asked for.
type Filter struct {
	Search string         // in the name and the address
	Status tenants.Status // empty for all
	Sort   Sort
	After  string // Page.Next of the page before
}

// Page is a part of the list. Next is empty at its end.
type Page struct {
	List []Organisation
	Next string
}

const pageSize = 50

// place is where a page ended.
type place struct {
	Key string `json:"k"`
	ID  ids.ID `json:"i"`
}

const columns = `t.id, t.slug, t.name, t.status, t.status_reason, t.language, t.time_zone, t.child_limit, t.storage_limit, t.example, t.created_at, coalesce(u.children, 0) AS children, coalesce(u.storage_bytes, 0) AS storage_bytes,
	coalesce(u.mails, 0) AS mails, u.active_at, u.counted_at`

// Organisations gives a page of the list. It reads the directory and what was counted, and no row of any organisation.
func (s *Service) Organisations(ctx context.Context, f Filter) (Page, error) {
	by, descending := strings.CutPrefix(string(f.Sort), "-")
	key, ok := keys[Sort(by)]
	if !ok {
		key, descending = keys[ByName], false
	}
	order, sign := "ASC", ">"
	if descending {
		order, sign = "DESC", "<"
	}
	var page Page
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		var rows []struct {
			Organisation `bun:",extend"`
			SortKey      string
		}
		q := tx.NewSelect().TableExpr("tenant AS t").ColumnExpr(columns).ColumnExpr("(" + key.expression + ")::text AS sort_key").
			Join("LEFT JOIN tenant_usage AS u ON u.tenant_id = t.id").OrderExpr(key.expression + " " + order + ", t.id " + order).Limit(pageSize + 1)
		if search := strings.ToLower(strings.TrimSpace(f.Search)); search != "" && utf8.ValidString(search) && len(search) <= 200 {
			q = q.Where("(position(? IN lower(t.name)) > 0 OR position(? IN t.slug) > 0)", search, search)
		}
		if f.Status != "" {
			q = q.Where("t.status = ?", string(f.Status))
		}
		if after, ok := parsePlace(f.After); ok {
			q = q.Where("("+key.expression+", t.id) "+sign+" (?::"+key.kind+", ?::uuid)", after.Key, after.ID)
		}
		if err := q.Scan(ctx, &rows); err != nil {
			return fmt.Errorf("platform: list organisations: %w", err)
		}
		for i, r := range rows {
			if i == pageSize {
				last := rows[i-1]
				page.Next = place{last.SortKey, last.ID}.String()
				break
			}
			page.List = append(page.List, r.Organisation)
		}
		return nil
	})
	return page, err
}

func (p place) String() string {
	raw, _ := json.Marshal(p) // a string and an id can always be written
	return base64.RawURLEncoding.EncodeToString(raw)
}

// parsePlace reads what String wrote; anything else is the start of the list.
func parsePlace(s string) (p place, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || json.Unmarshal(raw, &p) != nil || p.ID == ids.Nil || strings.ContainsRune(p.Key, 0) {
		return place{}, false
	}
	return p, true
}

// Organisation gives one organisation; NotFound when there is none with this id.
func (s *Service) Organisation(ctx context.Context, id ids.ID) (*Organisation, error) {
	o := new(Organisation)
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		err := tx.NewSelect().TableExpr("tenant AS t").ColumnExpr(columns).Join("LEFT JOIN tenant_usage AS u ON u.tenant_id = t.id").Where("t.id = ?", id).Scan(ctx, o)
		return missing(err, "platform: find organisation")
	})
	return o, err
}

// Deed is a line of what operators did.
type Deed struct {
	At       time.Time
	Operator string // empty: on the command line
	Action   string
	Detail   map[string]any `bun:"type:jsonb"`
}

// Deeds lists what operators did to an organisation last.
func (s *Service) Deeds(ctx context.Context, id ids.ID) (list []Deed, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		err := tx.NewSelect().TableExpr("operator_log AS l").ColumnExpr("l.at, coalesce(o.name, '') AS operator, l.action, l.detail").
			Join("LEFT JOIN operator AS o ON o.id = l.operator_id").Where("l.about = ?", id).OrderExpr("l.id DESC").Limit(30).Scan(ctx, &list)
		if err != nil {
			return fmt.Errorf("platform: list deeds: %w", err)
		}
		return nil
	})
	return list, err
}

// maxReason bounds what is told to visitors of a suspended organisation, and to an organisation about a visit.
const maxReason = 200

// Suspend shows a notice instead of the organisation's pages, in every process, and lets its jobs wait. One that is suspended
// already gets the new reason.
func (s *Service) Suspend(ctx context.Context, slug, reason string) error {
	reason, err := reasonOf(reason)
	if err != nil {
		return err
	}
	return s.change(ctx, slug, func(ctx context.Context, tx tenants.Writer) error {
		if err := tenants.SetStatus(ctx, tx, tenants.Suspended, reason); err != nil {
			return err
		}
		return recordDeed(ctx, tx, "platform.suspend", map[string]any{"reason": reason})
	})
}

// Resume undoes Suspend.
func (s *Service) Resume(ctx context.Context, slug string) error {
	return s.change(ctx, slug, func(ctx context.Context, tx tenants.Writer) error {
		if tx.Tenant().Status == tenants.Active {
			return nil
		}
		if err := tenants.SetStatus(ctx, tx, tenants.Active, ""); err != nil {
			return err
		}
		return recordDeed(ctx, tx, "platform.resume", nil)
	})
}

func reasonOf(typed string) (string, error) {
	reason := strings.Join(strings.Fields(typed), " ")
	var problems fault.Fields
	switch {
	case reason == "":
		problems.Add("reason", "platform.error.reason")
	case utf8.RuneCountInString(reason) > maxReason:
		problems.Add("reason", "identity.error.too_long", map[string]any{"Max": maxReason})
	}
	return reason, problems.Err()
}

// change runs f in a transaction about the organisation called slug.
func (s *Service) change(ctx context.Context, slug string, f func(ctx context.Context, tx tenants.Writer) error) error {
	t, err := s.db.Find(ctx, slug)
	if err == tenants.ErrUnknown {
		return fault.NotFound()
	}
	if err != nil {
		return err
	}
	return s.db.Write(tenants.With(ctx, t), f)
}
