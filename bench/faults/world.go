package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"ouderportaal/internal/devservices"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/mailcatcher"
	"ouderportaal/migrations"
)

//go:embed data.sql
var dataSQL string

const (
	baseDomain = "faults.localhost"
	host       = "storing." + baseDomain
	database   = "faults"
	// rolePassword and token are for servers that only this machine reaches, and that end with the run.
	rolePassword = "faults"
	token        = "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww"
)

// world is what runs: private servers, and the processes that are killed.
type world struct {
	options
	dir      string
	owner    *pgxpool.Pool // sees everything
	redis    *redis.Client
	mails    *mailcatcher.Catcher
	pages    string // address of the web process
	programs []*program
	closers  []func() error
	once     sync.Once
}

// program is a process that is killed and started again.
type program struct {
	name  string
	path  string
	does  string
	env   []string
	log   string
	kills int
	*devservices.Program
}

func (p *program) start() (err error) {
	p.Program, err = devservices.Run(p.path, []string{p.does}, p.env, p.log)
	return err
}

// kill ends the process without a word and waits until it is gone; one that was gone before is a fault of the product.
func (p *program) kill() error {
	select {
	case <-p.Done():
		return fmt.Errorf("%s ended by itself: %s: %s", p.name, p.Ended(), p.Tail())
	default:
	}
	if err := syscall.Kill(p.PID(), syscall.SIGKILL); err != nil {
		return fmt.Errorf("kill %s: %w", p.name, err)
	}
	<-p.Done()
	return nil
}

// close ends everything, the last started first. It may be called twice.
func (w *world) close() (err error) {
	w.once.Do(func() {
		for i := len(w.closers) - 1; i >= 0; i-- {
			err = errors.Join(err, w.closers[i]())
		}
	})
	return err
}

func (w *world) onClose(do func() error) { w.closers = append(w.closers, do) }

// openWorld starts it all. What did start is closed by close, also after an error.
func openWorld(ctx context.Context, o options) (*world, error) {
	w := &world{options: o}
	var err error
	if w.dir, err = os.MkdirTemp("", "ouderportaal-faults-"); err != nil {
		return w, err
	}
	w.onClose(func() error { return os.RemoveAll(w.dir) })
	if err := errors.Join(os.Chmod(w.dir, 0o711), os.MkdirAll(w.logs, 0o755)); err != nil { // the servers' users pass through
		return w, err
	}
	env, err := w.startServers(ctx)
	if err != nil {
		return w, err
	}
	return w, w.startPrograms(ctx, env)
}

// startServers starts what the product stands on, with the settings of data that somebody wants to keep.
func (w *world) startServers(ctx context.Context) (env []string, err error) {
	postgres, err := devservices.Postgres(ctx, filepath.Join(w.dir, "postgres"), devservices.Options{Database: database})
	if err != nil {
		return nil, err
	}
	w.onClose(postgres.Stop)
	cache, err := devservices.Redis(ctx, filepath.Join(w.dir, "redis"), devservices.Options{})
	if err != nil {
		return nil, err
	}
	w.onClose(cache.Stop)
	options, err := redis.ParseURL(cache.URL)
	if err != nil {
		return nil, err
	}
	w.redis = redis.NewClient(options)
	w.onClose(w.redis.Close)
	if w.mails, err = mailcatcher.Start(mailcatcher.Config{Keep: 10 * w.deliveries}); err != nil {
		return nil, err
	}
	w.onClose(w.mails.Close)
	w.mails.Slow(w.mail)
	roles := migrations.Roles{App: as(postgres.URL, migrations.RoleNames.App), Relay: as(postgres.URL, migrations.RoleNames.Relay), Platform: as(postgres.URL, migrations.RoleNames.Platform)}
	if _, err := migrations.Apply(ctx, postgres.URL, roles); err != nil {
		return nil, err
	}
	if w.owner, err = pgxpool.New(ctx, postgres.URL); err != nil {
		return nil, err
	}
	w.onClose(func() error { w.owner.Close(); return nil })
	data := strings.NewReplacer("{groups}", strconv.Itoa(groups), "{token}", token).Replace(dataSQL)
	if _, err := w.owner.Exec(ctx, data); err != nil {
		return nil, fmt.Errorf("data.sql: %w", err)
	}
	images, err := filepath.Abs(filepath.Join(w.options.programs, "ouderportaal-images"))
	if err != nil {
		return nil, err
	}
	return []string{
		"PATH=" + os.Getenv("PATH"), "BASE_DOMAIN=" + baseDomain, "PUBLIC_SCHEME=http", "DATABASE_URL=" + roles.App, "DATABASE_RELAY_URL=" + roles.Relay,
		"REDIS_URL=" + cache.URL, "MEDIA_DIR=" + filepath.Join(w.dir, "media"), "IMAGES_PROGRAM=" + images, "SMTP_URL=" + w.mails.URL(),
		"MAIL_FROM=portaal@storing.example", "MAIL_GATHER=0s", "LINK_KEYS=" + strings.Repeat("0f", 32), "LOG_LEVEL=warn",
	}, os.MkdirAll(filepath.Join(w.dir, "media"), 0o755)
}

// as is the address for one of the roles.
func as(server, role string) string {
	u, err := url.Parse(server)
	if err != nil {
		panic(err) // devservices wrote it
	}
	u.User = url.UserPassword(role, rolePassword)
	return u.String()
}

// startPrograms starts the web process and two workers, and waits until all can work.
func (w *world) startPrograms(ctx context.Context, env []string) error {
	path, err := filepath.Abs(filepath.Join(w.options.programs, "ouderportaal"))
	if err != nil {
		return err
	}
	free, err := freeAddresses(4)
	if err != nil {
		return err
	}
	w.pages = free[0]
	var group errgroup.Group
	for i, name := range []string{"web", "work 1", "work 2"} {
		does, _, _ := strings.Cut(name, " ")
		if does == "web" {
			does = "serve"
		}
		ops := free[1+i]
		p := &program{name: name, path: path, does: does, env: append([]string{"LISTEN_ADDR=" + w.pages, "OPS_ADDR=" + ops}, env...),
			log: filepath.Join(w.logs, "faults-"+strings.ReplaceAll(name, " ", "-")+".log")}
		if err := errors.Join(os.RemoveAll(p.log), p.start()); err != nil {
			return err
		}
		w.programs = append(w.programs, p)
		w.onClose(func() error {
			_ = syscall.Kill(p.PID(), syscall.SIGKILL)
			<-p.Done()
			return nil
		})
		group.Go(func() error { return awaitReady(ctx, p, ops) })
	}
	return group.Wait()
}

func awaitReady(ctx context.Context, p *program, ops string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+ops+"/readyz", nil)
		if err != nil {
			return err
		}
		if answer, err := http.DefaultClient.Do(request); err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-p.Done():
			return fmt.Errorf("%s ended while starting: %s: %s", p.name, p.Ended(), p.Tail())
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready: %w: %s", p.name, ctx.Err(), p.Tail())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// freeAddresses finds ports that nobody uses, all different.
func freeAddresses(n int) ([]string, error) {
	var list []string
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		list = append(list, l.Addr().String())
	}
	return list, nil
}

// idOf is the same as faults.id in data.sql.
func idOf(kind string, n int) ids.ID {
	id, ok := ids.Parse("019" + kind + "000-0000-7000-8000-" + strconv.Itoa(100_000_000_000+n))
	if !ok {
		panic("faults: malformed id")
	}
	return id
}
