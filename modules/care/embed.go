package care

import "embed"

// Policy says which role may keep the day of a group.
//
//go:embed policy.csv
var Policy string

// Locales holds its words.
//
//go:embed locales
var Locales embed.FS
