// Package paging lets a list go on where its last page ended, however many rows came before it meanwhile.
package paging

import (
	"encoding/base64"
	"encoding/binary"
	"time"

	"ouderportaal/internal/ids"
)

// Cursor is the place of a row in a list that is ordered by a moment: what comes after it is on the next page. The zero
// value is the start. Moments are as exact as the database keeps them, a microsecond.
type Cursor struct {
	At time.Time
	ID ids.ID
}

// String packs the cursor for an address; the start is empty.
func (c Cursor) String() string {
	if c.ID == ids.Nil {
		return ""
	}
	raw := binary.BigEndian.AppendUint64(nil, uint64(c.At.UnixMicro()))
	return base64.RawURLEncoding.EncodeToString(append(raw, c.ID[:]...))
}

// Parse unpacks a cursor; what is none is the start.
func Parse(s string) Cursor {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(raw) != 24 {
		return Cursor{}
	}
	c := Cursor{At: time.UnixMicro(int64(binary.BigEndian.Uint64(raw))).UTC(), ID: ids.ID(raw[8:])}
	if year := c.At.Year(); year < 1 || year > 9999 { // the database knows no such moment
		return Cursor{}
	}
	return c
}
