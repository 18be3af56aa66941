package tenants

import "strings"

// VisitorSetting is where the statement that finds a session leaves its person, for the questions that follow it in the same
// Ask; see ForVisitor. It is empty when there is no living session, and gone with the transaction.
const VisitorSetting = "app.visitor_id"

// ForVisitor writes a query that names a person as $2, and has fewer than twenty parameters, for one who need not be known when
// it is sent: with NULL it is about whoever the session turns out to be of. Keep what it gives in a variable of the package: the
// SQL of a Question is a constant.
func ForVisitor(query string) string {
	return strings.ReplaceAll(query, "$2", "(SELECT coalesce($2::uuid, nullif(current_setting('"+VisitorSetting+"', true), '')::uuid))")
}
