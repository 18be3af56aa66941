package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"time"

	"ouderportaal/internal/mailcatcher"
)

// mailbox catches mail instead of sending it: for trying things out with docker compose. It is not for production.
func mailbox(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("mailbox", flag.ContinueOnError)
	smtp := flags.String("smtp", "127.0.0.1:1025", "address to take mail at")
	page := flags.String("http", "127.0.0.1:8025", "address to show it at")
	dir := flags.String("dir", "", "folder to keep mail in; empty keeps it in memory")
	if err := flags.Parse(args); err != nil {
		return errUsage
	}
	catcher, err := mailcatcher.Start(mailcatcher.Config{Addr: *smtp, Dir: *dir})
	if err != nil {
		return err
	}
	defer catcher.Close()
	server := &http.Server{Addr: *page, Handler: catcher.Handler(), ReadHeaderTimeout: 5 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	fmt.Printf("mail to %s is shown at http://%s\n", catcher.URL(), *page)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("mailbox: %w", err)
	}
	return nil
}
