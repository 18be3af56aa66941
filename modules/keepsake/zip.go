package keepsake

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"time"
)

// A ZIP is files one after the other, and at its end a directory that says where each begins. A piece is some of the files,
// written by archive/zip as if all before it were there already; the directories of all pieces, one after the other, and a last
// record make the end. The numbers below are those of PKWARE's APPNOTE 6.3.10.
type piece struct {
	out  bytes.Buffer
	zip  *zip.Writer
	base int64
}

// newPiece begins a piece that comes after base bytes.
func newPiece(base int64) *piece {
	p := &piece{base: base}
	p.zip = zip.NewWriter(&p.out)
	p.zip.SetOffset(base)
	return p
}

// size is how many bytes there are so far.
func (p *piece) size() int {
	_ = p.zip.Flush() // a buffer takes everything
	return p.out.Len()
}

// add writes a file. What is small already, as photos are, is stored as it is.
func (p *piece) add(name string, at time.Time, small bool, content io.Reader) error {
	into, err := p.create(name, at, small)
	if err != nil {
		return err
	}
	_, err = io.Copy(into, content)
	return err
}

// create begins a file, which lasts until the next one; small is what cannot be made smaller.
func (p *piece) create(name string, at time.Time, small bool) (io.Writer, error) {
	method := zip.Deflate
	if small {
		method = zip.Store
	}
	return p.zip.CreateHeader(&zip.FileHeader{Name: name, Method: method, Modified: at.Truncate(time.Second)})
}

// 4.3.16, 4.3.15 and 4.3.14: the sizes of the records at the end.
const (
	endSize     = 22
	locatorSize = 20
	end64Size   = 56
)

var errNoEnd = errors.New("keepsake: the end of a piece is not where it should be")

// close gives the files of the piece, what the directory says of them, and how many they are. Both stay valid as long as the piece.
func (p *piece) close() (files, directory []byte, records int, err error) {
	if err := p.zip.Close(); err != nil {
		return nil, nil, 0, err
	}
	whole := p.out.Bytes()
	if len(whole) < endSize {
		return nil, nil, 0, errNoEnd
	}
	ends := len(whole) - endSize
	end := whole[ends:]
	if binary.LittleEndian.Uint32(end) != 0x06054b50 {
		return nil, nil, 0, errNoEnd
	}
	count, size := uint64(binary.LittleEndian.Uint16(end[10:])), uint64(binary.LittleEndian.Uint32(end[12:]))
	if at := ends - locatorSize - end64Size; at >= 0 && binary.LittleEndian.Uint32(whole[ends-locatorSize:]) == 0x07064b50 {
		end64 := whole[at:]
		if binary.LittleEndian.Uint32(end64) != 0x06064b50 {
			return nil, nil, 0, errNoEnd
		}
		count, size, ends = binary.LittleEndian.Uint64(end64[32:]), binary.LittleEndian.Uint64(end64[40:]), at
	}
	if size > uint64(ends) {
		return nil, nil, 0, errNoEnd
	}
	begins := ends - int(size)
	return whole[:begins], whole[begins:ends], int(count), nil
}

// endOf is the last record of a ZIP whose directory has so many records and bytes, and begins at a place; with the larger
// records before it when a number does not fit.
func endOf(records int, size, at int64) []byte {
	var out []byte
	le := binary.LittleEndian
	count, short, place := uint16(min(records, math.MaxUint16)), uint32(min(size, math.MaxUint32)), uint32(min(at, math.MaxUint32))
	if count == math.MaxUint16 || short == math.MaxUint32 || place == math.MaxUint32 {
		out = le.AppendUint32(out, 0x06064b50)
		out = le.AppendUint64(out, end64Size-12)
		out = le.AppendUint16(out, 45) // made by a program that knows of version 4.5
		out = le.AppendUint16(out, 45) // and needed to take it out
		out = le.AppendUint32(le.AppendUint32(out, 0), 0)
		out = le.AppendUint64(le.AppendUint64(out, uint64(records)), uint64(records))
		out = le.AppendUint64(le.AppendUint64(out, uint64(size)), uint64(at))
		out = le.AppendUint32(out, 0x07064b50)
		out = le.AppendUint32(out, 0)
		out = le.AppendUint64(out, uint64(at+size))
		out = le.AppendUint32(out, 1)
		count, short, place = math.MaxUint16, math.MaxUint32, math.MaxUint32
	}
	out = le.AppendUint32(out, 0x06054b50)
	out = le.AppendUint32(out, 0) // one disk
	out = le.AppendUint16(le.AppendUint16(out, count), count)
	out = le.AppendUint32(le.AppendUint32(out, short), place)
	return le.AppendUint16(out, 0) // no comment
}
