package keepsake_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/modules/keepsake"
)

// far is a file that has its content at a place behind a gap of zeros.
type far struct {
	gap     int64
	content []byte
}

func (f far) ReadAt(b []byte, at int64) (int, error) {
	if at < f.gap {
		return 0, fmt.Errorf("read in the gap at %d", at)
	}
	return bytes.NewReader(f.content).ReadAt(b, at-f.gap)
}

// TestPiecesAreAZIP: files in pieces, with one directory behind them, at the start of a file and behind six gigabytes, and more
// of them than the short record can count.
func TestPiecesAreAZIP(t *testing.T) {
	at := time.Date(2026, 10, 24, 9, 30, 12, 0, time.UTC)
	for _, c := range []struct {
		gap           int64
		pieces, files int
	}{{0, 1, 1}, {0, 3, 7}, {6 << 30, 3, 7}, {1<<32 - 200, 2, 3}, {0, 7, 10_000}} {
		t.Run(fmt.Sprintf("%d pieces of %d files after %d bytes", c.pieces, c.files, c.gap), func(t *testing.T) {
			var content, directory []byte
			records := 0
			for p := range c.pieces {
				piece := keepsake.NewPiece(c.gap + int64(len(content)))
				for f := range c.files {
					require.NoError(t, keepsake.Add(piece, fmt.Sprintf("Alles van Mïla/%d-%d.txt", p, f), at, f%2 == 0, strings.NewReader(fmt.Sprintf("piece %d file %d", p, f))))
				}
				files, part, n, err := keepsake.Close(piece)
				require.NoError(t, err)
				require.Equal(t, c.files, n)
				content, directory, records = append(content, files...), append(directory, part...), records+n
			}
			size := int64(len(content))
			content = append(append(content, directory...), keepsake.EndOf(records, int64(len(directory)), c.gap+size)...)
			r, err := zip.NewReader(far{c.gap, content}, c.gap+int64(len(content)))
			require.NoError(t, err)
			require.Len(t, r.File, c.pieces*c.files)
			for i, f := range r.File {
				require.False(t, f.NonUTF8)
				require.True(t, f.Modified.Equal(at))
				in, err := f.Open()
				require.NoError(t, err)
				text, err := io.ReadAll(in) // checks the sum
				require.NoError(t, err)
				require.Equal(t, fmt.Sprintf("piece %d file %d", i/c.files, i%c.files), string(text))
			}
		})
	}
}
