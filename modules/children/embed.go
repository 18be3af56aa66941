package children

import "embed"

// Locales holds the words of this module.
//
//go:embed locales
var Locales embed.FS
