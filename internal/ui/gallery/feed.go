package main

import (
	"fmt"
	"net/http"
	"sync"
)

// feed lets a POST to /live refresh the sample pages that were opened with ?live.
type feed struct {
	mu        sync.Mutex
	listeners map[chan struct{}]bool
}

func (f *feed) stream(w http.ResponseWriter, r *http.Request) {
	c := make(chan struct{}, 1)
	f.mu.Lock()
	if f.listeners == nil {
		f.listeners = map[chan struct{}]bool{}
	}
	f.listeners[c] = true
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		delete(f.listeners, c)
		f.mu.Unlock()
	}()
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	_ = out.Flush()
	for {
		select {
		case <-r.Context().Done():
			return
		case <-c:
			fmt.Fprint(w, "event: refresh\ndata:\n\n")
			_ = out.Flush()
		}
	}
}

// signal tells every open page, and logs how many there are: one per browser, however many tabs it has.
func (f *feed) signal() {
	f.mu.Lock()
	defer f.mu.Unlock()
	fmt.Println("streams:", len(f.listeners))
	for c := range f.listeners {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}
