package client_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"hotclub/lspserver"
	"hotclub/lspserver/client"
	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/session"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bundle is a client of a real server with a fake engine.
type bundle struct {
	*client.Client
	engine  *lsptest.Engine
	server  *lspserver.Server
	blocked chan runner.RunID
	daemon  io.Closer // the daemon's end of the connection
}

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{blocked: make(chan runner.RunID, 1)}
	b.engine = &lsptest.Engine{Blocked: b.blocked}
	b.server = lspserver.New(lspserver.Options{Engine: b.engine, Info: wire.DaemonInfo{PID: 7, Build: "b"}})
	ours, theirs := session.Duplex()
	b.daemon = theirs
	served := make(chan struct{})
	go func() {
		defer close(served)
		b.server.Serve(context.Background(), theirs)
	}()
	var err error
	b.Client, err = client.Connect(t.Context(), ours, client.Options{Name: "test", Dir: "/project", Env: []string{"A=1"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		b.Close()
		<-served
	})
	return b
}

func params(id runner.RunID, labels ...string) wire.RunParams {
	return wire.RunParams{RunID: id, Select: wire.Select{Labels: labels}}
}

func TestRun(t *testing.T) {
	b := setup(t)
	var steps []string
	f, err := b.Run(t.Context(), params("r", "pass", "fail"), func(e runner.Event) {
		switch e := e.(type) {
		case runner.Notice:
			steps = append(steps, "notice")
		case runner.RunStarted:
			steps = append(steps, "started")
		case runner.TestStarted:
			steps = append(steps, "test")
		case runner.TestFinished:
			steps = append(steps, string(e.Verdict.State))
		case runner.RunFinished:
			steps = append(steps, "finished")
		}
	})
	if err != nil || f.Outcome != runner.Completed || !f.Failed {
		t.Errorf("%+v, %v", f, err)
	}
	if got := strings.Join(steps, " "); got != "notice started test passed test failed finished" {
		t.Error(got)
	}
	if got := b.engine.Requests()[0].Client; got.Name != "test" || got.Dir != "/project" || len(got.Env) != 1 {
		t.Errorf("%+v", got)
	}
	if b.Daemon.PID != 7 || b.Daemon.Build != "b" {
		t.Errorf("%+v", b.Daemon)
	}
}

func TestEndOfContextCancelsAndWaits(t *testing.T) {
	b := setup(t)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-b.blocked
		cancel()
	}()
	f, err := b.Run(ctx, params("r", "block"), func(runner.Event) {})
	if err != nil || f.Outcome != runner.CancelledRun {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestWrongRequest(t *testing.T) {
	b := setup(t)
	_, err := b.Run(t.Context(), wire.RunParams{}, nil)
	if answer, ok := errors.AsType[*client.Error](err); !ok || !answer.Usage || answer.Message != "runId is missing" {
		t.Errorf("got %v", err)
	}
	_, err = b.Database(t.Context(), wire.DatabaseParams{Action: runner.RebuildDatabases})
	if answer, ok := errors.AsType[*client.Error](err); !ok || answer.Usage {
		t.Errorf("got %v", err)
	}
}

func TestDaemonGoesAway(t *testing.T) {
	b := setup(t)
	go func() {
		<-b.blocked
		b.daemon.Close()
	}()
	if _, err := b.Run(t.Context(), params("r", "block"), func(runner.Event) {}); !errors.Is(err, client.ErrLost) {
		t.Errorf("got %v", err)
	}
	<-b.Done()
	if _, err := b.Status(t.Context()); !errors.Is(err, client.ErrLost) {
		t.Errorf("got %v", err)
	}
}

// The daemon's last words about a run arrive even if it hangs up right behind them.
func TestShutdownIsHeard(t *testing.T) {
	b := setup(t)
	go func() {
		<-b.blocked
		b.server.Shutdown(context.Background())
	}()
	f, err := b.Run(t.Context(), params("r", "block"), func(runner.Event) {})
	if err != nil || f.Outcome != runner.CancelledRun {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestConnectToSomethingElse(t *testing.T) {
	ours, theirs := session.Duplex()
	go func() {
		theirs.Read(make([]byte, 10))
		theirs.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
		theirs.Close()
	}()
	if _, err := client.Connect(t.Context(), ours, client.Options{}); !errors.Is(err, client.ErrLost) {
		t.Errorf("got %v", err)
	}
}
