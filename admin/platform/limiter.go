package platform

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"ouderportaal/internal/fault"
	"ouderportaal/tenants"
)

// limit allows most attempts in each window of time, which begins at multiples of its length.
type limit struct {
	name   string
	most   int
	window time.Duration
}

// There are few operators, so their limits are tight. None can be filled by a stranger elsewhere but the one for everybody, which
// bounds what an attacker makes us compute, and which takes many places to fill.
var (
	signInPair      = limit{"sign_in.pair", 10, 15 * time.Minute}
	signInPlace     = limit{"sign_in.place", 30, 15 * time.Minute}
	signInEverybody = limit{"sign_in.everybody", 120, time.Minute}
	codeOperator    = limit{"code.operator", 20, 15 * time.Minute} // who tries codes knows the password already
	passkeyOperator = limit{"passkey.operator", 30, 15 * time.Minute}
	acceptPlace     = limit{"accept.place", 30, 15 * time.Minute}
)

type bucket struct {
	limit
	key string
}

// of counts for somebody. The row holds a hash: who tries is nobody's business afterwards.
func (l limit) of(who string) bucket {
	sum := sha256.Sum256([]byte(who))
	return bucket{l, l.name + ":" + hex.EncodeToString(sum[:16])}
}

// attempt counts one try in one bucket after the other, before the work and whatever comes of it, and answers TooMany with the time to
// wait at the first that is over: what is refused counts no further, so that one place fills neither the bucket of everybody nor
// the table. All come in the same order, the narrowest place first, so that no two wait for each other.
func (s *Service) attempt(ctx context.Context, buckets ...bucket) error {
	var wait time.Duration
	err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		wait = 0
		for _, b := range buckets {
			start := tx.Now().Truncate(b.window)
			var count int
			err := tx.NewRaw(`INSERT INTO operator_attempt (bucket, window_start, count) VALUES (?, ?, 1)
				ON CONFLICT (bucket, window_start) DO UPDATE SET count = operator_attempt.count + 1 RETURNING count`, b.key, start).Scan(ctx, &count)
			if err != nil {
				return fmt.Errorf("platform: count attempt: %w", err)
			}
			if count > b.most {
				wait = start.Add(b.window).Sub(tx.Now())
				return nil
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

// Forget clears away what counts no more: tries, and sessions that are over. It is for the schedule.
func (s *Service) Forget(ctx context.Context) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		for _, old := range []struct {
			clear string
			after time.Duration
		}{{"DELETE FROM operator_attempt WHERE window_start < ?", time.Hour}, {"DELETE FROM operator_session WHERE expires_at < ?", 24 * time.Hour}} {
			if _, err := tx.NewRaw(old.clear, tx.Now().Add(-old.after)).Exec(ctx); err != nil {
				return fmt.Errorf("platform: clear away: %w", err)
			}
		}
		return nil
	})
}

// forgive takes back one try of each bucket, because it turned out to be right.
func forgive(ctx context.Context, tx tenants.Writer, buckets []bucket) error {
	for _, b := range buckets {
		_, err := tx.NewRaw("UPDATE operator_attempt SET count = count - 1 WHERE bucket = ? AND window_start = ? AND count > 0", b.key, tx.Now().Truncate(b.window)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("platform: forgive attempt: %w", err)
		}
	}
	return nil
}
