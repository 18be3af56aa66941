package children

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// CareTypes lists the kinds of care in the order in which they are offered.
var CareTypes = []CareType{DayCare, AfterSchool, Playgroup, Childminder}

// LocationDraft is what somebody typed about a location.
type LocationDraft struct {
	Name, Street, Postcode, City, Phone, Email string
	LRK                                        map[CareType]string // the registration for each kind of care that is given
	Version                                    int
}

var lrkShape = regexp.MustCompile(`^[0-9]{9,12}$`)

const (
	maxName      = 80
	maxPlaceName = 120
	oldestMonths = 18 * monthsYear
)

// Check cleans the draft, and tells everything that is wrong with it.
func (d *LocationDraft) Check() error {
	var problems fault.Fields
	for _, text := range []*string{&d.Name, &d.Street, &d.Postcode, &d.City, &d.Phone} {
		*text = tidy(*text)
	}
	if n := utf8.RuneCountInString(d.Name); n == 0 || n > maxPlaceName {
		problems.Add("name", "children.error.place_name")
	}
	for field, text := range map[string]string{"street": d.Street, "city": d.City} {
		if key, args := identity.CheckLength(text, maxPlaceName); key != "" {
			problems.Add(field, key, args)
		}
	}
	if d.Phone != "" {
		if _, key := identity.ParsePhone(d.Phone); key != "" {
			problems.Add("phone", key)
		}
	}
	if d.Postcode != "" {
		if postcode, key := identity.ParsePostcode(d.Postcode); key != "" {
			problems.Add("postcode", key)
		} else {
			d.Postcode = postcode
		}
	}
	if d.Email != "" {
		email, ok := identity.NormalizeEmail(d.Email)
		if !ok {
			problems.Add("email", "identity.error.email")
		} else {
			d.Email = email
		}
	}
	if len(d.LRK) == 0 {
		problems.Add("lrk_"+string(DayCare), "children.error.lrk_required")
	}
	for care, number := range d.LRK {
		number = tidy(number)
		d.LRK[care] = number
		if !slices.Contains(CareTypes, care) || !lrkShape.MatchString(number) {
			problems.Add("lrk_"+string(care), "children.error.lrk")
		}
	}
	return problems.Err()
}

// AddLocation opens a location. Only who runs the whole organisation may ask (children.open_location).
func (s *Service) AddLocation(ctx context.Context, draft LocationDraft) (id ids.ID, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := draft.Check(); err != nil {
			return err
		}
		l := &Location{TenantID: tx.Tenant().ID, ID: ids.New(), Name: draft.Name, Street: draft.Street, Postcode: draft.Postcode, City: draft.City, Phone: draft.Phone, Email: draft.Email}
		if err := insert(ctx, tx, l); err != nil {
			return err
		}
		if err := setCares(ctx, tx, l.ID, draft.LRK); err != nil {
			return err
		}
		id = l.ID
		return audit.Record(ctx, tx, "children.add_location", l.ID, nil)
	})
	return id, err
}

func lockLocation(ctx context.Context, tx tenants.Writer, id ids.ID, version int) (*Location, error) {
	l := new(Location)
	err := tx.NewSelect().Model(l).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).Where("id IN (?)", LocationsOf(tx, actor.From(ctx))).For("NO KEY UPDATE").Scan(ctx)
	if err != nil {
		return nil, missing(err, "children: lock location")
	}
	if l.Version != version {
		return nil, stale()
	}
	return l, nil
}

// EditLocation changes a location of the actor. A draft of another version than the row's is a Conflict.
func (s *Service) EditLocation(ctx context.Context, id ids.ID, draft LocationDraft) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := draft.Check(); err != nil {
			return err
		}
		l, err := lockLocation(ctx, tx, id, draft.Version)
		if err != nil {
			return err
		}
		was, err := numbersOf(ctx, tx, id)
		if err != nil {
			return err
		}
		fields := []change{{"name", l.Name, draft.Name}, {"street", l.Street, draft.Street}, {"postcode", l.Postcode, draft.Postcode}, {"city", l.City, draft.City},
			{"phone", l.Phone, draft.Phone}, {"email", l.Email, draft.Email}}
		for _, care := range CareTypes {
			fields = append(fields, change{"lrk_" + string(care), was[care], draft.LRK[care]})
		}
		changes := changed(fields...)
		l.Name, l.Street, l.Postcode, l.City, l.Phone, l.Email = draft.Name, draft.Street, draft.Postcode, draft.City, draft.Phone, draft.Email
		l.Version++
		if err := update(ctx, tx, l, "name", "street", "postcode", "city", "phone", "email"); err != nil {
			return err
		}
		if err := setCares(ctx, tx, id, draft.LRK); err != nil {
			return err
		}
		return audit.RecordEdit(ctx, tx, "children.edit_location", id, nil, changes)
	})
}

