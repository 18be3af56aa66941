// Ouderportaal serves the portals of many daycare organisations. One program: what it does is its first argument.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

// command is one thing that the program can be told to do.
type command struct {
	name, usage, does string
	run               func(ctx context.Context, args []string) error
}

func commands() []command {
	return []command{
		{"serve", "serve", "answer browsers", serve},
		{"work", "work", "relay events and work off jobs: mail, photos, notifications", work},
		{"migrate", "migrate", "bring the database up to date", migrate},
		{"tenant", "tenant create|invite|list|limit|suspend|resume …", "manage organisations", tenant},
		{"deliveries", "deliveries list|retry …", "see the queues of all organisations and try again what failed", deliveries},
		{"banner", "banner say|list|end …", "say something on the pages of every organisation", banner},
		{"operator", "operator create|invite|list|deactivate …", "manage those who run the platform", operator},
		{"audit", "audit verify [SLUG[=PLACE:HEAD] …]", "compute the chain of the audit log anew and name where it breaks", auditLog},
		{"bounce", "bounce [ADDRESS] < MAIL", "take in a mail that came back because it could not be delivered", takeBounce},
		{"demo", "demo [--check]", "run everything here, with three organisations to look at", runDemo},
		{"mailbox", "mailbox", "catch mail instead of sending it, and show it on a page", mailbox},
	}
}

// errUsage means that the arguments were not understood; what was expected has been said.
var errUsage = errors.New("usage")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:])
	switch {
	case errors.Is(err, errUsage):
		os.Exit(2)
	case errors.Is(err, errLater):
		fmt.Fprintln(os.Stderr, err)
		os.Exit(75)
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	all := commands()
	if len(args) == 0 {
		help(os.Stderr, all)
		return errUsage
	}
	if slices.Contains([]string{"help", "-h", "--help"}, args[0]) {
		help(os.Stdout, all)
		return nil
	}
	for _, c := range all {
		if c.name == args[0] {
			return c.run(ctx, args[1:])
		}
	}
	fmt.Fprintf(os.Stderr, "ouderportaal: there is no command %q\n\n", args[0])
	help(os.Stderr, all)
	return errUsage
}

func help(w io.Writer, all []command) {
	fmt.Fprintln(w, "Use: ouderportaal COMMAND")
	for _, c := range all {
		fmt.Fprintf(w, "  %-52s%s\n", c.usage, c.does)
	}
	fmt.Fprintln(w, "\nSettings come from the environment; configs/example.env in the source describes each.")
}

// noArguments refuses what a command would ignore.
func noArguments(name string, args []string) error {
	if len(args) == 0 {
		return nil
	}
	fmt.Fprintf(os.Stderr, "ouderportaal %s takes no arguments, and was given %s\n", name, strings.Join(args, " "))
	return errUsage
}
