//go:build !linux

package procmem

// Release does nothing here.
func Release() {}
