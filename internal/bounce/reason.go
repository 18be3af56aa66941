package bounce

import (
	"regexp"
	"strconv"
	"strings"
)

// Reason is why a mail did not come, as far as somebody can do something about it.
type Reason string

// The reasons. With Unknown and Unreachable the address does not work; with the others a later mail may come.
const (
	Unknown     Reason = "unknown"     // nobody has that address
	Unreachable Reason = "unreachable" // what stands behind the @ takes no mail
	Full        Reason = "full"        // the mailbox
	Refused     Reason = "refused"     // as spam, or by a rule
	Expired     Reason = "expired"     // tried again and again
	Other       Reason = "other"
)

// Broken tells whether it is the address that does not work.
func (r Reason) Broken() bool { return r == Unknown || r == Unreachable }

// byStatus are the statuses of RFC 3463 that say more than their class, without the class. Those with 5.1.10 and 5.4.1 are how Exchange
// says that it knows nobody of that name.
var byStatus = map[string]Reason{
	"1.1": Unknown, "1.3": Unknown, "1.6": Unknown, "1.10": Unknown, "2.1": Unknown, "4.1": Unknown,
	"1.2": Unreachable, "4.4": Unreachable, "4.310": Unreachable, "4.312": Unreachable,
	"2.2": Full, "4.7": Expired,
}

// byCode is what a reply of RFC 5321 says when there is no status, or none that says anything.
var byCode = map[int]Reason{550: Unknown, 551: Unknown, 553: Unknown, 552: Full, 452: Full, 554: Refused}

// ReasonOf reads a reply: its code or 0, and its status or nothing.
func ReasonOf(code int, status string) Reason {
	class, detail, _ := strings.Cut(status, ".")
	if class == "4" && (detail == "1.1" || detail == "4.1" || detail == "4.4") { // it said so for days: the server, not the mailbox
		return Expired
	}
	if r, known := byStatus[detail]; known {
		return r
	}
	if strings.HasPrefix(detail, "7.") {
		return Refused
	}
	if r, known := byCode[code]; known && (detail == "" || detail == "0.0") {
		return r
	}
	if class == "4" || code >= 400 && code < 500 {
		return Expired
	}
	return Other
}

var reply = regexp.MustCompile(`(?:^|: )([245]\d\d)?(?:\b *([245]\.\d{1,3}\.\d{1,3}))?$`)

// ReasonIn is ReasonOf for the end of a line such as Report.String and mail.Failure make.
func ReasonIn(line string) Reason {
	found := reply.FindStringSubmatch(line)
	if found == nil {
		return Other
	}
	code, _ := strconv.Atoi(found[1])
	return ReasonOf(code, found[2])
}
