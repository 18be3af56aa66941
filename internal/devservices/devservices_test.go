package devservices_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"ouderportaal/internal/devservices"
)

// open makes a directory that the servers' users may pass through; t.TempDir is closed to them.
func open(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "devservices-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o711))
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return dir
}

func startPostgres(t *testing.T, dir string) *devservices.Server {
	t.Helper()
	server, err := devservices.Postgres(t.Context(), dir, devservices.Options{Database: "portaal"})
	require.NoError(t, err)
	t.Cleanup(func() { _ = server.Stop() })
	return server
}

func TestPostgres(t *testing.T) {
	dir := filepath.Join(open(t), "postgres")
	server := startPostgres(t, dir)
	db, err := pgx.Connect(t.Context(), server.URL)
	require.NoError(t, err)
	_, err = db.Exec(t.Context(), "CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
	require.NoError(t, err)

	t.Run("keeps data safe and to itself", func(t *testing.T) {
		for setting, want := range map[string]string{"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "listen_addresses": "127.0.0.1", "unix_socket_directories": ""} {
			var have string
			require.NoError(t, db.QueryRow(t.Context(), "SELECT current_setting($1)", setting).Scan(&have))
			require.Equal(t, want, have, setting)
		}
		info, err := os.Stat(filepath.Join(dir, "password"))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	})
	t.Run("wants the password", func(t *testing.T) {
		_, err := pgx.Connect(t.Context(), strings.Replace(server.URL, "//postgres:", "//postgres:x", 1))
		require.ErrorContains(t, err, "28P01")
	})
	t.Run("does not run as root", func(t *testing.T) {
		require.NotEqual(t, "0", strings.Fields(processField(t, server.PID(), "Uid:"))[0])
	})
	t.Run("refuses a second run on the same data", func(t *testing.T) {
		_, err := devservices.Postgres(t.Context(), dir, devservices.Options{})
		require.ErrorContains(t, err, "in use by another run (process "+strconv.Itoa(os.Getpid())+")")
	})
	t.Run("recovers from kill -9 with the same address and data", func(t *testing.T) {
		require.NoError(t, syscall.Kill(server.PID(), syscall.SIGKILL))
		<-server.Done()
		require.NoError(t, server.Stop())
		again := startPostgres(t, dir)
		require.Equal(t, 7, kept(t, again.URL))
		require.NoError(t, again.Stop())
	})
	t.Run("starts beside a stale pid file that names a living stranger", func(t *testing.T) {
		stale := fmt.Sprintf("%d\n%s/data\n1\n5432\n\n127.0.0.1\n\nready   \n", os.Getpid(), dir)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "data", "postmaster.pid"), []byte(stale), 0o600))
		began := time.Now()
		again := startPostgres(t, dir)
		t.Logf("start of existing data: %v", time.Since(began))
		require.Equal(t, 7, kept(t, again.URL))
		require.NoError(t, again.Stop())
		require.NoError(t, again.Stop(), "stopping twice is fine")
		require.NoError(t, syscall.Kill(os.Getpid(), 0))
	})
	t.Run("takes another port when the last one is taken", func(t *testing.T) {
		last, err := os.ReadFile(filepath.Join(dir, "port"))
		require.NoError(t, err)
		taker, err := net.Listen("tcp4", "127.0.0.1:"+strings.TrimSpace(string(last)))
		require.NoError(t, err)
		defer taker.Close()
		other := startPostgres(t, dir)
		require.NotEqual(t, server.Port, other.Port)
		require.Equal(t, 7, kept(t, other.URL))
	})
}

func TestDataThatTheServersUserCannotReachMovesAside(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root runs servers as another user")
	}
	closed := open(t)
	require.NoError(t, os.Chmod(closed, 0o700))
	dir := filepath.Join(closed, "postgres")
	server := startPostgres(t, dir)
	aside, err := filepath.EvalSymlinks(dir)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(aside, "/var/lib/ouderportaal-dev/"), aside)
	require.NoError(t, server.Stop())
	require.NoError(t, os.RemoveAll(aside))
	require.NoError(t, startPostgres(t, dir).Stop(), "starts anew when only the link is left")
	require.NoError(t, os.RemoveAll(aside))
}

