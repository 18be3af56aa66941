package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"

	"ouderportaal/admin/platform"
	"ouderportaal/configs"
	"ouderportaal/internal/clock"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

const operatorUsage = `Use:
  ouderportaal operator create EMAIL NAME
  ouderportaal operator invite EMAIL
  ouderportaal operator list
  ouderportaal operator deactivate EMAIL

create and invite print a link that works once, for a day: by it the operator chooses a password and sets up an authenticator app.
`

// operator manages those who run the platform. The first of them can only be made here.
func operator(ctx context.Context, args []string) error {
	verbs := map[string]struct {
		arguments int
		run       func(context.Context, *platform.Service, configs.Config, []string) error
	}{
		"create": {2, createOperator}, "invite": {1, inviteOperator}, "list": {0, listOperators}, "deactivate": {1, deactivateOperator},
	}
	if len(args) == 0 {
		fmt.Fprint(os.Stderr, operatorUsage)
		return errUsage
	}
	verb, ok := verbs[args[0]]
	if !ok || len(args)-1 != verb.arguments {
		fmt.Fprint(os.Stderr, operatorUsage)
		return errUsage
	}
	config, with, err := platformHere(ctx)
	if err != nil {
		return err
	}
	defer with.db.Close()
	return explain(verb.run(ctx, with.service, config, args[1:]))
}

// tools are what the commands that run the platform do it with.
type tools struct {
	db      *tenants.Platform
	service *platform.Service
}

func platformHere(ctx context.Context) (configs.Config, tools, error) {
	config, err := load(configs.Tenant)
	if err != nil {
		return config, tools{}, err
	}
	db, err := tenants.OpenPlatform(ctx, config.DatabasePlatformURL.Reveal(), clock.System)
	if err != nil {
		return config, tools{}, err
	}
	return config, tools{db, platform.New(db, identity.NewHasher(), nil)}, nil
}

func createOperator(ctx context.Context, s *platform.Service, config configs.Config, args []string) error {
	o, link, err := s.Create(ctx, args[0], args[1])
	if err != nil {
		return err
	}
	fmt.Printf("created %s; this link works once, until tomorrow:\n%s\n", o.Email, startLink(config, link))
	return nil
}

func inviteOperator(ctx context.Context, s *platform.Service, config configs.Config, args []string) error {
	link, err := s.Invite(ctx, args[0])
	if err != nil {
		return err
	}
	fmt.Printf("this link works once, until tomorrow:\n%s\n", startLink(config, link))
	return nil
}

func startLink(config configs.Config, token string) string {
	return config.Origin(tenants.Operator+"."+config.BaseDomain) + "/begin/" + token
}

func listOperators(ctx context.Context, s *platform.Service, _ configs.Config, _ []string) error {
	list, err := s.Operators(ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tEMAIL\tSTATE")
	for i := range list {
		state := "active"
		switch o := &list[i]; {
		case o.DeactivatedAt != nil:
			state = "deactivated"
		case !o.Ready():
			state = "invited"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", list[i].Name, list[i].Email, state)
	}
	return table.Flush()
}

func deactivateOperator(ctx context.Context, s *platform.Service, _ configs.Config, args []string) error {
	if err := s.Deactivate(ctx, args[0]); err != nil {
		return err
	}
	fmt.Println("deactivated", args[0]+"; their sessions have ended")
	return nil
}
