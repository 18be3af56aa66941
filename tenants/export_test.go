package tenants

import "context"

// TenantSettingsInPool reads what each idle connection still believes its tenant to be.
func (db *DB) TenantSettingsInPool(ctx context.Context) ([]string, error) {
	var settings []string
	for _, conn := range db.pool.AcquireAllIdle(ctx) {
		var s string
		err := conn.QueryRow(ctx, "SELECT coalesce(current_setting('app.tenant_id', true), '')").Scan(&s)
		conn.Release()
		if err != nil {
			return nil, err
		}
		settings = append(settings, s)
	}
	return settings, nil
}
