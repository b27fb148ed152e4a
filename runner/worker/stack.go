package worker

import (
	"strings"
	"time"
)

const (
	stackPatience = 500 * time.Millisecond
	stackPoll     = 5 * time.Millisecond
)

// Stack asks the process where its threads are, also one that hangs in C code, and returns
// what it says; "" when it says nothing in time, or on platforms without such a signal.
func (w *Worker) Stack() string {
	before := w.capture.size()
	if err := askForStack(w.PID); err != nil {
		return ""
	}
	deadline := time.NewTimer(stackPatience)
	defer deadline.Stop()
	poll := time.NewTicker(stackPoll)
	defer poll.Stop()
	last := before
	for {
		select {
		case <-poll.C:
			// faulthandler writes from a signal handler, piece by piece: it is done when
			// nothing more comes.
			size := w.capture.size()
			if size > before && size == last {
				return strings.TrimSpace(w.capture.slice(Span{before, size}))
			}
			last = size
		case <-deadline.C:
			return strings.TrimSpace(w.capture.slice(Span{before, w.capture.size()}))
		case <-w.done:
			return ""
		}
	}
}
