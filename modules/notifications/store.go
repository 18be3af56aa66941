package notifications

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/tenants"
)

// insertAtOnce bounds the text of one statement: an id is 39 characters of it.
const insertAtOnce = 1000

// insertNews writes a notification, and a delivery where there is mail, for each recipient who has none for this event yet, and one for
// each of their devices where there is push.
func insertNews(ctx context.Context, tx tenants.Writer, item Item, n News, push bool) error {
	for rest := n.Recipients; len(rest) > 0; {
		some := rest[:min(len(rest), insertAtOnce)]
		rest = rest[len(some):]
		if err := insertSome(ctx, tx, item, n, some); err != nil {
			return err
		}
		if push && item.Compose != nil {
			if err := insertPushes(ctx, tx, n, some); err != nil {
				return err
			}
		}
	}
	return nil
}

func insertSome(ctx context.Context, tx tenants.Writer, item Item, n News, people []ids.ID) error {
	tenant := tx.Tenant().ID
	_, err := tx.NewRaw(`INSERT INTO notification (tenant_id, id, event_id, person_id, audience, item, subject_id, created_at)
		SELECT ?, x.id, ?, x.person_id, ?, ?, ?, ? FROM unnest(?::uuid[], ?::uuid[]) AS x(id, person_id)
		ON CONFLICT (tenant_id, event_id, person_id) DO NOTHING`,
		tenant, n.EventID, item.For, n.Item, n.SubjectID, tx.Now(), fresh(len(people)), list(people)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("notifications: insert notifications: %w", err)
	}
	if item.Compose == nil {
		return nil
	}
	_, err = tx.NewRaw(`INSERT INTO delivery (tenant_id, id, event_id, person_id, channel, item, subject_id, queue, due_at)
		SELECT ?, x.id, ?, x.person_id, ?, ?, ?, ?, ? FROM unnest(?::uuid[], ?::uuid[]) AS x(id, person_id)
		ON CONFLICT (tenant_id, event_id, person_id, channel) DO NOTHING`,
		tenant, n.EventID, MailChannel, n.Item, n.SubjectID, n.Queue, tx.Now(), fresh(len(people)), list(people)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("notifications: insert deliveries: %w", err)
	}
	return nil
}

func fresh(n int) any {
	made := make([]ids.ID, n)
	for i := range made {
		made[i] = ids.New()
	}
	return list(made)
}

func list(of []ids.ID) any {
	text := make([]string, len(of))
	for i, id := range of {
		text[i] = id.String()
	}
	return pgdialect.Array(text)
}

// apart are the items of which lines stand apart: not those that are Calm, and those that are Asks also when they are read.
type apart struct{ calm, asks []string }

func (a apart) of(tx tenants.Reader, into *[]Notification, who actor.Actor) *bun.SelectQuery {
	return own(tx, into, who).Where("(read_at IS NULL AND item <> ALL (?) OR item = ANY (?))", pgdialect.Array(a.calm), pgdialect.Array(a.asks)).Limit(mostWaiting)
}

// newestOf gives the notifications of who that are older than before (Nil: from the newest), newest first, but for those that
// stand apart. Their ids are in the order in which they were made.
func newestOf(ctx context.Context, tx tenants.Reader, who actor.Actor, a apart, before ids.ID, most int64) ([]Notification, error) {
	var found, waiting []Notification
	q := own(tx, &found, who).Where("item <> ALL (?)", pgdialect.Array(a.asks)).
		Where("(read_at IS NOT NULL OR item = ANY (?) OR id NOT IN (?))", pgdialect.Array(a.calm), a.of(tx, &waiting, who).Column("id")).Limit(most)
	if before != ids.Nil {
		q = q.Where("id < ?", before)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("notifications: list: %w", err)
	}
	return found, nil
}

// mostWaiting is how many lines stand apart; a bell counts no more either.
const mostWaiting = 100

// waitingOf gives what of who stands apart, newest first.
func waitingOf(ctx context.Context, tx tenants.Reader, who actor.Actor, a apart) ([]Notification, error) {
	var found []Notification
	if err := a.of(tx, &found, who).Scan(ctx); err != nil {
		return nil, fmt.Errorf("notifications: list what waits: %w", err)
	}
	return found, nil
}

// own selects the notifications of who in the role of now, newest first.
func own(tx tenants.Reader, into *[]Notification, who actor.Actor) *bun.SelectQuery {
	return tx.NewSelect().Model(into).Where("tenant_id = ?", tx.Tenant().ID).Where("person_id = ?", who.PersonID).
		Where("audience IN (?)", bun.List(AudiencesOf(who.Role))).OrderExpr("id DESC")
}

