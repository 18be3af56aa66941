package webtest

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// firstAnswer is how long a server may take to begin.
const firstAnswer = 3 * time.Second

// Raw sends bytes as they are on a connection of their own, and gives the answers until the server closes or stays silent
// for wait; the first answer gets longer, because a busy machine is no silence. A broken answer ends the list.
func (s *Site) Raw(wait time.Duration, parts ...string) []RawAnswer {
	s.t.Helper()
	conn, err := net.Dial("tcp", s.Addr)
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	for i, part := range parts {
		if i > 0 {
			time.Sleep(50 * time.Millisecond) // a packet of its own
		}
		if _, err := io.WriteString(conn, part); err != nil {
			break // the server may have closed already; what it said is read below
		}
	}
	return readAnswers(conn, wait)
}

// RawAnswer is one answer on a raw connection.
type RawAnswer struct {
	Status int
	Header http.Header
	Body   string
	Closed bool // the server says or shows that nothing more is read from the connection
}

func readAnswers(conn net.Conn, wait time.Duration) []RawAnswer {
	var list []RawAnswer
	reader := bufio.NewReader(conn)
	for {
		patience := wait
		if len(list) == 0 {
			patience = max(wait, firstAnswer)
		}
		_ = conn.SetReadDeadline(time.Now().Add(patience))
		if _, err := reader.Peek(1); err != nil {
			if len(list) > 0 && err == io.EOF {
				list[len(list)-1].Closed = true
			}
			return list
		}
		res, err := http.ReadResponse(reader, nil)
		if err != nil {
			return list
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		list = append(list, RawAnswer{Status: res.StatusCode, Header: res.Header, Body: string(body)})
		if err != nil {
			return list
		}
	}
}

// Request joins lines with CRLF and ends the head; body follows it.
func Request(body string, lines ...string) string {
	return strings.Join(lines, "\r\n") + "\r\n\r\n" + body
}
