package pool

import (
	"context"
	"strings"
	"time"

	"hotclub/runner/worker"
)

// collectionsKept is how many answers of the project's own loader a generation remembers.
const collectionsKept = 64

// collected is such an answer. It holds while all that was read for it is unchanged.
type collected struct {
	collection *worker.Collection
	reads      []worker.Read
	used       time.Time
}

// Collect returns the tests behind labels, from an earlier collection while all that it read
// is unchanged, else by the worker m; fresh tells which.
func (g *Generation) Collect(ctx context.Context, disk *Disk, m *Member, labels, options []string) (collection *worker.Collection, fresh bool, err error) {
	key := collectionKey(disk, labels, options)
	g.pool.mu.Lock()
	known := g.collections[key]
	g.pool.mu.Unlock()
	if known != nil && disk.Stale(known.reads) == nil {
		g.pool.mu.Lock()
		known.used = time.Now()
		g.pool.mu.Unlock()
		return known.collection, false, nil
	}
	found, err := g.Load(ctx, disk, m, labels, options)
	return found, err == nil, err
}

func collectionKey(disk *Disk, labels, options []string) string {
	return strings.Join(labels, "\x00") + "\x01" + strings.Join(options, "\x00") + "\x01" + disk.client.key()
}

// Load has the worker m load the tests behind labels, whether they are known already or not.
func (g *Generation) Load(ctx context.Context, disk *Disk, m *Member, labels, options []string) (*worker.Collection, error) {
	found, err := m.Collect(ctx, labels, options)
	if err != nil {
		return nil, err
	}
	disk.remember(m.Reads())
	if found.Seed == nil && found.Failed == 0 {
		g.remember(collectionKey(disk, labels, options), &collected{collection: found, reads: m.Reads(), used: time.Now()})
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
