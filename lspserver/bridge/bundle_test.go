package bridge_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"

	"hotclub/lspserver/bridge"
	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/session"
	"hotclub/lspserver/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bundle is a bridge between a fake editor and fake daemons. Time stands still in it while
// anybody has something to do.
type bundle struct {
	*lsptest.Peer // the editor

	t       *testing.T
	stdin   io.ReadWriteCloser // the editor's end
	daemons chan *daemon       // one for each successful dial
	ended   chan error
	refuse  chan error // what the next dials fail with
	log     *logBuffer
	deaf    atomic.Bool // whether the daemons take nothing more
}

// conn is the bridge's end of a connection.
type conn struct {
	io.ReadWriteCloser
	deaf *atomic.Bool
}

func (c conn) Write(p []byte) (int, error) {
	if c.deaf.Load() {
		return 0, errRefused
	}
	return c.ReadWriteCloser.Write(p)
}

func (c conn) CloseWrite() error {
	return c.ReadWriteCloser.(interface{ CloseWrite() error }).CloseWrite()
}

// daemon is one fake daemon.
type daemon struct {
	*lsptest.Peer
	end io.Writer
}

func run(t *testing.T, test func(*bundle)) {
	t.Helper()
	runRefused(t, 0, test)
}

// runRefused is run where the first dials fail.
func runRefused(t *testing.T, refusals int, test func(*bundle)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(setup(t, refusals)) })
}

func setup(t *testing.T, refusals int) *bundle {
	b := &bundle{
		t: t, daemons: make(chan *daemon, 100), refuse: make(chan error, 100), ended: make(chan error, 1), log: &logBuffer{},
	}
	for range refusals {
		b.refuse <- errRefused
	}
	stdio, editor := session.Duplex()
	b.stdin = editor
	done := make(chan struct{})
	t.Cleanup(func() {
		<-done
		if t.Failed() {
			t.Log(b.log.text.String(), methods(b.Log()))
		}
	})
	go func() {
		defer close(done)
		b.ended <- bridge.Run(context.Background(), stdio, stdio, bridge.Options{
			Dial: b.dial, Who: wire.ClientParams{CWD: "/d", Environment: []string{"A=1"}}, Log: slog.New(slog.NewTextHandler(b.log, nil)),
		})
	}()
	b.Peer = lsptest.NewPeer(t, editor)
	return b
}

func (b *bundle) dial(context.Context) (io.ReadWriteCloser, error) {
	select {
	case err := <-b.refuse:
		return nil, err
	default:
	}
	ours, theirs := session.Duplex()
	b.daemons <- &daemon{lsptest.NewPeer(b.t, theirs), theirs}
	return conn{ours, &b.deaf}, nil
}

// daemon waits for the next daemon to be dialled and introduced.
func (b *bundle) daemon() *daemon {
	b.t.Helper()
	d := <-b.daemons
	d.WaitMethod(wire.MethodClient, 1)
	return d
}

// start is an editor that has said initialize and initialized, and its daemon.
func start(b *bundle) *daemon {
	b.t.Helper()
	id := b.Request("initialize", map[string]any{"capabilities": map[string]any{}, "clientInfo": map[string]any{"name": "fake"}})
	d := b.daemon()
	d.reply(d.WaitMethod("initialize", 1), welcome(1))
	b.Answer(id)
	b.Notify("initialized", map[string]any{})
	d.WaitMethod("initialized", 1)
	return d
}

// next is the daemon that follows one which was killed, with the session rebuilt.
func (b *bundle) next() *daemon {
	b.t.Helper()
	d := b.daemon()
	d.reply(d.WaitMethod("initialize", 1), welcome(2))
	b.waitNote(2)
	return d
}

// waitNote waits for what the editor's log says of the replacement.
func (b *bundle) waitNote(pid int) lsptest.Message {
	b.t.Helper()
	return b.Wait("the note of the replacement", func(m lsptest.Message) bool {
		return m.Method == "window/logMessage" && bytes.Contains(m.Params, fmt.Appendf(nil, "(by process %d)", pid))
	})
}

func welcome(pid int) string {
	return fmt.Sprintf(`{"capabilities":{"positionEncoding":"utf-16","experimental":{"hotclub":{"daemon":{"pid":%d,"log":"/state/daemon.log"}}}}}`, pid)
}

func (d *daemon) reply(to lsptest.Message, result string) {
	d.Send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":%s}`, to.ID, result))
}

// answer is an editor's answer to a request of a daemon.
func (b *bundle) answer(id, result string) {
	b.Send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":%s}`, id, result))
}

// finish waits for the end of the bridge.
func (b *bundle) finish() error {
	b.t.Helper()
	return <-b.ended
}

// hangUp closes the bridge's standard input.
func (b *bundle) hangUp() { b.stdin.(interface{ CloseWrite() error }).CloseWrite() }

// methods are those of a log, "=" for an answer.
func methods(log []lsptest.Message) (list []string) {
	for _, m := range log {
		if m.Method == "" {
			m.Method = "=" + string(m.ID)
		}
		list = append(list, m.Method)
	}
	return list
}

func count(log []lsptest.Message, method string) (n int) {
	for _, m := range log {
		if m.Method == method {
			n++
		}
	}
	return n
}

func unmarshal(t *testing.T, data []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
}

var errRefused = errors.New("nobody is there")

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
