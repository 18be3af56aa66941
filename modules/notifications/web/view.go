package web

import "ouderportaal/modules/notifications"

func anyUnread(list notifications.List) bool {
	for _, line := range list.Lines {
		if line.Unread {
			return true
		}
	}
	return false
}
