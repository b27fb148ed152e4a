package lspserver

import (
	"encoding/json"
	"sync"
)

// outboxSize is how many bytes of notifications may wait for a client that reads slowly
// before its runs wait with them.
const outboxSize = 16 << 20

// outboxLimit is how many may wait of what does not wait itself.
const outboxLimit = 4 * outboxSize

// outbox sends a connection's notifications in order from one goroutine, so that whoever
// has something to tell does not wait for the client to read, until too much has piled up.
type outbox struct {
	send func(method string, params json.RawMessage) error

	mu     sync.Mutex
	change *sync.Cond
	queue  []outgoing
	size   int // bytes in queue and in the hands of send
	taken  int // messages so far
	sent   int
	closed bool
}

type outgoing struct {
	method string
	params json.RawMessage
}

func newOutbox(send func(string, json.RawMessage) error) *outbox {
	o := &outbox{send: send}
	o.change = sync.NewCond(&o.mu)
	return o
}

// push queues a notification, waiting while the outbox is full. After close it does
// nothing: nobody is there to be told.
func (o *outbox) push(method string, params json.RawMessage) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.size >= outboxSize && !o.closed {
		o.change.Wait()
	}
	if o.closed {
		return
	}
	o.queue = append(o.queue, outgoing{method, params})
	o.taken++
	o.size += len(params)
	o.change.Broadcast()
}

// offer is push for what others than this client have caused: it never waits. It reports whether
// there was room, or nobody to be told.
func (o *outbox) offer(method string, params json.RawMessage) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.size >= outboxLimit && !o.closed {
		return false
	}
	if o.closed {
		return true
	}
	o.queue = append(o.queue, outgoing{method, params})
	o.taken++
	o.size += len(params)
	o.change.Broadcast()
	return true
}

// run sends until close.
func (o *outbox) run() {
	for {
		next, ok := o.next()
		if !ok {
			return
		}
		if err := o.send(next.method, next.params); err != nil {
			o.close()
			return
		}
		o.mu.Lock()
		o.size -= len(next.params)
		o.sent++
		o.change.Broadcast()
		o.mu.Unlock()
	}
}

func (o *outbox) next() (outgoing, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(o.queue) == 0 && !o.closed {
		o.change.Wait()
	}
	if o.closed {
		return outgoing{}, false
	}
	next := o.queue[0]
	o.queue = o.queue[1:]
	return next, true
}

// flush waits until all that was pushed before is sent, or close.
func (o *outbox) flush() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for due := o.taken; o.sent < due && !o.closed; {
		o.change.Wait()
	}
}

// close drops what is not sent and lets go of everyone who waits.
func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	o.queue = nil
	o.change.Broadcast()
}
