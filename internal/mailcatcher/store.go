package mailcatcher

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Mail is one caught mail to one recipient.
type Mail struct {
	// ID is unique and grows; it is the time of arrival in nanoseconds.
	ID int64
	// From and To are of the envelope, which is what counts for delivery.
	From, To string
	At       time.Time
	// Raw is what came in, headers and all.
	Raw []byte

	once   sync.Once
	parsed Parsed
}

// Parsed reads the mail, once.
func (m *Mail) Parsed() Parsed {
	m.once.Do(func() {
		parsed, err := parse(m.Raw)
		if err != nil {
			parsed = Parsed{Problem: err.Error()}
		}
		m.parsed = parsed
	})
	return m.parsed
}

// keep stores a mail and forgets the oldest beyond the bound.
func (c *Catcher) keep(from, to string, raw []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	c.last = max(c.last+1, now.UnixNano())
	m := &Mail{ID: c.last, From: from, To: to, At: now, Raw: slices.Clone(raw)}
	if c.config.Dir != "" {
		// The envelope is not part of a mail: it goes along in the two headers that mail servers use for it.
		content := append(fmt.Appendf(nil, "Return-Path: <%s>\r\nDelivered-To: %s\r\n", from, to), raw...)
		if err := os.WriteFile(c.file(m), content, 0o600); err != nil {
			return fmt.Errorf("mailcatcher: keep mail: %w", err)
		}
	}
	c.mails = append(c.mails, m)
	c.accepted++
	var errs []error
	for len(c.mails) > c.config.Keep {
		errs = append(errs, c.remove(c.mails[0]))
		c.mails[0] = nil
		c.mails = c.mails[1:]
	}
	close(c.arrived)
	c.arrived = make(chan struct{})
	return errors.Join(errs...)
}

func (c *Catcher) file(m *Mail) string {
	return filepath.Join(c.config.Dir, strconv.FormatInt(m.ID, 10)+".eml")
}

func (c *Catcher) remove(m *Mail) error {
	if c.config.Dir == "" {
		return nil
	}
	if err := os.Remove(c.file(m)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("mailcatcher: forget mail: %w", err)
	}
	return nil
}

// load reads what an earlier run kept. A file that is not one of ours, or was cut off, is left alone.
func (c *Catcher) load() error {
	if err := os.MkdirAll(c.config.Dir, 0o700); err != nil {
		return fmt.Errorf("mailcatcher: make directory: %w", err)
	}
	files, err := filepath.Glob(filepath.Join(c.config.Dir, "*.eml"))
	if err != nil {
		return fmt.Errorf("mailcatcher: list mails: %w", err)
	}
	for _, file := range files {
		id, err := strconv.ParseInt(strings.TrimSuffix(filepath.Base(file), ".eml"), 10, 64)
		if err != nil || id <= 0 {
			continue
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("mailcatcher: read mail: %w", err)
		}
		if m, ok := unwrap(id, content); ok {
			c.mails = append(c.mails, m)
		}
	}
	slices.SortFunc(c.mails, func(a, b *Mail) int { return cmp.Compare(a.ID, b.ID) })
	if len(c.mails) > c.config.Keep {
		for _, m := range c.mails[:len(c.mails)-c.config.Keep] {
			if err := c.remove(m); err != nil {
				return err
			}
		}
		c.mails = slices.Clone(c.mails[len(c.mails)-c.config.Keep:])
	}
	if len(c.mails) > 0 {
		c.last = c.mails[len(c.mails)-1].ID
	}
	return nil
}

// unwrap takes the two lines of the envelope off a kept file.
func unwrap(id int64, content []byte) (*Mail, bool) {
	path, rest, okPath := bytes.Cut(content, []byte("\r\n"))
	to, raw, okTo := bytes.Cut(rest, []byte("\r\n"))
	from, isPath := strings.CutPrefix(string(path), "Return-Path: <")
	recipient, isTo := strings.CutPrefix(string(to), "Delivered-To: ")
	if !okPath || !okTo || !isPath || !isTo {
		return nil, false
	}
	return &Mail{ID: id, From: strings.TrimSuffix(from, ">"), To: recipient, At: time.Unix(0, id), Raw: raw}, true
}
