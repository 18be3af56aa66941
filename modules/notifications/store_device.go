package notifications

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/internal/webpush"
	"ouderportaal/tenants"
)

// lockDevices lets one change to a person's devices happen at a time: they are counted.
func lockDevices(ctx context.Context, tx tenants.Writer, person ids.ID) error {
	return tx.Lock(ctx, "devices", person.String())
}

func devicesOf(ctx context.Context, tx tenants.Reader, person ids.ID) ([]Device, error) {
	var list []Device
	err := tx.NewSelect().Model(&list).Where("tenant_id = ?", tx.Tenant().ID).Where("person_id = ?", person).OrderExpr("id DESC").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("notifications: list devices: %w", err)
	}
	return list, nil
}

func countDevices(ctx context.Context, tx tenants.Reader, person ids.ID) (int64, error) {
	n, err := tx.NewSelect().Model((*Device)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("person_id = ?", person).Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("notifications: count devices: %w", err)
	}
	return int64(n), nil
}

// removeElsewhere takes away what the person has under this address in another session: it is the same browser.
func removeElsewhere(ctx context.Context, tx tenants.Writer, who actor.Actor, endpoint string) error {
	_, err := tx.NewDelete().Model((*Device)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("person_id = ?", who.PersonID).
		Where("endpoint = ?", endpoint).Where("session_id <> ?", who.SessionID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("notifications: remove device: %w", err)
	}
	return nil
}

// upsertDevice keeps the device of a session. One that is there already keeps its id and name.
func upsertDevice(ctx context.Context, tx tenants.Writer, d *Device) error {
	_, err := tx.NewInsert().Model(d).On("CONFLICT (tenant_id, session_id) DO UPDATE").Set("endpoint = EXCLUDED.endpoint").Set("p256dh = EXCLUDED.p256dh").
		Set("auth = EXCLUDED.auth").Set("server_key = EXCLUDED.server_key").Set("failed_at = NULL").Set("failure = ''").Exec(ctx)
	if err != nil {
		return fmt.Errorf("notifications: insert device: %w", err)
	}
	return nil
}

func moveDevice(ctx context.Context, tx tenants.Writer, who actor.Actor, was string, to webpush.Subscription) error {
	done, err := tx.NewUpdate().Model((*Device)(nil)).Set("endpoint = ?", to.Endpoint).Set("p256dh = ?", to.P256dh).Set("auth = ?", to.Auth).
		Set("server_key = ?", to.ServerKey).Set("failed_at = NULL").Set("failure = ''").Where("tenant_id = ?", tx.Tenant().ID).
		Where("person_id = ?", who.PersonID).Where("session_id = ?", who.SessionID).Where("endpoint = ?", was).Exec(ctx)
	return mustTouchOne(done, err, "move device")
}

func renameDevice(ctx context.Context, tx tenants.Writer, person, id ids.ID, name string) error {
	done, err := tx.NewUpdate().Model((*Device)(nil)).Set("name = ?", name).Where("tenant_id = ?", tx.Tenant().ID).
		Where("person_id = ?", person).Where("id = ?", id).Exec(ctx)
	return mustTouchOne(done, err, "rename device")
}

func removeDevice(ctx context.Context, tx tenants.Writer, person, id ids.ID) error {
	done, err := tx.NewDelete().Model((*Device)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("person_id = ?", person).Where("id = ?", id).Exec(ctx)
	return mustTouchOne(done, err, "remove device")
}

// mustTouchOne makes a change that found nothing the neutral NotFound.
func mustTouchOne(done sql.Result, err error, doing string) error {
	if err != nil {
		return fmt.Errorf("notifications: %s: %w", doing, err)
	}
	n, err := done.RowsAffected()
	if err == nil && n == 0 {
		return fault.NotFound()
	}
	return err
}

func mustOwnDevice(ctx context.Context, tx tenants.Reader, person, id ids.ID) error {
	mine, err := tx.NewSelect().Model((*Device)(nil)).Where("tenant_id = ?", tx.Tenant().ID).Where("person_id = ?", person).Where("id = ?", id).Exists(ctx)
	if err != nil {
		return fmt.Errorf("notifications: find device: %w", err)
	}
	if !mine {
		return fault.NotFound()
	}
	return nil
}

// pushTo begins the channel of a delivery to a device, whose id is the rest of it.
const pushTo = PushChannel + ":"

// insertPushes writes a delivery for each device of people, but for those that have one for this event.
func insertPushes(ctx context.Context, tx tenants.Writer, n News, people []ids.ID) error {
	var devices []Device
	err := tx.NewSelect().Model(&devices).Column("id", "person_id").Where("tenant_id = ?", tx.Tenant().ID).Where("person_id IN (?)", bun.List(people)).Scan(ctx)
	if err != nil {
		return fmt.Errorf("notifications: find devices: %w", err)
	}
	if len(devices) == 0 {
		return nil
	}
	at, owners := make([]ids.ID, len(devices)), make([]ids.ID, len(devices))
	for i, d := range devices {
		at[i], owners[i] = d.ID, d.PersonID
	}
	_, err = tx.NewRaw(`INSERT INTO delivery (tenant_id, id, event_id, person_id, channel, item, subject_id, queue, due_at, device_id)
		SELECT ?, x.id, ?, x.person_id, ? || x.device_id, ?, ?, ?, ?, x.device_id FROM unnest(?::uuid[], ?::uuid[], ?::uuid[]) AS x(id, person_id, device_id)
		ON CONFLICT (tenant_id, event_id, person_id, channel) DO NOTHING`,
		tx.Tenant().ID, n.EventID, pushTo, n.Item, n.SubjectID, n.Queue, tx.Now(), fresh(len(devices)), list(owners), list(at)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("notifications: insert pushes: %w", err)
	}
	return nil
}

func insertTry(ctx context.Context, tx tenants.Writer, event, person, device ids.ID) error {
	_, err := tx.NewRaw(`INSERT INTO delivery (tenant_id, id, event_id, person_id, channel, item, subject_id, queue, due_at, device_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		tx.Tenant().ID, ids.New(), event, person, pushTo+device.String(), tryItem, device, outbox.Urgent, tx.Now(), device).Exec(ctx)
	if err != nil {
		return fmt.Errorf("notifications: insert try: %w", err)
	}
	return nil
}

func triesWaiting(ctx context.Context, tx tenants.Reader, person, device ids.ID) (bool, error) {
	var waits bool
	err := tx.NewRaw(`SELECT EXISTS (SELECT FROM delivery WHERE tenant_id = ? AND kind = ? AND queue = ? AND state = 'waiting' AND person_id = ? AND device_id = ? AND item = ?)`,
		tx.Tenant().ID, PushChannel, outbox.Urgent, person, device, tryItem).Scan(ctx, &waits)
	if err != nil {
		return false, fmt.Errorf("notifications: look for tries: %w", err)
	}
	return waits, nil
}

// devicesNamed gives those of devices that are still there.
func devicesNamed(ctx context.Context, tx tenants.Reader, devices []ids.ID) (map[ids.ID]Device, error) {
	var list []Device
	if err := tx.NewSelect().Model(&list).Where("tenant_id = ?", tx.Tenant().ID).Where("id IN (?)", bun.List(devices)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("notifications: read devices: %w", err)
	}
	found := make(map[ids.ID]Device, len(list))
	for _, d := range list {
		found[d.ID] = d
	}
	return found, nil
}

// noteSent keeps what came of sending to a device: one that its push service knows no more goes, unless it has moved meanwhile.
func noteSent(ctx context.Context, tx tenants.Writer, d Device, failed *webpush.Failure) error {
	const there = "tenant_id = ? AND id = ? AND endpoint = ?"
	update := tx.NewUpdate().Model((*Device)(nil)).Where(there, tx.Tenant().ID, d.ID, d.Endpoint)
	var err error
	switch {
	case failed == nil:
		_, err = update.Set("used_at = ?", tx.Now()).Set("failed_at = NULL").Set("failure = ''").Exec(ctx)
	case failed.Gone:
		_, err = tx.NewDelete().Model((*Device)(nil)).Where(there, tx.Tenant().ID, d.ID, d.Endpoint).Exec(ctx)
	default:
		_, err = update.Set("failed_at = ?", tx.Now()).Set("failure = ?", failed.Class).Exec(ctx)
	}
	if err != nil {
		return fmt.Errorf("notifications: note what came of a push: %w", err)
	}
	return nil
}
