// Package identitytest makes people for the tests of other modules.
//
//	mother := identitytest.NewPerson(t, e, e.A, identitytest.Role(actor.Parent))
//	ctx := mother.Ctx()                                  // tenant and actor, as a request would have them
//	cookie := identitytest.SignedIn(t, e, mother)        // for tests over HTTP
package identitytest

import (
	"context"
	"encoding/hex"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/clock"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// Password is what everybody made WithPassword signs in with.
const Password = "paarse olifant fietst naar huis"

// Someone is a person in one role (the last one given), with the tenant they belong to.
type Someone struct {
	*identity.Person
	Tenant     tenants.Tenant
	Role       actor.Role // empty without a membership
	Membership ids.ID
	clock      clock.Clock
}

// Actor is the person as a request has them, without a session, who has just proved who they are.
func (s Someone) Actor() actor.Actor {
	return actor.Actor{TenantID: s.Tenant.ID, PersonID: s.ID, Role: s.Role, Language: s.Language, ProvedAt: s.clock.Now(), Name: s.Name()}
}

// Ctx carries tenant and actor.
func (s Someone) Ctx() context.Context { return s.In(context.Background()) }

// In adds tenant and actor to ctx.
func (s Someone) In(ctx context.Context) context.Context {
	return actor.With(tenants.With(ctx, s.Tenant), s.Actor())
}

// Option changes what NewPerson makes.
type Option func(*plan)

type plan struct {
	draft    identity.Draft
	roles    []period
	password bool
	app      bool
}

type period struct {
	role     actor.Role
	from, to tenants.Date
}

// Role adds a membership that began a year ago and has no end.
func Role(role actor.Role) Option {
	return func(p *plan) { p.roles = append(p.roles, period{role: role}) }
}

// RoleBetween adds a membership with a first and a last day; an empty last day is no end.
func RoleBetween(role actor.Role, from, to tenants.Date) Option {
	return func(p *plan) { p.roles = append(p.roles, period{role, from, to}) }
}

// Named sets the name.
func Named(given, family string) Option {
	return func(p *plan) { p.draft.GivenName, p.draft.FamilyName = given, family }
}

// Email sets the address; "" for somebody without one.
func Email(address string) Option { return func(p *plan) { p.draft.Email = address } }

// Speaks sets the language.
func Speaks(language string) Option { return func(p *plan) { p.draft.Language = language } }

// WithPassword lets the person sign in with Password.
func WithPassword() Option { return func(p *plan) { p.password = true } }

// WithApp gives the person an authenticator app, whose codes are those of Code. Services that check them need Keys.
func WithApp() Option { return func(p *plan) { p.app = true } }

// Keys are identity.Config.Keys of tests.
var Keys = [][]byte{[]byte("0123456789abcdef0123456789abcdef")}

var appSecret = []byte("abcdefghijklmnopqrst")

// Code is what the app of somebody made WithApp shows now.
func Code(t testing.TB, e *dbtest.Env) string {
	t.Helper()
	code, err := identity.CodeAt(appSecret, e.Clock.Now())
	require.NoError(t, err)
	return code
}

var hashed = sync.OnceValues(func() (string, error) {
	return identity.NewHasher().Hash(context.Background(), Password)
})

// NewPerson adds somebody to an organisation. Without options: a name, an address of their own, no role, no password.
func NewPerson(t testing.TB, e *dbtest.Env, tenant tenants.Tenant, options ...Option) Someone {
	t.Helper()
	id := ids.New()
	p := plan{draft: identity.Draft{GivenName: "Sanne", FamilyName: "de Boer", Email: "p" + hex.EncodeToString(id[6:]) + "@example.test"}}
	for _, option := range options {
		option(&p)
	}
	ctx := tenants.With(context.Background(), tenant)
	service := identity.New(e.DB, identity.Config{})
	person, err := service.AddPerson(ctx, p.draft)
	require.NoError(t, err)
	made := Someone{Person: person, Tenant: tenant, clock: e.Clock}
	for _, r := range p.roles {
		if r.from == "" {
			r.from = tenant.DateOf(e.Clock.Now().AddDate(-1, 0, 0))
		}
		m, err := service.AddMembership(ctx, person.ID, r.role, r.from, r.to)
		require.NoError(t, err)
		made.Role, made.Membership = r.role, m.ID
	}
	if p.password {
		hash, err := hashed()
		require.NoError(t, err)
		exec(t, e, tenant, "UPDATE person SET password_hash = ?, password_set_at = ? WHERE id = ?", hash, e.Clock.Now(), person.ID)
		person.PasswordHash = hash
	}
	if p.app {
		require.NoError(t, e.DB.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
			return identity.RecallApps(ctx, tx, Keys, []identity.PastApp{{PersonID: person.ID, Secret: appSecret}})
		}))
	}
	return made
}

// SignedIn opens a session in the person's role and gives the cookie of the browser. It needs no password and no second
// factor: the session is as if both had just been shown.
func SignedIn(t testing.TB, e *dbtest.Env, who Someone) *http.Cookie {
	t.Helper()
	require.NotEmpty(t, who.Membership, "somebody without a role cannot sign in: give NewPerson a Role")
	token, hash := ids.NewToken()
	now := e.Clock.Now()
	idle, absolute := now.Add(14*24*time.Hour), now.Add(30*24*time.Hour)
	if who.Role != actor.Parent {
		idle, absolute = now.Add(time.Hour), now.Add(12*time.Hour)
	}
	exec(t, e, who.Tenant, `INSERT INTO session (tenant_id, id, token_hash, person_id, membership_id, device, strong, proved_at, created_at, used_at, idle_until, expires_at)
		VALUES (?0, ?1, ?2, ?3, ?4, 'Firefox · Linux', true, ?5, ?5, ?5, ?6, ?7)`, who.Tenant.ID, ids.New(), hash, who.ID, who.Membership, now, idle, absolute)
	return &http.Cookie{Name: identity.Cookie, Value: token, Path: "/", Secure: true, HttpOnly: true}
}

func exec(t testing.TB, e *dbtest.Env, tenant tenants.Tenant, query string, args ...any) {
	t.Helper()
	require.NoError(t, e.DB.Write(tenants.With(context.Background(), tenant), func(ctx context.Context, tx tenants.Writer) error {
		_, err := tx.NewRaw(query, args...).Exec(ctx)
		return err
	}))
}
