package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"ouderportaal/admin/platform"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
)

const deliveriesUsage = `Use:
  ouderportaal deliveries list
  ouderportaal deliveries retry ID
`

// deliveries tells how the work of all organisations stands, and gives what failed another try.
func deliveries(ctx context.Context, args []string) error {
	list, retry := len(args) == 1 && args[0] == "list", len(args) == 2 && args[0] == "retry"
	if !list && !retry {
		fmt.Fprint(os.Stderr, deliveriesUsage)
		return errUsage
	}
	_, with, err := platformHere(ctx)
	if err != nil {
		return err
	}
	defer with.db.Close()
	if retry {
		id, err := idNamed(args[1])
		if err != nil {
			return err
		}
		return explain(with.service.Redrive(ctx, id))
	}
	ledger, err := with.service.Ledger(ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "QUEUE\tWAITING\tLATE")
	for _, q := range ledger.Queues {
		fmt.Fprintf(table, "%s\t%d\t%d\n", q.Name, q.Waiting, q.Late)
	}
	fmt.Fprintf(table, "\nFAILED: %d\n", ledger.Count)
	for _, d := range ledger.Dead {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", d.ID, d.Tenant, d.What, d.Reason, d.Since.Format(time.DateTime))
	}
	return table.Flush()
}

const bannerUsage = `Use:
  ouderportaal banner say info|warning DUTCH ENGLISH UNTIL    until when as 2026-11-30T18:00, Amsterdam time
  ouderportaal banner list
  ouderportaal banner end ID
`

// banner says something on the pages of every organisation.
func banner(ctx context.Context, args []string) error {
	verbs := map[string]struct {
		arguments int
		run       func(context.Context, *platform.Service, []string) error
	}{"say": {4, sayBanner}, "list": {0, listBanners}, "end": {1, endBanner}}
	if len(args) == 0 {
		fmt.Fprint(os.Stderr, bannerUsage)
		return errUsage
	}
	verb, ok := verbs[args[0]]
	if !ok || len(args)-1 != verb.arguments {
		fmt.Fprint(os.Stderr, bannerUsage)
		return errUsage
	}
	_, with, err := platformHere(ctx)
	if err != nil {
		return err
	}
	defer with.db.Close()
	return explain(verb.run(ctx, with.service, args[1:]))
}

func sayBanner(ctx context.Context, s *platform.Service, args []string) error {
	return s.SayToAll(ctx, platform.BannerDraft{Level: args[0], Dutch: args[1], English: args[2], Ends: args[3]})
}

func listBanners(ctx context.Context, s *platform.Service, _ []string) error {
	list, err := s.Banners(ctx)
	if err != nil {
		return err
	}
	for _, b := range list {
		zone := platform.Zone.Location()
		fmt.Printf("%s  %s  %s until %s\n  nl: %s\n  en: %s\n", b.ID, b.Level, b.StartsAt.In(zone).Format(time.DateTime), b.EndsAt.In(zone).Format(time.DateTime), b.WordsNL, b.WordsEN)
	}
	return nil
}

func endBanner(ctx context.Context, s *platform.Service, args []string) error {
	id, err := idNamed(args[0])
	if err != nil {
		return err
	}
	return s.Unsay(ctx, id)
}

func idNamed(text string) (ids.ID, error) {
	id, ok := ids.Parse(text)
	if !ok {
		return id, explain(fault.NotFound())
	}
	return id, nil
}
