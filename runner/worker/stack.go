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
				return withoutUs(w.capture.slice(Span{before, size}))
			}
			last = size
		case <-deadline.C:
			return withoutUs(w.capture.slice(Span{before, w.capture.size()}))
		case <-w.done:
			return ""
		}
	}
}

// withoutUs leaves out how a thread came to run a test: the frames of our own code, and what
// is below them.
func withoutUs(stacks string) string {
	var kept []string
	ours := false
	for line := range strings.Lines(stacks) {
		if !strings.HasPrefix(line, "  ") {
			ours = false // the headline of a thread
		}
		ours = ours || strings.Contains(line, "/hotclub_worker/")
		if !ours {
			kept = append(kept, line)
		}
	}
	return strings.TrimSpace(strings.Join(kept, ""))
}
