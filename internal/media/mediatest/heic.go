package mediatest

import (
	"bytes"
	"encoding/binary"
)

// RotatedHEIC adds to a HEIC, as the vips command writes it, the property by which phones say that the picture must be turned: so many
// quarters anticlockwise. The pixels stay as they are.
func RotatedHEIC(heic []byte, quarters byte) []byte {
	ipco, ipma, iloc := find(heic, "ipco"), find(heic, "ipma"), find(heic, "iloc")
	properties := 0
	for at := ipco + 8; at < ipco+size(heic, ipco); at += size(heic, at) {
		properties++
	}
	irot := append([]byte("\x00\x00\x00\x09irot"), quarters)
	ipcoEnd := ipco + size(heic, ipco)
	// One picture: version and flags, count, item, number of its properties, then one byte for each.
	count := ipma + 8 + 4 + 4 + 2
	ipmaEnd := count + 1 + int(heic[count])
	added := uint32(len(irot) + 1)

	out := bytes.Clone(heic)
	out[count]++
	for _, box := range []struct {
		name string
		more uint32
	}{{"meta", added}, {"iprp", added}, {"ipco", added - 1}, {"ipma", 1}} {
		grow(out[find(heic, box.name):], box.more)
	}
	items := int(binary.BigEndian.Uint16(out[iloc+14:]))
	for i := range items { // everything after the header has moved
		grow(out[iloc+16+18*i+10:], added)
	}
	return bytes.Join([][]byte{out[:ipcoEnd], irot, out[ipcoEnd:ipmaEnd], {0x80 | byte(properties+1)}, out[ipmaEnd:]}, nil)
}

func find(heic []byte, box string) int { return bytes.Index(heic, []byte(box)) - 4 }

func size(heic []byte, at int) int { return int(binary.BigEndian.Uint32(heic[at:])) }

func grow(at []byte, by uint32) { binary.BigEndian.PutUint32(at, binary.BigEndian.Uint32(at)+by) }
