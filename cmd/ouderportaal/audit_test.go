package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/audit"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

func TestAuditVerifyTellsWhatIsBroken(t *testing.T) {
	e := dbtest.NewAlone(t)
	t.Setenv("BASE_DOMAIN", "ouderportaal.test")
	t.Setenv("DATABASE_PLATFORM_URL", e.URL.Platform)
	verify := func(args ...string) error { return auditLog(t.Context(), append([]string{"verify"}, args...)) }
	for range 3 {
		require.NoError(t, e.DB.Write(tenants.With(t.Context(), e.A), func(ctx context.Context, tx tenants.Writer) error {
			return audit.Record(ctx, tx, "test.act", ids.Nil, nil)
		}))
	}
	var head []byte
	require.NoError(t, e.Owner(t).QueryRow(t.Context(), "SELECT hash FROM audit_link WHERE tenant_id = $1 AND place = 3", e.A.ID).Scan(&head))
	noted := func(place int, head []byte) string {
		return fmt.Sprintf("%s=%d:%s", e.A.Slug, place, hex.EncodeToString(head))
	}

	require.NoError(t, verify(), "all of them")
	require.NoError(t, verify(e.A.Slug, e.B.Slug))
	require.NoError(t, verify(noted(3, head)))
	require.ErrorContains(t, verify(noted(2, head)), "broken", "another head than was noted")
	require.ErrorContains(t, verify(noted(4, head)), "broken", "shorter than was noted")
	require.ErrorContains(t, verify("nobody"), "no organisation")
	for _, malformed := range []string{e.A.Slug + "=", e.A.Slug + "=x:" + strings.Repeat("0", 64), e.A.Slug + "=3:zz", e.A.Slug + "=0:" + strings.Repeat("0", 64), e.A.Slug + "=3"} {
		require.ErrorContains(t, verify(malformed), "not of the form", malformed)
	}
	require.ErrorIs(t, auditLog(t.Context(), nil), errUsage)
	require.ErrorIs(t, auditLog(t.Context(), []string{"rewrite"}), errUsage)

	_, err := e.Owner(t).Exec(t.Context(), "UPDATE audit_entry SET action = 'test.other' WHERE tenant_id = $1", e.A.ID)
	require.NoError(t, err)
	require.ErrorContains(t, verify(), "the chain of "+e.A.Slug+" is broken")
	require.NoError(t, verify(e.B.Slug))
}
