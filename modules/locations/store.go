package locations

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

func missing(err error, what string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.NotFound()
	}
	return fmt.Errorf("locations: %s: %w", what, err)
}

// selectChoices gives the locations of the actor's children, by name; nobody else has any.
func selectChoices(ctx context.Context, tx tenants.Reader) ([]Choice, error) {
	who := actor.From(ctx)
	if who.Role != actor.Parent {
		return nil, fault.NotFound()
	}
	var list []Choice
	err := tx.NewRaw("SELECT id, name FROM location WHERE tenant_id = ?0 AND id IN (SELECT location_id FROM (?1) s) ORDER BY name, id", tx.Tenant().ID, children.Stays(tx, who)).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("locations: select own: %w", err)
	}
	return list, nil
}

func selectPlace(ctx context.Context, tx tenants.Reader, p *Place, id ids.ID) error {
	if err := tx.NewSelect().Model(&p.Location).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).Scan(ctx); err != nil {
		return missing(err, "select location")
	}
	return nil
}

func selectCares(ctx context.Context, tx tenants.Reader, location ids.ID) ([]children.LocationCare, error) {
	var list []children.LocationCare
	err := tx.NewSelect().Model(&list).Where("tenant_id = ?", tx.Tenant().ID).Where("location_id = ?", location).Order("care_type").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("locations: select registrations: %w", err)
	}
	return list, nil
}

// selectComing gives the actor's children at a location, oldest first, and the day on which the first of them comes when that lies ahead.
func selectComing(ctx context.Context, tx tenants.Reader, location ids.ID) (list []children.Named, starts tenants.Date, err error) {
	var rows []struct {
		children.Named
		FirstDay tenants.Date
	}
	err = tx.NewRaw(`SELECT c.id, c.given_name, c.face, min(s.first_day)::text AS first_day FROM (?1) s JOIN child c ON c.tenant_id = ?0 AND c.id = s.child_id
		WHERE s.location_id = ?2 GROUP BY c.id, c.given_name, c.face, c.birth_on ORDER BY c.birth_on, c.id`, tx.Tenant().ID, children.Stays(tx, actor.From(ctx)), location).Scan(ctx, &rows)
	if err != nil {
		return nil, "", fmt.Errorf("locations: select children: %w", err)
	}
	for _, r := range rows {
		list = append(list, r.Named)
		if starts == "" || r.FirstDay < starts {
			starts = r.FirstDay
		}
	}
	if starts <= tx.Today() {
		starts = ""
	}
	return list, starts, nil
}

// mustRun answers NotFound unless the actor runs the location.
func mustRun(ctx context.Context, tx tenants.Reader, location ids.ID) error {
	runs, err := tx.NewSelect().Model((*children.Location)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", location).
		Where("id IN (?)", children.LocationsOf(tx, actor.From(ctx))).Exists(ctx)
	if err != nil {
		return fmt.Errorf("locations: find location: %w", err)
	}
	if !runs {
		return fault.NotFound()
	}
	return nil
}

func selectOpening(ctx context.Context, tx tenants.Reader, location ids.ID) (Opening, error) {
	o := Opening{LocationID: location}
	err := tx.NewSelect().Model(&o).Where("o.tenant_id = ?", tx.Tenant().ID).Where("o.location_id = ?", location).Scan(ctx)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return o, fmt.Errorf("locations: select opening: %w", err)
	}
	return o, nil
}

// saveOpening keeps an opening in the place of that of its version, and tells whether that was still the one there.
func saveOpening(ctx context.Context, tx tenants.Writer, o Opening) (bool, error) {
	seen := o.Version
	o.TenantID, o.Days, o.Version = tx.Tenant().ID, append([]children.CareDay{}, o.Days...), seen+1
	q := tx.NewInsert().Model(&o).On("CONFLICT (tenant_id, location_id) DO NOTHING")
	if seen > 0 {
		q = tx.NewInsert().Model(&o).On("CONFLICT (tenant_id, location_id) DO UPDATE").Set("days = EXCLUDED.days").Set("version = EXCLUDED.version").Where("o.version = ?", seen)
	}
	done, err := q.Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("locations: save opening: %w", err)
	}
	n, err := done.RowsAffected()
	return n == 1, err
}

