package identity

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"ouderportaal/internal/fault"
	"ouderportaal/tenants"
)

// limit allows most attempts in each window of time. Windows begin at multiples of their length, so every process and
// the database agree on them without talking.
type limit struct {
	name   string
	most   int
	window time.Duration
}

// The limits on guessing. Somebody who tries from one place is slowed by pair. An account that is tried from everywhere is
// slowed by account, which is generous and short and does not hold for a browser its owner has signed in with before
// (Credentials.Before), nor for a reset by mail: the rightful owner always has a way in.
// ip leaves room for a whole location behind one address; everybody bounds what an attacker can make us compute.
var (
	signInPair      = limit{"sign_in.pair", 10, 15 * time.Minute}
	signInIP        = limit{"sign_in.ip", 150, 15 * time.Minute}
	signInAccount   = limit{"sign_in.account", 60, 5 * time.Minute}
	signInEverybody = limit{"sign_in.everybody", 1200 / shards, time.Minute} // of each shard

	resetAsked     = limit{"reset.account", 5, 15 * time.Minute}
	resetIP        = limit{"reset.ip", 30, 15 * time.Minute}
	resetEverybody = limit{"reset.everybody", 320 / shards, 5 * time.Minute}
	resetUsedIP    = limit{"reset_use.ip", 60, 15 * time.Minute}
	changePassword = limit{"change.account", 10, 15 * time.Minute}

	// Who tries codes knows the password already.
	codePair    = limit{"code.pair", 10, 15 * time.Minute}
	codeAccount = limit{"code.account", 20, 15 * time.Minute}

	linkAsked  = limit{"account_link.account", 40, 15 * time.Minute}
	emailAsked = limit{"email.account", 5, time.Hour}

	confirmSession = limit{"confirm.session", 20, 15 * time.Minute}

	// A passkey cannot be guessed; this bounds rows and signatures. Every sign-in page asks for a challenge. What everybody fills
	// does not hold for a browser that somebody has signed in with before: it counts for that person.
	passkeyIP        = limit{"passkey.ip", 600, 15 * time.Minute}
	passkeyKnown     = limit{"passkey.known", 120, 15 * time.Minute}
	passkeyEverybody = limit{"passkey.everybody", 4800 / shards, time.Minute}
	passkeyAccount   = limit{"passkey.account", 30, 15 * time.Minute}
)

// shards spread a counter that everybody passes, so that people do not queue for one row.
const shards = 8

// bucket is one counter of a limit.
type bucket struct {
	limit
	of string
}

// of counts an account or an address. The row holds a hash: who tries is nobody's business afterwards.
func (l limit) of(who string) bucket { return bucket{l, who} }

// ofSome counts in one shard for everybody, chosen by chance.
func (l limit) ofSome() bucket { return bucket{l, strconv.Itoa(rand.IntN(shards))} }

func (b bucket) key() string {
	sum := sha256.Sum256([]byte(b.of))
	return b.name + ":" + hex.EncodeToString(sum[:16])
}

// attempt counts one try in every bucket at once, before the work and whatever comes of it, and answers TooMany with the
// time to wait when one of them is over. Counting is one statement on rows that are locked in one order: atomic over
// processes, and free of deadlock.
func (s *Service) attempt(ctx context.Context, buckets ...bucket) error {
	type counter struct {
		bucket
		key   string
		start time.Time
	}
	now := s.now()
	counters := make(map[string]counter, len(buckets))
	keys := make([]string, 0, len(buckets))
	for _, b := range buckets {
		c := counter{b, b.key(), now.Truncate(b.window)}
		counters[c.key] = c
		keys = append(keys, c.key)
	}
	sort.Strings(keys)
	var wait time.Duration
	err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		rows := make([]attempt, 0, len(keys))
		for _, key := range keys {
			rows = append(rows, attempt{TenantID: tx.Tenant().ID, Bucket: key, WindowStart: counters[key].start, Count: 1})
		}
		if err := countAttempts(ctx, tx, rows); err != nil {
			return err
		}
		for _, row := range rows {
			c := counters[row.Bucket]
			if row.Count > c.most {
				wait = max(wait, c.start.Add(c.window).Sub(now))
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if wait > 0 {
		minutes := int((wait + time.Minute - 1) / time.Minute)
		return fault.New(fault.TooMany, "identity.error.too_many").With(map[string]any{"Count": minutes}).After(wait)
	}
	return nil
}

// forgive takes back one try of each bucket, because its owner turned out to be right: a whole location may sign in from
// one address in the morning. The rows are locked in the order in which attempt locks them.
func forgive(ctx context.Context, tx tenants.Writer, buckets []bucket) error {
	buckets = slices.Clone(buckets)
	slices.SortFunc(buckets, func(a, b bucket) int { return strings.Compare(a.key(), b.key()) })
	for _, b := range buckets {
		if err := uncountAttempt(ctx, tx, b.key(), tx.Now().Truncate(b.window)); err != nil {
			return err
		}
	}
	return nil
}

// prefix is what counts as one place: an IPv4 address, or the /64 that a household has of IPv6.
func prefix(ip netip.Addr) string {
	ip = ip.Unmap().WithZone("")
	if !ip.IsValid() {
		return "unknown"
	}
	bits := 32
	if ip.Is6() {
		bits = 64
	}
	p, err := ip.Prefix(bits)
	if err != nil {
		return "unknown"
	}
	return p.String()
}
