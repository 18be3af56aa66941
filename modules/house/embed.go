package house

import "embed"

// Policy says who decides how the portal of an organisation looks and what it says of itself.
//
//go:embed policy.csv
var Policy string

// Locales holds its words.
//
//go:embed locales
var Locales embed.FS
