package messages

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
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/live"
	"ouderportaal/internal/paging"
	"ouderportaal/modules/children"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

// Which threads t somebody may see, per role. This is the one place where it is written. Parameters: 1 tenant, 2 person, 3 today.
//
// A parent: those that they are a member of, while they may know of the child, and are of the household that the members share.
// Staff: those with a group that they work in, about a child whom they may know of. Never one with management.
// A manager, an admin: those with the groups or with the management of their locations, about such a child. With management none about a
// child to whom they have a tie: of that they see what they write themselves, as guardians.
var seen = map[actor.Role]string{
	actor.Parent: `EXISTS (SELECT FROM message_thread_member x JOIN (` + children.HouseholdsSQL(1, 2, 3) + `) h ON h.household = coalesce(x.household, h.household)
		WHERE x.tenant_id = $1 AND x.person_id = $2 AND x.thread_id = t.id AND h.child_id = t.child_id)`,
	actor.Staff: `t.group_id IN (` + children.GroupsSQL(actor.Staff, 1, 2, 3) + `) AND t.child_id IN (` + children.VisibleSQL(actor.Staff, 1, 2, 3) + `)`,
	actor.Manager: `(t.group_id IN (` + children.GroupsSQL(actor.Manager, 1, 2, 3) + `) OR t.location_id IN (` + children.LocationsSQL(actor.Manager, 1, 2, 3) + `) AND ` + noTie + `)
		AND t.child_id IN (` + children.VisibleSQL(actor.Manager, 1, 2, 3) + `)`,
	actor.Admin: `(t.location_id IS NULL OR ` + noTie + `) AND t.child_id IN (` + children.VisibleSQL(actor.Admin, 1, 2, 3) + `)`,
}

var noTie = `t.child_id NOT IN (` + children.TiedSQL(1, 2, 3) + `) AND NOT EXISTS (SELECT FROM message_thread_member x WHERE x.tenant_id = $1 AND x.person_id = $2 AND x.thread_id = t.id)`

// reader is somebody who may see a thread.
type reader struct {
	PersonID ids.ID
	ThreadID ids.ID
}

// whoSee gives those of the readers who see their thread in an audience, whatever role they are in now.
func whoSee(ctx context.Context, tx tenants.Reader, in notifications.Audience, list []reader) (map[reader]bool, error) {
	people, threads := make([]ids.ID, len(list)), make([]ids.ID, len(list))
	for i, r := range list {
		people[i], threads[i] = r.PersonID, r.ThreadID
	}
	var rows []reader
	err := tx.NewRaw(`SELECT n.person_id, n.thread_id FROM unnest(?1::uuid[], ?3::uuid[]) AS n (person_id, thread_id) JOIN message_thread t ON t.tenant_id = ?0 AND t.id = n.thread_id
		WHERE `+seenIn(in, "n.person_id", "?0", "?2"), tx.Tenant().ID, pgdialect.Array(ids.Texts(people)), string(tx.Today()), pgdialect.Array(ids.Texts(threads))).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("messages: look who sees: %w", err)
	}
	see := make(map[reader]bool, len(rows))
	for _, r := range rows {
		see[r] = true
	}
	return see, nil
}

// whoSeeOf gives those of people who see a thread in an audience.
func whoSeeOf(ctx context.Context, tx tenants.Reader, in notifications.Audience, thread ids.ID, people []ids.ID) ([]ids.ID, error) {
	list := make([]reader, len(people))
	for i, person := range people {
		list[i] = reader{person, thread}
	}
	see, err := whoSee(ctx, tx, in, list)
	var some []ids.ID
	for _, r := range list {
		if see[r] {
			some = append(some, r.PersonID)
		}
	}
	return some, err
}

// seenIn is the rule of an audience for the person in a column. The rule of a role trusts that somebody is in it, which for an admin is
// looked up here.
func seenIn(audience notifications.Audience, person, tenant, today string) string {
	switch audience {
	case notifications.Guardians:
		return seenBy(actor.Parent, person, tenant, today)
	case notifications.Staff:
		return seenBy(actor.Staff, person, tenant, today)
	}
	return `t.location_id IS NOT NULL AND (` + seenBy(actor.Manager, person, tenant, today) + ` OR ` + person + ` IN (` + children.AdminsSQL(tenant, today) + `) AND ` +
		seenBy(actor.Admin, person, tenant, today) + `)`
}

// seenBy is the rule of a role for the person in a column.
func seenBy(role actor.Role, person, tenant, today string) string {
	return strings.NewReplacer("$1", tenant, "$2", person, "$3", today).Replace(seen[role])
}

