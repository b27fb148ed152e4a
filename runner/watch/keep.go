package watch

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/fsnotify/fsnotify"
)

// keeper owns the watches: it adds and removes them as the owner wants, and again when a
// directory has become another.
type keeper struct {
	notify *fsnotify.Watcher
	limit  int
	log    *slog.Logger
	places *atomic.Pointer[places] // for the gatherer
	fault  atomic.Pointer[string]

	mu      sync.Mutex
	wanted  []string
	watched map[string]int // by directory, links resolved: what its watch costs
}

func (k *keeper) set(wanted []string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.wanted = wanted
	k.arrange()
}

func (k *keeper) count() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.watched)
}

// run puts watches back where directories came and went. What is watched again is told again:
// it may have changed while it was not watched.
func (k *keeper) run(uprooted <-chan []string, again chan<- []string, done <-chan struct{}) {
	for paths := range uprooted {
		found := k.replant(paths)
		if len(found) == 0 {
			continue
		}
		select {
		case again <- found:
		case <-done:
		}
	}
}

// replant gives up the watches at and below the paths, which may be those of directories that
// are elsewhere by now, and watches what is there instead.
func (k *keeper) replant(paths []string) []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	for real, roles := range k.places.Load().at {
		for _, role := range roles {
			if anyAbove(paths, role.path) {
				k.drop(real)
			}
		}
	}
	return k.arrange()
}

func anyAbove(dirs []string, path string) bool {
	for _, dir := range dirs {
		if below(path, dir) {
			return true
		}
	}
	return false
}

// drop ends a watch. That the system has ended it already is no fault.
func (k *keeper) drop(real string) {
	if _, ok := k.watched[real]; ok {
		delete(k.watched, real)
		_ = k.notify.Remove(real)
	}
}

// arrange makes the watches those that are wanted and returns the wanted directories that are
// newly watched. A directory that appears while its parent's watch is added would be missed by
// both: it is looked for again.
func (k *keeper) arrange() []string {
	for rounds := 3; ; rounds-- {
		found, missing := k.arrangeOnce()
		if rounds == 0 || !anyExists(missing) {
			return found
		}
	}
}

func anyExists(dirs []string) bool {
	for _, dir := range dirs {
		if _, err := os.Stat(dir); err == nil {
			return true
		}
	}
	return false
}

func (k *keeper) arrangeOnce() (found, missing []string) {
	now, watch, missing := lookup(k.wanted)
	k.places.Store(now) // before the first watch tells anything
	for real := range k.watched {
		if _, ok := now.at[real]; !ok {
			k.drop(real)
		}
	}
	var lack lack
	used := 0
	for _, cost := range k.watched {
		used += cost
	}
	for _, real := range watch {
		if _, ok := k.watched[real]; ok {
			continue
		}
		cost := watchCost(real)
		if used+cost > k.limit {
			lack.tooMany++
			continue
		}
		if err := k.notify.Add(real); err != nil {
			if !errors.Is(err, fs.ErrNotExist) {
				lack.refuse(real, err)
			}
			continue
		}
		used += cost
		k.watched[real] = cost
		for _, role := range now.at[real] {
			if role.wanted {
				found = append(found, role.path)
			}
		}
	}
	for _, real := range watch {
		if kind := remote(real); kind != "" {
			lack.remote, lack.kind = real, kind
			break
		}
	}
	k.complain(lack.text(len(k.watched), len(watch)))
	return found, missing
}

// complain keeps the fault, and says it once.
func (k *keeper) complain(fault string) {
	if before := k.fault.Swap(&fault); fault != "" && (before == nil || *before != fault) {
		k.log.Warn("the file watcher does not see everything", "fault", fault)
	}
}

// lack is what cannot be watched.
type lack struct {
	tooMany      int // beyond the bound
	refused      int
	where        string // the first that was refused
	err          error
	remote, kind string // a directory of a network disk, and the kind of disk
}

func (l *lack) refuse(real string, err error) {
	if l.refused++; l.refused == 1 {
		l.where, l.err = real, err
	}
}

func (l *lack) text(watched, all int) string {
	var parts []string
	if l.tooMany > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d directories are watched: no more is used than %s", watched, all, limitRule))
	}
	if l.refused > 0 {
		parts = append(parts, fmt.Sprintf("the system refused to watch %d of %d directories (%s: %v); %s", l.refused, all, l.where, l.err, remedyWatches))
	}
	if l.remote != "" {
		parts = append(parts, fmt.Sprintf("%s is on a disk (%s) that does not tell of changes made elsewhere", l.remote, l.kind))
	}
	return strings.Join(parts, "; ")
}
