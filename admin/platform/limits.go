package platform

import (
	"context"
	"strconv"
	"strings"

	"ouderportaal/internal/fault"
	"ouderportaal/tenants"
)

// LimitDraft is what is filled in about how much an organisation may have, as typed: whole numbers, empty for no limit.
type LimitDraft struct{ Children, Gigabytes string }

// Gigabyte is a thousand million bytes, as storage is sold.
const Gigabyte = 1_000_000_000

const (
	maxChildren  = 100_000
	maxGigabytes = 1_000_000
)

// SetLimits bounds an organisation. What it has already stays, also when that is more.
func (s *Service) SetLimits(ctx context.Context, slug string, d LimitDraft) error {
	var problems fault.Fields
	children := numberOf(&problems, "children", d.Children, maxChildren)
	gigabytes := numberOf(&problems, "gigabytes", d.Gigabytes, maxGigabytes)
	if err := problems.Err(); err != nil {
		return err
	}
	return s.change(ctx, slug, func(ctx context.Context, tx tenants.Writer) error {
		if t := tx.Tenant(); t.ChildLimit == children && t.StorageLimit == int64(gigabytes)*Gigabyte {
			return nil
		}
		if err := tenants.SetLimits(ctx, tx, children, int64(gigabytes)*Gigabyte); err != nil {
			return err
		}
		return recordDeed(ctx, tx, "platform.set_limits", map[string]any{"children": children, "gigabytes": gigabytes})
	})
}

func numberOf(problems *fault.Fields, field, typed string, most int) int {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return 0
	}
	n, err := strconv.Atoi(typed)
	if err != nil || n < 1 || n > most {
		problems.Add(field, "platform.error.number", map[string]any{"Most": most})
	}
	return n
}
