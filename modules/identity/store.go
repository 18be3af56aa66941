package identity

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// This file and the other store_….go are the only ones that name the tables.

type attempt struct {
	bun.BaseModel `bun:"table:attempt"`
	TenantID      ids.ID    `bun:",pk,type:uuid"`
	Bucket        string    `bun:",pk"`
	WindowStart   time.Time `bun:",pk"`
	Count         int
}

// countAttempts adds one to each row and puts the new counts into rows, which must be sorted by bucket.
func countAttempts(ctx context.Context, tx tenants.Writer, rows []attempt) error {
	counts := map[string]int{}
	var counted []attempt
	err := tx.NewInsert().Model(&rows).On("CONFLICT (tenant_id, bucket, window_start) DO UPDATE").Set("count = attempt.count + 1").
		Returning("bucket, count").Scan(ctx, &counted)
	if err != nil {
		return fmt.Errorf("identity: count attempts: %w", err)
	}
	for _, row := range counted {
		counts[row.Bucket] = row.Count
	}
	for i := range rows {
		rows[i].Count = counts[rows[i].Bucket]
	}
	return nil
}

// uncountAttempt takes one from a count.
func uncountAttempt(ctx context.Context, tx tenants.Writer, key string, window time.Time) error {
	_, err := tx.NewUpdate().Model((*attempt)(nil)).Set("count = count - 1").Where("tenant_id = ?", tx.Tenant().ID).
		Where("bucket = ?", key).Where("window_start = ?", window).Where("count > 0").Exec(ctx)
	if err != nil {
		return fmt.Errorf("identity: uncount attempt: %w", err)
	}
	return nil
}

// account is what a sign-in is decided on. For an unknown address everything is empty.
type account struct {
	person      ids.ID
	hash        string
	usedBrowser bool // a session of this person once had the token that came with the attempt
}

// One round trip for known and unknown alike; somebody without a role today is unknown.
var findAccountSQL = strings.ReplaceAll(`SELECT p.id, coalesce(p.password_hash, ''),
	EXISTS (SELECT FROM session s WHERE s.tenant_id = p.tenant_id AND s.token_hash = $3 AND s.person_id = p.id)
	FROM person p JOIN membership m ON m.tenant_id = p.tenant_id AND m.person_id = p.id AND `+holds+`
	WHERE p.tenant_id = $1 AND p.email = $2 AND p.deactivated_at IS NULL LIMIT 1`, "{today}", "$4")

func findAccount(ctx context.Context, db *tenants.DB, tenant tenants.Tenant, email string, before []byte, today tenants.Date) (account, error) {
	var a account
	err := db.Query(ctx, findAccountSQL, []any{tenant.ID, email, before, string(today)}, func(rows pgx.Rows) error {
		for rows.Next() {
			if err := rows.Scan(&a.person, &a.hash, &a.usedBrowser); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return account{}, fmt.Errorf("identity: find account: %w", err)
	}
	return a, nil
}

func insertPerson(ctx context.Context, tx tenants.Writer, p *Person) error {
	_, err := tx.NewInsert().Model(p).Exec(ctx)
	if taken(err) {
		var problems fault.Fields
		problems.Add("email", "identity.error.email_taken")
		return problems.Err()
	}
	if err != nil {
		return fmt.Errorf("identity: insert person: %w", err)
	}
	return nil
}

func taken(err error) bool {
	var pgErr *pgconn.PgError
	return errors.As(err, &pgErr) && pgErr.Code == "23505"
}

func getPerson(ctx context.Context, tx tenants.Reader, id ids.ID) (*Person, error) {
	return onePerson(ctx, tx.NewSelect().Model((*Person)(nil)).Where("person.tenant_id = ?", tx.Tenant().ID).Where("person.id = ?", id))
}

// lockPerson reads a person whom nobody else changes before the transaction ends.
func lockPerson(ctx context.Context, tx tenants.Writer, id ids.ID) (*Person, error) {
	return onePerson(ctx, tx.NewSelect().Model((*Person)(nil)).Where("person.tenant_id = ?", tx.Tenant().ID).Where("person.id = ?", id).For("NO KEY UPDATE"))
}

func onePerson(ctx context.Context, q *bun.SelectQuery) (*Person, error) {
	p := new(Person)
	err := q.Scan(ctx, p)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.NotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("identity: find person: %w", err)
	}
	return p, nil
}

// updatePerson writes the named columns of p.
func updatePerson(ctx context.Context, tx tenants.Writer, p *Person, columns ...string) error {
	if _, err := tx.NewUpdate().Model(p).Column(columns...).WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("identity: update person: %w", err)
	}
	return nil
}

