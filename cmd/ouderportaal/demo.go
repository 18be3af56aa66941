package main

import (
	"context"
	"flag"

	"ouderportaal/cmd/ouderportaal/demo"
)

// runDemo runs everything on this machine, with three organisations to look at or none.
func runDemo(ctx context.Context, args []string) error {
	var o demo.Options
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.StringVar(&o.Dir, "dir", ".data", "folder that keeps everything between runs")
	flags.IntVar(&o.Port, "port", 8080, "port of the pages; the next free one when it is taken")
	flags.IntVar(&o.InboxPort, "inbox-port", 8025, "port of the inbox; the next free one when it is taken")
	flags.BoolVar(&o.Empty, "empty", false, "begin without organisations, as on the first day")
	flags.BoolVar(&o.Check, "check", false, "start, look whether pages are answered, and stop")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		return errUsage
	}
	return demo.Run(ctx, o)
}
