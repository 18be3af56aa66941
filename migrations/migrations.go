// Package migrations holds the schema, as the SQL files beside it, applied in the order of their names.
package migrations

import "embed"

// Files are the migrations. Each runs in its own transaction (.tx.up.sql) and is never edited once released.
//
//go:embed *.sql
var Files embed.FS
