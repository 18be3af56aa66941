// Package pgnotify listens to PostgreSQL NOTIFY and comes back after every loss of the connection.
// A notification is only ever a hint: whoever listens must be able to find the truth in the rows.
package pgnotify

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
)

// Channel is what is heard under one name.
type Channel struct {
	Name string
	// Connected is called after every (re)connect: anything may have been missed before it.
	Connected func()
	// Notified is called for each notification, one at a time.
	Notified func(payload string)
}

const (
	firstPause = 100 * time.Millisecond
	longPause  = 5 * time.Second
)

// Listen hears the channels over one connection until ctx ends.
func Listen(ctx context.Context, config *pgx.ConnConfig, channels ...Channel) {
	pause := firstPause
	for ctx.Err() == nil {
		started := time.Now()
		err := session(ctx, config, channels)
		if ctx.Err() != nil {
			return
		}
		if time.Since(started) > longPause {
			pause = firstPause
		}
		slog.WarnContext(ctx, "pgnotify: connection lost", "error", err, "retry_in", pause)
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		pause = min(2*pause, longPause)
	}
}

func session(ctx context.Context, config *pgx.ConnConfig, channels []Channel) error {
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for _, channel := range channels {
		if _, err := conn.Exec(ctx, "LISTEN "+pgx.Identifier{channel.Name}.Sanitize()); err != nil {
			return err
		}
	}
	for _, channel := range channels {
		channel.Connected()
	}
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		for _, channel := range channels {
			if channel.Name == n.Channel {
				channel.Notified(n.Payload)
			}
		}
	}
}
