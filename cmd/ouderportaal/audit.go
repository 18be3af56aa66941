package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"ouderportaal/configs"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/clock"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

const auditUsage = `Use:
  ouderportaal audit verify [SLUG[=PLACE:HEAD] …]

Computes the chain of the audit log anew, of the organisations named or of all, prints where each ends, and ends with 1 when
one is broken. Note what it prints somewhere else and give it next time: who owns the database can write a whole chain anew
or cut off its end, and only a head that was noted elsewhere shows that.
`

// verifyConnections is enough for one organisation after the other.
const verifyConnections = 2

// auditLog lets an operator verify the audit logs of organisations.
func auditLog(ctx context.Context, args []string) error {
	if len(args) == 0 || args[0] != "verify" {
		fmt.Fprint(os.Stderr, auditUsage)
		return errUsage
	}
	config, err := load(configs.Tenant)
	if err != nil {
		return err
	}
	url := config.DatabasePlatformURL.Reveal()
	platform, err := tenants.OpenPlatform(ctx, url, clock.System)
	if err != nil {
		return err
	}
	defer platform.Close()
	db, err := tenants.Open(ctx, url, verifyConnections, clock.System)
	if err != nil {
		return err
	}
	defer db.Close()
	chosen, err := organisations(ctx, platform, args[1:])
	if err != nil {
		return err
	}
	return verifyLogs(ctx, db, chosen)
}

// log is the audit log of one organisation, and what was noted of it.
type log struct {
	tenants.Tenant
	noted audit.Noted
}

// organisations are those named, or all.
func organisations(ctx context.Context, platform *tenants.Platform, named []string) ([]log, error) {
	all, err := platform.List(ctx)
	if err != nil {
		return nil, err
	}
	var chosen []log
	for _, name := range named {
		slug, noted, err := notedOf(name)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(all, func(t tenants.Tenant) bool { return t.Slug == slug })
		if i < 0 {
			return nil, fmt.Errorf("audit: there is no organisation %q", slug)
		}
		chosen = append(chosen, log{all[i], noted})
	}
	if len(named) == 0 {
		for _, t := range all {
			chosen = append(chosen, log{Tenant: t})
		}
	}
	return chosen, nil
}

// notedOf reads "kinderopvangbathmen=1234:9f3a…", or the name alone.
func notedOf(name string) (slug string, noted audit.Noted, err error) {
	slug, rest, given := strings.Cut(name, "=")
	if !given {
		return slug, noted, nil
	}
	place, head, _ := strings.Cut(rest, ":")
	if noted.Place, err = strconv.ParseInt(place, 10, 64); err == nil {
		noted.Head, err = hex.DecodeString(head)
	}
	if err != nil || noted.Place < 1 || len(noted.Head) != sha256.Size {
		return slug, noted, fmt.Errorf("audit: %q is not of the form SLUG=PLACE:HEAD", name)
	}
	return slug, noted, nil
}

// verifyLogs goes on to the next organisation whatever it finds, so that every verdict is told.
func verifyLogs(ctx context.Context, db *tenants.DB, list []log) error {
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	var problems error
	for _, l := range list {
		var report audit.Report
		err := db.Read(tenants.With(ctx, l.Tenant), func(ctx context.Context, tx tenants.Reader) (err error) {
			report, err = audit.Verify(ctx, tx, l.noted)
			return err
		})
		verdict := "whole"
		switch b := report.Break; {
		case err != nil:
			verdict, problems = "not verified", errors.Join(problems, fmt.Errorf("audit: verify %s: %w", l.Slug, err))
		case b != nil:
			verdict, problems = fmt.Sprintf("BROKEN at %d: %s", b.Place, b.Why), errors.Join(problems, fmt.Errorf("audit: the chain of %s is broken", l.Slug))
			if b.EntryID != ids.Nil {
				verdict += " (entry " + b.EntryID.String() + ")"
			}
		}
		fmt.Fprintf(out, "%s=%d:%s\t%s\n", l.Slug, report.Entries, hex.EncodeToString(report.Head), verdict)
	}
	return errors.Join(out.Flush(), problems)
}
