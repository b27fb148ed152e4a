package lspserver_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hotclub/lspserver"
	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/session"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bundle is a server with a fake engine.
type bundle struct {
	engine         *lsptest.Engine
	server         *lspserver.Server
	blocked, ended chan runner.RunID
	log            *logBuffer
	asked          chan struct{} // receives when a client asked for the daemon's end
}

func setup(t *testing.T, change func(*lspserver.Options)) *bundle {
	t.Helper()
	b := &bundle{
		blocked: make(chan runner.RunID, 100), ended: make(chan runner.RunID, 100), log: &logBuffer{}, asked: make(chan struct{}, 1),
	}
	b.engine = &lsptest.Engine{Blocked: b.blocked, Ended: b.ended}
	options := lspserver.Options{
		Engine: b.engine, Log: slog.New(slog.NewTextHandler(b.log, nil)),
		Info: wire.DaemonInfo{PID: 1, Build: "test"}, End: func() { b.asked <- struct{}{} },
	}
	if change != nil {
		change(&options)
	}
	b.server = lspserver.New(options)
	return b
}

// dial is the client's end of a new connection.
func (b *bundle) dial(t *testing.T) io.ReadWriteCloser {
	t.Helper()
	ours, theirs := session.Duplex()
	served := make(chan struct{})
	go func() {
		defer close(served)
		b.server.Serve(context.Background(), ours)
	}()
	t.Cleanup(func() { <-served })
	return theirs
}

// connect adds a client that has said nothing yet.
func (b *bundle) connect(t *testing.T) *lsptest.Peer {
	t.Helper()
	return lsptest.NewPeer(t, b.dial(t), lsptest.Checked(t))
}

// client adds a client that has introduced itself.
func (b *bundle) client(t *testing.T) *lsptest.Peer {
	t.Helper()
	p := b.connect(t)
	initialize(t, p, nil)
	return p
}

func initialize(t *testing.T, p *lsptest.Peer, hotclub map[string]any) lsptest.Message {
	t.Helper()
	return p.Call("initialize", map[string]any{
		"capabilities": map[string]any{"experimental": map[string]any{"hotclub": hotclub}},
		"initializationOptions": map[string]any{
			"trusted": true, "clientName": "test", "cwd": "/project", "environment": []string{"SECRET=hunter2", "A=1"},
		},
	})
}

func runParams(id string, labels ...string) map[string]any {
	return map[string]any{"runId": id, "select": map[string]any{"labels": labels}}
}

// logBuffer is a log that can be read while it is written.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func receive[T any](t *testing.T, c <-chan T, what string) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(time.Minute):
		t.Fatal(what + " did not come")
	}
	return v
}

// isRun matches a message about a run, its answer included.
func isRun(m lsptest.Message, id string) bool {
	var named struct {
		RunID string `json:"runId"`
	}
	json.Unmarshal(m.Params, &named)
	if m.Method == "" {
		json.Unmarshal(m.Result, &named)
	}
	return named.RunID == id
}

