package demo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"ouderportaal/internal/devservices"
)

// watch keeps everything running until ctx ends. Processes of ours and Redis may go at any time and are started again:
// nothing may be lost by it, and the demo is where one can see that. Without PostgreSQL there is nothing to show.
func (d *demo) watch(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-d.web.Done():
			if err := d.restart(ctx, d.web); err != nil {
				return err
			}
		case <-d.worker.Done():
			if err := d.restart(ctx, d.worker); err != nil {
				return err
			}
		case <-gone(d.services.redisServer):
			if err := d.restartRedis(ctx); err != nil {
				return err
			}
		case <-gone(d.services.postgres):
			return errors.New("demo: PostgreSQL ended by itself; its log is " + d.services.postgres.LogFile)
		}
	}
}

// gone is never closed for a server that is not ours.
func gone(s *devservices.Server) <-chan struct{} {
	if s == nil {
		return nil
	}
	return s.Done()
}

func (d *demo) restart(ctx context.Context, c *child) error {
	if ctx.Err() != nil {
		return nil
	}
	now := time.Now()
	c.ended = append(slices.DeleteFunc(c.ended, func(t time.Time) bool { return now.Sub(t) > time.Minute }), now)
	if len(c.ended) > mostEnds {
		return fmt.Errorf("demo: the %s keeps ending (%s); the end of %s:\n%s", c.name, c.Ended(), c.log, c.Tail())
	}
	how := c.Ended()
	if err := c.start(); err != nil {
		return fmt.Errorf("demo: start %s again: %w", c.name, err)
	}
	if err := c.awaitReady(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		d.screen.line(fmt.Sprintf("the %s ended (%s) and does not come back yet", c.name, how))
		return nil // it will end, or be ready later; either is seen
	}
	d.screen.done(fmt.Sprintf("the %s ended (%s) and was started again (process %d)", c.name, how, c.PID()), now)
	return nil
}

func (d *demo) restartRedis(ctx context.Context) error {
	d.screen.line("Redis ended; it is started again in a moment, and nothing is lost: what must still happen is in PostgreSQL")
	select {
	case <-ctx.Done():
		return nil
	case <-time.After(restartWait):
	}
	old := d.services.redisServer
	_ = old.Stop() // it is gone already: this frees its directory
	server, err := devservices.Redis(ctx, filepath.Join(d.Dir, "redis"), devservices.Options{})
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	d.services.redisServer = server
	if server.URL == old.URL {
		d.screen.line("Redis runs again")
		return nil
	}
	return errors.New("demo: Redis came back on another port, because somebody took its own: start the demo again")
}

// check looks at one page of each organisation, as a browser would ask for it.
func (d *demo) check(ctx context.Context) error {
	for _, org := range organisations {
		if d.Empty {
			break
		}
		host := org.slug + "." + BaseDomain + ":" + strconv.Itoa(d.port)
		status, page := get(ctx, "http://127.0.0.1:"+strconv.Itoa(d.port)+"/inloggen", host)
		if status != http.StatusOK || !strings.Contains(page, org.name) {
			return fmt.Errorf("demo: http://%s/inloggen answers %d instead of the sign-in page of %s", host, status, org.name)
		}
	}
	if d.services.inbox != "" {
		if status, _ := get(ctx, d.services.inbox+"/", ""); status != http.StatusOK {
			return fmt.Errorf("demo: the inbox at %s answers %d", d.services.inbox, status)
		}
	}
	d.screen.line("Checked: every organisation answers.")
	return nil
}
