package watch

import (
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fsnotify/fsnotify"
)

// How long a burst may be. Editors, formatters and git write many files one after the other; a
// burst has ended when nothing more came for quiet, and is told at the latest after patience.
const (
	quiet    = 30 * time.Millisecond
	patience = 300 * time.Millisecond
)

// Changes are what happened in one burst.
type Changes struct {
	Paths      []string // sorted; each is new, gone, or was written. Directories are spelled as Set spelled them
	Everything bool     // the system lost track: any path may have changed. Paths is empty then
}

// Watcher tells of changes in some directories. Its methods may be called by any goroutine.
type Watcher struct {
	notify  *fsnotify.Watcher // nil where nothing can be watched
	changes chan Changes
	keeper  *keeper
	tasks   sync.WaitGroup
	done    chan struct{}
	end     func()
}

// New watches nothing yet. Where the system gives no watcher, the result never tells anything,
// and its Fault says why.
func New(log *slog.Logger) *Watcher {
	notify, err := fsnotify.NewWatcher()
	if err != nil {
		w := Off("nothing is watched: " + err.Error() + "; " + remedyInstances)
		log.Warn("no file watcher", "fault", w.Fault())
		return w
	}
	return start(notify, settings{limit: mostWatches(), quiet: quiet, patience: patience}, log)
}

// Off is a watcher that watches nothing, for the reason that its Fault gives.
func Off(reason string) *Watcher {
	w := &Watcher{changes: make(chan Changes), keeper: &keeper{}, done: make(chan struct{})}
	w.keeper.fault.Store(&reason)
	w.end = sync.OnceFunc(func() { close(w.changes) })
	return w
}

// settings are what tests choose otherwise.
type settings struct {
	limit           int
	quiet, patience time.Duration
}

func start(notify *fsnotify.Watcher, s settings, log *slog.Logger) *Watcher {
	w := &Watcher{notify: notify, changes: make(chan Changes), done: make(chan struct{})}
	places := &atomic.Pointer[places]{}
	places.Store(&emptyPlaces)
	uprooted, again := make(chan []string), make(chan []string)
	w.keeper = &keeper{notify: notify, limit: s.limit, log: log, places: places, watched: map[string]int{}, told: map[string]struct{}{}}
	g := &gatherer{
		events: notify.Events, errors: notify.Errors, again: again, uprooted: uprooted, changes: w.changes,
		places: places, quiet: s.quiet, patience: s.patience, log: log,
	}
	w.tasks.Go(g.run)
	w.tasks.Go(func() { w.keeper.run(uprooted, again, w.done) })
	w.end = sync.OnceFunc(func() {
		close(w.done)
		if err := notify.Close(); err != nil {
			log.Warn("cannot close the file watcher", "err", err)
		}
	})
	return w
}

// Set watches exactly these directories from now on, given by absolute paths; what is below
// them is watched only if it is named as well. Where there are too many, the first ones win. A
// directory that is not there is waited for. What changed before Set returns may not be told:
// who must know looks at the disk once afterwards.
func (w *Watcher) Set(dirs []string) {
	if w.notify == nil {
		return
	}
	wanted := make([]string, 0, len(dirs))
	for _, dir := range dirs {
		if filepath.IsAbs(dir) && !Ignored(filepath.Base(dir)) {
			wanted = append(wanted, filepath.Clean(dir))
		}
	}
	w.keeper.set(wanted)
}

// Changes gives one burst after the other. What happens while nobody takes a burst is added to
// it. The channel is closed by Close.
func (w *Watcher) Changes() <-chan Changes { return w.changes }

// Fault says why there is no head start, or only a part of one, and what to do; "" when all
// directories are watched.
func (w *Watcher) Fault() string {
	if fault := w.keeper.fault.Load(); fault != nil {
		return *fault
	}
	return ""
}

// Watched is for how many directories there is a watch.
func (w *Watcher) Watched() int { return w.keeper.count() }

// Close ends the watch and waits for its goroutines.
func (w *Watcher) Close() {
	w.end()
	w.tasks.Wait()
}

// below tells whether path is dir or lies in it.
func below(path, dir string) bool {
	rest, ok := strings.CutPrefix(path, dir)
	return ok && (rest == "" || rest[0] == filepath.Separator || os.IsPathSeparator(dir[len(dir)-1]))
}

func sorted(set map[string]struct{}) []string {
	return slices.Sorted(maps.Keys(set))
}