const exceptionColumns = `x.tenant_id, x.id, x.location_id, x.on_day::text AS on_day, to_char(x.from_time, 'HH24:MI') AS from_time, to_char(x.to_time, 'HH24:MI') AS to_time, x.reason`

func selectExceptions(ctx context.Context, tx tenants.Reader, location ids.ID) ([]Exception, error) {
	var list []Exception
	err := tx.NewRaw(`SELECT `+exceptionColumns+` FROM location_exception x WHERE x.tenant_id = ? AND x.location_id = ? AND x.on_day >= ?::date ORDER BY x.on_day LIMIT 100`,
		tx.Tenant().ID, location, string(tx.Today())).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("locations: select exceptions: %w", err)
	}
	return list, nil
}

// insertException tells whether the day was free.
func insertException(ctx context.Context, tx tenants.Writer, e *Exception) (bool, error) {
	done, err := tx.NewInsert().Model(e).On("CONFLICT (tenant_id, location_id, on_day) DO NOTHING").Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("locations: insert exception: %w", err)
	}
	n, err := done.RowsAffected()
	return n == 1, err
}

// deleteException deletes one at a location of the actor; any other is NotFound.
func deleteException(ctx context.Context, tx tenants.Writer, id ids.ID) (*Exception, error) {
	e := new(Exception)
	err := tx.NewRaw(`DELETE FROM location_exception x WHERE x.tenant_id = ?0 AND x.id = ?1 AND x.location_id IN (?2) RETURNING `+exceptionColumns,
		tx.Tenant().ID, id, children.LocationsOf(tx, actor.From(ctx))).Scan(ctx, e)
	if err != nil {
		return nil, missing(err, "delete exception")
	}
	return e, nil
}

// shownPhoto is the photo of the person p that guardians see.
const shownPhoto = `(SELECT s.id FROM staff_photo s WHERE s.tenant_id = p.tenant_id AND s.person_id = p.id AND s.state = 'ready' AND s.approved_at IS NOT NULL
	ORDER BY s.approved_at DESC, s.id DESC LIMIT 1)`

// waits tells whether something about the person p waits for their word.
const waits = `(EXISTS (SELECT FROM staff_profile w WHERE w.tenant_id = p.tenant_id AND w.person_id = p.id AND w.proposal <> '')
	OR EXISTS (SELECT FROM staff_photo s WHERE s.tenant_id = p.tenant_id AND s.person_id = p.id AND s.approved_at IS NULL AND s.state <> 'refused'))`

// colleagues gives those among team, a children.Team, of whom the actor may read: who is hidden is there for who runs the location.
// at narrows the rows t of the team.
func colleagues(ctx context.Context, tx tenants.Reader, team *bun.RawQuery, at string, id ids.ID) ([]Colleague, error) {
	hidden := "f.hidden_at IS NULL"
	if actor.From(ctx).Role != actor.Parent {
		hidden = "true"
	}
	var list []Colleague
	err := tx.NewRaw(`SELECT p.id AS person_id, p.given_name, p.family_name, p.face, coalesce(f.title, '') AS title, coalesce(f.introduction, '') AS introduction,
			CASE WHEN f.days_shown THEN f.weekdays ELSE '[]' END AS weekdays, coalesce(`+shownPhoto+`, '00000000-0000-0000-0000-000000000000') AS photo_id,
			string_agg(DISTINCT g.name, ', ' ORDER BY g.name) AS groups, f.hidden_at IS NOT NULL AS hidden, `+waits+` AS waits
		FROM (?1) t JOIN person p ON p.tenant_id = ?0 AND p.id = t.person_id JOIN care_group g ON g.tenant_id = ?0 AND g.id = t.group_id
		LEFT JOIN staff_profile f ON f.tenant_id = ?0 AND f.person_id = p.id
		WHERE `+at+` = ?2 AND `+hidden+` GROUP BY p.tenant_id, p.id, p.given_name, p.family_name, p.name_key, p.face, f.title, f.introduction, f.days_shown, f.weekdays, f.hidden_at
		ORDER BY p.name_key, p.id`, tx.Tenant().ID, team, id).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("locations: select team: %w", err)
	}
	return list, nil
}

