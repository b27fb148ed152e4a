package lspserver_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotclub/lspserver"
	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/session"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

func TestStatus(t *testing.T) {
	b := setup(t, nil)
	p, other := b.client(t), b.client(t)
	other.Request(wire.MethodRun, runParams("r", "pass", "fail", "block"))
	receive(t, b.blocked, "the block")
	var got wire.StatusAnswer
	unmarshal(t, p.Call(wire.MethodStatus, nil).Result, &got)
	want := []wire.RunInfo{{RunID: "r", Client: "test", Total: 3, Done: 2, Failed: 1}}
	if diff := cmp.Diff(want, got.Runs); diff != "" {
		t.Error(diff)
	}
	if len(got.Projects) != 1 || got.Projects[0].Root != "/project" || len(got.Clients) != 2 || got.Daemon.Build != "test" {
		t.Errorf("got %+v", got)
	}
}

func TestStopAndRestart(t *testing.T) {
	b := setup(t, nil)
	p := b.client(t)
	p.Call(wire.MethodRun, runParams("r"))
	finished(t, p, "r")
	for _, c := range []struct {
		method string
		params any
		want   string
	}{
		{wire.MethodRestart, nil, `{"roots":["/project"]}`},
		{wire.MethodStop, wire.StopParams{Dir: "/elsewhere"}, `{"roots":[]}`},
		{wire.MethodStop, nil, `{"roots":["/project"]}`},
		{wire.MethodStop, wire.StopParams{All: true}, `{"roots":[]}`},
	} {
		if m := p.Call(c.method, c.params); string(m.Result) != c.want {
			t.Errorf("%s %+v: got %s %+v", c.method, c.params, m.Result, m.Error)
		}
	}
	receive(t, b.asked, "the end of the daemon")
	if m := p.Call(wire.MethodRestart, wire.RestartParams{Dir: "/nowhere"}); m.Code() != -32803 || m.Error.Message != "no project at /nowhere" {
		t.Errorf("got %+v", m.Error)
	}
}

func TestDatabase(t *testing.T) {
	p := setup(t, nil).client(t)
	var got wire.DatabaseAnswer
	unmarshal(t, p.Call(wire.MethodDatabase, wire.DatabaseParams{Action: runner.ListDatabases}).Result, &got)
	if len(got.Databases) != 1 {
		t.Errorf("got %+v", got)
	}
	if m := p.Call(wire.MethodDatabase, wire.DatabaseParams{Action: runner.RebuildDatabases}); m.Code() != -32803 {
		t.Errorf("got %+v", m.Error)
	}
	if m := p.Call(wire.MethodDatabase, wire.DatabaseParams{Action: "explode"}); m.Code() != -32602 || !strings.Contains(m.Error.Message, "explode") {
		t.Errorf("got %+v", m.Error)
	}
}

// At the daemon's end every run gets its last word before the connection closes.
func TestShutdown(t *testing.T) {
	b := setup(t, nil)
	p := b.client(t)
	p.Request(wire.MethodRun, runParams("r", "pass", "block"))
	receive(t, b.blocked, "the block")
	b.server.Shutdown(t.Context())
	p.WaitEnd()
	if f := finished(t, p, "r"); f.Outcome != runner.CancelledRun {
		t.Errorf("got %+v", f)
	}
	story(t, p, "r")
	if err := b.server.Serve(t.Context(), discard{}); !errors.Is(err, lspserver.ErrClosing) {
		t.Errorf("got %v", err)
	}
}

type discard struct{}

func (discard) Read([]byte) (int, error)    { return 0, net.ErrClosed }
func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) Close() error                { return nil }

// listener hands out the connections that a test puts in.
type listener struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error   { close(l.closed); return nil }
func (l *listener) Addr() net.Addr { return nil }

// conn makes a net.Conn of a duplex.
type conn struct {
	net.Conn
	duplex interface {
		Read([]byte) (int, error)
		Write([]byte) (int, error)
		Close() error
	}
}

func (c conn) Read(p []byte) (int, error)  { return c.duplex.Read(p) }
func (c conn) Write(p []byte) (int, error) { return c.duplex.Write(p) }
func (c conn) Close() error                { return c.duplex.Close() }

// The daemon lives as long as a client or a project needs it, and a while longer.
func TestUnneededDaemonEnds(t *testing.T) {
	lsptest.Bubble(t, func(t *testing.T) {
		engine := &lsptest.Engine{}
		server := lspserver.New(lspserver.Options{Engine: engine})
		l := &listener{conns: make(chan net.Conn), closed: make(chan struct{})}
		ended := make(chan error, 1)
		go func() { ended <- server.ServeAll(context.Background(), l, time.Minute) }()

		ours, theirs := session.Duplex()
		l.conns <- conn{duplex: ours}
		p := lsptest.NewPeer(t, theirs, lsptest.Checked(t))
		initialize(t, p, nil)
		p.Call(wire.MethodRun, runParams("r"))
		finished(t, p, "r")
		time.Sleep(time.Hour) // of the bubble's clock, as below
		p.Close()
		time.Sleep(time.Hour)
		select {
		case <-ended:
			t.Fatal("the daemon left a project")
		default:
		}
		engine.Stop(context.Background(), "")
		begin := time.Now()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if waited := time.Since(begin); waited < 45*time.Second || waited > 75*time.Second {
			t.Errorf("ended after %v", waited)
		}
	})
}

func TestEndOfContextEndsTheDaemon(t *testing.T) {
	b := setup(t, nil)
	l := &listener{conns: make(chan net.Conn), closed: make(chan struct{})}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.server.ServeAll(ctx, l, time.Hour) }()
	ours, theirs := session.Duplex()
	l.conns <- conn{duplex: ours}
	p := lsptest.NewPeer(t, theirs, lsptest.Checked(t))
	initialize(t, p, nil)
	p.Request(wire.MethodRun, runParams("r", "block"))
	receive(t, b.blocked, "the block")
	cancel()
	if err := receive(t, ended, "the end"); err != nil {
		t.Error(err)
	}
	finished(t, p, "r")
	p.WaitEnd()
}