// messageItems are the items of messages in a query.
const messageItems = `('` + MessageItem + `', '` + GroupMessageItem + `', '` + ManagementMessageItem + `')`

// markRead marks what who has not read: one notification, or all but messages when id is Nil.
func markRead(ctx context.Context, tx tenants.Writer, who actor.Actor, id ids.ID) error {
	q := tx.NewUpdate().Model((*Notification)(nil)).Set("read_at = ?", tx.Now()).
		Where("tenant_id = ?", tx.Tenant().ID).Where("person_id = ?", who.PersonID).Where("audience IN (?)", bun.List(AudiencesOf(who.Role))).Where("read_at IS NULL")
	if id != ids.Nil {
		q = q.Where("id = ?", id)
	} else {
		q = q.Where("item NOT IN " + messageItems)
	}
	if _, err := q.Exec(ctx); err != nil {
		return fmt.Errorf("notifications: mark read: %w", err)
	}
	return nil
}

// markReadAbout marks what who has not read about any of subjects, and tells whether there was any.
func markReadAbout(ctx context.Context, tx tenants.Writer, who actor.Actor, subjects ...ids.ID) (bool, error) {
	if len(subjects) == 0 {
		return false, nil
	}
	result, err := tx.NewUpdate().Model((*Notification)(nil)).Set("read_at = ?", tx.Now()).
		Where("tenant_id = ?", tx.Tenant().ID).Where("person_id = ?", who.PersonID).Where("audience IN (?)", bun.List(AudiencesOf(who.Role))).Where("read_at IS NULL").
		Where("subject_id IN (?)", bun.List(subjects)).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("notifications: mark read about: %w", err)
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// markReadBut marks what people have not read of an item, but for a selection of subject_id and person_id, and gives whose there was any.
func markReadBut(ctx context.Context, tx tenants.Writer, item string, people []ids.ID, waits *bun.RawQuery) ([]ids.ID, error) {
	if len(people) == 0 {
		return nil, nil
	}
	var whose []ids.ID
	err := tx.NewRaw(`WITH settled AS (UPDATE notification n SET read_at = ?2 FROM (
			SELECT id FROM notification WHERE tenant_id = ?0 AND item = ?1 AND read_at IS NULL AND person_id IN (?3) ORDER BY id FOR UPDATE) unread
		WHERE n.tenant_id = ?0 AND n.id = unread.id AND NOT EXISTS (SELECT FROM (?4) w WHERE w.subject_id = n.subject_id AND w.person_id = n.person_id)
		RETURNING n.person_id) SELECT DISTINCT person_id FROM settled`, tx.Tenant().ID, item, tx.Now(), bun.List(people), waits).Scan(ctx, &whose)
	if err != nil {
		return nil, fmt.Errorf("notifications: mark read but: %w", err)
	}
	return whose, nil
}

func ownNotification(ctx context.Context, tx tenants.Reader, who actor.Actor, id ids.ID) ([]Notification, error) {
	var found []Notification
	err := tx.NewSelect().Model(&found).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).Where("person_id = ?", who.PersonID).
		Where("audience IN (?)", bun.List(AudiencesOf(who.Role))).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("notifications: find: %w", err)
	}
	return found, nil
}

// Counting stops at a hundred: a bell says "99+".
const countUnread = unreadWhere + `NOT IN ` + messageItems + ` LIMIT 100) AS counted), ` + unreadWhere + `IN ` + messageItems + ` LIMIT 100) AS counted)`

const unreadWhere = `(SELECT count(*) FROM (SELECT FROM notification WHERE tenant_id = $1 AND person_id = $2 AND audience = ANY ($3) AND read_at IS NULL AND item `

// UnreadByGuardian are the two numbers of Counts for a guardian, as values in a query whose parameters 1 and 2 are the tenant and the person.
var UnreadByGuardian = strings.ReplaceAll(countUnread, "ANY ($3)", "'"+string(Guardians)+"'")

// Settle marks what anybody has not read about a subject that is there no more: no list shows it, so no bell may count it.
func Settle(ctx context.Context, tx tenants.Writer, subject ids.ID) error {
	_, err := tx.NewUpdate().Model((*Notification)(nil)).Set("read_at = ?", tx.Now()).
		Where("tenant_id = ?", tx.Tenant().ID).Where("subject_id = ?", subject).Where("read_at IS NULL").Exec(ctx)
	if err != nil {
		return fmt.Errorf("notifications: settle: %w", err)
	}
	return nil
}