// numbersOf gives the numbers under which a location is registered.
func numbersOf(ctx context.Context, tx tenants.Reader, location ids.ID) (map[CareType]string, error) {
	var list []LocationCare
	if err := tx.NewSelect().Model(&list).Where("tenant_id = ?", tx.Tenant().ID).Where("location_id = ?", location).Scan(ctx); err != nil {
		return nil, fmt.Errorf("children: select registrations: %w", err)
	}
	numbers := map[CareType]string{}
	for _, care := range list {
		numbers[care.CareType] = care.LRKNumber
	}
	return numbers, nil
}

// setCares keeps the registrations of a location; one that is left out goes, unless a group needs it.
func setCares(ctx context.Context, tx tenants.Writer, location ids.ID, numbers map[CareType]string) error {
	for _, care := range CareTypes {
		number, given := numbers[care]
		if given {
			row := &LocationCare{TenantID: tx.Tenant().ID, LocationID: location, CareType: care, LRKNumber: number}
			_, err := tx.NewInsert().Model(row).On("CONFLICT (tenant_id, location_id, care_type) DO UPDATE").Set("lrk_number = EXCLUDED.lrk_number").Exec(ctx)
			if err := refused(err, "23505", "lrk_"+string(care), "children.error.lrk_taken"); err != nil {
				return err
			}
			continue
		}
		_, err := tx.NewDelete().Model((*LocationCare)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("location_id = ?", location).Where("care_type = ?", care).Exec(ctx)
		if err := refused(err, "23503", "lrk_"+string(care), "children.error.lrk_used"); err != nil {
			return err
		}
	}
	return nil
}

// refused makes what a constraint of the database refuses a mistake at a field.
func refused(err error, code, field, key string) error {
	var pgErr *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &pgErr) && pgErr.Code == code:
		return oneField(field, key)
	}
	return fmt.Errorf("children: write %s: %w", field, err)
}

// CloseLocation makes last the last day of care at a location of the actor, and at its groups; an empty one opens it again.
// While children are placed there after that day it is Invalid.
func (s *Service) CloseLocation(ctx context.Context, id ids.ID, last tenants.Date, version int) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		l, err := lockLocation(ctx, tx, id, version)
		if err != nil {
			return err
		}
		if err := mayClose(ctx, tx, last, "c.location_id = ?", id); err != nil {
			return err
		}
		before := l.ClosedOn
		l.ClosedOn = last
		l.Version++
		if err := update(ctx, tx, l, "closed_on"); err != nil {
			return err
		}
		q := tx.NewUpdate().Model((*Group)(nil)).Set("version = version + 1").Where("tenant_id = ?", tx.Tenant().ID).Where("location_id = ?", id)
		if last == "" {
			q = q.Set("closed_on = NULL").Where("closed_on = nullif(?, '')::date", string(before)) // not those that closed by themselves
		} else {
			q = q.Set("closed_on = ?::date", string(last)).Where("closed_on IS NULL OR closed_on > ?::date", string(last))
		}
		if _, err := q.Exec(ctx); err != nil {
			return fmt.Errorf("children: close groups: %w", err)
		}
		return audit.Record(ctx, tx, "children.close_location", id, map[string]any{"last": last})
	})
}

// mayClose refuses a last day after which children are placed in the groups that which selects from care_group c.
func mayClose(ctx context.Context, tx tenants.Reader, last tenants.Date, which string, id ids.ID) error {
	if last == "" {
		return nil
	}
	if !last.Valid() {
		return oneField("last", "children.error.day")
	}
	var n int
	err := tx.NewRaw(`SELECT count(DISTINCT p.child_id) FROM placement p JOIN care_group c ON c.tenant_id = p.tenant_id AND c.id = p.group_id
		WHERE p.tenant_id = ? AND `+which+` AND p.cancelled_at IS NULL AND (p.ends_on IS NULL OR p.ends_on > ?::date)`, tx.Tenant().ID, id, string(last)).Scan(ctx, &n)
	if err != nil {
		return fmt.Errorf("children: count placements: %w", err)
	}
	if n == 0 {
		return nil
	}
	var problems fault.Fields
	problems.Add("last", "children.error.still_placed", map[string]any{"Count": n})
	return problems.Err()
}

