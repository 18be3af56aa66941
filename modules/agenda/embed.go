package agenda

import "embed"

// Policy says which role may read the agenda and keep it.
//
//go:embed policy.csv
var Policy string

// Locales holds its words.
//
//go:embed locales
var Locales embed.FS