// withdrawn stands in the row of a delivery that was called off.
const withdrawn = "withdrawn"

// CallOff is Settle for a subject that may come back: what waits to be sent about it is not sent, also not in the mail of another. A delivery
// that carries others, or that a worker holds at this moment, stays: what may be told is asked again when it goes.
func CallOff(ctx context.Context, tx tenants.Writer, subject ids.ID) error {
	for _, query := range []string{
		`DELETE FROM notification_gathered g USING delivery d, delivery carrier WHERE g.tenant_id = ?0 AND d.tenant_id = ?0 AND d.id = g.delivery_id AND d.subject_id = ?1
			AND carrier.tenant_id = ?0 AND carrier.id = g.carrier_id AND carrier.state = 'waiting'`,
		`UPDATE delivery d SET state = 'dropped', last_error = ?3, finished_at = ?2 WHERE d.tenant_id = ?0 AND d.subject_id = ?1 AND d.state = 'waiting'
			AND (d.lease_until IS NULL OR d.lease_until <= ?2) AND NOT EXISTS (SELECT FROM notification_gathering g WHERE g.tenant_id = ?0 AND g.carrier_id = d.id)`,
	} {
		if _, err := tx.NewRaw(query, tx.Tenant().ID, subject, tx.Now(), withdrawn).Exec(ctx); err != nil {
			return fmt.Errorf("notifications: call off: %w", err)
		}
	}
	return Settle(ctx, tx, subject)
}

// Mailed gives who has had a mail about a subject, or has one to come.
func Mailed(ctx context.Context, tx tenants.Reader, subject ids.ID) (people []ids.ID, err error) {
	err = tx.NewRaw(`SELECT DISTINCT d.person_id FROM delivery d WHERE d.tenant_id = ?0 AND d.subject_id = ?1 AND d.kind = ?2
		AND (d.state IN ('waiting', 'sent') OR EXISTS (SELECT FROM notification_gathered g WHERE g.tenant_id = ?0 AND g.delivery_id = d.id))`,
		tx.Tenant().ID, subject, MailChannel).Scan(ctx, &people)
	if err != nil {
		return nil, fmt.Errorf("notifications: look who was mailed: %w", err)
	}
	return people, nil
}

// Unread asks for what who has not read, together with whatever else a page asks.
func Unread(who actor.Actor, n *Counts) tenants.Question {
	return tenants.Question{SQL: "SELECT " + countUnread, Args: []any{who.TenantID, who.PersonID, AudiencesOf(who.Role)}, Scan: func(rows pgx.Rows) error {
		rows.Next()
		return rows.Scan(&n.Bell, &n.Messages)
	}}
}

func unread(ctx context.Context, db *tenants.DB, who actor.Actor) (n Counts, err error) {
	if err := db.Ask(ctx, Unread(who, &n)); err != nil {
		return Counts{}, fmt.Errorf("notifications: count unread: %w", err)
	}
	return n, nil
}

// whoHasUnread gives those of people, selected by person_id, who have not read something.
func whoHasUnread(ctx context.Context, tx tenants.Reader, in Audience, people *bun.RawQuery) ([]ids.ID, error) {
	var found []ids.ID
	err := tx.NewSelect().Model((*Notification)(nil)).ColumnExpr("DISTINCT person_id").Where("tenant_id = ?", tx.Tenant().ID).Where("audience = ?", in).
		Where("read_at IS NULL").Where("person_id IN (?)", people).Scan(ctx, &found)
	if err != nil {
		return nil, fmt.Errorf("notifications: look who has unread: %w", err)
	}
	return found, nil
}

// unreadSubjects gives what who has not read, by item.
func unreadSubjects(ctx context.Context, tx tenants.Reader, who actor.Actor) (map[string][]ids.ID, error) {
	var rows []Notification
	err := tx.NewSelect().Model(&rows).ColumnExpr("DISTINCT item, subject_id").Where("tenant_id = ?", tx.Tenant().ID).Where("person_id = ?", who.PersonID).
		Where("audience IN (?)", bun.List(AudiencesOf(who.Role))).Where("read_at IS NULL").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("notifications: select unread subjects: %w", err)
	}
	about := map[string][]ids.ID{}
	for _, n := range rows {
		about[n.Item] = append(about[n.Item], n.SubjectID)
	}
	return about, nil
}

