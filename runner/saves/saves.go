package saves

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"hotclub/runner"
	"hotclub/runner/pool"
	"hotclub/runner/watch"
	"hotclub/runner/worker"
)

// pace is how often the disk is looked at where the watcher does not see everything.
const pace = time.Second

// Source is the project's part.
type Source interface {
	Known() []worker.Read // what its processes have read; the same path may come twice
	Busy() bool           // a run is on
}

// Watcher tells when to look; see [watch.Watcher].
type Watcher interface {
	Set(dirs []string)
	Changes() <-chan watch.Changes
	Fault() string
	Close()
}

// Saves implements [runner.Saves].
type Saves struct {
	root    string
	source  Source
	watcher Watcher
	begun   chan struct{} // a run has loaded its tests; holds one
	ended   chan struct{} // a run has ended; holds one

	turn     chan struct{} // of whoever awaits; holds one
	baseline map[at]worker.Read
	dirs     []string
	strikes  strikes
	told     string // the fault that was told last
}

// at is what was read: a directory may have been listed in two ways.
type at struct{ path, kind string }

var _ runner.Saves = (*Saves)(nil)

// New begins with the disk as it is now. It owns the watcher.
func New(root string, source Source, watcher Watcher) *Saves {
	s := &Saves{
		root: root, source: source, watcher: watcher, begun: make(chan struct{}, 1), ended: make(chan struct{}, 1), turn: make(chan struct{}, 1),
		baseline: make(map[at]worker.Read), strikes: strikes{run: 1, by: make(map[string]strike)},
	}
	for _, read := range source.Known() {
		if key := (at{read.Path, read.Kind}); s.baseline[key].Path == "" {
			s.baseline[key] = pool.Observe(read)
		}
	}
	s.watchAll()
	return s
}

// RunBegun has what a run has loaded looked at, and watched. It never waits.
func (s *Saves) RunBegun() { nudge(s.begun) }

// RunEnded has what the run has read looked at, and watched. It never waits.
func (s *Saves) RunEnded() { nudge(s.ended) }

func nudge(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default: // it will be looked at anyway
	}
}

// Close implements [runner.Saves].
func (s *Saves) Close() { s.watcher.Close() }

// Await implements [runner.Saves].
func (s *Saves) Await(ctx context.Context) (runner.Saved, error) {
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return runner.Saved{}, ctx.Err()
	}
	defer func() { <-s.turn }()
	poll := time.NewTimer(pace)
	poll.Stop()
	defer poll.Stop()
	when, where := s.phase(), everywhere
	for {
		if when == afterRun {
			where = everywhere
		}
		saved := s.look(when, where)
		fault := s.watcher.Fault()
		if fault != s.told {
			saved.Fault, s.told = fault, fault
		}
		if len(saved.Changes)+len(saved.Restless)+len(saved.Fault) > 0 {
			return saved, nil
		}
		if fault != "" {
			poll.Reset(pace)
		}
		select {
		case <-ctx.Done():
			return runner.Saved{}, ctx.Err()
		case changes, open := <-s.watcher.Changes():
			if !open {
				return runner.Saved{}, context.Canceled
			}
			when, where = s.phase(), among(changes)
		case <-s.begun:
			when, where = s.phase(), everywhere
		case <-s.ended:
			when, where = afterRun, everywhere
		case <-poll.C:
			when, where = s.phase(), everywhere
		}
	}
}

// phase is that of a look now. The end of a run comes before whatever else is told then.
func (s *Saves) phase() phase {
	select {
	case <-s.ended:
		return afterRun
	default:
	}
	if s.source.Busy() {
		return inRun
	}
	return idle
}

// look finds what has changed, in some places, and takes the disk as it is now for the baseline.
func (s *Saves) look(when phase, where places) runner.Saved {
	if s.meet() {
		where = everywhere // what was not watched yet may have changed
	}
	var reads []worker.Read
	for key, read := range s.baseline {
		if where(read) && when.counts(key.kind) {
			reads = append(reads, read)
		}
	}
	saved := runner.Saved{Changes: []runner.Cause{}}
	for _, cause := range pool.Look().Changes(reads) {
		s.advance(cause.File)
		switch s.strikes.judge(cause.File, when) {
		case counts:
			saved.Changes = append(saved.Changes, cause)
		case counted:
			saved.Restless = append(saved.Restless, cause.File)
		}
	}
	if when == afterRun {
		s.strikes.run++
	}
	slices.SortFunc(saved.Changes, func(a, b runner.Cause) int { return strings.Compare(a.File, b.File) })
	saved.Changes = slices.CompactFunc(saved.Changes, func(a, b runner.Cause) bool { return a.File == b.File })
	return saved
}

// meet adds what was read for the first time, as it was then, and has it watched.
func (s *Saves) meet() (watching bool) {
	met := false
	for _, read := range s.source.Known() {
		if key := (at{read.Path, read.Kind}); s.baseline[key].Path == "" {
			s.baseline[key] = read
			met = true
		}
	}
	return met && s.watchAll()
}

// advance takes a path as it is now, in each way in which it was read.
func (s *Saves) advance(path string) {
	for _, kind := range []string{worker.ReadFile, worker.ReadAbsent, worker.ReadNames, worker.ReadPackages} {
		if read, ok := s.baseline[at{path, kind}]; ok {
			read.Kind = kind
			s.baseline[at{path, kind}] = pool.Observe(read)
		}
	}
}

// watchAll has the directories watched, and reports whether they are others than before.
func (s *Saves) watchAll() bool {
	reads := make([]worker.Read, 0, len(s.baseline))
	for _, read := range s.baseline {
		reads = append(reads, read)
	}
	dirs := pool.Directories(s.root, reads)
	if slices.Equal(dirs, s.dirs) {
		return false
	}
	s.dirs = dirs
	s.watcher.Set(dirs)
	return true
}

// places tells whether a read is to be looked at.
type places func(worker.Read) bool

func everywhere(worker.Read) bool { return true }

// among are the places that a burst may have changed: the paths themselves, the directories that
// they are in, and what is in a directory that came or went.
func among(changes watch.Changes) places {
	if changes.Everything {
		return everywhere
	}
	touched := make(map[string]bool, 2*len(changes.Paths))
	came := make(map[string]bool, len(changes.Paths))
	for _, path := range changes.Paths {
		touched[path], touched[filepath.Dir(path)] = true, true
		came[path] = true
	}
	return func(read worker.Read) bool { return touched[read.Path] || came[filepath.Dir(read.Path)] }
}
