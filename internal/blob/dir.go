package blob

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"
)

// dirStore keeps every object as one file: a fixed header with its description, then the content. Because the description is in
// the same file there is no moment at which one is there without the other.
type dirStore struct{ root *os.Root }

// Files are written here and linked to their key when they are whole; the dot keeps it out of reach of keys.
const (
	scratch    = ".incoming"
	scratchAge = 24 * time.Hour
)

// OpenDir opens a store in a folder, which is made when it is missing. One machine's disk is enough for a demo, for
// development and for a single small server; several processes may share the folder.
func OpenDir(root string) (Store, error) {
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, fmt.Errorf("blob: make folder: %w", err)
	}
	r, err := os.OpenRoot(root) // no symbolic link can lead a key out of it
	if err != nil {
		return nil, fmt.Errorf("blob: open folder: %w", err)
	}
	s := &dirStore{root: r}
	if err := r.MkdirAll(scratch, 0o700); err != nil {
		return nil, fmt.Errorf("blob: make folder: %w", err)
	}
	return s, s.sweep()
}

// sweep removes what a killed process left half written.
func (s *dirStore) sweep() error {
	entries, err := fs.ReadDir(s.root.FS(), scratch)
	if err != nil {
		return fmt.Errorf("blob: read folder: %w", err)
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err == nil && time.Since(info.ModTime()) > scratchAge {
			_ = s.root.Remove(path.Join(scratch, entry.Name()))
		}
	}
	return nil
}

func (s *dirStore) Put(ctx context.Context, key string, r io.Reader, size int64, contentType string) error {
	if err := checkPut(key, size); err != nil {
		return err
	}
	if len(contentType) > maxContentType {
		return fmt.Errorf("blob: put %s: content type of %d bytes", key, len(contentType))
	}
	if _, err := s.root.Lstat(key); err == nil {
		return ErrExists
	}
	body := exactly(ctx, r, size)
	temp, err := s.write(body, contentType)
	if wrong := body.stop(); wrong != nil {
		return fmt.Errorf("blob: put %s: %w", key, wrong)
	}
	if err != nil {
		return s.failed("put", key, err)
	}
	defer func() { _ = s.root.Remove(temp) }()
	if err := s.publish(temp, key); err != nil {
		return s.failed("put", key, err)
	}
	return nil
}

// write puts the whole object on disk under a name that no key has.
func (s *dirStore) write(body io.Reader, contentType string) (name string, err error) {
	name = path.Join(scratch, rand.Text())
	file, err := s.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	defer func() {
		err = errors.Join(err, file.Close())
		if err != nil {
			_ = s.root.Remove(name)
		}
	}()
	if _, err := file.Seek(headerSize, io.SeekStart); err != nil {
		return "", err
	}
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(file, sum), body); err != nil {
		return "", err
	}
	head := header{contentType: contentType, etag: hex.EncodeToString(sum.Sum(nil)[:16])}
	if _, err := file.WriteAt(head.encode(), 0); err != nil {
		return "", err
	}
	return name, file.Sync()
}