// shown are the messages m of a thread that somebody in the role sees: those that went out, and their own while they wait.
func shown(role actor.Role) string {
	return `m.taken_back_at IS NULL AND (m.released_at IS NOT NULL OR m.author_id = $2 AND m.side = '` + string(SideOf(role)) + `')`
}

// numbered sends $1, $2 … as bun writes them.
func numbered(query string) string {
	return strings.NewReplacer("$1", "?0", "$2", "?1", "$3", "?2", "$4", "?3").Replace(query)
}

// Heading is what is said of a thread above its messages and in lists.
type Heading struct {
	ID        ids.ID
	Subject   string
	ChildID   ids.ID
	ChildName string
	ChildFace int
	GroupID   ids.ID // Nil, as its name is empty: the conversation is with the management of a location
	GroupName string
	// LocationID is whose management it is with; Nil: it is with a group.
	LocationID ids.ID
	Location   string
	Guardians  []string
}

// ToManagement tells whether the conversation is with the management of a location, past its groups.
func (h *Heading) ToManagement() bool { return h.LocationID != ids.Nil }

const headingColumns = `t.id, t.subject, t.child_id, c.given_name, c.face, t.group_id, coalesce(g.name, ''), t.location_id, coalesce(lo.name, ''),
	coalesce((SELECT string_agg(trim(p.given_name || ' ' || p.family_name), chr(31) ORDER BY p.given_name, p.id) FROM message_thread_member x
		JOIN person p ON p.tenant_id = x.tenant_id AND p.id = x.person_id WHERE x.tenant_id = t.tenant_id AND x.thread_id = t.id), '')`

const headingTables = `message_thread t JOIN child c ON c.tenant_id = t.tenant_id AND c.id = t.child_id
	LEFT JOIN care_group g ON g.tenant_id = t.tenant_id AND g.id = t.group_id LEFT JOIN location lo ON lo.tenant_id = t.tenant_id AND lo.id = t.location_id`

// scan gives the targets of headingColumns; after the scan done must be called.
func (h *Heading) scan() (targets []any, done func()) {
	var guardians string
	return []any{&h.ID, &h.Subject, &h.ChildID, &h.ChildName, &h.ChildFace, &h.GroupID, &h.GroupName, &h.LocationID, &h.Location, &guardians}, func() {
		if guardians != "" {
			h.Guardians = strings.Split(guardians, "\x1f")
		}
	}
}

// selectHeading gives a thread of which who sees something; any other is NotFound.
func selectHeading(ctx context.Context, tx tenants.Reader, who actor.Actor, id ids.ID) (*Heading, error) {
	rule, known := seen[who.Role]
	if !known || who.TenantID != tx.Tenant().ID {
		return nil, fault.NotFound()
	}
	h := new(Heading)
	targets, done := h.scan()
	err := tx.NewRaw(numbered(`SELECT `+headingColumns+` FROM `+headingTables+` WHERE t.tenant_id = $1 AND t.id = $4 AND `+rule+`
		AND EXISTS (SELECT FROM message m WHERE m.tenant_id = t.tenant_id AND m.thread_id = t.id AND `+shown(who.Role)+`)`),
		tx.Tenant().ID, who.PersonID, string(tx.Today()), id).Scan(ctx, targets...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.NotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("messages: select thread: %w", err)
	}
	done()
	return h, nil
}

// selectMessages gives the newest messages of a thread, or those before a cursor, newest first.
func selectMessages(ctx context.Context, tx tenants.Reader, who actor.Actor, thread ids.ID, before paging.Cursor, most int64) ([]Message, error) {
	var list []Message
	q := tx.NewSelect().Model(&list).Where("m.tenant_id = ?", tx.Tenant().ID).Where("m.thread_id = ?", thread).
		Where(strings.ReplaceAll(shown(who.Role), "$2", "?0"), who.PersonID).OrderExpr("m.written_at DESC, m.id DESC").Limit(most)
	if before.ID != ids.Nil {
		q = q.Where("(m.written_at, m.id) < (?, ?)", before.At, before.ID)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("messages: select messages: %w", err)
	}
	return list, nil
}

// Reader is somebody who has read a thread, until when the newest message went out that they read.
type Reader struct {
	Name   string
	AtWork bool
	Until  time.Time
	ReadAt time.Time
}

func selectReaders(ctx context.Context, tx tenants.Reader, thread ids.ID) ([]Reader, error) {
	var list []Reader
	err := tx.NewRaw(`SELECT p.given_name AS name, r.at_work, r.read_until AS until, r.read_at FROM message_reading r JOIN person p ON p.tenant_id = r.tenant_id AND p.id = r.person_id
		WHERE r.tenant_id = ? AND r.thread_id = ? ORDER BY r.read_at, p.id`, tx.Tenant().ID, thread).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("messages: select readers: %w", err)
	}
	return list, nil
}

