package children

import "embed"

// Locales holds the words of this module.
//
//go:embed locales
var Locales embed.FS

// Policy holds the casbin lines of this module.
//
//go:embed policy.csv
var Policy string
