package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"text/tabwriter"

	"ouderportaal/configs"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/tenants"
)

const tenantUsage = `Use:
  ouderportaal tenant create SLUG NAME [--hue 0-359] [--chroma 0.02-0.18] [--email …] [--phone …] [--address …]
  ouderportaal tenant list
  ouderportaal tenant suspend SLUG REASON
  ouderportaal tenant resume SLUG
`

// tenant manages organisations from the command line.
func tenant(ctx context.Context, args []string) error {
	verbs := map[string]struct {
		least, most int
		run         func(context.Context, tools, configs.Config, []string) error
	}{
		"create": {2, 12, createTenant}, "list": {0, 0, listTenants}, "suspend": {2, 2, suspendTenant}, "resume": {1, 1, resumeTenant},
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

func listTenants(ctx context.Context, p tools, config configs.Config, _ []string) error {
	list, err := p.db.List(ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tADDRESS\tSTATUS\tREASON")
	for _, t := range list {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", t.Name, config.Origin(t.Slug+"."+config.BaseDomain), t.Status, t.StatusReason)
	}
	return table.Flush()
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
