package org

import (
	"context"
	"slices"

	"github.com/gofiber/fiber/v2"

	"ouderportaal/internal/web"
	"ouderportaal/modules/house"
)

// start is what an organisation has of what it needs before parents come.
type start struct {
	House                house.Start
	Staff, News, Invited bool
}

// step is one of the first things to do in an organisation that has just begun.
type step struct {
	key, href string
	done      bool
}

// steps are those, in the order in which one helps the next; without news where an organisation does without.
// i18n:keys org.overview.step.*
func (o overview) steps(ctx context.Context) []step {
	steps := []step{
		{"location", placesPath, o.Locations > 0},
		{"group", placesPath, o.Groups > 0},
		{"staff", staffPath, o.Start.Staff},
		{"children", "/beheer/importeren", o.Children > 0},
		{"style", "/beheer/huisstijl", o.Start.House.Styled},
		{"news", "/beheer/nieuws", o.Start.News},
		{"invitations", invitationsPath, o.Start.Invited},
	}
	return slices.DeleteFunc(steps, func(s step) bool { return s.key == "news" && !web.May(ctx, "news.keep") })
}

// starting tells whether the reader still has first steps to take, and wants to see them.
func (o overview) starting(ctx context.Context) bool {
	return o.whole(ctx) && !o.Start.House.Over && slices.ContainsFunc(o.steps(ctx), func(s step) bool { return !s.done })
}

// stepsDone is how many of the steps are taken.
func stepsDone(steps []step) (n int) {
	for _, s := range steps {
		if s.done {
			n++
		}
	}
	return n
}

func (h *OverviewPages) endSteps(c *fiber.Ctx) error {
	if err := h.house.EndStart(web.Ctx(c)); err != nil {
		return err
	}
	return saved(c, "org.overview.first.over", "/beheer")
}
