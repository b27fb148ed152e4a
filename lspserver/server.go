package lspserver

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"hotclub/lspserver/wire"
	"hotclub/runner"
	"hotclub/runner/project"
)

const defaultStall = 30 * time.Second

// ErrClosing refuses a client, or a run, that comes while the server ends. By its code
// clients know that the next daemon will take it.
var ErrClosing error = jsonrpc2.NewError(jsonrpc2.Code(protocol.LSPErrorCodesServerCancelled), "the daemon is ending")

// Engine is what the server needs of the machinery.
type Engine interface {
	runner.Engine

	// Open finds the project around a client's directory. Nothing of it is started.
	Open(client runner.Client, overrides runner.Overrides) (*project.Project, error)

	// Collect has a warm worker find the tests behind labels, all for none, and corrects the
	// tree of the project's tests by them. say is told what it waits for.
	Collect(ctx context.Context, client runner.Client, overrides runner.Overrides, labels []string, say func(string)) error

	// Saves tells of changes, from now on, of what the processes of the project have read.
	Saves(client runner.Client, overrides runner.Overrides) (runner.Saves, error)

	// Workers counts the workers of the project with a key.
	Workers(key string) runner.WorkerCount

	// Standing describes the pool that the project with a key has used last, but for its databases;
	// ok is false where it has none.
	Standing(key string) (status runner.ProjectStatus, ok bool)

	// Stale holds that pool against the disk: it returns why none of its workers may run a test any
	// more, nil when all may, or there is none.
	Stale(key string) *runner.Cause

	// Anticipate has a ready worker load the test modules that a run is expected of, by its labels,
	// unless one has them. It starts nothing, and leaves it when a run comes; later tells that it is
	// worth asking again when workers change: none could be asked, or the one that has them may go.
	Anticipate(ctx context.Context, expected runner.Request) (later bool, err error)

	// Debuggable returns why the interpreter of a client's project can't run a debugger, nil when it
	// can. Of the project's own code nothing is started.
	Debuggable(ctx context.Context, client runner.Client, overrides runner.Overrides, debug runner.Debug) error

	// Changed says that files may have changed: stale workers are replaced before anybody asks.
	Changed()

	// Follow has what becomes of the warm workers of every project, by its key, told to f until
	// stop is called. f must not block.
	Follow(f func(project string, change runner.PoolChange)) (stop func())
}

// Options of a server.
type Options struct {
	Engine Engine
	Info   wire.DaemonInfo
	Log    *slog.Logger // default: nothing is logged

	// Root finds the directory that a client's project imports from, so that paths can be
	// turned into module names. Default: the client's working directory.
	Root func(runner.Client, runner.Overrides) (string, error)

	// Stall is how long a client may not read before its connection is closed and its
	// runs are cancelled. Default: 30 s.
	Stall time.Duration

	// Diagnose examines a client's project for what could be wrong, for people to read.
	// Default: it can't be asked for.
	Diagnose func(ctx context.Context, client runner.Client, overrides runner.Overrides) string

	// Reports is a folder for the texts that editors show: logs of tests, the state of the
	// workers. Default: none can be shown.
	Reports string

	// End is called when a client asked for the end of the daemon. Default: nothing ends.
	End func()
}

// Server serves any number of clients with one engine.
type Server struct {
	Options

	activity activity
	reruns   reruns
	tasks    background

	mu          sync.Mutex
	connections map[*connection]struct{}
	closing     bool
	served      sync.WaitGroup
}

// New makes a server without clients.
func New(options Options) *Server {
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	if options.Root == nil {
		options.Root = func(c runner.Client, _ runner.Overrides) (string, error) { return c.Dir, nil }
	}
	if options.Stall == 0 {
		options.Stall = defaultStall
	}
	if options.End == nil {
		options.End = func() {}
	}
	s := &Server{Options: options, connections: make(map[*connection]struct{})}
	s.reruns = reruns{server: s, last: make(map[string]*ahead)}
	s.Engine.Follow(s.reruns.hear)
	return s
}

// Serve serves one client until it leaves, ctx ends or Shutdown is called. It returns
// when the client's runs have ended.
func (s *Server) Serve(ctx context.Context, rwc io.ReadWriteCloser) error {
	c := newConnection(ctx, s, rwc)
	if !s.join(c) {
		rwc.Close()
		return ErrClosing
	}
	defer s.leave(c)
	return c.serve()
}

// Clients counts the connected clients.
func (s *Server) Clients() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.connections)
}

// Shutdown refuses new clients and runs, cancels the runs that go on, lets every client
// read the end of its runs, and disconnects them. It waits until ctx ends at most.
func (s *Server) Shutdown(ctx context.Context) {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	s.reruns.end()
	for _, c := range s.snapshot() {
		go c.shutdown(ctx)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.served.Wait()
		s.tasks.end()
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

func (s *Server) join(c *connection) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	s.connections[c] = struct{}{}
	s.served.Add(1)
	return true
}

func (s *Server) leave(c *connection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.connections, c)
	s.served.Done()
}

func (s *Server) snapshot() []*connection {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]*connection, 0, len(s.connections))
	for c := range s.connections {
		list = append(list, c)
	}
	return list
}
