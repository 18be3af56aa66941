package attach_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/attach"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

func TestAFileIsKeptWithItsRowOrNotAtAll(t *testing.T) {
	e := dbtest.New(t)
	ctx := actor.With(tenants.With(t.Context(), e.A), actor.Actor{PersonID: ids.New(), Role: actor.Parent})
	full, broken := fault.New(fault.Invalid, "tenant.error.storage_full"), errors.New("the database is away")
	for what, c := range map[string]struct {
		lock        string
		asked, kept []error // what Room and Keep answer, time after time
		want        error
		does        []string
	}{
		"there is room":               {"", []error{nil, nil}, []error{nil}, nil, []string{"room", "put", "room", "keep"}},
		"and what is sent is counted": {"uploads", []error{nil, nil}, []error{nil}, nil, []string{"room", "put", "room alone", "keep alone"}},
		"there is none":               {"uploads", []error{full}, nil, full, []string{"room"}},
		"there is none by then":       {"uploads", []error{nil, full}, nil, full, []string{"room", "put", "room alone", "clear"}},
		"it may not be kept":          {"", []error{nil, nil}, []error{fault.NotFound()}, fault.NotFound(), []string{"room", "put", "room", "keep", "clear"}},
		"nobody knows whether it is":  {"", []error{nil, nil}, []error{broken}, broken, []string{"room", "put", "room", "keep"}},
	} {
		t.Run(what, func(t *testing.T) {
			var done []string
			does := func(ctx context.Context, tx tenants.Reader, what string, answers *[]error) error {
				var locks int
				require.NoError(t, tx.NewRaw("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()").Scan(ctx, &locks))
				if locks > 0 {
					what += " alone"
				}
				done = append(done, what)
				answer := (*answers)[0]
				*answers = (*answers)[1:]
				return answer
			}
			err := attach.Upload{
				Lock:  c.lock,
				Room:  func(ctx context.Context, tx tenants.Reader) error { return does(ctx, tx, "room", &c.asked) },
				Put:   func(context.Context) error { done = append(done, "put"); return nil },
				Keep:  func(ctx context.Context, tx tenants.Writer) error { return does(ctx, tx, "keep", &c.kept) },
				Clear: func(context.Context) error { done = append(done, "clear"); return nil },
			}.Take(ctx, e.DB)
			require.Equal(t, fault.CodeOf(c.want), fault.CodeOf(err))
			require.Equal(t, c.want == nil, err == nil)
			require.Equal(t, c.does, done)
		})
	}
}
