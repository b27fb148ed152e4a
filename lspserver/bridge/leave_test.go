package bridge_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"hotclub/lspserver/bridge"
	"hotclub/lspserver/lsptest"
)

func TestShutdownAndExit(t *testing.T) {
	run(t, func(b *bundle) {
		d := start(b)
		id := b.Request("shutdown", nil)
		d.reply(d.WaitMethod("shutdown", 1), "null")
		if m := b.Answer(id); m.Error != nil {
			t.Error(m.Error)
		}
		b.Notify("exit", nil)
		d.WaitMethod("exit", 1)
		d.Close()
		if err := b.finish(); err != nil {
			t.Error(err)
		}
		if len(b.daemons) > 0 {
			t.Error("another daemon was looked for")
		}
	})
}

func TestExitWithoutShutdown(t *testing.T) {
	run(t, func(b *bundle) {
		d := start(b)
		b.Notify("exit", nil)
		d.WaitMethod("exit", 1)
		d.Close()
		if err := b.finish(); !errors.Is(err, bridge.ErrNoShutdown) {
			t.Error(err)
		}
	})
}

// The daemon's last words come back after the editor has closed its side.
func TestLastWords(t *testing.T) {
	run(t, func(b *bundle) {
		d := start(b)
		b.Notify("x/last", nil)
		b.hangUp()
		d.WaitMethod("x/last", 1)
		d.WaitEnd()
		d.Notify("x/words", nil)
		b.WaitMethod("x/words", 1)
		d.Close()
		if err := b.finish(); err != nil {
			t.Error(err)
		}
	})
}

func TestDaemonThatDoesNotLetGo(t *testing.T) {
	run(t, func(b *bundle) {
		start(b)
		begin := time.Now()
		b.hangUp()
		if err := b.finish(); err != nil || time.Since(begin) != 5*time.Second {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
	})
}

func TestEditorLeavesDuringReconnect(t *testing.T) {
	for name, leave := range map[string]func(*bundle){
		"end of input": func(b *bundle) { b.hangUp() },
		"gone":         func(b *bundle) { b.Close() },
		"shutdown": func(b *bundle) {
			id := b.Request("shutdown", nil)
			if m := b.Answer(id); m.Error != nil {
				b.t.Error(m.Error)
			}
			if m := b.Call("x/too late", nil); m.Code() != -32802 {
				b.t.Errorf("%+v", m)
			}
			b.Notify("exit", nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, func(b *bundle) {
				d := start(b)
				for range 100 {
					b.refuse <- errRefused
				}
				d.Close()
				time.Sleep(time.Second) // of fake time: in the middle of a pause
				begin := time.Now()
				leave(b)
				if err := b.finish(); err != nil || time.Since(begin) != 0 {
					t.Errorf("%v after %v", err, time.Since(begin))
				}
			})
		})
		t.Run(name+" while a session is rebuilt", func(t *testing.T) {
			run(t, func(b *bundle) {
				start(b).Close()
				b.daemon().WaitMethod("initialize", 1)
				begin := time.Now()
				leave(b)
				if err := b.finish(); err != nil || time.Since(begin) != 0 {
					t.Errorf("%v after %v", err, time.Since(begin))
				}
			})
		})
	}
}

// Nothing is left to be shut down then.
func TestDaemonDiesOfShutdown(t *testing.T) {
	run(t, func(b *bundle) {
		d := start(b)
		id := b.Request("shutdown", nil)
		d.WaitMethod("shutdown", 1)
		d.Close()
		if m := b.Answer(id); m.Error != nil || string(m.Result) != "null" {
			t.Errorf("%+v", m)
		}
		b.Notify("exit", nil)
		if err := b.finish(); err != nil {
			t.Error(err)
		}
		if len(b.daemons) > 0 {
			t.Error("another daemon was looked for")
		}
	})
}

func TestEditorThatTalksNonsense(t *testing.T) {
	for nonsense, want := range map[string]string{
		"GET / HTTP/1.1\r\n\r\n":                         `"GET / HTTP/1.1" is no header`,
		"Content-Type: x\r\n\r\n":                        "without Content-Length",
		"Content-Length: -1\r\n\r\n":                     `Content-Length is "-1"`,
		"Content-Length: 0\r\n\r\n":                      `Content-Length is "0"`,
		"Content-Length: 268435457\r\n\r\n":              "268435456 are the limit",
		strings.Repeat("x", 1<<20):                       "longer than 4096 bytes",
		strings.Repeat("X-A: b\r\n", 1000):               "longer than 4096 bytes",
		frame(`{"jsonrpc":"2.0",}`):                      "not a message",
		frame(`{"jsonrpc":"2.0","method":"a"`):           "unexpected EOF",
		frame(`{"jsonrpc":"2.0","method":"a"} {}`):       "something follows",
		frame(`[{"jsonrpc":"2.0","method":"a"}]`):        "no JSON object",
		frame(`{"jsonrpc":"2.0","method":["a"]}`):        "the method is",
		frame(`{"jsonrpc":"2.0","method":"a","id":tru}`): "not a message",
	} {
		run(t, func(b *bundle) {
			d := start(b)
			b.Raw(nonsense)
			m := b.Wait("a parse error", func(m lsptest.Message) bool { return m.Code() == -32700 })
			if string(m.ID) != "null" || !strings.Contains(m.Error.Message, want) {
				t.Errorf("%.60q: %s %s", nonsense, m.ID, m.Error.Message)
			}
			if err := b.finish(); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%.60q: %v", nonsense, err)
			}
			d.WaitEnd()
		})
	}
}

// An editor that dies in the middle of a message has not talked nonsense.
func TestEditorDiesInTheMiddle(t *testing.T) {
	for _, part := range []string{"Content-Le", "Content-Length: 10\r\n", "Content-Length: 10\r\n\r\n{"} {
		run(t, func(b *bundle) {
			d := start(b)
			b.Raw(part)
			b.Close()
			d.WaitEnd()
			d.Close()
			if err := b.finish(); err != nil {
				t.Errorf("%q: %v", part, err)
			}
		})
	}
}

// An editor that does not read holds up its daemon, and neither hangs for ever.
func TestEditorThatDoesNotRead(t *testing.T) {
	run(t, func(b *bundle) {
		d := start(b)
		b.Pause()
		done := make(chan struct{})
		go func() {
			defer close(done)
			for range 8 {
				io.WriteString(d.end, frame(`{"jsonrpc":"2.0","method":"x/flood","params":"`+strings.Repeat("x", 512<<10)+`"}`))
			}
		}()
		b.Raw("nonsense\r\n\r\n")
		begin := time.Now()
		if err := b.finish(); err == nil || time.Since(begin) > 5*time.Second {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
		b.Close()
		<-done
	})
}
