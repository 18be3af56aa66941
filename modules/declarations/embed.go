package declarations

import "embed"

// Policy says who may answer, who sees what was answered and reminds, and who decides what is asked.
//
//go:embed policy.csv
var Policy string

// Locales holds its words.
//
//go:embed locales
var Locales embed.FS