// selectTeam gives those of a team who work at a location, by name.
func selectTeam(ctx context.Context, tx tenants.Reader, team *bun.RawQuery, location ids.ID) ([]Colleague, error) {
	return colleagues(ctx, tx, team, "t.location_id", location)
}

func selectColleague(ctx context.Context, tx tenants.Reader, team *bun.RawQuery, person ids.ID) (*Colleague, error) {
	list, err := colleagues(ctx, tx, team, "t.person_id", person)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fault.NotFound()
	}
	return &list[0], nil
}

// isOf tells whether a person is of a team.
func isOf(ctx context.Context, tx tenants.Reader, team *bun.RawQuery, person ids.ID) (bool, error) {
	var is bool
	if err := tx.NewRaw("SELECT EXISTS (SELECT FROM (?0) t WHERE t.person_id = ?1)", team, person).Scan(ctx, &is); err != nil {
		return false, fmt.Errorf("locations: look for colleague: %w", err)
	}
	return is, nil
}

func hasProposal(ctx context.Context, tx tenants.Reader, person ids.ID) (bool, error) {
	var some bool
	if err := tx.NewRaw("SELECT EXISTS (SELECT FROM person p WHERE p.tenant_id = ? AND p.id = ? AND "+waits+")", tx.Tenant().ID, person).Scan(ctx, &some); err != nil {
		return false, fmt.Errorf("locations: look for proposal: %w", err)
	}
	return some, nil
}

func selectCard(ctx context.Context, tx tenants.Reader, person ids.ID) (*Card, error) {
	c := new(Card)
	if err := tx.NewRaw("SELECT given_name, family_name, face FROM person WHERE tenant_id = ? AND id = ?", tx.Tenant().ID, person).Scan(ctx, &c.GivenName, &c.FamilyName, &c.Face); err != nil {
		return nil, missing(err, "select person")
	}
	profile, err := selectProfile(ctx, tx, person, "")
	if err != nil {
		return nil, err
	}
	c.Profile = *profile
	c.Photos, err = selectPhotos(ctx, tx, person)
	return c, err
}

// selectProfile gives that of a person, or the one of whom nothing is kept.
func selectProfile(ctx context.Context, tx tenants.Reader, person ids.ID, lock string) (*Profile, error) {
	p := &Profile{TenantID: tx.Tenant().ID, PersonID: person, DaysShown: true}
	q := tx.NewSelect().Model(p).Where("f.tenant_id = ?", p.TenantID).Where("f.person_id = ?", person)
	if lock != "" {
		q = q.For(lock)
	}
	if err := q.Scan(ctx); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("locations: select profile: %w", err)
	}
	return p, nil
}

func lockProfile(ctx context.Context, tx tenants.Writer, person ids.ID) (*Profile, error) {
	return selectProfile(ctx, tx, person, "NO KEY UPDATE")
}

// saveProfile keeps a profile. Two first ones at once are a Conflict.
func saveProfile(ctx context.Context, tx tenants.Writer, p *Profile) error {
	if p.Weekdays == nil {
		p.Weekdays = []int{}
	}
	done, err := tx.NewInsert().Model(p).On("CONFLICT (tenant_id, person_id) DO UPDATE").Set("title = EXCLUDED.title").Set("weekdays = EXCLUDED.weekdays").Set("days_shown = EXCLUDED.days_shown").
		Set("introduction = EXCLUDED.introduction").Set("proposal = EXCLUDED.proposal").Set("hidden_at = EXCLUDED.hidden_at").Set("version = EXCLUDED.version").
		Where("f.version = EXCLUDED.version - 1").Exec(ctx)
	if err != nil {
		return fmt.Errorf("locations: save profile: %w", err)
	}
	if n, err := done.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return fault.New(fault.Conflict, "locations.error.stale")
}