func anyUnread(ctx context.Context, tx tenants.Reader, who actor.Actor) (bool, error) {
	some, err := tx.NewSelect().Model((*Notification)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("person_id = ?", who.PersonID).
		Where("audience IN (?)", bun.List(AudiencesOf(who.Role))).Where("read_at IS NULL").Where("item NOT IN " + messageItems).Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("notifications: look for unread: %w", err)
	}
	return some, nil
}

type preference struct {
	bun.BaseModel `bun:"table:notification_preference"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	PersonID      ids.ID `bun:",pk,type:uuid"`
	Item          string `bun:",pk"`
	Channel       string `bun:",pk"`
	Wanted        bool
}

func setPreference(ctx context.Context, tx tenants.Writer, p preference) error {
	p.TenantID = tx.Tenant().ID
	_, err := tx.NewInsert().Model(&p).On("CONFLICT (tenant_id, person_id, item, channel) DO UPDATE").Set("wanted = EXCLUDED.wanted").Exec(ctx)
	if err != nil {
		return fmt.Errorf("notifications: set preference: %w", err)
	}
	return nil
}

// unwanted tells which of people do not want to hear over a channel, by item.
func unwanted(ctx context.Context, tx tenants.Reader, channel string, people []ids.ID, items ...string) (map[string]map[ids.ID]bool, error) {
	var rows []preference
	q := tx.NewSelect().Model(&rows).Where("tenant_id = ?", tx.Tenant().ID).Where("channel = ?", channel).Where("NOT wanted").
		Where("person_id IN (?)", bun.List(people))
	if len(items) > 0 {
		q = q.Where("item IN (?)", bun.List(items))
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("notifications: read preferences: %w", err)
	}
	off := map[string]map[ids.ID]bool{}
	for _, r := range rows {
		if off[r.Item] == nil {
			off[r.Item] = map[ids.ID]bool{}
		}
		off[r.Item][r.PersonID] = true
	}
	return off, nil
}

// deleteOlder forgets notifications made before a moment, so many at most, and tells how many that were.
func deleteOlder(ctx context.Context, tx tenants.Writer, days, most int) (int64, error) {
	done, err := tx.NewRaw(`DELETE FROM notification WHERE tenant_id = ?0 AND id IN (
		SELECT id FROM notification WHERE tenant_id = ?0 AND created_at < ?1::timestamptz - make_interval(days => ?2) ORDER BY id LIMIT ?3)`,
		tx.Tenant().ID, tx.Now(), days, most).Exec(ctx)
	if err != nil {
		return 0, fmt.Errorf("notifications: forget: %w", err)
	}
	return done.RowsAffected()
}

// rhythmsOf reads when those of people who chose something want mail.
func rhythmsOf(ctx context.Context, tx tenants.Reader, people []ids.ID) (map[ids.ID]Rhythm, error) {
	var rows []Rhythm
	if err := tx.NewSelect().Model(&rows).Where("tenant_id = ?", tx.Tenant().ID).Where("person_id IN (?)", bun.List(people)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("notifications: read rhythms: %w", err)
	}
	chosen := make(map[ids.ID]Rhythm, len(rows))
	for _, r := range rows {
		chosen[r.PersonID] = r
	}
	return chosen, nil
}

func setRhythm(ctx context.Context, tx tenants.Writer, r Rhythm) error {
	r.TenantID = tx.Tenant().ID
	_, err := tx.NewInsert().Model(&r).On("CONFLICT (tenant_id, person_id) DO UPDATE").Set("daily = EXCLUDED.daily").Set("daily_at = EXCLUDED.daily_at").
		Set("quiet = EXCLUDED.quiet").Set("quiet_from = EXCLUDED.quiet_from").Set("quiet_until = EXCLUDED.quiet_until").Exec(ctx)
	if err != nil {
		return fmt.Errorf("notifications: set rhythm: %w", err)
	}
	return nil
}

// gatheredAmong tells which of batch are told in the mail of another.
func gatheredAmong(ctx context.Context, tx tenants.Reader, batch []outbox.Delivery) (map[ids.ID]bool, error) {
	var found []ids.ID
	err := tx.NewRaw("SELECT delivery_id FROM notification_gathered WHERE tenant_id = ? AND delivery_id IN (?)", tx.Tenant().ID, bun.List(idsOf(batch))).Scan(ctx, &found)
	if err != nil {
		return nil, fmt.Errorf("notifications: look who is told with others: %w", err)
	}
	told := make(map[ids.ID]bool, len(found))
	for _, id := range found {
		told[id] = true
	}
	return told, nil
}

func idsOf(batch []outbox.Delivery) []ids.ID {
	all := make([]ids.ID, len(batch))
	for i, d := range batch {
		all[i] = d.ID
	}
	return all
}

// lockGatherings gives, and holds until the end of tx, those that one of batch carries and the open ones of its people over the same
// channel. One whose carrier came to its end before its time, because nobody could send it, takes no more: it is closed.
func lockGatherings(ctx context.Context, tx tenants.Writer, batch []outbox.Delivery) ([]gathering, error) {
	push := batch[0].DeviceID != ids.Nil
	if _, err := tx.NewRaw(`UPDATE notification_gathering g SET closed_at = ? FROM delivery d
		WHERE g.tenant_id = ? AND g.closed_at IS NULL AND g.person_id IN (?) AND (g.device_id IS NOT NULL) = ? AND d.tenant_id = g.tenant_id AND d.id = g.carrier_id AND d.state <> 'waiting'`,
		tx.Now(), tx.Tenant().ID, bun.List(personsOf(batch)), push).Exec(ctx); err != nil {
		return nil, fmt.Errorf("notifications: close dead gatherings: %w", err)
	}
	var found []gathering
	err := tx.NewRaw(`SELECT carrier_id, person_id, device_id, due_at, closed_at FROM notification_gathering
		WHERE tenant_id = ? AND (carrier_id IN (?) OR (closed_at IS NULL AND person_id IN (?) AND (device_id IS NOT NULL) = ?)) ORDER BY carrier_id FOR UPDATE`,
		tx.Tenant().ID, bun.List(idsOf(batch)), bun.List(personsOf(batch)), push).Scan(ctx, &found)
	if err != nil {
		return nil, fmt.Errorf("notifications: lock gatherings: %w", err)
	}
	return found, nil
}

// insertGathering begins one, and tells whether it did: somebody has one open at most, over each channel and device.
func insertGathering(ctx context.Context, tx tenants.Writer, g gathering) (bool, error) {
	done, err := tx.NewRaw(`INSERT INTO notification_gathering (tenant_id, carrier_id, person_id, device_id, due_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		tx.Tenant().ID, g.CarrierID, g.PersonID, orNull(g.DeviceID), g.DueAt).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("notifications: begin gathering: %w", err)
	}
	n, err := done.RowsAffected()
	return n == 1, err
}

