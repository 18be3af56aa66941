//go:build !race

package web

const allowance = 1
