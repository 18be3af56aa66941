package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/clock"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/mail"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/notifications"
	"ouderportaal/modules/notifications/notificationstest"
	"ouderportaal/tenants"
)

// workerMode makes this test program a worker process that can be killed: it holds the JSON of a childConfig.
const workerMode = "JOBS_TEST_WORKER"

type childConfig struct {
	App, Relay, Redis, SMTP string
	Lease                   time.Duration
	Deliveries              int
}

// startChild starts a worker process.
func startChild(t testing.TB, config childConfig) *exec.Cmd {
	t.Helper()
	text, err := json.Marshal(config)
	require.NoError(t, err)
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), workerMode+"="+string(text))
	child.Stderr = os.Stderr
	require.NoError(t, child.Start())
	t.Cleanup(func() {
		_ = child.Process.Kill()
		_ = child.Wait()
	})
	return child
}

func workAsChild() {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	var config childConfig
	if err := json.Unmarshal([]byte(os.Getenv(workerMode)), &config); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if err := work(context.Background(), config); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func work(ctx context.Context, config childConfig) error {
	db, err := tenants.Open(ctx, config.App, 8, clock.System)
	if err != nil {
		return err
	}
	sender, err := mail.NewSMTP(mail.Config{URL: config.SMTP, From: mail.Address{Addr: "post@ouderportaal.test"}})
	if err != nil {
		return err
	}
	words, err := i18n.Load(notifications.Locales)
	if err != nil {
		return err
	}
	hosts, err := tenants.NewHosts("ouderportaal.test", "https", 0)
	if err != nil {
		return err
	}
	told, err := notifications.New(db, notifications.Config{Hosts: hosts, Words: words, Mail: sender, Keys: [][]byte{notificationstest.Key}})
	if err != nil {
		return err
	}
	told.Offer((&notificationstest.News{}).Item())
	subs := []outbox.Subscription{notificationstest.Subscription(db, told)}
	ledger, err := OpenLedger(ctx, LedgerConfig{URL: config.Relay, Clock: clock.System, Lease: config.Lease})
	if err != nil {
		return err
	}
	client, err := ConnectRedis(config.Redis)
	if err != nil {
		return err
	}
	relay, err := NewRelay(RelayConfig{Ledger: ledger, Redis: client, Subscriptions: subs, Channels: []string{notifications.MailChannel}})
	if err != nil {
		return err
	}
	server, err := NewServer(ServerConfig{Ledger: ledger, Directory: tenants.NewDirectory(db), Redis: client, Subscriptions: subs,
		Channels: []outbox.Channel{told.MailDelivery()}, Jobs: 4, Deliveries: config.Deliveries})
	if err != nil {
		return err
	}
	if err := server.Start(); err != nil {
		return err
	}
	relay.Run(ctx)
	return nil
}
