package main

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// hot is what a timeline reads, in either way of reading it.
var hot = []string{
	"diary_entry", "diary_entry_pkey", "diary_entry_child_pkey", "photo", "photo_of_entry", "guardianship", "guardianship_of_person", "child", "child_pkey",
	"session", "session_tenant_id_token_hash_key", "person", "person_pkey", "membership", "membership_pkey", "placement", "placement_of_child", "care_group",
	"care_group_pkey", "location", "location_pkey", "mentorship", "mentorship_of_child", "notification", "notification_unread",
}

// warm reads what is hot into PostgreSQL's memory: after a start both sides would measure the disk, and the one that reads
// fewer pages would look better than it is.
func (w *world) warm(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, w.url.owner)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "CREATE EXTENSION IF NOT EXISTS pg_prewarm"); err != nil {
		return fmt.Errorf("warm: %w", err)
	}
	var blocks int64
	for _, name := range hot {
		var read int64
		if err := conn.QueryRow(ctx, "SELECT pg_prewarm($1::regclass)", name).Scan(&read); err != nil {
			return fmt.Errorf("warm %s: %w", name, err)
		}
		blocks += read
	}
	say("  %d MB in PostgreSQL's memory", blocks/128)
	return nil
}
