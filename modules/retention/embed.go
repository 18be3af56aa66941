package retention

import "embed"

// Policy says who reads how long things are kept, and who decides it.
//
//go:embed policy.csv
var Policy string

// Locales holds its words.
//
//go:embed locales
var Locales embed.FS
