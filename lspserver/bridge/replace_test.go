package bridge_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/wire"
)

func open(b *bundle, uri, text string) {
	b.Notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{"uri": uri, "languageId": "python", "version": 1, "text": text}})
}

func edit(b *bundle, uri string, version, line, from, to int, text string) {
	b.Notify("textDocument/didChange", map[string]any{
		"textDocument": map[string]any{"uri": uri, "version": version},
		"contentChanges": []any{map[string]any{"text": text, "range": map[string]any{
			"start": map[string]any{"line": line, "character": from}, "end": map[string]any{"line": line, "character": to},
		}}},
	})
}

// told is what a daemon heard, in short; initialize and hotclub/client left out.
func told(d *daemon) (list []string) {
	for _, m := range d.Log() {
		switch m.Method {
		case "initialize", wire.MethodClient, "":
		default:
			list = append(list, m.Method+" "+string(m.Params))
		}
	}
	return list
}

func opened(uri string, version int, text string) string {
	quoted, _ := json.Marshal(text)
	return fmt.Sprintf(`textDocument/didOpen {"textDocument":{"uri":%q,"languageId":"python","version":%d,"text":%s}}`, uri, version, quoted)
}

func TestSessionIsRebuilt(t *testing.T) {
	run(t, func(b *bundle) {
		d := start(b)
		b.Notify("workspace/didChangeConfiguration", map[string]any{"settings": 1})
		b.Notify("workspace/didChangeConfiguration", map[string]any{"settings": 2})
		folder := func(uri string) []any { return []any{map[string]any{"uri": uri, "name": "f"}} }
		for _, event := range []map[string]any{
			{"added": folder("file:///b"), "removed": folder("file:///a")},
			{"added": folder("file:///c"), "removed": []any{}},
			{"added": []any{}, "removed": folder("file:///c")},
		} {
			b.Notify("workspace/didChangeWorkspaceFolders", map[string]any{"event": event})
		}
		open(b, "file:///a b.py", "x = '😀'\r\ny = 1\r\n")
		open(b, "file:///gone.py", "")
		open(b, "file:///whole.py", "old")
		edit(b, "file:///a b.py", 2, 0, 7, 7, "é")
		edit(b, "file:///a b.py", 3, 1, 0, 1, "z\n")
		b.Notify("textDocument/didChange", map[string]any{"textDocument": map[string]any{"uri": "file:///whole.py", "version": 9}, "contentChanges": []any{map[string]any{"text": "new"}}})
		b.Notify("textDocument/didClose", map[string]any{"textDocument": map[string]any{"uri": "file:///gone.py"}})
		b.Notify("textDocument/didSave", map[string]any{"textDocument": map[string]any{"uri": "file:///whole.py"}})
		d.WaitMethod("textDocument/didSave", 1)
		d.Close()

		n := b.next()
		b.Notify("x/after", 1)
		n.WaitMethod("x/after", 1)
		first, second := d.WaitMethod("initialize", 1), n.WaitMethod("initialize", 1)
		if string(first.Params) != string(second.Params) || string(second.ID) != `"hotclub-bridge-2"` {
			t.Errorf("initialize became %s %s", second.ID, second.Params)
		}
		if log := methods(n.Log()); log[0] != wire.MethodClient || log[1] != "initialize" {
			t.Error(log)
		}
		want := []string{
			`initialized {}`,
			`workspace/didChangeConfiguration {"settings":2}`,
			`workspace/didChangeWorkspaceFolders {"event":{"added":[{"uri":"file:///b","name":"f"}],"removed":[{"uri":"file:///a","name":"f"}]}}`,
			opened("file:///a b.py", 3, "x = '😀é'\r\nz\n = 1\r\n"),
			opened("file:///whole.py", 9, "new"),
			`x/after 1`,
		}
		if diff := cmp.Diff(want, told(n)); diff != "" {
			t.Error(diff)
		}
		if got := b.waitNote(2); !strings.Contains(string(got.Params), `"type":3`) || !strings.Contains(string(got.Params), "(process 1)") {
			t.Errorf("%s", got.Params)
		}
		if count(b.Log(), "") != 1 {
			t.Errorf("the editor was answered initialize twice: %v", methods(b.Log()))
		}
	})
}

