package news

import "embed"

// Policy says which role may do what with news.
//
//go:embed policy.csv
var Policy string

// Locales holds its words.
//
//go:embed locales
var Locales embed.FS
