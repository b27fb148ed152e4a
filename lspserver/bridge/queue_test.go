package bridge

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// An editor that says more than can be kept is not read until there is room again.
func TestQueueIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		half := message{raw: make([]byte, queueSize/2)}
		q.push(half)
		q.push(half)
		pushed := make(chan struct{})
		go func() {
			defer close(pushed)
			q.push(half)
		}()
		synctest.Wait()
		select {
		case <-pushed:
			t.Error("a full queue took more")
		default:
		}
		q.inject(message{}) // the bridge's own words never wait
		q.next(t.Context())
		<-pushed
	})
}

func TestQueueEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, ok := q.next(ctx); ok {
			t.Error("nothing was taken for something")
		}
		q.push(message{id: "1"})
		if _, ok := q.next(ctx); ok {
			t.Error("a message was taken for a daemon that is gone")
		}
		q.close()
		q.push(message{id: "2"})
		if m, ok := q.next(t.Context()); !ok || m.id != "1" {
			t.Errorf("%v %v", m.id, ok)
		}
		if _, ok := q.next(t.Context()); ok {
			t.Error("a closed queue took more")
		}
	})
}
