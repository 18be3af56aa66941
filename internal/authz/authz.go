// Package authz answers one question: may this role do that. It is the first of three gates; which rows are seen is
// decided by the modules, and the organisation by the database.
package authz

import (
	_ "embed"
	"fmt"
	"regexp"
	"sort"
	"strings"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"

	"ouderportaal/configs"
	"ouderportaal/internal/actor"
)

// base holds the lines that belong to no module: which role includes another.
//
//go:embed base.csv
var base string

// Authz is the policy of all modules, compiled. It does not change and is safe for concurrent use.
type Authz struct {
	allowed map[string]roleSet
}

// roleSet has one bit for each of actor.Roles.
type roleSet uint8

func bit(role actor.Role) roleSet {
	for i, known := range actor.Roles {
		if role == known {
			return 1 << i
		}
	}
	return 0
}

// May tells whether role may do permission. An unknown role or permission may nothing. It allocates nothing.
func (a *Authz) May(role actor.Role, permission string) bool {
	return a.allowed[permission]&bit(role) != 0
}

// Knows tells whether some role may do permission: a route with another permission is a slip of the pen.
func (a *Authz) Knows(permission string) bool { return a.allowed[permission] != 0 }

// Permissions lists every permission of the policy, sorted.
func (a *Authz) Permissions() []string {
	list := make([]string, 0, len(a.allowed))
	for permission := range a.allowed {
		list = append(list, permission)
	}
	sort.Strings(list)
	return list
}

// New compiles the policy.csv of every module. It refuses lines that it does not understand, roles that do not exist,
// a line that is given twice, and an enforcer that allows what nobody wrote.
func New(policies ...string) (*Authz, error) {
	e, permissions, err := enforcer(configs.CasbinModel, append([]string{base}, policies...))
	if err != nil {
		return nil, err
	}
	if len(permissions) == 0 {
		return nil, fmt.Errorf("authz: the policy is empty")
	}
	if err := refusesNonsense(e, permissions); err != nil {
		return nil, err
	}
	a := &Authz{allowed: make(map[string]roleSet, len(permissions))}
	for _, role := range actor.Roles {
		// One list for a role, because to ask for every permission takes 10 ms of starting; a test holds both equal.
		lines, err := e.GetImplicitPermissionsForUser(string(role))
		if err != nil {
			return nil, fmt.Errorf("authz: permissions of %s: %w", role, err)
		}
		for _, line := range lines {
			a.allowed[line[1]] |= bit(role)
		}
	}
	return a, nil
}

var permissionShape = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$`)

func enforcer(conf string, policies []string) (*casbin.Enforcer, []string, error) {
	m, err := model.NewModelFromString(conf)
	if err != nil {
		return nil, nil, fmt.Errorf("authz: model: %w", err)
	}
	e, err := casbin.NewEnforcer(m)
	if err != nil {
		return nil, nil, fmt.Errorf("authz: enforcer: %w", err)
	}
	known := map[string]bool{}
	for _, policy := range policies {
		for number, line := range strings.Split(policy, "\n") {
			line = strings.TrimSpace(line)
			if line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			permission, err := add(e, line)
			if err != nil {
				return nil, nil, fmt.Errorf("authz: line %d %q: %w", number+1, line, err)
			}
			if permission != "" {
				known[permission] = true
			}
		}
	}
	permissions := make([]string, 0, len(known))
	for permission := range known {
		permissions = append(permissions, permission)
	}
	sort.Strings(permissions)
	return e, permissions, nil
}

func add(e *casbin.Enforcer, line string) (permission string, err error) {
	parts := strings.Split(line, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	if len(parts) != 3 || (parts[0] != "p" && parts[0] != "g") {
		return "", fmt.Errorf(`want "p, role:…, permission" or "g, role:…, role:…"`)
	}
	if !actor.Role(parts[1]).Known() {
		return "", fmt.Errorf("no role is called %q", parts[1])
	}
	var fresh bool
	if parts[0] == "g" {
		if !actor.Role(parts[2]).Known() || parts[1] == parts[2] {
			return "", fmt.Errorf("%q cannot include %q", parts[1], parts[2])
		}
		fresh, err = e.AddGroupingPolicy(parts[1], parts[2])
	} else {
		if !permissionShape.MatchString(parts[2]) {
			return "", fmt.Errorf("%q is not a permission such as diary.publish", parts[2])
		}
		permission = parts[2]
		fresh, err = e.AddPolicy(parts[1], permission)
	}
	if err == nil && !fresh {
		err = fmt.Errorf("given twice")
	}
	return permission, err
}

// nobodies are no roles.
var nobodies = []string{"", "*", "nobody", "role:", "role:nobody", "role:janitor"}

// refusesNonsense asks what must be refused. casbin without a model allows everything, and says so nowhere.
func refusesNonsense(e *casbin.Enforcer, permissions []string) error {
	if e.GetModel() == nil || len(e.GetModel()["m"]) == 0 || len(e.GetModel()["p"]) == 0 {
		return fmt.Errorf("authz: the enforcer has no model")
	}
	questions := [][2]string{{"", ""}, {"role:", "."}, {"nobody", "nothing.at_all"}}
	for _, role := range actor.Roles {
		questions = append(questions, [2]string{string(role), "nothing.at_all"}, [2]string{string(role), ""}, [2]string{string(role), string(role)})
	}
	for i, permission := range permissions { // each by one of them; a test has every one of them ask for everything
		questions = append(questions, [2]string{nobodies[i%len(nobodies)], permission})
	}
	for _, q := range questions {
		ok, err := e.Enforce(q[0], q[1])
		if err != nil {
			return fmt.Errorf("authz: enforce %q %q: %w", q[0], q[1], err)
		}
		if ok {
			return fmt.Errorf("authz: the policy lets %q do %q, which nobody wrote", q[0], q[1])
		}
	}
	return nil
}
