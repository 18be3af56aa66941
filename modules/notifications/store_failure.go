package notifications

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// failed are the rows of the ledger that tell of something that somebody was not told: what was given up or came back, devices that are
// gone, and letters about accounts. ?0 is the tenant.
const failed = `SELECT id, person_id, kind AS channel, item, last_error, attempts, finished_at, true AS again FROM delivery WHERE tenant_id = ?0 AND state = 'dead'
	UNION ALL SELECT id, person_id, kind, item, last_error, attempts, finished_at, false FROM delivery WHERE tenant_id = ?0 AND state = 'dropped' AND last_error = '` + pushGone + `'
	UNION ALL SELECT j.id, (e.payload ->> 'person_id')::uuid, '` + MailChannel + `', '` + letterItem + `', j.last_error, j.attempts, j.finished_at, true
		FROM job j JOIN event e ON e.tenant_id = j.tenant_id AND e.id = j.event_id
		WHERE j.tenant_id = ?0 AND j.state = 'dead' AND starts_with(j.handler, 'identity.mail_') AND jsonb_exists(e.payload, 'person_id')`

// failedAmong adds whom they are about, as far as who keeps their data. ?1 are the people, ?2 what is looked for.
const failedAmong = ` FROM (` + failed + `) AS f JOIN person p ON p.tenant_id = ?0 AND p.id = f.person_id
	WHERE f.person_id IN (?1) AND (?2 = '' OR strpos(p.name_key, name_key(?2)) > 0 OR strpos(p.email, ?2) > 0)`

func searched(words string) string { return strings.ToLower(strings.TrimSpace(words)) }

func countFailures(ctx context.Context, tx tenants.Reader, who actor.Actor, words string) (map[string]int, error) {
	var rows []struct {
		Channel string
		Count   int
	}
	err := tx.NewRaw("SELECT f.channel, count(*) AS count"+failedAmong+" GROUP BY 1", tx.Tenant().ID, children.PeopleKeptBy(tx, who), searched(words)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("notifications: count failures: %w", err)
	}
	counts := map[string]int{}
	for _, r := range rows {
		counts[r.Channel] = r.Count
	}
	return counts, nil
}

func selectFailures(ctx context.Context, tx tenants.Reader, who actor.Actor, f FailureFilter, most int) ([]Failure, error) {
	query := `SELECT f.id, f.person_id, trim(p.given_name || ' ' || p.family_name) AS person_name, p.face AS person_face, coalesce(p.email, '') AS email,
		f.channel, f.item, f.last_error, f.attempts AS tries, f.finished_at AS at, f.again,
		EXISTS (SELECT FROM guardianship g WHERE g.tenant_id = ?0 AND g.person_id = p.id) AS guardian,
		EXISTS (SELECT FROM address_problem a WHERE a.tenant_id = ?0 AND a.person_id = p.id AND a.address = p.email) AS address_fails` + failedAmong
	if f.Channel != "" {
		query += " AND f.channel = ?3"
	}
	if f.After.ID != ids.Nil {
		query += " AND (f.finished_at, f.id) < (?4::timestamptz, ?5)"
	}
	var list []Failure
	err := tx.NewRaw(query+" ORDER BY f.finished_at DESC, f.id DESC LIMIT ?6", tx.Tenant().ID, children.PeopleKeptBy(tx, who), searched(f.Search), f.Channel, f.After.At, f.After.ID, most).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("notifications: select failures: %w", err)
	}
	return list, nil
}

// lockFailures gives those of list that can be sent again, or for nil the newest of the filter, and lets nobody else send them again
// before the transaction ends.
func lockFailures(ctx context.Context, tx tenants.Writer, who actor.Actor, list []ids.ID, f FailureFilter, most int) ([]Failure, error) {
	if err := tx.Lock(ctx, "redrive", tx.Tenant().ID.String()); err != nil {
		return nil, err
	}
	query := "SELECT f.id, f.person_id" + failedAmong + " AND f.again"
	switch {
	case list != nil && len(list) == 0:
		return nil, nil
	case list != nil:
		query += " AND f.id IN (?3)"
	case f.Channel != "":
		query += " AND f.channel = ?4"
	}
	if list != nil {
		f.Search = ""
	}
	var found []Failure
	err := tx.NewRaw(query+" ORDER BY f.finished_at DESC LIMIT ?5", tx.Tenant().ID, children.PeopleKeptBy(tx, who), searched(f.Search), bun.List(list), f.Channel, most).Scan(ctx, &found)
	if err != nil {
		return nil, fmt.Errorf("notifications: look what to send again: %w", err)
	}
	return found, nil
}

