//go:build !linux

package main

import "errors"

func reserveHugePages(int) (undo func(), err error) {
	return func() {}, errors.New("huge pages: only on Linux")
}