func kept(t *testing.T, url string) (n int) {
	t.Helper()
	db, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer db.Close(t.Context())
	require.NoError(t, db.QueryRow(t.Context(), "SELECT n FROM kept").Scan(&n))
	return n
}

func TestRedisKeepsWhatItWasGiven(t *testing.T) {
	dir := filepath.Join(open(t), "redis")
	server, err := devservices.Redis(t.Context(), dir, devservices.Options{})
	require.NoError(t, err)
	client := connectRedis(t, server.URL)
	require.NoError(t, client.Set(t.Context(), "k", "v", 0).Err())
	require.Equal(t, "noeviction", client.ConfigGet(t.Context(), "maxmemory-policy").Val()["maxmemory-policy"])
	require.Equal(t, "everysec", client.ConfigGet(t.Context(), "appendfsync").Val()["appendfsync"])
	require.NotEqual(t, "0", strings.Fields(processField(t, server.PID(), "Uid:"))[0])
	command, err := os.ReadFile("/proc/" + strconv.Itoa(server.PID()) + "/cmdline")
	require.NoError(t, err)
	require.NotContains(t, string(command), strings.Split(strings.TrimPrefix(server.URL, "redis://:"), "@")[0], "password readable in the process list")

	anonymous := redis.NewClient(&redis.Options{Addr: "127.0.0.1:" + strconv.Itoa(server.Port)})
	defer anonymous.Close()
	require.ErrorContains(t, anonymous.Ping(t.Context()).Err(), "NOAUTH")

	require.NoError(t, server.Stop())
	again, err := devservices.Redis(t.Context(), dir, devservices.Options{})
	require.NoError(t, err)
	defer again.Stop()
	require.Equal(t, server.Port, again.Port)
	require.Equal(t, "v", connectRedis(t, again.URL).Get(t.Context(), "k").Val())
}

func connectRedis(t *testing.T, url string) *redis.Client {
	t.Helper()
	options, err := redis.ParseURL(url)
	require.NoError(t, err)
	client := redis.NewClient(options)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// A parent that is killed takes its servers along: this test runs itself as that parent.
func TestServersDieWithTheirParent(t *testing.T) {
	if dir := os.Getenv("DEVSERVICES_CHILD_DIR"); dir != "" {
		server, err := devservices.Redis(context.Background(), dir, devservices.Options{})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Printf("pid=%d\n", server.PID())
		time.Sleep(time.Minute)
		return
	}
	if runtime.GOOS != "linux" {
		t.Skip("only Linux ends a child with its parent")
	}
	parent := exec.Command(os.Args[0], "-test.run=^TestServersDieWithTheirParent$", "-test.v")
	parent.Env = append(os.Environ(), "DEVSERVICES_CHILD_DIR="+filepath.Join(open(t), "redis"))
	out, err := parent.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, parent.Start())
	var pid int
	buffer := make([]byte, 4096)
	for text := ""; pid == 0; {
		n, err := out.Read(buffer)
		text += string(buffer[:n])
		require.NoError(t, err, text)
		if _, after, ok := strings.Cut(text, "pid="); ok && strings.Contains(after, "\n") {
			_, err := fmt.Sscanf(after, "%d", &pid)
			require.NoError(t, err)
		}
	}
	require.NoError(t, syscall.Kill(pid, 0))
	require.NoError(t, parent.Process.Kill())
	_ = parent.Wait()
	require.Eventually(t, func() bool { return gone(pid) }, 10*time.Second, 20*time.Millisecond)
}

// gone counts a zombie as gone: in a container nobody may collect it.
func gone(pid int) bool {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	return err != nil || strings.Contains(string(status), "State:\tZ")
}

func processField(t *testing.T, pid int, field string) string {
	t.Helper()
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	require.NoError(t, err)
	for line := range strings.SplitSeq(string(status), "\n") {
		if rest, ok := strings.CutPrefix(line, field); ok {
			return rest
		}
	}
	t.Fatalf("no field %s", field)
	return ""
}