// publish gives a whole file its key. A link never replaces what is there, and that is what makes a store write-once.
func (s *dirStore) publish(temp, key string) error {
	folder := path.Dir(key)
	var err error
	for range 3 { // a Delete of the last neighbour may take the folder away between our two steps
		if err = s.makeFolder(folder); err != nil {
			return err
		}
		if err = s.root.Link(temp, key); !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	if errors.Is(err, fs.ErrExist) {
		return ErrExists
	}
	if err != nil {
		return err
	}
	return s.syncFolder(folder)
}

// makeFolder makes a folder and those above it, and has each of them remembered by the one above it.
func (s *dirStore) makeFolder(folder string) error {
	if _, err := s.root.Stat(folder); err == nil {
		return nil
	}
	above := path.Dir(folder)
	if above != folder {
		if err := s.makeFolder(above); err != nil {
			return err
		}
	}
	if err := s.root.Mkdir(folder, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return s.syncFolder(above)
}

func (s *dirStore) syncFolder(folder string) error {
	dir, err := s.root.Open(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // deleted again meanwhile, and so was what it held
	}
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func (s *dirStore) Stat(_ context.Context, key string) (Info, error) {
	file, info, err := s.open("stat", key)
	if err != nil {
		return Info{}, err
	}
	return info, file.Close()
}

func (s *dirStore) Get(ctx context.Context, key string, offset, length int64) (io.ReadCloser, Info, error) {
	if err := checkRange(offset, length); err != nil {
		return nil, Info{}, err
	}
	file, info, err := s.open("get", key)
	if err != nil {
		return nil, Info{}, err
	}
	if offset > info.Size || (offset == info.Size && offset > 0) {
		_ = file.Close()
		return nil, info, fmt.Errorf("%w: from %d of %d", ErrRange, offset, info.Size)
	}
	if length == All || length > info.Size-offset {
		length = info.Size - offset
	}
	return &section{ctx: ctx, SectionReader: io.NewSectionReader(file, headerSize+offset, length), Closer: file}, info, nil
}

// section reads a part of a file for as long as somebody waits for it.
type section struct {
	ctx context.Context
	*io.SectionReader
	io.Closer
}

func (s *section) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.SectionReader.Read(p)
}

func (s *dirStore) open(verb, key string) (*os.File, Info, error) {
	if err := checkKey(key); err != nil {
		return nil, Info{}, err
	}
	file, err := s.root.Open(key)
	if err != nil {
		return nil, Info{}, s.failed(verb, key, err)
	}
	info, err := describe(file, key)
	if err != nil {
		_ = file.Close()
		return nil, Info{}, s.failed(verb, key, err)
	}
	return file, info, nil
}

func (s *dirStore) Delete(_ context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	if err := s.root.Remove(key); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return s.failed("delete", key, err)
	}
	// The folder of one photo goes with its last variant; a folder that still holds something refuses.
	if folder := path.Dir(key); folder != "." {
		_ = s.root.Remove(folder)
	}
	return nil
}

func (s *dirStore) List(ctx context.Context, prefix string, visit func(Info) error) error {
	if err := checkPrefix(prefix); err != nil {
		return err
	}
	from := "."
	if prefix != "" {
		from = strings.TrimSuffix(prefix, "/")
	}
	return fs.WalkDir(s.root.FS(), from, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // nothing under the prefix, or deleted while we walked
		case err != nil:
			return s.failed("list", prefix, err)
		case ctx.Err() != nil:
			return ctx.Err()
		case name == scratch:
			return fs.SkipDir
		case entry.IsDir():
			return nil
		}
		file, info, err := s.open("list", name)
		if errors.Is(err, ErrNotFound) || errors.Is(err, ErrKey) {
			return nil
		}
		if err != nil {
			return err
		}
		_ = file.Close()
		info.ContentType = ""
		return visit(info)
	})
}

func (s *dirStore) Ping(context.Context) error {
	name := path.Join(scratch, rand.Text())
	file, err := s.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return s.failed("ping", ".", err)
	}
	if err := errors.Join(file.Close(), s.root.Remove(name)); err != nil {
		return s.failed("ping", ".", err)
	}
	return nil
}

// failed sorts an error of the file system. A missing file is a missing object only while the store itself is there: an
// unmounted disk must not look like an empty one.
func (s *dirStore) failed(verb, key string, err error) error {
	switch {
	case errors.Is(err, ErrExists):
		return fmt.Errorf("blob: %s %s: %w", verb, key, err)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, errNoObject):
		if _, gone := s.root.Lstat(scratch); gone == nil {
			return fmt.Errorf("blob: %s %s: %w", verb, key, ErrNotFound)
		}
	}
	return unavailable(verb, key, err)
}
