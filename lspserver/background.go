package lspserver

import "sync"

// background holds the goroutines of a connection that belong to no request. Handlers may still
// begin some while the connection ends: those are dropped.
type background struct {
	mu     sync.Mutex
	ended  bool
	group  sync.WaitGroup
	queue  []func() // of inTurn
	active bool     // somebody works on queue
}

// Go runs f in a goroutine of its own.
func (b *background) Go(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.ended {
		b.group.Go(f)
	}
}

// inTurn runs f behind what was given to inTurn before, one at a time: what changes the workspace
// must not overtake each other.
func (b *background) inTurn(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended {
		return
	}
	b.queue = append(b.queue, f)
	if !b.active {
		b.active = true
		b.group.Go(b.work)
	}
}

func (b *background) work() {
	for {
		b.mu.Lock()
		if len(b.queue) == 0 || b.ended {
			b.active = false
			b.mu.Unlock()
			return
		}
		f := b.queue[0]
		b.queue = b.queue[1:]
		b.mu.Unlock()
		f()
	}
}

// end refuses more and waits for what goes on.
func (b *background) end() {
	b.mu.Lock()
	b.ended = true
	b.mu.Unlock()
	b.group.Wait()
}
