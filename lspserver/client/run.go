package client

import (
	"context"
	"encoding/json"
	"slices"

	"go.lsp.dev/jsonrpc2"

	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// following is a run whose story is being read.
type following struct {
	emit     func(runner.Event)
	finished chan runner.RunFinished // buffered
}

// Run asks for a run and hands its events to emit, in order, until the last; emit must
// not call the client. The end of ctx cancels the run, and Run still waits for its end:
// only Close, or the daemon's end, leave a run behind.
func (c *Client) Run(ctx context.Context, p wire.RunParams, emit func(runner.Event)) (runner.RunFinished, error) {
	f := &following{emit: emit, finished: make(chan runner.RunFinished, 1)}
	c.mu.Lock()
	c.runs[p.RunID] = f
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.runs, p.RunID)
	}()
	if err := c.call(context.WithoutCancel(ctx), wire.MethodRun, p, nil); err != nil {
		return runner.RunFinished{}, err
	}
	return c.wait(ctx, p.RunID, f)
}

func (c *Client) wait(ctx context.Context, id runner.RunID, f *following) (runner.RunFinished, error) {
	interrupted := ctx.Done()
	for {
		select {
		case result := <-f.finished:
			return result, nil
		case <-interrupted:
			interrupted = nil
			// The end of the run is the answer; this call ends with the connection at the latest.
			go c.call(context.WithoutCancel(ctx), wire.MethodCancelRun, wire.CancelRunParams{RunID: id}, nil)
		case <-c.conn.Done():
			select {
			case result := <-f.finished: // the last word before the end
				return result, nil
			default:
				return runner.RunFinished{}, ErrLost
			}
		}
	}
}

// handle takes the daemon's notifications, in order. The daemon asks this client nothing.
func (c *Client) handle(_ context.Context, req *jsonrpc2.Request) (any, error) {
	if req.IsCall() {
		return nil, jsonrpc2.ErrMethodNotFound
	}
	switch req.Method() {
	case wire.MethodNotice:
		take(c, req, func(n wire.Notice) (runner.RunID, []runner.Event) { return n.RunID, []runner.Event{n.Notice} })
	case wire.MethodRunStarted:
		take(c, req, func(s wire.RunStarted) (runner.RunID, []runner.Event) {
			return s.Run, []runner.Event{s.RunStarted}
		})
	case wire.MethodTestEvents:
		take(c, req, testEvents)
	case wire.MethodRunFinished:
		take(c, req, func(f wire.RunFinished) (runner.RunID, []runner.Event) {
			return f.Run, []runner.Event{f.RunFinished}
		})
	}
	return nil, nil
}

// take hands the events of a notification to the run that they belong to.
func take[P any](c *Client, req *jsonrpc2.Request, events func(P) (runner.RunID, []runner.Event)) {
	var params P
	if json.Unmarshal(slices.Clone(req.Params()), &params) != nil {
		return // of a daemon of another build; nothing in it can be used
	}
	id, list := events(params)
	c.mu.Lock()
	f := c.runs[id]
	c.mu.Unlock()
	if f == nil {
		return
	}
	for _, e := range list {
		f.emit(e)
		if last, ok := e.(runner.RunFinished); ok {
			f.finished <- last
		}
	}
}

func testEvents(p wire.TestEvents) (runner.RunID, []runner.Event) {
	var events []runner.Event
	for _, data := range p.Events {
		if e, err := wire.DecodeTestEvent(data); err == nil && e != nil {
			events = append(events, e)
		}
	}
	return p.RunID, events
}
