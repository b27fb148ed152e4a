package watch

import (
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"
	"github.com/google/go-cmp/cmp"
)

// stream is a gatherer under a clock of the test's own.
type stream struct {
	events  chan fsnotify.Event
	errors  chan error
	changes chan Changes
	began   time.Time
}

func gather(t *testing.T) *stream {
	s := &stream{events: make(chan fsnotify.Event), errors: make(chan error), changes: make(chan Changes), began: time.Now()}
	where := &atomic.Pointer[places]{}
	where.Store(&places{wanted: []string{"/p"}, at: map[string][]place{"/p": {{"/p", true}}}, above: map[string]bool{"/p": true, "/": true}})
	uprooted := make(chan []string)
	g := &gatherer{
		events: s.events, errors: s.errors, uprooted: uprooted, changes: s.changes, places: where,
		quiet: quiet, patience: patience, log: slog.New(slog.DiscardHandler),
	}
	go g.run()
	go func() {
		for range uprooted {
		}
	}()
	t.Cleanup(func() { close(s.events) })
	return s
}

func (s *stream) write(path string) { s.events <- fsnotify.Event{Name: path, Op: fsnotify.Write} }

// expect takes a burst at the given time after the beginning.
func (s *stream) expect(t *testing.T, after time.Duration, want Changes) {
	t.Helper()
	got := <-s.changes
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if took := time.Since(s.began); took != after {
		t.Errorf("told after %v, want %v", took, after)
	}
}

func TestOneSaveIsToldAfterAQuietTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := gather(t)
		s.write("/p/a")
		s.expect(t, quiet, Changes{Paths: []string{"/p/a"}})
	})
}

func TestEachEventProlongsTheBurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := gather(t)
		for _, name := range []string{"c", "b", "a", "c"} {
			s.write("/p/" + name)
			time.Sleep(quiet - 10*time.Millisecond)
		}
		s.expect(t, 3*(quiet-10*time.Millisecond)+quiet, Changes{Paths: []string{"/p/a", "/p/b", "/p/c"}})
	})
}

func TestALongBurstIsToldInTheMiddle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := gather(t)
		go func() {
			for range 30 { // the last one after 522 ms
				s.write("/p/a")
				time.Sleep(18 * time.Millisecond)
			}
		}()
		s.expect(t, patience, Changes{Paths: []string{"/p/a"}})
		s.expect(t, 522*time.Millisecond+quiet, Changes{Paths: []string{"/p/a"}})
	})
}

// What nobody takes grows, and is told once.
func TestAnUntakenBurstGrows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := gather(t)
		s.write("/p/a")
		time.Sleep(time.Minute)
		s.write("/p/b")
		time.Sleep(time.Minute)
		s.expect(t, 2*time.Minute, Changes{Paths: []string{"/p/a", "/p/b"}})
		select {
		case more := <-s.changes:
			t.Errorf("told also %v", more)
		case <-time.After(time.Hour):
		}
	})
}

func TestTooManyPathsAreEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := gather(t)
		for i := range mostPaths + 1 {
			s.write(fmt.Sprintf("/p/%d", i))
		}
		s.expect(t, quiet, Changes{Everything: true})
		s.write("/p/a")
		s.expect(t, 2*quiet, Changes{Paths: []string{"/p/a"}})
	})
}

func TestLostEventsAreEverything(t *testing.T) {
	for _, err := range []error{fsnotify.ErrEventOverflow, errors.New("short read")} {
		synctest.Test(t, func(t *testing.T) {
			s := gather(t)
			s.write("/p/a")
			s.errors <- err
			s.expect(t, quiet, Changes{Everything: true})
		})
	}
}
