package main

import (
	"context"
	"embed"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

//go:embed timeline.sql children.sql
var scripts embed.FS

var (
	tps          = regexp.MustCompile(`(?m)^tps = ([0-9.]+)`)
	transactions = regexp.MustCompile(`(?m)^number of transactions actually processed: ([0-9]+)`)
)

// plainly is what a round of pgbench came to.
type plainly struct {
	perSecond float64
	each      time.Duration // of processor time, pgbench's own included
}

// pgbench runs the plain query of a script as the app's own role, so under row-level security. defines are the script's
// variables: name=value.
func (w *world) pgbench(ctx context.Context, name string, clients int, d time.Duration, defines ...string) (p plainly, err error) {
	program := "pgbench"
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench"); len(found) > 0 {
		program = found[len(found)-1]
	}
	text, err := scripts.ReadFile(name)
	if err != nil {
		return p, err
	}
	script := filepath.Join(w.dir, name)
	if err := os.WriteFile(script, text, 0o600); err != nil {
		return p, err
	}
	u, err := url.Parse(w.url.app)
	if err != nil {
		return p, err
	}
	password, _ := u.User.Password()
	args := []string{"--no-vacuum", "--protocol=prepared", "--client=" + strconv.Itoa(clients), "--jobs=" + strconv.Itoa(min(clients, 2)),
		"--time=" + strconv.Itoa(max(1, int(d.Seconds()))), "--file=" + script, "--host=" + u.Hostname(), "--port=" + u.Port(), "--username=" + u.User.Username()}
	for _, define := range defines {
		args = append(args, "--define="+define)
	}
	cmd := exec.CommandContext(ctx, program, append(args, u.Path[1:])...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "PGPASSWORD=" + password, "LC_ALL=C"}
	others, before := childrenOf(w.postgres.PID()), w.processor()
	output, err := cmd.CombinedOutput()
	if err != nil {
		return p, fmt.Errorf("pgbench: %w\n%s", err, output)
	}
	outlive(w.postgres.PID(), others)
	rate, count := tps.FindSubmatch(output), transactions.FindSubmatch(output)
	if rate == nil || count == nil {
		return p, fmt.Errorf("pgbench said no rate:\n%s", output)
	}
	done, err := strconv.Atoi(string(count[1]))
	if err != nil || done == 0 {
		return p, fmt.Errorf("pgbench did nothing:\n%s", output)
	}
	p.each = (w.processor() - before) / time.Duration(done)
	p.perSecond, err = strconv.ParseFloat(string(rate[1]), 64)
	return p, err
}