func insertMembership(ctx context.Context, tx tenants.Writer, m *Membership) error {
	_, err := tx.NewInsert().Model(m).Exec(ctx)
	if taken(err) {
		return fault.New(fault.Conflict, "identity.error.membership_taken")
	}
	if err != nil {
		return fmt.Errorf("identity: insert membership: %w", err)
	}
	return nil
}

// insertMissingMembership leaves an open membership in the same role as it is, and tells whether there was none.
func insertMissingMembership(ctx context.Context, tx tenants.Writer, m *Membership) (added bool, err error) {
	done, err := tx.NewInsert().Model(m).On("CONFLICT (tenant_id, person_id, role) WHERE valid_to IS NULL DO NOTHING").Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("identity: insert membership: %w", err)
	}
	n, err := done.RowsAffected()
	return n > 0, err
}

// notToEnrol gives those of people whom nothing but a decision about them gives a role, because it was taken from them. Who
// is shut out gets it: every door looks at that first, and they have it when they are let in again.
func notToEnrol(ctx context.Context, tx tenants.Reader, people []ids.ID, role string) (map[ids.ID]bool, error) {
	refused := map[ids.ID]bool{}
	if len(people) == 0 {
		return refused, nil
	}
	var list []ids.ID
	err := tx.NewRaw(`SELECT p.id FROM person p WHERE p.tenant_id = ?0 AND p.id IN (?1) AND EXISTS (
		SELECT FROM membership m WHERE m.tenant_id = p.tenant_id AND m.person_id = p.id AND m.role = ?2 AND m.valid_to IS NOT NULL)`,
		tx.Tenant().ID, bun.List(people), role).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("identity: look whom not to enrol: %w", err)
	}
	for _, id := range list {
		refused[id] = true
	}
	return refused, nil
}

func endMembership(ctx context.Context, tx tenants.Writer, id ids.ID, last tenants.Date) error {
	done, err := tx.NewUpdate().Model((*Membership)(nil)).Set("valid_to = ?::date", string(last)).Where("tenant_id = ?", tx.Tenant().ID).
		Where("id = ?", id).Where("valid_from <= ?::date", string(last)).Exec(ctx)
	return mustTouchOne(done, err, "identity: end membership")
}

// membershipsOf lists what a person is today, in the order of byRank.
func membershipsOf(ctx context.Context, tx tenants.Reader, person ids.ID) ([]Membership, error) {
	var list []Membership
	err := tx.NewSelect().Model(&list).ModelTableExpr("membership AS m").ColumnExpr("m.*").Where("m.tenant_id = ?", tx.Tenant().ID).Where("m.person_id = ?", person).
		Where(strings.ReplaceAll(holds, "{today}", "?0"), string(tx.Today())).OrderExpr(byRank).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("identity: list memberships: %w", err)
	}
	return list, nil
}

// membersAmong gives those of people who have a role today.
func membersAmong(ctx context.Context, tx tenants.Reader, people []ids.ID) (map[ids.ID]bool, error) {
	var list []ids.ID
	err := tx.NewSelect().TableExpr("membership AS m").Column("m.person_id").Where("m.tenant_id = ?", tx.Tenant().ID).Where("m.person_id IN (?)", bun.List(people)).
		Where(strings.ReplaceAll(holds, "{today}", "?0"), string(tx.Today())).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("identity: find members: %w", err)
	}
	members := make(map[ids.ID]bool, len(list))
	for _, id := range list {
		members[id] = true
	}
	return members, nil
}

