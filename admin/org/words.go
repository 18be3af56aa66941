package org

import (
	"context"

	"ouderportaal/internal/i18n"
	"ouderportaal/modules/children"
)

// i18n:keys org.status.*
func statusWords(ctx context.Context, s children.Status) string {
	return i18n.T(ctx, "org.status."+string(s))
}
