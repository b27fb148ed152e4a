package bridge_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"hotclub/lspserver/bridge"
	"hotclub/lspserver/session"
	"hotclub/lspserver/wire"
)

func frame(body string) string { return fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body) }

// odd is what an editor or a daemon may say although nobody does.
var odd = frame(`{ "params" : [ 1, "\ud800", "é" ], "id": 7.0 ,"method":"x/\u0079","jsonrpc":"2.0","method2":{}}`) +
	strings.Replace(frame(`{"jsonrpc":"2.0","method":"$/thing"}`), "Content-Length: ", "content-type: x; charset=utf-8\r\ncontent-length:  ", 1) +
	frame(`{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"?"}}`) +
	frame(`{"jsonrpc":"2.0","id":"unheard of","result":null}`)

// What passes through is not touched, oddities included.
func TestBytesPassUnchanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stdio, editor := session.Duplex()
		ours, theirs := session.Duplex()
		ended := make(chan error, 1)
		go func() {
			ended <- bridge.Run(t.Context(), stdio, stdio, bridge.Options{
				Dial: func(context.Context) (io.ReadWriteCloser, error) { return ours, nil },
				Who:  wire.ClientParams{CWD: "/d", Environment: []string{"A=1"}},
			})
		}()
		introduction := frame(`{"jsonrpc":"2.0","method":"hotclub/client","params":{"cwd":"/d","environment":["A=1"]}}`)
		say(t, editor, odd)
		hear(t, theirs, introduction+odd)
		say(t, theirs, odd)
		hear(t, editor, odd)
		editor.Close()
		theirs.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func say(t *testing.T, w io.Writer, text string) {
	t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
}

func hear(t *testing.T, r io.Reader, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(r, got); err != nil || string(got) != want {
		t.Fatalf("%v; got\n%q, want\n%q", err, got, want)
	}
}

func TestLargeMessage(t *testing.T) {
	run(t, func(b *bundle) {
		d := start(b)
		long := strings.Repeat("x", 5<<20)
		b.Notify("x/long", long)
		if got := d.WaitMethod("x/long", 1).Params; len(got) != len(long)+2 {
			b.t.Errorf("%d bytes arrived", len(got))
		}
		d.Notify("x/long", long)
		b.WaitMethod("x/long", 1)
	})
}

// Neither side is held up by the other's silence; both send more than a connection holds.
func TestBothTalkAtOnce(t *testing.T) {
	run(t, func(b *bundle) {
		d := start(b)
		part := strings.Repeat("x", 512<<10)
		done := make(chan struct{})
		go func() {
			defer close(done)
			for range 20 {
				d.Notify("x/there", part)
			}
		}()
		for range 20 {
			b.Notify("x/here", part)
		}
		d.WaitMethod("x/here", 20)
		b.WaitMethod("x/there", 20)
		<-done
	})
}

// BenchmarkRoundTrip is one request and its answer, with and without the bridge; the
// difference is what two messages cost.
func BenchmarkRoundTrip(b *testing.B) {
	b.Run("direct", func(b *testing.B) {
		editor, daemon := session.Duplex()
		roundTrips(b, editor, daemon)
	})
	b.Run("bridge", func(b *testing.B) {
		stdio, editor := session.Duplex()
		ours, daemon := session.Duplex()
		ended := make(chan error, 1)
		go func() {
			ended <- bridge.Run(context.Background(), stdio, stdio, bridge.Options{
				Dial: func(context.Context) (io.ReadWriteCloser, error) { return ours, nil },
			})
		}()
		io.ReadFull(daemon, make([]byte, len(frame(`{"jsonrpc":"2.0","method":"hotclub/client","params":{}}`))))
		roundTrips(b, editor, daemon)
		<-ended
	})
}

func roundTrips(b *testing.B, editor, daemon io.ReadWriteCloser) {
	question := []byte(frame(`{"jsonrpc":"2.0","id":1,"method":"textDocument/codeLens","params":{"textDocument":{"uri":"file:///project/tests/test_x.py"}}}`))
	answer := []byte(frame(`{"jsonrpc":"2.0","id":1,"result":[` + strings.Repeat(`{"range":{"start":{"line":1,"character":4},"end":{"line":1,"character":9}}},`, 50) + `null]}`))
	go func() {
		heard := make([]byte, len(question))
		for {
			if _, err := io.ReadFull(daemon, heard); err != nil {
				return
			}
			daemon.Write(answer)
		}
	}()
	heard := make([]byte, len(answer))
	for b.Loop() {
		editor.Write(question)
		io.ReadFull(editor, heard)
	}
	editor.Close()
	daemon.Close()
}