func finished(t *testing.T, p *lsptest.Peer, id string) (f wire.RunFinished) {
	t.Helper()
	m := p.Wait("the end of run "+id, func(m lsptest.Message) bool { return m.Method == wire.MethodRunFinished && isRun(m, id) })
	if err := json.Unmarshal(m.Params, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

// story reads all that was told of a run and checks what every client relies on: the
// order, rising seq, and one terminal state for each test.
func story(t *testing.T, p *lsptest.Peer, id string) (states map[string]runner.State) {
	t.Helper()
	states = map[string]runner.State{}
	var steps []string
	seq := 0
	for _, m := range p.Log() {
		if !isRun(m, id) {
			continue
		}
		if len(steps) > 0 && steps[len(steps)-1] == wire.MethodRunFinished {
			t.Errorf("%s after runFinished", m.Method)
		}
		if len(steps) == 0 || steps[len(steps)-1] != m.Method {
			steps = append(steps, m.Method)
		}
		switch m.Method {
		case wire.MethodRunStarted:
			var started wire.RunStarted
			unmarshal(t, m.Params, &started)
			for _, test := range started.Tests {
				states[string(test.Label)] = runner.Queued
			}
		case wire.MethodTestEvents:
			var events wire.TestEvents
			unmarshal(t, m.Params, &events)
			if seq++; events.Seq != seq {
				t.Errorf("seq %d where %d was due", events.Seq, seq)
			}
			note(t, events, states)
		}
	}
	if got := strings.Join(steps, " "); len(states) > 0 && !strings.HasPrefix(got, " hotclub/notice hotclub/runStarted hotclub/testEvents") || steps[0] != "" {
		t.Errorf("order: %s", got)
	}
	for label, state := range states {
		if !state.Terminal() {
			t.Errorf("%s ended as %s", label, state)
		}
	}
	return states
}

func note(t *testing.T, events wire.TestEvents, states map[string]runner.State) {
	t.Helper()
	for _, data := range events.Events {
		e, err := wire.DecodeTestEvent(data)
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := e.(runner.TestFinished); ok {
			if states[e.Test.Label] != runner.Queued {
				t.Errorf("%s: %s after %s", e.Test.Label, e.Verdict.State, states[e.Test.Label])
			}
			states[e.Test.Label] = e.Verdict.State
		}
	}
}

func unmarshal(t *testing.T, data []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
}

func TestInitialize(t *testing.T) {
	b := setup(t, nil)
	m := initialize(t, b.connect(t), nil)
	var answer struct {
		Capabilities map[string]json.RawMessage
	}
	unmarshal(t, m.Result, &answer)
	for _, capability := range []string{"codeLensProvider", "hoverProvider", "codeActionProvider", "executeCommandProvider", "textDocumentSync"} {
		if answer.Capabilities[capability] == nil {
			t.Errorf("no %s in %s", capability, m.Result)
		}
	}
	var experimental wire.Experimental[wire.ServerCapabilities]
	unmarshal(t, answer.Capabilities["experimental"], &experimental)
	if got := experimental.Hotclub; got.Version != 1 || got.Daemon.PID != 1 || got.Daemon.Build != "test" || len(got.Features) == 0 {
		t.Errorf("got %+v", got)
	}
}

func TestRequestsBeforeInitialize(t *testing.T) {
	p := setup(t, nil).connect(t)
	for _, method := range []string{wire.MethodRun, wire.MethodStatus, "textDocument/hover"} {
		if m := p.Call(method, nil); m.Code() != -32002 {
			t.Errorf("%s: %+v", method, m)
		}
	}
}

func TestForwarderIntroducesTheEditor(t *testing.T) {
	b := setup(t, nil)
	p := b.connect(t)
	p.Notify(wire.MethodClient, wire.ClientParams{CWD: "/from/forwarder", Environment: []string{"B=2"}})
	p.Call("initialize", map[string]any{"capabilities": map[string]any{}, "initializationOptions": map[string]any{"trusted": true}})
	p.Call(wire.MethodRun, runParams("r"))
	finished(t, p, "r")
	if got := b.engine.Requests()[0].Client; got.Dir != "/from/forwarder" || fmt.Sprint(got.Env) != "[B=2]" || got.Name != "editor" {
		t.Errorf("got %+v", got)
	}
}

// An editor's first folder says more than where the editor was started.
func TestWorkspaceFolder(t *testing.T) {
	b := setup(t, nil)
	p := b.connect(t)
	p.Notify(wire.MethodClient, wire.ClientParams{CWD: "/from/forwarder"})
	p.Call("initialize", map[string]any{
		"capabilities": map[string]any{}, "initializationOptions": map[string]any{"trusted": true},
		"workspaceFolders": []any{map[string]any{"uri": "file:///folder", "name": "folder"}},
	})
	p.Call(wire.MethodRun, runParams("r"))
	finished(t, p, "r")
	if got := b.engine.Requests()[0].Client.Dir; filepath.ToSlash(got) != "/folder" {
		t.Errorf("got %s", got)
	}
}

func TestUntrusted(t *testing.T) {
	p := setup(t, nil).connect(t)
	p.Call("initialize", map[string]any{"capabilities": map[string]any{}})
	for method, params := range map[string]any{
		wire.MethodRun: runParams("r"), wire.MethodRestart: nil, wire.MethodDatabase: map[string]any{"action": "list"},
	} {
		if m := p.Call(method, params); m.Code() != -32803 || !strings.Contains(m.Error.Message, "not trusted") {
			t.Errorf("%s: %+v", method, m.Error)
		}
	}
	if m := p.Call(wire.MethodStatus, nil); m.Error != nil {
		t.Error(m.Error)
	}
}

func TestSecretsStayOutOfTheLog(t *testing.T) {
	b := setup(t, nil)
	p := b.client(t)
	p.Call(wire.MethodRun, map[string]any{"runId": "r", "env": []string{"PASSWORD=hunter3"}})
	finished(t, p, "r")
	if log := b.log.String(); strings.Contains(log, "hunter") || !strings.Contains(log, "run=r") {
		t.Error(log)
	}
	if got := b.engine.Requests()[0].Client.Env; fmt.Sprint(got) != "[SECRET=hunter2 A=1 PASSWORD=hunter3]" {
		t.Errorf("got %v", got)
	}
}
