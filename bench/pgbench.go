package main

import (
	"context"
	_ "embed"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

//go:embed timeline.sql
var timelineSQL string

var tps = regexp.MustCompile(`(?m)^tps = ([0-9.]+)`)

// pgbench runs the plain query as the app's own role, so under row-level security, and gives its rate per second.
func (w *world) pgbench(ctx context.Context, d time.Duration) (float64, error) {
	program := "pgbench"
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench"); len(found) > 0 {
		program = found[len(found)-1]
	}
	script := filepath.Join(w.dir, "timeline.sql")
	if err := os.WriteFile(script, []byte(timelineSQL), 0o600); err != nil {
		return 0, err
	}
	u, err := url.Parse(w.url.app)
	if err != nil {
		return 0, err
	}
	password, _ := u.User.Password()
	cmd := exec.CommandContext(ctx, program, "--no-vacuum", "--protocol=prepared", "--client="+strconv.Itoa(connections), "--jobs=2",
		"--time="+strconv.Itoa(max(1, int(d.Seconds()))), "--define=tenants="+strconv.Itoa(w.tenants), "--file="+script,
		"--host="+u.Hostname(), "--port="+u.Port(), "--username="+u.User.Username(), u.Path[1:])
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "PGPASSWORD=" + password, "LC_ALL=C"}
	output, err := cmd.CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("pgbench: %w\n%s", err, output)
	}
	found := tps.FindSubmatch(output)
	if found == nil {
		return 0, fmt.Errorf("pgbench said no rate:\n%s", output)
	}
	return strconv.ParseFloat(string(found[1]), 64)
}
