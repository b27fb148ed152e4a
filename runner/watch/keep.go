package watch

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"slices"
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
	watched map[string]int      // by directory, links resolved: what its watch costs
	told    map[string]struct{} // wanted directories whose watch has ended or begun in this arrangement
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
		k.tell(k.places.Load().at[real])
	}
}

// tell has the owner look at directories that were not watched for a moment.
func (k *keeper) tell(roles []place) {
	for _, role := range roles {
		if role.wanted {
			k.told[role.path] = struct{}{}
		}
	}
}

// mostRounds is how often the watches are arranged anew because directories come and go meanwhile.
const mostRounds = 100

// arrange makes the watches those that are wanted and returns the wanted directories of which
// something may have been missed. What comes or goes between the look at it and the watch would be told by nobody:
// then all is looked up once more.
func (k *keeper) arrange() []string {
	for range mostRounds {
		if k.arrangeOnce() {
			break
		}
	}
	told := sorted(k.told)
	clear(k.told)
	return told
}

func (k *keeper) arrangeOnce() (settled bool) {
	now, watch, missing := lookup(k.wanted)
	for real := range k.watched {
		if _, ok := now.at[real]; !ok {
			k.drop(real)
		}
	}
	k.renewBelow(watch)
	k.places.Store(now) // before the first watch tells anything
	lack := lack{}
	settled = true
	for _, real := range k.affordable(watch, &lack) {
		err := k.notify.Add(real)
		if errors.Is(err, fs.ErrNotExist) {
			settled = false
		} else if err != nil {
			lack.refuse(real, err)
		}
		if err != nil {
			delete(k.watched, real)
			continue
		}
		k.tell(now.at[real])
	}
	lack.far(watch)
	k.complain(lack.text(len(k.watched), len(watch)))
	return settled && !slices.ContainsFunc(missing, exists)
}

// renewBelow drops the watches of all that lies below a directory that is about to be watched.
// fsnotify keeps the end of a directory to itself where the one above is watched, which is to tell
// of it; one that has just been watched does not, if the end came before.
func (k *keeper) renewBelow(watch []string) {
	kept := maps.Clone(k.watched)
	for _, above := range watch {
		if _, ok := kept[above]; ok {
			continue
		}
		for real := range kept {
			if below(real, above) {
				k.drop(real)
			}
		}
	}
}

// affordable notes the cost of the directories that are not watched yet, as far as the bound
// allows, and returns them so that none comes before one that it lies in: once that is watched,
// nothing happens to it unseen.
func (k *keeper) affordable(watch []string, lack *lack) (news []string) {
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
		used += cost
		k.watched[real] = cost
		news = append(news, real)
	}
	slices.Sort(news)
	return news
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
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

// far notes the first directory that is on a disk of another machine.
func (l *lack) far(dirs []string) {
	for _, dir := range dirs {
		if l.kind = remote(dir); l.kind != "" {
			l.remote = dir
			return
		}
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
