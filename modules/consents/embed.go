package consents

import "embed"

// Policy says who may answer, who keeps answers on paper, and who decides what is asked.
//
//go:embed policy.csv
var Policy string

// Locales holds its words.
//
//go:embed locales
var Locales embed.FS