// insertThread keeps a thread with one guardian.
func insertThread(ctx context.Context, tx tenants.Writer, t *Thread, guardian ids.ID) error {
	if _, err := tx.NewInsert().Model(t).Exec(ctx); err != nil {
		return fmt.Errorf("messages: insert thread: %w", err)
	}
	if _, err := tx.NewInsert().Model(&Member{TenantID: t.TenantID, PersonID: guardian, ThreadID: t.ID}).Exec(ctx); err != nil {
		return fmt.Errorf("messages: insert member: %w", err)
	}
	return nil
}

func insertMessage(ctx context.Context, tx tenants.Writer, m *Message) error {
	if _, err := tx.NewInsert().Model(m).Exec(ctx); err != nil {
		return fmt.Errorf("messages: insert message: %w", err)
	}
	return nil
}

// lockMessage gives a message that nobody else lets go or takes back until the transaction ends.
func lockMessage(ctx context.Context, tx tenants.Writer, id ids.ID) (*Message, error) {
	m := new(Message)
	err := tx.NewSelect().Model(m).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).For("UPDATE").Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.NotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("messages: lock message: %w", err)
	}
	return m, nil
}

func selectMessage(ctx context.Context, tx tenants.Reader, id ids.ID) (*Message, error) {
	m := new(Message)
	err := tx.NewSelect().Model(m).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.NotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("messages: find message: %w", err)
	}
	return m, nil
}

func selectThread(ctx context.Context, tx tenants.Reader, id ids.ID) (*Thread, error) {
	t := new(Thread)
	err := tx.NewSelect().Model(t).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.NotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("messages: find thread: %w", err)
	}
	return t, nil
}

// selectMembers gives the members of a thread who see it still.
func selectMembers(ctx context.Context, tx tenants.Reader, thread ids.ID) ([]ids.ID, error) {
	var list []ids.ID
	err := tx.NewSelect().Model((*Member)(nil)).Column("person_id").Where("tenant_id = ?", tx.Tenant().ID).Where("thread_id = ?", thread).Order("person_id").Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("messages: select members: %w", err)
	}
	return whoSeeOf(ctx, tx, notifications.Guardians, thread, list)
}

// markTakenBack takes a message back, with all others of its mailing; false when one of those went out.
func markTakenBack(ctx context.Context, tx tenants.Writer, m *Message) (bool, error) {
	q := tx.NewUpdate().Model((*Message)(nil)).Set("taken_back_at = ?", tx.Now()).Where("tenant_id = ?", m.TenantID).Where("released_at IS NULL")
	of := 1
	if m.MailingID == ids.Nil {
		q = q.Where("id = ?", m.ID)
	} else {
		mailing, err := selectMailing(ctx, tx, m.MailingID)
		if err != nil {
			return false, err
		}
		of, q = mailing.Families, q.Where("mailing_id = ?", m.MailingID)
	}
	done, err := q.Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("messages: take back: %w", err)
	}
	n, err := done.RowsAffected()
	return int(n) == of, err
}

func selectMailing(ctx context.Context, tx tenants.Reader, id ids.ID) (*Mailing, error) {
	m := new(Mailing)
	if err := tx.NewSelect().Model(m).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).Scan(ctx); err != nil {
		return nil, fmt.Errorf("messages: find mailing: %w", err)
	}
	return m, nil
}

func insertMailing(ctx context.Context, tx tenants.Writer, m *Mailing, threads []Thread, members []Member, list []Message) error {
	for _, rows := range []any{m, &threads, &members, &list} {
		if _, err := tx.NewInsert().Model(rows).Exec(ctx); err != nil {
			return fmt.Errorf("messages: insert mailing: %w", err)
		}
	}
	return nil
}

// selectOwnGroups gives the groups of a location that who works with.
func selectOwnGroups(ctx context.Context, tx tenants.Reader, who actor.Actor, location ids.ID) ([]ids.ID, error) {
	var list []ids.ID
	err := tx.NewSelect().Model((*children.Group)(nil)).Column("id").Where("tenant_id = ?", tx.Tenant().ID).Where("location_id = ?", location).
		Where("id IN (?)", children.GroupsOf(tx, who)).Order("name", "id").Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("messages: select groups: %w", err)
	}
	return list, nil
}

