package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// S3Config says where a bucket is. Endpoint is host:port without scheme.
type S3Config struct {
	Endpoint  string
	AccessKey string
	SecretKey string
	Bucket    string
	Region    string // us-east-1 when empty, which MinIO and versitygw take too
	Secure    bool   // TLS
}

// ParseS3URL reads "https://key:secret@host:port/bucket?region=eu-west-1". The error never repeats the secret.
func ParseS3URL(raw string) (S3Config, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return S3Config{}, errors.New("blob: malformed storage address")
	}
	secret, _ := u.User.Password()
	c := S3Config{
		Endpoint: u.Host, AccessKey: u.User.Username(), SecretKey: secret, Bucket: strings.Trim(u.Path, "/"),
		Region: u.Query().Get("region"), Secure: u.Scheme == "https",
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return S3Config{}, errors.New("blob: storage address must start with http:// or https://")
	}
	return c, c.check()
}

func (c S3Config) check() error {
	for name, value := range map[string]string{"host": c.Endpoint, "access key": c.AccessKey, "secret key": c.SecretKey, "bucket": c.Bucket} {
		if value == "" {
			return fmt.Errorf("blob: storage address has no %s", name)
		}
	}
	return nil
}

// s3Store uses the plain calls of minio's Core: they stream, where Client.GetObject buffers and asks twice.
type s3Store struct {
	core   *minio.Core
	bucket string
	region string
	secure bool
	ready  atomic.Bool // the bucket has been seen
}

// OpenS3 opens a store in a bucket, which is made at first use when it is missing. Nothing is asked of the server yet: with
// the storage away the rest of the product still starts and works.
func OpenS3(c S3Config) (Store, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if c.Region == "" {
		c.Region = "us-east-1"
	}
	core, err := minio.NewCore(c.Endpoint, &minio.Options{
		Creds: credentials.NewStaticV4(c.AccessKey, c.SecretKey, ""), Secure: c.Secure, Region: c.Region,
		BucketLookup: minio.BucketLookupPath, Transport: newTransport(),
		MaxRetries: 2, // the default of ten keeps people waiting while the storage is away
	})
	if err != nil {
		return nil, fmt.Errorf("blob: open bucket: %w", err)
	}
	return &s3Store{core: core, bucket: c.Bucket, region: c.Region, secure: c.Secure}, nil
}

// newTransport waits a few seconds for a sign of life and as long as it takes for the bytes. Buffers stay at the 4 kB of
// net/http, so many slow readers cost little.
func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 3 * time.Second, KeepAlive: 15 * time.Second}).DialContext,
		TLSHandshakeTimeout:   5 * time.Second,
		ResponseHeaderTimeout: 20 * time.Second,
		IdleConnTimeout:       60 * time.Second,
		MaxIdleConns:          64,
		MaxIdleConnsPerHost:   64,
		DisableCompression:    true, // else a server that compresses changes sizes and ranges
	}
}

// ensureBucket makes the bucket when it is missing, once per process.
func (s *s3Store) ensureBucket(ctx context.Context) error {
	if s.ready.Load() {
		return nil
	}
	there, err := s.core.BucketExists(ctx, s.bucket)
	if err != nil {
		return err
	}
	if !there {
		err = s.core.MakeBucket(ctx, s.bucket, minio.MakeBucketOptions{Region: s.region})
		if code := minio.ToErrorResponse(err).Code; err != nil && code != minio.BucketAlreadyOwnedByYou && code != minio.BucketAlreadyExists {
			return err
		}
	}
	s.ready.Store(true)
	return nil
}

func (s *s3Store) Put(ctx context.Context, key string, r io.Reader, size int64, contentType string) error {
	if err := checkPut(key, size); err != nil {
		return err
	}
	if err := s.ensureBucket(ctx); err != nil {
		return s.failed("put", key, err)
	}
	if size == 0 { // the transport reads nothing when there is nothing to send
		if err := atEnd(r); err != io.EOF {
			return fmt.Errorf("blob: put %s: %w", key, err)
		}
		r = http.NoBody
	}
	// Over TLS the bytes are protected already; hashing them as well costs a fifth of the time.
	options := minio.PutObjectOptions{ContentType: contentType, DisableContentSha256: s.secure}
	options.SetMatchETagExcept("*") // If-None-Match: only when the key is free
	body := exactly(ctx, r, size)
	_, err := s.core.PutObject(ctx, s.bucket, key, body, size, "", "", options)
	if wrong := body.stop(); wrong != nil && err != nil {
		return fmt.Errorf("blob: put %s: %w", key, wrong)
	}
	if err != nil {
		return s.failed("put", key, err)
	}
	return nil
}

