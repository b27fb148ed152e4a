package pool

import (
	"sync"
	"time"

	"hotclub/runner"
)

// journalKept is how many changes a pool remembers, for those who ask why.
const journalKept = 64

// journal is what became of a pool, and who wants to hear of it.
type journal struct {
	tell func(runner.PoolChange) // called in order; it must not block

	mu      sync.Mutex
	changes []runner.PoolChange
}

func (j *journal) add(change runner.PoolChange) {
	change.At = time.Now()
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.changes) == journalKept {
		j.changes = append(j.changes[:0:0], j.changes[1:]...)
	}
	j.changes = append(j.changes, change)
	if j.tell != nil {
		j.tell(change)
	}
}

// all returns what is remembered, the oldest first.
func (j *journal) all() []runner.PoolChange {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.changes[:len(j.changes):len(j.changes)]
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
