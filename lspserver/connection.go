package lspserver

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"sync"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"hotclub/lspserver/session"
	"hotclub/lspserver/text"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// connection is one client: a session and what it asked for. LSP methods that are not
// implemented here are answered by the embedded protocol.UnimplementedServer.
type connection struct {
	protocol.UnimplementedServer

	server  *Server
	session *session.Session
	out     *outbox
	log     *slog.Logger

	docs         documents
	space        workspace
	tree         tree
	screen       *screen
	progresses   progresses
	watching     watching
	saves        saves
	changes      changes
	recollecting recollecting
	pools        *pools
	starts       starts
	ahead        attention
	complaints   complaints
	overheard    overheard
	coverages    coverages
	tasks        background

	// What the client can do, as it said in initialize; not changed after that.
	encoding          text.Encoding
	interval          time.Duration // how long events may wait for more
	output            bool          // whether tests' output is wanted
	speaks            bool          // hotclub/*
	all               bool          // it wants to hear of the runs of others
	poolEvents        bool          // and where workers stand
	commands          []string      // that it carries out itself
	showsProgress     bool
	showsDocuments    bool
	refreshesLenses   bool
	registersWatchers bool
	registersSettings bool
	configurable      bool                // it answers workspace/configuration
	markup            protocol.MarkupKind // of what it shows
	knowsActions      bool                // as such; else bare commands
	detaches          bool                // it stands still until a command is answered

	relatesDiagnostics, versionsDiagnostics bool

	mu       sync.Mutex
	client   runner.Client
	trusted  bool
	asking   *question // about trust; nil while nobody is asked
	lenses   bool
	initial  runner.Overrides // what initialize said
	chosen   choices          // with the settings above that
	parallel wire.Parallel
	last     string // key of the project that ran last
	runs     map[runner.RunID]*activeRun
	order    []runner.RunID // of runs, oldest first
	closing  bool
	running  sync.WaitGroup // runs that the engine carries out
}

func newConnection(ctx context.Context, s *Server, rwc io.ReadWriteCloser) *connection {
	c := &connection{server: s, log: s.Log, runs: make(map[runner.RunID]*activeRun), output: true, lenses: true}
	c.session = session.New(ctx, rwc, session.Options{Log: s.Log, Stall: s.Stall, Early: []string{name(wire.MethodClient)}})
	c.out = newOutbox(func(method string, params json.RawMessage) error {
		return c.session.Conn.Notify(c.session.Context(), method, jsonrpc2.RawMessage(params))
	})
	c.space.open, c.space.subscribe, c.space.met, c.space.left, c.space.tasks = c.openProject, c.subscribe, c.meet, c.part, &c.tasks
	c.docs.around = c.space.around
	c.tree.c = c
	c.changes.look, c.changes.tasks = c.lookAt, &c.tasks
	c.recollecting.collect = c.collectAgain
	c.starts.c, c.pools = c, newPools(c)
	c.ahead.c, c.ahead.server, c.ahead.tasks = c, s, &c.tasks
	c.screen = newScreen(c.publishDiagnostics, c.refreshLenses)
	return c
}

// serve runs the session and then waits for the runs that its end has cancelled.
func (c *connection) serve() error {
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		c.out.run()
	}()
	for _, each := range []*repeated{c.screen.diagnostics, c.screen.lenses, c.pools.told} {
		c.tasks.Go(func() { each.run(c.session.Context().Done()) })
	}
	c.tasks.Go(func() { c.pools.run(c.session.Context().Done()) })
	unfollow := c.server.Engine.Follow(c.pools.hear)
	err := c.session.Run(c, c.methods())
	unfollow()
	c.ahead.end()
	c.out.close()
	c.close()
	c.space.close()
	c.saves.close()
	c.running.Wait()
	c.recollecting.end()
	c.tasks.end()
	<-sent
	return err
}

// offer sends what others than this client have caused. They do not wait for it: a client that is
// too far behind is one that does not read, and its connection ends.
func (c *connection) offer(method string, params json.RawMessage) {
	if !c.out.offer(method, params) {
		c.log.Warn("the client is too far behind; its connection is closed", "method", method)
		c.session.Stop()
	}
}

// shutdown ends the connection from this side, with the last word of every run sent.
func (c *connection) shutdown(ctx context.Context) {
	c.close()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		c.running.Wait()
		c.out.flush()
	}()
	select {
	case <-ended:
	case <-ctx.Done():
	}
	c.session.Stop()
}

// close refuses further runs and cancels those that go on.
func (c *connection) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closing = true
	for _, r := range c.runs {
		r.cancel()
	}
}

// methods are the hotclub/* methods, one line each.
func (c *connection) methods() map[string]session.Method {
	return map[string]session.Method{
		name(wire.MethodClient):    notification(c.tellClient),
		name(wire.MethodRun):       method(c.run),
		name(wire.MethodDebug):     method(c.debug),
		name(wire.MethodCancelRun): method(c.cancelRun),
		name(wire.MethodStatus):    method(c.status),
		name(wire.MethodRestart):   method(c.restart),
		name(wire.MethodStop):      method(c.stop),
		name(wire.MethodDatabase):  method(c.database),
		name(wire.MethodDiscover):  method(c.discover),
		name(wire.MethodTestsAt):   method(c.testsAt),
		name(wire.MethodResults):   method(c.results),
		name(wire.MethodOutput):    method(c.printed),
		name(wire.MethodExplain):   method(c.explain),
		name(wire.MethodCommand):   method(c.plainCommand),
		name(wire.MethodConfigure): method(c.configure),
		name(wire.MethodDiagnose):  method(c.diagnose),
		name(wire.MethodWatch):     method(c.watch),
		name(wire.MethodUnwatch):   method(c.unwatch),
		name(wire.MethodSaves):     method(c.awaitSave),
		name(wire.MethodCoverage):  method(c.coverage),
	}
}

// name is a method's name within the namespace.
func name(method string) string { return method[len("hotclub/"):] }

// method wraps a typed handler.
func method[P, R any](handler func(context.Context, P) (R, error)) session.Method {
	return func(ctx context.Context, raw jsonrpc2.RawMessage) (any, error) {
		var params P
		if len(raw) > 0 {
			if err := json.Unmarshal(raw, &params); err != nil {
				return nil, session.InvalidParams("%v", err)
			}
		}
		answer, err := handler(ctx, params)
		if err != nil {
			return nil, err
		}
		data, err := json.Marshal(answer)
		return jsonrpc2.RawMessage(data), err
	}
}

// notification wraps a typed handler that has nothing to answer.
func notification[P any](handler func(P)) session.Method {
	return method(func(_ context.Context, params P) (any, error) {
		handler(params)
		return nil, nil
	})
}
