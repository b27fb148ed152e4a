package engine

import (
	"slices"
	"sync"
	"time"

	"hotclub/runner"
	"hotclub/runner/watch"
)

// followers are those who want to hear of every pool.
type followers struct {
	mu  sync.Mutex
	all []*func(string, runner.PoolChange)
}

// Follow has what becomes of the warm workers of every project, by its key, told to f until stop
// is called. f must not block.
func (e *Engine) Follow(f func(project string, change runner.PoolChange)) (stop func()) {
	e.followers.mu.Lock()
	defer e.followers.mu.Unlock()
	e.followers.all = append(e.followers.all, &f)
	return func() {
		e.followers.mu.Lock()
		defer e.followers.mu.Unlock()
		e.followers.all = slices.DeleteFunc(e.followers.all, func(each *func(string, runner.PoolChange)) bool { return each == &f })
	}
}

func (f *followers) tell(project string, change runner.PoolChange) {
	f.mu.Lock()
	all := slices.Clone(f.all)
	f.mu.Unlock()
	for _, each := range all {
		(*each)(project, change)
	}
}

// Watcher tells when files have changed in some directories.
type Watcher interface {
	Set(dirs []string)
	Changes() <-chan watch.Changes
	Fault() string
	Close()
}

// heard passes on what becomes of a pool.
func (e *Engine) heard(project string, change runner.PoolChange) {
	e.followers.tell(project, change)
	if change.Kind == runner.Booted || change.Kind == runner.BootFailed {
		e.watchAnew()
	}
}

// watchAnew says that what is to be watched may have changed.
func (e *Engine) watchAnew() {
	select {
	case e.rewatch <- struct{}{}:
	default: // it is due already
	}
}

// settle is how long a save is left alone: whoever saves and clicks at once has the processors for
// the run, which looks at the disk itself, and a formatter may write the file once more.
const settle = 50 * time.Millisecond

// keepWatch has what is warm looked at soon after something has changed where it has read, until
// the watcher is closed.
func (e *Engine) keepWatch() {
	settled := time.NewTimer(0)
	defer settled.Stop()
	for {
		select {
		case _, open := <-e.watcher.Changes():
			if !open {
				return
			}
		case <-e.saved:
		case <-e.rewatch:
			e.watcher.Set(e.watched())
		case <-settled.C:
			e.refresh()
			continue
		}
		settled.Reset(settle)
	}
}

// watched are the directories in which a change may matter.
func (e *Engine) watched() (dirs []string) {
	e.mu.Lock()
	var pools []*flavour
	for _, p := range e.projects {
		if p.config.Watch {
			pools = append(pools, p.pools...)
		}
	}
	e.mu.Unlock()
	for _, f := range pools {
		dirs = append(dirs, f.Watched()...)
	}
	return dirs
}

// Changed says that files may have changed: what is warm is held against the disk soon, in the
// background, and started anew where it is stale.
func (e *Engine) Changed() {
	select {
	case e.saved <- struct{}{}:
	default: // it is due already
	}
}

func (e *Engine) refresh() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, p := range e.projects {
		for _, f := range p.pools {
			if f.measures == nil { // else it starts anew when it is asked for, which is not after each save
				f.Refresh()
			}
		}
	}
}
