package bounce

import (
	"bufio"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"regexp"
	"strconv"
	"strings"
)

// Report is what a mail server says of a mail that it gives up. It names nobody.
type Report struct {
	Code   int    // of the reply; 0 when there was none
	Status string // of RFC 3463, such as 5.1.1
}

// String is the report as it is kept in a row; ReasonIn reads it.
func (r Report) String() string {
	text := "bounce:"
	if r.Code != 0 {
		text += " " + strconv.Itoa(r.Code)
	}
	if r.Status != "" {
		text += " " + r.Status
	}
	return text
}

// Reason is what the report comes down to.
func (r Report) Reason() Reason { return ReasonOf(r.Code, r.Status) }

// Returned is a mail that came to a return address.
type Returned struct {
	To     []string // the addresses that it may have come to, the surest first
	Report *Report  // nil: it is no report of a failure, but one of a delay, an answer of somebody who is away, or spam
}

// Bounds of what is looked at: a report has three parts, and what was wrong stands at its beginning.
const (
	mostParts = 10
	mostPart  = 256 << 10
)

// Read reads a mail that came back. An error means that it is no mail at all.
func Read(r io.Reader) (Returned, error) {
	message, err := mail.ReadMessage(bufio.NewReader(r))
	if err != nil {
		return Returned{}, fmt.Errorf("bounce: read mail: %w", err)
	}
	back := Returned{To: recipients(message.Header)}
	kind, params, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	if err == nil && kind == "multipart/report" && strings.EqualFold(params["report-type"], "delivery-status") {
		back.Report = fromParts(multipart.NewReader(message.Body, params["boundary"]))
		return back, nil
	}
	back.Report = fromText(decoded(message.Body, message.Header.Get("Content-Transfer-Encoding")))
	return back, nil
}

// recipients are where the mail came to: what the last server of ours wrote on the envelope, and then what the sender wrote.
func recipients(header mail.Header) []string {
	var list []string
	for _, name := range []string{"X-Original-To", "Delivered-To", "Envelope-To", "X-Envelope-To", "To"} {
		for _, line := range header[textproto.CanonicalMIMEHeaderKey(name)] {
			found, err := mail.ParseAddressList(line)
			if err != nil {
				list = append(list, strings.Trim(strings.TrimSpace(line), "<>"))
				continue
			}
			for _, a := range found {
				list = append(list, a.Address)
			}
		}
	}
	return list
}

// fromParts finds the part that machines read (RFC 3464).
func fromParts(parts *multipart.Reader) *Report {
	for range mostParts {
		part, err := parts.NextRawPart()
		if err != nil {
			return nil
		}
		kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type"))
		if kind == "message/delivery-status" || kind == "message/global-delivery-status" {
			return fromStatus(decoded(part, part.Header.Get("Content-Transfer-Encoding")))
		}
	}
	return nil
}

func decoded(r io.Reader, encoding string) io.Reader {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	}
	return io.LimitReader(r, mostPart)
}

var (
	code   = regexp.MustCompile(`\b([45]\d\d)(?:[ -]|$)`)
	status = regexp.MustCompile(`\b([245]\.\d{1,3}\.\d{1,3})\b`)
)

// fromStatus reads groups of fields: one about the mail, and one about each recipient, of whom our mails have one.
func fromStatus(r io.Reader) *Report {
	fields := textproto.NewReader(bufio.NewReader(r))
	for {
		group, err := fields.ReadMIMEHeader()
		if strings.EqualFold(strings.TrimSpace(group.Get("Action")), "failed") {
			return &Report{Code: codeIn(group.Get("Diagnostic-Code")), Status: statusIn(group)}
		}
		if err != nil && (errors.Is(err, io.EOF) || len(group) == 0) {
			return nil
		}
	}
}

// statusIn prefers what the other server said to the 5.0.0 that some write for want of anything better.
func statusIn(group textproto.MIMEHeader) string {
	said := status.FindString(group.Get("Status"))
	if said == "" || strings.HasSuffix(said, ".0.0") {
		if diagnosed := status.FindString(group.Get("Diagnostic-Code")); diagnosed != "" {
			return diagnosed
		}
	}
	return said
}

func codeIn(text string) int {
	found := code.FindStringSubmatch(text)
	if found == nil {
		return 0
	}
	n, _ := strconv.Atoi(found[1])
	return n
}

// opening is how qmail and its kin begin, which write for people only.
var opening = regexp.MustCompile(`(?i)^\s*(?:hi\. this is the .*(?:qmail|program)|this is the mail delivery agent|this message was created automatically by mail delivery software)`)

// fromText reads the first lines of a report without parts; it takes only what begins as such a report does.
func fromText(r io.Reader) *Report {
	text, err := io.ReadAll(io.LimitReader(r, 8<<10))
	if err != nil || !opening.Match(text) {
		return nil
	}
	body, _, _ := strings.Cut(string(text), "--- Below this line") // the mail itself follows
	body, _, _ = strings.Cut(body, "------ This is a copy")
	if strings.Contains(body, "delayed") || strings.Contains(body, "will be retried") {
		return nil
	}
	return &Report{Code: codeIn(body), Status: status.FindString(body)}
}
