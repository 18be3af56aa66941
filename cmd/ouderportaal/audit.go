package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"text/tabwriter"

	"ouderportaal/configs"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/clock"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

const auditUsage = `Use:
  ouderportaal audit verify [SLUG …]

Computes the chain of the audit log anew, of the organisations named or of all, and ends with 1 when one is broken. Note the
heads somewhere else: an end that was cut off shows only by a head that is no longer there.
`

// verifyConnections is enough for one organisation after the other.
const verifyConnections = 2

var errBroken = errors.New("audit: a chain is broken")

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

// organisations are those named, or all.
func organisations(ctx context.Context, platform *tenants.Platform, slugs []string) ([]tenants.Tenant, error) {
	all, err := platform.List(ctx)
	if err != nil || len(slugs) == 0 {
		return all, err
	}
	var chosen []tenants.Tenant
	for _, slug := range slugs {
		i := slices.IndexFunc(all, func(t tenants.Tenant) bool { return t.Slug == slug })
		if i < 0 {
			return nil, fmt.Errorf("audit: there is no organisation %q", slug)
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

func verifyLogs(ctx context.Context, db *tenants.DB, list []tenants.Tenant) error {
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	broken := false
	for _, tenant := range list {
		var report audit.Report
		err := db.Read(tenants.With(ctx, tenant), func(ctx context.Context, tx tenants.Reader) (err error) {
			report, err = audit.Verify(ctx, tx)
			return err
		})
		if err != nil {
			return fmt.Errorf("audit: verify %s: %w", tenant.Slug, err)
		}
		verdict := "whole"
		if b := report.Break; b != nil {
			broken = true
			verdict = fmt.Sprintf("BROKEN at %d: %s", b.Place, b.Why)
			if b.EntryID != ids.Nil {
				verdict += " (entry " + b.EntryID.String() + ")"
			}
		}
		fmt.Fprintf(out, "%s\t%d entries\t%s\t%s\n", tenant.Slug, report.Entries, hex.EncodeToString(report.Head), verdict)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	if broken {
		return errBroken
	}
	return nil
}
