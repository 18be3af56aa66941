package identity

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// resolveSQL and livingRoleSQL decide whether a session is alive, at every request and for what outlives one: its own end, its
// limits, its person, its membership. resolveSQL also says to the questions behind it who that person is.
var (
	resolveSQL = `SELECT set_config('` + tenants.VisitorSetting + `', s.person_id::text, true), s.id, s.person_id, s.created_at, s.used_at, s.strong, s.proved_at, m.role, p.given_name, p.family_name, p.face, p.language, p.appearance` +
		livingSQL + ` AND s.token_hash = $2`
	livingRoleSQL = `SELECT m.role, s.strong` + livingSQL + ` AND s.id = $2`
)

var livingSQL = strings.ReplaceAll(`
	FROM session s
	JOIN person p ON p.tenant_id = s.tenant_id AND p.id = s.person_id AND p.deactivated_at IS NULL
	JOIN membership m ON m.tenant_id = s.tenant_id AND m.id = s.membership_id AND m.person_id = s.person_id AND `+holds+`
	WHERE s.tenant_id = $1 AND s.ended_at IS NULL AND s.idle_until > $3 AND s.expires_at > $3
		AND s.used_at > CASE m.role WHEN 'parent' THEN $5::timestamptz ELSE $6::timestamptz END`, "{today}", "$4")

// livingArgs are those of livingSQL, behind the organisation and what tells which session. The rules of now hold for every session, whatever
// they were when it was used last.
func livingArgs(tenant tenants.Tenant, which any, now time.Time) []any {
	parents, others := usedSince(tenant.SignIn, now)
	return []any{tenant.ID, which, now, string(tenant.DateOf(now)), parents, others}
}

// used narrows a query over session s and membership m to sessions that the rules of now have not ended for want of use.
func used(tx tenants.Reader) func(*bun.SelectQuery) *bun.SelectQuery {
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		parents, others := usedSince(tx.Tenant().SignIn, tx.Now())
		return q.Where("s.used_at > CASE m.role WHEN 'parent' THEN ?::timestamptz ELSE ?::timestamptz END", parents, others)
	}
}

type resolved struct {
	Visit
	role              string
	createdAt, usedAt time.Time
}

// resolve asks who a token is of, and the questions ahead behind it. When one of those fails the answer about the session still
// counts, and answered is false.
func resolve(ctx context.Context, db *tenants.DB, tenant tenants.Tenant, hash []byte, now time.Time, ahead []tenants.Question) (r resolved, answered bool, err error) {
	who := tenants.Question{SQL: resolveSQL, Args: livingArgs(tenant, hash, now), Scan: func(rows pgx.Rows) error {
		for rows.Next() {
			var given, family, appearance string
			var strong bool
			if err := rows.Scan(nil, &r.Actor.SessionID, &r.Actor.PersonID, &r.createdAt, &r.usedAt, &strong, &r.Actor.ProvedAt, &r.role, &given, &family,
				&r.Actor.Face, &r.Actor.Language, &appearance); err != nil {
				return err
			}
			r.Actor.TenantID, r.Actor.Role, r.Actor.Name = tenant.ID, actsAs(tenant.SignIn, r.role, strong), fullName(given, family)
			r.Appearance = Appearance(appearance)
		}
		return nil
	}}
	if len(ahead) > 0 {
		if err := db.Ask(ctx, append([]tenants.Question{who}, ahead...)...); err == nil {
			return r, true, nil
		}
		r = resolved{} // what went wrong with a page is for the page to find out
	}
	if err := db.Ask(ctx, who); err != nil {
		return resolved{}, false, fmt.Errorf("identity: find session: %w", err)
	}
	return r, false, nil
}

