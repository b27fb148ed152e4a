package discover

import (
	"slices"
	"sync"

	"hotclub/runner"
)

// Change is how one revision of the tree differs from the one before.
type Change struct {
	Revision int
	Items    []runner.Item   // new ones and changed ones, parents before their children
	Removed  []runner.TestID // of items that are gone, children before their parents
	Errors   []Problem       // files that cannot be read or imported now and could before, or for another reason
}

// Problem is why a file's tests are not to be had.
type Problem struct {
	File    string // absolute
	Message runner.Message
}

func (c *Change) empty() bool { return len(c.Items)+len(c.Removed) == 0 }

// Subscribe has every later change told, in order, one at a time. No lock is held meanwhile:
// the function may ask the catalog and even change it, the new change is told after it has
// returned. None is begun after cancel.
func (c *Catalog) Subscribe(tell func(Change)) (cancel func()) {
	subscriber := &tell
	c.outbox.mu.Lock()
	defer c.outbox.mu.Unlock()
	c.outbox.subscribers = append(c.outbox.subscribers, subscriber)
	return func() {
		c.outbox.mu.Lock()
		defer c.outbox.mu.Unlock()
		c.outbox.subscribers = slices.DeleteFunc(slices.Clone(c.outbox.subscribers), func(s *func(Change)) bool { return s == subscriber })
	}
}

// outbox holds changes until they are told. Whoever finds nobody telling does it, for the
// others too.
type outbox struct {
	mu          sync.Mutex
	waiting     []Change
	telling     bool
	subscribers []*func(Change)
}

// put adds a change; the caller holds the lock under which it was made, so that the order
// is that of the revisions.
func (o *outbox) put(change Change) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.waiting = append(o.waiting, change)
}

// tell delivers what waits. The caller holds no lock.
func (o *outbox) tell() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.telling {
		return
	}
	o.telling = true
	defer func() { o.telling = false }()
	for len(o.waiting) > 0 {
		change := o.waiting[0]
		o.waiting = o.waiting[1:]
		for _, subscriber := range o.subscribers {
			o.call(subscriber, change)
		}
	}
}

// call lets go of the lock for the time of the call.
func (o *outbox) call(subscriber *func(Change), change Change) {
	if !slices.Contains(o.subscribers, subscriber) { // cancelled by one before it
		return
	}
	o.mu.Unlock()
	defer o.mu.Lock()
	(*subscriber)(change)
}
