// Package client is the other end of package lspserver, in Go: what the command line
// speaks with the daemon. It knows hotclub/* and of LSP only initialize.
//
// client.go connects and asks, run.go follows a run.
package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"hotclub/lspserver/session"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// ErrLost says that the daemon went away, or is about to, and what was asked for was not
// done.
var ErrLost = errors.New("the connection to the hotclub daemon was lost")

// Error is what the daemon answered instead of a result.
type Error struct {
	Message string
	Usage   bool // the request was wrong, not its execution
}

func (e *Error) Error() string { return e.Message }

// Options introduce the client.
type Options struct {
	Name string   // "hotclub run"
	Dir  string   // absolute working directory
	Env  []string // "NAME=value"

	MaxEventBatchMs int // see wire.ClientCapabilities
}

// Client is a connection to a daemon.
type Client struct {
	Daemon wire.DaemonInfo

	rwc  io.Closer
	conn jsonrpc2.Conn

	mu   sync.Mutex
	runs map[runner.RunID]*following
}

// Connect introduces the client over rwc, which it owns from then on.
func Connect(ctx context.Context, rwc io.ReadWriteCloser, options Options) (*Client, error) {
	c := &Client{rwc: rwc, runs: make(map[runner.RunID]*following)}
	c.conn = jsonrpc2.NewConn(jsonrpc2.NewStream(rwc), jsonrpc2.WithCodec(session.Codec{}))
	c.conn.Go(context.WithoutCancel(ctx), c.handle)
	var answer struct {
		Capabilities struct {
			Experimental wire.Experimental[wire.ServerCapabilities] `json:"experimental"`
		} `json:"capabilities"`
	}
	if err := c.call(ctx, "initialize", hello(options), &answer); err != nil {
		c.Close()
		return nil, err
	}
	c.Daemon = answer.Capabilities.Experimental.Hotclub.Daemon
	return c, nil
}

// hello makes the params of initialize. Whoever types a command into a shell inside a
// project trusts it.
func hello(o Options) any {
	type capabilities struct {
		Experimental wire.Experimental[wire.ClientCapabilities] `json:"experimental"`
	}
	return struct {
		ProcessID    *int                       `json:"processId"`
		RootURI      *string                    `json:"rootUri"`
		Options      wire.InitializationOptions `json:"initializationOptions"`
		Capabilities capabilities               `json:"capabilities"`
	}{
		Options: wire.InitializationOptions{
			ClientParams: wire.ClientParams{CWD: o.Dir, Environment: o.Env}, Trusted: true, ClientName: o.Name,
		},
		Capabilities: capabilities{Experimental: wire.Experimental[wire.ClientCapabilities]{
			Hotclub: wire.ClientCapabilities{Version: wire.Version, Output: "stream", MaxEventBatchMs: o.MaxEventBatchMs},
		}},
	}
}

// Close leaves. The daemon cancels what this client still runs.
func (c *Client) Close() {
	c.rwc.Close() // fails when the daemon was faster, which is fine
	<-c.conn.Done()
}

// Done is closed when the daemon has gone away.
func (c *Client) Done() <-chan struct{} { return c.conn.Done() }

// Status asks for the daemon's inside.
func (c *Client) Status(ctx context.Context) (answer wire.StatusAnswer, err error) {
	return answer, c.call(ctx, wire.MethodStatus, nil, &answer)
}

// Explain asks why tests, or a project's workers, stand where they do.
func (c *Client) Explain(ctx context.Context, p wire.ExplainParams) (answer wire.ExplainAnswer, err error) {
	return answer, c.call(ctx, wire.MethodExplain, p, &answer)
}

// Stop ends a project's pool, or the daemon.
func (c *Client) Stop(ctx context.Context, p wire.StopParams) (answer wire.RootsAnswer, err error) {
	return answer, c.call(ctx, wire.MethodStop, p, &answer)
}

// Restart replaces a project's workers.
func (c *Client) Restart(ctx context.Context, p wire.RestartParams) (answer wire.RootsAnswer, err error) {
	return answer, c.call(ctx, wire.MethodRestart, p, &answer)
}

// Database carries out an action on the project's databases.
func (c *Client) Database(ctx context.Context, p wire.DatabaseParams) (answer wire.DatabaseAnswer, err error) {
	return answer, c.call(ctx, wire.MethodDatabase, p, &answer)
}

// Saves waits for a change of what the project's tests depend on, or begins to count changes.
func (c *Client) Saves(ctx context.Context, p wire.SavesParams) (answer runner.Saved, err error) {
	return answer, c.call(ctx, wire.MethodSaves, p, &answer)
}

// call sends a request and waits for its answer. Payloads are encoding/json's; see wire.
func (c *Client) call(ctx context.Context, method string, params, result any) error {
	var data jsonrpc2.RawMessage
	if params != nil {
		encoded, err := json.Marshal(params)
		if err != nil {
			return err
		}
		data = encoded
	}
	var answer jsonrpc2.RawMessage
	if _, err := c.conn.Call(ctx, method, data, &answer); err != nil {
		return plain(ctx, err)
	}
	if result == nil || len(answer) == 0 {
		return nil
	}
	if err := json.Unmarshal(answer, result); err != nil {
		return fmt.Errorf("cannot read the daemon's answer to %s: %w", method, err)
	}
	return nil
}

// plain says in this package's words why a call failed.
func plain(ctx context.Context, err error) error {
	var coded *jsonrpc2.Error
	switch {
	case errors.As(err, &coded) && coded.Code == jsonrpc2.Code(protocol.LSPErrorCodesServerCancelled):
		return fmt.Errorf("%w: %s", ErrLost, coded.Message)
	case errors.As(err, &coded):
		return &Error{Message: coded.Message, Usage: coded.Code == jsonrpc2.InvalidParams}
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return fmt.Errorf("%w: %v", ErrLost, err)
}
