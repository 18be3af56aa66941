package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"ouderportaal/internal/ids"
)

// What data.sql makes.
const (
	groups       = 10
	kidsPerGroup = 50
	perGroup     = 2 * kidsPerGroup // guardians, and so deliveries of a form to one group
	perLocation  = groups * perGroup
)

// everyGroup is the group of a form that goes to the whole location.
const everyGroup = -1

// form is one form that is sent until it is answered, with the same key each time.
type form struct {
	number int
	group  int  // whose guardians hear of it, or everyGroup
	entry  bool // of the diary; else it is a message to families
	path   string
	fields string
	begun  atomic.Bool
}

// reaches tells whether the guardians of a group hear of it.
func (f *form) reaches(group int) bool { return f.group == everyGroup || f.group == group }

// deliveries is how many mails it makes.
func (f *form) deliveries() int {
	if f.group == everyGroup {
		return perLocation
	}
	return perGroup
}

// plan divides the deliveries: about half goes by messages to all families of the location, the rest by entries about a group
// and messages to its families in turn.
func plan(deliveries int) []*form {
	wide := deliveries / 2 / perLocation
	narrow := (deliveries - wide*perLocation + perGroup - 1) / perGroup
	forms := make([]*form, wide+narrow)
	for i := range forms {
		f := &form{number: i, group: i % groups, entry: i%2 == 1}
		if i*wide/len(forms) != (i+1)*wide/len(forms) { // spread among the others
			f.group, f.entry = everyGroup, false
		}
		f.fill()
		forms[i] = f
	}
	return forms
}

// title is what its mails are recognised by.
const title = "Formulier nummer "

func (f *form) fill() {
	fields := url.Values{"form_key": {ids.New().String()}, "body": {"Vandaag was er veel te doen."}}
	about := title + strconv.Itoa(f.number) + "."
	group := idOf("21", max(f.group, 0))
	if f.entry {
		f.path = "/groep/" + group.String() + "/dagboek"
		fields.Set("title", about)
		for n := range kidsPerGroup {
			fields.Add("children", idOf("22", f.group*kidsPerGroup+n).String())
		}
	} else {
		f.path = "/berichten/aan/" + group.String()
		to, families := "group:"+group.String(), kidsPerGroup
		if f.group == everyGroup {
			to, families = "location:"+idOf("20", 0).String(), groups*kidsPerGroup
		}
		fields.Set("subject", about)
		fields.Set("to", to)
		fields.Set("families", to+"="+strconv.Itoa(families)) // that the page told its author
	}
	f.fields = fields.Encode()
}

// sent is what came of sending.
type sent struct {
	again   atomic.Int64 // forms that had been answered, or were on their way, and were sent again all the same
	cutOff  atomic.Int64 // requests to which no answer came
	refused atomic.Int64 // requests that the web process answered with an error of its own
}

// startSending sends the forms in the first part of the time that the faults take. Meanwhile somebody else sends forms again
// that were sent already, so that there is always a request for the web process to die under. wait ends when each is answered.
func startSending(ctx context.Context, w *world, forms []*form, seed uint64) (wait func() (*sent, error)) {
	s := &sent{}
	client := &http.Client{Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	every := time.Duration(0.6*float64(w.kills+w.flushes)*float64(w.gap)) / time.Duration(len(forms))
	group, inner := errgroup.WithContext(ctx)
	repeating, answered := context.WithCancel(inner)
	group.Go(func() error {
		defer answered()
		for i, f := range forms {
			f.begun.Store(true)
			if err := s.untilAnswered(inner, client, w, f); err != nil {
				return err
			}
			if (i+1)%10 == 0 {
				say("%d of %d forms are answered", i+1, len(forms))
			}
			pause(inner, every)
		}
		return nil
	})
	group.Go(func() error {
		random := rand.New(rand.NewPCG(seed, 1))
		for repeating.Err() == nil {
			if f := forms[random.IntN(len(forms))]; f.begun.Load() {
				s.again.Add(1)
				if err := s.untilAnswered(repeating, client, w, f); err != nil && repeating.Err() == nil {
					return err
				}
			}
			pause(repeating, 100*time.Millisecond)
		}
		return nil
	})
	return func() (*sent, error) { return s, group.Wait() }
}

// untilAnswered sends a form again and again, as somebody does who sees no answer, until it is taken.
func (s *sent) untilAnswered(ctx context.Context, client *http.Client, w *world, f *form) error {
	for ctx.Err() == nil {
		status, answer, err := f.send(ctx, client, w.pages)
		switch {
		case err != nil && ctx.Err() == nil:
			s.cutOff.Add(1)
		case status == http.StatusSeeOther:
			return nil
		case status >= 500:
			s.refused.Add(1)
		case err == nil:
			return fmt.Errorf("form %d: answer %d: %s", f.number, status, answer)
		}
		pause(ctx, 30*time.Millisecond)
	}
	return ctx.Err()
}

func (f *form) send(ctx context.Context, client *http.Client, address string) (status int, answer string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+f.path, strings.NewReader(f.fields))
	if err != nil {
		return 0, "", err
	}
	request.Host = host
	request.Header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Sec-Fetch-Site": {"same-origin"}, "Cookie": {"__Host-sessie=" + token}}
	response, err := client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	return response.StatusCode, string(text), err
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
