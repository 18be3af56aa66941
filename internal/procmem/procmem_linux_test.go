package procmem

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheKernelDoesAsItIsTold(t *testing.T) {
	if refused == syscall.EINVAL {
		t.Skip("before Linux 5.14")
	}
	require.Zero(t, refused)
	require.NotEmpty(t, program)
	before := resident(t)
	Release()
	require.Zero(t, refused)
	require.Less(t, resident(t), before, "kB of files in memory")
}

// resident is how much of the file of this program is in its memory, in kB.
func resident(t *testing.T) (kB int) {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	require.NoError(t, err)
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "RssFile:"); ok {
			for _, digit := range strings.TrimSuffix(strings.TrimSpace(rest), " kB") {
				kB = kB*10 + int(digit-'0')
			}
		}
	}
	require.NotZero(t, kB)
	return kB
}

func TestReadOnly(t *testing.T) {
	list := "00400000-01840000 r-xp 00000000 fe:00 104 /usr/bin/o\n01840000-03535000 r--p 01440000 fe:00 104                 /usr/bin/o\n" +
		"03535000-0370c000 rw-p 03135000 fe:00 104 /usr/bin/o\n0370c000-05782000 rw-p 00000000 00:00 0 \n7f0000000000-7f0000001000 r-xp 00000000 fe:00 9 /lib/x\n"
	want := []extent{{0x400000, 0x1440000}, {0x1840000, 0x1cf5000}}
	require.Equal(t, want, readOnly([]byte(list)))
	require.Equal(t, want[:1], readOnly([]byte(list[:120])), "the second line is cut")
	for _, odd := range []string{"", "\n", "x\n", "00400000-00400000 r-xp 0 a b\n", "zz-01 r-xp 0 a b c\n", "7ffc0-7ffd0 r-xp 00000000 00:00 0 [vdso]\n"} {
		require.Empty(t, readOnly([]byte(odd)), odd)
	}
}
