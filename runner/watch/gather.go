package watch

import (
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/fsnotify/fsnotify"
)

// mostPaths is how many paths a burst may name; beyond it everything may have changed.
const mostPaths = 4096

// gatherer makes bursts of events. It never waits for its readers: what they have not taken yet
// grows.
type gatherer struct {
	events   <-chan fsnotify.Event
	errors   <-chan error
	again    <-chan []string // directories that are watched again
	uprooted chan<- []string // paths at which directories came or went, for the keeper
	changes  chan<- Changes
	places   *atomic.Pointer[places]

	quiet, patience time.Duration
	log             *slog.Logger

	burst burst
	moved map[string]struct{} // not yet told to the keeper
}

// burst is what was gathered and not yet taken.
type burst struct {
	paths      map[string]struct{}
	everything bool
	since      time.Time // of the first event; zero when there is none
	ready      bool      // long enough; it only has to be taken
}

func (b *burst) add(paths []string) {
	for _, path := range paths {
		b.paths[path] = struct{}{}
	}
	if b.everything || len(b.paths) > mostPaths {
		b.everything = true
		clear(b.paths)
	}
}

func (b *burst) told() Changes { return Changes{Paths: sorted(b.paths), Everything: b.everything} }

func (g *gatherer) run() {
	defer close(g.changes)
	defer close(g.uprooted)
	g.burst.paths, g.moved = map[string]struct{}{}, map[string]struct{}{}
	due := time.NewTimer(0)
	due.Stop()
	defer due.Stop()
	for {
		var changes chan<- Changes
		var uprooted chan<- []string
		var told Changes
		var moved []string
		if g.burst.ready {
			changes, told = g.changes, g.burst.told()
		}
		if len(g.moved) > 0 {
			uprooted, moved = g.uprooted, sorted(g.moved)
		}
		select {
		case e, ok := <-g.events:
			if !ok {
				return
			}
			paths, places := g.places.Load().told(e)
			g.uproot(places)
			g.seen(paths, due)
		case err, ok := <-g.errors:
			if !ok {
				g.errors = nil // the events end as well
				continue
			}
			g.lost(err, due)
		case dirs := <-g.again:
			g.seen(dirs, due)
		case <-due.C:
			g.burst.ready = true
		case changes <- told:
			g.burst = burst{paths: map[string]struct{}{}}
		case uprooted <- moved:
			clear(g.moved)
		}
	}
}

// seen adds paths to the burst and waits for more, but not forever.
func (g *gatherer) seen(paths []string, due *time.Timer) {
	if len(paths) == 0 {
		return
	}
	g.burst.add(paths)
	if g.burst.since.IsZero() || g.burst.ready {
		g.burst.since, g.burst.ready = time.Now(), false
	}
	due.Reset(min(g.quiet, g.patience-time.Since(g.burst.since)))
}

func (g *gatherer) uproot(paths []string) {
	for _, path := range paths {
		g.moved[path] = struct{}{}
	}
}

// lost is told when the system lost events, or cannot say what they were. Directories may have
// come and gone as well, so that all are watched anew.
func (g *gatherer) lost(err error, due *time.Timer) {
	if !errors.Is(err, fsnotify.ErrEventOverflow) {
		g.log.Debug("the file watcher reports an error", "err", err)
	}
	wanted := g.places.Load().wanted
	g.burst.everything = true
	g.uproot(wanted)
	g.seen(wanted, due)
}
