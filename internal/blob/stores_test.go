package blob_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/blob"
	"ouderportaal/internal/blob/blobserver"
)

type namedStore struct {
	name string
	blob.Store
}

// stores are a folder, the same with what was read kept in memory, and every S3 server there is: those that TEST_S3_ENDPOINTS names, as "name=http://key:secret@host:port/bucket"
// with commas between, or else those whose programs the set-up left in .build/bin.
func stores(t *testing.T) []namedStore {
	t.Helper()
	dir, err := blob.OpenDir(t.TempDir())
	require.NoError(t, err)
	hot, err := blob.Hot(dir, 8<<20)
	require.NoError(t, err)
	all := []namedStore{{"directory", dir}, {"hot directory", hot}}
	if endpoints := os.Getenv("TEST_S3_ENDPOINTS"); endpoints != "" {
		for endpoint := range strings.SplitSeq(endpoints, ",") {
			name, address, ok := strings.Cut(strings.TrimSpace(endpoint), "=")
			require.True(t, ok, "TEST_S3_ENDPOINTS: name=address expected")
			all = append(all, namedStore{name, openS3(t, address)})
		}
		return all
	}
	for _, kind := range []blobserver.Kind{blobserver.Versity, blobserver.MinIO} {
		if server := start(t, kind); server != nil {
			all = append(all, namedStore{string(kind), openS3(t, server.URL+"/ouderportaal-test")})
		}
	}
	return all
}

// start runs a server for the length of a test; nil when its program is not there.
func start(t *testing.T, kind blobserver.Kind) *blobserver.Server {
	t.Helper()
	programs := filepath.Join("..", "..", ".build", "bin")
	if _, err := blobserver.Find(kind, programs); err != nil {
		t.Logf("%s is not installed: make setup builds it", kind)
		return nil
	}
	server, err := blobserver.Start(context.Background(), kind, programs, t.TempDir())
	require.NoError(t, err)
	t.Cleanup(server.Stop)
	return server
}

func openS3(t *testing.T, address string) blob.Store {
	t.Helper()
	config, err := blob.ParseS3URL(address)
	require.NoError(t, err)
	store, err := blob.OpenS3(config)
	require.NoError(t, err)
	return store
}
