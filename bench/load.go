package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"
)

// connections is how many clients each side of a comparison has.
const connections = 16

// load is what a round of requests came to.
type load struct {
	perSecond float64
	took      []time.Duration // of each request
	bytes     int64           // of bodies
}

// drive sends requests over kept connections for a while, each when the answer to the one before has come. A request is
// bytes made beforehand, and an answer is only counted, so that little of the processor goes into asking.
func drive(ctx context.Context, addr string, d time.Duration, next func(*rand.Rand) []byte) (load, error) {
	var mu sync.Mutex
	var total load
	var failed error
	var clients sync.WaitGroup
	began := time.Now()
	end := began.Add(d)
	for i := range connections {
		clients.Go(func() {
			mine, err := client(ctx, addr, end, rand.New(rand.NewPCG(uint64(i), uint64(began.UnixNano()))), next)
			mu.Lock()
			defer mu.Unlock()
			total.took = append(total.took, mine.took...)
			total.bytes += mine.bytes
			failed = errors.Join(failed, err)
		})
	}
	clients.Wait()
	total.perSecond = float64(len(total.took)) / time.Since(began).Seconds()
	return total, failed
}

func client(ctx context.Context, addr string, end time.Time, random *rand.Rand, next func(*rand.Rand) []byte) (load, error) {
	var mine load
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return mine, err
	}
	defer conn.Close()
	in := bufio.NewReaderSize(conn, 64<<10)
	for ctx.Err() == nil {
		at := time.Now()
		if !at.Before(end) {
			return mine, nil
		}
		if _, err := conn.Write(next(random)); err != nil {
			return mine, err
		}
		head, err := readHead(in)
		if err != nil {
			return mine, err
		}
		if head.status != 200 {
			return mine, fmt.Errorf("answer %d", head.status)
		}
		if _, err := in.Discard(head.length); err != nil {
			return mine, err
		}
		mine.took = append(mine.took, time.Since(at))
		mine.bytes += int64(head.length)
	}
	return mine, ctx.Err()
}

type head struct{ status, length int }

var contentLength = []byte("content-length:")

// readHead reads the lines before the body. Our servers always say how long it is.
func readHead(in *bufio.Reader) (head, error) {
	h := head{length: -1}
	for {
		text, err := in.ReadSlice('\n')
		if err != nil {
			return h, err
		}
		text = bytes.TrimRight(text, "\r\n")
		switch {
		case len(text) == 0:
			if h.length < 0 {
				return h, errors.New("an answer without its length")
			}
			return h, nil
		case h.status == 0:
			if len(text) < 12 {
				return h, errors.New("not an answer")
			}
			if h.status, err = strconv.Atoi(string(text[9:12])); err != nil {
				return h, err
			}
		case len(text) > len(contentLength) && bytes.EqualFold(text[:len(contentLength)], contentLength):
			if h.length, err = strconv.Atoi(string(bytes.TrimSpace(text[len(contentLength):]))); err != nil {
				return h, err
			}
		}
	}
}

// get is one request by itself, with its whole answer.
func get(addr string, request []byte) (head, []byte, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return head{}, nil, err
	}
	defer conn.Close()
	if _, err := conn.Write(request); err != nil {
		return head{}, nil, err
	}
	in := bufio.NewReader(conn)
	h, err := readHead(in)
	if err != nil {
		return h, nil, err
	}
	body := make([]byte, h.length)
	_, err = io.ReadFull(in, body)
	return h, body, err
}

// request is what a browser sends for a page.
func request(p parent, path string) []byte {
	return []byte("GET " + path + " HTTP/1.1\r\nHost: " + slugOf(p.tenant) + "." + baseDomain +
		"\r\nUser-Agent: Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36" +
		"\r\nAccept: text/html,application/xhtml+xml\r\nAccept-Encoding: gzip, deflate, br\r\nAccept-Language: nl-NL,nl;q=0.9,en;q=0.8" +
		"\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nCookie: __Host-sessie=" + tokenOf(p.person) + "\r\n\r\n")
}

func percentile(took []time.Duration, p float64) time.Duration {
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return took[min(len(took)-1, int(float64(len(took))*p))]
}
