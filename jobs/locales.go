package jobs

import "embed"

// Locales holds the words for why work was given up.
//
//go:embed locales
var Locales embed.FS
