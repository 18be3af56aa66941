package messages

import "embed"

// Policy says which role may do what with messages.
//
//go:embed policy.csv
var Policy string

// Locales holds its words.
//
//go:embed locales
var Locales embed.FS
