package bridge

import (
	"context"
	"sync"
)

// queueSize is how many bytes of the editor's messages may wait for the daemon before the
// editor is not read any more.
const queueSize = 64 << 20

// queue holds the editor's messages until the daemon takes them.
type queue struct {
	mu     sync.Mutex
	change *sync.Cond
	list   []message
	size   int // bytes
	closed bool
}

func newQueue() *queue {
	q := &queue{}
	q.change = sync.NewCond(&q.mu)
	return q
}

// push adds a message, waiting while there is too much. After close it drops it.
func (q *queue) push(m message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.size >= queueSize && !q.closed {
		q.change.Wait()
	}
	if !q.closed {
		q.add(m)
	}
}

// inject adds a message of the bridge's own, which never waits.
func (q *queue) inject(m message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.add(m)
}

func (q *queue) add(m message) {
	q.list = append(q.list, m)
	q.size += len(m.raw)
	q.change.Broadcast()
}

// next takes the oldest message. It waits for one until the queue is closed or ctx ends.
func (q *queue) next(ctx context.Context) (m message, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.wait(ctx)
	if len(q.list) == 0 || ctx.Err() != nil {
		return message{}, false
	}
	m = q.list[0]
	q.list[0] = message{} // its bytes are not to be kept
	q.list = q.list[1:]
	q.size -= len(m.raw)
	q.change.Broadcast()
	return m, true
}

// await waits until there is a message, the queue is closed or ctx ends.
func (q *queue) await(ctx context.Context) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.wait(ctx)
}

func (q *queue) wait(ctx context.Context) {
	if len(q.list) == 0 && !q.closed {
		defer context.AfterFunc(ctx, q.wake)()
	}
	for len(q.list) == 0 && !q.closed && ctx.Err() == nil {
		q.change.Wait()
	}
}

func (q *queue) wake() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.change.Broadcast()
}

// close says that the editor has nothing more to say. What waits can still be taken.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.change.Broadcast()
}

// ended reports whether close was called.
func (q *queue) ended() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.closed
}