// What the editor says while there is no daemon is said once, in its place, even if the
// next daemon dies in the middle of it.
func TestEditsInFlight(t *testing.T) {
	run(t, func(b *bundle) {
		d := start(b)
		open(b, "file:///a.py", "0\n")
		d.WaitMethod("textDocument/didOpen", 1)
		d.Close()
		synctest.Wait() // the bridge pauses before it looks for the next
		edit(b, "file:///a.py", 2, 0, 1, 1, "1")
		lens := b.Request("textDocument/codeLens", map[string]any{})
		edit(b, "file:///a.py", 3, 0, 2, 2, "2")

		second := b.daemon() // dies before the session is rebuilt
		second.WaitMethod("initialize", 1)
		second.Close()
		third := b.next()
		m := third.WaitMethod("textDocument/codeLens", 1)
		third.WaitMethod("textDocument/didChange", 2)
		want := []string{"initialized {}", opened("file:///a.py", 1, "0\n")}
		if diff := cmp.Diff(want, told(third)[:2]); diff != "" {
			t.Error(diff)
		}
		if got := told(third); len(got) != 5 || !strings.Contains(got[2], `"version":2`) || !strings.Contains(got[4], `"version":3`) {
			t.Errorf("%q", got)
		}
		third.reply(m, "[]")
		if m := b.Answer(lens); m.Error != nil {
			t.Errorf("a request that no daemon had heard was refused: %+v", m.Error)
		}
		edit(b, "file:///a.py", 4, 0, 3, 3, "3")
		third.WaitMethod("textDocument/didChange", 3)
		third.Close()
		fourth := b.daemon()
		fourth.reply(fourth.WaitMethod("initialize", 1), welcome(4))
		if got := string(fourth.WaitMethod("textDocument/didOpen", 1).Params); !strings.Contains(got, `"version":4,"text":"0123\n"`) {
			t.Error(got)
		}
	})
}

func TestRegistrationsAreNotRepeated(t *testing.T) {
	run(t, func(b *bundle) {
		register := func(d *daemon, id, list string) {
			d.Send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"method":"client/registerCapability","params":{"registrations":[%s]}}`, id, list))
		}
		const watch, config = `{"id":"w","method":"workspace/didChangeWatchedFiles","registerOptions":{"watchers":[]}}`, `{"id":"c","method":"workspace/didChangeConfiguration"}`
		d := start(b)
		register(d, "1", watch+","+config)
		register(d, "2", `{"id":"refused","method":"x"}`)
		register(d, "3", `{"id":"undone","method":"x"}`)
		b.WaitMethod("client/registerCapability", 3)
		b.answer("1", "null")
		b.Send(`{"jsonrpc":"2.0","id":2,"error":{"code":-32601,"message":"no"}}`)
		b.answer("3", "null")
		d.Wait("answer 3", func(m lsptest.Message) bool { return string(m.ID) == "3" })
		d.Send(`{"jsonrpc":"2.0","id":4,"method":"client/unregisterCapability","params":{"unregisterations":[{"id":"undone","method":"x"}]}}`)
		b.WaitMethod("client/unregisterCapability", 1)
		b.answer("4", "null")
		d.Close()

		n := b.next()
		register(n, "1", strings.ReplaceAll(watch, ",", " , "))
		if m := n.Wait("the bridge's answer", func(m lsptest.Message) bool { return string(m.ID) == "1" }); string(m.Result) != "null" {
			t.Errorf("%+v", m)
		}
		register(n, "2", config+`,{"id":"refused","method":"x"},{"id":"undone","method":"x"}`)
		if got := string(b.WaitMethod("client/registerCapability", 4).Params); got != `{"registrations":[{"id":"refused","method":"x"},{"id":"undone","method":"x"}]}` {
			t.Errorf("the editor was asked to register %s", got)
		}
		register(n, "3", watch) // the daemon's own affair
		b.WaitMethod("client/registerCapability", 5)
	})
}

// As the command line does, the bridge waits for the next daemon when one is just ending.
func TestDaemonThatIsJustEnding(t *testing.T) {
	run(t, func(b *bundle) {
		id := b.Request("initialize", map[string]any{"capabilities": map[string]any{}})
		first := b.daemon()
		first.WaitMethod("initialize", 1)
		first.Close()
		second := b.daemon()
		m := second.WaitMethod("initialize", 1)
		second.Send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"error":{"code":-32802,"message":"the daemon is ending"}}`, m.ID))
		second.WaitEnd()
		third := b.daemon()
		third.reply(third.WaitMethod("initialize", 1), welcome(3))
		if m := b.Answer(id); m.Error != nil {
			t.Errorf("%+v", m.Error)
		}
		third.Close()
		fourth := b.daemon()
		m = fourth.WaitMethod("initialize", 1)
		fourth.Send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"error":{"code":-32802,"message":"the daemon is ending"}}`, m.ID))
		b.next()
		if got := count(b.Log(), ""); got != 1 {
			t.Errorf("%d answers", got)
		}
	})
}

// An initialize that was refused is not what a session is rebuilt from.
func TestInitializeThatWasRefused(t *testing.T) {
	run(t, func(b *bundle) {
		wrong := b.Request("initialize", 7)
		d := b.daemon()
		d.WaitMethod("initialize", 1)
		d.Send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"error":{"code":-32602,"message":"no"}}`, wrong))
		if m := b.Answer(wrong); m.Code() != -32602 {
			t.Errorf("%+v", m)
		}
		d.Close()
		id := b.Request("initialize", map[string]any{})
		n := b.daemon()
		n.reply(n.WaitMethod("initialize", 1), welcome(2))
		b.Answer(id)
		if got := count(n.Log(), "initialize"); got != 1 {
			t.Errorf("%d × initialize", got)
		}
	})
}

