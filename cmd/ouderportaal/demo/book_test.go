package demo

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/ids"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// The demo is started on any day: a leap day, a changed clock, a holiday, early or late.
func TestBookOnAnyDay(t *testing.T) {
	days := []time.Time{time.Date(2028, 2, 29, 23, 30, 0, 0, time.UTC), time.Date(2027, 3, 28, 1, 0, 0, 0, time.UTC), time.Date(2027, 10, 31, 0, 30, 0, 0, time.UTC), time.Date(2027, 1, 1, 3, 0, 0, 0, time.UTC)}
	for week := range 52 {
		days = append(days, time.Date(2027, 1, 4+8*week, week%24, 17, 0, 0, time.UTC))
	}
	for _, now := range days {
		photos := 0
		for _, org := range organisations {
			b := newBook(org, tenants.Tenant{ID: ids.New(), Name: org.name, TimeZone: "Europe/Amsterdam", Language: "nl"}, now, "hash")
			photos += len(b.pictures)
			pictures := map[ids.ID]int{}
			for _, p := range b.pictures {
				pictures[p.past.EntryID]++
				require.NotEmpty(t, p.past.OnIt)
				require.NotContains(t, p.past.Alt, "{")
			}
			for _, e := range b.entries {
				require.False(t, e.PublishedAt.After(now), "%s: %s", now, e.PublishedAt)
				require.NotContains(t, e.Title+e.Body, "{")
				require.NotEmpty(t, e.Children)
				require.LessOrEqual(t, len(e.Children), diary.MaxChildren)
				require.Equal(t, e.Kind == diary.Post, pictures[e.ID] > 0)
			}
			for _, k := range b.pupils {
				require.NotEmpty(t, k.guardians)
				require.Less(t, k.child.BirthOn, k.stays[0].from)
				require.Less(t, k.child.BirthOn, b.today)
			}
			for _, p := range b.people {
				if p.Email != "" {
					email, ok := identity.NormalizeEmail(p.Email)
					require.True(t, ok && email == p.Email, p.Email)
					require.NoError(t, identity.CheckPassword("password", Password, identity.MinPassword, p.GivenName, p.FamilyName, p.Email, org.name, org.slug))
				}
			}
		}
		require.Less(t, photos, 260, now)
		require.Greater(t, photos, 90, now)
	}
}

// The same sentence is not read over and over about one child.
func TestReportsDoNotRepeatThemselves(t *testing.T) {
	b := newBook(organisations[0], tenants.Tenant{ID: ids.New(), TimeZone: "Europe/Amsterdam", Language: "nl"}, time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC), "hash")
	bodies := map[string]int{}
	for _, e := range b.entries {
		if e.Kind == diary.Report {
			bodies[e.Body]++
			require.LessOrEqual(t, bodies[e.Body], 1, e.Body)
		}
	}
	for _, k := range b.pupils {
		for sentence, times := range k.heard {
			require.LessOrEqual(t, times, 3, "%s: %v", k.name(), sentence)
		}
	}
	require.False(t, strings.Contains(Password, "bathmen"))
}
