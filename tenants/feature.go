package tenants

import (
	"context"
	"slices"
)

// Feature is a part of the portal that an organisation can do without.
type Feature string

// The features, by the names that stand in the directory.
const (
	Messages  Feature = "messages"
	Absences  Feature = "absences"
	HomeDiary Feature = "home_diary" // guardians write in the diary
	Album     Feature = "album"
	Agenda    Feature = "agenda"
	Keepsake  Feature = "keepsake"
	News      Feature = "news"
	Push      Feature = "push"
)

// Has tells whether the organisation has not switched f off. Every one has what is no feature: "".
func (t Tenant) Has(f Feature) bool { return f == "" || !slices.Contains(t.Off, string(f)) }

// Offers tells whether visitors can choose the language.
func (t Tenant) Offers(language string) bool {
	return len(t.Languages) == 0 || slices.Contains(t.Languages, language)
}

// Manner is what an organisation decides of how its portal works.
type Manner struct {
	Off       []Feature
	Languages []string // at least one
	Language  string   // of pages before anybody has chosen; one of Languages
}

// Arrange gives the organisation of tx another manner. Every process hears of it at the commit.
func Arrange(ctx context.Context, tx Writer, m Manner) error {
	off := make([]string, len(m.Off)) // an empty list and not NULL
	for i, f := range m.Off {
		off[i] = string(f)
	}
	row := &own{ID: tx.Tenant().ID, Off: off, Languages: m.Languages, Language: m.Language, ChangedAt: tx.Now()}
	return changeOwn(ctx, tx, row, "features_off", "languages", "language", "changed_at")
}
