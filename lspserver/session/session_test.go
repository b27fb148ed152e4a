package session_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.uber.org/goleak"

	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/session"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server implements the LSP methods that the tests use.
type server struct {
	protocol.UnimplementedServer
	session *session.Session
	version atomic.Int32
}

func (s *server) Initialize(_ context.Context, p *protocol.InitializeParams) (*protocol.InitializeResult, error) {
	if string(p.InitializationOptions) == `"refuse"` {
		return nil, session.InvalidParams("refused")
	}
	return &protocol.InitializeResult{}, nil
}

func (s *server) Shutdown(context.Context) error { return nil }

func (s *server) DidChange(_ context.Context, p *protocol.DidChangeTextDocumentParams) error {
	s.version.Store(p.TextDocument.Version)
	return nil
}

func (s *server) CodeLens(ctx context.Context, _ *protocol.CodeLensParams) ([]protocol.CodeLens, error) {
	version := s.version.Load()
	session.Overlap(ctx)
	return []protocol.CodeLens{{Range: protocol.Range{Start: protocol.Position{Line: uint32(version)}}}}, nil
}

// Hover stays inline and derives a context, which crashes on the library's own.
func (s *server) Hover(ctx context.Context, _ *protocol.HoverParams) (*protocol.Hover, error) {
	_, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return nil, nil
}

func (s *server) ExecuteCommand(ctx context.Context, _ *protocol.ExecuteCommandParams) (protocol.LSPAny, error) {
	session.Overlap(ctx)
	return nil, s.session.Client.WorkDoneProgressCreate(ctx, &protocol.WorkDoneProgressCreateParams{Token: protocol.String("t")})
}

// bundle is a session under test, with its client.
type bundle struct {
	*lsptest.Peer
	server *server
	ended  chan error
	// Each receives when the handler of that name begins and when its context ends.
	blocked, cancelled chan struct{}
}

func setup(t *testing.T, options session.Options) *bundle {
	t.Helper()
	ours, theirs := session.Duplex()
	s := session.New(t.Context(), ours, options)
	b := &bundle{
		server: &server{session: s}, ended: make(chan error, 1),
		blocked: make(chan struct{}, 1), cancelled: make(chan struct{}, 1),
	}
	go func() { b.ended <- s.Run(b.server, b.methods()) }()
	b.Peer = lsptest.NewPeer(t, theirs, lsptest.Checked(t))
	t.Cleanup(func() {
		b.Close()
		<-b.ended
	})
	return b
}

func (b *bundle) methods() map[string]session.Method {
	return map[string]session.Method{
		"size":     func(_ context.Context, p jsonrpc2.RawMessage) (any, error) { return len(p), nil },
		"panic":    func(context.Context, jsonrpc2.RawMessage) (any, error) { panic("x") },
		"plain":    func(context.Context, jsonrpc2.RawMessage) (any, error) { return nil, errors.New("plain") },
		"canceled": func(context.Context, jsonrpc2.RawMessage) (any, error) { return nil, context.Canceled },
		"wrapped": func(context.Context, jsonrpc2.RawMessage) (any, error) {
			return nil, fmt.Errorf("around: %w", session.InvalidParams("inside"))
		},
		"early": func(context.Context, jsonrpc2.RawMessage) (any, error) { b.server.version.Store(99); return nil, nil },
		"stop":  func(context.Context, jsonrpc2.RawMessage) (any, error) { b.server.session.Stop(); return nil, nil },
		"block": func(ctx context.Context, _ jsonrpc2.RawMessage) (any, error) {
			session.Overlap(ctx)
			b.blocked <- struct{}{}
			<-ctx.Done()
			b.cancelled <- struct{}{}
			return nil, ctx.Err()
		},
		"after": func(ctx context.Context, p jsonrpc2.RawMessage) (any, error) {
			session.After(ctx, func() { b.server.session.Conn.Notify(b.server.session.Context(), "hotclub/after", p) })
			return p, nil
		},
	}
}

func started(t *testing.T) *bundle {
	t.Helper()
	b := setup(t, session.Options{})
	b.initialize(t)
	return b
}

