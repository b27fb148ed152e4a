package lspserver

import (
	"sync"
	"time"

	"hotclub/runner"
	"hotclub/runner/discover"
)

// calm is how long the editor is left alone after its lenses or diagnostics were brought up to
// date: a run of many tests changes them all the time.
const calm = 200 * time.Millisecond

// screen brings what an editor shows up to date. Its diagnostics do not wait for an editor that
// takes its time with its lenses.
type screen struct {
	diagnostics, lenses *repeated

	mu      sync.Mutex
	failing failing
	paths   map[string]bool // whose diagnostics are out of date
}

// newScreen has diagnostics published, and the editor asked to ask for its lenses again.
func newScreen(publish func(path string, failures []failure, faults []fault), lenses func()) *screen {
	s := &screen{lenses: newRepeated(lenses), paths: make(map[string]bool)}
	s.diagnostics = newRepeated(func() {
		for path, wrong := range s.take() {
			publish(path, wrong.failures, wrong.faults)
		}
	})
	return s
}

// wrong is what diagnostics of a file are about.
type wrong struct {
	failures []failure
	faults   []fault
}

// take is what is to be published, by file.
func (s *screen) take() map[string]wrong {
	s.mu.Lock()
	defer s.mu.Unlock()
	news := make(map[string]wrong)
	for path := range s.paths {
		news[path] = wrong{s.failing.of(path), s.failing.faultsOf(path)}
	}
	clear(s.paths)
	return news
}

// hear takes an event of a run.
func (s *screen) hear(e runner.Event) {
	s.lenses.again()
	switch e := e.(type) {
	case runner.TestFinished:
		s.update(func(f *failing) []string { return f.note(e) })
	case runner.ClassErrored:
		s.update(func(f *failing) []string { return f.noteClass(e) })
	}
}

// testsChanged drops the failures of tests that are gone, and shows what cannot be imported.
func (s *screen) testsChanged(change discover.Change) {
	s.lenses.again()
	s.update(func(f *failing) []string { return f.change(change) })
}

// projectLeft drops the failures of a project.
func (s *screen) projectLeft(key string) {
	s.lenses.again()
	s.update(func(f *failing) []string { return f.dropProject(key) })
}

// textChanged moves the diagnostics of a buffer with its tests.
func (s *screen) textChanged(d *document) {
	s.update(func(f *failing) []string {
		if f.has(d.path) {
			return []string{d.path}
		}
		return nil
	})
}

// update changes what is known of failures; change returns the files that it concerns.
func (s *screen) update(change func(*failing) []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	paths := change(&s.failing)
	for _, path := range paths {
		s.paths[path] = true
	}
	if len(paths) > 0 {
		s.diagnostics.again()
	}
}

// repeated is work that is done from one goroutine when something has changed: the first time at
// once, then for all that has changed meanwhile together.
type repeated struct {
	work func()
	wake chan struct{}
	calm time.Duration // before it is done again
}

func newRepeated(work func()) *repeated { return &repeated{work, make(chan struct{}, 1), calm} }

// again has the work done soon. It never waits.
func (r *repeated) again() {
	select {
	case r.wake <- struct{}{}:
	default: // it will be
	}
}

// run works until done is closed.
func (r *repeated) run(done <-chan struct{}) {
	for {
		select {
		case <-r.wake:
		case <-done:
			return
		}
		r.work()
		select {
		case <-time.After(r.calm):
		case <-done:
			return
		}
	}
}
