package messages

import (
	"context"
	"slices"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/live"
	"ouderportaal/modules/children"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

// groupFor is the group that a message about a child goes to, or past: the only one that the child is in, or the chosen one of several. To
// management any will do when they are all of one location.
func groupFor(ctx context.Context, tx tenants.Reader, child children.Named, draft Draft) (children.Group, error) {
	all, err := children.GroupsByChild(ctx, tx, child.ID)
	if err != nil {
		return children.Group{}, err
	}
	groups := all[child.ID]
	var problems fault.Fields
	if len(groups) == 0 {
		problems.Add("child", "messages.error.nobody_reads", map[string]any{"Name": child.GivenName})
		return children.Group{}, problems.Err()
	}
	elsewhere := func(g children.Group) bool { return g.LocationID != groups[0].LocationID }
	if len(groups) == 1 || draft.ToManagement && !slices.ContainsFunc(groups, elsewhere) {
		return groups[0], nil
	}
	if draft.GroupID == ids.Nil {
		problems.Add("group", "messages.error.group_required")
		return children.Group{}, problems.Err()
	}
	at := slices.IndexFunc(groups, func(g children.Group) bool { return g.ID == draft.GroupID })
	if at < 0 {
		problems.Add("group", "messages.error.other_group", map[string]any{"Name": child.GivenName})
		return children.Group{}, problems.Err()
	}
	return groups[at], nil
}

// mustBeRead says so when nobody would read a line to management: whoever runs the location has a tie to the child.
func mustBeRead(ctx context.Context, tx tenants.Reader, t *Thread) error {
	first, _, err := leadersOn(ctx, tx, t.ID, t.LocationID)
	if err != nil || len(first) > 0 {
		return err
	}
	var problems fault.Fields
	problems.Add("to", "messages.error.no_management")
	return problems.Err()
}

// leadersOn gives who sees a thread because they run its location, and of them those who are told of it first: the managers of the
// location, and the admins where none of those may read it.
func leadersOn(ctx context.Context, tx tenants.Reader, thread, location ids.ID) (first, all []ids.ID, err error) {
	who, err := children.LeadersOf(ctx, tx, location)
	if err != nil {
		return nil, nil, err
	}
	if first, err = whoSeeOf(ctx, tx, notifications.Management, thread, who.Managers); err != nil {
		return nil, nil, err
	}
	admins, err := whoSeeOf(ctx, tx, notifications.Management, thread, who.Admins)
	if len(first) == 0 {
		first = admins
	}
	return first, ids.Once(append(slices.Clone(first), admins...)), err
}

// topicsAtWork are those of who sees a thread at work. Nobody of a group hears that something moves in a conversation with management.
func topicsAtWork(ctx context.Context, tx tenants.Reader, h *Heading) ([]string, error) {
	if !h.ToManagement() {
		return []string{live.Group(h.GroupID)}, nil
	}
	_, all, err := leadersOn(ctx, tx, h.ID, h.LocationID)
	topics := make([]string, len(all))
	for i, person := range all {
		topics[i] = live.Person(person)
	}
	return topics, err
}

// signal has the pages look again of who sees a thread at work, and of others by their topics.
func signal(ctx context.Context, tx tenants.Writer, h *Heading, topics ...string) error {
	at, err := topicsAtWork(ctx, tx, h)
	if err != nil {
		return err
	}
	return live.Signal(ctx, tx, append(topics, at...)...)
}
