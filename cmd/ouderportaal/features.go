package main

import (
	"strings"

	"ouderportaal/tenants"
)

// features are the parts of the portal that an organisation can do without, in the order in which the console lists them, each with
// the permissions that go with it: one by itself, or a module's. Every route, menu item and button asks for one of them.
var features = []struct {
	name        tenants.Feature
	permissions []string
}{
	{tenants.Messages, []string{"messages"}},
	{tenants.Absences, []string{"absences"}},
	{tenants.HomeDiary, []string{"diary.write"}},
	{tenants.Album, []string{"diary.album"}},
	{tenants.Agenda, []string{"agenda"}},
	{tenants.Keepsake, []string{"keepsake"}},
	{tenants.News, []string{"news"}},
	{tenants.Push, []string{"notifications.push"}},
}

var featureOf = func() map[string]tenants.Feature {
	known := map[string]tenants.Feature{}
	for _, f := range features {
		for _, permission := range f.permissions {
			known[permission] = f.name
		}
	}
	return known
}()

// feature names what a permission is a part of; nothing for what every organisation has.
func feature(permission string) tenants.Feature {
	if f, ok := featureOf[permission]; ok {
		return f
	}
	module, _, _ := strings.Cut(permission, ".")
	return featureOf[module]
}

func featureNames() []tenants.Feature {
	var names []tenants.Feature
	for _, f := range features {
		names = append(names, f.name)
	}
	return names
}