// ownerOf tells whose session a token is or was, whatever became of it; ids.Nil when it never was one.
func ownerOf(ctx context.Context, db *tenants.DB, tenant tenants.Tenant, hash []byte) (person ids.ID, err error) {
	err = db.Query(ctx, "SELECT person_id FROM session WHERE tenant_id = $1 AND token_hash = $2", []any{tenant.ID, hash}, func(rows pgx.Rows) error {
		for rows.Next() {
			if err := rows.Scan(&person); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return ids.Nil, fmt.Errorf("identity: find owner of session: %w", err)
	}
	return person, nil
}

// livingRole is the role of a session that lives, empty when it does not.
func livingRole(ctx context.Context, db *tenants.DB, tenant tenants.Tenant, id ids.ID, now time.Time) (actor.Role, error) {
	var role actor.Role
	err := db.Query(ctx, livingRoleSQL, livingArgs(tenant, id, now), func(rows pgx.Rows) error {
		for rows.Next() {
			var name string
			var strong bool
			if err := rows.Scan(&name, &strong); err != nil {
				return err
			}
			role = actsAs(tenant.SignIn, name, strong)
		}
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("identity: find session: %w", err)
	}
	return role, nil
}

// touch notes that a session is used, unless that was noted within every or the session has ended.
func touch(ctx context.Context, tx tenants.Writer, id ids.ID, idle time.Time, every time.Duration) error {
	_, err := tx.NewUpdate().Model((*session)(nil)).Set("used_at = ?", tx.Now()).Set("idle_until = ?", idle).Where("tenant_id = ?", tx.Tenant().ID).
		Where("id = ?", id).Where("ended_at IS NULL").Where("used_at <= ?", tx.Now().Add(-every)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("identity: touch session: %w", err)
	}
	return nil
}

func insertSession(ctx context.Context, tx tenants.Writer, s *session) error {
	if _, err := tx.NewInsert().Model(s).Exec(ctx); err != nil {
		return fmt.Errorf("identity: insert session: %w", err)
	}
	return nil
}

// lockSession finds the living session of a token and keeps it from changing until the transaction ends.
func lockSession(ctx context.Context, tx tenants.Writer, hash []byte) (*session, error) {
	s := new(session)
	err := tx.NewSelect().TableExpr("session AS s").ColumnExpr("s.*").Join("JOIN membership AS m ON m.tenant_id = s.tenant_id AND m.id = s.membership_id").
		Where("s.tenant_id = ?", tx.Tenant().ID).Where("s.token_hash = ?", hash).Where("s.ended_at IS NULL").
		Where("s.idle_until > ?", tx.Now()).Where("s.expires_at > ?", tx.Now()).Apply(used(tx)).For("UPDATE OF s").Scan(ctx, s)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.Unauthenticated, "identity.error.signed_out")
	}
	if err != nil {
		return nil, fmt.Errorf("identity: lock session: %w", err)
	}
	return s, nil
}

func updateSession(ctx context.Context, tx tenants.Writer, s *session) error {
	done, err := tx.NewUpdate().Model(s).Column("token_hash", "former_token_hash", "membership_id", "strong", "proved_at", "used_at", "idle_until", "expires_at").
		WherePK().Where("ended_at IS NULL").Exec(ctx)
	return mustTouchOne(done, err, "identity: renew session")
}

// endByToken ends the session that has this token, or had it until its last renewal.
func endByToken(ctx context.Context, tx tenants.Writer, hash []byte) (ids.ID, error) {
	var id ids.ID
	err := tx.NewUpdate().Model((*session)(nil)).Set("ended_at = ?", tx.Now()).Where("tenant_id = ?", tx.Tenant().ID).
		WhereGroup(" AND ", func(q *bun.UpdateQuery) *bun.UpdateQuery {
			return q.Where("token_hash = ?", hash).WhereOr("former_token_hash = ?", hash)
		}).Where("ended_at IS NULL").Returning("id").Scan(ctx, &id)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return ids.Nil, fmt.Errorf("identity: end session: %w", err)
	}
	return id, nil
}

// unendedOf finds the session of a person that has this token and that nobody ended, though it may lie unused for too long; ids.Nil
// when there is none.
func unendedOf(ctx context.Context, tx tenants.Reader, person ids.ID, hash []byte) (ids.ID, error) {
	var id ids.ID
	err := tx.NewSelect().Model((*session)(nil)).Column("id").Where("tenant_id = ?", tx.Tenant().ID).Where("person_id = ?", person).
		Where("token_hash = ?", hash).Where("ended_at IS NULL").Scan(ctx, &id)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return ids.Nil, fmt.Errorf("identity: find session to follow: %w", err)
	}
	return id, nil
}

// endOne ends a session of a person; another's is not found.
func endOne(ctx context.Context, tx tenants.Writer, person, id ids.ID) error {
	done, err := tx.NewUpdate().Model((*session)(nil)).Set("ended_at = ?", tx.Now()).Where("tenant_id = ?", tx.Tenant().ID).
		Where("person_id = ?", person).Where("id = ?", id).Where("ended_at IS NULL").Exec(ctx)
	return mustTouchOne(done, err, "identity: end session")
}

// endAll ends every session of a person except keep, which may be ids.Nil, what waits to become one, and what was asked for in them.
func endAll(ctx context.Context, tx tenants.Writer, person, keep ids.ID) error {
	_, err := tx.NewUpdate().Model((*session)(nil)).Set("ended_at = ?", tx.Now()).Where("tenant_id = ?", tx.Tenant().ID).
		Where("person_id = ?", person).Where("id <> ?", keep).Where("ended_at IS NULL").Exec(ctx)
	if err != nil {
		return fmt.Errorf("identity: end sessions: %w", err)
	}
	if err := dropEmailChanges(ctx, tx, person, keep); err != nil {
		return err
	}
	return removeWaits(ctx, tx, person)
}

func devicesOf(ctx context.Context, tx tenants.Reader, who actor.Actor) ([]Device, error) {
	var rows []struct {
		ID     ids.ID
		Device string
		Role   string
		UsedAt time.Time
	}
	err := tx.NewSelect().TableExpr("session AS s").Join("JOIN membership AS m ON m.tenant_id = s.tenant_id AND m.id = s.membership_id").
		ColumnExpr("s.id, s.device, m.role, s.used_at").Where("s.tenant_id = ?", tx.Tenant().ID).Where("s.person_id = ?", who.PersonID).
		Where("s.ended_at IS NULL").Where("s.idle_until > ?", tx.Now()).Where("s.expires_at > ?", tx.Now()).Apply(used(tx)).
		OrderExpr("s.used_at DESC, s.id DESC").Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("identity: list sessions: %w", err)
	}
	list := make([]Device, len(rows))
	for i, r := range rows {
		list[i] = Device{SessionID: r.ID, Name: r.Device, Role: roleNamed(r.Role), UsedAt: r.UsedAt, Current: r.ID == who.SessionID}
	}
	return list, nil
}
