package bridge

import (
	"context"
	"time"
)

const (
	attempts = 5                // to have a daemon
	window   = 30 * time.Second // within so long

	firstPause = 100 * time.Millisecond // before the second attempt
	growth     = 4                      // from one pause to the next
)

// retries limits how often a daemon is looked for. It counts also the daemons that were
// found and died, for one that dies of what it is told again would do so for ever.
type retries struct {
	made  []time.Time
	since time.Time // when the daemon was lost, until another has taken the session
}

// begin limits how long attempts may take in all.
func (r *retries) begin(ctx context.Context) (context.Context, context.CancelFunc) {
	if r.since.IsZero() {
		r.since = time.Now()
	}
	return context.WithDeadline(ctx, r.since.Add(window))
}

// done says that a daemon has the session.
func (r *retries) done() { r.since = time.Time{} }

// next waits for the time of the next attempt. It reports false when there have been too
// many lately, or ctx ends.
func (r *retries) next(ctx context.Context) bool {
	now := time.Now()
	for len(r.made) > 0 && now.Sub(r.made[0]) > window {
		r.made = r.made[1:]
	}
	if len(r.made) >= attempts {
		return false
	}
	if len(r.made) > 0 {
		pause := firstPause
		for range len(r.made) - 1 {
			pause *= growth
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return false
		}
	}
	r.made = append(r.made, time.Now())
	return ctx.Err() == nil
}
