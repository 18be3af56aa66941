package locations

import "embed"

// Policy says which role may read of locations and keep what is read of them.
//
//go:embed policy.csv
var Policy string

// Locales holds its words.
//
//go:embed locales
var Locales embed.FS
