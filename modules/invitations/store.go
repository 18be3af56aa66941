package invitations

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// lock lets one transaction after the other plan for an organisation, so that what it reads still holds when it writes.
func lock(ctx context.Context, tx tenants.Writer) error {
	return tx.Lock(ctx, "invitations", tx.Tenant().ID.String())
}

// lockOne is lock for who plans for one person only: it waits for who plans for many, and not for who plans for another one.
func lockOne(ctx context.Context, tx tenants.Writer, person ids.ID) error {
	if err := tx.LockShared(ctx, "invitations", tx.Tenant().ID.String()); err != nil {
		return err
	}
	return tx.Lock(ctx, "invitations of", person.String())
}

func selectSettings(ctx context.Context, tx tenants.Reader) (Settings, error) {
	s := Settings{TenantID: tx.Tenant().ID, LeadDays: defaultLead, SentFrom: defaultFrom}
	err := tx.NewSelect().Model(&s).Column("lead_days").ColumnExpr("to_char(sent_from, 'HH24:MI') AS sent_from").Where("tenant_id = ?", tx.Tenant().ID).Scan(ctx)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return s, fmt.Errorf("invitations: select settings: %w", err)
	}
	return s, nil
}

func saveSettings(ctx context.Context, tx tenants.Writer, s Settings) error {
	s.TenantID = tx.Tenant().ID
	_, err := tx.NewInsert().Model(&s).On("CONFLICT (tenant_id) DO UPDATE").Set("lead_days = EXCLUDED.lead_days").Set("sent_from = EXCLUDED.sent_from").Exec(ctx)
	if err != nil {
		return fmt.Errorf("invitations: save settings: %w", err)
	}
	return nil
}

// expectation is the part of every planning query that says which invitations there should be: person_id, child_id,
// placement_id, starts_on, email and due_at, for guardians without an account. A day is the organisation's own, so the
// moment is right on both sides of a change of clock.
const expectation = `WITH expected AS (
	SELECT s.person_id, s.child_id, s.placement_id, s.starts_on, u.email, (s.starts_on - ?lead + ?from::time) AT TIME ZONE ?zone AS due_at
	FROM (?starts) AS s JOIN (?without_account) AS u ON u.id = s.person_id WHERE ?in_scope)
`

// planner runs the statements of one round of planning.
type planner struct {
	tx     tenants.Writer
	fields arguments
}

// newPlanner plans for the people whose ids scope selects; nil is everybody.
func newPlanner(tx tenants.Writer, s Settings, scope *bun.RawQuery) planner {
	concerned, inScope := tx.NewRaw("true"), tx.NewRaw("true")
	if scope != nil {
		// Said of both sides of the join: PostgreSQL does not see that one follows from the other, and reads everybody.
		concerned, inScope = tx.NewRaw("i.person_id IN (?)", scope), tx.NewRaw("u.id IN (?)", scope)
	}
	return planner{tx, arguments{
		"lead": s.LeadDays, "from": s.SentFrom, "zone": tx.Tenant().TimeZone, "starts": children.Starts(tx, scope), "ties": children.Ties(tx), "cancelled": children.Cancelled(tx),
		"without_account": identity.WithoutAccount(tx), "with_account": identity.WithAccount(tx), "concerned": concerned, "in_scope": inScope, "now": tx.Now(), "tenant": tx.Tenant().ID,
		"impatient": tx.Now().Add(-patience),
	}}
}

// arguments are what ?name stands for in a statement.
type arguments map[string]any

// AppendNamedArg implements schema.NamedArgAppender.
func (a arguments) AppendNamedArg(gen schema.QueryGen, b []byte, name string) ([]byte, bool) {
	value, ok := a[name]
	if !ok {
		return b, false
	}
	return gen.Append(b, value), true
}

// settle gives the invitations of people who have an account by now their end.
func (p planner) settle(ctx context.Context) (int64, error) {
	return p.exec(ctx, "settle", `UPDATE invitation AS i SET changed_at = ?now, state = CASE WHEN i.state = 'sent' THEN 'activated' ELSE 'unneeded' END
		WHERE i.tenant_id = ?tenant AND i.state IN ('planned', 'due', 'sent', 'failed') AND ?concerned AND i.person_id IN (?with_account)`)
}