func (b *bundle) initialize(t *testing.T) {
	t.Helper()
	if m := b.Call("initialize", map[string]any{"capabilities": map[string]any{}}); m.Error != nil {
		t.Fatalf("initialize: %+v", m.Error)
	}
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

func TestHandlersSeeMessagesInOrder(t *testing.T) {
	b := started(t)
	for i := range 2000 {
		b.Notify("textDocument/didChange", map[string]any{"textDocument": map[string]any{"uri": "file:///x.py", "version": i + 1}, "contentChanges": []any{}})
		if i%5 != 0 {
			continue
		}
		m := b.Call("textDocument/codeLens", map[string]any{"textDocument": map[string]any{"uri": "file:///x.py"}})
		var lenses []protocol.CodeLens
		if err := protocol.Unmarshal(m.Result, &lenses); err != nil {
			t.Fatal(err)
		}
		if got := int(lenses[0].Range.Start.Line); got != i+1 {
			t.Fatalf("a lens of version %d after change %d", got, i+1)
		}
	}
}

// Trap 1: contexts derived in inline handlers crash the process on the library's context.
func TestInlineHandlersMayDeriveContexts(t *testing.T) {
	b := started(t)
	params := map[string]any{"textDocument": map[string]any{"uri": "file:///x.py"}, "position": map[string]any{"line": 1, "character": 1}}
	for range 5000 {
		if m := b.Call("textDocument/hover", params); m.Error != nil {
			t.Fatal(m.Error)
		}
	}
}

// Traps 3 and 5: none of these may end the session.
func TestBadNotificationsAreSurvived(t *testing.T) {
	b := started(t)
	for _, body := range []string{
		`{"jsonrpc":"2.0","method":"hotclub/unknown"}`,
		`{"jsonrpc":"2.0","method":"hotclub/plain"}`,
		`{"jsonrpc":"2.0","method":"hotclub/panic"}`,
		`{"jsonrpc":"2.0","method":"unknown/method","params":{"a":1}}`,
		`{"jsonrpc":"2.0","method":"$/unknown"}`,
		`{"jsonrpc":"2.0","method":"initialized"}`,
		`{"jsonrpc":"2.0","method":"textDocument/didOpen","params":"no"}`,
		`{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":{"uri":"file:///x","version":1},"contentChanges":[{"range":{"start":{"line":0}},"text":"x"}]}}`,
		`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1.5}}`,
		`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":null}}`,
		`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":4711}}`,
		`{"jsonrpc":"2.0","method":"$/cancelRequest"}`,
	} {
		b.Send(body)
		if m := b.Call("hotclub/size", "abc"); string(m.Result) != "5" {
			t.Fatalf("after %s: %+v", body, m)
		}
	}
}

// Traps 4, 5 and 10.
func TestErrorCodes(t *testing.T) {
	b := started(t)
	for _, c := range []struct {
		method string
		params any
		code   int
		text   string
	}{
		{"hotclub/panic", nil, -32603, "hotclub/panic: internal error"},
		{"hotclub/plain", nil, -32803, "plain"},
		{"hotclub/canceled", nil, -32800, ""},
		{"hotclub/wrapped", nil, -32602, "around: inside"},
		{"hotclub/unknown", nil, -32601, "unknown method hotclub/unknown"},
		{"textDocument/unknown", map[string]any{}, -32601, ""},
		{"textDocument/hover", "no", -32602, ""},
		{"initialize", map[string]any{"capabilities": map[string]any{}}, -32600, "initialize: this session is already initialized"},
		{"hotclub/size", nil, 0, ""},
	} {
		m := b.Call(c.method, c.params)
		if m.Code() != c.code || c.text != "" && m.Error.Message != c.text {
			t.Errorf("%s: got %d %+v, want %d %s", c.method, m.Code(), m.Error, c.code, c.text)
		}
	}
}

func TestCancelByID(t *testing.T) {
	b := started(t)
	for _, id := range []string{"77", `"seventy-seven"`} {
		b.Send(`{"jsonrpc":"2.0","id":` + id + `,"method":"hotclub/block"}`)
		receive(t, b.blocked, "the request")
		b.Notify("$/cancelRequest", map[string]json.RawMessage{"id": json.RawMessage(id)})
		receive(t, b.cancelled, "the cancellation")
		m := b.Wait("the answer", func(m lsptest.Message) bool { return string(m.ID) == id })
		if m.Code() != -32800 {
			t.Errorf("%s: %+v", id, m)
		}
	}
}

// Trap 7: the library does not cancel what runs when the peer goes.
func TestEndOfPeerCancels(t *testing.T) {
	b := started(t)
	b.Request("hotclub/block", nil)
	receive(t, b.blocked, "the request")
	b.Close()
	receive(t, b.cancelled, "the cancellation")
	b.ended <- receive(t, b.ended, "the end of the session")
}

// Trap 8: the library's Close deadlocks in a handler.
func TestStopFromHandler(t *testing.T) {
	b := started(t)
	b.Request("hotclub/stop", nil)
	b.ended <- receive(t, b.ended, "the end of the session")
	b.WaitEnd()
}

func TestEndOfContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	ours, theirs := session.Duplex()
	s := session.New(ctx, ours, session.Options{})
	peer := lsptest.NewPeer(t, theirs, lsptest.Checked(t))
	ended := make(chan error, 1)
	go func() { ended <- s.Run(&server{session: s}, nil) }()
	cancel()
	if err := receive(t, ended, "the end of the session"); err != nil {
		t.Error(err)
	}
	peer.WaitEnd()
}

// Trap 6: a broken frame ends the session, and cleanly.
func TestMalformedJSONEnds(t *testing.T) {
	for _, body := range []string{`{"jsonrpc":"2.0","id":5,"method":`, `{"id":4,"method":"shutdown"}`} {
		b := started(t)
		b.Send(body)
		b.ended <- receive(t, b.ended, "the end of the session")
	}
}

