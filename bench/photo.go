package main

import (
	"context"
	"fmt"
	"path/filepath"

	"ouderportaal/internal/media/mediabench"
	"ouderportaal/internal/media/mediatest"
)

// photo is line c: a photo of 12 megapixels to the four sizes for the screen, beside one vipsthumbnail for each size with the
// same format, quality and effort.
func photo(ctx context.Context, w *world) ([]result, error) {
	program, err := filepath.Abs(filepath.Join(w.programs, "ouderportaal-images"))
	if err != nil {
		return nil, err
	}
	c, err := mediabench.Compare(ctx, program, mediatest.Photo(4000, 3000, 1), w.rounds)
	if err != nil {
		return nil, err
	}
	return []result{
		{line: "c", what: "Photo of 12 MP to four WebP sizes, processor time", against: "vipsthumbnail", value: c.Ratio, unit: "×", goal: atMost(0.70),
			detail: fmt.Sprintf("%s beside %s; with the full-size JPEG %s beside %s (%.2f ×)", ms(c.Ours), ms(c.Theirs), ms(c.OursAndFull), ms(c.TheirsAndFull), c.RatioAndFull)},
		{line: "c", what: "Image program, most memory", against: "budget", value: float64(c.PeakBytes) / (1 << 20), unit: "MB", must: atMost(200)},
	}, nil
}