// callOff ends what has lost its ground, and gives whose it was. A mail that went out for care
// that ended since stays as it was.
func (p planner) callOff(ctx context.Context) (people []ids.ID, err error) {
	return p.people(ctx, "call off", expectation+`UPDATE invitation AS i SET state = 'cancelled', changed_at = ?now, reason = why.reason
		FROM (SELECT i.id, CASE
				WHEN i.placement_id IN (?cancelled) THEN '`+placementCancelled+`'
				WHEN (i.person_id, i.child_id) NOT IN (?ties) THEN '`+tieEnded+`'
				WHEN i.person_id NOT IN (SELECT id FROM (?without_account) AS u) THEN '`+noAddress+`'
				ELSE '`+careEnded+`' END AS reason
			FROM invitation i WHERE i.tenant_id = ?tenant AND i.state IN ('planned', 'due', 'sent', 'failed') AND ?concerned
			AND (i.person_id, i.placement_id) NOT IN (SELECT person_id, placement_id FROM expected)) AS why
		WHERE i.tenant_id = ?tenant AND i.id = why.id AND NOT (i.state IN ('sent', 'failed') AND why.reason = '`+careEnded+`')
		RETURNING i.person_id`)
}

// uninvited gives those of people who have no invitation left that was sent: their links must not work any more.
func (p planner) uninvited(ctx context.Context, people []ids.ID) ([]ids.ID, error) {
	if len(people) == 0 {
		return nil, nil
	}
	var still []ids.ID
	err := p.tx.NewSelect().Model((*Invitation)(nil)).Column("person_id").Where("tenant_id = ?", p.tx.Tenant().ID).
		Where("person_id IN (?)", bun.List(people)).Where("state IN (?)", bun.List([]State{Due, Sent})).Scan(ctx, &still)
	if err != nil {
		return nil, fmt.Errorf("invitations: look who is still invited: %w", err)
	}
	return slices.DeleteFunc(people, func(person ids.ID) bool { return slices.Contains(still, person) }), nil
}

// withoutWork gives those of people whose links are of no invitation to work here: a colleague may be a parent as well, and
// a link does not tell for which of the two it was mailed.
func (p planner) withoutWork(ctx context.Context, people []ids.ID) ([]ids.ID, error) {
	if len(people) == 0 {
		return nil, nil
	}
	work, err := invitedToWork(ctx, p.tx, people)
	return slices.DeleteFunc(people, func(person ids.ID) bool { return slices.Contains(work, person) }), err
}

// giveWay ends what another row takes the place of, because the placement moved before the mail went, or the mail went to
// an address that was corrected since. It gives whose links must not work any more.
func (p planner) giveWay(ctx context.Context) (people []ids.ID, err error) {
	return p.people(ctx, "give way", expectation+`, gone AS (UPDATE invitation AS i SET state = 'superseded', changed_at = ?now,
			reason = CASE WHEN i.state = 'planned' THEN '`+moved+`' ELSE '`+addressCorrected+`' END
		FROM expected e WHERE i.tenant_id = ?tenant AND i.state IN ('planned', 'sent', 'failed') AND e.person_id = i.person_id AND e.placement_id = i.placement_id
		AND (i.state = 'planned' AND (i.starts_on <> e.starts_on OR greatest(i.due_at, ?now) <> greatest(e.due_at, ?now))
			OR i.state IN ('sent', 'failed') AND i.address <> '' AND i.address <> e.email)
		RETURNING i.person_id, i.reason)
		SELECT person_id FROM gone WHERE reason = '`+addressCorrected+`'`)
}

// add plans what is missing; what is late is due at once.
func (p planner) add(ctx context.Context) (int, error) {
	var list []Invitation
	err := p.tx.NewRaw(expectation+`SELECT e.person_id, e.child_id, e.placement_id, e.starts_on, greatest(e.due_at, ?now) AS due_at
		FROM expected e WHERE (e.person_id, e.placement_id) NOT IN (SELECT i.person_id, i.placement_id FROM invitation i
			WHERE i.tenant_id = ?tenant AND i.state IN ('planned', 'due', 'sent', 'activated', 'failed') AND ?concerned)
		ORDER BY e.person_id, e.placement_id`, p.fields).Scan(ctx, &list)
	if err != nil {
		return 0, fmt.Errorf("invitations: look for missing: %w", err)
	}
	for i := range list {
		list[i].TenantID, list[i].ID, list[i].State, list[i].CreatedAt, list[i].ChangedAt = p.tx.Tenant().ID, ids.New(), Planned, p.tx.Now(), p.tx.Now()
	}
	for part := range slices.Chunk(list, addAtOnce) {
		if _, err := p.tx.NewInsert().Model(&part).Exec(ctx); err != nil {
			return 0, fmt.Errorf("invitations: add: %w", err)
		}
	}
	return len(list), nil
}

// addAtOnce is how many rows go in one statement.
const addAtOnce = 500

func (p planner) exec(ctx context.Context, what, query string) (int64, error) {
	done, err := p.tx.NewRaw(query, p.fields).Exec(ctx)
	if err != nil {
		return 0, fmt.Errorf("invitations: %s: %w", what, err)
	}
	return done.RowsAffected()
}

