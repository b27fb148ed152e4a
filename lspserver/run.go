package lspserver

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"hotclub/lspserver/session"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// activeRun is one run of this client.
type activeRun struct {
	id     runner.RunID
	ctx    context.Context
	cancel context.CancelFunc
	story  *story
}

// run answers hotclub/run at once; the story follows as notifications.
func (c *connection) run(ctx context.Context, p wire.RunParams) (wire.RunAnswer, error) {
	r, position, err := c.begin(p)
	if err != nil {
		return wire.RunAnswer{}, err
	}
	session.Overlap(ctx) // labels may need a look at the disk
	request, err := c.request(p)
	if err != nil {
		c.forget(r)
		return wire.RunAnswer{}, session.InvalidParams("%v", err)
	}
	session.After(ctx, func() { c.carryOut(r, request) })
	return wire.RunAnswer{RunID: r.id, Position: position}, nil
}

// begin registers a run, so that a cancelRun right behind the request finds it.
func (c *connection) begin(p wire.RunParams) (r *activeRun, position int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case p.RunID == "":
		return nil, 0, session.InvalidParams("runId is missing")
	case c.runs[p.RunID] != nil:
		return nil, 0, session.InvalidParams("run %q goes on already", p.RunID)
	case c.closing:
		return nil, 0, ErrClosing
	case !c.trusted:
		return nil, 0, errUntrusted
	}
	if p.OnBusy == "cancelPrevious" {
		for _, previous := range c.runs {
			previous.cancel()
		}
	}
	r = &activeRun{id: p.RunID, story: &story{
		push: c.out.push, log: c.log, origin: c.client.Name, interval: c.interval, output: c.output,
		ledger: newLedger(p.RunID), begun: time.Now(),
	}}
	r.ctx, r.cancel = context.WithCancel(c.session.Context())
	position = len(c.runs)
	c.runs[r.id] = r
	c.order = append(c.order, r.id)
	c.running.Add(1)
	return r, position, nil
}

// carryOut has the engine carry out the run, and sees to it that its story has an end.
func (c *connection) carryOut(r *activeRun, request runner.Request) {
	defer c.forget(r)
	defer func() {
		reason := "internal error: the run ended without a result"
		if p := recover(); p != nil {
			c.log.Error("engine panicked", "run", r.id, "panic", p, "stack", string(debug.Stack()))
			reason = fmt.Sprintf("internal error: %v", p)
		}
		r.story.complete(reason)
	}()
	c.log.Info("run", "run", r.id, "client", request.Client.Name, "dir", request.Client.Dir)
	c.server.Engine.Run(r.ctx, request, r.story.emit)
}

func (c *connection) forget(r *activeRun) {
	r.cancel()
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.runs, r.id)
	c.order = slices.DeleteFunc(c.order, func(id runner.RunID) bool { return id == r.id })
	c.running.Done()
}

// cancelRun stops a run; its runFinished says when it has ended. A run that has just
// finished by itself is not an error: the client could not know.
func (c *connection) cancelRun(_ context.Context, p wire.CancelRunParams) (any, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p.RunID == "" {
		return nil, session.InvalidParams("runId is missing")
	}
	if r := c.runs[p.RunID]; r != nil {
		r.cancel()
	}
	return nil, nil
}
