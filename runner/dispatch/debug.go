package dispatch

import (
	"context"

	"hotclub/runner"
	"hotclub/runner/pool"
	"hotclub/runner/worker"
)

// awaitDebugger has a worker wait for a debugger, where one is wanted. A worker that ends meanwhile
// takes the wish with it: whoever wanted to look has ended it.
func (e *executor) awaitDebugger(ctx context.Context, m *pool.Member) error {
	if e.debug == nil {
		return nil
	}
	if !e.waits(true) {
		return context.Canceled
	}
	defer e.waits(false)
	m.Listen(func(event worker.Event) {
		if ready, ok := event.(worker.DebuggerReady); ok {
			e.run.send(debuggerReady{runner.DebuggerReady{Host: ready.Host, Port: ready.Port, PID: m.PID}})
		}
	})
	err := m.Debug(ctx, *e.debug)
	e.debugged(err == nil, err)
	return err
}

// waits notes that the worker waits for a debugger, or no more. It reports whether the run goes on.
func (e *executor) waits(yes bool) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.waiting = yes
	return !e.stopping
}

// debugged notes whether a debugger is attached still. One that has left, or whose worker has died,
// is not waited for again: the run goes on without.
func (e *executor) debugged(still bool, err error) {
	if e.debug == nil || still {
		return
	}
	e.debug = nil
	if worker.IsDied(err) {
		e.run.send(notice{text: "the worker that was debugged has ended; what is left runs without a debugger", warning: true})
	}
}

// debuggerReady says that a worker waits for a debugger.
type debuggerReady struct{ event runner.DebuggerReady }

func (d debuggerReady) apply(r *run) { r.emit(d.event) }
