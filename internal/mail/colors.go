package mail

import "ouderportaal/internal/theme"

// ColorsOf follows an organisation's one colour, in the hex notation that mail programs know.
func ColorsOf(hue, chroma float64) Colors {
	t := theme.New(hue, chroma)
	light := func(name theme.Name) string { return t.Light(name).Hex() }
	dark := func(name theme.Name) string { return t.Dark(name).Hex() }
	return Colors{
		Head: light("brand-900"), HeadText: light("on-brand"), Button: light("brand-700"), ButtonText: light("on-brand"),
		Page: light("paper"), Card: light("card"), Ink: light("ink"), Muted: light("ink-2"), Faint: light("ink-3"), Line: light("line"),
		DarkPage: dark("paper"), DarkCard: dark("card"), DarkInk: dark("ink"), DarkMuted: dark("ink-2"), DarkFaint: dark("ink-3"), DarkLine: dark("line"),
		DarkButton: dark("primary"), DarkButtonText: dark("on-primary"), DarkLink: dark("primary"),
	}
}
