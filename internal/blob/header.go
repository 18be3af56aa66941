package blob

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// The header of a file in a dirStore is text, padded to a fixed size: magic, entity tag, content type, one per line.
const (
	headerMagic    = "ouderportaal-blob-1"
	headerSize     = 256
	maxContentType = 128
)

// errNoObject says that there is something at the key, but not an object: a folder of other keys.
var errNoObject = errors.New("not an object")

type header struct{ etag, contentType string }

func (h header) encode() []byte {
	raw := make([]byte, headerSize)
	copy(raw, headerMagic+"\n"+h.etag+"\n"+h.contentType+"\n")
	return raw
}

func decodeHeader(raw []byte) (header, error) {
	lines := strings.SplitN(string(raw), "\n", 4)
	if len(lines) != 4 || lines[0] != headerMagic {
		return header{}, errors.New("file without header")
	}
	return header{etag: lines[1], contentType: lines[2]}, nil
}

func describe(file *os.File, key string) (Info, error) {
	stat, err := file.Stat()
	if err != nil {
		return Info{}, err
	}
	if !stat.Mode().IsRegular() {
		return Info{}, errNoObject
	}
	raw := make([]byte, headerSize)
	if _, err := file.ReadAt(raw, 0); err != nil {
		return Info{}, fmt.Errorf("read header: %w", err)
	}
	head, err := decodeHeader(raw)
	if err != nil {
		return Info{}, err
	}
	return Info{Key: key, Size: stat.Size() - headerSize, ETag: head.etag, ContentType: head.contentType, Modified: stat.ModTime()}, nil
}
