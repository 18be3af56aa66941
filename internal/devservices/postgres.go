package devservices

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

var postgresPlaces = []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin"}

// Postgres starts the PostgreSQL server whose data lives in dir, and makes the data directory the first time. The URL is
// the superuser's. ctx bounds the start only; the server runs until Stop.
func Postgres(ctx context.Context, dir string, opts Options) (*Server, error) {
	postgres, okServer := newest("postgres", postgresPlaces...)
	if !okServer {
		return nil, errors.New("devservices: PostgreSQL 15 or newer is not installed (no program postgres in /usr/lib/postgresql/*/bin or PATH): apt-get install postgresql, or set DATABASE_URL to a server of your own")
	}
	own, err := serviceUser("postgres")
	if err != nil {
		return nil, err
	}
	h, err := openHome(dir, own)
	if err != nil {
		return nil, err
	}
	server, err := startPostgres(ctx, h, postgres, opts)
	if err != nil {
		h.unlock()
		return nil, err
	}
	if err := ensureDatabase(ctx, server, opts.Database); err != nil {
		return nil, errors.Join(err, server.Stop())
	}
	return server, nil
}

func startPostgres(ctx context.Context, h *home, postgres string, opts Options) (*Server, error) {
	password, err := h.secret()
	if err != nil {
		return nil, err
	}
	data := filepath.Join(h.dir, "data")
	if _, err := os.Stat(filepath.Join(data, "PG_VERSION")); errors.Is(err, os.ErrNotExist) {
		if err := initdb(ctx, h, filepath.Join(filepath.Dir(postgres), "initdb"), data, opts); err != nil {
			return nil, err
		}
	}
	if err := sameMajor(postgres, data); err != nil {
		return nil, err
	}
	if err := clearPostmaster(data); err != nil {
		return nil, err
	}
	kind := server{
		name: "PostgreSQL", home: h,
		stopBy: []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT}, // fast shutdown first; SIGQUIT leaves recovery to the next start
		command: func(port int) command {
			return command{path: postgres, args: postgresArguments(data, port, opts), env: serverEnv(), dir: h.dir, owner: h.owner, dying: syscall.SIGINT}
		},
		ready: func(_ context.Context, _, pid int) (bool, error) { return postmasterReady(data, pid), nil },
		url: func(port int) string {
			return postgresURL(password, port, opts.Database)
		},
	}
	return kind.start(ctx)
}

// initdb builds the data directory beside its final name and renames it, so that a start that was cut off is not taken for one.
func initdb(ctx context.Context, h *home, program, data string, opts Options) error {
	draft := data + ".new"
	if err := os.RemoveAll(draft); err != nil {
		return fmt.Errorf("devservices: clear %s: %w", draft, err)
	}
	args := []string{"-D", draft, "-U", "postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions", "--data-checksums",
		"--auth-host=scram-sha-256", "--auth-local=reject", "--pwfile=" + filepath.Join(h.dir, "password")}
	if opts.Disposable {
		args = append(args, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env, cmd.Dir = serverEnv(), h.dir
	cmd.SysProcAttr = childAttributes(h.owner.credential(), syscall.SIGKILL)
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("devservices: initdb: %w\n%s", err, strings.TrimSpace(string(output)))
	}
	if err := os.Rename(draft, data); err != nil {
		return fmt.Errorf("devservices: put the data directory in place: %w", err)
	}
	return nil
}

// postgresArguments are safe settings for data worth keeping; no Unix socket, loopback only.
func postgresArguments(data string, port int, opts Options) []string {
	settings := []string{
		"listen_addresses=127.0.0.1", "port=" + strconv.Itoa(port), "unix_socket_directories=", "password_encryption=scram-sha-256",
		"max_connections=200", "shared_buffers=256MB", "work_mem=16MB", "maintenance_work_mem=128MB", "random_page_cost=1.1",
		"timezone=UTC", "log_timezone=UTC", "log_min_messages=warning", "log_line_prefix=%m [%p] %q%u@%d ", "lc_messages=C",
		"logging_collector=off", "jit=off",
	}
	if opts.Disposable {
		settings = append(settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_wal_size=4GB", "autovacuum_naptime=1h")
	} else {
		settings = append(settings, "fsync=on", "synchronous_commit=on", "full_page_writes=on", "max_wal_size=2GB")
	}
	args := []string{"-D", data}
	for _, setting := range append(settings, opts.Settings...) {
		args = append(args, "-c", setting)
	}
	return args
}

// sameMajor refuses a data directory of another major version with a sentence instead of a log.
func sameMajor(postgres, data string) error {
	made, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if err != nil {
		return fmt.Errorf("devservices: read PG_VERSION: %w", err)
	}
	have := versionOf(postgres)
	if want, err := strconv.Atoi(strings.TrimSpace(string(made))); err == nil && have != 0 && want != have {
		return fmt.Errorf("devservices: %s was made by PostgreSQL %d and the server here is %d: install the older one, or start anew with make demo-reset", data, want, have)
	}
	return nil
}

// clearPostmaster removes what an earlier run left. We hold the lock of the directory, so a server that still runs on
// it is an orphan: it is ended in an orderly way. A pid that now belongs to another program is only a stale file.
func clearPostmaster(data string) error {
	file := filepath.Join(data, "postmaster.pid")
	content, err := os.ReadFile(file)
	if err != nil {
		return nil // the usual case: there is none
	}
	first, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err == nil && pid > 1 && runsPostgres(pid, data) {
		_ = syscall.Kill(pid, syscall.SIGINT)
		for range 300 {
			if !runsPostgres(pid, data) {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		if runsPostgres(pid, data) {
			return fmt.Errorf("devservices: an older PostgreSQL (process %d) still runs on %s and does not stop", pid, data)
		}
	}
	if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("devservices: remove stale postmaster.pid: %w", err)
	}
	return nil
}

func runsPostgres(pid int, data string) bool {
	line, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	if err != nil {
		return false
	}
	return strings.Contains(string(line), "postgres") && strings.Contains(string(line), data)
}

// postmasterReady reads the state that the server itself keeps in line 8 of postmaster.pid.
func postmasterReady(data string, pid int) bool {
	content, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return false
	}
	lines := strings.Split(string(content), "\n")
	return len(lines) >= 8 && strings.TrimSpace(lines[0]) == strconv.Itoa(pid) && strings.TrimSpace(lines[7]) == "ready"
}

func postgresURL(password string, port int, database string) string {
	if database == "" {
		database = "postgres"
	}
	address := url.URL{Scheme: "postgres", User: url.UserPassword("postgres", password), Host: "127.0.0.1:" + strconv.Itoa(port), Path: "/" + database, RawQuery: "sslmode=disable"}
	return address.String()
}

// ensureDatabase creates the database when it is not there.
func ensureDatabase(ctx context.Context, s *Server, name string) error {
	if name == "" || name == "postgres" {
		return nil
	}
	address, err := url.Parse(s.URL)
	if err != nil {
		return fmt.Errorf("devservices: parse address: %w", err)
	}
	address.Path = "/postgres"
	conn, err := pgx.Connect(ctx, address.String())
	if err != nil {
		return fmt.Errorf("devservices: connect: %w", err)
	}
	defer conn.Close(ctx)
	var exists bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists); err != nil {
		return fmt.Errorf("devservices: look for database %s: %w", name, err)
	}
	if exists {
		return nil
	}
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize()); err != nil {
		return fmt.Errorf("devservices: create database %s: %w", name, err)
	}
	return nil
}

// serverEnv is the little that the servers need: nobody's PG… settings, no secrets of ours, messages in English.
func serverEnv() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "TZ=UTC"}
}
