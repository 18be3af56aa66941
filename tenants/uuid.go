package tenants

import (
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"ouderportaal/internal/ids"
)

// uuidCodec moves ids as their sixteen bytes. Without it the driver takes the way of database/sql, which writes every id
// as text and reads it back: at the timeline that is a hundred ids a page.
type uuidCodec struct{ pgtype.UUIDCodec }

func registerUUID(conn *pgx.Conn) {
	conn.TypeMap().RegisterType(&pgtype.Type{Name: "uuid", OID: pgtype.UUIDOID, Codec: uuidCodec{}})
}

// PlanEncode is asked by the driver for parameters.
func (c uuidCodec) PlanEncode(m *pgtype.Map, oid uint32, format int16, value any) pgtype.EncodePlan {
	if _, ok := value.(ids.ID); ok && format == pgtype.BinaryFormatCode {
		return encodeID{}
	}
	return c.UUIDCodec.PlanEncode(m, oid, format, value)
}

// PlanScan is asked by the driver for results.
func (c uuidCodec) PlanScan(m *pgtype.Map, oid uint32, format int16, target any) pgtype.ScanPlan {
	if _, ok := target.(*ids.ID); ok && format == pgtype.BinaryFormatCode {
		return scanID{}
	}
	return c.UUIDCodec.PlanScan(m, oid, format, target)
}

type encodeID struct{}

func (encodeID) Encode(value any, buf []byte) ([]byte, error) {
	id := value.(ids.ID)
	return append(buf, id[:]...), nil
}

type scanID struct{}

// Scan reads NULL as ids.Nil.
func (scanID) Scan(src []byte, target any) error {
	id := target.(*ids.ID)
	switch len(src) {
	case 0:
		*id = ids.Nil
	case len(id):
		copy(id[:], src)
	default:
		return fmt.Errorf("tenants: an id of %d bytes", len(src))
	}
	return nil
}
