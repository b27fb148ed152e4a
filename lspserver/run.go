package lspserver

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"hotclub/lspserver/session"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// activeRun is one run of a client.
type activeRun struct {
	id     runner.RunID
	origin *connection
	ctx    context.Context
	cancel context.CancelFunc
	story  *story
	way    []runner.Timing // that the request has come so far
	behind []*activeRun    // that it waits for
	done   chan struct{}   // closed at its end

	// Of the goroutine that emits.
	request runner.Request
	project string        // key; "" until the tests are known
	module  string        // that all tests are in; "" for several
	failed  []runner.Test // so far
}

// run answers hotclub/run.
func (c *connection) run(ctx context.Context, p wire.RunParams) (wire.RunAnswer, error) {
	return c.take(ctx, p, nil)
}

// take answers a request for a run at once; the story follows as notifications.
func (c *connection) take(ctx context.Context, p wire.RunParams, debug *runner.Debug) (wire.RunAnswer, error) {
	r, position, err := c.begin(p, c.out.push)
	if err != nil {
		return wire.RunAnswer{}, err
	}
	open := c.docs.list()
	session.Overlap(ctx) // from here on the disk is looked at
	request, err := c.request(p, open)
	if err != nil {
		err = session.InvalidParams("%v", err)
	} else if err = stillFresh(p.Fresh); err == nil {
		err = c.debuggable(ctx, &request, debug)
	}
	if err = cmp.Or(err, ctx.Err()); err != nil {
		c.forget(r)
		return wire.RunAnswer{}, err
	}
	r.reached("labels resolved")
	answer := wire.RunAnswer{RunID: r.id, Position: position, Unsaved: unsaved(open)}
	answer.Total, answer.Workers = c.expected(request)
	session.After(ctx, func() { c.carryOut(r, request) })
	return answer, nil
}

// stillFresh holds what the client has saved against the disk.
func stillFresh(files []wire.Fresh) error {
	for _, file := range files {
		path, err := filePath(file.URI)
		if err != nil {
			return session.InvalidParams("fresh: %v", err)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return contentModified("%s was said to be saved, and cannot be read: %v", file.URI, err)
		}
		sum := sha256.Sum256(data)
		if file.SHA256 != "" && !strings.EqualFold(file.SHA256, hex.EncodeToString(sum[:])) {
			return contentModified("%s on the disk is not what was said to be saved; save it and ask again", file.URI)
		}
	}
	return nil
}

func contentModified(format string, args ...any) error {
	return &jsonrpc2.Error{Code: jsonrpc2.Code(protocol.LSPErrorCodesContentModified), Message: fmt.Sprintf(format, args...)}
}

// begin registers a run, so that a cancelRun right behind the request finds it. Its story is pushed.
func (c *connection) begin(p wire.RunParams, push push) (r *activeRun, position int, err error) {
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
	r = &activeRun{id: p.RunID, origin: c, done: make(chan struct{})}
	if p.OnBusy == "queue" {
		for _, id := range c.order {
			r.behind = append(r.behind, c.runs[id])
		}
	}
	r.story = c.newStory(p.RunID, c.client.Name, push)
	r.story.next = func(e runner.Event) { c.server.spread(r, e) }
	r.ctx, r.cancel = context.WithCancel(c.session.Context())
	position = len(c.runs)
	c.runs[r.id] = r
	c.order = append(c.order, r.id)
	c.running.Add(1)
	return r, position, nil
}

// reached notes how far the request has come since it was read.
func (r *activeRun) reached(name string) {
	r.way = append(r.way, runner.Timing{Name: name, Ms: float64(time.Since(r.story.begun).Microseconds()) / 1000})
}

// push sends a notification to a client.
type push func(method string, params json.RawMessage)

// unheard is for a client that does not speak hotclub/*.
func unheard(string, json.RawMessage) {}

func (c *connection) newStory(id runner.RunID, origin string, push push) *story {
	return &story{
		push: push, log: c.log, origin: origin, interval: c.interval, output: c.output,
		ledger: newLedger(id), begun: time.Now(),
	}
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
	for _, before := range r.behind {
		select {
		case <-before.done:
		case <-r.ctx.Done(): // the engine tells its end
		}
	}
	c.log.Info("run", "run", r.id, "client", request.Client.Name, "dir", request.Client.Dir)
	r.reached("handed to the engine")
	request.Asked, request.Timings = r.story.begun, r.way
	r.request = request
	c.server.Engine.Run(r.ctx, request, func(e runner.Event) {
		if covered, ok := e.(runner.Covered); ok {
			c.coverages.keep(r.id, &covered.Coverage) // it travels when the client asks for it
			return
		}
		r.story.emit(e)
	})
}

func (c *connection) forget(r *activeRun) {
	r.cancel()
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.runs, r.id)
	c.order = slices.DeleteFunc(c.order, func(id runner.RunID) bool { return id == r.id })
	close(r.done)
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
