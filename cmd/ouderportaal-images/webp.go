package main

import (
	"encoding/binary"
	"fmt"
)

// bareWebP cuts a WebP file down to the picture. The saver of libvips 8.14 adds an EXIF chunk even when it is told to strip. The
// result lies in the same memory.
func bareWebP(raw []byte) ([]byte, error) {
	const container, chunkHead = 12, 8
	for at := container; at+chunkHead <= len(raw); {
		size := int(binary.LittleEndian.Uint32(raw[at+4:]))
		end := at + chunkHead + size + size&1
		if end > len(raw) {
			break
		}
		switch string(raw[at : at+4]) {
		case "VP8 ", "VP8L":
			bare := raw[at-container : end] // what came before is overwritten by the new start of the file
			copy(bare, "RIFF")
			binary.LittleEndian.PutUint32(bare[4:], uint32(len(bare)-8))
			copy(bare[8:], "WEBP")
			return bare, nil
		}
		at = end
	}
	return nil, fmt.Errorf("WebP of %d bytes without a picture", len(raw))
}