func getMembership(ctx context.Context, tx tenants.Reader, id ids.ID) (*Membership, error) {
	m := new(Membership)
	if err := tx.NewSelect().Model(m).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).Scan(ctx); err != nil {
		return nil, fmt.Errorf("identity: find membership: %w", err)
	}
	return m, nil
}

func mustTouchOne(done sql.Result, err error, what string) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return fault.NotFound().Wrap(err)
	}
	return nil
}

// link is a one-time link; the token itself is only in the mail.
type link struct {
	bun.BaseModel `bun:"table:one_time_link"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	TokenHash     []byte
	PersonID      ids.ID `bun:"type:uuid"`
	Purpose       string
	CreatedAt     time.Time
	ExpiresAt     time.Time
	UsedAt        *time.Time
}

// What a link is for.
const (
	passwordReset = "password_reset"
	activation    = "activation"
)

func insertLink(ctx context.Context, tx tenants.Writer, l *link) error {
	if _, err := tx.NewInsert().Model(l).Exec(ctx); err != nil {
		return fmt.Errorf("identity: insert link: %w", err)
	}
	return nil
}

// linkOwner tells whose unused link this is, without using it.
func linkOwner(ctx context.Context, tx tenants.Reader, hash []byte, purpose string) (*Person, error) {
	p, err := onePerson(ctx, tx.NewSelect().Model((*Person)(nil)).Join("JOIN one_time_link AS l ON l.tenant_id = person.tenant_id AND l.person_id = person.id").
		Where("l.tenant_id = ?", tx.Tenant().ID).Where("l.token_hash = ?", hash).Where("l.purpose = ?", purpose).
		Where("l.used_at IS NULL").Where("l.expires_at > ?", tx.Now()).Where("person.deactivated_at IS NULL"))
	if fault.CodeOf(err) == fault.Missing {
		return nil, linkGone()
	}
	return p, err
}

func linkGone() *fault.Error { return fault.New(fault.Gone, "identity.error.link_gone") }

// useLink spends a link; of many who try at once, one does.
func useLink(ctx context.Context, tx tenants.Writer, hash []byte, purpose string) (person ids.ID, err error) {
	err = tx.NewUpdate().Model((*link)(nil)).Set("used_at = ?", tx.Now()).Where("tenant_id = ?", tx.Tenant().ID).
		Where("token_hash = ?", hash).Where("purpose = ?", purpose).Where("used_at IS NULL").Where("expires_at > ?", tx.Now()).
		Returning("person_id").Scan(ctx, &person)
	if errors.Is(err, sql.ErrNoRows) {
		return ids.Nil, linkGone()
	}
	if err != nil {
		return ids.Nil, fmt.Errorf("identity: use link: %w", err)
	}
	return person, nil
}

// activationOf finds a link to activate an account, whatever has become of it, and its owner.
func activationOf(ctx context.Context, tx tenants.Reader, hash []byte) (*link, *Person, error) {
	l := new(link)
	err := tx.NewSelect().Model(l).Where("tenant_id = ?", tx.Tenant().ID).Where("token_hash = ?", hash).Where("purpose = ?", activation).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil, linkGone()
	}
	if err != nil {
		return nil, nil, fmt.Errorf("identity: find link: %w", err)
	}
	p, err := getPerson(ctx, tx, l.PersonID)
	return l, p, err
}

// newerActivation tells when the last link that still works was made for the owner of l; zero when there is none.
func newerActivation(ctx context.Context, tx tenants.Reader, l *link) (time.Time, error) {
	var list []time.Time
	err := tx.NewSelect().Model((*link)(nil)).Column("created_at").Where("tenant_id = ?", tx.Tenant().ID).Where("person_id = ?", l.PersonID).Where("purpose = ?", activation).
		Where("used_at IS NULL").Where("expires_at > ?", tx.Now()).Where("(created_at, id) > (?, ?)", l.CreatedAt, l.ID).Order("created_at DESC").Limit(1).Scan(ctx, &list)
	if err != nil {
		return time.Time{}, fmt.Errorf("identity: look for newer link: %w", err)
	}
	if len(list) == 0 {
		return time.Time{}, nil
	}
	return list[0], nil
}

func voidActivations(ctx context.Context, tx tenants.Writer, people []ids.ID) error {
	_, err := tx.NewUpdate().Model((*link)(nil)).Set("used_at = ?", tx.Now()).Where("tenant_id = ?", tx.Tenant().ID).
		Where("person_id IN (?)", bun.List(people)).Where("purpose = ?", activation).Where("used_at IS NULL").Exec(ctx)
	if err != nil {
		return fmt.Errorf("identity: void links: %w", err)
	}
	return nil
}

// voidLinks spends every other link of a person whose password changed.
func voidLinks(ctx context.Context, tx tenants.Writer, person ids.ID) error {
	_, err := tx.NewUpdate().Model((*link)(nil)).Set("used_at = ?", tx.Now()).Where("tenant_id = ?", tx.Tenant().ID).
		Where("person_id = ?", person).Where("used_at IS NULL").Exec(ctx)
	if err != nil {
		return fmt.Errorf("identity: void links: %w", err)
	}
	return nil
}

// WithoutAccount selects id and email of the people who could activate an account and have none.
func WithoutAccount(tx tenants.Reader) *bun.RawQuery {
	return tx.NewRaw(`SELECT id, email FROM person p WHERE tenant_id = ?0 AND password_hash IS NULL AND deactivated_at IS NULL AND email IS NOT NULL
		AND EXISTS (SELECT FROM membership m WHERE m.tenant_id = p.tenant_id AND m.person_id = p.id AND `+strings.ReplaceAll(holds, "{today}", "?1")+`)`, tx.Tenant().ID, string(tx.Today()))
}

// WithAccount selects the ids of the people who have an account.
func WithAccount(tx tenants.Reader) *bun.RawQuery {
	return tx.NewRaw("SELECT id FROM person WHERE tenant_id = ?0 AND password_hash IS NOT NULL", tx.Tenant().ID)
}

// sweep deletes what has had its time. The number of rows is what was deleted in all.
func sweep(ctx context.Context, tx tenants.Writer) (int64, error) {
	var all int64
	for _, old := range []struct {
		model  any
		column string
		keep   time.Duration
	}{
		{(*attempt)(nil), "window_start", 24 * time.Hour},
		{(*link)(nil), "expires_at", 30 * 24 * time.Hour},
		{(*session)(nil), "expires_at", 90 * 24 * time.Hour},
		{(*wait)(nil), "expires_at", 0},
		{(*challenge)(nil), "expires_at", 0}, // every sign-in page leaves one behind
		{(*emailChange)(nil), "created_at", 30 * 24 * time.Hour},
		{(*browser)(nil), "used_at", Remembered},
		{(*linkRequest)(nil), "expires_at", time.Hour},
	} {
		done, err := tx.NewDelete().Model(old.model).Where("tenant_id = ?", tx.Tenant().ID).Where("? < ?", bun.Ident(old.column), tx.Now().Add(-old.keep)).Exec(ctx)
		if err != nil {
			return all, fmt.Errorf("identity: sweep: %w", err)
		}
		n, err := done.RowsAffected()
		if err != nil {
			return all, fmt.Errorf("identity: sweep: %w", err)
		}
		all += n
	}
	return all, nil
}

// gone makes "no row" the neutral NotFound and wraps anything else.
func gone(err error, doing string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.NotFound()
	}
	return fmt.Errorf("%s: %w", doing, err)
}
