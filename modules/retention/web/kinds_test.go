package web

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/modules/retention"
)

// covered are the tables with something of a child or a guardian, with the kinds under which the page tells of it.
var covered = map[string]string{
	"absence":                 "file",
	"account_link":            "account",
	"account_link_request":    "account",
	"address_problem":         "news",
	"agenda_feed":             "account",
	"article_reading":         "reading",
	"attempt":                 "account",
	"audit_entry":             "log",
	"audit_value":             "log",
	"browser":                 "account",
	"care_change":             "file office", // a stay is a record of care
	"care_record":             "file office",
	"change_request":          "health account", // of a child, or of oneself
	"child":                   "file",
	"child_access":            "log",
	"child_contact":           "health",
	"child_number":            "office",
	"child_particulars":       "health",
	"consent_answer":          "answers",
	"consent_state":           "answers",
	"consent_told":            "answers",
	"declaration_answer":      "answers",
	"declaration_draft":       "answers",
	"declaration_file":        "answers",
	"declaration_told":        "answers",
	"delivery":                "news",
	"diary_day":               "file",
	"diary_entry":             "file",
	"diary_entry_child":       "file",
	"diary_heart":             "file",
	"diary_reading":           "reading",
	"diary_visit":             "reading",
	"email_change":            "account",
	"event":                   "news", // what mails and notifications are made of
	"guardianship":            "account",
	"import_file":             "office",
	"invitation":              "account",
	"job":                     "news",
	"keepsake":                "account",
	"keepsake_item":           "account",
	"keepsake_offer":          "account",
	"keepsake_part":           "account",
	"membership":              "account",
	"mentorship":              "file",
	"message":                 "messages",
	"message_assignment":      "messages",
	"message_attachment":      "messages",
	"message_mailing":         "messages",
	"message_note":            "messages",
	"message_reading":         "reading",
	"message_thread":          "messages",
	"message_thread_member":   "messages",
	"message_withdrawal":      "messages",
	"message_word":            "messages",
	"notification":            "news",
	"notification_device":     "account",
	"notification_gathered":   "news",
	"notification_gathering":  "news",
	"notification_preference": "account",
	"notification_rhythm":     "account",
	"one_time_link":           "account",
	"operator_visit":          "log",
	"passkey":                 "account",
	"passkey_challenge":       "account",
	"person":                  "account",
	"photo":                   "file",
	"photo_child":             "file",
	"photo_report":            "file",
	"placement":               "office",
	"placement_day":           "office",
	"recovery_code":           "account",
	"retention_hold":          "file",
	"retention_notice":        "file",
	"session":                 "account",
	"sign_in_wait":            "account",
	"submission":              "account",
	"totp":                    "account",
}

// others are the tables with nothing of a child or a guardian, with what they are of.
var others = map[string]string{
	"absence_setting":      "the organisation",
	"agenda_entry":         "the organisation: what is in the agenda of a group or a location",
	"article":              "the organisation; who wrote it works there",
	"article_file":         "the organisation",
	"article_group":        "the organisation",
	"article_location":     "the organisation",
	"article_version":      "the organisation",
	"audit_link":           "fingerprints of the log",
	"care_group":           "the organisation",
	"consent_definition":   "the organisation: what is asked",
	"consent_text":         "the organisation",
	"declaration":          "the organisation: what is asked",
	"declaration_group":    "the organisation",
	"declaration_location": "the organisation",
	"declaration_text":     "the organisation",
	"example_data":         "data that are made up",
	"group_assignment":     "who works there",
	"house_logo":           "the organisation",
	"house_start":          "the organisation",
	"house_style":          "the organisation",
	"import_mapping":       "the organisation: what the columns of its files are called",
	"invitation_setting":   "the organisation",
	"location":             "the organisation",
	"location_care":        "the organisation",
	"location_exception":   "the organisation",
	"location_opening":     "the organisation",
	"membership_location":  "who works there",
	"message_hours":        "the organisation",
	"message_template":     "the organisation",
	"operator":             "who runs the platform",
	"operator_attempt":     "who runs the platform",
	"operator_link":        "who runs the platform",
	"operator_log":         "who runs the platform",
	"operator_passkey":     "who runs the platform",
	"operator_session":     "who runs the platform",
	"retention_setting":    "the organisation",
	"staff_invitation":     "who works there",
	"staff_photo":          "who works there",
	"staff_profile":        "who works there",
	"statement_text":       "the organisation",
	"system_banner":        "the platform",
	"tenant":               "the organisation",
	"tenant_usage":         "the organisation",
}

// Every table is of a kind that the page tells of, or is of nobody who reads it. Whoever adds one decides which, and mends the words.
func TestThePageTellsOfEveryTable(t *testing.T) {
	rows, err := dbtest.New(t).Owner(t).Query(t.Context(), "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name NOT LIKE '%migration%'")
	require.NoError(t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	var told []string
	for _, topic := range append(ofChild(t.Context(), &retention.Kept{}), ofReader(t.Context())...) {
		told = append(told, topic.key)
	}
	for _, table := range tables {
		require.True(t, (covered[table] != "") != (others[table] != ""), "%s is of a kind that the page tells of, or of others, and not both", table)
	}
	used := map[string]bool{}
	for table, kinds := range covered {
		require.Contains(t, tables, table, "is no table any more")
		for _, kind := range strings.Fields(kinds) {
			require.Contains(t, told, kind, table)
			used[kind] = true
		}
	}
	for table := range others {
		require.Contains(t, tables, table, "is no table any more")
	}
	require.Len(t, used, len(told), "the page tells of nothing that is not kept")
}