func orNull(id ids.ID) any {
	if id == ids.Nil {
		return nil
	}
	return id
}

// insertGathered puts each of deliveries along with the carrier of the same place.
func insertGathered(ctx context.Context, tx tenants.Writer, deliveries, carriers []ids.ID) error {
	if len(deliveries) == 0 {
		return nil
	}
	_, err := tx.NewRaw(`INSERT INTO notification_gathered (tenant_id, delivery_id, carrier_id)
		SELECT ?, x.delivery_id, x.carrier_id FROM unnest(?::uuid[], ?::uuid[]) AS x(delivery_id, carrier_id) ON CONFLICT DO NOTHING`,
		tx.Tenant().ID, list(deliveries), list(carriers)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("notifications: gather: %w", err)
	}
	return nil
}

func closeGatherings(ctx context.Context, tx tenants.Writer, carriers []ids.ID) error {
	_, err := tx.NewRaw(`UPDATE notification_gathering SET closed_at = ? WHERE tenant_id = ? AND carrier_id IN (?) AND closed_at IS NULL`,
		tx.Now(), tx.Tenant().ID, bun.List(carriers)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("notifications: close gatherings: %w", err)
	}
	return nil
}

// carriedBy adds what the carriers carry to found, in the order in which it was made.
func carriedBy(ctx context.Context, tx tenants.Reader, carriers []ids.ID, found map[ids.ID][]outbox.Delivery) error {
	var rows []struct {
		CarrierID, ID, EventID, PersonID, SubjectID, DeviceID ids.ID
		Item                                                  string
	}
	err := tx.NewRaw(`SELECT g.carrier_id, d.id, d.event_id, d.person_id, d.subject_id, d.device_id, d.item FROM notification_gathered g
		JOIN delivery d ON d.tenant_id = g.tenant_id AND d.id = g.delivery_id
		WHERE g.tenant_id = ? AND g.carrier_id IN (?) ORDER BY d.id`, tx.Tenant().ID, bun.List(carriers)).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("notifications: read gathered: %w", err)
	}
	for _, r := range rows {
		found[r.CarrierID] = append(found[r.CarrierID], outbox.Delivery{ID: r.ID, TenantID: tx.Tenant().ID, EventID: r.EventID, PersonID: r.PersonID, SubjectID: r.SubjectID, DeviceID: r.DeviceID, Item: r.Item})
	}
	return nil
}