func TestNoDaemonAtAll(t *testing.T) {
	runRefused(t, 1, func(b *bundle) {
		synctest.Wait() // it has been found out before the editor says a word
		id := b.Request("initialize", map[string]any{})
		if m := b.Answer(id); m.Code() != -32802 || !strings.Contains(m.Error.Message, "nobody is there") {
			t.Errorf("%+v", m.Error)
		}
		if err := b.finish(); err == nil || !strings.HasPrefix(err.Error(), "nobody is there; `hotclub doctor`") {
			t.Error(err)
		}
	})
}

func TestDaemonThatNeverComesBack(t *testing.T) {
	run(t, func(b *bundle) {
		d := start(b)
		for range 100 {
			b.refuse <- errRefused
		}
		begin := time.Now()
		d.Close()
		lens := b.Request("textDocument/codeLens", map[string]any{})
		if m := b.Answer(lens); m.Code() != -32802 {
			t.Errorf("%+v", m.Error)
		}
		m := b.WaitMethod("window/showMessage", 1)
		err := b.finish()
		for _, want := range []string{"5 attempts", "nobody is there", "hotclub doctor", "/state/daemon.log", "restart the language server"} {
			if !strings.Contains(string(m.Params), want) || err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%q is neither in %s nor in %v", want, m.Params, err)
			}
		}
		if took := time.Since(begin); took < time.Second || took > 30*time.Second {
			t.Errorf("given up after %v", took)
		}
	})
}

// Whoever types the command into a terminal does not speak LSP.
func TestNoDaemonAndNoEditor(t *testing.T) {
	runRefused(t, 1, func(b *bundle) {
		if err := b.finish(); err == nil || !strings.HasPrefix(err.Error(), "nobody is there; `hotclub doctor`") {
			t.Error(err)
		}
	})
}

// A daemon that dies of what it is told again must not do so for ever.
func TestDaemonsThatDieOfTheSession(t *testing.T) {
	run(t, func(b *bundle) {
		start(b).Close()
		for range 4 {
			d := b.daemon()
			d.reply(d.WaitMethod("initialize", 1), welcome(2))
			d.WaitMethod("initialized", 1)
			d.Close()
		}
		b.WaitMethod("window/showMessage", 1)
		if err := b.finish(); err == nil {
			t.Error("no error")
		}
	})
}

// What happened long ago does not count.
func TestDaemonsThatDieNowAndThen(t *testing.T) {
	run(t, func(b *bundle) {
		d := start(b)
		for range 20 {
			time.Sleep(15 * time.Second)
			d.Close()
			d = b.next()
		}
	})
}

// A daemon that says nothing is no daemon.
func TestDaemonThatDoesNotAnswer(t *testing.T) {
	run(t, func(b *bundle) {
		start(b).Close()
		b.daemon().WaitEnd()
		b.next()
	})
}

// Slow failures are no reason to go on for ever.
func TestDaemonsThatDoNotAnswer(t *testing.T) {
	run(t, func(b *bundle) {
		d := start(b)
		time.Sleep(time.Hour)
		begin := time.Now()
		d.Close()
		if err := b.finish(); err == nil || time.Since(begin) > 45*time.Second {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
		b.WaitMethod("window/showMessage", 1)
	})
}

// A daemon may take nothing more and still have something to say.
func TestDaemonThatTakesNothingMore(t *testing.T) {
	run(t, func(b *bundle) {
		d := start(b)
		open(b, "file:///a.py", "")
		d.WaitMethod("textDocument/didOpen", 1)
		b.deaf.Store(true)
		edit(b, "file:///a.py", 2, 0, 0, 0, "x")
		lens := b.Request("textDocument/codeLens", map[string]any{})
		synctest.Wait()
		d.Notify("x/words", nil)
		b.WaitMethod("x/words", 1)
		b.deaf.Store(false)
		d.WaitEnd()
		n := b.next()
		if got := string(n.WaitMethod("textDocument/didOpen", 1).Params); !strings.Contains(got, `"version":2,"text":"x"`) {
			t.Error(got)
		}
		n.reply(n.WaitMethod("textDocument/codeLens", 1), "[]")
		if m := b.Answer(lens); m.Error != nil {
			t.Errorf("%+v", m.Error)
		}
	})
}
