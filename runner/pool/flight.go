package pool

import (
	"context"
	"sync"
)

// flights computes a value once for each key, in the background, while all who want it wait;
// each may stop waiting. Successes are kept, failures are not.
type flights[V any] struct {
	mu    sync.Mutex
	known map[string]*flight[V]
}

type flight[V any] struct {
	landed chan struct{}
	value  V
	err    error
}

func (f *flights[V]) get(ctx context.Context, tasks *sync.WaitGroup, key string, compute func() (V, error)) (V, error) {
	f.mu.Lock()
	known := f.known[key]
	if known == nil {
		known = &flight[V]{landed: make(chan struct{})}
		if f.known == nil {
			f.known = make(map[string]*flight[V])
		}
		f.known[key] = known
		tasks.Go(func() { f.fly(key, known, compute) })
	}
	f.mu.Unlock()
	select {
	case <-known.landed:
		return known.value, known.err
	case <-ctx.Done():
		var none V
		return none, ctx.Err()
	}
}

func (f *flights[V]) fly(key string, one *flight[V], compute func() (V, error)) {
	one.value, one.err = compute()
	if one.err != nil {
		f.mu.Lock()
		if f.known[key] == one {
			delete(f.known, key)
		}
		f.mu.Unlock()
	}
	close(one.landed)
}

// forget makes the next get compute again.
func (f *flights[V]) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.known = nil
}
