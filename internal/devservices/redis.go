package devservices

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Redis starts the Redis server whose data lives in dir: append-only file synced every second, nothing evicted, a
// password. ctx bounds the start only; the server runs until Stop.
func Redis(ctx context.Context, dir string, opts Options) (*Server, error) {
	program, ok := newest("redis-server", "/usr/bin")
	if !ok {
		return nil, errors.New("devservices: Redis 7 or newer is not installed (no program redis-server in PATH): apt-get install redis-server, or set REDIS_URL to a server of your own")
	}
	own, err := serviceUser("redis", "nobody")
	if err != nil {
		return nil, err
	}
	h, err := openHome(dir, own)
	if err != nil {
		return nil, err
	}
	password, err := h.secret()
	if err != nil {
		h.unlock()
		return nil, err
	}
	kind := server{
		name: "Redis", home: h,
		stopBy: []syscall.Signal{syscall.SIGTERM, syscall.SIGTERM},
		command: func(port int) command {
			// The settings go in by standard input: on the command line everybody on the machine could read the password.
			return command{path: program, args: []string{"-"}, env: serverEnv(), dir: h.dir, stdin: redisConfig(password, port, opts), owner: h.owner, dying: syscall.SIGTERM}
		},
		ready: func(ctx context.Context, port, _ int) (bool, error) { return redisReady(ctx, port, password), nil },
		url:   func(port int) string { return "redis://:" + password + "@127.0.0.1:" + strconv.Itoa(port) + "/0" },
	}
	server, err := kind.start(ctx)
	if err != nil {
		h.unlock()
		return nil, err
	}
	return server, nil
}

func redisConfig(password string, port int, opts Options) string {
	lines := []string{
		"bind 127.0.0.1", "protected-mode yes", "port " + strconv.Itoa(port), "requirepass " + password, "daemonize no",
		"maxmemory-policy noeviction", "save \"\"", "logfile \"\"", "loglevel notice", "databases 16",
	}
	if opts.Disposable {
		lines = append(lines, "appendonly no")
	} else {
		lines = append(lines, "appendonly yes", "appendfsync everysec")
	}
	return strings.Join(lines, "\n") + "\n"
}

// redisReady is true when the server answers and has read its data. The password also tells that it is our server.
func redisReady(ctx context.Context, port int, password string) bool {
	dialer := net.Dialer{Timeout: time.Second}
	conn, err := dialer.DialContext(ctx, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return false
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	if _, err := fmt.Fprintf(conn, "AUTH %s\r\nPING\r\n", password); err != nil {
		return false
	}
	answers := bufio.NewReader(conn)
	auth, _ := answers.ReadString('\n')
	pong, _ := answers.ReadString('\n')
	return strings.HasPrefix(auth, "+OK") && strings.HasPrefix(pong, "+PONG")
}
