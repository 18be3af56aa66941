package main

import (
	"errors"
	"math"

	"ouderportaal/internal/media/imagewire"
)

// retouch hides and cuts off what it is told to.
func retouch(base *picture, orientation int, how *imagewire.Retouch) error {
	if orientation > 1 || len(how.Hide) > imagewire.MaxHidden {
		return errors.New("retouch of a picture that is not upright, or in too many places")
	}
	for _, box := range how.Hide {
		at, err := place(box, *base)
		if err != nil {
			return err
		}
		if err := base.hide(at); err != nil {
			return err
		}
	}
	if how.Crop == nil {
		return nil
	}
	at, err := place(*how.Crop, *base)
	if err != nil {
		return err
	}
	part, err := base.crop(at)
	if err != nil {
		return err
	}
	base.close()
	*base = part
	return nil
}

// rectangle is a part of a picture, in pixels.
type rectangle struct{ left, top, width, height int }

// place rounds outwards: what is to be hidden is hidden to its edge.
func place(b imagewire.Box, in picture) (rectangle, error) {
	if !b.Valid() {
		return rectangle{}, errors.New("a box beyond the picture")
	}
	left, right := span(b.X, b.W, in.width)
	top, bottom := span(b.Y, b.H, in.height)
	return rectangle{left, top, right - left, bottom - top}, nil
}

func span(from, length float64, of int) (int, int) {
	low := min(of-1, int(math.Floor(from*float64(of))))
	return low, max(low+1, min(of, int(math.Ceil((from+length)*float64(of)))))
}
