package absences

import "embed"

// Policy says which role may report that a child does not come, and choose until when.
//
//go:embed policy.csv
var Policy string

// Locales holds its words.
//
//go:embed locales
var Locales embed.FS