func (s *s3Store) Get(ctx context.Context, key string, offset, length int64) (io.ReadCloser, Info, error) {
	if err := errors.Join(checkKey(key), checkRange(offset, length)); err != nil {
		return nil, Info{}, err
	}
	if err := s.ensureBucket(ctx); err != nil {
		return nil, Info{}, s.failed("get", key, err)
	}
	options := minio.GetObjectOptions{}
	switch {
	case length != All:
		options.Set("Range", fmt.Sprintf("bytes=%d-%d", offset, offset+length-1))
	case offset > 0:
		options.Set("Range", fmt.Sprintf("bytes=%d-", offset))
	}
	body, object, head, err := s.core.GetObject(ctx, s.bucket, key, options)
	if spoiled(err) {
		body, object, head, err = s.core.GetObject(ctx, s.bucket, key, options)
	}
	if err != nil {
		if minio.ToErrorResponse(err).Code == minio.InvalidRange {
			return s.outside(ctx, key, offset)
		}
		return nil, Info{}, s.failed("get", key, err)
	}
	info := toInfo(object)
	if _, total, ok := strings.Cut(head.Get("Content-Range"), "/"); ok {
		if info.Size, err = strconv.ParseInt(total, 10, 64); err != nil {
			_ = body.Close()
			return nil, Info{}, s.failed("get", key, err)
		}
	}
	return &obedient{ctx, body}, info, nil
}

// obedient stops at once when its context ends; the transport alone notices a little later, with bytes still in hand.
type obedient struct {
	ctx context.Context
	io.ReadCloser
}

func (o *obedient) Read(p []byte) (int, error) {
	if err := o.ctx.Err(); err != nil {
		return 0, err
	}
	return o.ReadCloser.Read(p)
}

// spoiled tells of a read that met a connection on which an earlier upload had left something behind: the server calls the
// request malformed, which ours never are, and closes the connection. Asking again uses another one.
func spoiled(err error) bool {
	return err != nil && minio.ToErrorResponse(err).StatusCode == http.StatusBadRequest
}

// outside answers for a range that the server refused: an empty object may be read from its start, all else is a mistake.
func (s *s3Store) outside(ctx context.Context, key string, offset int64) (io.ReadCloser, Info, error) {
	info, err := s.Stat(ctx, key)
	if err != nil {
		return nil, Info{}, err
	}
	if info.Size == 0 && offset == 0 {
		return http.NoBody, info, nil
	}
	return nil, info, fmt.Errorf("%w: from %d of %d", ErrRange, offset, info.Size)
}

func (s *s3Store) Stat(ctx context.Context, key string) (Info, error) {
	if err := checkKey(key); err != nil {
		return Info{}, err
	}
	if err := s.ensureBucket(ctx); err != nil {
		return Info{}, s.failed("stat", key, err)
	}
	object, err := s.core.StatObject(ctx, s.bucket, key, minio.StatObjectOptions{})
	if spoiled(err) {
		object, err = s.core.StatObject(ctx, s.bucket, key, minio.StatObjectOptions{})
	}
	if err != nil {
		return Info{}, s.failed("stat", key, err)
	}
	return toInfo(object), nil
}

func (s *s3Store) Delete(ctx context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	if err := s.ensureBucket(ctx); err != nil {
		return s.failed("delete", key, err)
	}
	err := s.core.RemoveObject(ctx, s.bucket, key, minio.RemoveObjectOptions{})
	if err == nil || minio.ToErrorResponse(err).Code == minio.NoSuchKey {
		return nil
	}
	return s.failed("delete", key, err)
}

func (s *s3Store) List(ctx context.Context, prefix string, visit func(Info) error) error {
	if err := checkPrefix(prefix); err != nil {
		return err
	}
	if err := s.ensureBucket(ctx); err != nil {
		return s.failed("list", prefix, err)
	}
	for object := range s.core.ListObjectsIter(ctx, s.bucket, minio.ListObjectsOptions{Prefix: prefix, Recursive: true}) {
		if object.Err != nil {
			return s.failed("list", prefix, object.Err)
		}
		if strings.HasSuffix(object.Key, "/") {
			continue // a server that keeps folders may list them
		}
		info := toInfo(object)
		info.ContentType = ""
		if err := visit(info); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (s *s3Store) Ping(ctx context.Context) error {
	if err := s.ensureBucket(ctx); err != nil {
		return s.failed("ping", s.bucket, err)
	}
	there, err := s.core.BucketExists(ctx, s.bucket)
	if err == nil && !there {
		s.ready.Store(false)
		err = errors.New("bucket is gone")
	}
	if err != nil {
		return s.failed("ping", s.bucket, err)
	}
	return nil
}

func toInfo(o minio.ObjectInfo) Info {
	return Info{Key: o.Key, Size: o.Size, ETag: strings.Trim(o.ETag, `"`), ContentType: o.ContentType, Modified: o.LastModified}
}

// failed sorts an answer of the server. What is not about the object is about the storage: also a refused key or a missing
// bucket, which an operator must mend while people are told to try again.
func (s *s3Store) failed(verb, key string, err error) error {
	answer := minio.ToErrorResponse(err)
	switch {
	case answer.Code == minio.PreconditionFailed, answer.StatusCode == http.StatusPreconditionFailed:
		return fmt.Errorf("blob: %s %s: %w", verb, key, ErrExists)
	case answer.Code == minio.NoSuchKey:
		return fmt.Errorf("blob: %s %s: %w", verb, key, ErrNotFound)
	}
	return unavailable(verb, key, err)
}
