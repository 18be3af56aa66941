package devservices

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// S3Kinds are the object stores that can be started, by the name of their program.
var S3Kinds = []string{"versitygw", "minio"}

// s3User is the name of the access key; the secret is random.
const s3User = "ouderportaal"

// S3 starts the object store of the given kind on dir, with an empty bucket when it is not there yet. program is the path of its binary.
// The URL is http://key:secret@127.0.0.1:port/bucket, in region us-east-1.
func S3(ctx context.Context, kind, program, dir, bucket string) (*Server, error) {
	if !slices.Contains(S3Kinds, kind) {
		return nil, fmt.Errorf("devservices: no object store is called %q, only %s", kind, strings.Join(S3Kinds, ", "))
	}
	if _, err := os.Stat(program); err != nil {
		return nil, fmt.Errorf("devservices: object store %s is not built: run scripts/setup --s3 %s: %w", kind, kind, err)
	}
	own, err := serviceUser("nobody")
	if err != nil {
		return nil, err
	}
	h, err := openHome(dir, own)
	if err != nil {
		return nil, err
	}
	server, err := startS3(ctx, h, kind, program, bucket)
	if err != nil {
		h.unlock()
		return nil, err
	}
	return server, nil
}

func startS3(ctx context.Context, h *home, kind, program, bucket string) (*Server, error) {
	secret, err := h.secret()
	if err != nil {
		return nil, err
	}
	data := filepath.Join(h.dir, "data")
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, fmt.Errorf("devservices: make data directory: %w", err)
	}
	if err := h.give(data); err != nil {
		return nil, err
	}
	// The program runs as another user, who may not reach the project's directory.
	run := program
	if h.owner != nil {
		if run, err = h.borrow(program); err != nil {
			return nil, err
		}
	}
	store := server{
		name: kind, home: h,
		stopBy: []syscall.Signal{syscall.SIGTERM, syscall.SIGTERM},
		command: func(port int) command {
			address := "127.0.0.1:" + strconv.Itoa(port)
			c := command{path: run, env: append(serverEnv(), "HOME="+h.dir), dir: h.dir, owner: h.owner, dying: syscall.SIGTERM}
			switch kind {
			case "versitygw":
				c.args = []string{"--port", address, "--quiet", "posix", data}
				c.env = append(c.env, "ROOT_ACCESS_KEY="+s3User, "ROOT_SECRET_KEY="+secret, "VGW_REGION=us-east-1")
			case "minio":
				c.args = []string{"server", "--quiet", "--address", address, "--console-address", "127.0.0.1:0", data}
				c.env = append(c.env, "MINIO_ROOT_USER="+s3User, "MINIO_ROOT_PASSWORD="+secret, "MINIO_BROWSER=off", "MINIO_UPDATE=off", "MINIO_CALLHOME_ENABLE=off")
			}
			return c
		},
		ready: func(ctx context.Context, port, _ int) (bool, error) {
			return makeBucket(ctx, port, bucket, secret)
		},
		url: func(port int) string {
			return fmt.Sprintf("http://%s:%s@127.0.0.1:%d/%s", s3User, secret, port, bucket)
		},
	}
	return store.start(ctx)
}

// borrow links or copies the program into the server's own directory.
func (h *home) borrow(program string) (string, error) {
	path := filepath.Join(h.dir, filepath.Base(program))
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		return "", fmt.Errorf("devservices: replace program: %w", err)
	}
	if err := os.Link(program, path); err == nil {
		return path, nil
	}
	from, err := os.Open(program)
	if err != nil {
		return "", fmt.Errorf("devservices: open program: %w", err)
	}
	defer from.Close()
	to, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o755)
	if err != nil {
		return "", fmt.Errorf("devservices: copy program: %w", err)
	}
	_, err = io.Copy(to, from)
	if closeErr := to.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return "", fmt.Errorf("devservices: copy program: %w", err)
	}
	return path, nil
}

// makeBucket asks for the bucket in the S3 protocol (a signed PUT without a body), which also tells whether the store
// serves: false means not yet. The client library has its one place, internal/blob; one request does not need it.
func makeBucket(ctx context.Context, port int, bucket, secret string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, fmt.Sprintf("http://127.0.0.1:%d/%s", port, bucket), nil)
	if err != nil {
		return false, err
	}
	sign(request, s3User, secret, time.Now().UTC())
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return false, nil //nolint:nilerr // it does not listen yet
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(answer.Body, 2048))
	switch {
	case answer.StatusCode == http.StatusOK, strings.Contains(string(body), "BucketAlreadyOwnedByYou"):
		return true, nil
	case answer.StatusCode >= 500:
		return false, nil // it listens, and is still starting
	default:
		return false, fmt.Errorf("make bucket: %s: %s", answer.Status, body)
	}
}

// sign adds AWS signature version 4 to a request without body and query.
// Source: docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
func sign(request *http.Request, key, secret string, now time.Time) {
	const nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" // sha-256 of no body
	day, moment := now.Format("20060102"), now.Format("20060102T150405Z")
	request.Header.Set("X-Amz-Date", moment)
	request.Header.Set("X-Amz-Content-Sha256", nothing)
	const signed = "host;x-amz-content-sha256;x-amz-date"
	canonical := strings.Join([]string{request.Method, request.URL.EscapedPath(), "",
		"host:" + request.URL.Host, "x-amz-content-sha256:" + nothing, "x-amz-date:" + moment, "", signed, nothing}, "\n")
	scope := day + "/us-east-1/s3/aws4_request"
	sum := sha256.Sum256([]byte(canonical))
	text := strings.Join([]string{"AWS4-HMAC-SHA256", moment, scope, hex.EncodeToString(sum[:])}, "\n")
	mac := []byte("AWS4" + secret)
	for _, part := range []string{day, "us-east-1", "s3", "aws4_request", text} {
		h := hmac.New(sha256.New, mac)
		h.Write([]byte(part))
		mac = h.Sum(nil)
	}
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+key+"/"+scope+", SignedHeaders="+signed+", Signature="+hex.EncodeToString(mac))
}
