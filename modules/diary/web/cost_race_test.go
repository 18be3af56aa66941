//go:build race

package web

// allowance is for the race detector, which empties pools at random so that races in them show.
const allowance = 1.35
