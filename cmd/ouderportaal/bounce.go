package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"ouderportaal/configs"
	"ouderportaal/internal/actor"
	"ouderportaal/internal/bounce"
	"ouderportaal/internal/clock"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

const bounceUsage = `Use:
  ouderportaal bounce [ADDRESS] < MAIL

Takes in a mail that came back, as a mail server gives it: ADDRESS is where it came to; without it, what the headers say. A mail that is no
report of a failure, or that comes to an address that was not made here, is thrown away. When the database is away it ends with 75, after
which a mail server tries again later.
`

// largestReturn is how much of a mail is read: what matters stands at its beginning.
const largestReturn = 1 << 20

// errLater makes the program end with 75 (EX_TEMPFAIL).
var errLater = errors.New("try again later")

// takeBounce takes in one mail that came back, from standard input.
func takeBounce(ctx context.Context, args []string) error {
	if len(args) > 1 {
		fmt.Fprint(os.Stderr, bounceUsage)
		return errUsage
	}
	config, err := load(configs.Bounce)
	if err != nil {
		return err
	}
	db, err := tenants.Open(ctx, config.DatabaseURL.Reveal(), 1, clock.System)
	if err != nil {
		return err
	}
	defer db.Close()
	returns := returnsOf(config)
	service, err := notifications.New(db, notifications.Config{Keys: returns.Keys, Returns: returns})
	if err != nil {
		return err
	}
	return readBounce(ctx, os.Stdin, args, returns, tenants.NewDirectory(db), service)
}

func returnsOf(config configs.Config) bounce.Returns {
	return bounce.Returns{Address: config.MailBounces, Keys: linkKeys(config)}
}

// readBounce finds out which mail of which organisation came back.
func readBounce(ctx context.Context, from io.Reader, to []string, returns bounce.Returns, directory *tenants.Directory, service *notifications.Service) error {
	back, err := bounce.Read(io.LimitReader(from, largestReturn))
	if err != nil || back.Report == nil {
		slog.InfoContext(ctx, "bounce: thrown away, no report of a failure", "error", err)
		return nil
	}
	for _, address := range append(to, back.To...) {
		mail, ok := returns.Read(address)
		if !ok {
			continue
		}
		found, err := directory.Ending(ctx, mail.Tail)
		if err != nil {
			return errors.Join(errLater, err)
		}
		for _, tenant := range found {
			ctx := actor.With(tenants.With(ctx, tenant), actor.ForSystem(tenant.ID))
			if err := service.TakeBounce(ctx, mail, *back.Report); err != nil {
				return errors.Join(errLater, err)
			}
			slog.InfoContext(ctx, "bounce: taken in", "tenant_id", tenant.ID, "kind", string(mail.Kind), "id", mail.ID, "report", back.Report.String())
		}
		return nil
	}
	slog.InfoContext(ctx, "bounce: thrown away, not at an address of ours")
	return nil
}
