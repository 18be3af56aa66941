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
	"ouderportaal/modules/invitations"
)

// recorders are the functions that write into the audit log, and what they put before the name that they are given.
var recorders = map[string]string{
	"Record": "", "RecordEach": "", "RecordEdit": "", "recordFactor": "identity.", "changeFactors": "identity.", "strengthen": "identity.", "removeFactor": "identity.",
	"recordEach": "", "takeBack": "", "recordDeed": "",
}

// deeds are the types of which a value is recorded; its action is its first field.
var deeds = map[string]bool{"deed": true}

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
	for _, state := range []invitations.State{invitations.Sent, invitations.Failed} { // what came of a mail is the end of its action
		require.True(t, dutch.Has("org.action.invitations."+string(state)) && english.Has("org.action.invitations."+string(state)), state)
	}
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
			note := func(prefix string, from ast.Expr) {
				text, ok := from.(*ast.BasicLit)
				if !ok || text.Kind != token.STRING {
					return
				}
				action, err := strconv.Unquote(text.Value)
				require.NoError(t, err)
				if action != "" {
					actions[prefix+action] = files.Position(from.Pos()).String()
				}
			}
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.CallExpr:
					if prefix, records := recorders[nameOf(n.Fun)]; records {
						for _, arg := range n.Args {
							note(prefix, arg)
						}
					}
				case *ast.CompositeLit:
					if len(n.Elts) == 0 || !deeds[nameOf(n.Type)] {
						break
					}
					first := n.Elts[0]
					if named, ok := first.(*ast.KeyValueExpr); ok {
						first = named.Value
					}
					note("", first)
				case *ast.AssignStmt: // action := "…", and the like
					for i, name := range n.Lhs {
						if nameOf(name) == "action" && len(n.Lhs) == len(n.Rhs) {
							note("", n.Rhs[i])
						}
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

// The reader of the source finds an action in every way in which one is named.
func TestRecordedActionsAreFound(t *testing.T) {
	found := recordedActions(t)
	for _, action := range []string{"children.add_child", "children.edit_placement", "children.edit_guardian", "children.restore_placement", "children.unblock_guardian", "diary.withdraw", "identity.deactivate", "imports.change_child", "imports.add_child", "imports.add_person"} {
		require.Contains(t, found, action)
	}
}
