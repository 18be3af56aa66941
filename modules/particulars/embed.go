package particulars

import "embed"

// Policy says who tells of a child, who reads it, and who decides about changes.
//
//go:embed policy.csv
var Policy string

// Locales holds its words.
//
//go:embed locales
var Locales embed.FS