// Trap 9: a handler that overlaps may call the client back.
func TestCallBack(t *testing.T) {
	b := started(t)
	id := b.Request("workspace/executeCommand", map[string]any{"command": "x"})
	back := b.Wait("the request of the server", func(m lsptest.Message) bool { return m.Method == "window/workDoneProgress/create" })
	b.Send(`{"jsonrpc":"2.0","id":` + string(back.ID) + `,"result":null}`)
	if m := b.Answer(id); m.Error != nil {
		t.Error(m.Error)
	}
}

func TestAfterComesAfterTheAnswer(t *testing.T) {
	b := started(t)
	const n = 500
	for i := range n {
		b.Request("hotclub/after", i)
	}
	b.WaitMethod("hotclub/after", n)
	answered := map[string]bool{}
	for _, m := range b.Log() {
		switch {
		case m.Method == "" && m.Result != nil:
			answered[string(m.Result)] = true
		case m.Method == "hotclub/after" && !answered[string(m.Params)]:
			t.Fatalf("%s came before its answer", m.Params)
		}
	}
}

func TestLifecycle(t *testing.T) {
	b := setup(t, session.Options{Early: []string{"early"}})
	if m := b.Call("hotclub/size", nil); m.Code() != -32002 {
		t.Errorf("before initialize: %+v", m)
	}
	b.Notify("textDocument/didChange", map[string]any{"textDocument": map[string]any{"uri": "file:///x.py", "version": 7}, "contentChanges": []any{}})
	if m := b.Call("initialize", map[string]any{"capabilities": map[string]any{}, "initializationOptions": "refuse"}); m.Code() != -32602 {
		t.Errorf("refused initialize: %+v", m)
	}
	if got := b.server.version.Load(); got != 0 {
		t.Errorf("a notification before initialize was handled: %d", got)
	}
	b.Notify("hotclub/early", nil)
	b.initialize(t)
	if got := b.server.version.Load(); got != 99 {
		t.Errorf("the early notification was dropped: %d", got)
	}
	if m := b.Call("shutdown", nil); m.Error != nil {
		t.Error(m.Error)
	}
	if m := b.Call("hotclub/size", nil); m.Code() != -32600 {
		t.Errorf("after shutdown: %+v", m)
	}
	b.Notify("exit", nil)
	b.ended <- receive(t, b.ended, "the end of the session")
}

// Trap 15: a write waits while the peer does not read; not for ever.
func TestPeerThatDoesNotReadIsLeft(t *testing.T) {
	lsptest.Bubble(t, func(t *testing.T) {
		ours, theirs := session.Duplex()
		s := session.New(context.Background(), ours, session.Options{Stall: 30 * time.Second})
		ended := make(chan error, 1)
		go func() { ended <- s.Run(&server{session: s}, nil) }()
		begin := time.Now()
		var err error
		for err == nil {
			err = s.Conn.Notify(s.Context(), "test/flood", make([]byte, 64<<10))
		}
		<-ended
		if waited := time.Since(begin); waited < 30*time.Second || waited > 31*time.Second {
			t.Errorf("left after %v", waited)
		}
		theirs.Close()
	})
}

func TestDuplex(t *testing.T) {
	a, b := session.Duplex()
	sent := make([]byte, 5<<20)
	for i := range sent {
		sent[i] = byte(strconv.Itoa(i)[0])
	}
	var group sync.WaitGroup
	for _, e := range []io.ReadWriteCloser{a, b} {
		group.Go(func() {
			if n, err := e.Write(sent); n != len(sent) || err != nil {
				t.Errorf("write: %d, %v", n, err)
			}
		})
		group.Go(func() {
			got := make([]byte, len(sent))
			if _, err := io.ReadFull(e, got); err != nil || string(got) != string(sent) {
				t.Errorf("read: %v", err)
			}
		})
	}
	group.Wait()
	a.Write([]byte("last"))
	a.(interface{ CloseWrite() error }).CloseWrite()
	if _, err := b.Write([]byte("w")); err != nil {
		t.Errorf("write to a side that only listens: %v", err)
	}
	if n, err := a.Read(make([]byte, 9)); n != 1 || err != nil {
		t.Errorf("read after CloseWrite: %d, %v", n, err)
	}
	a.Close()
	if rest, err := io.ReadAll(b); string(rest) != "last" || err != nil {
		t.Errorf("after close: %q, %v", rest, err)
	}
	if _, err := b.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("write after close: %v", err)
	}
}

func BenchmarkRoundTrip(b *testing.B) {
	ours, theirs := session.Duplex()
	s := session.New(b.Context(), ours, session.Options{})
	ended := make(chan error, 1)
	go func() { ended <- s.Run(&server{session: s}, nil) }()
	peer := lsptest.NewPeer(b, theirs)
	peer.Call("initialize", map[string]any{"capabilities": map[string]any{}})
	for b.Loop() {
		peer.Call("textDocument/hover", map[string]any{"textDocument": map[string]any{"uri": "file:///x.py"}, "position": map[string]any{"line": 1, "character": 1}})
	}
	peer.Close()
	<-ended
}
