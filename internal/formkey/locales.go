package formkey

import "embed"

// Locales holds the words of this package.
//
//go:embed locales/*.json
var Locales embed.FS
