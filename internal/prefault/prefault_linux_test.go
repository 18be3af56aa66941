package prefault

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheKernelGivesTheHeapAtOnce(t *testing.T) {
	if refused == syscall.EINVAL {
		t.Skip("before Linux 5.14")
	}
	require.Zero(t, refused)
}
