package main

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/diary"
)

// What a page costs, in numbers that a busy machine does not change; make bench measures the rest.

// wire passes everything on to PostgreSQL and counts how often the program waits for an answer.
type wire struct {
	trips  atomic.Int64
	notice func(fields []byte) // is told what PostgreSQL remarks; may be nil
}

// through gives the address of a database by way of the wire.
func (w *wire) through(t *testing.T, database string) string {
	t.Helper()
	to, err := url.Parse(database)
	require.NoError(t, err)
	server := to.Host
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			from, err := ln.Accept()
			if err != nil {
				return
			}
			go w.join(from, server)
		}
	}()
	to.Host = ln.Addr().String()
	return to.String()
}

func (w *wire) join(from net.Conn, server string) {
	defer from.Close()
	to, err := net.Dial("tcp", server)
	if err != nil {
		return
	}
	defer to.Close()
	go func() {
		defer from.Close()
		pass(to, from, 5, func(kind byte, content []byte) {
			if kind == 'N' && w.notice != nil {
				w.notice(content)
			}
		})
	}()
	// A Sync and a simple Query are what the server answers at once; they count before the server can answer.
	pass(from, to, 4, func(kind byte, _ []byte) {
		if kind == 'S' || kind == 'Q' {
			w.trips.Add(1)
		}
	})
}

// pass reads the protocol: each message is a letter and its length, but for the one with which a client starts, which is first and has
// no letter. Heads are as long as that takes.
func pass(from io.Reader, to io.Writer, first int, seen func(kind byte, content []byte)) {
	var message bytes.Buffer
	for head := make([]byte, first); ; head = make([]byte, 5) {
		if _, err := io.ReadFull(from, head); err != nil {
			return
		}
		message.Reset()
		message.Write(head)
		if _, err := io.CopyN(&message, from, int64(binary.BigEndian.Uint32(head[len(head)-4:]))-4); err != nil {
			return
		}
		if len(head) == 5 {
			seen(head[0], message.Bytes()[5:])
		}
		if _, err := to.Write(message.Bytes()); err != nil {
			return
		}
	}
}

func TestWhatATimelineCosts(t *testing.T) {
	var database wire
	e := *dbtest.New(t)
	e.URL.App = database.through(t, e.URL.App)
	p := newPortal(t, &e)
	mila := p.a.AddChild("Mila", p.a.Group)
	for range diary.PageSize + 1 {
		fillWithPhotos(t, p, publish(t, p, mila), mila)
	}
	b := p.browser(p.a.AddParent("Eva", mila), e.A)
	var page string
	trips := func(path string) int64 {
		b.Get(path) // statements are prepared, the organisation is known
		before := database.trips.Load()
		page = b.Get(path).Is(http.StatusOK).Body
		return database.trips.Load() - before
	}
	require.EqualValues(t, 1, trips("/"), "one for the session and the page")
	older := nextPage.FindStringSubmatch(page)
	require.NotNil(t, older)
	require.EqualValues(t, 1, trips(older[1]), "the same")
	trips("/")
	require.Equal(t, diary.PageSize, strings.Count(page, `data-qa="entry"`))
	require.Equal(t, 2*diary.PageSize, strings.Count(page, "srcset="))

	var small bytes.Buffer
	squeeze := brotli.NewWriter(&small)
	_, err := squeeze.Write([]byte(page))
	require.NoError(t, err)
	require.NoError(t, squeeze.Close())
	require.LessOrEqual(t, small.Len(), 20_000, "bytes of a page of twenty posts, in brotli")
	t.Logf("%d bytes of HTML, %d in brotli", len(page), small.Len())

	photo := "/fotos/" + ids.New().String() + "/640.webp"
	b.Get(photo)
	before := database.trips.Load()
	b.Get(photo).Is(http.StatusNotFound)
	require.EqualValues(t, 2, database.trips.Load()-before, "one for the session, one for the photo")
}

// fillWithPhotos writes two photos and a text of sixty words into an entry. Pictures behind the photos are not needed.
func fillWithPhotos(t *testing.T, p *portal, entry, child ids.ID) {
	t.Helper()
	media := make([]string, 2)
	for i := range media {
		media[i] = `{"id": "` + ids.New().String() + `", "w": 4032, "h": 3024, "t": "3OcRJYB4d3h/iIeHeEh3eIhw+j2w", "a": "Een kind met laarzen in een plas, foto ` + strconv.Itoa(i) + `", "c": ["` + child.String() + `"]}`
	}
	conn, err := pgx.Connect(t.Context(), p.e.URL.Owner)
	require.NoError(t, err)
	defer conn.Close(t.Context())
	text := make([]string, 60)
	for i := range text {
		text[i] = rand.Text()[:3+i%6]
	}
	_, err = conn.Exec(t.Context(), `UPDATE diary_entry SET media = $2::text::jsonb, body = $3 WHERE id = $1`, entry.String(), "["+strings.Join(media, ",")+"]", strings.Join(text, " "))
	require.NoError(t, err)
}