// reopen gives rows of the ledger all their tries again.
func reopen(ctx context.Context, tx tenants.Writer, list []Failure) error {
	rows := make([]ids.ID, len(list))
	for i, f := range list {
		rows[i] = f.ID
	}
	for _, table := range []string{"delivery", "job"} {
		_, err := tx.NewRaw("UPDATE ? SET state = 'waiting', attempts = 0, gen = gen + 1, due_at = ?, finished_at = NULL, lease_until = NULL WHERE tenant_id = ? AND state = 'dead' AND id IN (?)",
			bun.Ident(table), tx.Now(), tx.Tenant().ID, bun.List(rows)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("notifications: send again: %w", err)
		}
	}
	return nil
}

// Told is somebody who was told something about a subject since a moment.
type Told struct {
	PersonID, SubjectID ids.ID
	Since               time.Time
}

// Missed gives those of told who heard nothing: everything about the subject in an item failed or could go nowhere, and they did not open
// the line in their list. What is still on its way is not missed yet. Of what went well, and of what could go nowhere, the ledger knows
// for a month: whoever asks later is told that nobody missed it.
func Missed(ctx context.Context, tx tenants.Reader, item string, told []Told) ([]Told, error) {
	people, subjects, since := make([]ids.ID, len(told)), make([]ids.ID, len(told)), make([]string, len(told))
	for i, t := range told {
		people[i], subjects[i], since[i] = t.PersonID, t.SubjectID, t.Since.Format(time.RFC3339Nano)
	}
	var found []int
	err := tx.NewRaw(`SELECT x.place FROM unnest(?1::uuid[], ?2::uuid[], ?3::timestamptz[]) WITH ORDINALITY AS x(person_id, subject_id, since, place)
		JOIN notification n ON n.tenant_id = ?0 AND n.person_id = x.person_id AND n.subject_id = x.subject_id AND n.item = ?4 AND n.created_at >= x.since
		LEFT JOIN delivery d ON d.tenant_id = ?0 AND d.event_id = n.event_id AND d.person_id = n.person_id
		GROUP BY x.place HAVING bool_and(n.read_at IS NULL AND coalesce(d.state = 'dead' OR d.state = 'dropped' AND d.last_error IN (?5), false))`,
		tx.Tenant().ID, list(people), list(subjects), pgdialect.Array(since), item, bun.List([]string{noAddress, inactive, pushGone})).Scan(ctx, &found)
	if err != nil {
		return nil, fmt.Errorf("notifications: look what was missed: %w", err)
	}
	missed := make([]Told, len(found))
	for i, place := range found {
		missed[i] = told[place-1]
	}
	return missed, nil
}

// recipientOf is the person of a delivery; Nil when there is no such delivery any more.
func recipientOf(ctx context.Context, tx tenants.Reader, delivery ids.ID) (person ids.ID, err error) {
	err = tx.NewRaw("SELECT person_id FROM delivery WHERE tenant_id = ? AND id = ?", tx.Tenant().ID, delivery).Scan(ctx, &person)
	if errors.Is(err, sql.ErrNoRows) {
		return ids.Nil, nil
	}
	if err != nil {
		return ids.Nil, fmt.Errorf("notifications: find delivery: %w", err)
	}
	return person, nil
}

// cameBack gives up a delivery that had been sent, as far as anybody knew.
func cameBack(ctx context.Context, tx tenants.Writer, delivery ids.ID, why string) error {
	_, err := tx.NewRaw("UPDATE delivery SET state = 'dead', last_error = ?, finished_at = ? WHERE tenant_id = ? AND id = ? AND state = 'sent'",
		why, tx.Now(), tx.Tenant().ID, delivery).Exec(ctx)
	if err != nil {
		return fmt.Errorf("notifications: take back delivery: %w", err)
	}
	return nil
}

// CountFailures asks how much did not reach the people whose data the actor keeps, together with whatever else a page asks.
func (s *Service) CountFailures(ctx context.Context, into *int64) tenants.Question {
	who := actor.From(ctx)
	tenant, _ := tenants.From(ctx)
	query := `SELECT count(*) FROM (` + strings.ReplaceAll(failed, "?0", "$1") + `) AS f WHERE f.person_id IN (` + children.PeopleKeptSQL(who.Role, 1, 2, 3) + `) AND ($2::uuid IS NOT NULL OR $3::date IS NOT NULL)`
	question := tenants.Sum(query, into, tenant.ID, who.PersonID, string(tenant.DateOf(s.db.Clock().Now())))
	question.Filters = true
	return question
}
