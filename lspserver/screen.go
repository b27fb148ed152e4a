package lspserver

import (
	"sync"
	"time"

	"hotclub/runner"
	"hotclub/runner/discover"
	"hotclub/runner/project"
)

// calm is how long the editor is left alone after its lenses or diagnostics were brought up to
// date: a run of many tests changes them all the time.
const calm = 200 * time.Millisecond

// screen brings what an editor shows up to date: from one goroutine, the first change at once,
// those that follow closely together.
type screen struct {
	publish func(paths []string) // diagnostics
	lenses  func()               // asks the editor to ask for lenses again
	wake    chan struct{}

	mu       sync.Mutex
	failing  failing
	paths    map[string]bool // whose diagnostics are out of date
	outdated bool            // lenses are
}

func newScreen() *screen {
	return &screen{wake: make(chan struct{}, 1), paths: make(map[string]bool)}
}

// run works until done is closed.
func (s *screen) run(done <-chan struct{}) {
	for {
		select {
		case <-s.wake:
		case <-done:
			return
		}
		paths, lenses := s.take()
		if len(paths) > 0 {
			s.publish(paths)
		}
		if lenses {
			s.lenses()
		}
		select {
		case <-time.After(calm):
		case <-done:
			return
		}
	}
}

func (s *screen) take() (paths []string, lenses bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for path := range s.paths {
		paths = append(paths, path)
	}
	clear(s.paths)
	lenses, s.outdated = s.outdated, false
	return paths, lenses
}

// dirty notes what is out of date. The caller holds mu.
func (s *screen) dirty(lenses bool, paths ...string) {
	for _, path := range paths {
		s.paths[path] = true
	}
	s.outdated = s.outdated || lenses
	select {
	case s.wake <- struct{}{}:
	default: // it is awake
	}
}

// hear takes an event of a run.
func (s *screen) hear(e runner.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e := e.(type) {
	case runner.TestFinished:
		s.dirty(true, s.failing.note(e)...)
	case runner.ClassErrored:
		s.dirty(true, s.failing.noteClass(e)...)
	case runner.RunStarted, runner.TestStarted, runner.RunFinished:
		s.dirty(true)
	}
}

// refresh has the lenses asked for again.
func (s *screen) refresh() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dirty(true)
}

// textChanged moves the diagnostics of an edited buffer with its tests.
func (s *screen) textChanged(d *document) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failing.has(d.path) {
		s.dirty(false, d.path)
	}
}

// testsChanged drops the failures of tests that are gone, and shows what cannot be imported.
func (s *screen) testsChanged(_ *project.Project, change discover.Change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dirty(true, s.failing.change(change)...)
}