func (p planner) people(ctx context.Context, what, query string) ([]ids.ID, error) {
	var people []ids.ID
	if err := p.tx.NewRaw(query, p.fields).Scan(ctx, &people); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("invitations: %s: %w", what, err)
	}
	return people, nil
}

// familiesOf selects person_id of everybody whose invitations the children have to do with.
func familiesOf(tx tenants.Reader, childIDs []ids.ID) *bun.RawQuery {
	return tx.NewRaw("? UNION SELECT person_id FROM invitation WHERE tenant_id = ? AND child_id IN (?)", children.Families(tx, childIDs), tx.Tenant().ID, bun.List(childIDs))
}

// dueNow gives up to most guardians who are to be mailed now, who has waited longest first.
func dueNow(ctx context.Context, tx tenants.Reader, most int64) ([]ids.ID, error) {
	var people []ids.ID
	err := tx.NewSelect().Model((*Invitation)(nil)).Column("person_id").Where("tenant_id = ?", tx.Tenant().ID).Where("state = ?", Planned).
		Where("due_at <= ?", tx.Now()).Group("person_id").OrderExpr("min(due_at), person_id").Limit(most).Scan(ctx, &people)
	if err != nil {
		return nil, fmt.Errorf("invitations: look what is due: %w", err)
	}
	return people, nil
}

// start puts the invitations of a person that are in one of the states and due by a moment on their way under an event.
func start(ctx context.Context, tx tenants.Writer, person, event ids.ID, by time.Time, from ...State) (int64, error) {
	done, err := tx.NewUpdate().Model((*Invitation)(nil)).Set("state = ?", Due).Set("event_id = ?", event).Set("changed_at = ?", tx.Now()).
		Where("tenant_id = ?", tx.Tenant().ID).Where("person_id = ?", person).Where("state IN (?)", bun.List(from)).Where("due_at <= ?", by).Exec(ctx)
	if err != nil {
		return 0, fmt.Errorf("invitations: start: %w", err)
	}
	return done.RowsAffected()
}

// underWay gives the invitations that an event's mail is about, by child.
func underWay(ctx context.Context, tx tenants.Reader, event ids.ID) ([]Invitation, error) {
	var list []Invitation
	err := tx.NewSelect().Model(&list).Where("tenant_id = ?", tx.Tenant().ID).Where("event_id = ?", event).Where("state = ?", Due).Order("starts_on", "child_id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("invitations: select under way: %w", err)
	}
	return list, nil
}

// finish writes down what came of an event's mail.
func finish(ctx context.Context, tx tenants.Writer, event ids.ID, to Invitation) error {
	_, err := tx.NewUpdate().Model((*Invitation)(nil)).Set("state = ?", to.State).Set("reason = ?", to.Reason).Set("address = ?", to.Address).
		Set("sent_at = ?", to.SentAt).Set("expires_at = ?", to.ExpiresAt).Set("changed_at = ?", tx.Now()).
		Where("tenant_id = ?", tx.Tenant().ID).Where("event_id = ?", event).Where("state = ?", Due).Exec(ctx)
	if err != nil {
		return fmt.Errorf("invitations: finish: %w", err)
	}
	return nil
}

// giveUp ends what has been under way for longer than patience: its mail server was away for longer than anybody tries.
func (p planner) giveUp(ctx context.Context) (int64, error) {
	return p.exec(ctx, "give up", `UPDATE invitation AS i SET state = 'failed', reason = '`+notInTime+`', changed_at = ?now
		WHERE i.tenant_id = ?tenant AND i.state = 'due' AND i.changed_at < ?impatient AND ?concerned`)
}

func selectOne(ctx context.Context, tx tenants.Reader, who actor.Actor, id ids.ID) (*Invitation, error) {
	i := new(Invitation)
	err := tx.NewSelect().Model(i).Where("tenant_id = ?", tx.Tenant().ID).Where("id = ?", id).Where("child_id IN (?)", children.ChangedBy(tx, who)).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.NotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("invitations: select: %w", err)
	}
	return i, nil
}

// cameBack writes down that what was sent to a person at an address did not arrive.
func cameBack(ctx context.Context, tx tenants.Writer, person ids.ID, address string) error {
	for _, sent := range []any{(*Invitation)(nil), (*StaffInvitation)(nil)} {
		_, err := tx.NewUpdate().Model(sent).Set("state = ?", Failed).Set("reason = ?", undeliverable).Set("changed_at = ?", tx.Now()).
			Where("tenant_id = ?", tx.Tenant().ID).Where("person_id = ?", person).Where("state = ?", Sent).Where("address = ?", address).Exec(ctx)
		if err != nil {
			return fmt.Errorf("invitations: take back: %w", err)
		}
	}
	return nil
}
