package session

import (
	"context"
	"slices"
	"strings"
	"sync"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

// call is what Overlap and After need to know of the message that is being handled.
type call struct {
	overlap func()
	request context.Context // of jsonrpc2; see handle for why nothing derives from it
}

type callKey struct{}

// Overlap lets later messages be handled while the caller still works on this one.
// Call it once the state that the work needs has been copied; before that, messages are
// handled strictly in the order of their arrival. A handler that calls the client back
// must call Overlap first. It must be called by the handler itself, before it returns.
func Overlap(ctx context.Context) {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		c.overlap()
	}
}

// After calls f in a goroutine of its own once the answer to the request of ctx has been
// written, so that what f sends comes after it. It implies Overlap.
func After(ctx context.Context, f func()) {
	c, ok := ctx.Value(callKey{}).(*call)
	if !ok {
		go f()
		return
	}
	c.overlap()
	// jsonrpc2 cancels a request's context right after writing its answer, and never
	// recycles that of a request which overlaps.
	answered := c.request.Done()
	go func() {
		<-answered
		f()
	}()
}

// handle is the jsonrpc2 handler: every message comes through here, in order.
func (s *Session) handle(reqCtx context.Context, req *jsonrpc2.Request) (result any, err error) {
	method := strings.Clone(req.Method())
	if method == protocol.MethodCancelRequest {
		s.cancel(req.Params())
		return nil, nil
	}

	// Never derive a context from reqCtx: jsonrpc2 recycles it when the handler returns,
	// and a derived context may still look at it then (a crash in v1.0.1).
	ctx, cancel := context.WithCancel(s.base)
	defer cancel()
	ctx = context.WithValue(ctx, callKey{}, &call{
		overlap: sync.OnceFunc(func() { jsonrpc2.Async(reqCtx) }),
		request: reqCtx,
	})
	if req.IsCall() {
		defer s.track(req.ID(), cancel)()
	}
	defer func() {
		if r := recover(); r != nil {
			s.log.Error("handler panicked", "method", method, "panic", r)
			result, err = nil, jsonrpc2.Errorf(jsonrpc2.InternalError, "%s: internal error", method)
		}
		err = s.wireError(method, req.IsCall(), err)
	}()
	return s.dispatch(ctx, method, req)
}

// dispatch finds the method's implementation.
func (s *Session) dispatch(ctx context.Context, method string, req *jsonrpc2.Request) (any, error) {
	if drop, err := s.life.admit(method, req.IsCall()); drop || err != nil {
		return nil, err
	}
	if name, ours := strings.CutPrefix(method, namespace); ours {
		// Before ServerHandler: that one answers a parse error when params are absent.
		custom, known := s.custom[name]
		if !known {
			return nil, jsonrpc2.Errorf(jsonrpc2.MethodNotFound, "unknown method %s", method)
		}
		return custom(ctx, slices.Clone(req.Params()))
	}
	if strings.HasPrefix(method, "$/") && !req.IsCall() && method != protocol.MethodProgress && method != protocol.MethodSetTrace {
		return nil, nil // the specification lets a server ignore these
	}
	result, err := s.lsp(ctx, req)
	s.life.handled(method, err)
	if method == protocol.MethodExit {
		s.Stop()
	}
	return result, err
}

// track makes a request cancellable by its id until the returned function is called.
func (s *Session) track(id jsonrpc2.ID, cancel context.CancelFunc) (untrack func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running[id] = cancel
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.running, id)
	}
}

// cancel serves $/cancelRequest. A malformed or late one is not an error.
func (s *Session) cancel(raw jsonrpc2.RawMessage) {
	var params protocol.CancelParams
	if err := protocol.Unmarshal(raw, &params); err != nil {
		s.log.Warn("malformed cancel request", "err", err)
		return
	}
	var id jsonrpc2.ID
	switch token := params.ID.(type) {
	case protocol.Integer:
		id = jsonrpc2.NewNumberID(int64(token))
	case protocol.String:
		id = jsonrpc2.NewStringID(string(token))
	}
	s.mu.Lock()
	stop := s.running[id]
	s.mu.Unlock()
	if stop != nil {
		stop()
	}
}
