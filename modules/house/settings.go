package house

import (
	"context"
	"fmt"
	"slices"

	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Features are what an organisation can switch off, in the order in which they are listed.
func (s *Service) Features() []tenants.Feature { return s.features }

// Arrange switches features on and off and says which languages are offered. Rows of what is off stay as they are. What is wrong is
// Invalid at "languages" or "language".
func (s *Service) Arrange(ctx context.Context, m tenants.Manner) error {
	var problems fault.Fields
	for _, f := range m.Off {
		if !slices.Contains(s.features, f) {
			return fault.NotFound()
		}
	}
	for _, language := range m.Languages {
		if !slices.Contains(Languages, language) {
			return fault.NotFound()
		}
	}
	if len(m.Languages) == 0 {
		problems.Add("languages", "house.error.no_language")
	} else if !slices.Contains(m.Languages, m.Language) {
		problems.Add("language", "house.error.language")
	}
	if err := problems.Err(); err != nil {
		return err
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if err := tenants.Arrange(ctx, tx, m); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "house.arrange", ids.Nil, map[string]any{"off": m.Off, "languages": m.Languages, "language": m.Language})
	})
	if err != nil {
		return fmt.Errorf("house: arrange: %w", err)
	}
	s.forget(ctx)
	return nil
}
