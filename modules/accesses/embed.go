package accesses

import "embed"

// Policy says which role may see who opened what.
//
//go:embed policy.csv
var Policy string

// Locales holds its words.
//
//go:embed locales
var Locales embed.FS
