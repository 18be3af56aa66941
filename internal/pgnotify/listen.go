// Package pgnotify listens to PostgreSQL NOTIFY and comes back after every loss of the connection.
// A notification is only ever a hint: whoever listens must be able to find the truth in the rows.
package pgnotify

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
)

// Listener hears the notifications of some channels.
type Listener struct {
	Config   *pgx.ConnConfig
	Channels []string
	// Connected is called after every (re)connect: anything may have been missed before it.
	Connected func()
	// Notified is called for each notification, one at a time.
	Notified func(channel, payload string)
}

const (
	firstPause = 100 * time.Millisecond
	longPause  = 5 * time.Second
)

// Run listens until ctx ends.
func (l Listener) Run(ctx context.Context) {
	pause := firstPause
	for ctx.Err() == nil {
		started := time.Now()
		err := l.session(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(started) > longPause {
			pause = firstPause
		}
		slog.WarnContext(ctx, "pgnotify: connection lost", "channels", l.Channels, "error", err, "retry_in", pause)
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		pause = min(2*pause, longPause)
	}
}

func (l Listener) session(ctx context.Context) error {
	conn, err := pgx.ConnectConfig(ctx, l.Config)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for _, channel := range l.Channels {
		if _, err := conn.Exec(ctx, "LISTEN "+pgx.Identifier{channel}.Sanitize()); err != nil {
			return err
		}
	}
	l.Connected()
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		l.Notified(n.Channel, n.Payload)
	}
}