// GroupDraft is what somebody typed about a group.
type GroupDraft struct {
	Name, Symbol               string
	CareType                   CareType
	FromAgeMonths, ToAgeMonths int
	Version                    int
}

// Check cleans the draft, and tells everything that is wrong with it.
func (d *GroupDraft) Check() error {
	var problems fault.Fields
	d.Name = tidy(d.Name)
	if n := utf8.RuneCountInString(d.Name); n == 0 || n > maxName {
		problems.Add("name", "children.error.place_name")
	}
	if !slices.Contains(CareTypes, d.CareType) {
		problems.Add("care_type", "children.error.care_type")
	}
	if d.ToAgeMonths <= d.FromAgeMonths || d.ToAgeMonths > oldestMonths {
		problems.Add("to_age", "children.error.ages")
	}
	if d.Symbol == "" || len(d.Symbol) > maxName || strings.Trim(d.Symbol, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		d.Symbol = "sprout"
	}
	return problems.Err()
}

// AddGroup opens a group at a location of the actor.
func (s *Service) AddGroup(ctx context.Context, location ids.ID, draft GroupDraft) (id ids.ID, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		l := new(Location)
		err := tx.NewSelect().Model(l).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", location).Where("id IN (?)", LocationsOf(tx, actor.From(ctx))).Scan(ctx)
		if err != nil {
			return missing(err, "children: select location")
		}
		if err := draft.Check(); err != nil {
			return err
		}
		g := &Group{TenantID: tx.Tenant().ID, ID: ids.New(), LocationID: location, CareType: draft.CareType, Name: draft.Name, Symbol: draft.Symbol, FromAgeMonths: draft.FromAgeMonths, ToAgeMonths: draft.ToAgeMonths}
		if _, err := tx.NewInsert().Model(g).Exec(ctx); err != nil {
			return groupRefused(err)
		}
		id = g.ID
		return audit.Record(ctx, tx, "children.add_group", g.ID, map[string]any{"location": location})
	})
	return id, err
}

// groupRefused tells at the field what the database refuses: a name that is there, a care without a registration.
func groupRefused(err error) error {
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) && pgErr.Code == "23503" {
		return oneField("care_type", "children.error.care_unregistered")
	}
	return refused(err, "23505", "name", "children.error.group_taken")
}

func lockGroup(ctx context.Context, tx tenants.Writer, id ids.ID, version int) (*Group, error) {
	if _, err := managedGroup(ctx, tx, id); err != nil {
		return nil, err
	}
	g := new(Group)
	if err := tx.NewSelect().Model(g).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).For("NO KEY UPDATE").Scan(ctx); err != nil {
		return nil, missing(err, "children: lock group")
	}
	if g.Version != version {
		return nil, stale()
	}
	return g, nil
}

// EditGroup changes a group of the actor's locations. Its care stays what it is: placements were made for it.
func (s *Service) EditGroup(ctx context.Context, id ids.ID, draft GroupDraft) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		g, err := lockGroup(ctx, tx, id, draft.Version)
		if err != nil {
			return err
		}
		draft.CareType = g.CareType
		if err := draft.Check(); err != nil {
			return err
		}
		changes := changed(change{"name", g.Name, draft.Name}, change{"symbol", g.Symbol, draft.Symbol}, change{"from_age_months", g.FromAgeMonths, draft.FromAgeMonths}, change{"to_age_months", g.ToAgeMonths, draft.ToAgeMonths})
		if len(changes) == 0 {
			return nil
		}
		g.Name, g.Symbol, g.FromAgeMonths, g.ToAgeMonths = draft.Name, draft.Symbol, draft.FromAgeMonths, draft.ToAgeMonths
		g.Version++
		if _, err := tx.NewUpdate().Model(g).Column("name", "symbol", "from_age_months", "to_age_months", "version").WherePK().Exec(ctx); err != nil {
			return groupRefused(err)
		}
		return audit.RecordEdit(ctx, tx, "children.edit_group", id, nil, changes)
	})
}

// CloseGroup makes last the last day of care in a group of the actor's locations; an empty one opens it again. While children
// are placed in it after that day it is Invalid.
func (s *Service) CloseGroup(ctx context.Context, id ids.ID, last tenants.Date, version int) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		g, err := lockGroup(ctx, tx, id, version)
		if err != nil {
			return err
		}
		if err := mayClose(ctx, tx, last, "c.id = ?", id); err != nil {
			return err
		}
		g.ClosedOn = last
		g.Version++
		if err := update(ctx, tx, g, "closed_on"); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "children.close_group", id, map[string]any{"last": last})
	})
}
