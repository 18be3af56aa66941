package keepsake

// SetPartSize makes parts of so many bytes, for tests of many parts.
func (s *Service) SetPartSize(bytes int) { s.partSize = bytes }

// PartsAtOnce is how many parts one event stands for.
const PartsAtOnce = partsAtOnce

// EndOf lets the test of a ZIP of many gigabytes write its end.
var EndOf = endOf

// Piece is some of the files of a ZIP.
type Piece = piece

// NewPiece begins a piece that comes after base bytes.
func NewPiece(base int64) *Piece { return newPiece(base) }

// Add and Close are those of the piece.
var (
	Add   = (*piece).add
	Close = (*piece).close
)
