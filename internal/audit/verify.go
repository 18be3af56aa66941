package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"strconv"

	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// verifyAtOnce is how many entries are in memory at a time.
const verifyAtOnce = 1000

// Report is what there is to say of the chain of one organisation.
type Report struct {
	Entries int64
	// Head is the hash of the last link. Who notes it elsewhere can tell later whether the end of the log was cut off, which
	// no chain shows by itself.
	Head  []byte
	Break *Break // nil when the chain is whole
}

// Break is the first place at which the chain does not hold.
type Break struct {
	Place   int64
	EntryID ids.ID // Nil when there is no entry
	Why     string
}

const notedElsewhere = "the chain does not lead to the head that was noted"

// link is a link with the entry that it stands for, as text, as it was hashed.
type link struct {
	Place     int64
	Hash      []byte
	EntryID   ids.ID
	Entry     *ids.ID
	At        int64 // µs since 1970
	ActorID   string
	ActorRole string
	Action    string
	SubjectID string
	Detail    string
}

// Noted is a head that was written down elsewhere, with its place. The zero value is none.
type Noted struct {
	Place int64
	Head  []byte
}

// Verify goes through the whole log of the organisation of tx and computes every hash anew. Without a noted head it shows
// what was changed by somebody who did not write all later links anew; with one, also what was rewritten or cut off before it.
func Verify(ctx context.Context, tx tenants.Reader, noted Noted) (Report, error) {
	var r Report
	for {
		some, err := linksAfter(ctx, tx, r.Entries)
		if err != nil {
			return r, err
		}
		for _, l := range some {
			hash := l.hash(r.Head, tx.Tenant().ID)
			switch {
			case l.Place != r.Entries+1:
				r.Break = &Break{Place: r.Entries + 1, Why: "a link is missing"}
			case l.Entry == nil:
				r.Break = &Break{Place: l.Place, Why: "its entry is gone"}
			case !bytes.Equal(l.Hash, hash):
				r.Break = &Break{Place: l.Place, EntryID: l.EntryID, Why: "the entry or its link was changed"}
			case l.Place == noted.Place && !bytes.Equal(hash, noted.Head):
				r.Break = &Break{Place: l.Place, EntryID: l.EntryID, Why: notedElsewhere}
			}
			if r.Break != nil {
				return r, nil
			}
			r.Entries, r.Head = l.Place, hash
		}
		if len(some) < verifyAtOnce {
			break
		}
	}
	if r.Entries < noted.Place {
		r.Break = &Break{Place: r.Entries + 1, Why: notedElsewhere}
		return r, nil
	}
	loose, err := unlinked(ctx, tx)
	if err != nil {
		return r, err
	}
	if loose != ids.Nil {
		r.Break = &Break{Place: r.Entries + 1, EntryID: loose, Why: "an entry has no link"}
	}
	return r, nil
}

func linksAfter(ctx context.Context, tx tenants.Reader, place int64) ([]link, error) {
	var list []link
	err := tx.NewRaw(`SELECT l.place, l.hash, l.entry_id, e.id AS entry, coalesce((extract(epoch FROM e.at) * 1000000)::bigint, 0) AS at, coalesce(e.actor_id::text, '') AS actor_id,
			coalesce(e.actor_role, '') AS actor_role, coalesce(e.action, '') AS action, coalesce(e.subject_id::text, '') AS subject_id, coalesce(e.detail::text, '') AS detail
		FROM audit_link l LEFT JOIN audit_entry e ON e.tenant_id = l.tenant_id AND e.id = l.entry_id
		WHERE l.tenant_id = ? AND l.place > ? ORDER BY l.place LIMIT ?`, tx.Tenant().ID, place, verifyAtOnce).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("audit: read the chain: %w", err)
	}
	return list, nil
}

// unlinked finds an entry that is in the log and not in the chain.
func unlinked(ctx context.Context, tx tenants.Reader) (ids.ID, error) {
	var list []ids.ID
	err := tx.NewRaw(`SELECT e.id FROM audit_entry e WHERE e.tenant_id = ?0 AND NOT EXISTS (
			SELECT FROM audit_link l WHERE l.tenant_id = ?0 AND l.entry_id = e.id) ORDER BY e.at LIMIT 1`, tx.Tenant().ID).Scan(ctx, &list)
	if err != nil {
		return ids.Nil, fmt.Errorf("audit: look for entries without a link: %w", err)
	}
	if len(list) == 0 {
		return ids.Nil, nil
	}
	return list[0], nil
}

// hash is that of the function audit_hash in the schema, computed without it.
func (l link) hash(previous []byte, tenant ids.ID) []byte {
	text := bytes.Clone(previous)
	for _, field := range []string{
		strconv.FormatInt(l.Place, 10), tenant.String(), l.EntryID.String(), strconv.FormatInt(l.At, 10), l.ActorID, l.ActorRole, l.Action, l.SubjectID, l.Detail,
	} {
		text = append(append(append(strconv.AppendInt(text, int64(len(field)), 10), ':'), field...), ',')
	}
	sum := sha256.Sum256(text)
	return sum[:]
}
