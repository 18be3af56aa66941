package org

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/ids"
	"ouderportaal/modules/invitations"
)

func TestOneMailIsOfferedOnce(t *testing.T) {
	eva, jan, went := ids.New(), ids.New(), ids.New()
	soon, later := time.Date(2027, 1, 3, 8, 0, 0, 0, time.UTC), time.Date(2027, 2, 3, 8, 0, 0, 0, time.UTC)
	require.Equal(t, []bool{true, false, true, false, true, true, false}, firstOf([]invitations.Line{
		{PersonID: eva, State: invitations.Sent, EventID: went, DueAt: soon},
		{PersonID: eva, State: invitations.Sent, EventID: went, DueAt: later},
		{PersonID: eva, State: invitations.Planned, DueAt: soon},
		{PersonID: eva, State: invitations.Planned, DueAt: soon},
		{PersonID: eva, State: invitations.Planned, DueAt: later},
		{PersonID: jan, State: invitations.Planned, DueAt: later},
		{PersonID: jan, State: invitations.Activated, EventID: went},
	}))
}
