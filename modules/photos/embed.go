package photos

import "embed"

// Policy says which role may do what with photos.
//
//go:embed policy.csv
var Policy string

// Locales holds their words.
//
//go:embed locales
var Locales embed.FS