// anyShown tells whether anything is left in a thread for its reader.
func anyShown(ctx context.Context, tx tenants.Reader, who actor.Actor, thread ids.ID) (bool, error) {
	left, err := selectMessages(ctx, tx, who, thread, paging.Cursor{}, 1)
	return len(left) > 0, err
}

// markReleased notes that a message went out, on its thread too, and makes its words findable.
func markReleased(ctx context.Context, tx tenants.Writer, t *Thread, m *Message) error {
	_, err := tx.NewUpdate().Model((*Message)(nil)).Set("released_at = ?", tx.Now()).Where("tenant_id = ?", m.TenantID).Where("id = ?", m.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("messages: release: %w", err)
	}
	_, err = tx.NewUpdate().Model((*Thread)(nil)).Set("moved_at = greatest(moved_at, ?)", tx.Now()).Where("tenant_id = ?", t.TenantID).Where("id = ?", t.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("messages: move thread: %w", err)
	}
	return insertWords(ctx, tx, t, m)
}

// insertWords keeps the words of a message, and with each those of the subject: whichever of them is there, it is found by.
func insertWords(ctx context.Context, tx tenants.Writer, t *Thread, m *Message) error {
	words := wordsOf(t.Subject+" "+m.Body, shortestIn, maxWords)
	if len(words) == 0 {
		return nil
	}
	_, err := tx.NewRaw(`INSERT INTO message_word (tenant_id, thread_id, word, message_id) SELECT ?, ?, w, ? FROM unnest(?::text[]) AS w ON CONFLICT DO NOTHING`,
		m.TenantID, m.ThreadID, m.ID, pgdialect.Array(words)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("messages: insert words: %w", err)
	}
	return nil
}

// selectLate gives up to most messages that should have gone out before a moment, oldest first.
func selectLate(ctx context.Context, tx tenants.Reader, before time.Time, most int64) ([]ids.ID, error) {
	var list []ids.ID
	err := tx.NewSelect().Model((*Message)(nil)).Column("id").Where("tenant_id = ?", tx.Tenant().ID).Where("released_at IS NULL").Where("taken_back_at IS NULL").
		Where("due_at < ?", before).Order("due_at").Limit(most).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("messages: look for late ones: %w", err)
	}
	return list, nil
}

// forgetTakenBack deletes what was taken back before a moment, and the threads in which nothing else was ever written.
func forgetTakenBack(ctx context.Context, tx tenants.Writer, before time.Time) error {
	_, err := tx.NewDelete().Model((*Message)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("taken_back_at < ?", before).Exec(ctx)
	if err != nil {
		return fmt.Errorf("messages: forget what was taken back: %w", err)
	}
	_, err = tx.NewRaw(`DELETE FROM message_thread t WHERE t.tenant_id = ?0 AND t.moved_at = t.created_at AND t.created_at < ?1
		AND NOT EXISTS (SELECT FROM message m WHERE m.tenant_id = t.tenant_id AND m.thread_id = t.id)`, tx.Tenant().ID, before).Exec(ctx)
	if err != nil {
		return fmt.Errorf("messages: forget empty threads: %w", err)
	}
	return nil
}

// noteReading notes how far somebody has read, and tells whether that is further than before.
func noteReading(ctx context.Context, tx tenants.Writer, thread, person ids.ID, atWork bool, until time.Time) (bool, error) {
	done, err := tx.NewRaw(`INSERT INTO message_reading AS r (tenant_id, thread_id, person_id, at_work, read_until, read_at) VALUES (?0, ?1, ?2, ?3, ?4, ?5)
		ON CONFLICT (tenant_id, thread_id, person_id, at_work) DO UPDATE SET read_until = EXCLUDED.read_until, read_at = EXCLUDED.read_at WHERE r.read_until < EXCLUDED.read_until`,
		tx.Tenant().ID, thread, person, atWork, until, tx.Now()).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("messages: note reading: %w", err)
	}
	n, err := done.RowsAffected()
	return n > 0, err
}

// unreadUntil gives what who was told of a thread and has not read, of messages that went out by then.
func unreadUntil(ctx context.Context, tx tenants.Reader, who actor.Actor, thread ids.ID, until time.Time) ([]ids.ID, error) {
	var list []ids.ID
	err := tx.NewRaw(`SELECT m.id FROM notification n JOIN message m ON m.tenant_id = n.tenant_id AND m.id = n.subject_id
		WHERE n.tenant_id = ? AND n.person_id = ? AND n.audience IN (?) AND n.read_at IS NULL AND m.thread_id = ? AND m.released_at <= ?`,
		tx.Tenant().ID, who.PersonID, bun.List(notifications.AudiencesOf(who.Role)), thread, until).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("messages: look for unread: %w", err)
	}
	return list, nil
}

