package keepsake

import "embed"

// Policy says who may take everything of a child home.
//
//go:embed policy.csv
var Policy string

// Locales holds the words of the pages, the mails and the file itself.
//
//go:embed locales/*.json
var Locales embed.FS

//go:embed book.css
var bookStyle string
