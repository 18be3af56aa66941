package identity

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/tenants"
)

// Known is somebody of the organisation, for an import that compares people with a file.
type Known struct {
	ID         ids.ID `bun:"type:uuid"`
	GivenName  string
	FamilyName string
	Email      string
	Phone      string
	Account    bool // has a password: the address is how they sign in, and theirs to change
	Works      bool // is staff, manager or admin today
}

// Name is the whole name, for the screen.
func (k Known) Name() string { return fullName(k.GivenName, k.FamilyName) }

// Everybody lists all people of the organisation.
func Everybody(ctx context.Context, tx tenants.Reader) ([]Known, error) {
	var list []Known
	err := tx.NewRaw(`SELECT p.id, p.given_name, p.family_name, coalesce(p.email, '') AS email, p.phone, p.password_hash IS NOT NULL AS account,
		EXISTS (SELECT FROM membership m WHERE m.tenant_id = p.tenant_id AND m.person_id = p.id AND m.role <> 'parent'
			AND m.valid_from <= ?1::date AND (m.valid_to IS NULL OR m.valid_to >= ?1::date)) AS works
		FROM person p WHERE p.tenant_id = ?0`, tx.Tenant().ID, string(tx.Today())).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("identity: list everybody: %w", err)
	}
	return list, nil
}

// People are those to add and those whose names, address or telephone change, as an import brings them.
type People struct {
	Added   []Person // ID, names, Email and Phone; the rest is filled in
	Changed []Known
	Joining []Joining
}

// Joining is a role that somebody gets today, unless they have it already. The role of a parent is not given back to whom
// somebody took it from: see Enrol.
type Joining struct {
	PersonID ids.ID
	Role     actor.Role
}

// Rows is the number of rows that Correct writes.
func (p *People) Rows() int { return len(p.Added) + len(p.Changed) + len(p.Joining) }

// partOf is how many rows one statement of a correction writes.
const partOf = 500

// Lock keeps others from changing the people before the transaction ends.
func (p *People) Lock(ctx context.Context, tx tenants.Writer) error {
	list := make([]ids.ID, len(p.Changed))
	for i, k := range p.Changed {
		list[i] = k.ID
	}
	slices.SortFunc(list, func(a, b ids.ID) int { return bytes.Compare(a[:], b[:]) })
	for part := range slices.Chunk(list, partOf) {
		_, err := tx.NewRaw("SELECT FROM person WHERE tenant_id = ? AND id IN (?) ORDER BY id FOR NO KEY UPDATE", tx.Tenant().ID, bun.List(part)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("identity: lock people: %w", err)
		}
	}
	return nil
}

// ErrChanged says that an address was taken meanwhile, or that somebody to be corrected is gone.
var ErrChanged = errors.New("identity: people to correct are not as they were")

// Correct writes them within tx, and calls wrote with the number of rows after each part.
func Correct(ctx context.Context, tx tenants.Writer, p *People, wrote func(rows int)) error {
	for i := range p.Added {
		a := &p.Added[i]
		a.TenantID, a.Language, a.Appearance, a.CreatedAt = tx.Tenant().ID, tx.Tenant().Language, System, tx.Now()
	}
	for part := range slices.Chunk(p.Changed, partOf) {
		if err := changePeople(ctx, tx, part); err != nil {
			return err
		}
		wrote(len(part))
	}
	for part := range slices.Chunk(p.Added, partOf) {
		if _, err := tx.NewInsert().Model(&part).Exec(ctx); err != nil {
			return meanwhile(err, "identity: insert people")
		}
		wrote(len(part))
	}
	for part := range slices.Chunk(p.Joining, partOf) {
		if err := join(ctx, tx, part); err != nil {
			return err
		}
		wrote(len(part))
	}
	return nil
}

func join(ctx context.Context, tx tenants.Writer, joining []Joining) error {
	var people []ids.ID
	for _, j := range joining {
		people = append(people, j.PersonID)
	}
	refused, err := notToEnrol(ctx, tx, people, "parent")
	if err != nil {
		return err
	}
	var rows []Membership
	var staff []ids.ID
	for _, j := range joining {
		name, ok := nameOf(j.Role)
		if !ok {
			return fault.New(fault.Invalid, "identity.error.role")
		}
		if j.Role != actor.Parent {
			staff = append(staff, j.PersonID)
		}
		if j.Role != actor.Parent || !refused[j.PersonID] {
			rows = append(rows, Membership{TenantID: tx.Tenant().ID, ID: ids.New(), PersonID: j.PersonID, RoleName: name, ValidFrom: tx.Today(), CreatedAt: tx.Now()})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	if _, err := tx.NewInsert().Model(&rows).On("CONFLICT (tenant_id, person_id, role) WHERE valid_to IS NULL DO NOTHING").Exec(ctx); err != nil {
		return fmt.Errorf("identity: insert memberships: %w", err)
	}
	if len(staff) == 0 {
		return nil
	}
	return outbox.Record(ctx, tx, StaffJoined{PersonIDs: staff})
}

func changePeople(ctx context.Context, tx tenants.Writer, people []Known) error {
	columns := make([][]string, 5)
	for _, k := range people {
		for i, value := range []string{k.ID.String(), k.GivenName, k.FamilyName, k.Email, k.Phone} {
			columns[i] = append(columns[i], value)
		}
	}
	args := make([]any, 0, 6)
	for _, column := range columns {
		args = append(args, pgdialect.Array(column))
	}
	var elsewhere []ids.ID // links that went to another address than the new one are void
	err := tx.NewRaw(`SELECT p.id FROM person p JOIN unnest(?::uuid[], ?::text[]) AS x (id, email) ON p.id = x.id
		WHERE p.tenant_id = ? AND p.email IS DISTINCT FROM nullif(x.email, '') ORDER BY p.id FOR UPDATE OF p`, args[0], args[3], tx.Tenant().ID).Scan(ctx, &elsewhere)
	if err != nil {
		return fmt.Errorf("identity: find readdressed people: %w", err)
	}
	done, err := tx.NewRaw(`UPDATE person p SET given_name = x.given_name, family_name = x.family_name, email = nullif(x.email, ''), phone = x.phone, version = p.version + 1
		FROM unnest(?::uuid[], ?::text[], ?::text[], ?::text[], ?::text[]) AS x (id, given_name, family_name, email, phone)
		WHERE p.id = x.id AND p.tenant_id = ?`, append(args, tx.Tenant().ID)...).Exec(ctx)
	if err != nil {
		return meanwhile(err, "identity: correct people")
	}
	if n, err := done.RowsAffected(); err != nil || n != int64(len(people)) {
		return errors.Join(ErrChanged, err)
	}
	if len(elsewhere) == 0 {
		return nil
	}
	if err := VoidActivations(ctx, tx, elsewhere); err != nil {
		return err
	}
	return outbox.Record(ctx, tx, StaffJoined{PersonIDs: elsewhere}) // who works here is invited at the new address
}

func meanwhile(err error, doing string) error {
	if taken(err) {
		return errors.Join(ErrChanged, err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}
