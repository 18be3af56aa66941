package mediabench_test

import (
	"os/exec"
	"testing"

	"ouderportaal/internal/media/mediabench"
	"ouderportaal/internal/media/mediatest"
)

// BenchmarkPhoto converts a photo of 12 megapixels, ours and theirs in turn.
func BenchmarkPhoto(b *testing.B) {
	if _, err := exec.LookPath("vipsthumbnail"); err != nil {
		b.Skip("vipsthumbnail is not installed (Debian: libvips-tools)")
	}
	program, photo := mediatest.Program(b), mediatest.Photo(4000, 3000, 1)
	c, err := mediabench.Compare(b.Context(), program, photo, max(b.N, 3))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(c.Ours.Seconds()*1000, "cpu-ms")
	b.ReportMetric(c.Theirs.Seconds()*1000, "vipsthumbnail-cpu-ms")
	b.ReportMetric(c.Ratio, "ratio")
	b.ReportMetric(c.OursAndFull.Seconds()*1000, "with-full-cpu-ms")
	b.ReportMetric(c.RatioAndFull, "with-full-ratio")
	b.ReportMetric(float64(c.PeakBytes>>20), "peak-MiB")
}
