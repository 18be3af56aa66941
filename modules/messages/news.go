package messages

import (
	"cmp"
	"context"
	"strings"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/i18n"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

// offer adds the news of messages. Its subject is the message.
func (s *Service) offer() {
	path := func(message ids.ID) string { return "/berichten/bericht/" + message.String() }
	s.notifications.Offer(
		notifications.Item{Name: notifications.MessageItem, For: notifications.Guardians, Feature: tenants.Messages, Label: "messages.item.guardian", Line: "messages.line", Path: path,
			Compose: s.composeForGuardians, Describe: describe},
		notifications.Item{Name: notifications.GroupMessageItem, For: notifications.Staff, Feature: tenants.Messages, Label: "messages.item.group", Line: "messages.line", Path: path,
			Compose: s.composeForGroup, Describe: describe},
		notifications.Item{Name: notifications.ManagementMessageItem, For: notifications.Management, Feature: tenants.Messages, Label: "messages.item.management", Line: "messages.line", Path: path,
			Compose: s.composeForManagement, Describe: describe},
	)
	for item, audience := range assignedItems {
		s.notifications.Offer(notifications.Item{Name: item, For: audience, Feature: tenants.Messages, Line: "messages.assigned.line", Path: func(thread ids.ID) string { return "/berichten/" + thread.String() }, Describe: describeAssigned})
	}
}

// audiences are who is told of messages, each by an item of its own.
var audiences = []notifications.Audience{notifications.Guardians, notifications.Staff, notifications.Management}

// itemFor is the item by which an audience is told of what was written to it.
func itemFor(audience notifications.Audience) string {
	switch audience {
	case notifications.Guardians:
		return notifications.MessageItem
	case notifications.Staff:
		return notifications.GroupMessageItem
	}
	return notifications.ManagementMessageItem
}

// withdrawnSubject names a conversation of which the message that began it was withdrawn.
const withdrawnSubject = "messages.withdrawn.subject"

// describe says in the list of notifications who wrote about what, to whoever may still read it.
func describe(ctx context.Context, tx tenants.Reader, who actor.Actor, subjects []ids.ID) (map[ids.ID]string, error) {
	rule, known := seen[who.Role]
	if !known || who.TenantID != tx.Tenant().ID {
		return nil, nil
	}
	messages, err := selectTold(ctx, tx, subjects, who, rule)
	if err != nil {
		return nil, err
	}
	said := make(map[ids.ID]string, len(messages))
	for id, m := range messages {
		said[id] = i18n.T(ctx, "messages.told", "Author", m.AuthorName, "Child", m.ChildName, "Subject", cmp.Or(m.Subject, i18n.T(ctx, withdrawnSubject)))
	}
	return said, nil
}

// everyThread lets all through, and uses the parameters that rules use.
const everyThread = `true OR $2::uuid IS NULL OR $3::date IS NULL`

// composeForGuardians writes to the members who see the thread still; the others get nothing.
func (s *Service) composeForGuardians(ctx context.Context, tx tenants.Reader, to []notifications.Telling) (map[ids.ID]notifications.Letter, error) {
	return compose(ctx, tx, notifications.Guardians, to)
}

// composeForGroup writes to who still works in the group, and may still know of the child.
func (s *Service) composeForGroup(ctx context.Context, tx tenants.Reader, to []notifications.Telling) (map[ids.ID]notifications.Letter, error) {
	return compose(ctx, tx, notifications.Staff, to)
}

// composeForManagement writes to who still runs the location, in a role in which they may read it.
func (s *Service) composeForManagement(ctx context.Context, tx tenants.Reader, to []notifications.Telling) (map[ids.ID]notifications.Letter, error) {
	return compose(ctx, tx, notifications.Management, to)
}

// compose writes to those who see, in an audience, the thread of the message that they are told of.
func compose(ctx context.Context, tx tenants.Reader, in notifications.Audience, to []notifications.Telling) (map[ids.ID]notifications.Letter, error) {
	messages, err := selectTold(ctx, tx, subjectsOf(to), actor.Actor{}, everyThread)
	if err != nil {
		return nil, err
	}
	var readers []reader
	for _, t := range to {
		if m := messages[t.SubjectID]; m != nil {
			readers = append(readers, reader{t.Person.PersonID, m.ThreadID})
		}
	}
	see, err := whoSee(ctx, tx, in, readers)
	if err != nil {
		return nil, err
	}
	return letters(to, messages, func(m *told, person ids.ID) bool { return see[reader{person, m.ThreadID}] }), nil
}

func subjectsOf(to []notifications.Telling) []ids.ID {
	list := make([]ids.ID, len(to))
	for i, t := range to {
		list[i] = t.SubjectID
	}
	return list
}

func letters(to []notifications.Telling, messages map[ids.ID]*told, may func(*told, ids.ID) bool) map[ids.ID]notifications.Letter {
	written := make(map[ids.ID]notifications.Letter, len(to))
	for _, t := range to {
		if m := messages[t.SubjectID]; m != nil && may(m, t.Person.PersonID) {
			written[t.DeliveryID] = m.letter(t.Words)
		}
	}
	return written
}

// mailed is how much of a message its mail has, in characters.
const mailed = 240

// letter has the subject and the beginning of the message: enough to know whether it can wait.
func (m *told) letter(say *i18n.Localizer) notifications.Letter {
	from := m.AuthorName
	switch {
	case m.Side == Guardian:
	case m.Location != "":
		from = say.T("messages.mail.from_management", "Author", m.AuthorName, "Location", m.Location)
	default:
		from = say.T("messages.mail.from_group", "Author", m.AuthorName, "Group", m.GroupName)
	}
	begin, subject := shorten(m.Body, mailed), cmp.Or(m.Subject, say.T(withdrawnSubject))
	return notifications.Letter{
		Subject: say.T("messages.mail.subject", "Author", m.AuthorName, "Subject", subject), Preheader: begin, Title: subject,
		Paragraphs: []string{say.T("messages.mail.wrote", "From", from, "Child", m.ChildName), begin}, ButtonText: say.T("messages.mail.button"),
	}
}

// shorten gives the beginning of a text on one line, cut between words.
func shorten(text string, most int) string {
	runes := []rune(oneLine(text))
	if len(runes) <= most {
		return string(runes)
	}
	begin := string(runes[:most])
	if space := strings.LastIndexByte(begin, ' '); space > most/2 {
		begin = begin[:space]
	}
	return begin + "…"
}