func selectPhotos(ctx context.Context, tx tenants.Reader, person ids.ID) ([]Photo, error) {
	var list []Photo
	err := tx.NewSelect().Model(&list).Where("s.tenant_id = ?", tx.Tenant().ID).Where("s.person_id = ?", person).OrderExpr("coalesce(s.approved_at, s.created_at) DESC, s.id DESC").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("locations: select photos: %w", err)
	}
	return list, nil
}

func selectPhoto(ctx context.Context, tx tenants.Reader, id ids.ID) (*Photo, error) {
	p := new(Photo)
	if err := tx.NewSelect().Model(p).Where("s.tenant_id = ?", tx.Tenant().ID).Where("s.id = ?", id).Scan(ctx); err != nil {
		return nil, missing(err, "select photo")
	}
	return p, nil
}

func lockPhoto(ctx context.Context, tx tenants.Writer, id ids.ID) (*Photo, error) {
	p := new(Photo)
	if err := tx.NewSelect().Model(p).Where("s.tenant_id = ?", tx.Tenant().ID).Where("s.id = ?", id).For("NO KEY UPDATE").Scan(ctx); err != nil {
		return nil, missing(err, "lock photo")
	}
	return p, nil
}

func updatePhoto(ctx context.Context, tx tenants.Writer, p *Photo) error {
	if _, err := tx.NewUpdate().Model(p).Column("state", "refusal", "width", "height", "approved_at").WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("locations: update photo: %w", err)
	}
	return nil
}

// selectSeenPhoto gives a photo that is ready and that the actor may see now: a guardian one that was agreed to, of somebody of the team who
// is not hidden; at work one's own, and those of who works at the locations that one runs.
func selectSeenPhoto(ctx context.Context, tx tenants.Reader, id ids.ID) (*Photo, error) {
	who := actor.From(ctx)
	q := tx.NewSelect().Model((*Photo)(nil)).Where("s.tenant_id = ?", tx.Tenant().ID).Where("s.id = ?", id).Where("s.state = 'ready'")
	team := tx.NewRaw("s.person_id IN (SELECT t.person_id FROM (?) t)", children.Team(tx, who))
	if who.Role == actor.Parent {
		q = q.Where("?", team).Where("s.approved_at IS NOT NULL").
			Where("NOT EXISTS (SELECT FROM staff_profile f WHERE f.tenant_id = s.tenant_id AND f.person_id = s.person_id AND f.hidden_at IS NOT NULL)")
	} else {
		q = q.Where("(s.person_id = ? OR ?)", who.PersonID, team)
	}
	p := new(Photo)
	if err := q.Scan(ctx, p); err != nil {
		return nil, missing(err, "select picture")
	}
	return p, nil
}

// selectLeft gives who has photos and has not worked here for a month.
func selectLeft(ctx context.Context, tx tenants.Reader) ([]ids.ID, error) {
	var list []ids.ID
	err := tx.NewRaw(`SELECT DISTINCT s.person_id FROM staff_photo s WHERE s.tenant_id = ?0 AND NOT EXISTS (SELECT FROM membership m WHERE m.tenant_id = ?0 AND m.person_id = s.person_id
		AND m.role IN ('staff', 'manager', 'admin') AND (m.valid_to IS NULL OR m.valid_to >= ?1::date - 30))`, tx.Tenant().ID, string(tx.Today())).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("locations: select who left: %w", err)
	}
	return list, nil
}

// selectKeys gives the storage keys of all photos that are not refused.
func selectKeys(ctx context.Context, tx tenants.Reader) (map[string]bool, error) {
	var list []string
	err := tx.NewSelect().Model((*Photo)(nil)).Column("storage_key").Where("s.tenant_id = ?", tx.Tenant().ID).Where("s.state <> 'refused'").Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("locations: select storage keys: %w", err)
	}
	used := make(map[string]bool, len(list))
	for _, key := range list {
		used[key] = true
	}
	return used, nil
}
