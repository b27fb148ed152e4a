package session

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

const (
	namespace = "hotclub/" // of the methods that LSP does not define

	// drain is how long handlers may take to return once the session has ended. Longer
	// would hold up the end of a program whose standard input cannot be interrupted.
	drain = 200 * time.Millisecond
)

// Method answers one custom request or notification. Its params are owned by the callee.
type Method func(ctx context.Context, params jsonrpc2.RawMessage) (any, error)

// Options of a session. The zero value works.
type Options struct {
	Log *slog.Logger // default: nothing is logged

	// Stall is how long one write may wait for a peer that does not read before the
	// session ends. Default: for ever.
	Stall time.Duration

	// Early names custom notifications that may come before initialize.
	Early []string
}

// Session is one connected client.
type Session struct {
	Conn   jsonrpc2.Conn
	Client protocol.Client // sends requests and notifications to the client

	log    *slog.Logger
	rwc    io.Closer
	base   context.Context // ends when the client goes away
	gone   context.CancelFunc
	lsp    jsonrpc2.Handler
	custom map[string]Method

	life lifecycle

	mu      sync.Mutex
	running map[jsonrpc2.ID]context.CancelFunc
}

// New prepares a session over rwc; nothing is read before Run.
func New(ctx context.Context, rwc io.ReadWriteCloser, options Options) *Session {
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	base, gone := context.WithCancel(ctx)
	watched := &watched{ReadWriteCloser: rwc, gone: gone, stall: options.Stall, log: options.Log}
	conn := jsonrpc2.NewConn(jsonrpc2.NewStream(watched), jsonrpc2.WithCodec(Codec{}))
	return &Session{
		Conn:    conn,
		Client:  protocol.ClientDispatcher(conn),
		log:     options.Log,
		rwc:     rwc,
		base:    base,
		gone:    gone,
		life:    lifecycle{early: options.Early},
		running: make(map[jsonrpc2.ID]context.CancelFunc),
	}
}

// Run serves until the client goes away or says exit, Stop is called, or the ctx of New
// ends. The custom methods are named without the leading "hotclub/".
func (s *Session) Run(server protocol.Server, custom map[string]Method) error {
	s.lsp = protocol.ServerHandler(server, nil)
	s.custom = custom
	s.Conn.Go(s.base, s.handle)
	<-s.base.Done() // not Conn.Done: that one waits for running handlers

	// Conn.Close waits for the reader, and nothing interrupts a read of standard input;
	// closing the stream first frees a write that the peer never reads.
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		s.rwc.Close()
		s.Conn.Close()
	}()
	select {
	case <-closed:
	case <-time.After(drain):
	}
	return s.Conn.Err()
}

// Stop ends the session. It may be called from a handler.
func (s *Session) Stop() { s.gone() }

// Context ends with the session.
func (s *Session) Context() context.Context { return s.base }
