package lspserver

import (
	"context"
	"strings"
	"sync"
	"time"

	"hotclub/runner"
)

// ahead has a test module loaded in a ready worker before it is asked for. Of what is expected in a
// row only the last counts.
type ahead struct {
	server *Server
	tasks  *background

	mu     sync.Mutex
	next   func() (expected runner.Request, ok bool) // nil while nothing is expected
	later  bool                                      // it is worth asking again when workers change
	stir   bool                                      // workers have changed since it was last asked for
	timer  *time.Timer
	cancel context.CancelFunc // of what goes on; nil for nothing
	ended  bool
}

// expect says what is likely to be run next: the tests of one module. next is called when nothing
// has been expected anew for a while.
func (a *ahead) expect(next func() (expected runner.Request, ok bool)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.next = next
	a.soonLocked()
}

// again looks once more whether the module is loaded.
func (a *ahead) again() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.soonLocked()
}

// hear looks once more where a new generation is ready, where workers have been lost to an edit, and,
// if that is waited for, where any has changed.
func (a *ahead) hear(change runner.PoolChange) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stir = true
	if a.later || change.Kind == runner.WorkersReady || change.Kind == runner.WorkerLost {
		a.soonLocked()
	}
}

// heard looks once more after a run, which has taken the worker that had the module.
func (a *ahead) heard(e runner.Event) {
	if _, ends := e.(runner.RunFinished); ends {
		a.again()
	}
}

func (a *ahead) soonLocked() {
	switch {
	case a.next == nil || a.ended:
	case a.timer == nil:
		a.timer = time.AfterFunc(quiet, a.begin)
	default:
		a.timer.Reset(quiet)
	}
}

// begin drops what goes on for what is expected now.
func (a *ahead) begin() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ended {
		return
	}
	if a.cancel != nil {
		a.cancel()
	}
	ctx, cancel := context.WithCancel(context.Background())
	a.cancel, a.later, a.stir = cancel, false, false
	next := a.next
	a.tasks.Go(func() {
		defer cancel()
		a.load(ctx, next)
	})
}

// load asks for the module.
func (a *ahead) load(ctx context.Context, next func() (runner.Request, bool)) {
	expected, ok := next()
	if !ok {
		return
	}
	later, err := a.server.Engine.Anticipate(ctx, expected)
	if err != nil {
		a.server.Log.Info("nothing is loaded in advance", "module", strings.Join(expected.Selection.Labels, " "), "err", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if ctx.Err() != nil {
		return // another has begun
	}
	a.later = later
	if later && a.stir {
		a.soonLocked() // they may have changed behind the answer
	}
}

// end forgets what is expected.
func (a *ahead) end() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended = true
	if a.timer != nil {
		a.timer.Stop()
	}
	if a.cancel != nil {
		a.cancel()
	}
}
