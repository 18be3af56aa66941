package ui

import "embed"

// Locales holds the words of layouts and components: locales/nl.json and en.json, keys "ui.…".
//
//go:embed locales
var Locales embed.FS