// settleUnseen marks what people were told and have not read of threads that no list shows them any more. The bell would count it for ever.
func settleUnseen(ctx context.Context, tx tenants.Writer) error {
	for _, audience := range audiences {
		var people []ids.ID
		err := tx.NewRaw(`WITH settled AS (UPDATE notification n SET read_at = ?1 FROM message m JOIN message_thread t ON t.tenant_id = m.tenant_id AND t.id = m.thread_id
			WHERE n.tenant_id = ?0 AND n.read_at IS NULL AND n.item = ?3 AND m.tenant_id = n.tenant_id AND m.id = n.subject_id AND NOT (`+seenIn(audience, "n.person_id", "?0", "?2")+`)
			RETURNING n.person_id) SELECT DISTINCT person_id FROM settled`, tx.Tenant().ID, tx.Now(), string(tx.Today()), itemFor(audience)).Scan(ctx, &people)
		if err != nil {
			return fmt.Errorf("messages: settle what is not shown: %w", err)
		}
		topics := make([]string, len(people))
		for i, person := range people {
			topics[i] = live.Person(person)
		}
		if err := live.Signal(ctx, tx, topics...); err != nil {
			return err
		}
	}
	for item, audience := range assignedItems {
		_, err := tx.NewRaw(`UPDATE notification n SET read_at = ?1 FROM message_thread t WHERE n.tenant_id = ?0 AND n.read_at IS NULL AND n.item = ?3 AND t.tenant_id = n.tenant_id AND t.id = n.subject_id
			AND NOT (EXISTS (SELECT FROM message_assignment s WHERE s.tenant_id = t.tenant_id AND s.thread_id = t.id AND s.person_id = n.person_id) AND `+seenIn(audience, "n.person_id", "?0", "?2")+`)`,
			tx.Tenant().ID, tx.Now(), string(tx.Today()), item).Exec(ctx)
		if err != nil {
			return fmt.Errorf("messages: settle what was assigned: %w", err)
		}
	}
	return nil
}

// told is a message that went out, with what news of it says.
type told struct {
	ID         ids.ID
	ThreadID   ids.ID
	AuthorName string
	Side       Side
	Body       string
	Subject    string
	ChildName  string
	GroupName  string
	Location   string // of a conversation with its management
}

// selectTold gives those of the messages that went out and were not withdrawn, of the threads t that rule lets through.
func selectTold(ctx context.Context, tx tenants.Reader, messages []ids.ID, who actor.Actor, rule string) (map[ids.ID]*told, error) {
	var list []told
	err := tx.NewRaw(numbered(`SELECT m.id, m.thread_id, m.author_name, m.side, m.body, t.subject, c.given_name AS child_name, coalesce(g.name, '') AS group_name, coalesce(lo.name, '') AS location
		FROM message m JOIN (`+headingTables+`) ON t.tenant_id = m.tenant_id AND t.id = m.thread_id
		WHERE m.tenant_id = $1 AND m.id IN ($4) AND m.released_at IS NOT NULL AND m.withdrawn_at IS NULL AND (`+rule+`)`),
		tx.Tenant().ID, who.PersonID, string(tx.Today()), bun.List(messages)).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("messages: select what is told: %w", err)
	}
	byID := make(map[ids.ID]*told, len(list))
	for i := range list {
		byID[list[i].ID] = &list[i]
	}
	return byID, nil
}

// ThreadsAbout selects the threads about the children among subjects, for the log of everything.
func ThreadsAbout(tx tenants.Reader, subjects []ids.ID) *bun.RawQuery {
	return tx.NewRaw("SELECT t.id FROM message_thread t WHERE t.tenant_id = ? AND t.child_id = ANY (?::uuid[])", tx.Tenant().ID, pgdialect.Array(ids.Texts(subjects)))
}

// SubjectNames gives the given name of the child that each thread among subjects is about, for the log of everything.
func SubjectNames(ctx context.Context, tx tenants.Reader, subjects []ids.ID) (map[ids.ID]string, error) {
	var rows []struct {
		ID        ids.ID
		GivenName string
	}
	err := tx.NewRaw("SELECT t.id, c.given_name FROM message_thread t JOIN child c ON c.tenant_id = t.tenant_id AND c.id = t.child_id WHERE t.tenant_id = ? AND t.id = ANY (?::uuid[])",
		tx.Tenant().ID, pgdialect.Array(ids.Texts(subjects))).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("messages: select subjects: %w", err)
	}
	names := make(map[ids.ID]string, len(rows))
	for _, r := range rows {
		names[r.ID] = r.GivenName
	}
	return names, nil
}
