package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"text/tabwriter"

	"ouderportaal/admin/platform"
	"ouderportaal/configs"
	"ouderportaal/internal/clock"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

const tenantUsage = `Use:
  ouderportaal tenant create SLUG NAME [--hue 0-359] [--chroma 0.02-0.18] [--email …] [--phone …] [--address …] [--example]
  ouderportaal tenant invite SLUG EMAIL GIVEN-NAME FAMILY-NAME
  ouderportaal tenant list
  ouderportaal tenant limit SLUG CHILDREN GIGABYTES
  ouderportaal tenant suspend SLUG REASON
  ouderportaal tenant resume SLUG

With --example a worker fills it with made-up children, parents and colleagues as soon as its first admin is invited.
invite makes somebody an admin, and a worker mails them; it needs DATABASE_URL too, and works here also when an organisation has
admins, or had: the log of the platform and that of the organisation tell. A limit of "" is none.
`

// tenant manages organisations from the command line.
func tenant(ctx context.Context, args []string) error {
	verbs := map[string]struct {
		least, most int
		run         func(context.Context, tools, configs.Config, []string) error
	}{
		"create": {2, 13, createTenant}, "list": {0, 0, listTenants}, "invite": {4, 4, inviteAdmin}, "limit": {3, 3, limitTenant}, "suspend": {2, 2, suspendTenant}, "resume": {1, 1, resumeTenant},
	}
	if len(args) == 0 {
		fmt.Fprint(os.Stderr, tenantUsage)
		return errUsage
	}
	verb, ok := verbs[args[0]]
	if rest := args[1:]; !ok || len(rest) < verb.least || len(rest) > verb.most {
		fmt.Fprint(os.Stderr, tenantUsage)
		return errUsage
	}
	config, with, err := platformHere(ctx)
	if err != nil {
		return err
	}
	defer with.db.Close()
	return explain(verb.run(ctx, with, config, args[1:]))
}

// explain says what is wrong in words instead of keys.
func explain(err error) error {
	f, ok := fault.As(err)
	if !ok {
		return err
	}
	bundle, loadErr := i18n.Load(locales()...)
	if loadErr != nil {
		return err
	}
	english := bundle.For("en")
	text := ""
	for _, field := range f.Fields {
		text += field.Name + ": " + english.Say(field.Key, field.Args) + "\n"
	}
	if text == "" {
		text = english.Say(f.Key, f.Args)
	}
	return fmt.Errorf("%s", text)
}

func createTenant(ctx context.Context, p tools, config configs.Config, args []string) error {
	n := tenants.NewTenant{Slug: args[0], Name: args[1]}
	flags := flag.NewFlagSet("tenant create", flag.ContinueOnError)
	flags.Float64Var(&n.BrandHue, "hue", 163, "hue of the house colour, degrees in OKLCH")
	flags.Float64Var(&n.BrandChroma, "chroma", 0.085, "its chroma")
	flags.StringVar(&n.Email, "email", "", "address for parents")
	flags.StringVar(&n.Phone, "phone", "", "telephone for parents")
	flags.StringVar(&n.Address, "address", "", "postal address, for mails")
	flags.BoolVar(&n.Example, "example", false, "begin with made-up data")
	if err := flags.Parse(args[2:]); err != nil {
		return errUsage
	}
	t, err := p.service.CreateOrganisation(ctx, n)
	if err != nil {
		return err
	}
	fmt.Printf("created %s: %s\n", t.Name, config.Origin(t.Slug+"."+config.BaseDomain))
	return nil
}

func inviteAdmin(ctx context.Context, p tools, config configs.Config, args []string) error {
	url := config.DatabaseURL.Reveal()
	if url == "" {
		return errors.New("tenant invite: DATABASE_URL is missing; people of organisations are the app role's")
	}
	db, err := tenants.Open(ctx, url, 2, clock.System)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := p.service.InviteAdmin(ctx, platform.NewAdmins(db), args[0], identity.Draft{Email: args[1], GivenName: args[2], FamilyName: args[3]}); err != nil {
		return err
	}
	fmt.Println("invited", args[1], "as admin of", args[0])
	return nil
}

func limitTenant(ctx context.Context, p tools, _ configs.Config, args []string) error {
	return p.service.SetLimits(ctx, args[0], platform.LimitDraft{Children: args[1], Gigabytes: args[2]})
}

func listTenants(ctx context.Context, p tools, config configs.Config, _ []string) error {
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tADDRESS\tSTATUS\tCHILDREN\tGB\tMAILS\tREASON")
	for f := (platform.Filter{}); ; {
		page, err := p.service.Organisations(ctx, f)
		if err != nil {
			return err
		}
		for _, o := range page.List {
			fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%.1f\t%d\t%s\n", o.Name, config.Origin(o.Slug+"."+config.BaseDomain), o.Status, o.Children, float64(o.StorageBytes)/platform.Gigabyte, o.Mails, o.StatusReason)
		}
		if f.After = page.Next; f.After == "" {
			return table.Flush()
		}
	}
}

func suspendTenant(ctx context.Context, p tools, _ configs.Config, args []string) error {
	if err := p.service.Suspend(ctx, args[0], args[1]); err != nil {
		return fmt.Errorf("suspend %s: %w", args[0], err)
	}
	fmt.Println("suspended", args[0]+"; its pages show a notice and its jobs wait")
	return nil
}

func resumeTenant(ctx context.Context, p tools, _ configs.Config, args []string) error {
	if err := p.service.Resume(ctx, args[0]); err != nil {
		return fmt.Errorf("resume %s: %w", args[0], err)
	}
	fmt.Println("resumed", args[0])
	return nil
}
