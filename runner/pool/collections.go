package pool

import (
	"context"
	"strings"
	"time"

	"hotclub/runner/worker"
)

// collectionsKept is how many answers of the project's own loader a generation remembers.
const collectionsKept = 64

// Collection is such an answer.
type Collection struct {
	*worker.Collection
	reads []worker.Read // of the worker that collected, beyond what it inherited
}

// Unchanged tells of files whether they are on the disk as they were for the worker that collected; see
// [Member.Unchanged].
func (c *Collection) Unchanged() func(path string) bool { return unchanged(c.reads) }

// collected is an answer that is remembered. It holds while all that was read for it is unchanged.
type collected struct {
	*Collection
	used time.Time
}

// Collect returns the tests behind labels, from an earlier collection while all that it read
// is unchanged, else by the worker m; fresh tells which.
func (g *Generation) Collect(ctx context.Context, disk *Disk, m *Member, labels, options []string) (collection *Collection, fresh bool, err error) {
	key := collectionKey(disk, labels, options)
	g.pool.mu.Lock()
	known := g.collections[key]
	g.pool.mu.Unlock()
	if known != nil && disk.Stale(known.reads) == nil {
		g.pool.mu.Lock()
		known.used = time.Now()
		g.pool.mu.Unlock()
		return known.Collection, false, nil
	}
	found, err := g.Load(ctx, disk, m, labels, options)
	return found, err == nil, err
}

func collectionKey(disk *Disk, labels, options []string) string {
	return strings.Join(labels, "\x00") + "\x01" + strings.Join(options, "\x00") + "\x01" + disk.client.key()
}

// Load has the worker m load the tests behind labels, whether they are known already or not.
func (g *Generation) Load(ctx context.Context, disk *Disk, m *Member, labels, options []string) (*Collection, error) {
	answer, err := m.Collect(ctx, labels, options)
	if err != nil {
		return nil, err
	}
	found := &Collection{answer, m.Reads()}
	disk.remember(found.reads)
	if found.Seed == nil && found.Failed == 0 {
		g.remember(collectionKey(disk, labels, options), &collected{found, time.Now()})
	}
	return found, nil
}

func (g *Generation) remember(key string, entry *collected) {
	g.pool.mu.Lock()
	defer g.pool.mu.Unlock()
	g.collections[key] = entry
	if len(g.collections) <= collectionsKept {
		return
	}
	oldest := key
	for each, other := range g.collections {
		if other.used.Before(g.collections[oldest].used) {
			oldest = each
		}
	}
	delete(g.collections, oldest)
}
