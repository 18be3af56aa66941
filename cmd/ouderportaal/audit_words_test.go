package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/i18n"
)

// recorders are the functions that write into the audit log, and what they put before the name that they are given.
var recorders = map[string]string{
	"Record": "", "RecordEach": "", "recordFactor": "identity.", "changeFactors": "identity.", "strengthen": "identity.", "removeFactor": "identity.",
	"takeBack": "",
}

// What the log tells is read by people who run a daycare.
func TestEveryRecordedActionHasWords(t *testing.T) {
	bundle, err := i18n.Load(locales()...)
	require.NoError(t, err)
	dutch, english := bundle.For("nl"), bundle.For("en")
	found := 0
	for action, place := range recordedActions(t) {
		found++
		require.Truef(t, dutch.Has("org.action."+action) && english.Has("org.action."+action), "%s records %q, for which admin/org/locales has no words", place, action)
	}
	require.Greater(t, found, 50)
}

// recordedActions are the actions that the source names, with a place where it does.
func recordedActions(t *testing.T) map[string]string {
	actions := map[string]string{}
	for _, root := range []string{"../../modules", "../../admin", "../../tenants", "../../jobs"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				prefix, records := recorders[nameOf(call.Fun)]
				if !records {
					return true
				}
				for _, arg := range call.Args {
					if text, ok := arg.(*ast.BasicLit); ok && text.Kind == token.STRING {
						action, err := strconv.Unquote(text.Value)
						require.NoError(t, err)
						actions[prefix+action] = files.Position(call.Pos()).String()
					}
				}
				return true
			})
			return nil
		})
		require.NoError(t, err)
	}
	return actions
}

func nameOf(function ast.Expr) string {
	switch f := function.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}
