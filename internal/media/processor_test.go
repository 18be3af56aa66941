package media_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/media"
	"ouderportaal/internal/media/mediatest"
)

func process(t *testing.T, p *media.Processor, raw []byte) (*media.Result, error) {
	t.Helper()
	return p.Process(t.Context(), bytes.NewReader(raw), int64(len(raw)))
}

func TestScratch(t *testing.T) {
	p := mediatest.Start(t, 1)
	raw := mediatest.Photo(4000, 3000, 1)
	os.WriteFile("/tmp/photo12.jpg", raw, 0o644)
	res, err := process(t, p, raw)
	require.NoError(t, err)
	t.Log(len(raw), res.Width, res.Height, len(res.ThumbHash))
	for _, f := range res.Files {
		t.Log(f.Name, f.Width, f.Height, len(f.Bytes), f.ContentType)
		os.WriteFile("/tmp/out-"+f.Name, f.Bytes, 0o644)
	}
}
