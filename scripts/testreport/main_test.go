package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReport(t *testing.T) {
	var out bytes.Buffer
	r := &report{out: &out, output: map[string][]string{}, failedTests: map[string]int{}}
	require.NoError(t, r.read(strings.NewReader(`{"Action":"start","Package":"p/good"}
{"Action":"run","Package":"p/good","Test":"TestA"}
{"Action":"output","Package":"p/good","Test":"TestA","Output":"quiet words\n"}
{"Action":"pass","Package":"p/good","Test":"TestA","Elapsed":0.1}
{"Action":"skip","Package":"p/good","Test":"TestB"}
{"Action":"pass","Package":"p/good","Elapsed":0.2}
{"Action":"output","Package":"p/bad","Test":"TestC","Output":"    c_test.go:7: wrong\n"}
{"Action":"fail","Package":"p/bad","Test":"TestC"}
{"Action":"output","Package":"p/bad","Output":"panic: after the tests\n"}
{"Action":"fail","Package":"p/bad","Elapsed":1}
{"ImportPath":"p/broken","Action":"build-output","Output":"broken.go:3: undefined: x\n"}
{"ImportPath":"p/broken","Action":"build-fail"}
{"Action":"fail","Package":"p/broken","Elapsed":0,"FailedBuild":"p/broken"}
{"Action":"output","Package":"p/late","Test":"TestD","Output":"panic: test timed out after 1s\n"}
{"Action":"fail","Package":"p/late","Elapsed":1}
go: a word of the go command
`)))
	require.Equal(t, "1 passed, 1 failed, 1 skipped, 2 packages broken", r.line())
	for _, said := range []string{"ok   p/good 0.2s", "FAIL p/bad TestC\n        c_test.go:7: wrong", "broken.go:3: undefined: x", "panic: test timed out", "panic: after the tests", "a word of the go command"} {
		require.Contains(t, out.String(), said)
	}
	require.NotContains(t, out.String(), "quiet words")
}
